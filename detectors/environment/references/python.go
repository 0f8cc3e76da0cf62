package references

// References in Python: os.environ, os.getenv, django-environ, decouple, starlette, dynaconf, click and typer; settings
// classes are read in python_settings.go.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	environ   = lazy.New(`^(os\.)?environ$`)
	djangoEnv = lazy.New(`^(env|environ|ENV)(\.(str|bool|int|float|list|url|db|db_url|cache|cache_url|json|dict|tuple|path|email_url|email|search_url|log_level|timedelta|date|datetime|decimal|uuid|enum|bytes|dj_db_url|dj_cache_url|dj_email_url))?$`)
	inEnviron = lazy.New(`^["']([A-Za-z_]\w*)["']\s+(not\s+)?in\s+(os\.)?environ$`)
)

func (r *reader) python() {
	for _, a := range r.Accesses {
		if !a.Write && a.Key && (environ.MatchString(a.Receiver) || upperName.MatchString(a.Name) && r.stands(a.Receiver)) && strings.HasSuffix(strings.TrimSpace(r.textAt(a.Span)), "]") {
			r.read(source.Arg{Str: a.Name, IsString: true}, a.Span, a.In, form{fails: true})
		}
	}
	r.subscripts(append([]string{"os.environ", "environ"}, r.standingNames()...), func(key source.Arg, span source.Span, in *source.Decl) { r.read(key, span, in, form{fails: true}) })
	r.inEnvironment()
	library := r.imports("environ") || r.imports("environs") || r.imports("env_utils") || r.takes("Env") || r.envVariable()
	decouple := r.imports("decouple")
	starlette := r.imports("starlette.config")
	scheme := r.scheme()
	for _, c := range r.Calls {
		arg, ok := first(c)
		full := c.Full()
		switch {
		case full == "os.getenv" || full == "getenv" && r.takes("getenv") || full == "os.environ.get" || full == "environ.get" || full == "os.environ.pop" || full == "os.environ.setdefault" || c.Name == "get" && ok && shown(arg) && r.stands(c.Receiver):
			if a, named := argument(c, "key"); named {
				arg, ok = a, true
			}
			if ok {
				r.read(arg, c.Span, c.In, form{fallback: second(c, "default")})
			}
		case ok && library && djangoEnv.MatchString(full):
			how := form{fallback: second(c, "default"), typ: typeNamed(c.Name), optional: scheme[arg.Str]}
			if how.fallback == "None" {
				how.optional = true
			}
			how.fails = how.fallback == "" && !how.optional
			if c.Name == "url" || strings.HasSuffix(c.Name, "_url") || c.Name == "db" {
				how.typ = URL
			}
			r.read(arg, c.Span, c.In, how)
		case ok && (full == "config" && (decouple || starlette) || full == "decouple.config" || starlette && c.Receiver == "" && ofSettings.MatchString(c.Name)):
			how := form{fallback: keyword(c, "default")}
			if starlette && len(c.Args) > 2 && c.Args[2].Keyword == "" {
				how.fallback = c.Args[2].Text
			}
			if cast := keyword(c, "cast"); cast != "" {
				how.typ = typeNamed(cast)
			}
			how.optional = how.fallback == "None"
			how.fails = how.fallback == ""
			r.read(arg, c.Span, c.In, how)
		}
		r.commandOption(c)
	}
	if r.imports("dynaconf") {
		r.dynaconf()
	}
	r.settings()
}

func (r *reader) textAt(s source.Span) string {
	if s.Start < 0 || s.End > len(r.Text) || s.Start > s.End {
		return ""
	}
	return string(r.Text[s.Start:s.End])
}

// second is the default of a call: by keyword, or the second argument.
func second(c *source.Call, name string) string {
	if v := keyword(c, name); v != "" {
		return v
	}
	if len(c.Args) > 1 && c.Args[1].Keyword == "" {
		return c.Args[1].Text
	}
	return ""
}

func keyword(c *source.Call, names ...string) string {
	a, _ := argument(c, names...)
	return a.Text
}

// envVariable says whether env stands for a reader of the environment: env = Env() or environ.Env(...).
func (r *reader) envVariable() bool {
	for _, d := range r.Decls {
		if (d.Name == "env" || d.Name == "ENV") && strings.Contains(d.Default, "Env(") {
			return true
		}
	}
	return false
}

// scheme are the variables to which environ.Env(DEBUG=(bool, False)) gives a default.
func (r *reader) scheme() map[string]bool {
	names := map[string]bool{}
	for _, c := range r.Calls {
		if c.Name == "Env" || c.Name == "FileAwareEnv" {
			for _, a := range c.Args {
				names[a.Keyword] = names[a.Keyword] || strings.HasPrefix(a.Text, "(") && strings.Contains(a.Text, ",")
			}
		}
	}
	return names
}

// inEnvironment finds tests like "NAME" in os.environ.
func (r *reader) inEnvironment() {
	for _, s := range r.Strings {
		if !upperName.MatchString(s.Value) || s.Span.End > len(r.Text) {
			continue
		}
		tail := string(r.Text[s.Span.End:min(len(r.Text), s.Span.End+30)])
		if !strings.HasPrefix(strings.TrimSpace(tail), "in os.environ") && !strings.HasPrefix(strings.TrimSpace(tail), "not in os.environ") {
			continue
		}
		if n := nodeAt(r.Root(), s.Span); n != nil && n.Parent() != nil && inEnviron.MatchString(n.Parent().Text()) {
			r.read(source.Arg{Str: s.Value, IsString: true}, n.Parent().Span(), s.In, form{asks: true})
		}
	}
}

// commandOption reads envvar= of click's and typer's options.
func (r *reader) commandOption(c *source.Call) {
	a, ok := argument(c, "envvar")
	if !ok {
		return
	}
	u := use{fallback: keyword(c, "default"), fails: keyword(c, "required") == "True"}
	u.given = u.fallback != "" && !nothing(u.fallback)
	if len(c.Args) > 0 && c.Name != "option" && c.Args[0].Keyword == "" && c.Args[0].Text != "..." && !nothing(c.Args[0].Text) && (c.Name == "Option" || c.Name == "Argument") {
		u.given, u.fallback = true, c.Args[0].Text
	}
	u.fails = u.fails || len(c.Args) > 0 && c.Args[0].Text == "..."
	u.optional = !u.fails
	if a.IsString {
		r.named(a.Str, c.Span, c.In, "", u)
		return
	}
	u.optional = true // one of several
	for _, word := range strings.FieldsFunc(strings.Trim(a.Text, "[]()"), func(x rune) bool { return x == ',' || x == ' ' || x == '\n' }) {
		if v, ok := literal(word); ok {
			r.named(v, c.Span, c.In, "", u)
		}
	}
}

// dynaconf reads settings.NAME as the variable behind the prefix that its constructor names.
func (r *reader) dynaconf() {
	prefix := "DYNACONF"
	for _, c := range r.Calls {
		if c.Name == "Dynaconf" || c.Name == "LazySettings" {
			if a, ok := argument(c, "envvar_prefix"); ok {
				prefix = strings.ToUpper(a.Str)
				if a.Text == "False" {
					prefix = ""
				}
			}
		}
		if v, ok := argument(c, "must_exist"); ok && v.Text == "True" && c.Name == "Validator" {
			for _, a := range c.Args {
				if a.Keyword == "" && a.IsString {
					r.dynaconfKey(prefix, a.Str, c.Span, c.In, use{fails: true})
				}
			}
		}
	}
	for _, a := range r.Accesses {
		if a.Receiver == "settings" && upperName.MatchString(a.Name) && !a.Write {
			r.dynaconfKey(prefix, a.Name, a.Span, a.In, r.use(a.Span, form{}))
		}
	}
}

func (r *reader) dynaconfKey(prefix, name string, span source.Span, in *source.Decl, u use) {
	ref := u.reference(name, span.Line)
	ref.Key, ref.Place, ref.Variable = true, r.place(in, u.taker), strings.ToUpper(name)
	if prefix != "" {
		ref.Variable = prefix + "_" + ref.Variable
	}
	r.refs = append(r.refs, ref)
}
