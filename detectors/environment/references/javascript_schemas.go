package references

// Schemas that an environment is parsed by: zod, joi, envalid, t3-env, yup, valibot, superstruct, class-validator.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	softValue   = lazy.New(`\.optional\(|\.default\(|\.nullish\(|\.nullable\(|\.catch\(|\bdefault:|devDefault|\.prefault\(|z\.any\(|\.any\(\)|\boptional\(|\bnullish\(`)
	valueGiven  = lazy.New(`(?:\.default\(|\bdefault:|\.prefault\(|\.catch\()\s*([^)},]+)`)
	hardJoi     = lazy.New(`\.required\(`)
	environment = lazy.New(`\b(process\.env|import\.meta\.env|Deno\.env|Bun\.env)\b`)
	envSchema   = lazy.New(`(?i)env`)
	validators  = lazy.New(`^(z|zod|Joi|joi|yup|v|t|s|Type|y|S)\.|^(str|bool|num|int|email|url|port|host|json|makeValidator|string|number|boolean)\(|^\(?\)?\s*=>`)
	parsers     = lazy.New(`^(parse|safeParse|parseAsync|validate|validateSync|assert|cast|parseEnv|decodeUnknownSync|attempt|check)$`)
)

func (r *reader) schemas() {
	for _, c := range r.Calls {
		switch {
		case parsers.MatchString(c.Name):
			for i, a := range c.Args {
				if !environment.MatchString(a.Text) || len(a.Text) > 400 {
					continue
				}
				switch {
				case i > 0: // v.parse(schema, process.env)
					r.schema(c.Args[0].Text, c.Args[0].Span)
				case len(c.Args) > 1 && c.Name == "attempt": // Joi.attempt(process.env, schema)
					r.schema(c.Args[1].Text, c.Args[1].Span)
				default:
					r.schema(c.Receiver, c.Span)
				}
				break
			}
		case c.Name == "cleanEnv" || c.Name == "createEnv" || c.Name == "envsafe" || c.Name == "parseEnv" || c.Name == "defineEnv":
			r.members(c.Span, false)
			for _, a := range c.Args[min(1, len(c.Args)):] {
				if variableName.MatchString(a.Text) {
					r.schema(a.Text, a.Span)
				}
			}
		case c.Name == "forRoot" && strings.HasSuffix(c.Receiver, "ConfigModule"):
			r.module(c)
		case c.Name == "plainToInstance" || c.Name == "plainToClass":
			if len(c.Args) > 0 && envSchema.MatchString(c.Args[0].Text) {
				r.validated(c.Args[0].Text)
			}
		}
	}
	r.exportedSchemas()
}

// module reads Nest's ConfigModule.forRoot({ validationSchema: Joi.object({...}) }).
func (r *reader) module(c *source.Call) {
	for _, o := range r.Objects {
		if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
			continue
		}
		for _, k := range o.Keys {
			if k.Name != "validationSchema" {
				continue
			}
			if variableName.MatchString(k.Value) {
				r.schema(k.Value, k.Span)
			} else {
				r.members(k.Span, true)
			}
		}
	}
}

// exportedSchemas are those whose name says that they are for the environment, parsed in another file.
func (r *reader) exportedSchemas() {
	for _, d := range r.Decls {
		if d.Parent == nil && (d.Kind == source.Schema || d.Kind == source.Const) && envNamed.MatchString(d.Name) && strings.Contains(d.Default, "object(") {
			r.members(d.Span, strings.Contains(strings.ToLower(d.Default[:min(len(d.Default), 20)]), "joi"))
		}
	}
}

var envNamed = lazy.New(`(?i)^(env|environment|server_?env|client_?env|process_?env|config_?validation|validation)(_?vars?|_?variables)?_?(schema|validation\w*)$`)

// schema reads the members of the schema that parses the environment: declared by name, or written in place.
func (r *reader) schema(text string, at source.Span) {
	name := text
	if i := strings.LastIndexByte(name, '.'); i >= 0 && !strings.ContainsAny(name, "({") {
		name = name[i+1:]
	}
	for _, d := range r.Decls {
		if d.Name == name && (d.Kind == source.Schema || d.Kind == source.Const || d.Kind == source.Var) && d.Span.End > d.Span.Start {
			r.members(d.Span, strings.HasPrefix(strings.ToLower(d.Default), "joi."))
			return
		}
	}
	if strings.ContainsAny(text, "({") {
		r.members(at, strings.HasPrefix(strings.ToLower(text), "joi."))
	}
}

// members adds the upper-case keys of the objects in a span whose values are validators. Joi's are optional unless
// they are required.
func (r *reader) members(s source.Span, joi bool) {
	for _, o := range r.Objects {
		if o.Span.Start < s.Start || o.Span.End > s.End {
			continue
		}
		for _, k := range o.Keys {
			value := strings.TrimSpace(k.Value)
			if !upperName.MatchString(k.Name) || environment.MatchString(value) && !validators.MatchString(value) || !strings.Contains(value, "(") && r.validator(value) == "" {
				continue
			}
			if v := r.validator(value); v != "" {
				value = v
			}
			u := use{optional: softValue.MatchString(value) || (joi || strings.HasPrefix(value, "Joi.") || strings.HasPrefix(value, "joi.")) && !hardJoi.MatchString(value), typ: validated(value), taker: k.Name}
			if m := valueGiven.FindStringSubmatch(value); m != nil {
				u.given, u.fallback = true, r.resolved(m[1])
			}
			u.fails = !u.optional && !u.given
			r.named(k.Name, k.Span, o.In, k.Name, u)
		}
	}
}

// validator is the text of the validator that a name stands for, empty without one.
func (r *reader) validator(name string) string {
	if !variableName.MatchString(name) {
		return ""
	}
	for _, d := range r.Decls {
		if d.Name == name && strings.Contains(d.Default, "(") && validators.MatchString(d.Default) {
			return d.Default
		}
	}
	return ""
}

var numbers = lazy.New(`(^|\.)(number|num|port|int)\(`)

func validated(value string) Type {
	switch {
	case strings.Contains(value, "url(") || strings.Contains(value, ".uri("):
		return URL
	case numbers.MatchString(value):
		return Int
	case strings.Contains(value, "bool"):
		return Bool
	case strings.Contains(value, "json("):
		return JSON
	}
	return Text
}

// validated reads the fields of a class that class-validator checks the environment by.
func (r *reader) validated(name string) {
	for _, d := range r.Decls {
		if d.Kind != source.Class || d.Name != name {
			continue
		}
		for _, f := range d.Members {
			if f.Kind != source.Field || !upperName.MatchString(f.Name) {
				continue
			}
			u := use{optional: f.Optional, typ: typeNamed(f.Type), taker: f.Name}
			for _, c := range f.Decorators {
				u.optional = u.optional || c.Name == "IsOptional"
			}
			if f.Default != "" {
				u.given, u.fallback = true, f.Default
			}
			u.fails = !u.optional && !u.given
			r.named(f.Name, f.Span, d, "", u)
		}
	}
}
