package references

// References in Go's struct tags: caarlos0/env, sethvargo/go-envconfig, kelseyhightower/envconfig, cleanenv, kong, go-flags.

import (
	"go/ast"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"flightpoll/detectors/source"
)

// goStruct is one struct type with its tags by field.
type goStruct struct {
	name   string
	fields *ast.StructType
}

func (r *reader) structs() []goStruct {
	var list []goStruct
	ast.Inspect(r.GoFile, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if st, ok := n.Type.(*ast.StructType); ok {
				list = append(list, goStruct{n.Name.Name, st})
			}
		case *ast.Field:
			if st, ok := n.Type.(*ast.StructType); ok && len(n.Names) > 0 {
				list = append(list, goStruct{n.Names[0].Name, st})
			}
		case *ast.ValueSpec:
			if st, ok := n.Type.(*ast.StructType); ok && len(n.Names) > 0 {
				list = append(list, goStruct{n.Names[0].Name, st})
			}
		}
		return true
	})
	return list
}

// tags reads the structs of a file. A struct that is nested behind a prefix has its variables by the whole name only.
func (r *reader) tags() {
	if r.GoFile == nil {
		return
	}
	prefixes := r.prefixes()
	options := r.parseOptions()
	processed := r.processed()
	for _, s := range r.structs() {
		list := prefixes[s.name]
		if len(list) == 0 {
			list = []string{options.prefix}
		} else if options.prefix != "" {
			for i := range list {
				list[i] = options.prefix + list[i]
			}
		}
		for _, f := range s.fields.Fields.List {
			tag, _ := astTag(f)
			for _, prefix := range list {
				r.tagged(s, f, tag, prefix, options.required)
			}
		}
		if prefix, ok := processed[s.name]; ok {
			r.envconfig(s, prefix, 0)
		}
	}
}

// envOptions are those of caarlos0's env.Options: what stands before every name, and whether each field without a default
// is required.
type envOptions struct {
	prefix   string
	required bool
}

func (r *reader) parseOptions() (o envOptions) {
	if !r.imports("caarlos0/env") {
		return o
	}
	for _, lit := range r.Objects {
		if !strings.HasSuffix(lit.Type, "env.Options") {
			continue
		}
		for _, k := range lit.Keys {
			switch k.Name {
			case "Prefix":
				if v, ok := literal(k.Value); ok {
					o.prefix = v
				} else {
					o.prefix = r.constant(k.Value)
				}
			case "RequiredIfNoDef":
				o.required = k.Value == "true"
			}
		}
	}
	return o
}

// prefixes are those that nested structs are given by tags (envPrefix:"DB_", env:", prefix=DB_", embed prefix of kong).
func (r *reader) prefixes() map[string][]string {
	found := map[string][]string{}
	for _, s := range r.structs() {
		for _, f := range s.fields.Fields.List {
			tag, ok := astTag(f)
			if !ok {
				continue
			}
			prefix := tag.Get("envPrefix") + tag.Get("envprefix") + tag.Get("env-prefix")
			if _, rest, ok := strings.Cut(tag.Get("env"), "prefix="); ok {
				prefix, _, _ = strings.Cut(rest, ",")
			}
			if prefix == "" {
				continue
			}
			name := lastWord(strings.Trim(goTree{r.File}.text(f.Type), "*[] "))
			if _, inline := f.Type.(*ast.StructType); inline && len(f.Names) > 0 {
				name = f.Names[0].Name
			}
			found[name] = append(found[name], strings.TrimSpace(prefix))
		}
	}
	return found
}

func astTag(f *ast.Field) (reflect.StructTag, bool) {
	if f.Tag == nil || f.Tag.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(f.Tag.Value)
	return reflect.StructTag(text), err == nil
}

// tagged adds the variables that a field's tag names.
func (r *reader) tagged(s goStruct, f *ast.Field, tag reflect.StructTag, prefix string, required bool) {
	value, ok := tag.Lookup("env")
	if !ok {
		if value, ok = tag.Lookup("envconfig"); !ok {
			return
		}
		if _, twice := r.processed()[s.name]; twice {
			return // read with its prefix
		}
	}
	names := []string{}
	name, rest, _ := strings.Cut(value, ",")
	names = append(names, strings.TrimSpace(name))
	if r.imports("alecthomas/kong") || r.imports("ilyakaznacheev/cleanenv") { // a list of names
		names, rest = strings.Split(value, ","), ""
	}
	u := use{fails: strings.Contains(rest, "required") || strings.Contains(rest, "notEmpty") || has(tag, "env-required", "required"), typ: goField(goTree{r.File}.text(f.Type))}
	for _, k := range []string{"envDefault", "default", "env-default", "env_default"} {
		if d, ok := tag.Lookup(k); ok {
			u.given, u.fallback = true, d
		}
	}
	if _, d, ok := strings.Cut(rest, "default="); ok {
		u.given, u.fallback = true, d
	}
	u.fails = (u.fails || required) && !u.given
	// A flag's variable is one way to set it; a command line does without unless it is required.
	if r.imports("alecthomas/kong") || r.imports("jessevdk/go-flags") {
		_, optional := tag.Lookup("optional")
		u.optional = optional || len(names) > 1 || u.typ == Bool
	}
	taker := ""
	if len(f.Names) > 0 {
		taker = f.Names[0].Name
	}
	for _, name := range names {
		if name = strings.TrimSpace(name); name == "" || name == "-" || strings.ContainsAny(name, "${ ") {
			continue
		}
		ref := u.reference(prefix+name, r.GoSet.Position(f.Pos()).Line)
		ref.Place = s.name + "." + taker
		r.refs = append(r.refs, ref)
	}
}

// processed are the structs that kelseyhightower's envconfig.Process fills, with the prefix that it is given.
func (r *reader) processed() map[string]string {
	found := map[string]string{}
	if !r.imports("kelseyhightower/envconfig") && !r.imports("vrischmann/envconfig") {
		return found
	}
	for _, c := range r.Calls {
		if (c.Full() == "envconfig.Process" || c.Full() == "envconfig.MustProcess") && len(c.Args) == 2 {
			if prefix := c.Args[0]; prefix.IsString {
				if name := r.typeOfVariable(c.Args[1].Text, c.In); name != "" {
					found[name] = strings.ToUpper(prefix.Str)
				}
			}
		}
	}
	return found
}

// envconfig reads the fields of a struct by envconfig's rules: the tag's name or the field's, words split on request,
// behind the prefix; a nested struct puts its name between.
func (r *reader) envconfig(s goStruct, prefix string, depth int) {
	for _, f := range s.fields.Fields.List {
		tag, _ := astTag(f)
		text := goTree{r.File}.text(f.Type)
		for _, name := range f.Names {
			if !name.IsExported() || has(tag, "ignored") || depth > 3 {
				continue
			}
			named := tag.Get("envconfig")
			if named == "" {
				named = name.Name
				if has(tag, "split_words") {
					named = splitWords(named)
				}
			}
			full := strings.ToUpper(named)
			if prefix != "" {
				full = prefix + "_" + full
			}
			if inner, ok := f.Type.(*ast.StructType); ok {
				r.envconfig(goStruct{name.Name, inner}, full, depth+1)
				continue
			}
			if st := r.goStructOf(text); st != nil {
				r.envconfig(*st, full, depth+1)
				continue
			}
			u := use{typ: goField(text), fails: has(tag, "required")}
			if d, ok := tag.Lookup("default"); ok {
				u.given, u.fallback, u.fails = true, d, false
			}
			ref := u.reference(full, r.GoSet.Position(f.Pos()).Line)
			ref.Place = s.name + "." + name.Name
			r.refs = append(r.refs, ref)
		}
	}
}

func (r *reader) goStructOf(text string) *goStruct {
	name := strings.Trim(text, "*")
	for _, s := range r.structs() {
		if s.name == name {
			return &s
		}
	}
	return nil
}

// typeOfVariable is the type of what &cfg points to: var cfg Config, cfg := Config{}, &Config{}.
func (r *reader) typeOfVariable(text string, in *source.Decl) string {
	text = strings.TrimSpace(strings.TrimLeft(text, "&*"))
	if i := strings.IndexByte(text, '{'); i > 0 {
		return lastWord(text[:i])
	}
	found := ""
	ast.Inspect(r.GoFile, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for _, name := range n.Names {
				if name.Name == text && n.Type != nil {
					found = strings.Trim(goTree{r.File}.text(n.Type), "*")
				}
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if (goTree{r.File}).text(l) == text && i < len(n.Rhs) {
					v := strings.TrimLeft(goTree{r.File}.text(n.Rhs[i]), "&")
					if rest, ok := strings.CutPrefix(v, "new("); ok {
						found = strings.TrimSuffix(rest, ")")
					} else if j := strings.IndexByte(v, '{'); j > 0 && variableName.MatchString(v[:j]) {
						found = v[:j]
					}
				}
			}
		}
		return true
	})
	if found == "" && in != nil && variableName.MatchString(text) { // a result with a name
		header := r.textAt(source.Span{Start: in.Span.Start, End: max(in.Span.Start, in.Body.Start)})
		for _, end := range []string{",", ")"} {
			_, behind, ok := strings.Cut(header, "("+text+" ")
			if !ok {
				_, behind, ok = strings.Cut(header, ", "+text+" ")
			}
			if name, _, closed := strings.Cut(behind, end); ok && closed && simple.MatchString(strings.TrimLeft(name, "*")) {
				found = strings.Trim(name, "* ")
			}
		}
	}
	if found == "" && in != nil {
		for _, p := range in.Params {
			if p.Name == text {
				found = strings.Trim(p.Type, "*")
			}
		}
	}
	return found
}

func (r *reader) structOf(text string, in *source.Decl) *source.Decl {
	return r.typeIn(r.typeOfVariable(text, in))
}

// typeIn is the declaration of a struct or class of this file by its name, nil without one.
func (r *reader) typeIn(name string) *source.Decl {
	name = strings.Trim(name, "*&?[] ")
	for _, d := range r.Decls {
		if d.Name == name && (d.Kind == source.Struct || d.Kind == source.Class) {
			return d
		}
	}
	return nil
}

// tagOf is the tag of a field declaration.
func (r *reader) tagOf(f *source.Decl) (tag reflect.StructTag, ok bool) {
	for _, s := range r.structs() {
		for _, field := range s.fields.Fields.List {
			if at := r.spanOf(field); at.Line == f.Span.Line {
				return astTag(field)
			}
		}
	}
	return "", false
}

func has(tag reflect.StructTag, keys ...string) bool {
	for _, k := range keys {
		if v, ok := tag.Lookup(k); ok && v != "false" {
			return true
		}
	}
	return false
}

func goField(text string) Type {
	switch text {
	case "time.Duration":
		return Duration
	case "url.URL", "*url.URL":
		return URL
	}
	return typeNamed(text)
}

// splitWords is envconfig's split_words: MaxRetries is Max_Retries, APIKey is API_Key.
func splitWords(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, x := range runes {
		if i > 0 && unicode.IsUpper(x) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(x)
	}
	return b.String()
}
