package environment

// Shell scripts that the product or its delivery runs, whatever their names: those that a pipeline, an image or a manifest
// names.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/environment/references"
)

// reads says whether the references of a path are read. A shell script without a telling name is, where something that
// deploys names it.
func (l *ledger) reads(p string) bool {
	return references.Reads(p) || references.Script(p) && l.runs(p)
}

// runs says whether a pipeline, an image, a manifest or a Procfile names a script.
func (l *ledger) runs(p string) bool {
	if named, ok := l.scripts[p]; ok {
		return named
	}
	base := path.Base(p)
	words := strings.FieldsFunc(strings.TrimSuffix(base, path.Ext(base)), func(c rune) bool { return c == '-' || c == '.' })
	named := false
	if len(words) > 0 && !aside(p) {
		word := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
		naming, err := l.pass.Source.Naming(l.pass.Context, word, base, p, "./"+p)
		for _, w := range []string{word, base, p, "./" + p} {
			for _, by := range naming[w] {
				kind := fileKindOf(by)
				named = named || err == nil && by != p && (kind == ciFile || kind == configFile && !references.Script(by)) && slices.ContainsFunc(l.text(by), func(line string) bool {
					return strings.Contains(line, base) && !comment.MatchString(line)
				})
			}
		}
	}
	if l.scripts == nil {
		l.scripts = map[string]bool{}
	}
	l.scripts[p] = named
	return named
}
