package observability

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

//go:embed handlers.yaml
var handlersYAML []byte

// receivers is handlers.yaml, which explains the keys.
type receivers struct {
	Receives []receiving `yaml:"receives"`
	Watches  pattern     `yaml:"watches"`
	Settles  []receiving `yaml:"settles"`
	Looks    pattern     `yaml:"looks"`
	Detaches []receiving `yaml:"detaches"`
}

type receiving struct {
	Languages []string `yaml:"languages"`
	Call      pattern  `yaml:"call"`
	Receiver  pattern  `yaml:"receiver"`
	Argument  pattern  `yaml:"argument"`
	Keyword   pattern  `yaml:"keyword"`
	Guards    string   `yaml:"guards"`
}

var receiverTable = sync.OnceValues(func() (*receivers, error) {
	t := &receivers{}
	if err := yaml.Unmarshal(handlersYAML, t); err != nil {
		return nil, fmt.Errorf("handlers.yaml: %w", err)
	}
	return t, nil
})

// is says whether a call is one of the kind.
func (r receiving) is(f *source.File, c *source.Call) bool {
	if !slices.Contains(r.Languages, family(f.Lang)) || !r.Call.match(c.Name) || r.Receiver.set() && !r.Receiver.match(c.Receiver) {
		return false
	}
	given := func(p pattern) bool {
		return !p.set() || slices.ContainsFunc(c.Args, func(a source.Arg) bool { return p.match(a.Text) || p.match(piece(f, a.Span)) })
	}
	return given(r.Argument) && given(r.Keyword)
}

// The kinds of handler that source does not know.
const (
	kindSettled  = "settled"
	kindDetached = "detached"
)

// handlers are all places of a file that receive an error: the language's own, and those of its libraries.
func (l *lookup) handlers(f *source.File) []*source.Catch {
	list := append(slices.Clone(f.Catches), suppressed(f)...)
	t, err := receiverTable()
	if err != nil {
		return list
	}
	for _, c := range f.Calls {
		for _, r := range t.Receives {
			if r.is(f, c) {
				if k := r.received(t, f, c); k != nil {
					list = append(list, k)
				}
				break
			}
		}
		for _, r := range t.Settles {
			if r.is(f, c) && !t.looksAt(f, c) {
				list = append(list, &source.Catch{Kind: kindSettled, Try: c.Span, Body: c.Span, In: c.In, Span: c.Span})
			}
		}
		for _, r := range t.Detaches {
			if r.is(f, c) && alone(f, c.Span) {
				list = append(list, &source.Catch{Kind: kindDetached, Try: c.Span, Body: c.Span, In: c.In, Span: c.Span})
			}
		}
		if k := calledBack(f, c); k != nil {
			list = append(list, k)
		}
	}
	return append(append(list, l.goneAstray(f)...), l.sentOff(f)...)
}

// received reads a call that is given what to do with an error, nil where the chain before it has seen the error.
func (r receiving) received(t *receivers, f *source.File, c *source.Call) *source.Catch {
	k := &source.Catch{Kind: "promise", In: c.In, Span: c.Span}
	last := len(c.Args) - 1
	switch r.Guards {
	case "first":
		if last < 0 {
			return nil
		}
		k.Kind, k.Try, k.Body = "catch", c.Args[0].Span, c.Span
		if last > 0 && c.Args[1].Keyword == "" {
			k.Returns = c.Args[1].Text
		}
		return k
	case "pipe":
		pipe := around(f, c, "pipe")
		if pipe == nil {
			return nil
		}
		k.Try = source.Span{Line: pipe.Span.Line, EndLine: c.Span.Line, Start: pipe.Span.Start, End: pipe.Span.Start + len(pipe.Receiver)}
	default:
		k.Try = source.Span{Line: c.Span.Line, EndLine: c.Span.EndLine, Start: c.Span.Start, End: min(c.Span.End, c.Span.Start+len(c.Receiver))}
	}
	k.Try.End = min(k.Try.End, len(f.Text))
	for _, before := range f.Calls {
		chain := before.Span.Start == c.Span.Start && before.Span.End < c.Span.End
		if (chain || r.Guards == "pipe" && before.Span.Start >= k.Try.Start && before.Span.End <= c.Span.Start) && t.Watches.match(before.Name) {
			return nil
		}
	}
	if f.Lang == source.Rust {
		k.Kind = "discard"
	}
	if last < 0 { // getOrNull(), onErrorComplete()
		k.Returns, k.Body = "null", source.Span{Line: c.Span.EndLine, EndLine: c.Span.EndLine, Start: c.Span.End, End: c.Span.End}
		return k
	}
	handler := c.Args[last]
	k.Body = handler.Span
	k.Calls = append(k.Calls, within(f, handler.Span)...)
	body := strings.TrimSpace(piece(f, handler.Span))
	k.Name = parameter(handler.Text)
	k.UsesError = k.Name != "" && mentions(body, []string{k.Name})
	k.Rethrows = raising.MatchString(body) || strings.Contains(body, ".error(") && k.UsesError
	if handler.IsFunc && strings.HasPrefix(body, "{") {
		if m := returned.FindStringSubmatch(body); m != nil {
			k.Returns = strings.TrimSpace(m[1])
		} else if f.Lang == source.Kotlin {
			k.Returns = strings.TrimSpace(strings.Trim(body, "{}"))
		}
		return k
	}
	k.Returns = body
	if f.Lang == source.Rust && len(k.Calls) > 0 && !nothing.MatchString(body) && slices.ContainsFunc(k.Calls, func(c *source.Call) bool { return rustLog.MatchString(c.Name) }) {
		return nil
	}
	return k
}

var returned = lazy.New(`\breturn\s+([^;}]+)`)

// lambdaParameter is the first parameter of a function literal.
var lambdaParameter = lazy.New(`^(?:async\s+)?(?:function\s*\w*\s*)?\(?\|?\s*(?:final\s+)?(?:[A-Z][\w<>?.]*\s+)?(\$?[\w$]+)\s*(?::[^,)=|]+)?(?:,[^)|]*)?[)|]?\s*(?:=>|->|\{|\|)`)

func parameter(text string) string {
	if m := lambdaParameter.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// around is the innermost call of a name around another.
func around(f *source.File, c *source.Call, name string) *source.Call {
	var found *source.Call
	for _, o := range f.Calls {
		if o.Name == name && o.Span.Start < c.Span.Start && o.Span.End >= c.Span.End && (found == nil || o.Span.Start > found.Span.Start || o.Span.End < found.Span.End) {
			found = o
		}
	}
	return found
}

// looksAt says whether the code looks for errors among the outcomes of a call.
func (t *receivers) looksAt(f *source.File, c *source.Call) bool {
	if alone(f, c.Span) {
		return false
	}
	end := len(f.Text)
	if c.In != nil && c.In.Span.End >= c.Span.End {
		end = c.In.Span.End
	}
	rest := blankComments(f, source.Span{Start: c.Span.End, End: end})
	// What is given back whole is for the caller to look at.
	return t.Looks.match(rest) || givenBack(f, c)
}

// givenBack says whether a call's value, or the variable that holds it, is returned as it is.
func givenBack(f *source.File, c *source.Call) bool {
	before := lineBefore(f, c.Span.Start)
	if strings.HasPrefix(before, "return") || strings.HasSuffix(before, "=>") {
		return strings.IndexByte(".[", nextByte(f, c.Span.End)) < 0
	}
	m := variableOf.FindStringSubmatch(before)
	if m == nil || c.In == nil || c.In.Span.End <= c.Span.End {
		return false
	}
	rest := piece(f, source.Span{Start: c.Span.End, End: c.In.Span.End})
	return regexp.MustCompile(`\breturn\s+` + m[1] + `\s*(?:;|\n|$|\})`).MatchString(rest)
}

var variableOf = lazy.New(`(\w+)(?:\s*:\s*[^=]+)?\s*=\s*(?:await)?\s*$`)

// lineBefore is what stands on the line before an offset.
func lineBefore(f *source.File, offset int) string {
	text := string(f.Text[:offset])
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// nextByte is the first byte behind an offset that is no space, 0 at the end.
func nextByte(f *source.File, offset int) byte {
	rest := strings.TrimLeft(string(f.Text[offset:min(len(f.Text), offset+200)]), " \t\r")
	if rest == "" {
		return 0
	}
	return rest[0]
}

// dropsValue are the words before an expression whose value is dropped.
var dropsValue = lazy.New(`(?:^|[^\w$])(?:await|void|(?:let |var )?_\s*=)\s*$`)

// alone says whether an expression is a statement of its own, or is given to a name that says it is dropped.
func alone(f *source.File, span source.Span) bool {
	text := strings.TrimSpace(string(f.Text[:span.Start]))
	for {
		at := dropsValue.FindStringIndex(text)
		if at == nil {
			break
		}
		if text = text[:at[1]]; strings.HasSuffix(strings.TrimSpace(text), "=") {
			text = text[:strings.LastIndexByte(text, '_')]
			text = strings.TrimSuffix(strings.TrimSuffix(text, "let "), "var ")
		} else {
			text = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(text), "await"), "void")
		}
		text = strings.TrimSpace(text)
	}
	if m := lastWord.FindString(text); m != "" && valueWord[m] {
		return false
	}
	if text != "" && (strings.IndexByte("=(,?&|+.<[>-", text[len(text)-1]) >= 0 || text[len(text)-1] == ':' && f.Lang != source.Python) {
		return false
	}
	if f.Lang == source.Rust {
		rest := strings.TrimLeft(string(f.Text[span.End:]), " \t\r\n")
		return strings.HasPrefix(rest, ";") || strings.HasPrefix(rest, ".await;")
	}
	return strings.IndexByte("\x00;\n}#/", nextByte(f, span.End)) >= 0
}

var (
	lastWord  = lazy.New(`[A-Za-z]+$`)
	valueWord = map[string]bool{"return": true, "throw": true, "yield": true, "in": true, "of": true, "not": true, "and": true, "or": true, "await": true, "from": true, "new": true}
)
