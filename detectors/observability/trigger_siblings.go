package observability

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// The triggers beside one: what the repository is used to.

// maxSiblings bounds how many are looked at.
const maxSiblings = 30

// kin is what the triggers beside one do.
type kin struct {
	// example leaves a trace, counting leaves a metric by itself; nil for none.
	example, counting *trigger
	// carry leave a trace, count a metric; total is how many there are.
	carry, count, total int
}

// all says whether there are at least two, and each leaves a trace.
func (k kin) all() bool { return k.total >= 2 && k.carry == k.total }

// siblings are the triggers of the same kind and language in the service that the branch does not add.
func (l *lookup) siblings(t *trigger, fresh []*trigger) kin {
	var found kin
	var files []string
	for _, fw := range l.tables.frameworks {
		if fw.Name != t.framework {
			continue
		}
		for _, i := range fw.Imports {
			word := strings.TrimSuffix(strings.TrimPrefix(i, "@"), "/")
			files = append(files, l.naming(word[strings.LastIndexByte(word, '/')+1:])...)
		}
		for _, w := range fw.Words {
			files = append(files, l.naming(w)...)
		}
		files = append(files, l.alike(fw)...)
	}
	if t.framework == timerName {
		for _, w := range timerWords {
			files = append(files, l.naming(w)...)
		}
	}
	files = append(files, t.file.Path)
	files = append(files, l.beside(t.file)...)
	slices.Sort(files)
	files = slices.DeleteFunc(slices.Compact(files), func(p string) bool {
		return family(source.LanguageOf(p)) != family(t.file.Lang) || !l.near(t.file.Path, p)
	})
	for _, p := range closest(t.file.Path, files, maxFront) {
		f := l.read(p)
		if f == nil {
			continue
		}
		for _, s := range l.triggersIn(f) {
			isFresh := slices.ContainsFunc(fresh, func(n *trigger) bool { return n.file.Path == p && n.key() == s.key() })
			if s.kind != t.kind || isFresh || quietName.MatchString(s.name) || found.total >= maxSiblings {
				continue
			}
			found.total++
			own := l.own(s)
			if own.has(visible) {
				found.carry++
				if found.example == nil {
					found.example = s
				}
			}
			if own.has(metered) {
				found.count++
				if found.counting == nil {
					found.counting = s
				}
			}
		}
	}
	return found
}

// alike are the paths that a framework's shapes name.
func (l *lookup) alike(fw *framework) []string {
	var globs []string
	for _, s := range fw.Functions {
		globs = append(globs, s.Path)
	}
	for _, s := range fw.Classes {
		globs = append(globs, s.Path)
	}
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []string
	for _, g := range globs {
		if g == "" {
			continue
		}
		for _, p := range paths {
			if glob(g, p) && !source.IsTest(p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// beside are the files of the same language in the file's folder.
func (l *lookup) beside(f *source.File) []string {
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []string
	for _, p := range paths {
		if path.Dir(p) == path.Dir(f.Path) && family(source.LanguageOf(p)) == family(f.Lang) && !source.IsTest(p) {
			list = append(list, p)
		}
	}
	return list
}
