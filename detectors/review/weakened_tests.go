package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// WeakenedTests finds tests that the branch deleted, switched off or loosened, and bars for coverage that it lowered, in the
// same change as the code that they watch.
var WeakenedTests = &detectors.Detector{
	ID:    "review/weakened-tests",
	Title: "The branch weakened the tests of what it changes",
	Run:   byFile(runWeakenedTests),
}

func runWeakenedTests(pass *detectors.Pass) error {
	if len(productFiles(pass.Branch)) == 0 && !slices.ContainsFunc(pass.Branch.Files, isDelivered) {
		return detectors.ErrNotApplicable // tests tidied on their own hide nothing
	}
	var changed []*branch.File
	for _, f := range pass.Branch.Files {
		if holdsTests(f.Path) && f.Status != branch.Added && !f.Generated && !f.Vendored && !f.Binary && !f.TooLarge {
			changed = append(changed, f)
		}
	}
	w := &weakening{pass: pass}
	if err := w.readHead(); err != nil {
		return err
	}
	for _, f := range pass.Branch.Files {
		if source.IsTest(f.Path) && source.LanguageOf(f.Path) == "" && (otherCode.MatchString(f.Path) || testText.MatchString(f.Path)) && f.Status != branch.Added && !f.Generated && !f.Vendored && !f.Binary && !f.TooLarge {
			if err := w.compareLines(f); err != nil {
				return err
			}
		}
	}
	for _, f := range changed {
		if err := w.compare(f); err != nil {
			return err
		}
	}
	if err := w.fewerDataChecks(); err != nil {
		return err
	}
	if err := w.leftOut(); err != nil {
		return err
	}
	if err := w.fewerTries(); err != nil {
		return err
	}
	return loweredThresholds(pass)
}

// holdsTests says whether a file may hold tests; Rust has them beside the code.
func holdsTests(p string) bool {
	lang := source.LanguageOf(p)
	return lang != "" && (source.IsTest(p) || lang == source.Rust)
}

// productFiles are the changed files that hold code which is delivered.
func productFiles(b *branch.Branch) []*branch.File {
	var list []*branch.File
	for _, f := range b.Files {
		if (source.LanguageOf(f.Path) != "" || otherCode.MatchString(f.Path)) && !source.IsTest(f.Path) && !source.IsExample(f.Path) && !source.IsDoc(f.Path) &&
			!f.Generated && !f.Vendored && !f.Binary && !isToolConfig(f.Path) {
			list = append(list, f)
		}
	}
	return list
}

func firstLine(f *branch.File) int {
	if h := f.Hunks(); len(h) > 0 {
		return max(1, h[0].NewStart)
	}
	return 0
}

// weakening compares the tests of both sides.
type weakening struct {
	pass *detectors.Pass
	// gone are the names that the branch took out of the product's changed files, nil before they are asked for.
	gone map[string]bool
	// known are the test files of the base by their names, with and without the ending, nil before they are asked for.
	known map[string]bool
	// head are the tests of every changed test file as it is now, to know what only moved.
	head []testCase
}

func (w *weakening) readHead() error {
	for _, f := range w.pass.Branch.Files {
		if !holdsTests(f.Path) || f.Status == branch.Deleted || f.Generated || f.Vendored || f.TooLarge {
			continue
		}
		if file, err := w.pass.Source.Head(f.Path); err == nil {
			w.head = append(w.head, testsOf(file)...)
		}
	}
	return w.pass.Context.Err()
}

func (w *weakening) compare(f *branch.File) error {
	before := f.OldPath
	if before == "" {
		before = f.Path
	}
	old, err := w.pass.Source.Base(before)
	if err != nil {
		return nil //nolint:nilerr // what could not be read at the base says nothing about the branch
	}
	var now []testCase
	var head *source.File
	if f.Status != branch.Deleted {
		if head, err = w.pass.Source.Head(f.Path); err != nil {
			return detectors.Inconclusive("%s could not be read: %v", f.Path, err)
		}
		now = testsOf(head)
		if w.switchedOff(f, old, head, now) {
			return nil
		}
	}
	was := testsOf(old)
	if len(was) == 0 && source.IsTest(f.Path) {
		return w.compareLines(f)
	}
	w.alone(f, was, now)
	w.fewerRows(f, old, head, was, now)
	for _, t := range was {
		if t.skipped || count(was, t.name) > 1 {
			continue
		}
		i := slices.IndexFunc(now, func(n testCase) bool { return n.name == t.name })
		switch {
		case i < 0 && w.unmarked(f, head, t, now):
		case i < 0:
			w.deleted(f, t, was, now)
		case now[i].skipped:
			w.report(f, now[i].line, t, "is skipped now"+now[i].how(), "A test that does not run says nothing about the change that made it fail.", "Mend the code or the test; where it has to wait, say in the skip's text for what.")
		default:
			w.loosened(f, t, now[i])
			w.nearer(f, t, now[i])
			w.swallowed(f, t, now[i])
			w.follows(f, t, now[i])
		}
	}
	return w.pass.Context.Err()
}

func count(list []testCase, name string) int {
	n := 0
	for _, t := range list {
		if t.name == name {
			n++
		}
	}
	return n
}

// maxCompared is how many comparisons a test may hold to be judged as one: larger ones are many tests in a row.
const maxCompared = 12

// loosened reports a test that compares with fewer expected values than before while the rest of it stayed.
func (w *weakening) loosened(f *branch.File, was, now testCase) {
	if w.vaguer(f, was, now) {
		return
	}
	if now.strong >= was.strong || now.strong+now.weak > was.strong+was.weak {
		return
	}
	// The steps have to be the same ones: a new one may hold the comparison, one that is gone took its comparison along.
	steps := slices.Clone(was.helpers)
	for _, h := range now.helpers {
		i := slices.Index(steps, h)
		if i < 0 {
			return
		}
		steps = slices.Delete(steps, i, i+1)
	}
	onlySizes := now.strong > 0 && now.strong == now.sizes && was.sizes == 0 && !sized.MatchString(was.body)
	onlyThere := now.strong == 0 && now.weak > was.weak
	if was.strong > maxCompared || len(steps) > was.strong-now.strong && !onlySizes && !onlyThere {
		return
	}
	lost := fmt.Sprintf("lost %d of %d comparisons with an expected value", was.strong-now.strong, was.strong)
	switch {
	case now.weak > was.weak:
		lost = "checks only that there is something, where it compared with an expected value"
	case onlySizes:
		lost = "checks only how many there are, where it compared with the expected values"
	case now.strong > 0 && len(steps) > 0:
		return // a step went with its checks
	}
	w.report(f, now.line, was, lost, "It stays green whatever the changed code answers.", "Compare with the value that is expected now.")
}

func (w *weakening) report(f *branch.File, line int, t testCase, what, why, fix string) {
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: t.name,
		Message: fmt.Sprintf("test %q %s", t.name, what), Why: why, Fix: fix,
		Related: w.subjectOf(t), Evidence: []string{what, strings.TrimSpace(t.name)},
	})
}

// subjectOf is the changed function that a test calls, none where it is not known.
func (w *weakening) subjectOf(t testCase) []detectors.Related {
	if t.file == nil {
		return nil
	}
	called, at := w.stillThere(t)
	if called == "" {
		return nil
	}
	return []detectors.Related{{Path: at.Path, Line: firstLine(at), Message: called + " changed on this branch"}}
}
