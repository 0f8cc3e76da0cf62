package review

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Rules of a project that want no assistant's work, everywhere or in some folders.

var (
	byAssistants = lazy.New(`(?i)\b(?:ai|llms?)\b[- ]?(?:generated|written|assisted|authored)?|\bassistants?\b|\bcoding agents?\b|\bcopilot\b|\bmachine[- ]generated\b|\blanguage models?\b`)
	isForbidden  = lazy.New(`(?i)\b(?:not (?:accepted|allowed|permitted|welcome|be (?:used|merged|accepted|written))|(?:are|is) (?:forbidden|prohibited|banned|off limits|rejected)|must not|may not|never|no (?:ai|llm|assistants?|generated)|do not (?:use|submit|accept)|don't (?:use|submit))\b`)
)

// reportForbidden reports what commits that name an assistant change against the rules of the project.
func reportForbidden(pass *detectors.Pass, touched []*branch.File) (told bool, err error) {
	for _, p := range reviewRules {
		text, err := pass.Branch.ReadBase(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, detectors.Inconclusive("%v", err)
		}
		for _, rule := range passagesOf(string(text)) {
			for sentence := range strings.SplitSeq(strings.ReplaceAll(rule.text, "\n", " "), ". ") {
				if !byAssistants.MatchString(sentence) || !isForbidden.MatchString(sentence) || strings.Contains(strings.ToLower(sentence), "without") || strings.Contains(strings.ToLower(sentence), "unless") {
					continue
				}
				var paths []string
				for _, m := range quotedPath.FindAllStringSubmatch(sentence, 20) {
					if strings.Contains(m[0], "/") {
						paths = append(paths, strings.TrimRight(m[1], "/*"))
					}
				}
				if len(paths) == 0 {
					continue // a rule for everything is the business of who accepts the change
				}
				for _, f := range touched {
					if source.IsDoc(f.Path) || !slices.ContainsFunc(paths, func(name string) bool { return f.Path == name || strings.HasPrefix(f.Path, name+"/") }) {
						continue
					}
					pass.Report(detectors.Finding{
						Severity: detectors.Warning, Path: f.Path, Line: firstLine(f), Symbol: strings.Join(pass.Branch.AI.Tools, ", "),
						Message:  fmt.Sprintf("written with %s, where the project's rules want no assistant's work", strings.Join(pass.Branch.AI.Tools, ", ")),
						Why:      "The project decided that people write this code; whoever reviews has to know.",
						Fix:      "Ask those who own it before, or let a person write it.",
						Related:  []detectors.Related{{Path: p, Line: rule.line, Message: "says so"}},
						Evidence: []string{"forbidden", p},
					})
					return true, nil
				}
			}
		}
	}
	return false, nil
}
