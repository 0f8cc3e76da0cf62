package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// CLIOutputChanged finds scripts that read a key of a program's JSON which the program no longer prints.
var CLIOutputChanged = &detectors.Detector{
	ID:    "contracts/cli-output-changed",
	Title: "A script reads a key that the program no longer prints",
	Run:   runCLIOutput,
}

var (
	printsJSON = lazy.New(`json\.dumps?\(|JSON\.stringify\(|\.to_json\b|JSON\.(?:generate|dump|pretty_generate)|json_encode\(`)
	scriptFile = lazy.New(`(?i)(\.(sh|bash|zsh|ps1|mk|ya?ml)|(^|/)(Makefile|Justfile|Dockerfile)[^/]*|(^|/)[^./]+)$`)
	jsonObject = lazy.New(`(?i)ConvertFrom-Json`)
)

func runCLIOutput(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	seen := false
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		old, now := before.file(f.Path), after.file(f.Path)
		if old == nil || now == nil || !printsJSON.Match(old.Text) {
			continue
		}
		seen = true
		for _, o := range old.Objects {
			for _, k := range o.Keys {
				if name := rowKey(k); len(name) > 2 && variableName.MatchString(name) && o.In != nil && !printsKey(now, name) {
					if err := reportOutput(pass, after, f.Path, name, f.NewLine(k.Span.Line)); err != nil {
						return err
					}
				}
			}
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// printsKey says that a file still has a literal with the key, or the key as a string.
func printsKey(f *source.File, name string) bool {
	return slices.ContainsFunc(f.Objects, func(o *source.Object) bool { return hasKey(o, name) }) ||
		slices.ContainsFunc(f.Strings, func(s *source.String) bool { return s.Value == name })
}

func reportOutput(pass *detectors.Pass, after side, from, name string, line int) error {
	programs := options.Programs(after.text, from)
	naming, err := pass.Source.Naming(pass.Context, name)
	if err != nil || len(programs) == 0 {
		return err
	}
	quoted := make([]string, len(programs))
	for i, p := range programs {
		quoted[i] = regexp.QuoteMeta(p)
	}
	runs := regexp.MustCompile(`(?m)(?:^|[\s(|;&=/"'` + "`" + `@])(?:` + strings.Join(quoted, "|") + `)\s+[\w$"'-]`)
	member := regexp.MustCompile(`\.` + regexp.QuoteMeta(name) + `\b`)
	for i, p := range naming[name] {
		if i >= maxCandidates || p == from || !scriptFile.MatchString(p) || skipped(p) || source.LanguageOf(p) != "" || prose(p) {
			continue
		}
		content, err := pass.Branch.ReadHead(p)
		if err != nil || !runs.Match(content) {
			continue
		}
		text, at := string(content), 0
		for _, r := range readFilters(p, text) {
			if k, ok := r.keys[name]; ok && at == 0 {
				at = k.line
			}
		}
		if at == 0 && jsonObject.MatchString(text) {
			if m := member.FindStringIndex(text); m != nil {
				at = 1 + strings.Count(text[:m[0]], "\n")
			}
		}
		if changed := pass.Branch.File(p); at == 0 || changed != nil && changed.Touched(at) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: name,
			Message:  fmt.Sprintf("still reads %q of what %s prints; the branch took the key away", name, path.Base(from)),
			Why:      "A filter answers null for a key that is not there, without an error, and the script goes on with it.",
			Fix:      "Read the key's new place here, or let the program print the old one too until every script has followed.",
			Related:  []detectors.Related{{Path: from, Line: line, Message: fmt.Sprintf("the branch took %q away here", name)}},
			Evidence: []string{name, path.Base(from)},
		})
	}
	return nil
}
