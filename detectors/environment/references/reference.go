package references

// What one read of a variable or of a key says.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Type is what the code turns the text of a variable into.
type Type string

// The types; Raw is a read that keeps the text as it is.
const (
	Raw      Type = ""
	Text     Type = "string"
	Bool     Type = "bool"
	Int      Type = "int"
	Float    Type = "float"
	Duration Type = "duration"
	URL      Type = "url"
	JSON     Type = "json"
	List     Type = "list"
)

// Reference is one read of a variable or of a configuration key.
type Reference struct {
	Name string
	Path string
	Line int
	// Place is where the read stands in its file: the declaration around it and the name that takes the value
	// ("Config.Port", "main.port"). A variable that is renamed keeps it.
	Place string
	// Optional: the read has a default, or the code deals with its absence.
	Optional bool
	// FailFast: the program refuses to start, or to go on, without it.
	FailFast bool
	// Default: the code has a value of its own to take instead.
	Default bool
	// LocalDefault: the default is one for a developer's machine (localhost, a sandbox).
	LocalDefault bool
	// Makeshift: the default does for a developer's machine only: a folder that a restart empties, a driver that keeps or sends
	// nothing.
	Makeshift bool
	// WeakDefault: the default is a word that is written in place of a secret ("changeme").
	WeakDefault bool
	// Type is what the code makes of it.
	Type Type
	// Key says that Name is a key of structured configuration ("session.idle_timeout"), not a variable.
	Key bool
	// Variable is the variable that gives a Key too (viper's AutomaticEnv, Spring's and .NET's relaxed names), empty without
	// one.
	Variable string
	// Section is the key that the type is bound to of which a Key is one field, and BoundPath and BoundLine are where; empty for a key that is
	// read by itself.
	Section, BoundPath string
	BoundLine          int
	// Binding says that the name comes from a platform's bindings (env.NAME of a Worker) rather than from the process.
	Binding bool
	// Client says that the name's prefix makes a bundler write its value into what browsers load.
	Client bool
}

// clientPrefixes are the prefixes by which bundlers know the variables that they write into what browsers or apps load.
var clientPrefixes = []string{
	"NEXT_PUBLIC_",                    // Next.js
	"VITE_",                           // Vite, and what stands on it
	"RENDERER_VITE_", "PRELOAD_VITE_", // electron-vite
	"PUBLIC_",     // SvelteKit, Astro, Qwik, Rsbuild, Hydrogen
	"REACT_APP_",  // Create React App
	"PREACT_APP_", // Preact CLI
	"EXPO_PUBLIC_",
	"NUXT_PUBLIC_", "NUXT_ENV_", // Nuxt 3, Nuxt 2
	"GATSBY_",
	"VUE_APP_",
	"NG_APP_", // @ngx-env/builder
	"STORYBOOK_",
	"NX_PUBLIC_",
	"BUN_PUBLIC_",
	"PLASMO_PUBLIC_", "WXT_", // browser extensions
	"RAZZLE_",
	"UMI_APP_", "TARO_APP_",
	"SNOWPACK_PUBLIC_",
	"REDWOOD_ENV_",
	"BLITZ_PUBLIC_",
	"GRIDSOME_",
	"MIX_", // Laravel Mix
	"REACT_NATIVE_PUBLIC_",
}

// ClientPrefix is the prefix by which a bundler writes the variable into what browsers load, empty for a variable that stays on the
// server.
func ClientPrefix(name string) string {
	for _, p := range clientPrefixes {
		if strings.HasPrefix(name, p) {
			return p
		}
	}
	return ""
}

// Client says whether a bundler writes the variable into what browsers load.
func Client(name string) bool { return ClientPrefix(name) != "" }

var (
	variableName = lazy.New(`^[A-Za-z_][A-Za-z0-9_]*$`)
	upperName    = lazy.New(`^[A-Z][A-Z0-9_]+$`)
	keyName      = lazy.New(`^[A-Za-z_][\w.:\-\[\]]*$`)
	developers   = lazy.New("(?i)(^|[\"'`/@])(localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0)\\b|host\\.docker\\.internal|//(mailhog|minio|redis|postgres|db)\\b|//[\\w.-]*sandbox")
)

// Local says whether a default's text is one for a developer's machine.
func Local(text string) bool { return len(text) < 1000 && developers.MatchString(text) }

var makeshift = lazy.New("(?i)^[\"'`]?(/tmp(/[^\"'`]*)?|/var/tmp(/[^\"'`]*)?|(in-?memory|memory|mem|locmem|fake|mock|stub|dummy|no-?op|null|console|stdout)(:[^\"'`]*)?|log|array|sync|local|file:/tmp[^\"'`]*|sqlite:[^\"'`]*(memory|/tmp|dev)[^\"'`]*)[\"'`]?$")

// Makeshift says whether a default's text does for a developer's machine only.
func Makeshift(text string) bool {
	return len(text) > 2 && len(text) < 200 && makeshift.MatchString(text)
}

var weak = lazy.New("(?i)^[\"'`]?[\\w.!@ -]*(change[-_ ]?me|secret|insecure|unsafe|password|passw0rd|example|default|dev|test|local|admin|12345|foobar|xxx)[\\w.!@ -]*[\"'`]?$")

// Weak says whether a default's text is a word that is written in place of a secret.
func Weak(text string) bool { return len(text) > 3 && len(text) < 100 && weak.MatchString(text) }

// Repository is what a file's references need to know of the other files.
type Repository struct {
	Helpers []Helper
	// Constant is the string that another file gives to a constant, empty when it is not known. It may be nil.
	Constant func(name string) string
	// Type finds the declaration of a type in another file, nil when it is not known. It may be nil.
	Type func(name string) (*source.File, *source.Decl)
}

// Reads says whether the references of a path's language are read.
func Reads(p string) bool {
	return source.LanguageOf(p) != "" || expressions[endingOf(p)] != nil || isShell(p) || Placeholders(p)
}

// Parsed says whether a path's language is read by its tree; the others are read by ReadText.
func Parsed(p string) bool { return source.LanguageOf(p) != "" }

// Read finds all references in a parsed file, in source order of each kind.
func Read(f *source.File, repo *Repository) []Reference {
	r := newReader(f, repo)
	r.collect()
	r.helped()
	return sound(f.Path, r.refs)
}

// ReadText finds the references of a shell script, and of a language without a reader by the one or two forms that it has.
func ReadText(p string, text []byte) []Reference {
	if Script(p) {
		return sound(p, readShell(p, text))
	}
	if Placeholders(p) {
		return sound(p, readPlaceholders(p, string(text)))
	}
	return sound(p, readExpressions(p, string(text)))
}

// sound keeps the references whose names can be names, once for each line.
func sound(p string, refs []Reference) []Reference {
	kept := refs[:0]
	type place struct {
		name, path string
		line       int
		key        bool
	}
	seen := map[place]int{}
	for _, r := range refs {
		if r.Key && !keyName.MatchString(r.Name) || !r.Key && (!variableName.MatchString(r.Name) || len(r.Name) < 2) {
			continue
		}
		if r.Path == "" { // what a type of another file says stands there
			r.Path = p
		}
		r.Client = !r.Key && Client(r.Name)
		at := place{r.Name, r.Path, r.Line, r.Key}
		if i, ok := seen[at]; ok {
			kept[i] = kept[i].merged(r)
			continue
		}
		seen[at] = len(kept)
		kept = append(kept, r)
	}
	// What a file tests or replaces in one place it does not need in another.
	soft := map[string]bool{}
	for _, r := range kept {
		soft[r.Name] = soft[r.Name] || r.Optional
	}
	for i := range kept {
		kept[i].Optional = kept[i].Optional || soft[kept[i].Name]
		kept[i].FailFast = kept[i].FailFast && !kept[i].Optional
	}
	return kept
}

// merged is what two looks at the same read say together.
func (r Reference) merged(other Reference) Reference {
	r.Optional = r.Optional || other.Optional
	r.FailFast = r.FailFast || other.FailFast
	r.Default = r.Default || other.Default
	r.LocalDefault = r.LocalDefault || other.LocalDefault
	r.Makeshift = r.Makeshift || other.Makeshift
	r.WeakDefault = r.WeakDefault || other.WeakDefault
	if r.Type == Raw {
		r.Type = other.Type
	}
	if r.Place == "" {
		r.Place = other.Place
	}
	return r
}
