package observability

import (
	"fmt"
	"regexp"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// measured are words of code that looks at what a model's answer cost or how good it is.
var measured = regexp.MustCompile(`(?i)usage|_tokens|tokens_|totalTokens|promptTokens|inputTokens|logprobs|finish_?reason|confidence|\bscore`)

// modelCalls reports new calls of a language model whose cost, latency and quality nobody records.
func (l *lookup) modelCalls(changed *changes, fresh []*trigger) {
	for _, c := range changed.files {
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
			if f, ok := l.judgeModelCall(t, call); ok {
				l.pass.Report(f)
			}
		}
	}
}

func (l *lookup) isModelCall(f *source.File, call *source.Call) bool {
	return slices.ContainsFunc(l.tables.models, func(m *modelCall) bool {
		return slices.Contains(m.Languages, family(f.Lang)) && m.Call.match(call.Full()) && importsAny(f, m.Imports)
	})
}

func calledBefore(l *lookup, base *source.File, call *source.Call) bool {
	return slices.ContainsFunc(base.Calls, func(c *source.Call) bool {
		return c.Full() == call.Full() && l.isModelCall(base, c)
	})
}

// around is the function, or the handler, in which the model is called.
func (l *lookup) around(f *source.File, call *source.Call, fresh []*trigger) *trigger {
	t := &trigger{kind: kindModel, file: f, span: source.Span{Line: call.Span.Line, EndLine: call.Span.EndLine, Start: 0, End: len(f.Text)}, reg: call, name: call.Full()}
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

func (l *lookup) judgeModelCall(t *trigger, call *source.Call) (detectors.Finding, bool) {
	for _, w := range l.words.Auto[kindModel] {
		if slices.ContainsFunc(l.namingAny(w), func(p string) bool { return l.near(t.file.Path, p) }) {
			return detectors.Finding{}, false
		}
	}
	own := l.own(t)
	looks := measured.Match(t.file.Text[t.span.Start:t.span.End])
	logger := l.loggerNear(t.file)
	metrics := l.moduleNear(t.file, func(v *vocabulary, fam string) []string { return v.Modules[fam].Metric })
	if own.has(metered|spanned) || own.has(logged) && looks || logger == "" && metrics == "" {
		return detectors.Finding{}, false
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: t.file.Path, Line: call.Span.Line, EndLine: call.Span.EndLine, Symbol: call.Full(),
		Message:  fmt.Sprintf("%s records no token usage, latency or quality of the answer", t.subject()),
		Why:      "A model call that becomes slow, dear or wrong raises no error: only what is recorded of it shows that.",
		Fix:      "Record model, tokens, latency and finish reason (OpenTelemetry's gen_ai conventions), and a score or a share of answers that a human looks at.",
		Evidence: []string{kindModel, call.Full(), t.name},
	}
	if own.has(logged) {
		f.Severity = detectors.Note
	}
	return f, true
}
