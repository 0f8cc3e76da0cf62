package references

// References in Rust: std::env, env! and option_env!, dotenvy, clap's env, envy, figment and config.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	rustRead    = lazy.New(`^(std::env|env|dotenvy|dotenv)$`)
	turbofish   = lazy.New(`(?:from_env|extract|try_deserialize|from_iter)::<(\w+)>`)
	rustPrefix  = lazy.New(`(?:envy::prefixed|Env::prefixed|Environment::with_prefix|with_prefix)\(\s*"(\w*)"`)
	rustBetween = lazy.New(`\.(?:separator|split)\(\s*"([^"]*)"`)
)

func (r *reader) rust() {
	for _, c := range r.Calls {
		arg, ok := first(c)
		switch {
		case (c.Name == "var" || c.Name == "var_os") && rustRead.MatchString(c.Receiver) && ok:
			r.read(arg, c.Span, c.In, form{})
		case (c.Name == "var" || c.Name == "var_os") && c.Receiver == "" && ok && r.takes("var"):
			r.read(arg, c.Span, c.In, form{})
		case ok && (c.Name == "get" && shown(arg) && r.stands(c.Receiver) || shown(arg) && r.looksUp(c)):
			r.read(arg, c.Span, c.In, form{})
		case c.Name == "env" && c.Receiver == "" && ok && strings.HasPrefix(r.textAt(c.Span), "env!"):
			r.read(arg, c.Span, c.In, form{fails: true})
		case c.Name == "option_env" && ok:
			r.read(arg, c.Span, c.In, form{optional: true})
		case (c.Name == "arg" || c.Name == "clap" || c.Name == "structopt") && strings.HasPrefix(r.textAt(c.Span), "#["):
			r.clap(c)
		case c.Name == "from_env" || c.Name == "extract" || c.Name == "try_deserialize":
			r.filled(c)
		}
	}
}

// clap reads #[arg(env = "X")] and #[arg(env)], which goes by the field's name.
func (r *reader) clap(c *source.Call) {
	var field *source.Decl
	for _, d := range r.Decls {
		if d.Kind == source.Field {
			for _, dec := range d.Decorators {
				if dec == c || dec.Span == c.Span {
					field = d
				}
			}
		}
	}
	if field == nil {
		return
	}
	name := ""
	u := use{typ: typeNamed(field.Type), taker: field.Name}
	for _, a := range c.Args {
		switch {
		case a.Keyword == "env":
			if name = a.Str; !a.IsString {
				name = r.constant(a.Text)
			}
		case a.Keyword == "" && a.Text == "env":
			name = strings.ToUpper(field.Name)
		case strings.HasPrefix(a.Keyword, "default_value") || a.Keyword == "" && a.Text == "default_value_t":
			u.given, u.fallback = true, a.Text
		}
	}
	u.optional = strings.HasPrefix(field.Type, "Option<") || strings.HasPrefix(field.Type, "Vec<") || field.Type == "bool"
	u.fails = !u.optional && !u.given
	r.named(name, c.Span, field.Parent, field.Name, u)
}

// filled reads the struct that envy, figment or config fill from the environment.
func (r *reader) filled(c *source.Call) {
	text := r.textAt(c.Span)
	files := c.Name != "from_env"
	if files && !strings.Contains(text, "Env::") && !strings.Contains(text, "Environment::") && !strings.Contains(r.chainOf(c), "Env") {
		return
	}
	chain := text + r.chainOf(c)
	name := ""
	if m := turbofish.FindStringSubmatch(text); m != nil {
		name = m[1]
	} else {
		name = r.letType(c)
	}
	st := r.typeIn(name)
	if st == nil {
		return
	}
	prefix, between := "", ""
	if m := rustPrefix.FindStringSubmatch(chain); m != nil {
		prefix = strings.ToUpper(m[1])
		if strings.Contains(chain, "with_prefix") && prefix != "" { // the config crate puts its separator behind the prefix
			prefix += "_"
		}
	}
	if m := rustBetween.FindStringSubmatch(chain); m != nil {
		between = strings.ToUpper(m[1])
	}
	r.fields(st, prefix, between, "", files, 0)
}

// chainOf is the function around a call, in which a builder is put together.
func (r *reader) chainOf(c *source.Call) string {
	if c.In == nil || c.In.Body.End > len(r.Text) || c.In.Body.End-c.In.Body.Start > 4000 {
		return ""
	}
	return r.textAt(c.In.Body)
}

// letType is the type that a let, or the function's result, gives to a call's value.
func (r *reader) letType(c *source.Call) string {
	for n := nodeAt(r.Root(), c.Span); n != nil; n = n.Parent() {
		if n.Kind() == "let_declaration" {
			if t := n.Field("type"); t != nil {
				return t.Text()
			}
			return ""
		}
		if functions[n.Kind()] {
			break
		}
	}
	if c.In != nil && len(c.In.Results) > 0 {
		result := strings.TrimPrefix(c.In.Results[0], "anyhow::")
		result = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(result, "Result<"), "figment::Result<"), ">")
		result, _, _ = strings.Cut(result, ",")
		if result == "Self" && c.In.Receiver != "" {
			return c.In.Receiver
		}
		return strings.TrimSpace(result)
	}
	return ""
}

func (r *reader) fields(st *source.Decl, prefix, between, path string, files bool, depth int) {
	for _, f := range st.Members {
		if f.Kind != source.Field || depth > 4 {
			continue
		}
		name := f.Name
		if f.WireSet && f.Wire != "" && f.Wire != "-" {
			name = f.Wire
		}
		if nested := r.typeIn(f.Type); nested != nil {
			if between != "" || files {
				r.fields(nested, prefix+strings.ToUpper(name)+between, between, path+name+".", files, depth+1)
			}
			continue
		}
		u := use{typ: typeNamed(f.Type), optional: strings.HasPrefix(f.Type, "Option<"), taker: f.Name}
		for _, c := range f.Decorators {
			if c.Name == "serde" {
				for _, a := range c.Args {
					u.given = u.given || a.Text == "default" || a.Keyword == "default"
				}
			}
		}
		u.fails = !u.optional && !u.given
		ref := u.reference(prefix+strings.ToUpper(name), f.Span.Line)
		if files {
			ref.Key, ref.Name, ref.Variable = true, path+name, ref.Name
		}
		ref.Place = r.place(st, f.Name)
		r.refs = append(r.refs, ref)
	}
}
