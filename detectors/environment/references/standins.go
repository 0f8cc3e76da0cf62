package references

// Names that stand for the whole environment: a parameter or a variable that is given process.env, os.environ, ENV or
// System.getenv(), so that what is looked up in it is a variable.

import (
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// standIn is how one language declares such a name. hint is a text without which no file has one.
type standIn struct {
	hint    string
	pattern *lazy.Regexp
}

// standIns are the declarations, by language; the first group that took part is the name.
var standIns = map[source.Language][]standIn{
	source.TypeScript: {
		{"process.env", lazy.New(`\b(\w+)\s*(?::[^=(){};]{1,80})?=\s*process\.env\s*[,;)}\n]`)},
		{"ProcessEnv", lazy.New(`\b(\w+)\??\s*:\s*(?:Readonly<)?(?:NodeJS\.)?ProcessEnv\b`)},
		{"Record<string", lazy.New(`\b(env|environ|environment|processEnv)\??\s*:\s*(?:Readonly<)?Record<string,\s*string(?:\s*\|\s*undefined)?>`)},
		{"typeof process.env", lazy.New(`\b(\w+)\??\s*:\s*typeof process\.env\b`)},
		{"process", lazy.New(`import\s*\{\s*(env)\s*\}\s*from\s*["'](?:node:)?process["']|\{\s*(env)\s*\}\s*=\s*process\b`)},
	},
	source.Python: {
		{"os.environ", lazy.New(`\b(\w+)\s*(?::[^=():]{1,60})?=\s*(?:os\.environ(?:\.copy\(\))?|dict\(os\.environ\))\s*[,)\n]`)},
		{"str]", lazy.New(`\b(env|environ|environment)\s*:\s*(?:typing\.)?(?:Mapping|MutableMapping|dict|Dict)\[str,\s*(?:str|Any)\]`)},
		{"os._Environ", lazy.New(`\b(\w+)\s*:\s*["']?os\._Environ`)},
	},
	source.Ruby: {
		{"ENV", lazy.New(`\b(\w+)\s*(?:=|:)\s*ENV(?:\.to_h)?\s*[,)\n]`)},
	},
	source.Java: {
		{"System.getenv()", lazy.New(`\b(\w+)\s*=\s*System\.getenv\(\)\s*[;,)\n]`)},
		{"Map<String", lazy.New(`Map<String,\s*String>\s+(env|environ|environment|envVars|variables)\b`)},
	},
	source.Kotlin: {
		{"System.getenv()", lazy.New(`\b(\w+)\s*(?::[^=(){};]{1,60})?=\s*System\.getenv\(\)\s*[;,)\n]`)},
		{"Map<String", lazy.New(`\b(env|environ|environment|envVars|variables)\s*:\s*Map<String,\s*String>`)},
	},
	source.PHP: {
		{"array $env", lazy.New(`\barray\s+(\$env\w*)`)},
		{"_ENV", lazy.New(`(\$\w+)\s*=\s*\$_ENV\s*[;,)]`)},
		{"getenv()", lazy.New(`(\$\w+)\s*=\s*getenv\(\)`)},
	},
	source.Rust: {
		{"Map<String, String>", lazy.New(`\b(env|environ|environment|vars|variables)\s*:\s*&?(?:'\w+\s+)?(?:Hash|BTree)Map<String,\s*String>`)},
		{"env::vars()", lazy.New(`let\s+(?:mut\s+)?(\w+)(?:\s*:[^=]{1,60})?\s*=\s*(?:std::)?env::vars\(\)\s*\.collect`)},
	},
	source.CSharp: {
		{"GetEnvironmentVariables()", lazy.New(`\b(\w+)\s*=\s*Environment\.GetEnvironmentVariables\(\)`)},
		{"string>", lazy.New(`\bI?(?:ReadOnly)?Dictionary<string,\s*string\??>\s+(env|environ|environment|environmentVariables)\b`)},
	},
}

// lookups are parameters that are functions which look one variable up: os.Getenv and os.LookupEnv handed in.
var lookups = map[source.Language][]standIn{
	source.Go: {
		{"func(", lazy.New(`\b(\w*[gG]etenv|\w*[eE]nv|lookup\w*|look[uU]p)\s+func\(\s*(?:\w+\s+)?string\s*\)\s*(?:string|\(\s*(?:\w+\s+)?string,)`)},
		{"os.", lazy.New(`\b(\w+)\s*:?=\s*os\.(?:Getenv|LookupEnv)\b\s*[^(\s]?\s*\n`)},
	},
	source.Rust: {
		{"Fn(&str)", lazy.New(`\b(\w*env\w*|lookup|get|var)\s*:\s*(?:&?impl|&?dyn|Box<dyn)\s*Fn\(&(?:'\w+\s+)?str\)\s*->\s*(?:Option|Result)<`)},
	},
	source.TypeScript: {
		{"=> string", lazy.New(`\b(getenv|getEnv|lookup\w*|readEnv)\s*:\s*\(\w+\s*:\s*string\)\s*=>\s*string`)},
	},
}

// declaredIn are the names that a list of declarations finds in a text.
func declaredIn(list []standIn, text string) map[string]bool {
	names := map[string]bool{}
	for _, s := range list {
		if !strings.Contains(text, s.hint) {
			continue
		}
		for _, m := range s.pattern.FindAllStringSubmatch(text, maxStandIns) {
			for _, name := range m[1:] {
				if name != "" {
					names[name] = true
				}
			}
		}
	}
	return names
}

// maxStandIns bounds the declarations of one form in one file.
const maxStandIns = 40

// stands says whether a receiver is a name for the whole environment: env, this.env, self._env, @env.
func (r *reader) stands(receiver string) bool {
	if receiver == "" || len(receiver) > 60 {
		return false
	}
	if r.standing == nil {
		lang := r.Lang
		if lang == source.JavaScript {
			lang = source.TypeScript
		}
		r.standing = declaredIn(standIns[lang], string(r.Text))
	}
	if len(r.standing) == 0 {
		return false
	}
	for _, owner := range []string{"this.", "self.", "@", "$this->"} {
		receiver = strings.TrimPrefix(receiver, owner)
	}
	return r.standing[receiver] || r.standing[strings.TrimLeft(receiver, "_#")] || r.standing["$"+receiver]
}

// standingNames are the names for the whole environment, as receivers of computed keys.
func (r *reader) standingNames() []string {
	r.stands("\x00")
	return slices.Sorted(maps.Keys(r.standing))
}

// looksUp says whether a call is one of a function that was handed in to look a variable up.
func (r *reader) looksUp(c *source.Call) bool {
	if c.Receiver != "" && c.Receiver != "self" && c.Receiver != "this" && len(c.Receiver) > 2 || len(c.Args) != 1 {
		return false
	}
	if r.lookups == nil {
		lang := r.Lang
		if lang == source.JavaScript {
			lang = source.TypeScript
		}
		r.lookups = declaredIn(lookups[lang], string(r.Text))
	}
	return r.lookups[c.Name]
}

// shown says whether an argument can be the name of a variable where its receiver is one of a developer's choosing: written in
// upper case, or computed.
func shown(a source.Arg) bool { return !a.IsString || upperName.MatchString(a.Str) }
