package review

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

// Functions that a model may call by itself, and what they do without asking a person.

var (
	// toolMark marks a function, a method or a class as one that a model may call: decorators, annotations, attributes.
	toolMark = lazy.New(`(?i)(?:^|[._:])(?:\w*_)?(?:tool|tools|function_?tool|kernel_?function|mcp_?server_?tool|ai_?function|agent_?action|agent_?tool|llm_?function|tool_plain)$`)
	// toolBase are classes and interfaces of which tools are made.
	toolBase = lazy.New(`(?i)(?:^|[.:\\])(?:\w*tool|\w*tool(?:base|handler|interface|definition)|base_?tool|structured_?tool|function_?tool|agent_?action)(?:<.*>)?$`)
	// registers are calls that hand a function to a model.
	registers = lazy.New(`^(?:tool|Tool|addTool|AddTool|add_tool|registerTool|RegisterTool|register_tool|defineTool|DefineTool|define_tool|createTool|create_tool|makeTool|make_tool|NewTool|new_tool|NewTypedTool|betaZodTool|dynamicTool|DynamicTool|DynamicStructuredTool|StructuredTool|FunctionTool|from_function|from_defaults|toolFunction|InferTool|CreateFunctionFromMethod|server_tool|function_tool|as_tool)$`)
	// callTable is an object in which a model's calls are looked up.
	callTable = lazy.New(`(?i)(?:tools?|handlers|functions?|dispatch(?:er)?|actions|registry|callables|toolset|tool_?map)$`)
	// byAModel are signs that a file speaks with a model.
	byAModel = lazy.New(`(?i)tool_calls|tool_use|tool_choice|input_schema|function_call|"type"\s*:\s*"function"|'type'\s*:\s*'function'|\btype:\s*['"]function['"]|anthropic|openai|langchain|langgraph|llama_?index|semantic_?kernel|modelcontextprotocol|\bmcp\b|pydantic_ai|\bgenai\b|bedrock|ollama|mistral|litellm`)
	// asksFirst are words by which somebody is asked before.
	asksFirst = lazy.New(`(?i)approv|confirm|interrupt|propos|human|review|dry_?run|simulat|needs_?(?:person|ok|sign)|sign_?off|second_?person|four_?eyes|dual_?control|pending|ask_?(?:user|person|human|operator|permission|first)|permission_?(?:prompt|request)|consent|elicit|stage_?for|enqueue_?for|escalat|hand_?off`)
	// asksForAll are the ways in which libraries ask a person before every call of a tool.
	asksForAll = []string{"interrupt_before", "interruptBefore", "interrupt_on", "interruptOn", "HumanInTheLoopMiddleware", "humanInTheLoopMiddleware", "HumanApprovalCallbackHandler", "canUseTool", "can_use_tool", "humanlayer", "FunctionInvocationFilter", "IFunctionInvocationFilter", "IAutoFunctionInvocationFilter"}
)

// agentTool is one function that a model may call.
type agentTool struct {
	name string
	// text is all that says how it is called: its declaration, its class, its registration.
	text string
	span source.Span
}

// irreversibleTools looks at what the branch adds to functions that a model may call.
func irreversibleTools(pass *detectors.Pass, f *branch.File) error {
	file, err := pass.Source.Head(f.Path)
	if err != nil {
		return nil //nolint:nilerr // what could not be read says nothing about the branch
	}
	told := map[string]bool{}
	for _, c := range file.Calls {
		what, ok := irreversible(c)
		if !ok || !touchedSpan(f, c.Span) {
			continue
		}
		tool, ok := toolAround(file, c)
		if !ok {
			tool, ok = dispatched(pass, file, c)
		}
		if !ok || told[tool.name] || asksFirst.MatchString(withoutAsking.ReplaceAllString(tool.text, "")) {
			continue
		}
		asked, err := askedElsewhere(pass, file, tool)
		if err != nil {
			return err
		}
		if asked {
			continue
		}
		told[tool.name] = true
		beside := ""
		if p := askingTool(pass, f.Path); p != "" {
			beside = ", as " + p + " does"
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: c.Span.Line, Symbol: tool.name,
			Message:  fmt.Sprintf("the model may call %s by itself, which %s (%s): it does not ask a person first%s", tool.name, what, c.Name, beside),
			Why:      "A sentence in a mail or on a page that the model reads is enough to make it happen, and nobody can take it back.",
			Fix:      "Let the tool file a request that a person approves, and do it then.",
			Evidence: []string{"tool", tool.name, c.Name},
		})
	}
	unlikeSiblings(pass, f, file, told)
	return nil
}

// withoutAsking are flags by which a command does not ask, in the words of those that do.
var withoutAsking = lazy.New(`(?i)-{0,2}auto[-_ ]?approve\w*|--yes\b|--no-confirm\w*|\bno_?confirm\w*`)

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

func touchedSpan(f *branch.File, s source.Span) bool { return f.TouchedRange(s.Line, s.EndLine) }

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

// toolAround is the tool that a call belongs to: marked, of a class of tools, or handed over in a registration.
func toolAround(f *source.File, c *source.Call) (agentTool, bool) {
	text := func(s source.Span) string { return string(f.Text[s.Start:min(s.End, s.Start+20000)]) }
	for _, r := range f.Calls {
		if r != c && isRegistration(r) && r.Span.Start < c.Span.Start && c.Span.End <= r.Span.End {
			return agentTool{registeredName(f, r), text(r.Span), r.Span}, true
		}
	}
	for d := c.In; d != nil; d = d.Parent {
		marked := slices.ContainsFunc(d.Decorators, func(m *source.Call) bool { return toolMark.MatchString(m.Full()) })
		based := d.Kind == source.Class && slices.ContainsFunc(d.Bases, toolBase.MatchString)
		handed := d.Kind != source.Class && (handedOver(f, d.Name) || ofToolClass(f, d))
		if !marked && !based && !handed {
			continue
		}
		said := text(d.Span)
		for _, m := range d.Decorators {
			said += " " + text(m.Span)
		}
		if d.Parent != nil && len(d.Parent.Members) < 6 {
			said += " " + text(d.Parent.Span)
		}
		return agentTool{d.Name, said, d.Span}, true
	}
	return agentTool{}, false
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

// registeredName is the name of a tool in its registration: its first argument, its key "name", or what it is given to.
func registeredName(f *source.File, r *source.Call) string {
	if len(r.Args) > 0 && r.Args[0].IsString {
		return r.Args[0].Str
	}
	for _, a := range r.Args {
		if m := nameKey.FindStringSubmatch(a.Text); m != nil {
			return m[1]
		}
	}
	for _, d := range f.Decls {
		if d.Span.Start <= r.Span.Start && r.Span.End <= d.Span.End && d.Kind != source.Class && d.Name != "" {
			return d.Name
		}
	}
	return r.Name
}

var nameKey = lazy.New(`\b[nN]ame["']?\s*[:=]\s*["']([\w.-]+)["']`)

// handedOver says whether a file hands a function to a model by its name: in a registration, or in a table of calls of a file
// that speaks with one.
func handedOver(f *source.File, name string) bool {
	if name == "" {
		return false
	}
	for _, r := range f.Calls {
		if isRegistration(r) && slices.ContainsFunc(r.Args, func(a source.Arg) bool { return strings.TrimSpace(a.Text) == name }) {
			return true
		}
	}
	if !byAModel.Match(f.Text) {
		return false
	}
	for _, o := range f.Objects {
		if callTable.MatchString(o.Name) && slices.ContainsFunc(o.Keys, func(k source.Key) bool { return strings.TrimSpace(k.Value) == name }) {
			return true
		}
	}
	return false
}

// askedElsewhere says whether a person is asked outside of a tool: by the library before every call, by the mark that the
// repository defines, by a list of what has to be approved.
func askedElsewhere(pass *detectors.Pass, f *source.File, tool agentTool) (bool, error) {
	naming, err := pass.Source.Naming(pass.Context, append(slices.Clone(asksForAll), tool.name)...)
	if err != nil {
		return false, err
	}
	for _, word := range asksForAll {
		if slices.ContainsFunc(naming[word], func(p string) bool { return source.LanguageOf(p) != "" && !source.IsTest(p) && !source.IsExample(p) }) {
			return true, nil
		}
	}
	for _, p := range naming[tool.name] {
		if p == f.Path || source.IsTest(p) || source.IsDoc(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if len(line) < 2000 && strings.Contains(line, tool.name) && asksFirst.MatchString(strings.ReplaceAll(line, tool.name, "")) {
				return true, nil
			}
		}
	}
	return false, nil
}

// askingTool is the file of a tool in the same folder that asks a person, empty for none.
func askingTool(pass *detectors.Pass, p string) string {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return ""
	}
	dir := p[:strings.LastIndexByte(p, '/')+1]
	for _, q := range paths {
		if q == p || !strings.HasPrefix(q, dir) || strings.Contains(q[len(dir):], "/") || source.LanguageOf(q) == "" || source.IsTest(q) {
			continue
		}
		if text, err := pass.Branch.ReadHead(q); err == nil && len(text) < 1<<18 && asksFirst.Match(text) {
			return q
		}
	}
	return ""
}
