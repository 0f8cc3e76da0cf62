package references

// The reader of one file: reads with their names resolved, through constants and the parameters of helpers.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// reader collects the references of one parsed file.
type reader struct {
	*source.File
	repo    *Repository
	refs    []Reference
	learned []Helper
	// standing are names for the whole environment, lookups those of functions that look a variable up; nil before the first
	// question.
	standing, lookups map[string]bool
}

func newReader(f *source.File, repo *Repository) *reader {
	if repo == nil {
		repo = &Repository{}
	}
	return &reader{File: f, repo: repo}
}

// collect reads what the language itself and its libraries read the environment with.
func (r *reader) collect() {
	switch r.Lang {
	case source.Go:
		r.golang()
	case source.Python:
		r.python()
	case source.TypeScript, source.JavaScript:
		r.javascript()
	case source.Ruby:
		r.ruby()
	case source.Java, source.Kotlin:
		r.jvm()
	case source.Rust:
		r.rust()
	case source.PHP:
		r.php()
	case source.CSharp:
		r.csharp()
	}
}

// form is what a way of reading does by itself.
type form struct {
	// fails: it throws, panics or returns an error when the variable is absent.
	fails bool
	// asks: it only says whether the variable is there.
	asks bool
	// fallback is the text of the default that it is given.
	fallback string
	// optional: it is content with an absent variable.
	optional bool
	typ      Type
	// key: what is read is a key of structured configuration; variable is the other name of it.
	key      bool
	variable func(string) string
}

// read adds one read: of a name, or, inside of a function that is given the name, a helper.
func (r *reader) read(key source.Arg, span source.Span, in *source.Decl, how form) {
	k := r.keyOf(key, in)
	if k.name == "" && k.param == "" {
		return
	}
	u := r.use(span, how)
	if k.param != "" {
		r.learn(in, k, u)
		return
	}
	ref := u.reference(k.name, span.Line)
	ref.Place = r.place(in, u.taker)
	ref.Key = how.key
	if how.variable != nil {
		ref.Variable = how.variable(k.name)
	}
	r.refs = append(r.refs, ref)
}

// named adds a reference whose absence is known from a declaration: a tag, a field, a schema.
func (r *reader) named(name string, span source.Span, in *source.Decl, taker string, u use) {
	if name == "" {
		return
	}
	ref := u.reference(name, span.Line)
	ref.Place = r.place(in, taker)
	r.refs = append(r.refs, ref)
}

// place is the declarations around a read and the name that takes its value.
func (r *reader) place(in *source.Decl, taker string) string {
	var words []string
	for d := in; d != nil && len(words) < 4; d = d.Parent {
		words = append([]string{d.Name}, words...)
	}
	if taker != "" {
		words = append(words, taker)
	}
	return strings.Join(words, ".")
}

// key is the name that an argument gives: a name, or a parameter of the function around with what it is put behind.
type key struct {
	name, param, prefix string
	upper               bool
}

var (
	joined   = lazy.New("^(?:[fF$@]*[\"'`]([A-Z][A-Z0-9_]*_)(?:[\"'`]\\s*[+.]\\s*|\\$?#?\\{\\s*))(\\$?\\w+)([\\w.()!: ]*)\\}?[\"'`]?$")
	printed  = lazy.New(`^(?:fmt\.Sprintf|format!|String\.format|sprintf)\(\s*"([A-Z][A-Z0-9_]*_)(?:%s|\{\})"\s*,\s*(\$?\w+)([\w.()]*)\s*\)$`)
	uppering = lazy.New(`^(?:strings\.ToUpper|strtoupper)\(\s*(\$?\w+)\s*\)$|^(\$?\w+)\.(?:upper|toUpperCase|uppercase|upcase|to_uppercase|ToUpper|ToUpperInvariant)\b(?:\(\))?$`)
	simple   = lazy.New(`^[&*]?\$?[\w.:]+$`)
)

// keyOf resolves an argument; the zero key is dynamic.
func (r *reader) keyOf(a source.Arg, in *source.Decl) key {
	if a.IsString {
		if strings.ContainsAny(a.Str, "${}#%") {
			return key{}
		}
		return key{name: a.Str}
	}
	text := strings.TrimSpace(a.Text)
	if len(text) > 200 {
		return key{}
	}
	if simple.MatchString(text) {
		if p, ok := paramOf(in, text); ok {
			return key{param: p}
		}
		return key{name: r.constant(text)}
	}
	var k key
	if m := joined.FindStringSubmatch(text); m != nil {
		k = key{prefix: m[1], param: m[2], upper: strings.Contains(strings.ToLower(m[3]), "up")}
	} else if m := printed.FindStringSubmatch(text); m != nil {
		k = key{prefix: m[1], param: m[2]}
	} else if m := uppering.FindStringSubmatch(text); m != nil {
		k = key{param: m[1] + m[2], upper: true}
	}
	if p, ok := paramOf(in, k.param); ok {
		k.param = p
		return k
	}
	if v := r.constant(k.param); v != "" {
		return key{name: k.full(v)}
	}
	return key{}
}

// full is the variable's name for what a helper is called with.
func (k key) full(given string) string {
	if k.upper {
		given = strings.ToUpper(given)
	}
	return k.prefix + given
}

// paramOf says whether a text is a parameter of the function.
func paramOf(d *source.Decl, text string) (string, bool) {
	text = strings.TrimLeft(text, "&*")
	if d == nil || text == "" {
		return "", false
	}
	for _, p := range d.Params {
		if p.Name == text {
			return text, true
		}
	}
	return "", false
}

// constant is the string of a constant of this file or another: KEY, keys.KEY, Keys::KEY, self::KEY.
func (r *reader) constant(text string) string {
	name := strings.TrimLeft(text, "&*")
	if i := strings.LastIndexAny(name, ".:"); i >= 0 {
		name = name[i+1:]
	}
	if !variableName.MatchString(name) {
		return ""
	}
	if v := ConstantIn(r.File, name); v != "" || r.repo.Constant == nil {
		return v
	}
	return r.repo.Constant(name)
}

// ConstantIn is the string that a file gives to a constant, empty without one.
func ConstantIn(f *source.File, name string) string {
	for _, d := range f.Decls {
		if d.Name == name && (d.Kind == source.Const || d.Kind == source.Var || d.Kind == source.EnumValue || d.Kind == source.Field && d.Default != "") {
			if v, ok := literal(d.Default); ok {
				return v
			}
		}
	}
	for _, o := range f.Objects { // const keys = { stripe: "STRIPE_KEY" } as const
		for _, k := range o.Keys {
			if k.Name == name && o.Name != "" {
				if v, ok := literal(k.Value); ok && upperName.MatchString(v) {
					return v
				}
			}
		}
	}
	return ""
}

// literal is the value of a plain string literal.
func literal(text string) (string, bool) {
	v := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(text), "as const"), ".freeze")
	v = strings.TrimSpace(v)
	if len(v) > 2 && strings.ContainsRune("\"'`", rune(v[0])) && v[len(v)-1] == v[0] && !strings.ContainsAny(v[1:len(v)-1], "\"'`$#{\\\n") {
		return v[1 : len(v)-1], true
	}
	return "", false
}

// imports says whether the file imports a module whose path contains the part.
func (r *reader) imports(part string) bool {
	for _, i := range r.Imports {
		if strings.Contains(i.Path, part) {
			return true
		}
	}
	return false
}

// takes says whether the file imports a name, from anywhere.
func (r *reader) takes(name string) bool {
	for _, i := range r.Imports {
		for _, n := range i.Names {
			if n.Name == name {
				return true
			}
		}
	}
	return false
}

// argument is the argument with a keyword.
func argument(c *source.Call, keywords ...string) (source.Arg, bool) {
	for _, a := range c.Args {
		for _, k := range keywords {
			if a.Keyword == k {
				return a, true
			}
		}
	}
	return source.Arg{}, false
}

// first is the first argument without a keyword.
func first(c *source.Call) (source.Arg, bool) {
	if len(c.Args) == 0 || c.Args[0].Keyword != "" {
		return source.Arg{}, false
	}
	return c.Args[0], true
}

func lastWord(text string) string {
	text = strings.TrimRight(text, "?!)(] ")
	return text[strings.LastIndexAny(text, ".:>\\ ")+1:]
}

func endingOf(p string) string { return strings.ToLower(path.Ext(p)) }
