package observability

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// The outbound calls and clients of a file, found by the call, by the client's construction or type, or by the text.

// waits finds the outbound calls and clients of one file.
func waits(rules []*outbound, f *source.File) []wait {
	var list []wait
	for _, r := range rules {
		if !slices.Contains(r.Languages, f.Lang) || !names(f, r.Modules) {
			continue
		}
		if r.Type.set() {
			for _, o := range f.Objects {
				if r.Type.match(o.Type) {
					list = append(list, wait{r, strings.TrimLeft(o.Type, "*&"), o.Span, o.In, r.ends(f, o.Span, o.In)})
				}
			}
			continue
		}
		if r.Text.set() {
			list = append(list, r.written(f)...)
			continue
		}
		var made []string
		if r.Made.set() || r.Typed.set() {
			if made = r.clients(f); len(made) == 0 || r.inFile(f) {
				continue
			}
		}
		for _, c := range f.Calls {
			if !r.Call.match(c.Name) || r.Receiver.set() && !r.Receiver.match(receiverOf(f, c)) || r.Empty && len(c.Args) > 0 ||
				r.Constructs && !c.New && f.Lang != source.Kotlin || made != nil && !slices.Contains(made, lastIdentifier(c.Receiver)) ||
				r.Given.set() && !r.Given.match(argumentsOf(c)) {
				continue
			}
			if !talks(f, c) {
				continue
			}
			list = append(list, wait{r, c.Full(), c.Span, c.In, r.ends(f, c.Span, c.In)})
		}
	}
	return list
}

// receiverOf is a call's receiver; that of a function which is imported by its name is its module.
func receiverOf(f *source.File, c *source.Call) string {
	if c.Receiver != "" || f.Lang != source.Python {
		return c.Receiver
	}
	for _, i := range f.Imports {
		if slices.ContainsFunc(i.Names, func(n source.ImportedName) bool { return n.Name == c.Name && n.Alias == "" }) {
			return i.Path
		}
	}
	return ""
}

// inFile says whether the file gives its clients an end.
func (r *outbound) inFile(f *source.File) bool { return r.File.set() && r.File.Match(f.Text) }

// argumentsOf is what a call is given, folded.
func argumentsOf(c *source.Call) string {
	var list []string
	for _, a := range c.Args {
		list = append(list, a.Text)
	}
	return strings.Join(list, ", ")
}

// assignsTo ends what stands before a value that is given to a name.
var assignsTo = lazy.New(`([\w$@]+)(?:\s*:\s*[^=:\n]+)?\s*(?::=|=>|=|:)\s*(?:await\s+|new\s+|&)*$`)

// clients are the names by which a file calls the clients that it makes without an end, or is given by their type.
func (r *outbound) clients(f *source.File) []string {
	list := []string{}
	if r.Made.set() {
		for _, at := range r.Made.FindAllStringIndex(string(f.Text), 20) {
			line, _, _ := strings.Cut(string(f.Text[at[0]:]), "\n")
			if m := assignsTo.FindStringSubmatch(lineBefore(f, at[0])); m != nil && !commented(f, at[0]) && !r.Bounded.match(line) {
				list = append(list, strings.TrimLeft(m[1], "$@"))
			}
		}
	}
	if r.Typed.set() {
		for _, d := range f.Decls {
			if (d.Kind == source.Field || d.Kind == source.Var || d.Kind == source.Const) && r.Typed.match(d.Type) {
				list = append(list, strings.TrimLeft(d.Name, "$@"))
			}
			for _, p := range d.Params {
				if r.Typed.match(p.Type) {
					list = append(list, strings.TrimLeft(p.Name, "$@"))
				}
			}
		}
	}
	return list
}

// written are the places whose text is the client, where no call says it.
func (r *outbound) written(f *source.File) []wait {
	if r.inFile(f) {
		return nil
	}
	var list []wait
	for _, at := range r.Text.FindAllStringIndex(string(f.Text), 10) {
		if commented(f, at[0]) {
			continue
		}
		line := 1 + strings.Count(string(f.Text[:at[1]]), "\n")
		span := source.Span{Line: line, EndLine: line, Start: at[0], End: at[1]}
		var in *source.Decl
		for _, d := range f.Decls {
			if d.Span.Start <= at[0] && d.Span.End >= at[1] && d.Body.End > d.Body.Start && (in == nil || d.Span.Start >= in.Span.Start) {
				in = d
			}
		}
		rest, _, _ := strings.Cut(string(f.Text[at[1]:]), "\n")
		list = append(list, wait{r, r.Thing, span, in, r.Bounded.match(rest) || r.Around.set() && in != nil && r.Around.match(piece(f, in.Span))})
	}
	return list
}

// boundedByFolder says whether another file of the folder, or of one above it, gives the client its end.
func (l *lookup) boundedByFolder(r *outbound, p string) bool {
	if r.Folder == nil {
		return false
	}
	for _, q := range l.namingAny(r.Folder.Word) {
		if dir := path.Dir(q); dir != "." && dir != path.Dir(p) && !strings.HasPrefix(path.Dir(p), dir+"/") {
			continue
		}
		if text, err := l.pass.Branch.ReadHead(q); err == nil && r.Folder.Sets.Match(text) {
			return true
		}
	}
	return false
}

// names says whether a file imports or names one of the modules; none means yes.
func names(f *source.File, modules []string) bool {
	if len(modules) == 0 || importsAny(f, modules) {
		return true
	}
	switch f.Lang {
	case source.PHP, source.Ruby, source.Rust, source.Kotlin:
		for _, m := range modules {
			if strings.Contains(string(f.Text), m) {
				return true
			}
		}
	default:
	}
	return false
}

// talks says whether a call that goes by a wide name really leaves the process.
func talks(f *source.File, c *source.Call) bool {
	switch f.Lang {
	case source.TypeScript, source.JavaScript:
		if browser(f) || onDevice.MatchString(f.Path) || c.Receiver == "" && c.Name != "fetch" && c.Name != "axios" && c.Name != "got" {
			return false
		}
		// A relative address is the page's own server; options in a variable may hold anything.
		if len(c.Args) > 0 && strings.HasPrefix(strings.Trim(c.Args[0].Text, "\"'`"), "/") {
			return false
		}
		if len(c.Args) == 1 && c.Name == "fetch" {
			first := c.Args[0]
			return first.IsString || strings.HasPrefix(first.Text, "`") || !strings.Contains(strings.ToLower(first.Text), "req")
		}
		for _, a := range c.Args[min(1, len(c.Args)):] {
			if !strings.HasPrefix(a.Text, "{") && c.Name == "fetch" {
				return false
			}
		}
		if c.Receiver == "axios" && c.Name != "create" && len(c.Args) > 0 {
			last := c.Args[len(c.Args)-1].Text
			return len(c.Args) == 1 || strings.HasPrefix(last, "{")
		}
	case source.Python:
		for _, d := range f.Decls { // a module of the repository may be called requests
			if d.Name == c.Receiver && d.Kind == source.Class {
				return false
			}
		}
	default:
	}
	return true
}

// ends says whether something gives the call an end: in it, in the chain around it, or in the code around it.
func (r *outbound) ends(f *source.File, span source.Span, in *source.Decl) bool {
	text := string(f.Text[span.Start:span.End])
	if r.Explicit.set() {
		return !r.Explicit.match(text)
	}
	if r.Bounded.match(text) {
		return true
	}
	for _, c := range f.Calls { // .build() at the chain's end, requests.get(...) inside wait_for(...)
		if c.Span.Start <= span.Start && c.Span.End > span.End && c.Span.End-c.Span.Start < 4000 {
			if outer := string(f.Text[c.Span.Start:span.Start]) + string(f.Text[span.End:c.Span.End]); r.Bounded.match(outer) && c.Span.Start == span.Start || boundsAround.MatchString(c.Name) {
				return true
			}
		}
	}
	if r.inFile(f) {
		return true
	}
	if !r.Around.set() {
		return false
	}
	around := f.Text
	if in != nil && in.Span.End > in.Span.Start {
		around = f.Text[in.Span.Start:in.Span.End]
	}
	return r.Around.Match(around)
}

// boundsAround are functions that give what they are passed an end.
var boundsAround = lazy.New(`(?i)^(?:with_?)?timeout$|^wait_for$|^(?:with|p|race)_?Timeout$|^timeout_at$|^withTimeoutOrNull$`)
