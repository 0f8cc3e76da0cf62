package references

// References in Java and Kotlin: System.getenv, Spring's @Value, Environment and @ConfigurationProperties, Micronaut,
// Quarkus and Ktor.

import (
	"strings"
	"unicode"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	springEnvironment = lazy.New(`(?i)(^|\.)(env|environment|propertyResolver|ctx\.environment|getEnvironment\(\))$`)
	ktorConfig        = lazy.New(`(?i)(^|\.)(config|applicationConfig)$`)
	systemMap         = lazy.New(`^System\.getenv\(\)$`)
)

// relaxed is the variable that Spring, Micronaut and MicroProfile look a property up by: app.mail.max-retries is
// APP_MAIL_MAXRETRIES to Spring, whose dashes go away.
func relaxed(key string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "", "[", "_", "]", "").Replace(key))
}

// underscored is MicroProfile's rule: everything that is no letter or digit is an underscore.
func underscored(key string) string {
	return separators.ReplaceAllString(strings.ToUpper(key), "_")
}

func (r *reader) jvm() {
	for _, a := range r.Accesses {
		if a.Key && (systemMap.MatchString(a.Receiver) || upperName.MatchString(a.Name) && r.stands(a.Receiver)) && strings.HasSuffix(r.textAt(a.Span), "]") {
			r.read(source.Arg{Str: a.Name, IsString: true}, a.Span, a.In, form{})
		}
	}
	r.subscripts(append([]string{"System.getenv()"}, r.standingNames()...), func(key source.Arg, span source.Span, in *source.Decl) { r.read(key, span, in, form{}) })
	for _, c := range r.Calls {
		arg, ok := first(c)
		full := c.Full()
		switch {
		case full == "System.getenv" && ok:
			r.read(arg, c.Span, c.In, form{})
		case ok && (systemMap.MatchString(c.Receiver) || shown(arg) && r.stands(c.Receiver)):
			switch c.Name {
			case "get":
				r.read(arg, c.Span, c.In, form{})
			case "getOrDefault", "getOrElse":
				how := form{}
				if len(c.Args) > 1 {
					how.fallback = c.Args[1].Text
				}
				r.read(arg, c.Span, c.In, how)
			case "getValue":
				r.read(arg, c.Span, c.In, form{fails: true})
			case "containsKey":
				r.read(arg, c.Span, c.In, form{asks: true})
			}
		case full == "System.getProperty" && ok && arg.IsString && !builtIn(arg.Str):
			r.read(arg, c.Span, c.In, form{key: true, fallback: second(c, "def")})
		case (c.Name == "getProperty" || c.Name == "getRequiredProperty") && springEnvironment.MatchString(c.Receiver) && ok:
			how := form{key: true, variable: relaxed, fails: c.Name == "getRequiredProperty"}
			for _, a := range c.Args[1:] {
				if strings.HasSuffix(a.Text, ".class") || strings.HasSuffix(a.Text, "::class.java") {
					how.typ = typeNamed(a.Text[:strings.IndexAny(a.Text, ".:")])
				} else {
					how.fallback = a.Text
				}
			}
			r.property(c, arg, how)
		case (c.Name == "property" || c.Name == "propertyOrNull") && ktorConfig.MatchString(c.Receiver) && ok:
			r.read(arg, c.Span, c.In, form{key: true, fails: c.Name == "property", optional: c.Name == "propertyOrNull"})
		case c.Name == "Value" && len(c.Args) > 0 && strings.HasPrefix(strings.TrimSpace(r.textAt(c.Span)), "@"):
			r.placeholders(c)
		case (c.Name == "Property" || c.Name == "ConfigProperty") && strings.HasPrefix(strings.TrimSpace(r.textAt(c.Span)), "@"):
			if name, ok := argument(c, "name", "value"); ok && name.IsString && !builtIn(name.Str) {
				u := use{fallback: keyword(c, "defaultValue"), fails: c.Name == "ConfigProperty"}
				u.given = u.fallback != ""
				u.fails = u.fails && !u.given
				u.optional = r.optionalBehind(c)
				r.keyed(name.Str, c.Span, c.In, u, underscored)
			}
		}
	}
	r.configurationProperties()
}

// property reads a key, or a variable where the name is written as one.
func (r *reader) property(c *source.Call, arg source.Arg, how form) {
	name := r.keyOf(arg, c.In).name
	if builtIn(name) {
		return
	}
	if upperName.MatchString(name) {
		how.key, how.variable = false, nil
	}
	r.read(arg, c.Span, c.In, how)
}

// builtIn are the properties that the platform or the framework has itself.
func builtIn(name string) bool {
	for _, p := range []string{"java.", "user.", "os.", "line.", "file.", "path.", "spring.", "server.", "management.", "logging.", "quarkus.", "micronaut.", "kotlin.", "sun.", "jdk.", "debug", "trace"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return name == ""
}

// placeholders reads the ${...} of a @Value: ${A}, ${a.b:default}, ${A:${B:default}}.
func (r *reader) placeholders(c *source.Call) {
	text := c.Args[0].Str
	if a, ok := argument(c, "value"); ok {
		text = a.Str
	}
	for depth := 0; depth < 8; depth++ {
		start := strings.Index(text, "${")
		if start < 0 {
			return
		}
		rest := text[start+2:]
		end := strings.IndexAny(rest, ":}")
		if end < 0 {
			return
		}
		name := rest[:end]
		u := use{fails: true}
		if rest[end] == ':' {
			u.given, u.fails = true, false
			u.fallback, _, _ = strings.Cut(rest[end+1:], "}")
		}
		if !builtIn(name) {
			r.keyed(name, c.Span, c.In, u, relaxed)
		}
		text = rest[end:]
	}
}

// keyed adds a key with its other name, or the variable where the name is written as one.
func (r *reader) keyed(name string, span source.Span, in *source.Decl, u use, variable func(string) string) {
	ref := u.reference(name, span.Line)
	ref.Place = r.place(in, u.taker)
	if !upperName.MatchString(name) {
		ref.Key, ref.Variable = true, variable(name)
	}
	r.refs = append(r.refs, ref)
}

// optionalBehind says whether what an annotation stands before is an Optional or may be null.
func (r *reader) optionalBehind(c *source.Call) bool {
	for _, d := range r.Decls {
		if d.Kind == source.Field && d.Span.Start <= c.Span.Start && c.Span.End <= d.Span.End {
			return strings.HasPrefix(d.Type, "Optional") || strings.HasSuffix(d.Type, "?")
		}
	}
	return false
}

// configurationProperties reads the fields of classes, records and data classes that a prefix is bound to.
func (r *reader) configurationProperties() {
	for _, d := range r.Decls {
		if d.Kind != source.Class && d.Kind != source.Struct && d.Kind != source.Interface {
			continue
		}
		for _, c := range d.Decorators {
			if c.Name != "ConfigurationProperties" && c.Name != "ConfigMapping" {
				continue
			}
			prefix := ""
			for _, a := range c.Args {
				if a.IsString && (a.Keyword == "" || a.Keyword == "prefix" || a.Keyword == "value") {
					prefix = a.Str
				}
			}
			if prefix != "" && !builtIn(prefix+".") {
				before := len(r.refs)
				r.bound(d, prefix, 0)
				for i := range r.refs[before:] {
					r.refs[before+i].Section, r.refs[before+i].BoundPath, r.refs[before+i].BoundLine = prefix, r.Path, c.Span.Line
				}
			}
		}
	}
}

func (r *reader) bound(d *source.Decl, prefix string, depth int) {
	for _, f := range d.Members {
		if f.Kind != source.Field || depth > 4 || strings.Contains(r.textAt(f.Span), "static ") {
			continue
		}
		name := prefix + "." + kebab(f.Name)
		if nested := r.typeIn(strings.TrimSuffix(f.Type, "?")); nested != nil && nested != d {
			r.bound(nested, name, depth+1)
			continue
		}
		u := use{given: f.Default != "" && !nothing(f.Default), fallback: f.Default, typ: typeNamed(f.Type), taker: f.Name}
		u.optional = strings.HasSuffix(f.Type, "?") || strings.HasPrefix(f.Type, "Optional") || primitive(f.Type) && r.Lang == source.Java || nothing(f.Default) ||
			strings.Contains(f.Type, "List") || strings.Contains(f.Type, "Map") || strings.Contains(f.Type, "Set")
		for _, c := range f.Decorators {
			switch c.Name {
			case "NotNull", "NotBlank", "NotEmpty":
				u.fails = !u.given
				u.optional = false
			case "DefaultValue":
				u.given = true
				if len(c.Args) > 0 {
					u.fallback = c.Args[0].Text
				}
			case "Nullable":
				u.optional = true
			}
		}
		// Kotlin binds by the constructor: a type without a question mark must have a value.
		u.fails = u.fails || r.Lang == source.Kotlin && !u.given && !u.optional
		ref := u.reference(name, f.Span.Line)
		ref.Key, ref.Variable, ref.Place = true, relaxed(name), r.place(d, f.Name)
		r.refs = append(r.refs, ref)
	}
}

func primitive(t string) bool {
	switch t {
	case "int", "long", "boolean", "double", "float", "short", "byte", "char":
		return true
	}
	return false
}

// kebab is Spring's canonical form of a field's name: maxRetries is max-retries.
func kebab(name string) string {
	var b strings.Builder
	for i, x := range name {
		if unicode.IsUpper(x) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(x))
	}
	return b.String()
}
