package contracts

import (
	"slices"

	"flightpoll/detectors/source"
)

// takersIn are the exported functions of a script's file that take a value of a type: play(url: string, options: PlayOptions).
// Who calls them in plain JavaScript hands over a literal that no compiler looks at.
func takersIn(f *source.File, owner string) []string {
	if f.Lang != source.TypeScript && f.Lang != source.JavaScript {
		return nil
	}
	var list []string
	for _, d := range f.Decls {
		if !d.Exported || d.Kind != source.Function && !givenFunction(d) {
			continue
		}
		if slices.ContainsFunc(d.Params, func(p source.Param) bool { return slices.Contains(identifiers(p.Type), owner) }) {
			list = append(list, d.Name)
		}
	}
	return list
}

// takenFrom says that a record is a literal in plain JavaScript that is handed to such a function.
func (c *change) takenFrom(r *record) bool {
	return r.form == formLiteral && source.Language(r.lang) == source.JavaScript &&
		slices.ContainsFunc(c.takers, func(name string) bool { return slices.Contains(r.about, name) })
}
