package references

// Reads in configuration: what Spring, Symfony, Rails and node-config take from the environment when they read their own files.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// placeholders are how one framework's files name variables.
type placeholders struct {
	file *lazy.Regexp
	// read has the name in its first group; the second one, where it took part, says that there is a default.
	read *lazy.Regexp
}

var placeholderFiles = []placeholders{
	// Spring, Quarkus and Micronaut: ${NAME}, ${NAME:default}.
	{file: lazy.New(`(^|/)(application|bootstrap)(-[\w-]+)?\.(ya?ml|properties)$`), read: lazy.New(`\$\{([A-Z][A-Z0-9_]+)(:[^}]*)?\}`)},
	// Rails: ERB in config/*.yml.
	{file: lazy.New(`(^|/)config/[\w-]+\.yml(\.erb)?$`), read: lazy.New(`<%=?[^%]*?\bENV(?:\.fetch\(|\[)\s*["']([A-Z][A-Z0-9_]+)["']\s*(\]\s*\|\||,|\)\s*\{|\)\s*do|\]\.(?:present|blank|nil|to_i))?`)},
	// Symfony: %env(NAME)%, with processors before the name.
	{file: lazy.New(`(^|/)config/(packages/|routes/)?[\w/-]+\.ya?ml$`), read: lazy.New(`%env\((?:(?:[a-z_]+:)+)?([A-Z][A-Z0-9_]+)\)%`)},
	// Ktor, Akka and Play read HOCON: ${NAME}, and ${?NAME}, which leaves the line out where it is not set.
	{file: lazy.New(`(^|/)(application|reference)(-[\w-]+)?\.conf$`), read: lazy.New(`\$\{([A-Z][A-Z0-9_]+)\}`)},
	{file: lazy.New(`(^|/)(application|reference)(-[\w-]+)?\.conf$`), read: lazy.New(`\$\{\?([A-Z][A-Z0-9_]+)(\})`)},
	// node-config: the leaves of one file name variables, which are taken where they are set.
	{file: lazy.New(`(^|/)config/custom-environment-variables\.(json5?|ya?ml)$`), read: lazy.New(`:\s*["']?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']?\s*(?:[,}\n]|$)`)},
}

var (
	configComment  = lazy.New(`^\s*(#|//|!)`)
	defaultedNames = lazy.New(`\bdefault(?::\w*)*:([A-Z][A-Z0-9_]+)\)%|\benv\(([A-Z][A-Z0-9_]+)\)\s*:`)
)

// Placeholders says whether a path is a configuration file whose values may name variables that its framework reads.
func Placeholders(p string) bool {
	for _, form := range placeholderFiles {
		if form.file.MatchString(p) {
			return path.Base(p) != "deploy.yml"
		}
	}
	return false
}

func readPlaceholders(p, text string) []Reference {
	var refs []Reference
	defaulted := map[string]bool{}
	for _, m := range defaultedNames.FindAllStringSubmatch(text, 200) {
		defaulted[m[1]+m[2]] = true
	}
	for _, form := range placeholderFiles {
		if !form.file.MatchString(p) {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if configComment.MatchString(line) || len(refs) > maxSubscripts {
				continue
			}
			for _, m := range form.read.FindAllStringSubmatch(line, 20) {
				fallback := ""
				if len(m) > 2 {
					fallback = m[2]
				}
				r := Reference{Name: m[1], Line: i + 1, Optional: fallback != "" || defaulted[m[1]], Default: fallback != "" || defaulted[m[1]], LocalDefault: fallback != "" && Local(fallback), Makeshift: Makeshift(fallback)}
				r.FailFast = !r.Optional && strings.Contains(m[0], "fetch") || !r.Optional && strings.HasPrefix(m[0], "${")
				if at := strings.IndexAny(line, ":="); at >= 0 {
					r.Place = strings.Trim(strings.TrimSpace(line[:at]), `"' -`)
				}
				refs = append(refs, r)
			}
		}
	}
	return refs
}
