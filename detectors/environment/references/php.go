package references

// References in PHP: env(), getenv, $_ENV and $_SERVER, Laravel's config(), Symfony's %env(X)%.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// served are what a web server puts into $_SERVER.
	served    = lazy.New(`^(HTTP|HTTPS|REQUEST|SERVER|REMOTE|SCRIPT|DOCUMENT|PHP|QUERY|PATH|GATEWAY|CONTENT|ORIG|REDIRECT|AUTH|UNIQUE|FCGI|CONTEXT|argv|argc)`)
	processed = lazy.New(`%env\(([^()]*)\)%`)
)

func (r *reader) php() {
	for _, a := range r.Accesses {
		if a.Key && !a.Write && (a.Receiver == "$_ENV" || upperName.MatchString(a.Name) && (a.Receiver == "$_SERVER" && !served.MatchString(a.Name) || r.stands(a.Receiver))) {
			r.read(source.Arg{Str: a.Name, IsString: true}, a.Span, a.In, form{})
		}
	}
	r.subscripts(append([]string{"$_ENV", "$_SERVER"}, r.standingNames()...), func(key source.Arg, span source.Span, in *source.Decl) { r.read(key, span, in, form{}) })
	for _, c := range r.Calls {
		arg, ok := first(c)
		name := strings.TrimPrefix(c.Name, `\`)
		switch {
		case c.Receiver == "" && name == "env" && ok, c.Full() == "Env::get" || c.Receiver == "Env" && name == "get":
			r.read(arg, c.Span, c.In, form{fallback: second(c, "default")})
		case c.Receiver == "Env" && name == "getOrFail" && ok:
			r.read(arg, c.Span, c.In, form{fails: true})
		case c.Receiver == "" && name == "getenv" && ok:
			r.read(arg, c.Span, c.In, form{})
		case c.Receiver == "" && name == "config" && ok && dottedKey.MatchString(arg.Str), c.Receiver == "Config" && name == "get" && ok && dottedKey.MatchString(arg.Str):
			r.read(arg, c.Span, c.In, form{key: true, fallback: second(c, "default")})
		case (name == "required" || name == "ifPresent") && ok && strings.Contains(strings.ToLower(c.Receiver), "dotenv"):
			r.listed(arg, c, use{fails: name == "required", optional: name == "ifPresent"})
		case name == "Autowire":
			if a, ok := argument(c, "env"); ok {
				r.symfony(a.Str, c.Span, c.In)
			}
		case name == "param" && c.Receiver == "" || name == "env" && r.imports("DependencyInjection"):
			if ok && name == "env" {
				r.symfony(arg.Str, c.Span, c.In)
			}
		}
	}
	for _, s := range r.Strings {
		for _, m := range processed.FindAllStringSubmatch(s.Value, -1) {
			r.symfony(m[1], s.Span, s.In)
		}
	}
}

// listed reads the names that a validator of the environment is given, alone or in a list: phpdotenv's required("X") and
// required(["X", "Y"]), Ruby's Dotenv.require_keys("X", "Y").
func (r *reader) listed(arg source.Arg, c *source.Call, u use) {
	if arg.IsString {
		r.named(arg.Str, c.Span, c.In, "", u)
		return
	}
	for _, s := range r.Strings {
		if arg.Span.Start <= s.Span.Start && s.Span.End <= arg.Span.End && upperName.MatchString(s.Value) {
			r.named(s.Value, s.Span, c.In, "", u)
		}
	}
}

// symfony reads one of Symfony's expressions: processors stand before the name, `default:parameter:NAME` gives it a default.
func (r *reader) symfony(text string, span source.Span, in *source.Decl) {
	parts := strings.Split(text, ":")
	u := use{fails: true}
	for _, p := range parts[:len(parts)-1] {
		if p == "default" {
			u.given, u.fails = true, false
		}
		if t := typeNamed(p); t != Raw {
			u.typ = t
		}
	}
	r.named(parts[len(parts)-1], span, in, "", u)
}
