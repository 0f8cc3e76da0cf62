package references

// Pydantic settings classes: their variables go by the fields' names in upper case, behind a prefix.
// Source: docs.pydantic.dev/latest/concepts/pydantic_settings.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	prefixField    = lazy.New(`env_prefix\s*=\s*["'](\w*)["']|["']env_prefix["']\s*:\s*["'](\w*)["']`)
	delimiterField = lazy.New(`env_nested_delimiter\s*=\s*["']([^"']*)["']|["']env_nested_delimiter["']\s*:\s*["']([^"']*)["']`)
)

// isSettings says whether a class, or one that it is derived from in this file, is a settings class.
func (r *reader) isSettings(d *source.Decl, depth int) bool {
	for _, b := range d.Bases {
		if strings.HasSuffix(b, "BaseSettings") || b == "Settings" && r.imports("pydantic") && r.typeIn(b) == nil {
			return true
		}
		if base := r.typeIn(b); base != nil && base != d && depth < 5 && r.isSettings(base, depth+1) {
			return true
		}
	}
	return false
}

func (r *reader) settings() {
	for _, d := range r.Decls {
		if d.Kind != source.Class || len(d.Bases) == 0 || !r.isSettings(d, 0) {
			continue
		}
		body := r.textAt(d.Span)
		prefix, delimiter := r.setting(d, prefixField, 0), ""
		if m := delimiterField.FindStringSubmatch(body); m != nil {
			delimiter = m[1] + m[2]
		}
		r.settingsFields(d, prefix, delimiter, 0)
	}
}

// setting is a word of the class's own configuration, or of the one that it is derived from.
func (r *reader) setting(d *source.Decl, word interface{ FindStringSubmatch(string) []string }, depth int) string {
	if m := word.FindStringSubmatch(r.textAt(d.Span)); m != nil {
		return m[1] + m[2]
	}
	for _, b := range d.Bases {
		if base := r.typeIn(b); base != nil && base != d && depth < 5 {
			return r.setting(base, word, depth+1)
		}
	}
	return ""
}

func (r *reader) settingsFields(d *source.Decl, prefix, delimiter string, depth int) {
	for _, f := range d.Members {
		if f.Kind != source.Field || f.Type == "" || f.Name == "model_config" || strings.HasPrefix(f.Name, "_") || strings.Contains(f.Type, "ClassVar") {
			continue
		}
		if nested := r.typeIn(f.Type); nested != nil && f.Default == "" && depth < 4 {
			if r.isSettings(nested, 0) {
				continue // reads its own variables
			}
			if delimiter != "" {
				r.settingsFields(nested, prefix+f.Name+delimiter, delimiter, depth+1)
				continue
			}
		}
		u := use{given: f.Default != "", fallback: f.Default, typ: typeNamed(f.Type), optional: strings.Contains(f.Type, "Optional") || strings.Contains(f.Type, "None"), taker: f.Name}
		names := []string{prefix + f.Name}
		if c := r.fieldCall(f); c != nil {
			u.given, u.fallback = false, ""
			if len(c.Args) > 0 && c.Args[0].Keyword == "" {
				u.fallback = c.Args[0].Text
			} else if v := keyword(c, "default", "default_factory"); v != "" {
				u.fallback = v
			}
			u.given = u.fallback != "" && u.fallback != "..."
			if list := aliases(c); len(list) > 0 {
				names = list
			}
		}
		if strings.TrimSpace(u.fallback) == "None" {
			u.given, u.optional = false, true
		}
		if u.optional && f.Default == "" && strings.Contains(f.Type, "None") {
			u.optional = false // Pydantic 2: without a default it is required even if it may be None
		}
		u.fails = !u.optional && !u.given
		u.optional = u.optional || len(names) > 1
		for _, name := range names {
			r.named(strings.ToUpper(name), f.Span, d, f.Name, u)
		}
	}
}

// fieldCall is the Field(...) that a field is given, nil without one.
func (r *reader) fieldCall(f *source.Decl) *source.Call {
	if !strings.Contains(f.Default, "Field(") && !strings.Contains(f.Type, "Field(") {
		return nil
	}
	for _, c := range r.Calls {
		if c.Name == "Field" && f.Span.Start <= c.Span.Start && c.Span.End <= f.Span.End {
			return c
		}
	}
	return nil
}

// aliases are the variables that Field(alias=...), validation_alias=AliasChoices("A", "B") or env=[...] name.
func aliases(c *source.Call) []string {
	a, ok := argument(c, "validation_alias")
	if !ok {
		a, ok = argument(c, "alias", "env")
	}
	if !ok {
		return nil
	}
	if a.IsString {
		return []string{a.Str}
	}
	var list []string
	for _, word := range strings.FieldsFunc(a.Text, func(x rune) bool { return strings.ContainsRune("(),[] \n", x) }) {
		if v, ok := literal(word); ok {
			list = append(list, v)
		}
	}
	return list
}
