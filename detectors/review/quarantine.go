package review

// Ways of switching tests off that stand beside them rather than on them: a build tag, a mark for the whole file, a condition
// that always holds, a first statement that returns.

import (
	"go/ast"
	"go/build/constraint"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
	"flightpoll/detectors/source"
)

var (
	always    = lazy.New(`^(?:True|true|1|"\s*True\s*"|'\s*True\s*'|1\s*==\s*1|not False|!false)$`)
	never     = lazy.New(`^(?:False|false|0|not True|!true)$`)
	moduleOff = lazy.New(`(?m)^pytestmark\s*=\s*\[?\s*pytest\.mark\.(?:skip\b|xfail\b|skipif\(\s*(?:True|1)\b)|^pytest\.skip\([^)\n]*allow_module_level\s*=\s*True|^raise (?:unittest\.)?SkipTest\b|^collect_ignore`)
	// returnsFirst is a body whose first statement leaves it.
	returnsFirst = lazy.New(`^[^{]*\{\s*(?://[^\n]*\n\s*)*return(?:\s*;|\s*\n)\s*\S`)
)

// offByCondition says whether a mark with a condition always holds: skipif(True), enabled = false, it.skipIf(true).
func offByCondition(c *source.Call) bool {
	name := strings.ToLower(c.Name)
	for i, a := range c.Args {
		text := strings.TrimSpace(a.Text)
		switch {
		case (name == "skipif" || name == "skip_if") && i == 0 && a.Keyword == "" && always.MatchString(text),
			name == "runif" && i == 0 && never.MatchString(text),
			(name == "skipunless" || name == "assumetrue" || name == "assume") && i == 0 && never.MatchString(text),
			name == "assumefalse" && i == 0 && always.MatchString(text):
			return true
		}
		if key, value, ok := strings.Cut(text, "="); ok && a.Keyword == "" {
			a.Keyword, text = strings.TrimSpace(key), strings.TrimSpace(value)
		}
		switch strings.ToLower(a.Keyword) {
		case "enabled":
			text = strings.TrimSpace(strings.TrimLeft(text, "= "))
			if never.MatchString(text) {
				return true
			}
		case "condition":
			if name == "skipif" && always.MatchString(text) {
				return true
			}
		}
	}
	return false
}

// endsAtOnce says whether a test's body leaves before its first check.
func endsAtOnce(f *source.File, at source.Span) bool {
	if f.Lang == source.Python || f.Lang == source.Ruby {
		return false
	}
	return returnsFirst.Match(f.Text[at.Start:at.End])
}

// fileOff says why none of a file's tests runs, empty where they do: the whole file is marked, or built only with a tag.
func fileOff(f *source.File) string {
	if f.Lang == source.Go {
		return buildTag(f.GoFile)
	}
	if f.Lang == source.Python {
		return strings.TrimSpace(moduleOff.FindString(string(f.Text)))
	}
	return ""
}

// buildTag is the constraint of a Go file that holds on no platform by itself: ignore, or a tag of the project's own.
func buildTag(f *ast.File) string {
	if f == nil {
		return ""
	}
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			if err != nil {
				continue
			}
			if !expr.Eval(func(tag string) bool { return !ownTag.MatchString(tag) }) && expr.Eval(func(string) bool { return true }) {
				return strings.TrimSpace(strings.TrimPrefix(c.Text, "//go:build"))
			}
		}
	}
	return ""
}

// ownTag are tags that no platform, compiler or release sets.
var ownTag = lazy.New(`^(?:ignore|integration|e2e|slow|manual|disabled|flaky|todo|broken|skip\w*|wip|none|never|acceptance|system|external|live|legacy|unit|long)$`)

// switchedOff reports a file whose tests no longer run as a whole.
func (w *weakening) switchedOff(f *branch.File, old, head *source.File, now []testCase) bool {
	why := fileOff(head)
	if why == "" || fileOff(old) != "" || len(now) == 0 || head.Lang == source.Go && why != "ignore" && w.runsWithTag(why) {
		return false
	}
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: firstLine(f), Symbol: now[0].name,
		Message: "none of the tests of this file runs any more (" + why + ")",
		Why:     "A test that does not run says nothing about the change that made it fail.",
		Fix:     "Mend the code or the tests; where they have to wait, skip the ones that fail and say for what.",
		Related: w.subjectOf(now[0]), Evidence: []string{"file off", why},
	})
	return true
}

// runsWithTag says whether a pipeline or a task builds with one of the tags of an expression.
func (w *weakening) runsWithTag(expression string) bool {
	paths, err := w.pass.Branch.HeadPaths()
	if err != nil {
		return true
	}
	for _, p := range paths {
		if !pipeline.Is(p) && !taskFile.MatchString(p) {
			continue
		}
		text, err := w.pass.Branch.ReadHead(p)
		if err != nil || len(text) > 256<<10 {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "-tags") && slices.ContainsFunc(strings.FieldsFunc(expression, func(r rune) bool { return strings.ContainsRune(" &|()!", r) }), func(tag string) bool { return strings.Contains(line, tag) }) {
				return true
			}
		}
	}
	return false
}

// unmarked reports a test that is still a function of the file and that nothing takes for a test any more: its mark is gone,
// or its name no longer begins as the runner wants.
func (w *weakening) unmarked(f *branch.File, head *source.File, t testCase, now []testCase) bool {
	if head == nil {
		return false
	}
	own := t.name[strings.LastIndexAny(t.name, ".›")+1:]
	for _, d := range head.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || !f.TouchedRange(max(1, d.Span.Line-4), d.Span.EndLine) {
			continue
		}
		bare := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(d.Name), "disabled"), "skip")
		called := d.Name == own || strings.Trim(bare, "_x") == strings.ToLower(strings.Trim(own, "_")) || strings.TrimLeft(bare, "_x") == strings.ToLower(own)
		if !called || slices.ContainsFunc(now, func(n testCase) bool { return n.line == d.Span.Line }) || calledFrom(head, d) {
			continue
		}
		w.report(f, d.Span.Line, t, "is there and is no test any more", "Nothing runs it; it looks like a test and says nothing about the change.", "Mend it and let it run again, or delete it and say why.")
		return true
	}
	return false
}

// calledFrom says whether anything of the file calls a function: a step that tests share.
func calledFrom(f *source.File, d *source.Decl) bool {
	return slices.ContainsFunc(f.Calls, func(c *source.Call) bool { return c.Name == d.Name && c.In != d })
}
