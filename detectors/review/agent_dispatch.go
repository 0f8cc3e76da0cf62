package review

// Tools that a model reaches by a name in a switch or by the class that they stand in, and those that ask less than their siblings.

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// unlikeSiblings reports a tool that the branch adds and that does something without asking, where each other one of its file that
// does something asks a person first.
func unlikeSiblings(pass *detectors.Pass, f *branch.File, file *source.File, told map[string]bool) {
	isTool := func(d *source.Decl) bool {
		return d.Kind != source.Class && slices.ContainsFunc(d.Decorators, func(m *source.Call) bool { return toolMark.MatchString(m.Full()) })
	}
	asking, without := 0, 0
	for _, d := range file.Decls {
		if !isTool(d) || onlyReads.MatchString(d.Name) || allAdded(f, d.Span) {
			continue
		}
		if askingMark(d) != "" || asksFirst.MatchString(textOf(file, d)) {
			asking++
		} else {
			without++
		}
	}
	if asking == 0 || without > 0 || f.Status == branch.Added {
		return
	}
	for _, d := range file.Decls {
		if !isTool(d) || onlyReads.MatchString(d.Name) || !allAdded(f, d.Span) || askingMark(d) != "" || asksFirst.MatchString(textOf(file, d)) || told[d.Name] {
			continue
		}
		told[d.Name] = true
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: d.Span.Line, Symbol: d.Name,
			Message:  fmt.Sprintf("the model may call %s by itself, where each of the %d other tools of the file that change something asks a person first", d.Name, asking),
			Why:      "A sentence in a mail or on a page that the model reads is enough to make it happen.",
			Fix:      "Let it ask as the others do.",
			Evidence: []string{"unlike", d.Name},
		})
	}
}

// isRegistration says whether a call hands a function to a model: by its own name, or New of a package of tools.
func isRegistration(c *source.Call) bool {
	return registers.MatchString(c.Name) || ofTools.MatchString(c.Receiver) && (c.Name == "New" || c.Name == "new" || c.Name == "create" || c.Name == "Create" || c.Name == "from" || c.Name == "of" || c.Name == "as" || c.Name == "make")
}

var (
	ofTools = lazy.New(`(?i)(?:^|[.:\\])\w*tools?(?:_?kit)?$`)
	// aCase opens one way of a dispatch by a name.
	aCase = lazy.New(`(?m)(?:\bcase\s+|\bwhen\s+|\b(?:if|elif|else if|elsif)\b[^\n]*?==\s*|^\s*)["']([A-Za-z][\w.-]{3,})["']\s*(?::|=>|->|then\b|\)|$)`)
)

// dispatched is the tool whose name a call stands behind in a switch of a file that speaks with a model, where something offers that
// name to the model.
func dispatched(pass *detectors.Pass, f *source.File, c *source.Call) (agentTool, bool) {
	if c.In == nil || !byAModel.Match(f.Text) {
		return agentTool{}, false
	}
	before := string(f.Text[c.In.Span.Start:min(c.Span.Start, c.In.Span.Start+20000)])
	cases := aCase.FindAllStringSubmatchIndex(before, 200)
	if len(cases) == 0 {
		return agentTool{}, false
	}
	last := cases[len(cases)-1]
	name := before[last[2]:last[3]]
	offers := regexp.MustCompile(`["']?name["']?\s*(?::|=>?|\()\s*["']` + regexp.QuoteMeta(name) + `["']`)
	offered := offers.Match(f.Text)
	if !offered {
		naming, err := pass.Source.Naming(pass.Context, name)
		if err != nil {
			return agentTool{}, false
		}
		offered = slices.ContainsFunc(naming[name][:min(len(naming[name]), 10)], func(p string) bool {
			text, err := pass.Branch.ReadHead(p)
			return err == nil && !source.IsTest(p) && offers.Match(text)
		})
	}
	end := min(c.Span.End, len(f.Text))
	return agentTool{name, string(f.Text[c.In.Span.Start+last[0] : end]), c.In.Span}, offered
}

var (
	toolClass = lazy.New(`(?i)(?:tools?|tool_?(?:box|kit|set)|agent_?(?:actions|functions|tools))$`)
	// forAModel is what words about a class say when a model calls it.
	forAModel = lazy.New(`(?i)\b(?:model|agent|llm|assistant|chat ?bot)\w*\b[^.]{0,60}\b(?:call|use|invoke|run|reach)|\b(?:call|use|invoke)\w*\b[^.]{0,40}\b(?:by|for) (?:the|a|an|our) (?:\w+ )?(?:model|agent|llm|assistant)`)
)

// ofToolClass says whether a method belongs to a class whose methods a model calls: by its name, and by what is said about it.
func ofToolClass(f *source.File, d *source.Decl) bool {
	if d.Parent == nil || strings.HasPrefix(d.Name, "_") || !toolClass.MatchString(d.Parent.Name) {
		return false
	}
	head := string(f.Text[d.Parent.Span.Start:min(d.Parent.Span.End, d.Parent.Span.Start+400)])
	return forAModel.MatchString(d.Parent.Doc+" "+head) || byAModel.Match(f.Text)
}
