package observability

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// modelCalls reports new calls of a language model whose cost, latency and quality nobody records, or whose answer is used
// as it comes.
func (l *lookup) modelCalls(changed []side, fresh []*trigger) {
	defer l.answersActedOn(changed)
	for _, c := range changed {
		if c.head == nil {
			continue
		}
		told := map[string]bool{}
		for _, call := range c.head.Calls {
			if !c.change.Touched(call.Span.Line) || !l.isModelCall(c.head, call) {
				continue
			}
			t := l.around(c.head, call, fresh)
			if told[t.name] || c.base != nil && calledBefore(l, c.base, call) {
				continue
			}
			told[t.name] = true
			if f, ok := l.judgeModelCall(t, call, changed); ok {
				l.pass.Report(f)
			}
		}
	}
}

func (l *lookup) isModelCall(f *source.File, call *source.Call) bool {
	return slices.ContainsFunc(l.tables.models, func(m *modelCall) bool {
		return slices.Contains(m.Languages, family(f.Lang)) && m.Call.match(call.Full()) && (len(m.Imports) == 0 || importsAny(f, m.Imports)) &&
			(!m.Text.set() || m.Text.Match(f.Text)) &&
			(!m.URL.set() || slices.ContainsFunc(call.Args, func(a source.Arg) bool { return m.URL.match(a.Text) && quoted.MatchString(a.Text) }))
	})
}

// quoted is a text literal of any language.
var quoted = lazy.New("^[$@fFrub]{0,2}[\"'`]")

// calledBefore says whether the base had the call in the function of that name.
func calledBefore(l *lookup, base *source.File, call *source.Call) bool {
	return slices.ContainsFunc(base.Calls, func(c *source.Call) bool {
		return c.Full() == call.Full() && (c.In == nil) == (call.In == nil) && (c.In == nil || c.In.Name == call.In.Name) && l.isModelCall(base, c)
	})
}

// around is the function, or the handler, in which the model is called.
func (l *lookup) around(f *source.File, call *source.Call, fresh []*trigger) *trigger {
	t := &trigger{kind: kindModel, file: f, span: source.Span{Line: call.Span.Line, EndLine: call.Span.EndLine, Start: 0, End: len(f.Text)}, reg: call, name: clip(call.Full())}
	for _, d := range fresh {
		if d.file == f && d.span.Start <= call.Span.Start && d.span.End >= call.Span.End {
			t.name, t.span, t.decl, t.wrappers = d.name, d.span, d.decl, d.wrappers
			return t
		}
	}
	if call.In != nil {
		t.name, t.decl, t.span = call.In.Name, call.In, call.In.Span
		t.wrappers = decoratorNames(call.In)
	}
	return t
}

// What the code around a model's call says of it.
var (
	// measured looks at what an answer cost or how good it is.
	measured = lazy.New(`(?i)usage|_tokens|tokens_|totalTokens|promptTokens|inputTokens|logprobs|finish_?reason|confidence|\bscore|gen_ai\.`)
	// readsRaw makes data of an answer's text where no type says what it has to hold; decidesBy decides by it.
	readsRaw  = lazy.New(`\b(?:json\.loads|JSON\.parse|json_decode|ast\.literal_eval|yaml\.safe_load|orjson\.loads|readTree|JSONObject|JSONArray|parseToJsonElement|JsonDocument\.Parse|JsonNode\.Parse|JObject\.Parse|JArray\.Parse)\b|from_str::<(?:serde_json::)?Value>|json\.Unmarshal\([^\n]*&\w*(?:[mM]ap|[rR]aw|[aA]ny)\b|readValue\([^\n]*(?:Map|Object)\.class|fromJson\([^\n]*(?:Map|Object)\.class`)
	decidesBy = lazy.New(`(?:content|text|answer|reply|output|completion|response)\w*(?:\)|\.\w+(?:\(\))?|\[\d+\])*\s*(?:===?|\.equals(?:IgnoreCase)?\(|\.startswith\(|\.startsWith\(|\.StartsWith\()\s*["']\w+`)
	// holdsTo are what holds an answer to a shape or a closed set.
	holdsTo    = lazy.New(`(?i)model_validate|parse_obj|parse_raw|TypeAdapter|safeParse|Schema\b|schema\.|_schema\b|\.parse\(\s*JSON\.parse|zod|jsonschema|validat|generateObject|streamObject|structured_?output|output_?parser|response_?schema|response_model|completions\.parse|responses\.parse|responseFormat\(|entity\(|tool_choice|function_call|guardrail|instructor|Literal\[|Enum|\bin\s+[A-Z_]{3,}|\bnot in\b|\.includes\(|\.include\?\(|\.in\?\(|in_array\(|\.contains\(|slices\.Contains|isinstance\(|DisallowUnknownFields|switch\b|match\b|when\s*[({]|JsonSchema`)
	limitsTime = lazy.New(`(?i)time_?out|AbortSignal|abortController|deadline|wait_for\(|max_?duration`)
	weighs     = lazy.New(`(?i)confidence|logprobs|\bscore|threshold|evaluat|judge|review|feedback|human|sampl`)
)

// judgeModelCall says what the code around a model's call leaves out.
func (l *lookup) judgeModelCall(t *trigger, call *source.Call, changed []side) (detectors.Finding, bool) {
	watched := slices.ContainsFunc(l.words.Auto[kindModel], func(w string) bool {
		return slices.ContainsFunc(l.namingAny(w), func(p string) bool { return l.near(t.file.Path, p) })
	})
	own, body, whole := l.own(t), blankComments(t.file, t.span), blankComments(t.file, source.Span{End: len(t.file.Text)})
	recorded := watched || own.has(metered|spanned) || own.has(logged) && measured.MatchString(body)
	decides := (readsRaw.MatchString(body) || decidesBy.MatchString(body)) && !holdsTo.MatchString(body) && !guarded(t.file, t.span, call) &&
		(t.decl == nil || !hasPromptParam(t.decl)) // whoever asks holds the answer to a shape
	serves := l.loggerNear(t.file) != "" ||
		l.moduleNear(t.file, func(v *vocabulary, fam string) []string { return v.Modules[fam].Metric }) != ""
	spliced, acts, unchecked := false, false, false
	tolerant, err := tolerances()
	if err != nil {
		tolerant = nil
	}
	for _, u := range l.usesOf(t, call, changed) {
		spliced, acts = spliced || u.spliced() && !holdsTo.MatchString(whole), acts || u.decides()
		unchecked = unchecked || tolerant != nil && !decides && u.unchecked(l, tolerant) && !holdsTo.MatchString(body)
	}
	if acts && t.decl != nil {
		l.actedOn[t.decl] = true
	}
	beside := l.recordedBeside(t)
	if !spliced && !acts && !unchecked && (recorded && !decides || !serves && !decides) {
		return detectors.Finding{}, false
	}
	var missing []string
	if spliced {
		missing = append(missing, "the answer is run as part of a query or command without a check")
	}
	if acts {
		missing = append(missing, "the answer decides, and nothing records how sure it is or lets somebody judge a sample")
	}
	if unchecked {
		missing = append(missing, "what it says is done without a check of its values")
	}
	if !recorded {
		missing = append(missing, "token usage and latency are not recorded")
	}
	if decides {
		missing = append(missing, "the answer is used without a check of its shape")
	}
	if !limitsTime.MatchString(whole) {
		missing = append(missing, "no time-out")
	}
	if !guarded(t.file, t.span, call) {
		missing = append(missing, "no fallback when the call fails")
	}
	if decides && !weighs.MatchString(body) {
		missing = append(missing, "no confidence or evaluation")
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: t.file.Path, Line: call.Span.Line, EndLine: call.Span.EndLine, Symbol: clip(call.Full()),
		Message:  fmt.Sprintf("%s: %s", t.subject(), strings.Join(missing, ", ")),
		Why:      "A model call that becomes slow, dear or wrong raises no error: only what is recorded of it shows that.",
		Fix:      "Record model, tokens, latency and finish reason (OpenTelemetry's gen_ai conventions); hold the answer to a schema, and give what fails or is unsure to a person.",
		Evidence: []string{kindModel, call.Full(), t.name},
	}
	switch {
	case !recorded && beside != nil:
		f.Fix = fmt.Sprintf("Ask through %s (%s:%d), which records it, or record the same here.", beside.decl.Name, beside.file.Path, beside.decl.Span.Line)
	case own.has(logged) && !decides && !spliced && !acts && !unchecked:
		f.Severity = detectors.Note
	}
	return f, true
}

// guarded says whether the call stands in code whose errors are handled.
func guarded(f *source.File, around source.Span, call *source.Call) bool {
	return slices.ContainsFunc(f.Catches, func(k *source.Catch) bool {
		if k.Span.Start < around.Start || k.Span.End > around.End || k.Kind == "discard" {
			return false
		}
		return k.Try.Start <= call.Span.Start && k.Try.End >= call.Span.End && !k.Rethrows
	})
}
