package references

// References in Go: os.Getenv and its kin, viper and koanf, urfave/cli; struct tags are read in golang_tags.go.

import (
	"go/ast"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

func (r *reader) golang() {
	for _, c := range r.Calls {
		arg, ok := first(c)
		if !ok {
			continue
		}
		switch c.Full() {
		case "os.Getenv", "syscall.Getenv":
			r.read(arg, c.Span, c.In, form{})
		case "os.LookupEnv", "syscall.LookupEnv":
			r.read(arg, c.Span, c.In, form{})
		case "os.ExpandEnv":
			for _, name := range expanded(arg.Str) {
				r.named(name, c.Span, c.In, "", use{})
			}
		default:
			if r.looksUp(c) && shown(arg) {
				r.read(arg, c.Span, c.In, form{})
			}
		}
	}
	if r.imports("spf13/viper") {
		r.viper()
	}
	if r.imports("knadh/koanf") {
		r.koanf()
	}
	if r.imports("urfave/cli") {
		r.commandFlags()
	}
	r.tags()
}

// expanded are the variables of a text like "http://$HOST:${PORT}/".
func expanded(text string) []string {
	var list []string
	for _, m := range dollars.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}

var (
	dollars    = lazy.New(`\$(?:\{(\w+)\}|([A-Za-z_]\w*))`)
	viperRead  = lazy.New(`^(Get(String|Int|Int32|Int64|Uint|Uint16|Uint32|Uint64|Bool|Float64|Duration|StringSlice|IntSlice|StringMap|StringMapString|Time|SizeInBytes)?|IsSet)$`)
	koanfRead  = lazy.New(`^(Must)?(String|Int|Int64|Bool|Duration|Strings|Float64|Bytes|Time|Ints|StringMap|Get|Exists)$`)
	separators = lazy.New(`[^A-Z0-9]+`)
)

// viperNames are how one file's viper is set up.
type viperNames struct {
	automatic bool
	prefix    string
	replaced  map[string]string
	bound     map[string]string
	defaults  map[string]string
}

func (r *reader) viper() {
	v := viperNames{replaced: map[string]string{}, bound: map[string]string{}, defaults: map[string]string{}}
	for _, c := range r.Calls {
		arg, ok := first(c)
		switch {
		case c.Name == "AutomaticEnv":
			v.automatic = true
		case c.Name == "SetEnvPrefix" && ok:
			v.prefix = strings.ToUpper(r.keyOf(arg, c.In).name)
		case c.Full() == "strings.NewReplacer":
			for i := 0; i+1 < len(c.Args); i += 2 {
				v.replaced[c.Args[i].Str] = c.Args[i+1].Str
			}
		case c.Name == "SetDefault" && len(c.Args) == 2:
			v.defaults[strings.ToLower(r.keyOf(arg, c.In).name)] = c.Args[1].Text
		case (c.Name == "BindEnv" || c.Name == "MustBindEnv") && ok:
			key := strings.ToLower(r.keyOf(arg, c.In).name)
			if len(c.Args) > 1 {
				v.bound[key] = r.keyOf(c.Args[1], c.In).name
			} else {
				v.bound[key] = v.variable(key, true)
			}
		}
	}
	for _, c := range r.Calls {
		arg, ok := first(c)
		if !ok || len(c.Args) != 1 || !viperRead.MatchString(c.Name) || strings.Contains(c.Receiver, "Flags") || strings.HasPrefix(c.Receiver, "cmd") || strings.Contains(c.Receiver, "Header") ||
			strings.Contains(c.Receiver, "Query") || !strings.Contains(strings.ToLower(c.Receiver), "v") && !ofSettings.MatchString(lastWord(c.Receiver)) {
			continue
		}
		name := r.keyOf(arg, c.In).name
		key := strings.ToLower(name)
		how := form{key: true, fallback: v.defaults[key], typ: viperType(c.Name), asks: c.Name == "IsSet"}
		if bound := v.bound[key]; bound != "" {
			how.variable = func(string) string { return bound }
		} else if v.automatic {
			how.variable = func(k string) string { return v.variable(k, false) }
		}
		r.read(arg, c.Span, c.In, how)
	}
	r.unmarshalled(v)
}

// variable is the name that viper looks a key up by in the environment. BindEnv takes the replacer's names too.
func (v viperNames) variable(key string, bound bool) string {
	name := strings.ToUpper(key)
	for from, to := range v.replaced {
		name = strings.ReplaceAll(name, strings.ToUpper(from), to)
	}
	if bound || len(v.replaced) > 0 || !strings.ContainsAny(name, ".-") {
		if v.prefix != "" {
			name = v.prefix + "_" + name
		}
		if variableName.MatchString(name) {
			return name
		}
	}
	return ""
}

func viperType(method string) Type {
	switch strings.TrimPrefix(strings.TrimPrefix(method, "Must"), "Get") {
	case "Bool":
		return Bool
	case "Int", "Int32", "Int64", "Uint", "Uint16", "Uint32", "Uint64":
		return Int
	case "Float64":
		return Float
	case "Duration":
		return Duration
	case "StringSlice", "IntSlice", "Strings", "Ints":
		return List
	case "String":
		return Text
	}
	return Raw
}

// unmarshalled reads the struct that viper's Unmarshal fills: its mapstructure names are keys.
func (r *reader) unmarshalled(v viperNames) {
	for _, c := range r.Calls {
		if (c.Name == "Unmarshal" || c.Name == "UnmarshalExact") && (c.Receiver == "viper" || c.Receiver == "v") && len(c.Args) > 0 {
			if st := r.structOf(c.Args[0].Text, c.In); st != nil {
				r.mapped(st, "", v, 0)
			}
		}
	}
}

func (r *reader) mapped(st *source.Decl, prefix string, v viperNames, depth int) {
	for _, f := range st.Members {
		tag, _ := r.tagOf(f)
		name, rest, _ := strings.Cut(tag.Get("mapstructure"), ",")
		if name == "-" || f.Kind != source.Field || !f.Exported && !f.Embedded || depth > 4 {
			continue
		}
		if strings.Contains(rest, "squash") || f.Embedded && name == "" {
			if inner := r.typeIn(f.Type); inner != nil {
				r.mapped(inner, prefix, v, depth+1)
			}
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if inner := r.typeIn(f.Type); inner != nil {
			r.mapped(inner, prefix+name+".", v, depth+1)
			continue
		}
		u := use{typ: goField(f.Type)}
		key := prefix + name
		if d, ok := v.defaults[strings.ToLower(key)]; ok {
			u.given, u.fallback = true, d
		}
		validate := tag.Get("validate")
		u.fails = strings.Contains(validate, "required") && !u.given
		ref := u.reference(key, f.Span.Line)
		ref.Place, ref.Key = r.place(st, f.Name), true
		if v.automatic {
			ref.Variable = v.variable(key, false)
		}
		if b := v.bound[strings.ToLower(key)]; b != "" {
			ref.Variable = b
		}
		r.refs = append(r.refs, ref)
	}
}

// koanf reads keys; env.Provider("APP_", ".", ...) gives them as variables too.
func (r *reader) koanf() {
	prefix, provided := "", false
	for _, c := range r.Calls {
		if c.Full() == "env.Provider" || c.Full() == "env.ProviderWithValue" {
			if arg, ok := first(c); ok && arg.IsString {
				prefix, provided = arg.Str, true
			}
		}
	}
	for _, c := range r.Calls {
		arg, ok := first(c)
		if !ok || len(c.Args) != 1 || !koanfRead.MatchString(c.Name) || !arg.IsString || !strings.HasPrefix(lastWord(c.Receiver), "k") && !ofSettings.MatchString(lastWord(c.Receiver)) {
			continue
		}
		how := form{key: true, typ: viperType(strings.TrimPrefix(c.Name, "Must")), fails: strings.HasPrefix(c.Name, "Must"), asks: c.Name == "Exists"}
		if provided {
			how.variable = func(k string) string { return prefix + separators.ReplaceAllString(strings.ToUpper(k), "_") }
		}
		r.read(arg, c.Span, c.In, how)
	}
}

// commandFlags reads urfave/cli's flags: EnvVars: []string{"X"}, Sources: cli.EnvVars("X"), EnvVar: "X,Y".
func (r *reader) commandFlags() {
	ast.Inspect(r.GoFile, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		var names []string
		u := use{optional: true}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			text := goTree{r.File}.text(kv.Value)
			switch (goTree{r.File}).text(kv.Key) {
			case "EnvVars", "EnvVar", "Sources":
				ast.Inspect(kv.Value, func(n ast.Node) bool {
					if s, ok := n.(*ast.BasicLit); ok {
						if v, err := strconv.Unquote(s.Value); err == nil {
							names = append(names, strings.Split(v, ",")...)
						}
					}
					return true
				})
			case "Value":
				u.given, u.fallback = true, text
			case "Required":
				u.fails = text == "true"
			case "Name":
				u.taker = strings.Trim(text, `"`)
			}
		}
		if len(names) > 0 {
			u.optional = !u.fails || u.given || len(names) > 1
			if lit.Type != nil {
				u.typ = typeNamed(strings.TrimSuffix(lastWord(goTree{r.File}.text(lit.Type)), "Flag"))
			}
		}
		for _, name := range names {
			r.named(strings.TrimSpace(name), r.spanOf(lit), nil, u.taker, u)
		}
		return true
	})
}

func (r *reader) spanOf(n ast.Node) source.Span {
	p := r.GoSet.Position(n.Pos())
	return source.Span{Line: p.Line, Column: p.Column - 1, Start: p.Offset, End: r.GoSet.Position(n.End()).Offset}
}
