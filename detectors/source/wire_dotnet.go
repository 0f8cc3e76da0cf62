package source

import (
	"slices"
	"strings"
)

// The serialised names of C#: System.Text.Json (with the camel case that ASP.NET Core sets), Newtonsoft.Json and data contracts.

var (
	dotnetNames = map[string][]string{
		"JsonPropertyName": {""}, "JsonProperty": {"", "PropertyName"}, "DataMember": {"Name"}, "JsonStringEnumMemberName": {""},
		"EnumMember": {"Value"},
	}
	dotnetHiding = words("JsonIgnore IgnoreDataMember NonSerialized")
)

// nameProperties names the properties and enum values of a C# file.
func nameProperties(f *File) {
	for _, d := range f.Decls {
		if d.Parent == nil || d.Wire != "" {
			continue
		}
		switch {
		case d.Kind == EnumValue:
			if !d.pinnedByAttribute() {
				d.Wire = d.Name
			}
		case d.Kind == Field && isIgnored(d):
			d.Wire, d.WireSet = "-", true
		case d.Kind == Field && !d.pinnedByAttribute() && d.Exported && !strings.HasSuffix(strings.TrimSpace(string(f.Text[d.Span.Start:d.Span.End])), ";"):
			d.Wire = lowerLeading(d.Name)
			d.Optional = strings.HasSuffix(d.Type, "?") || d.Default != ""
		}
	}
}

func isIgnored(d *Decl) bool {
	return slices.ContainsFunc(d.Decorators, func(c *Call) bool {
		name := strings.TrimSuffix(c.Name, "Attribute")
		// a condition ignores some values, not the property
		return dotnetHiding[name] && !slices.ContainsFunc(c.Args, func(a Arg) bool { return a.Keyword == "Condition" && !strings.HasSuffix(a.Text, "Always") })
	})
}

func (d *Decl) pinnedByAttribute() bool {
	for _, c := range d.Decorators {
		for _, a := range c.Args {
			if a.IsString && slices.Contains(dotnetNames[strings.TrimSuffix(c.Name, "Attribute")], a.Keyword) {
				d.Wire, d.WireSet = a.Str, true
				return true
			}
		}
	}
	return false
}

// lowerLeading is JsonNamingPolicy.CamelCase: the capitals that a name begins with are lower, but for the one that begins
// the next word. URLValue is urlValue, ID is id.
func lowerLeading(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c < 'A' || c > 'Z' || i > 0 && i+1 < len(b) && (b[i+1] < 'A' || b[i+1] > 'Z') {
			break
		}
		b[i] = c + 'a' - 'A'
	}
	return string(b)
}
