package scripts

// Names in Rails migrations: tables of models, columns of updates.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// updatedNames are the columns that an update_all sets, given as options or as SQL.
func updatedNames(rest string) []string {
	var names []string
	if m := sqlSet.FindStringSubmatch(rest); m != nil {
		return []string{fold(m[1])}
	}
	for _, m := range rubyOption.FindAllStringSubmatch(rest, -1) {
		names = append(names, fold(m[1]))
	}
	return names
}

// pluralTable guesses the table of a model class: OrderLine becomes order_lines.
func pluralTable(class string) string {
	if i := strings.LastIndex(class, "::"); i >= 0 {
		class = class[i+2:]
	}
	var b strings.Builder
	for i, c := range class {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	name := strings.ToLower(b.String())
	switch {
	case strings.HasSuffix(name, "y") && !strings.HasSuffix(name, "ay") && !strings.HasSuffix(name, "ey"):
		return name[:len(name)-1] + "ies"
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"):
		return name + "es"
	}
	return name + "s"
}

var sqlSet = lazy.New(`^\s*\(?\s*\[?\s*["']\s*"?(\w+)"?\s*=`)
