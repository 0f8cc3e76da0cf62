package observability

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

var typeName = regexp.MustCompile(`[A-Z]\w+`)

// object judges a thing with fields that is written whole: it leaks where a field is sensitive and nothing hides it.
func (r *leakReader) object(name, shape string, w written) (leak, bool) {
	if textual(shape) && !typeName.MatchString(shape) {
		return leak{}, false
	}
	for _, named := range typeName.FindAllString(shape, 3) {
		for _, p := range r.resolve(r.file, named, "", source.Class, source.Struct, source.Type, source.Interface, source.Schema) {
			if hidesItself(p.decl) || hiddenElsewhere(p) || r.transformed(named) {
				return leak{}, false
			}
			var holds []string
			for _, m := range p.decl.Members {
				if m.Kind != source.Field || r.rules.of(m.Name) != grave || hidden(m) {
					continue
				}
				holds = append(holds, m.Name)
			}
			for _, param := range p.decl.Params { // a record's components
				if r.rules.of(param.Name) == grave && !slices.Contains(holds, param.Name) {
					holds = append(holds, param.Name)
				}
			}
			if len(holds) > 0 {
				return leak{name: name, holds: holds[:min(len(holds), 3)], care: grave, span: w.span, origin: detectors.Related{
					Path: p.file.Path, Line: p.decl.Span.Line, Message: fmt.Sprintf("%s has %s", named, strings.Join(holds[:min(len(holds), 3)], ", ")),
				}}, true
			}
		}
	}
	return leak{}, false
}

// transformed says whether the logger is told how to write the type.
func (r *leakReader) transformed(name string) bool {
	for _, word := range []string{"ByTransforming", "registerTypeAdapter", "addSerializer", "JsonSerializer"} {
		for _, p := range r.naming(word) {
			if !r.near(r.file.Path, p) {
				continue
			}
			if text, err := r.pass.Branch.ReadHead(p); err == nil && strings.Contains(string(text), word+"<"+name+">") {
				return true
			}
		}
	}
	return false
}

// hiders are methods by which a type decides what is written of it.
var hiders = []string{"__repr__", "__str__", "String", "GoString", "LogValue", "MarshalLogObject", "MarshalZerologObject", "Format", "toString", "ToString", "toJSON", "inspect", "to_s", "PrintMembers", "__debugInfo", "fmt"}

func hidesItself(d *source.Decl) bool {
	return slices.ContainsFunc(d.Members, func(m *source.Decl) bool { return slices.Contains(hiders, m.Name) })
}

// hiddenElsewhere says whether a method of the file, or an implementation of Debug, hides the type's fields.
func hiddenElsewhere(p place) bool {
	for _, d := range p.file.Decls {
		if d.Receiver == p.decl.Name && slices.Contains(hiders, d.Name) {
			return true
		}
	}
	return p.file.Lang == source.Rust && strings.Contains(string(p.file.Text), "Debug for "+p.decl.Name)
}

// hidden says whether a field's type, decorators or tags keep it out of logs.
func hidden(m *source.Decl) bool {
	for _, word := range []string{"Secret", "Redacted", "Masked", "Sensitive", "Protected", "Hashed", "Encrypted", "repr=False", "exclude=True"} {
		if strings.Contains(m.Type, word) || strings.Contains(m.Default, word) {
			return true
		}
	}
	for _, d := range m.Decorators {
		switch d.Name {
		case "JsonIgnore", "Exclude", "ToString.Exclude", "Sensitive", "SensitiveData", "LogMasked", "NotLogged", "Redact", "PersonalData":
			return true
		}
	}
	return m.Wire == "-" && m.WireSet
}

// redacted says whether the repository takes a field of this name out of its log lines.
func (r *leakReader) redacted(key string, found leak) bool {
	want := snake(terminal(key))
	for _, word := range r.rules.Redactors {
		for _, p := range r.naming(word) {
			if source.LanguageOf(p) == "" || !r.near(r.file.Path, p) {
				continue
			}
			f := r.read(p)
			if f == nil {
				continue
			}
			for _, s := range f.Strings {
				if v := snake(s.Value); v == want || strings.HasSuffix(v, "_"+want) || strings.HasSuffix(v, "."+want) || slices.Contains(found.holds, v) {
					return true
				}
			}
			if f.Lang == source.Ruby && strings.Contains(string(f.Text), ":"+want) {
				return true
			}
		}
	}
	return false
}

// personalByDefault reports an error reporter that is told to send personal data.
func (r *leakReader) personalByDefault(s side) {
	report := func(name, text string, span source.Span) {
		if snake(name) != "send_default_pii" || strings.ToLower(strings.TrimSpace(text)) != "true" || s.base != nil && !s.change.Touched(span.Line) {
			return
		}
		r.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: r.file.Path, Line: span.Line, EndLine: span.EndLine, Symbol: name,
			Message:  "the error reporter is told to send personal data (" + name + ")",
			Why:      "Addresses, cookies, headers and users of every failing request go to a third party from this deployment on.",
			Fix:      "Leave it off and send the user's id where it helps, or say who agreed to it.",
			Evidence: []string{name},
		})
	}
	for _, c := range r.file.Calls {
		for _, a := range c.Args {
			if a.Keyword != "" {
				report(a.Keyword, value(a), a.Span)
			}
		}
	}
	for _, o := range r.file.Objects {
		for _, k := range o.Keys {
			report(strings.Trim(k.Name, `"'`), k.Value, k.Span)
		}
	}
}
