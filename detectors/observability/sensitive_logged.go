package observability

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// SensitiveLogged reports lines that the branch adds and that write a secret or a person's data into a log, a span or an
// error report.
//
//	log.info("identity_received", document=document.model_dump(), authorization=authorization)
var SensitiveLogged = &detectors.Detector{
	ID:    "observability/sensitive-logged",
	Title: "A secret or personal data is written into a log, span or error report",
	Run:   runSensitiveLogged,
}

func runSensitiveLogged(pass *detectors.Pass) error {
	s, err := sensitivities()
	if err != nil {
		return err
	}
	gone := linesRemoved(pass)
	return overSides(pass, func(l *lookup, side side) error {
		r := &leakReader{lookup: l, rules: s, file: side.head}
		r.delicate = s.Delicate.match(side.head.Path)
		person := commandLine(side.head)
		seen := map[int]bool{}
		for _, c := range side.head.Calls {
			if !side.change.TouchedRange(c.Span.Line, c.Span.EndLine) && side.base != nil || seen[c.Span.Line] {
				continue
			}
			sink := l.sink(side.head, c)
			if sink == "" || sink == "the output" && (person || browser(side.head)) || gone[folded(lineOf(side.head, c.Span.Line))] && side.base == nil {
				continue
			}
			if found := r.leaks(c, side); len(found) > 0 {
				seen[c.Span.Line] = true
				pass.Report(leakFinding(side.head.Path, c, sink, found))
			}
		}
		r.personalByDefault(side)
		r.instrumented(side)
		r.unredacted(side)
		return nil
	})
}

// leak is one sensitive value that a call writes.
type leak struct {
	// name is the value's, holds what of it is sensitive where it is a thing with fields.
	name  string
	holds []string
	care  care
	span  source.Span
	// origin is where the value or its type is declared, line 0 for none.
	origin detectors.Related
}

// leakReader judges the values of one file.
type leakReader struct {
	*lookup
	rules *sensitivity
	file  *source.File
	// delicate says that the file's path has to do with signing in, paying or identity.
	delicate bool
}

// leaks are the sensitive values that a call writes on lines of the branch.
func (r *leakReader) leaks(c *source.Call, s side) []leak {
	var list []leak
	for _, w := range valuesOf(r.rules, r.file, c) {
		if s.base != nil && !s.change.TouchedRange(w.span.Line, w.span.EndLine) {
			continue
		}
		found, ok := r.judgeValue(w, c, 0)
		if !ok || slices.ContainsFunc(list, func(l leak) bool { return l.name == found.name }) || r.redacted(cmp.Or(w.key, found.name), found) {
			continue
		}
		list = append(list, found)
	}
	return list
}

// around says whether the code around a call signs in, pays or identifies.
func (r *leakReader) around(c *source.Call) bool {
	return r.delicate || c.In != nil && r.rules.Delicate.match(c.In.Name) || slices.ContainsFunc(r.file.Calls, func(o *source.Call) bool {
		return o.Span.Start <= c.Span.Start && o.Span.End > c.Span.End && len(o.Args) > 1 && o.Args[0].IsString && strings.HasPrefix(o.Args[0].Str, "/") && r.rules.Delicate.match(o.Args[0].Str)
	})
}

// inHandler says whether a line is written by a handler of requests, above the level of debugging.
func (r *leakReader) inHandler(c *source.Call) bool {
	if m := levelWord.FindStringSubmatch(c.Name); m != nil && levelRank[strings.ToLower(m[1])] == levelDebug {
		return false
	}
	return slices.ContainsFunc(r.triggersIn(r.file), func(t *trigger) bool {
		return t.kind == kindRoute && t.file == r.file && t.span.Start <= c.Span.Start && t.span.End >= c.Span.End
	})
}

// judgeValue judges one value; deep counts the assignments followed.
func (r *leakReader) judgeValue(w written, c *source.Call, deep int) (leak, bool) {
	text := strings.TrimSpace(w.text)
	if text == "" || constant(text) || r.rules.Harmless.match(text) || len(text) > 200 {
		return leak{}, false
	}
	text = strings.TrimLeft(text, "%?&*")
	whole := text
	if m := r.rules.Dumps.find(text); m != "" {
		whole = m
	} else if at := r.rules.Methods.at(text); at > 0 && !r.rules.Bodies.match(text) {
		whole = text[:at]
	}
	if r.rules.Headers.match(whole) {
		return leak{name: whole, holds: []string{"authorization", "cookies"}, care: grave, span: w.span}, true
	}
	if r.rules.Bodies.match(text) || r.rules.Bodies.match(whole) {
		return leak{name: whole, care: grave, span: w.span, holds: []string{"whatever the caller sent"}}, (r.around(c) || r.inHandler(c)) && !strings.Contains(whole, "?")
	}
	if !expressionPath.MatchString(whole) {
		return leak{}, false
	}
	name := terminal(whole)
	switch r.rules.of(name) {
	case grave:
		if shape, known := r.typed(name, c); known && !textual(shape) && !strings.Contains(whole, ".") {
			return r.object(name, shape, w)
		}
		if r.assignedHarmless(name, c) {
			return leak{}, false
		}
		return leak{name: name, care: grave, span: w.span}, true
	case contextual:
		shape, known := r.typed(name, c)
		if known && !textual(shape) {
			return r.object(name, shape, w)
		}
		return leak{name: name, care: grave, span: w.span}, r.around(c) && known && textual(shape) && !r.assignedHarmless(name, c)
	case mild:
		return leak{name: name, care: mild, span: w.span}, !r.assignedHarmless(name, c)
	case careless:
	}
	if w.key != "" && r.rules.of(w.key) == grave && !metaName.MatchString(snake(name)) && !strings.Contains(whole, "(") {
		return leak{name: w.key, care: grave, span: w.span}, true
	}
	if shape, known := r.typed(name, c); known && !strings.ContainsAny(whole, ".[(") {
		return r.object(name, shape, w)
	}
	if deep == 0 && !strings.ContainsAny(whole, ".[(") {
		if d := r.assigned(name, c); d != nil {
			if found, ok := r.judgeValue(written{text: d.text, span: w.span}, c, 1); ok && found.care == grave {
				found.origin = detectors.Related{Path: r.file.Path, Line: d.line, Message: fmt.Sprintf("%s holds %s", name, found.name)}
				return found, true
			}
		}
	}
	return leak{}, false
}

// metaName is the end of a value that only speaks of a secret: its name, id, type.
var metaName = lazy.New(`(?:^|_)(?:name|id|ids|uuid|type|kind|path|key|count|status|state|version|len|length|size|expiry|expires(?:_at|_in)?|ttl|at|ok|err|error|exists|valid|present|provided|set|changed|enabled|result|method|provider|scheme|url|uri|reason|source|required|policy|strength|result|response|code|last4|last_four|hash|hint|masked|redacted)$`)

// typed is the declared type of a name in the function around a call.
func (r *leakReader) typed(name string, c *source.Call) (string, bool) {
	for d := c.In; d != nil; d = d.Parent {
		for _, p := range d.Params {
			if p.Name == name && p.Type != "" {
				return p.Type, true
			}
		}
	}
	for _, o := range r.file.Calls { // (AdmissionRequest request, ILogger log) => ...
		if o.Span.Start > c.Span.Start || o.Span.End < c.Span.End || o == c {
			continue
		}
		for _, a := range o.Args {
			if !a.IsFunc || a.Span.Start > c.Span.Start || a.Span.End < c.Span.End {
				continue
			}
			header := a.Text[:min(len(a.Text), 400)]
			if i := strings.IndexByte(header, '{'); i > 0 {
				header = header[:i]
			}
			if m := regexp.MustCompile(`([A-Z][\w<>?]*)\s+` + regexp.QuoteMeta(name) + `\s*[,)]|[(,{\s]` + regexp.QuoteMeta(name) + `\s*:\s*([A-Z]\w*)`).FindStringSubmatch(header); m != nil {
				return m[1] + m[2], true
			}
		}
	}
	if d := r.assigned(name, c); d != nil {
		if m := constructed.FindStringSubmatch(d.text); m != nil {
			return m[1], true
		}
		if m := calledName.FindStringSubmatch(d.text); m != nil {
			for _, p := range r.resolve(r.file, m[2], strings.TrimSuffix(m[1], "."), source.Function, source.Method) {
				if len(p.decl.Results) > 0 && typeName.MatchString(p.decl.Results[0]) {
					return p.decl.Results[0], true
				}
			}
		}
		if strings.ContainsAny(d.text, "\"'`") || strings.Contains(strings.ToLower(d.text), "token") {
			return "string", true
		}
	}
	return "", false
}

// constructed is a value of a type that the line spells out.
var constructed = lazy.New(`^(?:new\s+|&|await\s+)?([A-Z]\w+)\s*[({]`)

// calledName is a call of a plain function or method, whose result is the whole value.
var calledName = lazy.New(`^(?:await\s+)?([\w.]*?)(\w+)\([^()]*\)(?:\.await)?\??$`)

// textual says whether a type is text.
func textual(shape string) bool {
	switch strings.ToLower(strings.Trim(shape, "*&?[] ")) {
	case "string", "str", "&str", "bytes", "byte", "char", "any", "object", "interface{}", "unknown", "string | undefined", "string | null", "str | none", "optional[str]", "text":
		return true
	}
	return strings.Contains(shape, "String") || strings.Contains(shape, "str")
}

// assigned is the last assignment to a variable before a call in its function, nil for none.
func (r *leakReader) assigned(name string, c *source.Call) *assignment {
	return assignedBefore(r.file, c, name)
}

func (r *leakReader) assignedHarmless(name string, c *source.Call) bool {
	d := r.assigned(name, c)
	return d != nil && r.rules.Harmless.match(d.text)
}

func leakFinding(p string, c *source.Call, sink string, found []leak) detectors.Finding {
	severity := detectors.Note
	var names, evidence []string
	var related []detectors.Related
	for _, l := range found {
		if l.care == grave {
			severity = detectors.Warning
		}
	}
	symbol := ""
	for _, l := range found {
		if severity == detectors.Warning && l.care != grave {
			continue
		}
		symbol = cmp.Or(symbol, l.name)
		text := clip(l.name)
		if len(l.holds) > 0 {
			text += " (with " + strings.Join(l.holds, ", ") + ")"
		}
		names, evidence = append(names, text), append(evidence, l.name)
		if l.origin.Line > 0 {
			related = append(related, l.origin)
		}
	}
	return detectors.Finding{
		Severity: severity, Path: p, Line: c.Span.Line, EndLine: c.Span.EndLine, Symbol: symbol,
		Message:  fmt.Sprintf("%s goes into %s", strings.Join(names, " and "), sink),
		Why:      "Logs are copied to more places and read by more people than the database, and nobody can take a line back: secrets in them must be changed, personal data deleted.",
		Fix:      "Write an id, a kind or a masked end instead, or give the type a text form that hides the field.",
		Evidence: append([]string{c.Name}, evidence...), Related: related,
	}
}
