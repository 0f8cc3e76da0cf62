package observability

import (
	"bytes"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// The loggers and libraries of the service that a file belongs to.

// moduleNear is the first of the modules that the service of the file imports, "" for none.
func (l *lookup) moduleNear(from *source.File, pick func(*vocabulary, string) []string) string {
	modules := pick(l.words, family(from.Lang))
	for _, m := range modules {
		word := strings.TrimSuffix(strings.TrimPrefix(m, "@"), "/")
		files := l.naming(word)
		if i := strings.LastIndexByte(word, '/'); i >= 0 && len(word)-i > 4 {
			files = append(slices.Clone(files), l.naming(word[i+1:])...)
		}
		for _, p := range closest(from.Path, files, 8) {
			if family(source.LanguageOf(p)) != family(from.Lang) || !l.near(from.Path, p) {
				continue
			}
			if f := l.read(p); f != nil && (importsAny(f, []string{m}) || f.Lang == source.Rust && bytes.Contains(f.Text, []byte(m+"::"))) {
				return m
			}
		}
	}
	return ""
}

// loggerNear is the logger that the service of the file has, "" for none.
func (l *lookup) loggerNear(from *source.File) string {
	if m := l.moduleNear(from, func(v *vocabulary, fam string) []string { return v.Modules[fam].Log }); m != "" {
		return m
	}
	for _, w := range l.words.Modules[family(from.Lang)].Loggers {
		if slices.ContainsFunc(l.naming(w), func(p string) bool { return source.LanguageOf(p) == from.Lang && l.near(from.Path, p) }) {
			return strings.TrimRight(w, "<")
		}
	}
	return ""
}
