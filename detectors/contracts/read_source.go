package contracts

import (
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// readSource reads every record of a source file that has one of the wanted keys (nil wants all): literals, members
// read, declared types, keyword arguments and JSON inside its strings.
func readSource(f *source.File, wanted map[string]bool) []*record {
	r := &sourceReader{file: f, wanted: wanted}
	r.enclosing()
	for _, o := range f.Objects {
		parent, under := r.listedIn(o)
		r.object(o, parent, under, nil, 0)
	}
	r.accesses()
	r.parameters()
	r.types()
	r.arguments()
	r.paths()
	for _, s := range texts(f) {
		if strings.Contains(s.Value, "?") && strings.Contains(s.Value, "=") && len(s.Value) < 2000 && r.hasWord(s.Value) {
			for _, rec := range readQueries(f.Path, s.Value, s.Span.Line, r.context(s.Span, s.In)...) {
				rec.lang = string(f.Lang)
				r.found = append(r.found, rec)
			}
		}
		text := strings.TrimSpace(s.Value)
		if len(text) < 6 || !strings.ContainsAny(text[:1], "{[") || !strings.Contains(text, `"`) || !r.hasWord(text) {
			continue
		}
		found := scanJSON(f.Path, s.Value, s.Span.Line, r.context(s.Span, s.In)...)
		for _, rec := range found {
			rec.lang = string(f.Lang)
		}
		r.found = append(r.found, found...)
	}
	return r.found
}

type sourceReader struct {
	file   *source.File
	wanted map[string]bool
	found  []*record
	seen   map[source.Span]bool
	// objects are the records of literals by their place.
	objects map[source.Span]*record
	calls   []*source.Call // sorted by start
}

func (r *sourceReader) enclosing() {
	r.seen, r.objects = map[source.Span]bool{}, map[source.Span]*record{}
	r.calls = slices.Clone(r.file.Calls)
	slices.SortFunc(r.calls, func(a, b *source.Call) int { return a.Span.Start - b.Span.Start })
}

// context is what the code around a place names: the functions it is in and the literals and names of the calls that
// it is an argument of.
func (r *sourceReader) context(span source.Span, in *source.Decl) []string {
	var about []string
	for d := in; d != nil; d = d.Parent {
		about = append(about, d.Name, d.Receiver)
	}
	for _, c := range r.calls {
		if c.Span.Start > span.Start {
			break
		}
		if c.Span.End < span.End {
			continue
		}
		about = append(append(about, c.Name), r.chained(c)...)
		for _, a := range c.Args {
			if a.IsString && len(a.Str) < 200 {
				about = append(about, a.Str)
			}
		}
	}
	return about
}

func (r *sourceReader) object(o *source.Object, parent *record, under string, names []string, depth int) {
	if o == nil || depth > maxNesting || r.seen[o.Span] {
		return
	}
	r.seen[o.Span] = true
	names = append(slices.Clone(names), o.Name, o.Type)
	rec := newRecord(formLiteral, r.file.Path, o.Span.Line, names...)
	rec.lang, rec.declared, rec.spread, rec.parent = string(r.file.Lang), o.Type, o.Spread, parent
	rec.under = under
	r.objects[o.Span] = rec
	for _, k := range o.Keys {
		kind := kindOf(k.Value)
		if k.Child != nil {
			kind = kindObject
		}
		rec.add(wireKey(r.file, o, k), k.Span.Line, kind, k.Value)
	}
	rec.loose = r.symbols(o)
	if r.wants(rec) {
		rec.about = append(rec.about, r.context(o.Span, o.In)...)
		r.found = append(r.found, rec)
	}
	for _, k := range o.Keys {
		r.object(k.Child, rec, strings.Trim(k.Name, `"'`), append(names, k.Name), depth+1)
	}
}

// listedIn is the record and its key in whose list a literal stands: { items: [{...}] }.
func (r *sourceReader) listedIn(o *source.Object) (*record, string) {
	if len(r.file.Objects) > 1000 {
		return nil, ""
	}
	for _, up := range r.file.Objects {
		if up.Span.Start >= o.Span.Start || up.Span.End < o.Span.End {
			continue
		}
		for _, k := range up.Keys {
			if k.Child == nil && k.Span.Start <= o.Span.Start && o.Span.End <= k.Span.End && strings.HasPrefix(strings.TrimSpace(k.Value), "[") {
				return r.objects[up.Span], strings.Trim(k.Name, `"'`)
			}
		}
	}
	return nil, ""
}

// symbols says that the keys of a Ruby hash are symbols.
func (r *sourceReader) symbols(o *source.Object) bool {
	if r.file.Lang != source.Ruby || len(o.Keys) == 0 {
		return false
	}
	first := r.file.Text[o.Keys[0].Span.Start]
	return first != '"' && first != '\''
}

func (r *sourceReader) wants(rec *record) bool {
	if r.wanted == nil {
		return len(rec.keys) > 0
	}
	for name := range rec.keys {
		if r.wanted[name] {
			return true
		}
	}
	return false
}

func (r *sourceReader) hasWord(text string) bool {
	if r.wanted == nil {
		return true
	}
	for name := range r.wanted {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// accesses groups what is read from one value inside one function.
func (r *sourceReader) accesses() {
	type group struct {
		in   *source.Decl
		recv string
		key  bool
	}
	groups := map[group]*record{}
	var order []group
	for _, a := range r.file.Accesses {
		if a.Receiver == "self" || a.Receiver == "this" || a.Receiver == "$this" || len(a.Receiver) > 80 ||
			family(r.file.Path) != "" && (!a.Key || noDocuments.MatchString(a.Receiver)) {
			continue
		}
		g := group{a.In, a.Receiver, a.Key}
		if a.Receiver == "" { // destructured in a function's head: ({ id, total }) => ...
			if g.recv = r.callAround(a.Span); g.recv == "" {
				continue
			}
		}
		rec := groups[g]
		if rec == nil {
			form := formMember
			if a.Key {
				form = formKeyed
			}
			rec = newRecord(form, r.file.Path, a.Span.Line, a.Receiver)
			rec.lang = string(r.file.Lang)
			rec.decoded = r.decoded(a)
			rec.received = received.MatchString(a.Receiver) || a.Receiver == "" || r.parsed(a) || avroReader.Match(r.file.Text)
			groups[g], order = rec, append(order, g)
		}
		kind := r.usedAs(a)
		rec.add(a.Name, a.Span.Line, kind, "")
		if e := rec.keys[a.Name]; e != nil && e.kind == "" && kind != "" {
			e.kind, e.line = kind, a.Span.Line
		}
	}
	for _, g := range order {
		rec := groups[g]
		if !r.wants(rec) {
			continue
		}
		if i := strings.LastIndexByte(g.recv, '.'); i > 0 { // quote.premium.amount: below what is read from quote
			up := strings.TrimRight(g.recv[:i], "?!")
			rec.under = strings.Trim(g.recv[i+1:], "?!")
			if rec.parent = groups[group{g.in, up, g.key}]; rec.parent == nil {
				rec.parent = groups[group{g.in, up, !g.key}]
			}
		}
		if from := r.givenTo(g.in, g.recv); from != "" {
			rec.about = append(rec.about, from)
		}
		for d := g.in; d != nil; d = d.Parent {
			rec.about = append(rec.about, d.Name)
			for _, p := range d.Params {
				if p.Name == g.recv {
					rec.declared = p.Type
					rec.about = append(rec.about, p.Type)
				}
			}
		}
		for _, s := range r.file.Strings { // the route that the value came from
			if s.In == g.in && strings.Contains(s.Value, "/") && len(s.Value) < 200 {
				rec.about = append(rec.about, s.Value)
			}
		}
		r.found = append(r.found, rec)
	}
}

// callAround tells apart the calls that a destructured parameter stands in, by where they start.
func (r *sourceReader) callAround(span source.Span) string {
	found := ""
	for _, c := range r.calls {
		if c.Span.Start > span.Start {
			break
		}
		if c.Span.End >= span.End {
			found = c.Full() + "@" + strconv.Itoa(c.Span.Start)
		}
	}
	return found
}

// parsed says that the value of an access is given what a message is taken apart into: `event = json.loads(m.value())`.
func (r *sourceReader) parsed(a *source.Access) bool { return r.assigned(a, a.Receiver, received) }

// decoded says that the value of an access, or what it is below, comes from JSON that was parsed.
func (r *sourceReader) decoded(a *source.Access) bool {
	if !scoped(r.file.Lang) {
		return false
	}
	root := rootVariable.FindString(a.Receiver)
	return decodes.MatchString(a.Receiver) || root != "" && r.assigned(a, root, decodes)
}

var rootVariable = lazy.New(`^[$@]*[A-Za-z_]\w*`)

// assigned says that a variable is given a text that matches, before the access and in the same function.
func (r *sourceReader) assigned(a *source.Access, variable string, received *lazy.Regexp) bool {
	if !variableName.MatchString(strings.TrimLeft(variable, "@")) {
		return false
	}
	from, to := 0, a.Span.Start
	if a.In != nil {
		from = a.In.Span.Start
	}
	if to < from || to-from > 20_000 {
		return false
	}
	body := string(r.file.Text[from:to])
	for at := strings.LastIndex(body, variable); at >= 0; at = strings.LastIndex(body[:at], variable) {
		line, _, _ := strings.Cut(body[at:], "\n")
		rest := strings.TrimLeft(line[len(variable):], " \t:")
		if given, ok := strings.CutPrefix(rest, "="); ok && !strings.HasPrefix(given, "=") && received.MatchString(given) {
			return true
		}
		if before := body[:at]; strings.HasSuffix(before, "&") && received.MatchString(before[max(0, strings.LastIndexByte(before, '\n')):]) {
			return true // json.Unmarshal(body, &event)
		}
		if given, ok := strings.CutPrefix(rest, "of "); ok && received.MatchString(given) {
			return true
		}
	}
	return false
}

// parameters reads the parameters of functions that a queue calls with a message's keys, as Celery and Dramatiq do.
func (r *sourceReader) parameters() {
	for _, d := range r.file.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || len(d.Params) < 2 {
			continue
		}
		for _, c := range d.Decorators {
			if messageCalls[c.Name] != subscribes && helperCall(c) != subscribes {
				continue
			}
			rec := newRecord(formKeyed, r.file.Path, d.Span.Line, d.Name)
			rec.lang, rec.received = string(r.file.Lang), true
			for _, p := range d.Params {
				if p.Variadic || p.KeywordVariadic || p.Name == "self" {
					continue
				}
				rec.add(p.Name, d.Span.Line, "", "")
			}
			if r.wants(rec) {
				r.found = append(r.found, rec)
			}
		}
	}
}

func (r *sourceReader) types() {
	for _, s := range declaredShapes(r.file, nil) {
		rec := newRecord(formType, r.file.Path, s.line, s.owner)
		rec.lang, rec.wired = string(r.file.Lang), s.wired
		for _, f := range s.fields {
			rec.add(f.wire, f.line, f.kind, "")
		}
		if r.wants(rec) {
			r.found = append(r.found, rec)
		}
	}
}

// arguments reads keyword arguments, as in NoteOut(id=1, title="x").
func (r *sourceReader) arguments() {
	for _, c := range r.file.Calls {
		rec := newRecord(formArgs, r.file.Path, c.Span.Line, c.Name)
		rec.lang, rec.declared = string(r.file.Lang), c.Name
		for _, a := range c.Args {
			if a.Keyword != "" {
				rec.add(a.Keyword, a.Span.Line, kindOf(a.Text), a.Text)
			}
		}
		if r.wants(rec) {
			r.found = append(r.found, rec)
		}
	}
}
