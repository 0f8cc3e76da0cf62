package review

import (
	"fmt"
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

func touchedSpan(f *branch.File, s source.Span) bool { return f.TouchedRange(s.Line, s.EndLine) }

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
