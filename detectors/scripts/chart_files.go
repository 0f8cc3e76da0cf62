package scripts

// SQL and scripts that the hooks of a chart take in by .Files.Get and .Files.Glob.

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/detectors/lazy"
)

var (
	upgradeHook = lazy.New(`(?m)helm\.sh/hook["']?\s*:\s*["']?[\w,\s-]*upgrade`)
	filesTaken  = lazy.New(`\.Files\.(?:Get|Glob|Lines)\s+\(?(?:printf\s+)?"([^"\n]+)"`)
	formatVerb  = lazy.New(`%[-+]?\w`)
	chartRoot   = lazy.New(`^(.*/)?templates/`)
	takenFile   = lazy.New(`\.(sql|sh|py|js|rb)$`)
)

// chartFiles adds the files that a template with a hook of each upgrade takes in.
func (r *resolver) chartFiles() {
	for _, p := range r.paths {
		m := chartRoot.FindStringSubmatch(p)
		if m == nil || path.Ext(p) != ".yaml" && path.Ext(p) != ".yml" && path.Ext(p) != ".tpl" || len(r.found) > maxStarts {
			continue
		}
		text := string(r.readHead(p))
		if len(text) > maxStarter || !strings.Contains(text, ".Files.") || !upgradeHook.MatchString(text) || !strings.Contains(text, "kind: Job") && !strings.Contains(text, "kind: Pod") {
			continue
		}
		for _, taken := range filesTaken.FindAllStringSubmatchIndex(text, 20) {
			pattern := m[1] + formatVerb.ReplaceAllString(text[taken[2]:taken[3]], "*")
			for _, q := range r.paths {
				if ok, err := doublestar.Match(pattern, q); err == nil && ok && takenFile.MatchString(q) {
					line := 1 + strings.Count(text[:taken[0]], "\n")
					r.found = append(r.found, start{program: q, when: eachDeployment, via: []place{{p, line}}})
				}
			}
		}
	}
}
