package observability

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// maxBounded bounds the files that are looked into for time-outs.
const maxBounded = 40

// unbounded reports an outbound call without an end: as a warning where the repository's other calls have one or this one
// had it, as a note elsewhere.
func (l *lookup) unbounded(s side, w wait, existed bool) error {
	message := fmt.Sprintf("%s is called without a time-out", w.name)
	if w.rule.Constructs || w.rule.Type.set() || strings.HasPrefix(w.name, "new ") {
		message = fmt.Sprintf("%s is made without a time-out", w.rule.Thing)
	}
	why := "When the other side hangs, this call hangs with it: workers and connections are used up one by one, and the service stops without an error in any log."
	if w.rule.Default != "" {
		message = strings.Replace(message, "without a time-out", "without a time-out of its own", 1)
		why = fmt.Sprintf("Untold, %s waits %s: long enough for a hanging neighbour to use up the workers here.", w.rule.Thing, w.rule.Default)
	}
	f := detectors.Finding{
		Severity: detectors.Note, Path: s.change.Path, Line: w.span.Line, EndLine: w.span.EndLine, Symbol: w.name,
		Message: message, Why: why,
		Fix:      "Give it a time-out that the caller can live with, or take the client that the repository has for this.",
		Evidence: []string{w.key()},
	}
	switch {
	case w.rule.Only != "":
	case existed:
		f.Severity = detectors.Warning
		f.Message = strings.Replace(message, "without a time-out", "without the time-out that it had", 1)
	default:
		p, line, err := l.boundedBeside(s.head, w)
		if err != nil {
			return err
		}
		if p == "" && w.rule.Default == "" && l.observed(s.head) {
			f.Severity = detectors.Warning // it waits for ever, where somebody waits for it
		}
		if p != "" {
			f.Severity = detectors.Warning
			f.Message += fmt.Sprintf("; calls in %s have one", p)
			f.Fix = fmt.Sprintf("Give it a time-out that the caller can live with, as in %s:%d, or take the client that the repository has for this.", p, line)
		}
	}
	l.pass.Report(f)
	return nil
}

// observed says whether a file belongs to a service that logs and that measures or traces itself: a program that runs on.
func (l *lookup) observed(f *source.File) bool {
	return l.loggerNear(f) != "" && (l.instrumentedBy(&trigger{kind: kindRoute, file: f}, func(string) bool { return true }) != 0 ||
		l.moduleNear(f, func(v *vocabulary, fam string) []string { return v.Modules[fam].Metric }) != "" ||
		l.moduleNear(f, func(v *vocabulary, fam string) []string { return v.Modules[fam].Span }) != "")
}

// boundedBeside is the nearest production code of the same language and service that talks to others and bounds it; "" for none.
func (l *lookup) boundedBeside(f *source.File, w wait) (string, int, error) {
	all, err := boundedCodes()
	if err != nil {
		return "", 0, err
	}
	code := all[family(f.Lang)]
	if code == nil {
		return "", 0, nil
	}
	var paths []string
	for _, word := range code.Words {
		paths = append(paths, l.naming(word)...)
	}
	slices.Sort(paths)
	paths = slices.DeleteFunc(slices.Compact(paths), func(p string) bool {
		return family(source.LanguageOf(p)) != family(f.Lang) || isOffline(p) || !l.near(f.Path, p) || commandPath.MatchString(p)
	})
	for _, p := range closest(f.Path, paths, maxBounded) {
		text, err := l.pass.Branch.ReadHead(p)
		if err != nil || !code.Talks.Match(text) {
			continue
		}
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if p == f.Path && number >= w.span.Line && number <= w.span.EndLine || strings.HasPrefix(strings.TrimSpace(line), "//") || strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			if code.Sets.MatchString(line) {
				return p, number, nil
			}
		}
	}
	return "", 0, nil
}
