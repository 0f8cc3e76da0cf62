package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// The serialised names of C#: System.Text.Json (with the camel case that ASP.NET Core sets), Newtonsoft.Json and data contracts.

var (
	dotnetNames = map[string][]string{
		"JsonPropertyName": {""}, "JsonProperty": {"", "PropertyName"}, "DataMember": {"Name"}, "JsonStringEnumMemberName": {""},
		"EnumMember": {"Value"},
	}
	dotnetParts  = lazy.New(`(Exception|Controller|ControllerBase|DbContext|Context|Service|Repository|Handler|Manager|Factory|Provider|Middleware|Hub|BackgroundService|Migration|Attribute|Tests?|Builder|Extensions|Helper|Utils?|PageModel|Converter|Validator|Filter|Job|Plugin)(<.*>)?(\(.*)?$`)
	dotnetHiding = words("JsonIgnore IgnoreDataMember NonSerialized")
)

// nameProperties names the properties and enum values of a C# file.
func nameProperties(f *File) {
	for _, d := range f.Decls {
		if d.Parent == nil || d.Wire != "" {
			continue
		}
		if d.Kind == EnumValue && !d.pinnedByAttribute() {
			d.Wire = d.Name
		}
		if d.Kind != Field {
			continue
		}
		d.Optional = !slices.Contains(d.modifiers, "required") && !annotated(d, words("Required JsonRequired")) &&
			(len(d.Parent.Params) == 0 || d.Default != "" || strings.HasSuffix(d.Type, "?"))
		switch {
		case isIgnored(d):
			d.Wire, d.WireSet = "-", true
		case d.pinnedByAttribute():
		case !open(f, d) && d.Parent.Kind != Interface && !positional(d) || isVariable(f, d) || !annotated(d.Parent, words("DataContract Serializable")) && dotnetPart(d.Parent):
			d.Wire = "-"
		default:
			d.Wire = CamelCase(d.Name)
		}
	}
}

// positional says of a property that it stands in the head of a record.
func positional(d *Decl) bool {
	return slices.ContainsFunc(d.Parent.Params, func(p Param) bool { return p.Name == d.Name }) && d.modifiers == nil
}

// isVariable says of a member that it is a variable, which System.Text.Json does not write, not a property.
func isVariable(f *File, d *Decl) bool {
	return strings.HasSuffix(strings.TrimSpace(string(f.Text[d.Span.Start:d.Span.End])), ";") && d.Body.End == 0
}

// dotnetPart says of a class that a program is made of it.
func dotnetPart(class *Decl) bool {
	part := func(name string) bool { return dotnetParts.MatchString(name) }
	return part(class.Name) || slices.ContainsFunc(class.Bases, part)
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

// CamelCase is JsonNamingPolicy.CamelCase: the capitals that a name begins with are lower, but for the one that begins
// the next word. URLValue is urlValue, ID is id.
func CamelCase(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c < 'A' || c > 'Z' || i > 0 && i+1 < len(b) && (b[i+1] < 'A' || b[i+1] > 'Z') {
			break
		}
		b[i] = c + 'a' - 'A'
	}
	return string(b)
}
