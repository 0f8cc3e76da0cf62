package environment

// Secrets that a bundler's configuration hands to clients by itself: env of next.config, define of Vite and webpack, the public part of Nuxt's
// runtimeConfig.

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// handing is a setting of a bundler whose object is written into what clients get.
type handing struct {
	files *lazy.Regexp
	// key is the setting's name; object is that of the object itself.
	key string
}

var handings = []handing{
	{lazy.New(`^next\.config\.`), "env"}, {lazy.New(`^next\.config\.`), "publicRuntimeConfig"},
	{lazy.New(`^(vite|vitest|rsbuild|electron\.vite|webpack|rspack|craco|vue|tsup|esbuild)[\w.]*\.config\.|^webpack\.`), "define"}, {lazy.New(`^webpack|^vue\.config|^craco`), "DefinePlugin"},
	{lazy.New(`^nuxt\.config\.`), "public"}, {lazy.New(`^app\.config\.(ts|js)`), "extra"},
}

// handedToClients are the findings of such objects that the branch writes.
func (l *ledger) handedToClients() (found []detectors.Finding) {
	for _, f := range l.pass.Branch.Files {
		base := path.Base(f.Path)
		if f.Status == branch.Deleted || f.TooLarge || f.Binary || !strings.Contains(base, "config") && !strings.HasPrefix(base, "webpack") || source.LanguageOf(f.Path) == "" || aside(f.Path) {
			continue
		}
		for _, h := range handings {
			if !h.files.MatchString(base) {
				continue
			}
			file, err := l.pass.Source.Head(f.Path)
			if err != nil || file == nil {
				continue
			}
			for _, o := range file.Objects {
				for _, k := range o.Keys {
					if k.Child == nil || strings.Trim(k.Name, "\"'") != h.key {
						continue
					}
					for _, inner := range k.Child.Keys {
						if name := handedSecret(inner); name != "" && f.Touched(inner.Span.Line) {
							found = append(found, detectors.Finding{
								Severity: detectors.Blocker, Path: f.Path, Line: inner.Span.Line, Symbol: name,
								Message:  fmt.Sprintf("%s is named like a secret, and %s of %s writes it into what clients load (%s)", name, h.key, base, inner.Name),
								Why:      "The build puts the value into the files that every visitor downloads; after the first build it is public.",
								Fix:      "Read it on the server, and let clients ask the server. Change the secret if it was built once.",
								Evidence: []string{name, h.key},
							})
						}
					}
				}
			}
		}
	}
	return found
}

var processVariable = lazy.New(`(?:process\.env|env)(?:\.|\[["'])([A-Z][A-Z0-9_]+)`)

// handedSecret is the variable with a secret's name that a key takes, empty without one.
func handedSecret(k source.Key) string {
	m := processVariable.FindStringSubmatch(k.Value)
	if m == nil || !secretName.MatchString(m[1]) || publicName.MatchString(m[1]) && !databaseName.MatchString(m[1]) || strings.HasPrefix(strings.TrimSpace(k.Value), "!!") || strings.Contains(k.Value, "Boolean(") {
		return ""
	}
	return m[1]
}
