package review

// Functions that behave otherwise: a test expects something else of them than before.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var asserts = lazy.New(`\b(?:assert\w*|expect\w*|should\w*|require|must_\w+|verify|check|eq|is_expected|that|pytest\.raises|raises|Equal|want)\b|t\.(?:Error|Fatal)f?`)

// otherwiseExpected are the functions that published packages offer, that the branch touches, and of which a test's old expectation is
// gone and another one is there, or which say of themselves that they do something else or answer something else, and a new expectation
// is there.
func otherwiseExpected(pass *detectors.Pass) ([]seenChange, error) {
	gone, fresh, err := expectations(pass.Branch)
	if err != nil || len(fresh) == 0 {
		return nil, err
	}
	var list []seenChange
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Status == branch.Added || f.Binary || f.TooLarge || f.Generated || f.Vendored || publishedOf(pass.Branch, before(f)) == nil || !counts(pass.Branch, f.Path) {
			continue
		}
		now, err := pass.Source.Head(f.Path)
		if err != nil {
			continue
		}
		was, err := pass.Source.Base(before(f))
		if err != nil {
			continue
		}
		offers := offered(now)
		for _, d := range now.Decls {
			if d.Kind != source.Function && d.Kind != source.Method || offers[qualified(d)] == 0 || len(d.Name) < 3 || !f.TouchedRange(d.Span.Line, d.Span.EndLine) || sameCode(was, now, d) {
				continue
			}
			named := func(l string) bool { return calls(l, d.Name) }
			if !slices.ContainsFunc(fresh, named) {
				continue
			}
			if promisesOther(was, now, d) {
				list = append(list, seenChange{f.Path, d.Name, fmt.Sprintf("%s says of itself that it does something else than before, and a test expects it", d.Name), max(d.Span.Line, d.Body.Line)})
				break
			}
			if slices.ContainsFunc(gone, named) || announces(pass.Branch) && (answersOther(was, now, d) || refusesMore(was, now, d) || comparesOther(was, now, d)) {
				list = append(list, seenChange{f.Path, d.Name, fmt.Sprintf("a test expects something else of %s than before", d.Name), max(d.Span.Line, d.Body.Line)})
				break
			}
		}
	}
	return list, pass.Context.Err()
}

// noBehaviour are the first words of commits that promise that users notice nothing.
var noBehaviour = lazy.New(`(?i)^(?:refactor|simplif\w+|extract|move|rename|reorgani[sz]e|split|inline|moderni[sz]e|internal|small|minor|speed|optimi[sz]e|style|chore|cleanup|tidy|format|test|tests|docs?|build|ci|perf|deps|bump|revert|merge)\b|\b(?:tests?|coverage|type hints?|lint\w*|typo)\b`)

// announces says whether some commit of the branch says that something changes.
func announces(b *branch.Branch) bool {
	return slices.ContainsFunc(b.Commits, func(c branch.Commit) bool {
		return len(c.Parents) < 2 && !noBehaviour.MatchString(c.Subject) && !sameBehaviour.MatchString(c.Message)
	})
}

// computes are the calls and numbers of an expression.
var computes = lazy.New(`[A-Za-z_]\w*\s*\(|\b\d[\d_.]*\b`)

// answersOther says whether a function does something else: it calls something or holds a number that it did not.
func answersOther(was, now *source.File, d *source.Decl) bool {
	i := slices.IndexFunc(was.Decls, func(o *source.Decl) bool { return qualified(o) == qualified(d) && o.Kind == d.Kind })
	if i < 0 {
		return false
	}
	old, fresh := textOf(was, was.Decls[i]), textOf(now, d)
	return slices.ContainsFunc(computes.FindAllString(fresh, 200), func(t string) bool { return !strings.Contains(old, t) })
}

// refusal is a statement by which a function refuses what it is given.
var refusal = lazy.New(`^(?:raise\b|throw\b|return (?:nil, )?(?:\w+\.)?(?:Err\w*|errors\.New|fmt\.Errorf|New\w*Error)\b|return Err\(|bail!|ensure!|panic\(|abort\()|\bthrow new\b|\braise \w+`)

// refusesMore says whether a function refuses something that it took: it raises where it did not, with words of its own.
func refusesMore(was, now *source.File, d *source.Decl) bool {
	i := slices.IndexFunc(was.Decls, func(o *source.Decl) bool { return qualified(o) == qualified(d) && o.Kind == d.Kind })
	if i < 0 {
		return false
	}
	refusals := func(text string) (list []string) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); refusal.MatchString(line) {
				list = append(list, line)
			}
		}
		return list
	}
	old := refusals(textOf(was, was.Decls[i]))
	fresh := refusals(textOf(now, d))
	return len(fresh) > len(old) && slices.ContainsFunc(fresh, func(l string) bool { return !slices.Contains(old, l) })
}

func qualified(d *source.Decl) string {
	if d.Parent == nil && d.Receiver != "" {
		return d.Receiver + "." + d.Name
	}
	name := d.Name
	for p := d.Parent; p != nil; p = p.Parent {
		name = p.Name + "." + name
	}
	return name
}

// sameCode says that a function differs in comments and white space only.
func sameCode(was, now *source.File, d *source.Decl) bool {
	i := slices.IndexFunc(was.Decls, func(o *source.Decl) bool { return qualified(o) == qualified(d) && o.Kind == d.Kind })
	if i < 0 {
		return true // new here: moved, or new to all
	}
	o := was.Decls[i]
	return codeOf(was, o.Span) == codeOf(now, d.Span)
}

// promisesOther says that the words about a function and its code both changed.
func promisesOther(was, now *source.File, d *source.Decl) bool {
	i := slices.IndexFunc(was.Decls, func(o *source.Decl) bool { return qualified(o) == qualified(d) && o.Kind == d.Kind })
	if i < 0 {
		return false
	}
	o := was.Decls[i]
	said := func(d *source.Decl) string { return strings.Join(strings.Fields(d.Doc), "") }
	without := func(f *source.File, d *source.Decl) string { return strings.Replace(codeOf(f, d.Span), said(d), "", 1) }
	return d.Doc != "" && o.Doc != "" && !strings.EqualFold(said(o), said(d)) && without(was, o) != without(now, d)
}

// codeOf is the text of a span without comments and white space.
func codeOf(f *source.File, s source.Span) string {
	var text strings.Builder
	at := s.Start
	for _, c := range f.Comments {
		if c.Span.Start >= at && c.Span.End <= s.End {
			text.Write(f.Text[at:c.Span.Start])
			at = c.Span.End
		}
	}
	text.Write(f.Text[at:max(at, min(s.End, len(f.Text)))])
	return strings.Join(strings.Fields(text.String()), "")
}

// expectations are the lines of tests that expect something: those that are gone, and those that are new. What only moved is neither.
func expectations(b *branch.Branch) (gone, fresh []string, err error) {
	for _, f := range b.Files {
		if !source.IsTest(f.Path) || source.LanguageOf(f.Path) == "" || f.Binary || f.TooLarge || f.Status != branch.Modified && f.Status != branch.Renamed {
			continue
		}
		was, err := f.Before()
		if err != nil {
			return nil, nil, err
		}
		now, err := f.After()
		if err != nil {
			return nil, nil, err
		}
		old, is := strings.Split(string(was), "\n"), strings.Split(string(now), "\n")
		for _, h := range f.Hunks() {
			gone = append(gone, statements(old, h.OldStart, h.OldLines)...)
			fresh = append(fresh, statements(is, h.NewStart, h.NewLines)...)
		}
	}
	moved := func(list []string) func(string) bool {
		return func(l string) bool { return slices.Contains(list, l) }
	}
	left := slices.DeleteFunc(slices.Clone(gone), moved(fresh))
	return left, slices.DeleteFunc(fresh, moved(gone)), nil
}

// statements are the lines of a hunk that expect something, each joined with the ones right around it in the hunk: a call and what is
// expected of it often stand apart.
func statements(lines []string, from, n int) []string {
	var list []string
	for i := range min(n, 400) {
		line := lineOf(lines, from+i)
		if asserts.MatchString(line) {
			list = append(list, strings.TrimSpace(lineOf(lines, from+i-1))+" "+strings.TrimSpace(line)+" "+strings.TrimSpace(lineOf(lines, from+i+1)))
		}
	}
	return list
}

// calls says whether a line calls a function by its name.
func calls(line, name string) bool {
	for at := 0; ; {
		i := strings.Index(line[at:], name)
		if i < 0 {
			return false
		}
		i += at
		at = i + len(name)
		if (i == 0 || !isWordByte(line[i-1])) && at < len(line) && (line[at] == '(' || line[at] == '!' || line[at] == ' ' && at+1 < len(line) && line[at+1] != '=') {
			return true
		}
	}
}
