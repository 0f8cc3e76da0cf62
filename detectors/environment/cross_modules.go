package environment

// Settings of an environment that are code: settings/production.py, config/environments/production.rb, environment.prod.ts,
// runtime.exs beside prod.exs, a folder of Terraform for each environment.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

var settingsModule = lazy.New(`(?i)(^|/)(settings?|configs?|configuration|environments?|envs?)/([^/]+/)*[^/]+\.(py|rb|exs|ts|js|mjs|cjs|php|tf|kt|scala|clj|edn)$|(^|/)(environment|config|settings|env|constants|firebase-?config)[._-][\w.-]+\.(ts|js|mjs|cjs|py|php|rb|dart)$|(^|/)main_[\w]+\.dart$`)

// moduleOf is the place of a settings module in its family; false for another file.
func moduleOf(p string) (member, bool) {
	if !settingsModule.MatchString(p) || aside(p) || isTestConfig(p) {
		return member{}, false
	}
	m, ok := placeOf(p)
	if ok {
		// The files of an environment's folder are read apart: main.tf beside main.tf.
		m.family = strings.Replace(p, m.word, "*", 1)
	}
	return m, ok
}

// isTestConfig says whether a tool's own configuration only has an environment's word in its name (vite.config.dev.ts).
func isTestConfig(p string) bool {
	base := strings.ToLower(path.Base(p))
	for _, tool := range []string{"webpack", "vite.", "vitest", "jest", "rollup", "babel", "karma", "playwright", "cypress", "eslint", "tailwind", "next.config"} {
		if strings.Contains(base, tool) {
			return true
		}
	}
	return false
}

// modules are the settings modules of a family.
func (l *layout) modules(family string) []member {
	var list []member
	for p := range l.all {
		if m, ok := moduleOf(p); ok && m.family == family {
			list = append(list, m)
		}
	}
	return list
}
