package references

// References in JavaScript and TypeScript: process.env and its kin, Nest's ConfigService, env-var, and the bindings of
// Workers; schemas are read in javascript_schemas.go.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	processEnv    = lazy.New(`^(globalThis\.|window\.)?(process\.env|import\.meta\.env|Bun\.env)$`)
	binding       = lazy.New(`^(env|c\.env|ctx\.env|context\.env|this\.env|platform\.env|platform\?\.env|event\.platform\.env|context\.cloudflare\.env)$`)
	configService = lazy.New(`(?i)(^|\.)_?#?(config|configService|cfgService|configs)$`)
	dottedKey     = lazy.New(`^[a-z][\w-]*(\.[\w-]+)+$`)
)

func (r *reader) javascript() {
	dynamicEnv := r.svelte()
	for _, a := range r.Accesses {
		switch {
		case a.Write:
		case processEnv.MatchString(a.Receiver) || dynamicEnv && a.Receiver == "env" || upperName.MatchString(a.Name) && r.stands(a.Receiver):
			if a.Receiver == "import.meta.env" && !upperName.MatchString(a.Name) {
				continue
			}
			if r.destructured(a) {
				r.named(a.Name, a.Span, a.In, "", r.pulledOut(a))
				continue
			}
			r.read(source.Arg{Str: a.Name, IsString: true}, a.Span, a.In, form{})
		case binding.MatchString(a.Receiver) && upperName.MatchString(a.Name):
			u := r.use(a.Span, form{})
			ref := u.reference(a.Name, a.Span.Line)
			ref.Place, ref.Binding = r.place(a.In, u.taker), true
			r.refs = append(r.refs, ref)
		}
	}
	r.subscripts(append([]string{"process.env", "import.meta.env", "Bun.env"}, r.standingNames()...), func(key source.Arg, span source.Span, in *source.Decl) { r.read(key, span, in, form{}) })
	nest := r.imports("@nestjs/config") || strings.Contains(string(r.Text), "ConfigService")
	for _, c := range r.Calls {
		arg, ok := first(c)
		switch {
		case !ok:
		case c.Full() == "Deno.env.get":
			r.read(arg, c.Span, c.In, form{})
		case r.looksUp(c) && shown(arg):
			r.read(arg, c.Span, c.In, form{})
		case c.Full() == "Deno.env.has":
			r.read(arg, c.Span, c.In, form{asks: true})
		case (c.Name == "get" || c.Name == "getOrThrow") && configService.MatchString(c.Receiver) && (nest || arg.IsString && upperName.MatchString(arg.Str)):
			how := form{fails: c.Name == "getOrThrow"}
			if len(c.Args) > 1 && !strings.HasPrefix(c.Args[1].Text, "{") {
				how.fallback = c.Args[1].Text
			}
			name := r.keyOf(arg, c.In).name
			if how.key = dottedKey.MatchString(name); how.key || upperName.MatchString(name) {
				r.read(arg, c.Span, c.In, how)
			}
		case (c.Name == "get" || c.Name == "has") && r.fromNodeConfig(c.Receiver):
			// node-config throws for a key that no file has.
			r.read(arg, c.Span, c.In, form{key: true, fails: c.Name == "get", asks: c.Name == "has"})
		case c.Name == "get" && r.imports("env-var") && (c.Receiver == "env" || c.Receiver == "envVar" || strings.HasPrefix(c.Receiver, "env.from")):
			r.read(arg, c.Span, c.In, form{optional: !r.chained(c, "required"), fails: r.chained(c, "required")})
		}
	}
	r.schemas()
}

// fromNodeConfig says whether a name is the module of node-config (https://www.npmjs.com/package/config).
func (r *reader) fromNodeConfig(name string) bool {
	for _, i := range r.Imports {
		if i.Path != "config" {
			continue
		}
		if i.Alias == name {
			return true
		}
		for _, n := range i.Names {
			if n.Alias == name || n.Name == name || n.Name == "default" && n.Alias == "" && name == "config" {
				return true
			}
		}
	}
	return false
}

// chained says whether a method is called somewhere on what a call gives.
func (r *reader) chained(c *source.Call, name string) bool {
	for _, other := range r.Calls {
		if other.Name == name && other.Span.Start == c.Span.Start && other.Span.End > c.Span.End {
			return true
		}
	}
	return false
}

// destructured says whether an access is a name of `const { NAME, OTHER: o = "x" } = process.env`.
func (r *reader) destructured(a *source.Access) bool {
	return !strings.HasPrefix(r.textAt(a.Span), a.Receiver)
}

// pulledOut is the use of a destructured name: its default, or what happens to the variable behind it.
func (r *reader) pulledOut(a *source.Access) use {
	n := nodeAt(r.Root(), a.Span)
	if n == nil {
		return use{}
	}
	name, pattern := a.Name, n
	for range 5 {
		p := pattern.Parent()
		if p == nil {
			return use{}
		}
		switch p.Kind() {
		case "object_assignment_pattern", "assignment_pattern":
			if right := p.Field("right"); right != nil {
				return use{given: true, fallback: r.resolved(right.Text()), taker: name}
			}
		case "pair_pattern":
			if v := p.Field("value"); v != nil {
				name = v.Text()
				if right := v.Field("right"); right != nil {
					return use{given: true, fallback: r.resolved(right.Text()), taker: name}
				}
			}
		case "variable_declarator":
			c := &climb{reader: r, budget: maxLooks}
			c.follow(p, name)
			c.taker = name
			return c.use
		}
		pattern = p
	}
	return use{}
}

// svelte reads the names that SvelteKit's modules give, and says whether env stands for the environment.
func (r *reader) svelte() (dynamic bool) {
	for _, i := range r.Imports {
		if !strings.HasPrefix(i.Path, "$env/") {
			continue
		}
		for _, n := range i.Names {
			switch {
			case strings.HasPrefix(i.Path, "$env/dynamic/"):
				dynamic = dynamic || n.Name == "env"
			case upperName.MatchString(n.Name):
				r.named(n.Name, i.Span, nil, "", use{fails: true})
			}
		}
	}
	return dynamic
}
