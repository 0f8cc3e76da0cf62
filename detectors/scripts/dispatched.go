package scripts

// Handlers that a table of names hands messages to, and what they ask through functions of their own package.

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// bodyParam is the name or type of what a message carries.
var bodyParam = lazy.New(`(?i)^(body|payload|data|raw|msg|message|event|evt|envelope|job|record|args|json)$|json\.RawMessage|\[\]byte|JsonNode|JsonElement|serde_json::Value|Value$|Event\b|Message\b|Payload\b`)

// dispatched are the functions of a file that take a message's body and stand behind a name in a table or a registration
// of the repository: "shift.ended": shiftEnded, on("shift.ended", shiftEnded).
func (c *receiving) dispatched(f *source.File, file *branch.File) map[*source.Decl]string {
	found := map[*source.Decl]string{}
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || len(d.Name) < 4 || !file.TouchedRange(d.Span.Line, d.Span.EndLine) || !takesBody(d) || len(effectsIn(f, d)) == 0 {
			continue
		}
		naming, err := c.pass.Source.Naming(c.pass.Context, d.Name)
		if err != nil {
			return found
		}
		row, err := regexp.Compile(`["'][\w.:/-]+["']\s*[\])]?\s*(:|=>|,|=|->)\s*(&|::)?(\w+(\.|::))*` + regexp.QuoteMeta(d.Name) + `\s*[,)}\]\n;]`)
		if err != nil {
			continue
		}
		files := naming[d.Name]
		for _, p := range files[:min(8, len(files))] {
			if source.LanguageOf(p) != f.Lang || source.IsTest(p) || aside(p) {
				continue
			}
			if text := c.readHead(p); len(text) < maxHandler && row.Match(text) {
				found[d] = c.receivesAnywhere()
				break
			}
		}
	}
	return found
}

func takesBody(d *source.Decl) bool {
	for _, p := range d.Params {
		if bodyParam.MatchString(p.Name) || bodyParam.MatchString(p.Type) {
			return true
		}
	}
	return false
}

// asks says whether a function looks at what it has handled, by itself or by a function that it calls: one of its file or
// of a file beside it.
func (c *receiving) asks(f *source.File, d *source.Decl) bool {
	if asksFirst(declText(f, d)) {
		return true
	}
	for _, call := range f.Calls {
		if call.Span.Start < d.Span.Start || call.Span.End > d.Span.End || len(call.Name) < 3 {
			continue
		}
		for _, own := range f.Decls {
			if own != d && own.Name == call.Name && (own.Kind == source.Function || own.Kind == source.Method) && asksFirst(declText(f, own)) {
				return true
			}
		}
		if c.neighbourFunctionAsks(f, call.Name) {
			return true
		}
	}
	return false
}

func (c *receiving) neighbourFunctionAsks(f *source.File, name string) bool {
	naming, err := c.pass.Source.Naming(c.pass.Context, name)
	if err != nil || len(naming[name]) > 30 { // a name that is everywhere is a library's
		return false
	}
	read := 0
	for _, p := range naming[name] {
		if p == f.Path || source.LanguageOf(p) != f.Lang || source.IsTest(p) || aside(p) || path.Dir(p) != path.Dir(f.Path) && !strings.Contains(string(f.Text), strings.TrimSuffix(path.Base(p), path.Ext(p))) {
			continue
		}
		if read++; read > 6 {
			break
		}
		other, err := c.pass.Source.Head(p)
		if err != nil || other == nil {
			continue
		}
		for _, d := range other.Decls {
			if d.Name == name && (d.Kind == source.Function || d.Kind == source.Method) && asksFirst(declText(other, d)) {
				return true
			}
		}
	}
	return false
}
