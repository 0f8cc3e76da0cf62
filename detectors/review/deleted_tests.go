package review

// Tests that are gone, while what they watched is still there and changed.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// deleted reports a test that is gone although what it calls is still there and was changed. A test that moved, was
// renamed or merged into another one is still there.
func (w *weakening) deleted(f *branch.File, t testCase, was, now []testCase) {
	refusal := t.broad+t.named > 0
	if len(now) >= len(was) && !refusal || t.strong+t.weak+t.broad+t.named == 0 {
		return
	}
	for _, n := range w.head {
		if n.file.Path == f.Path && slices.ContainsFunc(was, func(o testCase) bool { return o.name == n.name && o.body == n.body }) {
			continue // it was there beside it
		}
		if n.name == t.name || n.body == t.body || similar(n.calls, t.calls) && (!refusal || n.broad+n.named > 0) {
			return
		}
	}
	called, at := w.stillThere(t)
	if called == "" && f.Status == branch.Deleted && t.name == firstName0(was) {
		w.deletedFile(f, t)
	}
	if called == "" || w.takenAway(t) || rewritten(t, called, was, now) || w.watchedAnew(t, called) || w.namedStill(t) {
		return
	}
	if f.Status == branch.Deleted && !w.subjectThere(f.Path) && !about(t, at) {
		return
	}
	line := 0
	if f.Status != branch.Deleted {
		line = firstLine(f)
	}
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: t.name,
		Message:  fmt.Sprintf("test %q was deleted, while %s is still there and changed", t.name, called),
		Why:      "Nothing watches this behaviour any more, in the very change that touches it.",
		Fix:      "Bring the test back, or say in the commit why it is no longer needed.",
		Related:  []detectors.Related{{Path: at.Path, Line: firstLine(at), Message: called + " is still there, and changed on this branch"}},
		Evidence: []string{"deleted", t.name},
	})
}

func firstName0(was []testCase) string {
	for _, t := range was {
		if !t.skipped {
			return t.name
		}
	}
	return ""
}

// kindOfPart is what a file's name says of the part of a program that it holds.
var kindOfPart = lazy.New(`(?i)[-_.]?(?:controllers?|services?|handlers?|jobs?|mailers?|serializers?|resources?|views?|api|routers?|routes?|policy|commands?|listeners?|repository|components?|page|workers?|consumers?|endpoint|resolvers?|middleware|feature|http|request|integration)$`)

// deletedFile reports a file of tests that is gone while the file that it is named after stays and changed: tests that go in by the
// product's surface call no function of it.
func (w *weakening) deletedFile(f *branch.File, t testCase) {
	plain := func(p string) string {
		stem := affix.ReplaceAllString(strings.TrimSuffix(path.Base(p), path.Ext(p)), "")
		for _, end := range []string{"Tests", "Test", "Spec"} {
			stem = strings.TrimSuffix(stem, end)
		}
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(kindOfPart.ReplaceAllString(stem, "")))
	}
	subject := plain(f.Path)
	if len(subject) < 4 || w.takenAway(t) {
		return
	}
	paths, err := w.pass.Branch.HeadPaths()
	if err != nil || slices.ContainsFunc(paths, func(p string) bool { return source.IsTest(p) && plain(p) == subject }) {
		return
	}
	for _, p := range productFiles(w.pass.Branch) {
		if p.Status != branch.Modified || plain(p.Path) != subject {
			continue
		}
		w.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Symbol: t.name,
			Message:  fmt.Sprintf("the tests of %s were deleted (%q and others), while it is still there and changed", p.Path, t.name),
			Why:      "Nothing watches this behaviour any more, in the very change that touches it.",
			Fix:      "Bring the tests back, or say in the commit why they are no longer needed.",
			Related:  []detectors.Related{{Path: p.Path, Line: firstLine(p), Message: "is still there, and changed on this branch"}},
			Evidence: []string{"deleted file", t.name},
		})
		return
	}
}

// standsFor says whether a test may watch what another one did: a refusal is watched by one that expects an error.
func standsFor(n, t testCase) bool {
	return !n.skipped && (t.broad+t.named == 0 || n.broad+n.named > 0)
}

// rewritten says whether a new test of the file watches the same function, or runs a table of cases: several tests became one.
func rewritten(t testCase, called string, was, now []testCase) bool {
	return slices.ContainsFunc(now, func(n testCase) bool {
		isNew := !slices.ContainsFunc(was, func(o testCase) bool { return o.name == n.name })
		return isNew && standsFor(n, t) && (slices.Contains(n.calls, called) || slices.Contains(n.calls, "Run") || slices.Contains(n.calls, "each"))
	})
}

// about says whether a test names what a product file is named after.
func about(t testCase, f *branch.File) bool {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	stem := plain(strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path)))
	return len(stem) > 2 && strings.Contains(plain(string(t.file.Text)), stem) || t.file.Lang == source.Go && path.Dir(t.file.Path) == path.Dir(f.Path)
}

// watchedAnew says whether a test that the branch adds calls a function, as a deleted one did.
func (w *weakening) watchedAnew(t testCase, called string) bool {
	return slices.ContainsFunc(w.head, func(n testCase) bool {
		f := w.pass.Branch.File(n.file.Path)
		return f != nil && f.Touched(n.line) && standsFor(n, t) && n.strong+n.broad+n.named > 0 && slices.Contains(n.calls, called)
	})
}

// namedStill says whether a changed test file has the words of a test's name: as a row of a table that one test goes through.
func (w *weakening) namedStill(t testCase) bool {
	own := t.name[strings.LastIndex(t.name, "›")+1:]
	if own = strings.TrimPrefix(own, "› "); len(strings.Fields(own)) < 2 {
		return false
	}
	own = strings.TrimSpace(own)
	seen := map[string]bool{}
	return slices.ContainsFunc(w.head, func(n testCase) bool {
		p := n.file.Path
		again := seen[p]
		seen[p] = true
		return !again && strings.Contains(string(n.file.Text), own)
	})
}

// affix is what a test file's name has beside that of the file it tests.
var affix = lazy.New(`(?:^test_|_test$|[._-](?:test|spec)$|_spec$)`)

// subjectThere says whether the file that a deleted test file is named after is still there.
func (w *weakening) subjectThere(test string) bool {
	paths, err := w.pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	stem := func(p string) string { return strings.TrimSuffix(path.Base(p), path.Ext(p)) }
	subject := affix.ReplaceAllString(stem(test), "")
	apart := source.IsTest(path.Dir(test) + "/" + subject + path.Ext(test)) // in a folder of tests
	return slices.ContainsFunc(paths, func(p string) bool {
		return path.Ext(p) == path.Ext(test) && stem(p) == subject && !source.IsTest(p) && (apart || path.Dir(p) == path.Dir(test))
	})
}

// similar says whether two tests call mostly the same names.
func similar(a, b []string) bool {
	shared := 0
	for _, name := range b {
		if slices.Contains(a, name) {
			shared++
		}
	}
	return len(b) > 2 && shared*10 >= len(b)*9 && len(a) <= 3*len(b)
}

// takenAway says whether a test names something that the branch took out of the product: what it watched is gone. The kind of an
// error that others declare is no such thing: it left with the check that the test watched.
func (w *weakening) takenAway(t testCase) bool {
	body := t.body
	if t.named+t.broad > 0 {
		for _, kind := range kindOfError.FindAllString(body, 20) {
			if !w.declared(kind) {
				body = strings.ReplaceAll(body, kind, " ")
			}
		}
	}
	return w.namesGone(body)
}

// declared says whether a changed file of the product declares a type at the base.
func (w *weakening) declared(kind string) bool {
	return slices.ContainsFunc(productFiles(w.pass.Branch), func(f *branch.File) bool {
		before, err := f.Before()
		if err != nil {
			return false
		}
		text := string(before)
		return slices.ContainsFunc([]string{"class ", "struct ", "enum ", "type ", "object ", "exception "}, func(word string) bool { return strings.Contains(text, word+kind) }) || strings.Contains(text, kind+" =")
	})
}

// namesGone says whether a text names something that the branch took out of the product.
func (w *weakening) namesGone(text string) bool {
	if w.gone == nil {
		w.gone = map[string]bool{}
		still := map[string]bool{}
		for _, f := range productFiles(w.pass.Branch) {
			before, err := f.Before()
			if err != nil || len(before) > 1<<20 {
				continue
			}
			after, err := f.After()
			if err != nil {
				continue
			}
			for _, n := range names.FindAllString(string(before), -1) {
				w.gone[n] = true
			}
			for _, n := range names.FindAllString(string(after), -1) {
				still[n] = true
			}
		}
		for n := range still {
			delete(w.gone, n)
		}
	}
	return slices.ContainsFunc(names.FindAllString(text, -1), func(n string) bool { return w.gone[n] })
}

// names are those of code that are long enough to be its own.
var names = lazy.New(`[A-Za-z_$][\w$-]{4,}`)

// stillThere is a product function that the test calls by name, that the branch changed and kept.
func (w *weakening) stillThere(t testCase) (string, *branch.File) {
	for _, f := range productFiles(w.pass.Branch) {
		if f.Status != branch.Modified && f.Status != branch.Renamed {
			continue
		}
		file, err := w.pass.Source.Head(f.Path)
		if err != nil {
			continue
		}
		for _, d := range file.Decls {
			if (d.Kind == source.Function || d.Kind == source.Method) && (len(d.Name) > 3 || about(t, f)) && slices.Contains(t.calls, d.Name) && f.TouchedRange(d.Span.Line, d.Span.EndLine) {
				return d.Name, f
			}
		}
	}
	return "", nil
}
