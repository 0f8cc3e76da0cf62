package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Classes that a framework fills from configuration: Spring's and Micronaut's @ConfigurationProperties, Quarkus' @ConfigMapping,
// and the options of .NET, whose section is called like the class.

var (
	settingsAnnotation = lazy.New(`^(ConfigurationProperties|ConfigMapping|ConfigProperties)$`)
	optionsClass       = lazy.New(`^([A-Z]\w{2,})(?:Options|Settings|Configuration|Config)$`)
	sectionName        = lazy.New(`\bconst\s+string\s+(?:SectionName|Section|Position|Key|ConfigurationSection)\s*=\s*"([\w:.]+)"`)
)

// settingsKeys are the keys that the settings classes of a file take.
func settingsKeys(f *source.File) []configKey {
	if family(f.Path) == "" {
		return nil
	}
	var list []configKey
	for _, d := range f.Decls {
		if d.Kind != source.Class && d.Kind != source.Struct && d.Kind != source.Interface {
			continue
		}
		if prefix := settingsPrefix(f, d); len(prefix) > 0 {
			list = append(list, membersAsKeys(f, d, prefix, 0)...)
		}
	}
	return list
}

// settingsPrefix is where in the configuration a class is filled from, nil for a class that is not.
func settingsPrefix(f *source.File, d *source.Decl) []string {
	for _, c := range d.Decorators {
		if !settingsAnnotation.MatchString(c.Name) {
			continue
		}
		for _, a := range c.Args {
			if a.IsString && (a.Keyword == "" || a.Keyword == "prefix" || a.Keyword == "value") {
				return strings.Split(a.Str, ".")
			}
		}
	}
	if m := optionsClass.FindStringSubmatch(d.Name); m != nil && f.Lang == source.CSharp {
		if s := sectionName.FindSubmatch(f.Text[d.Span.Start:d.Span.End]); s != nil {
			return strings.FieldsFunc(string(s[1]), func(r rune) bool { return r == ':' || r == '.' })
		}
		return []string{m[1]}
	}
	return nil
}

func membersAsKeys(f *source.File, d *source.Decl, prefix []string, depth int) []configKey {
	var list []configKey
	for _, m := range d.Members {
		if m.Kind != source.Field && (d.Kind != source.Interface || m.Kind != source.Method) || m.Embedded {
			continue
		}
		steps := append(slices.Clone(prefix), m.Name)
		if inner := declared(f, typeName(m.Type)); inner != nil && inner != d && depth < 3 && inner.Kind != source.Enum {
			list = append(list, membersAsKeys(f, inner, steps, depth+1)...)
			continue
		}
		list = append(list, configKey{steps, "class " + ownerOf(d), f.Path, m.Span.Line})
	}
	return list
}

// settingsFile says that a file may hold the configuration of such a class.
func settingsFile(p string) bool {
	base := strings.ToLower(path.Base(p))
	return strings.HasPrefix(base, "appsettings") || strings.HasPrefix(base, "application") || strings.HasPrefix(base, "bootstrap") || strings.Contains(base, "values") || strings.Contains(base, "config")
}
