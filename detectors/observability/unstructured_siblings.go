package observability

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What the log lines of a service have in common, and lines of the branch that lack it.

// enoughLines is the number of sibling lines from which they are a custom.
const enoughLines = 4

// composed reports a line whose message is put together from values, where the siblings give the values as fields.
func (r *lineReader) composed(s side, fresh func(*source.Call) bool) (detectors.Finding, bool) {
	for _, c := range s.head.Calls {
		if !isLine(r.lookup, s.head, c) || styleOf(s.head, c) != messageComposed || !fresh(c) {
			continue
		}
		example, with, without := r.siblingLines(s, func(f *source.File, o *source.Call) (has, lacks bool) {
			style := styleOf(f, o)
			return style == messageWithFields, style == messageComposed
		})
		if with < enoughLines || without*8 > with {
			return detectors.Finding{}, false
		}
		return lineFinding(s.head, c, example,
			fmt.Sprintf("the message of %s is put together from values, where the other lines give them as fields", clip(c.Full())),
			"Each line is a text of its own: nobody can group by the message, search by the value or alert on it.",
			"Keep the message constant and give the values as fields"), true
	}
	return detectors.Finding{}, false
}

// uncorrelated reports a line in a handler without the request's context, where the siblings give it.
func (r *lineReader) uncorrelated(s side, fresh func(*source.Call) bool) (detectors.Finding, bool) {
	rule, ok := r.style.Correlates[family(s.head.Lang)]
	if !ok {
		return detectors.Finding{}, false
	}
	belongs := func(f *source.File, c *source.Call) bool {
		return rule.match(c.Full()) || rule.match(madeFrom(f, c)+"."+c.Name) || givesContext(f, c)
	}
	for _, c := range s.head.Calls {
		if !isLine(r.lookup, s.head, c) || belongs(s.head, c) || !fresh(c) || !atHand(r, s.head, c) {
			continue
		}
		var at *source.File
		var around []*trigger
		example, with, without := r.siblingLines(s, func(f *source.File, o *source.Call) (has, lacks bool) {
			if has = belongs(f, o); has || f.Lang == source.Go {
				return has, !has && contextAround(f, o.Span.Start) != ""
			}
			if at != f {
				at, around = f, r.triggersIn(f)
			}
			return false, slices.ContainsFunc(around, func(t *trigger) bool {
				return t.file == f && t.span.Start <= o.Span.Start && t.span.End >= o.Span.End
			})
		})
		if with == 0 || without > 0 && with < enoughLines || without*5 > with || with < enoughLines && s.head.Lang == source.Go && !r.takesFromContext() || r.mixesIn(s.head, c) {
			return detectors.Finding{}, false
		}
		return lineFinding(s.head, c, example,
			fmt.Sprintf("%s logs without the request's context, which the other lines give", clip(c.Full())),
			"The line has no trace or request id: whoever follows one failing request does not find it.",
			"Log through the request's logger, or with its context"), true
	}
	return detectors.Finding{}, false
}

// madeFrom is what a line's logger was made of, above the line in its function: `req.log` for `const logger =
// req.log.child(...)`, empty where it is none of its variables.
func madeFrom(f *source.File, c *source.Call) string {
	if c.Receiver == "" || strings.ContainsAny(c.Receiver, ".()[] ") {
		return ""
	}
	from := 0
	if c.In != nil {
		from = c.In.Span.Start
	}
	above := f.Text[min(from, c.Span.Start):c.Span.Start]
	for _, m := range slices.Backward(assigned.FindAllSubmatch(above, -1)) {
		if string(m[1]) == c.Receiver {
			made := string(m[2])
			return made[:max(0, strings.LastIndexByte(made, '.'))]
		}
	}
	return ""
}

// assigned is a variable that takes the result of a method.
var assigned = lazy.New(`([\w$]+)\s*:?=\s*(?:await\s+)?([\w$]+(?:(?:\.|\?\.|->)[\w$]+)+)\s*\(`)

// mixesIn says whether the logger of a line gets the request's id from the surroundings by itself.
func (r *lineReader) mixesIn(f *source.File, c *source.Call) bool {
	ids := identifiers(c.Receiver)
	if len(ids) == 0 {
		return false
	}
	for _, p := range r.resolve(f, ids[0], "", source.Const, source.Var, source.Function, source.Class) {
		if ambient.Match(p.file.Text) {
			return true
		}
	}
	return false
}

// takesFromContext says whether the service's log handler for Go adds what the context holds: then a line without it has no id.
func (r *lineReader) takesFromContext() bool {
	for _, word := range []string{"slog.Record", "slogctx", "slog-context", "otelslog"} {
		for _, p := range r.naming(word) {
			f := r.read(p)
			if f == nil || f.Lang != source.Go {
				continue
			}
			if word != "slog.Record" {
				return true
			}
			for _, d := range f.Decls {
				if d.Name == "Handle" && d.Kind == source.Method && fromContext.MatchString(blankComments(f, d.Span)) {
					return true
				}
			}
		}
	}
	return false
}

// fromContext takes a value out of a context.
var fromContext = lazy.New(`FromContext\(|\bctx\.Value\(|\bctxkey|GetRequestID\(`)

// ambient is code that keeps values for the length of a request.
var ambient = lazy.New(`AsyncLocalStorage|\bmixin\b|cls-hooked|cls-rtracer|nestjs-cls|async_hooks|contextvars|\bMDC\b|defaultMeta\s*:\s*\(\)|getStore\(`)

func lineFinding(f *source.File, c *source.Call, example spot, message, why, fix string) detectors.Finding {
	where := ""
	if c.In != nil {
		where = c.In.Name
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: c.Span.Line, EndLine: c.Span.EndLine, Symbol: c.Full(),
		Message: message, Why: why, Fix: fmt.Sprintf("%s, as in %s:%d.", fix, example.file.Path, example.line), Evidence: []string{where, piece(f, c.Span)},
	}
}

// isLine says whether a call writes a log line by itself, with a message.
func isLine(l *lookup, f *source.File, c *source.Call) bool {
	return l.words.classify(f, c).has(logged) && len(c.Args) > 0 && lineName.MatchString(c.Name) && !strings.Contains(c.Receiver, "(\"")
}

// lineName are the methods of loggers that write a line.
var lineName = lazy.New(`^(?i:trace|debug|info|information|notice|warn|warning|error|critical|fatal|exception)(?:Context|Ctx|w|f|s)?$|^Log(?:Trace|Debug|Information|Warning|Error|Critical)$`)

// siblingLines counts the lines of the service that have something and that lack it, the branch's own new files left out.
func (r *lineReader) siblingLines(s side, judge func(*source.File, *source.Call) (has, lacks bool)) (example spot, with, without int) {
	var paths []string
	for _, w := range r.style.Logs[family(s.head.Lang)] {
		for _, p := range r.naming(w) {
			if !slices.Contains(paths, p) && r.serving(s, p) && !r.added(p) {
				paths = append(paths, p)
			}
		}
	}
	for _, p := range closest(s.head.Path, paths, maxStyled) {
		f := r.read(p)
		if p == s.head.Path {
			f = s.base
		}
		if f == nil {
			continue
		}
		for _, c := range f.Calls {
			if !isLine(r.lookup, f, c) {
				continue
			}
			has, lacks := judge(f, c)
			if has {
				if with++; example.file == nil {
					example = spot{f, c.Span.Line}
				}
			}
			if lacks {
				without++
			}
		}
	}
	return example, with, without
}

// messageStyle is how a log line gives its values.
type messageStyle int

// The styles: no values; beside a constant message; inside of the message.
const (
	messageOnly messageStyle = iota
	messageWithFields
	messageComposed
)

// styleOf reads the style of one line.
func styleOf(f *source.File, c *source.Call) messageStyle {
	message := -1
	for i, a := range c.Args {
		if a.Keyword == "" && (a.IsString || composedText(f, a)) {
			message = i
			break
		}
	}
	switch {
	case message < 0:
		return messageOnly
	case !c.Args[message].IsString || strings.HasSuffix(c.Name, "f") && f.Lang == source.Go && len(c.Args) > message+1:
		if len(c.Args) > message+1 && f.Lang != source.Go {
			return messageOnly // both: a message with a value, and fields
		}
		return messageComposed
	case f.Lang == source.Rust:
		if rustPlaceholder.MatchString(c.Args[message].Str) {
			return messageComposed
		}
		if message > 0 {
			return messageWithFields
		}
		return messageOnly
	case len(c.Args) > 1:
		return messageWithFields
	}
	return messageOnly
}

var rustPlaceholder = lazy.New(`\{[\w:?#.]*\}`)

// composedText says whether an argument is a text put together from values.
func composedText(f *source.File, a source.Arg) bool {
	text := strings.TrimSpace(a.Text)
	switch {
	case a.IsFunc || strings.HasPrefix(text, "{"):
		return false
	case strings.HasPrefix(text, "fmt.Sprintf("), strings.HasPrefix(text, "String.format("), strings.HasPrefix(text, "string.Format("), strings.HasPrefix(text, "sprintf("), strings.HasPrefix(text, "format!("):
		return true
	case !quoted.MatchString(text):
		return false
	}
	interpolated := slices.ContainsFunc(stringsIn(f, a.Span), func(s *source.String) bool { return s.Interpolated })
	return interpolated || strings.Contains(text, ".format(") || joinedText.MatchString(text) || strings.Contains(text, "\" %") || strings.Contains(text, "' %")
}

var joinedText = lazy.New("[\"'`]\\s*(?:\\+|\\.)\\s*[\\w$(]")

// givesContext says whether a Go call is given the context as its first argument.
func givesContext(f *source.File, c *source.Call) bool {
	if f.Lang != source.Go || len(c.Args) == 0 {
		return false
	}
	first := c.Args[0].Text
	return first == "ctx" || strings.HasSuffix(first, "Context()") || strings.HasSuffix(strings.ToLower(first), "ctx")
}

// atHand says whether the request's context or logger is in reach of a line.
func atHand(r *lineReader, f *source.File, c *source.Call) bool {
	if f.Lang != source.Go {
		return r.trigger(c.Span) != nil
	}
	if contextAround(f, c.Span.Start) == "" {
		return false
	}
	loggerHere := false // a local logger may hold the context
	inspectAround(f, c.Span.Start, func(n ast.Node) {
		if d, ok := n.(*ast.FuncDecl); ok && d.Body != nil {
			first := strings.TrimSpace(strings.SplitN(c.Receiver, ".", 2)[0])
			loggerHere = regexp.MustCompile(`\b` + regexp.QuoteMeta(first) + `\s*(?:,\s*\w+\s*)?:=`).MatchString(nodeText(f, d.Body))
			for _, p := range d.Type.Params.List {
				for _, name := range p.Names {
					loggerHere = loggerHere || name.Name == first
				}
			}
		}
	})
	return !loggerHere
}
