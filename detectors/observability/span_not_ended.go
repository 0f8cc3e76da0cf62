package observability

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// SpanNotEnded reports spans that code of the branch opens and does not end on every way out.
//
//	ctx, span := tracer.Start(ctx, "quote")
//	if err != nil { return err }              // this span is never sent
//	span.End()
var SpanNotEnded = &detectors.Detector{
	ID:    "observability/span-not-ended",
	Title: "A span that is opened is not ended on every way out",
	Run:   runSpanNotEnded,
}

//go:embed spans.yaml
var spansYAML []byte

// spanKind is one entry of spans.yaml, which explains the keys.
type spanKind struct {
	Languages []string `yaml:"languages"`
	Start     pattern  `yaml:"start"`
	Receiver  pattern  `yaml:"receiver"`
	Imports   []string `yaml:"imports"`
	End       pattern  `yaml:"end"`
	Callback  bool     `yaml:"callback"`
}

var spanKinds = sync.OnceValues(func() ([]*spanKind, error) {
	var list []*spanKind
	if err := yaml.Unmarshal(spansYAML, &list); err != nil {
		return nil, fmt.Errorf("spans.yaml: %w", err)
	}
	return list, nil
})

func (k *spanKind) opens(f *source.File, c *source.Call) bool {
	return slices.Contains(k.Languages, family(f.Lang)) && k.Start.match(c.Name) &&
		(!k.Receiver.set() || k.Receiver.match(c.Receiver)) && (len(k.Imports) == 0 || importsAny(f, k.Imports))
}

// openSpan is a span that stays open: the call that opens it, the variable that holds it, and the line of the way out on
// which nobody ends it, 0 when nobody ends it at all.
type openSpan struct {
	call *source.Call
	name string
	line int
	// raised says that the way out is an error raised between the start and the end.
	raised bool
}

func runSpanNotEnded(pass *detectors.Pass) error {
	kinds, err := spanKinds()
	if err != nil {
		return err
	}
	return overSides(pass, func(_ *lookup, c side) error {
		if browser(c.head) {
			return nil
		}
		var before []openSpan
		if c.base != nil {
			before = openSpans(kinds, c.base)
		}
		for _, s := range openSpans(kinds, c.head) {
			if !c.change.Touched(s.call.Span.Line) && (s.line == 0 || !c.change.Touched(s.line)) {
				continue
			}
			same := func(o openSpan) bool {
				return o.text(c.base) == s.text(c.head) && o.raised == s.raised && (o.line == 0) == (s.line == 0)
			}
			if !c.change.Touched(s.call.Span.Line) && slices.ContainsFunc(before, same) {
				continue
			}
			pass.Report(s.finding(c.head))
		}
		return nil
	})
}

func (s openSpan) text(f *source.File) string { return piece(f, s.call.Span) }

func (s openSpan) finding(f *source.File) detectors.Finding {
	where := f.Path
	if s.call.In != nil {
		where = s.call.In.Name
	}
	span := "the span"
	if i := slices.IndexFunc(f.Strings, func(t *source.String) bool {
		return t.Span.Start >= s.call.Span.Start && t.Span.End <= s.call.Span.End && t.Value != "" && !t.Interpolated
	}); i >= 0 {
		span += " " + clip(f.Strings[i].Value)
	}
	finding := detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: s.call.Span.Line, EndLine: s.call.Span.EndLine, Symbol: where,
		Why:      "A span that is not ended is never sent: the failing requests are the ones that the traces do not show.",
		Evidence: []string{s.text(f), where},
	}
	switch {
	case s.line == 0:
		finding.Message = fmt.Sprintf("%s opened in %s is never ended", span, where)
	case s.raised:
		finding.Message = fmt.Sprintf("%s opened in %s stays open when something raises an error before line %d ends it", span, where, s.line)
	default:
		finding.Message = fmt.Sprintf("%s opened in %s stays open on the way out in line %d", span, where, s.line)
		finding.Related = []detectors.Related{{Path: f.Path, Line: s.line, Message: "leaves without ending the span"}}
	}
	finding.Fix = map[source.Language]string{
		source.Go: "End it with defer right behind the start.", source.Python: "Open it with `with tracer.start_as_current_span(...)`.",
		source.CSharp: "Open it with `using var`.", source.Ruby: "Open it with a block (in_span), or end it in ensure.",
	}[f.Lang]
	if finding.Fix == "" {
		finding.Fix = "End it in finally."
	}
	return finding
}

// openSpans finds the spans of a file that stay open on some way out.
func openSpans(kinds []*spanKind, f *source.File) []openSpan {
	var list []openSpan
	for _, c := range f.Calls {
		i := slices.IndexFunc(kinds, func(k *spanKind) bool { return k.opens(f, c) })
		if i < 0 {
			continue
		}
		if f.Lang == source.Go {
			if s, open := openInGo(f, c, kinds[i]); open {
				list = append(list, s)
			}
		} else if s, open := openInTree(f, c, kinds[i]); open {
			list = append(list, s)
		}
	}
	return list
}

// beforeStart is the text before a call that gives its value to one variable.
var beforeStart = lazy.New(`^(?:(?:export|const|let|var|val|final|await using|using|public|private|static|readonly)\s+)*(?:[\w<>.?\[\]\\]+\s+)??(\$?\w+)\s*(?::\s*[\w.<>\[\]| ]+)?\s*=\s*(?:await\s+)?$`)

// openInTree judges the span that a call opens in a language other than Go.
func openInTree(f *source.File, c *source.Call, kind *spanKind) (openSpan, bool) {
	w := &spanWays{file: f, kind: kind}
	if kind.Callback {
		for _, a := range c.Args {
			if a.IsFunc {
				w.region, w.from = a.Span, a.Span.Start
				w.name = firstParameter(f, c, a)
			}
		}
	} else {
		line := strings.LastIndexByte(string(f.Text[:c.Span.Start]), '\n') + 1
		head := strings.TrimSpace(string(f.Text[line:c.Span.Start]))
		m := beforeStart.FindStringSubmatch(head)
		if m == nil || strings.HasPrefix(head, "using") || strings.HasPrefix(head, "await using") || strings.Contains(m[1], ".") {
			return openSpan{}, false
		}
		if c.In == nil || c.In.Kind == source.Class || slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.IsFunc }) || hasBlock(f, c) {
			return openSpan{}, false
		}
		w.name, w.region, w.from = m[1], c.In.Span, c.Span.End
		if c.In.Body.End > c.In.Body.Start {
			w.region = c.In.Body
		}
	}
	if w.name == "" || w.name == "_" {
		return openSpan{}, false
	}
	line, raised, open := w.judge(c)
	return openSpan{call: c, name: w.name, line: line, raised: raised}, open
}

// hasBlock says whether a call of Ruby takes a block, which ends what it opens.
func hasBlock(f *source.File, c *source.Call) bool {
	if f.Lang != source.Ruby {
		return false
	}
	text := piece(f, c.Span)
	return strings.HasSuffix(text, "}") || strings.HasSuffix(text, "end")
}

// firstParameter is the name of the first parameter of a function literal among a call's arguments.
func firstParameter(f *source.File, c *source.Call, a source.Arg) string {
	head := string(f.Text[c.Span.Start:min(max(a.Span.Start, c.Span.Start), len(f.Text))])
	if i := strings.LastIndex(head, "=>"); i >= 0 {
		head = head[:i]
	}
	m := parameterBefore.FindStringSubmatch(head)
	if m == nil {
		m = parameterBefore.FindStringSubmatch(strings.SplitN(a.Text, "=>", 2)[0])
	}
	if m == nil {
		return ""
	}
	return m[1]
}

var parameterBefore = lazy.New(`(?:\(|^|\s|,)\(?\s*(\w+)(?:\s*:\s*[\w.]+)?\s*\)?\s*(?::\s*[\w<>. |]+)?\s*\{?\s*$`)
