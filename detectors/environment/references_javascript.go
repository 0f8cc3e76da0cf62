package environment

// References in JavaScript and TypeScript: process.env and its kin, and the schemas that an environment is parsed by.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	processEnv = lazy.New(`^(globalThis\.)?(process\.env|import\.meta\.env|Bun\.env)$`)
	binding    = lazy.New(`^(env|c\.env|ctx\.env|context\.env|this\.env|platform\.env|platform\?\.env|event\.platform\.env|context\.cloudflare\.env)$`)
	upperName  = lazy.New(`^[A-Z][A-Z0-9_]+$`)
	softValue  = lazy.New(`\.optional\(|\.default\(|\.nullish\(|\.nullable\(|\.catch\(|default:|devDefault|\.prefault\(|z\.any\(|Joi\.any\(|desc:\s*"optional`)
	hardJoi    = lazy.New(`\.required\(`)
)

func (r *reader) javascript() {
	for _, a := range r.Accesses {
		switch {
		case a.Write:
		case processEnv.MatchString(a.Receiver):
			r.add(a.Name, a.Span, r.handled(a.Span) || r.destructuredDefault(a), r.stops(a.Span))
		case binding.MatchString(a.Receiver) && upperName.MatchString(a.Name):
			r.refs = append(r.refs, Reference{Name: a.Name, Line: a.Span.Line, Optional: r.handled(a.Span), Binding: true})
		}
	}
	for _, c := range r.Calls {
		switch {
		case (c.Name == "get" || c.Name == "getOrThrow") && (c.Receiver == "Deno.env" || configService.MatchString(c.Receiver)) && len(c.Args) > 0 && c.Args[0].IsString && upperName.MatchString(c.Args[0].Str):
			r.add(c.Args[0].Str, c.Span, len(c.Args) > 1 || r.handled(c.Span), c.Name == "getOrThrow")
		case c.Name == "parse" || c.Name == "safeParse" || c.Name == "parseAsync" || c.Name == "validate":
			if len(c.Args) > 0 && strings.Contains(c.Args[0].Text, "process.env") {
				r.schema(c)
			}
		case c.Name == "cleanEnv" || c.Name == "createEnv" || c.Name == "envsafe" || c.Name == "parseEnv":
			r.members(c.Span, false)
		}
	}
}

var configService = lazy.New(`(?i)(^|\.)(config(Service)?)$`)

// destructuredDefault says whether `const { NAME = "x" } = process.env` gives a default.
func (r *reader) destructuredDefault(a *source.Access) bool {
	tail := string(r.Text[min(len(r.Text), a.Span.End):min(len(r.Text), a.Span.End+4)])
	return strings.HasPrefix(strings.TrimSpace(tail), "=") && !strings.HasPrefix(strings.TrimSpace(tail), "==")
}

// schema reads the members of the schema that parses process.env: declared by name, or written in place.
func (r *reader) schema(c *source.Call) {
	name := c.Receiver
	if i := strings.LastIndexByte(name, '.'); i >= 0 && !strings.ContainsAny(name, "({") {
		name = name[i+1:]
	}
	for _, d := range r.Decls {
		if d.Name == name && (d.Kind == source.Schema || d.Kind == source.Const || d.Kind == source.Var) && d.Span.End > d.Span.Start {
			r.members(d.Span, false)
			return
		}
	}
	if strings.ContainsAny(c.Receiver, "({") {
		r.members(c.Span, false)
	}
}

// members adds the upper-case keys of the objects in a span whose values are validators.
func (r *reader) members(s source.Span, joi bool) {
	for _, o := range r.Objects {
		if o.Span.Start < s.Start || o.Span.End > s.End {
			continue
		}
		for _, k := range o.Keys {
			if !upperName.MatchString(k.Name) || strings.HasPrefix(strings.TrimSpace(k.Value), "process.env") || strings.HasPrefix(strings.TrimSpace(k.Value), "import.meta") {
				continue
			}
			if !strings.Contains(k.Value, "(") {
				continue
			}
			optional := softValue.MatchString(k.Value) || joi && !hardJoi.MatchString(k.Value)
			r.add(k.Name, k.Span, optional, !optional)
		}
	}
}
