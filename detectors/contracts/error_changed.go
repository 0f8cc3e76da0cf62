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
)

// ErrorChanged finds clients, tests and mocks that still branch on an error's code, class or HTTP status which the branch
// changed.
var ErrorChanged = &detectors.Detector{
	ID:    "contracts/error-changed",
	Title: "A caller still branches on an error that the branch changed",
	Run:   runErrors,
}

func runErrors(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	table := &routeTable{pass: pass, before: before, after: after}
	var pairs []codePair
	var living, lost []errorCode
	var statuses []statusChange
	ran := false
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" || f.Status == branch.Deleted {
			continue
		}
		now := after.file(f.Path)
		if now == nil {
			continue
		}
		codes := errorCodes(now)
		living = append(living, codes...)
		if f.Status == branch.Added {
			continue
		}
		old := before.file(cmpOr(f.OldPath, f.Path))
		if old == nil {
			continue
		}
		ran = true
		given := errorCodes(old)
		pairs = append(pairs, pairCodes(given, codes)...)
		for _, c := range given {
			c.path = f.Path
			c.line = max(1, f.NewLine(c.line))
			lost = append(lost, c)
		}
		if !mayName.Match(f.RemovedText()) {
			continue
		}
		statuses = append(statuses, changedStatuses(before, after, old, now)...)
		more, err := table.routedStatuses(old, now, statuses)
		if err != nil {
			return err
		}
		statuses = append(statuses, more...)
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, p := range pairs {
		if told[p.old.value] || slices.ContainsFunc(living, func(c errorCode) bool { return c.value == p.old.value }) {
			continue
		}
		told[p.old.value] = true
		if err := p.report(pass, after); err != nil {
			return err
		}
	}
	for _, c := range lost { // those that nothing took the place of
		if told[c.value] || len(told) > 60 || c.slot == "class" || !compound(c.value) || slices.ContainsFunc(living, func(l errorCode) bool { return l.value == c.value }) {
			continue
		}
		told[c.value] = true
		if err := (codePair{old: c, new: errorCode{path: c.path, line: c.line}}).report(pass, after); err != nil {
			return err
		}
	}
	for _, s := range statuses {
		if err := s.report(pass); err != nil {
			return err
		}
	}
	return nil
}

// A codePair is one code and the one that took its place.
type codePair struct{ old, new errorCode }

// pairCodes pairs the codes that are gone from a file with new ones in the same places.
func pairCodes(old, now []errorCode) []codePair {
	var list []codePair
	has := func(codes []errorCode, value string) bool {
		return slices.ContainsFunc(codes, func(c errorCode) bool { return c.value == value })
	}
	slots := map[string][2][]errorCode{}
	take := func(c errorCode, i int) {
		s := slots[c.slot]
		if !has(s[i], c.value) {
			s[i] = append(s[i], c)
		}
		slots[c.slot] = s
	}
	for _, c := range old {
		if !has(now, c.value) {
			take(c, 0)
		}
	}
	for _, c := range now {
		if !has(old, c.value) {
			take(c, 1)
		}
	}
	rest := map[string][2][]errorCode{} // what is alone in its slot, by kind
	for _, key := range keysOf(slots) {
		s := slots[key]
		if len(s[0]) != len(s[1]) || len(s[0]) > 8 {
			for i, side := range s {
				for _, c := range side {
					r := rest[c.kind]
					r[i] = append(r[i], c)
					rest[c.kind] = r
				}
			}
			continue
		}
		for i := range s[0] {
			list = append(list, codePair{s[0][i], s[1][i]})
		}
	}
	for _, kind := range keysOf(rest) {
		if r := rest[kind]; len(r[0]) == 1 && len(r[1]) == 1 {
			list = append(list, codePair{r[0][0], r[1][0]})
		}
	}
	return list
}

var (
	branches   = lazy.New(`[!=]==?|\bcase\b|\bwhen\b|\bin\b|\bincludes\(|\.equals|\bmatch|toBe|toEqual|toMatch|assert|expect|\.is\(|contains|has\(`)
	codeKey    = lazy.New(`(?i)["']?\b(code|error|err|errorCode|error_code|errcode|reason|type|detail|__typename)["']?\s*[:=]`)
	errorNames = lazy.New(`(?i)non_?retryable|error_?types?|retry|catch|rescue|except|errors?\b`)
)

// report tells the places that still know the old code by name. A code that another file still gives its errors is alive.
func (p codePair) report(pass *detectors.Pass, at side) error {
	naming, err := pass.Source.Naming(pass.Context, p.old.value)
	if err != nil {
		return err
	}
	var found []detectors.Finding
	for i, file := range naming[p.old.value] {
		if i >= maxCandidates || file == p.new.path || skipped(file) || source.IsDoc(file) || prose(file) || otherVersion(file, p.new.path) {
			continue
		}
		text, err := pass.Branch.ReadHead(file)
		if err != nil || len(text) > branch.MaxFile || p.new.value != "" && namesWhole(string(text), p.new.value) {
			continue
		}
		if f := at.file(file); f != nil && declares(file) && slices.ContainsFunc(errorCodes(f), func(c errorCode) bool { return c.value == p.old.value }) {
			return nil
		}
		line := p.usedIn(file, string(text))
		if changed := pass.Branch.File(file); line == 0 || changed != nil && changed.Touched(line) {
			continue
		}
		story := fmt.Sprintf("renamed %q to %q", p.old.value, p.new.value)
		if p.new.value == "" {
			story = fmt.Sprintf("no longer gives %q", p.old.value)
		}
		found = append(found, detectors.Finding{
			Severity: detectors.Warning, Path: file, Line: line, Symbol: p.old.value,
			Message:  fmt.Sprintf("still knows the error as %q; the branch %s", p.old.value, story),
			Why:      "The comparison is never true again: the caller takes the error for an unknown one and handles it as such.",
			Fix:      "Know the new code here, beside the old one for as long as both are sent.",
			Related:  []detectors.Related{{Path: p.new.path, Line: p.new.line, Message: "the branch " + story + " here"}},
			Evidence: []string{p.old.value, p.new.value},
		})
	}
	for _, f := range found {
		pass.Report(f)
	}
	return nil
}

// usedIn is the first line of a file that compares with the code, maps it, or gives it as an error's, 0 for none.
func (p codePair) usedIn(file, text string) int {
	quoted := regexp.MustCompile("[\"'`]" + regexp.QuoteMeta(p.old.value) + "[\"'`]")
	bare := regexp.MustCompile(`^\s*["']?` + regexp.QuoteMeta(p.old.value) + `["']?\s*:`)
	scalar := regexp.MustCompile(`:\s+` + regexp.QuoteMeta(p.old.value) + `\s*$`)
	about := errorWord.MatchString(path.Base(file))
	line, last := 0, ""
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		if len(row) > 4000 || !strings.Contains(row, p.old.value) {
			if strings.TrimSpace(row) != "" {
				last = row
			}
			continue
		}
		switch {
		case bare.MatchString(row) && (about || errorWord.MatchString(text)):
			return line
		case scalar.MatchString(row) && codeKey.MatchString(row):
			return line
		case quoted.MatchString(row) && (branches.MatchString(row) && (errorWord.MatchString(row) || compound(p.old.value)) || codeKey.MatchString(row) || errorNames.MatchString(row+" "+last)):
			return line
		}
		last = row
	}
	return 0
}
