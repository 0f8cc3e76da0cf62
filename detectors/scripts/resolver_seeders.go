package scripts

// Seeds that seeds take in: the classes that a Laravel seeder calls, the files that db/seeds.rb or prisma/seed.ts load.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	seedFile    = lazy.New(`(?i)(^|/)(\w*seed\w*)(\.\w+$|/)`)
	seederCalls = lazy.New(`(?s)->call(?:Once|Silent|With)?\(\s*(\[.*?\]|[\w\\]+::class)`)
	className   = lazy.New(`([A-Z]\w*)::class`)
	seedLoads   = lazy.New(`(?:\bload|require(?:_relative)?|import_module|from|import)\b[^\n"']*["']([^"'\n]+)["']`)
	seedGlob    = lazy.New(`Dir(?:\.glob)?[\[(][^\n]*["']([\w./*{}-]*seeds?/[^"'\n]*)["']`)
)

// maxSeeders bounds how many files one seed brings along.
const maxSeeders = 60

// seeders are the files that a seed runs besides itself.
func (r *resolver) seeders(p string, depth int) []string {
	if !seedFile.MatchString(p) || depth > 2 {
		return nil
	}
	text := string(r.readHead(p))
	if text == "" || len(text) > maxStarter {
		return nil
	}
	var list []string
	add := func(q string) {
		if q != "" && q != p && !slices.Contains(list, q) && len(list) < maxSeeders {
			list = append(list, q)
			list = append(list, r.seeders(q, depth+1)...)
		}
	}
	for _, m := range seederCalls.FindAllStringSubmatch(text, 20) {
		for _, c := range className.FindAllStringSubmatch(m[1], 50) {
			add(ending(r.paths, "/"+c[1]+".php"))
		}
	}
	for _, m := range seedGlob.FindAllStringSubmatch(text, 5) {
		for _, q := range r.matching(p, m[1]) {
			add(q)
		}
	}
	for _, m := range seedLoads.FindAllStringSubmatch(text, 50) {
		if !strings.HasPrefix(m[1], ".") && path.Ext(p) != ".rb" {
			continue
		}
		for _, ext := range []string{"", path.Ext(p), ".ts", ".js"} {
			if q := path.Join(path.Dir(p), m[1]) + ext; has(r.pass, q) && (seedFile.MatchString(q)) {
				add(q)
				break
			}
		}
	}
	return list
}
