package review

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
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
		for _, rule := range forbiddingRules(string(text)) {
			for _, f := range touched {
				if source.IsDoc(f.Path) || !slices.ContainsFunc(rule.paths, func(name string) bool { return f.Path == name || strings.HasPrefix(f.Path, name+"/") }) {
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
	return false, nil
}

// forbidding is one rule that keeps assistants out of some paths.
type forbidding struct {
	line  int
	paths []string
}

// forbiddingRules are the rules of a text that want no assistant's work in paths that they name: in the sentence, in its
// paragraph, in the title above, or in the list that follows. A rule for everything is the business of who accepts the change.
func forbiddingRules(text string) []forbidding {
	var list []forbidding
	passages, _ := cut(text)
	for i, rule := range passages {
		said := strings.ReplaceAll(rule.text, "\n", " ")
		if !slices.ContainsFunc(strings.Split(said, ". "), func(sentence string) bool {
			lower := strings.ToLower(sentence)
			return (byAssistants.MatchString(sentence) || byAssistants.MatchString(rule.heading) || trailerNames.MatchString(sentence)) && isForbidden.MatchString(sentence) &&
				!strings.Contains(lower, "without") && !strings.Contains(lower, "unless")
		}) {
			continue
		}
		f := forbidding{line: rule.line, paths: pathsIn(said)}
		for j := i + 1; strings.HasSuffix(said, ":") && j < len(passages) && listItem.MatchString(passages[j].text); j++ {
			f.paths = append(f.paths, pathsIn(passages[j].text)...)
		}
		if len(f.paths) == 0 {
			f.paths = pathsIn(rule.heading)
		}
		if len(f.paths) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// trailerNames are the trailers by which assistants sign.
var trailerNames = lazy.New(`(?i)\b(?:assisted-by|generated-by|generated-with)\b`)

// pathsIn are the folders and files that a text names as code.
func pathsIn(text string) []string {
	var paths []string
	for _, m := range quotedPath.FindAllStringSubmatch(text, 20) {
		if strings.ContainsAny(m[0], "/") || path.Ext(m[1]) != "" {
			paths = append(paths, strings.Trim(m[1], "/*"))
		}
	}
	return paths
}
