package review

// Marks and options by which a person is asked before a function runs, and which the branch takes away or switches off.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// onlyReads are names of functions that change nothing.
	onlyReads = lazy.New(`(?i)^(?:get|list|find|search|read|fetch|show|query|look_?up|count|describe|summari[sz]e|check|view|load|is|has|can|preview|estimate|calculate|compute|explain|status|inspect|browse|retrieve|select|peek|download|export)(?:$|[_A-Z\-\s])`)
	// approvalOption is an option that asks a person, with its value; trusting one that does without.
	approvalOption = lazy.New(`(?i)["']?\b((?:needs?|requires?|required?|ask(?:s)?_?for|human|manual|with|await)_?(?:human_?)?(?:approval|confirmation|confirm|review|consent|in_?the_?loop)\w*|approval_?required|interrupt_?(?:before|on)\w*|confirm_?before\w*|require_?human\w*)\b["']?\s*(?:[:=]>?|=>|\()\s*["']?(\w+|\[)`)
	trusting       = lazy.New(`(?i)["']?\b(auto_?(?:approve|execute|run|confirm)\w*|skip_?(?:approval|confirmation|review)\w*|bypass_?(?:approval|review)\w*|human_?input_?mode|permission_?mode|approval_?(?:policy|mode))\b["']?\s*(?:[:=]>?|=>|\()\s*["']?(\w+)`)
	granted        = []string{"true", "yes", "never", "bypasspermissions", "auto", "none", "always_approve", "yolo", "always"}
)

// approvalMarks reports functions that lost the mark or the option by which a person was asked, and gives their names.
func approvalMarks(pass *detectors.Pass, f *branch.File, was, now *source.File) map[string]bool {
	told := map[string]bool{}
	for _, d := range now.Decls {
		if d.Kind != source.Function && d.Kind != source.Method && d.Kind != source.Class || onlyReads.MatchString(d.Name) || len(told) > 3 {
			continue
		}
		i := slices.IndexFunc(was.Decls, func(o *source.Decl) bool {
			return o.Kind == d.Kind && o.Name == d.Name && parentName(o) == parentName(d)
		})
		if i < 0 {
			continue
		}
		mark := askingMark(was.Decls[i])
		if mark == "" || askingMark(d) != "" || approvalStep.MatchString(textOf(now, d)) {
			continue
		}
		told[d.Name] = true
		reportUnasked(pass, f.Path, d.Span.Line, d.Name, mark)
	}
	if len(told) == 0 {
		switchedOptions(pass, f, was, now, told)
	}
	return told
}

// askingMark is the decorator, annotation or attribute by which a person is asked, empty for none.
func askingMark(d *source.Decl) string {
	for _, c := range d.Decorators {
		if approvalStep.MatchString(c.Name) && !strings.Contains(strings.ToLower(c.Name), "auto") {
			return c.Name
		}
		for _, a := range c.Args {
			if m := approvalOption.FindStringSubmatch(a.Keyword + "=" + strings.TrimLeft(a.Text, "= ")); m != nil && !switchedOff(m[2]) && a.Keyword != "" {
				return a.Keyword
			}
			if m := approvalOption.FindStringSubmatch(a.Text); m != nil && !switchedOff(m[2]) {
				return m[1]
			}
		}
	}
	return ""
}

// asking are the options of a text by which a person is asked, each with the lines where it is on.
func asking(text string) (on map[string][]int, without map[string]int) {
	on, without = map[string][]int{}, map[string]int{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if len(line) > maxCodeLine {
			continue
		}
		if m := approvalOption.FindStringSubmatch(line); m != nil && !switchedOff(m[2]) && m[2] != "None" && m[2] != "null" {
			on[m[1]] = append(on[m[1]], n)
		}
		if m := trusting.FindStringSubmatch(line); m != nil && slices.Contains(granted, strings.ToLower(m[2])) {
			without[m[1]] = n
		}
	}
	return on, without
}

// switchedOptions reports options that asked a person at the base and are gone, or off, and those that do without one now.
func switchedOptions(pass *detectors.Pass, f *branch.File, was, now *source.File, told map[string]bool) {
	before, allowed := asking(string(was.Text))
	after, allows := asking(string(now.Text))
	for option, lines := range before {
		i := slices.IndexFunc(lines, f.Removed)
		if i < 0 || len(after[option]) >= len(lines) {
			continue
		}
		name := toolAtLine(was, lines[i])
		line := max(1, f.NewLine(lines[i]))
		// What went with its function asks nobody any more, and does nothing either.
		if name == "" || onlyReads.MatchString(name) || told[name] || !strings.Contains(string(now.Text), name) {
			continue
		}
		told[name] = true
		reportUnasked(pass, f.Path, line, name, option)
	}
	for option, line := range allows {
		if _, ok := allowed[option]; ok || !f.Touched(line) {
			continue
		}
		if name := toolAtLine(now, line); name != "" && !onlyReads.MatchString(name) && !told[name] && f.Status == branch.Modified {
			told[name] = true
			reportUnasked(pass, f.Path, line, name, option)
		}
	}
}

// toolAtLine is the name of what a line belongs to: a registration, the function or object around it.
func toolAtLine(f *source.File, line int) string {
	best, size := "", 1<<30
	for _, c := range f.Calls {
		if c.Span.Line <= line && line <= c.Span.EndLine && c.Span.End-c.Span.Start < size && len(c.Args) > 0 && registers.MatchString(c.Name) {
			if name := registeredName(f, c); name != "" {
				best, size = name, c.Span.End-c.Span.Start
			}
		}
	}
	if best != "" {
		return best
	}
	for _, d := range f.Decls {
		if d.Span.Line-3 <= line && line <= d.Span.EndLine && d.Span.End-d.Span.Start < size && d.Name != "" {
			best, size = d.Name, d.Span.End-d.Span.Start
		}
	}
	return best
}

func reportUnasked(pass *detectors.Pass, p string, line int, name, mark string) {
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: name,
		Message:  fmt.Sprintf("%s no longer asks a person before it runs: %s is gone", name, mark),
		Why:      "Somebody looked at each case before; from now on nobody does.",
		Fix:      "Keep the approval, or say who decided that it goes and what bounds it instead.",
		Evidence: []string{"approval gone", name, mark},
	})
}
