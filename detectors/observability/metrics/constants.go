package metrics

import (
	"strings"

	"flightpoll/detectors/source"
)

// ConstantsOf reads the constants of files, the first one that declares a name counts; a variable counts where it is
// given a literal.
func ConstantsOf(files ...*source.File) Constants {
	return func(name string) (string, bool) {
		for _, f := range files {
			for _, d := range f.Decls {
				if d.Name != name || d.Kind != source.Const && d.Kind != source.Var && d.Kind != source.Field && d.Kind != source.EnumValue {
					continue
				}
				text := strings.TrimSpace(d.Default)
				if len(text) >= 2 && strings.ContainsAny(text[:1], "\"'`") && text[len(text)-1] == text[0] && !strings.ContainsAny(text[1:len(text)-1], "\"'`$#{") {
					return text[1 : len(text)-1], true
				}
			}
		}
		return "", false
	}
}
