package references

// References in C#: Environment.GetEnvironmentVariable, IConfiguration, and the options classes that its sections are
// bound to.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	configured  = lazy.New(`(?i)(^|\.)_?(config|configuration|cfg|appConfig|appSettings)$`)
	sectionOf   = lazy.New(`Get(?:Required)?Section\(\s*([^()]+?)\s*\)`)
	genericType = lazy.New(`(?:Configure|AddOptions|AddOptionsWithValidateOnStart|Get|Bind)<([\w.]+)>`)
)

// doubled is .NET's variable for a key: Smtp:Host is Smtp__Host, whatever its case.
func doubled(key string) string { return strings.ReplaceAll(key, ":", "__") }

func (r *reader) csharp() {
	for _, a := range r.Accesses {
		if a.Key && !a.Write && configured.MatchString(a.Receiver) && strings.HasSuffix(strings.TrimSpace(r.textAt(a.Span)), "]") {
			r.configuration(source.Arg{Str: a.Name, IsString: true}, a.Span, a.In, form{})
		}
	}
	for _, a := range r.Accesses {
		if a.Key && !a.Write && upperName.MatchString(a.Name) && r.stands(a.Receiver) {
			r.read(source.Arg{Str: a.Name, IsString: true}, a.Span, a.In, form{})
		}
	}
	for _, c := range r.Calls {
		arg, ok := first(c)
		if !ok {
			if c.Name == "Get" {
				r.section(c)
			}
			continue
		}
		switch {
		case c.Name == "GetEnvironmentVariable" && strings.HasSuffix(c.Receiver, "Environment"):
			r.read(arg, c.Span, c.In, form{})
		case c.Name == "GetConnectionString" && configured.MatchString(c.Receiver):
			if name := r.keyOf(arg, c.In).name; name != "" {
				r.configuration(source.Arg{Str: "ConnectionStrings:" + name, IsString: true}, c.Span, c.In, form{})
			}
		case (c.Name == "GetValue" || c.Name == "GetRequiredValue") && configured.MatchString(c.Receiver):
			how := form{fallback: second(c, "defaultValue"), fails: c.Name == "GetRequiredValue"}
			_, rest, _ := strings.Cut(r.textAt(c.Span), c.Name+"<")
			declared, _, _ := strings.Cut(rest, ">")
			how.typ = typeNamed(declared)
			how.optional = strings.HasSuffix(declared, "?")
			r.configuration(arg, c.Span, c.In, how)
		case c.Name == "Configure" || c.Name == "Bind" || c.Name == "BindConfiguration" || c.Name == "Get":
			r.section(c)
		case (c.Name == "GetSection" || c.Name == "GetRequiredSection") && configured.MatchString(c.Receiver):
			tail := string(r.Text[min(len(r.Text), c.Span.End):min(len(r.Text), c.Span.End+8)])
			if strings.HasPrefix(tail, ".Value") {
				r.configuration(arg, c.Span, c.In, form{fails: c.Name == "GetRequiredSection"})
			} else if strings.HasPrefix(tail, "[") {
				key, _, _ := strings.Cut(string(r.Text[c.Span.End+1:min(len(r.Text), c.Span.End+80)]), "]")
				if v, ok := literal(key); ok && arg.IsString {
					r.configuration(source.Arg{Str: arg.Str + ":" + v, IsString: true}, c.Span, c.In, form{})
				}
			}
		}
	}
}

// configuration reads a key; one that is written as a variable is one.
func (r *reader) configuration(arg source.Arg, span source.Span, in *source.Decl, how form) {
	name := r.keyOf(arg, in).name
	how.key = !upperName.MatchString(name) || strings.Contains(name, ":")
	if how.key {
		how.variable = doubled
	}
	r.read(arg, span, in, how)
}

// section reads the options class that a section of the configuration is bound to.
func (r *reader) section(c *source.Call) {
	text := r.textAt(c.Span)
	if len(text) > 600 {
		return
	}
	name := ""
	if m := sectionOf.FindStringSubmatch(text); m != nil {
		name = strings.Trim(m[1], `"`)
		if !strings.HasPrefix(m[1], `"`) {
			name = r.sectionName(m[1])
		}
	} else if c.Name == "BindConfiguration" && len(c.Args) > 0 {
		if name = c.Args[0].Str; !c.Args[0].IsString {
			name = r.sectionName(c.Args[0].Text)
		}
	}
	m := genericType.FindStringSubmatch(text)
	if m == nil || name == "" || strings.ContainsAny(name, "{}$") {
		return
	}
	validated := strings.Contains(string(r.Text[c.Span.Start:min(len(r.Text), c.Span.End+120)]), "ValidateDataAnnotations")
	f, d := r.classOf(lastWord(m[1]))
	if d == nil {
		return
	}
	before := len(r.refs)
	r.options(f, d, name, c, validated, 0)
	for i := range r.refs[before:] {
		ref := &r.refs[before+i]
		ref.Section, ref.BoundPath, ref.BoundLine = name, r.Path, r.lineNaming(c, name)
	}
}

// lineNaming is the line of a call that names its section, as a chain of calls may be long.
func (r *reader) lineNaming(c *source.Call, name string) int {
	text := r.textAt(c.Span)
	at := strings.LastIndex(text, "Section")
	if i := strings.LastIndex(text, `"`+name+`"`); i >= 0 {
		at = i
	}
	return c.Span.Line + strings.Count(text[:max(at, 0)], "\n")
}

// sectionName is the constant that names a section: SmtpOptions.Section, nameof(Smtp).
func (r *reader) sectionName(text string) string {
	if inner, ok := strings.CutPrefix(text, "nameof("); ok {
		return lastWord(inner)
	}
	if owner, field, ok := strings.Cut(text, "."); ok {
		if _, d := r.classOf(owner); d != nil {
			for _, m := range d.Members {
				if m.Name == field {
					v, _ := literal(m.Default)
					return v
				}
			}
		}
	}
	return r.constant(text)
}

// classOf is a class of this file or another.
func (r *reader) classOf(name string) (*source.File, *source.Decl) {
	if d := r.typeIn(name); d != nil {
		return r.File, d
	}
	if r.repo.Type == nil {
		return nil, nil
	}
	return r.repo.Type(name)
}

// configurationKey is the key that [ConfigurationKeyName("X")] binds a property to, empty without one.
func configurationKey(p *source.Decl) string {
	for _, dec := range p.Decorators {
		if (dec.Name == "ConfigurationKeyName" || dec.Name == "ConfigurationKeyNameAttribute") && len(dec.Args) > 0 {
			return dec.Args[0].Str
		}
	}
	return ""
}

func (r *reader) options(f *source.File, d *source.Decl, prefix string, c *source.Call, validated bool, depth int) {
	for _, p := range d.Members {
		if p.Kind != source.Field || p.Body.End <= p.Body.Start || depth > 4 {
			continue // constants and fields are not bound
		}
		name := prefix + ":" + p.Name
		if key := configurationKey(p); key != "" {
			name = prefix + ":" + key
		}
		if _, nested := r.classOf(strings.TrimSuffix(p.Type, "?")); nested != nil && nested != d {
			r.options(f, nested, name, c, validated, depth+1)
			continue
		}
		u := use{typ: typeNamed(p.Type), given: p.Default != "" && !emptiness.MatchString(p.Default) && p.Default != "default!" && p.Default != "null!", fallback: p.Default, taker: p.Name}
		u.optional = strings.HasSuffix(p.Type, "?") || typeNamed(p.Type) == Bool || typeNamed(p.Type) == List
		for _, dec := range p.Decorators {
			if dec.Name == "Required" && validated && !u.given {
				u.fails, u.optional = true, false
			}
		}
		ref := u.reference(name, p.Span.Line)
		if f != r.File {
			ref.Path = f.Path
		}
		ref.Key, ref.Variable, ref.Place = true, doubled(name), r.place(d, p.Name)
		r.refs = append(r.refs, ref)
	}
}
