package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// A configKey is one key of the program's configuration that a file reads: mail.smtp.host.
type configKey struct {
	path []string
	// call is the getter, to pair an old key with the new one in its place.
	call, file string
	line       int
}

func (k configKey) dotted() string { return strings.Join(k.path, ".") }

var (
	configGetter   = lazy.New(`^(?:[Gg]et\w*|MustGet\w*|String|Strings|Int|Int64|Bool|Duration|Float64|Bytes|StringMap|Unmarshal(?:Key|Path)?|UnmarshalKey|IsSet|Exists|has|require|value|getOrThrow|getProperty|GetSection|GetValue|config)$`)
	configReceiver = lazy.New(`(?i)(?:^|\.)(?:viper|koanf|ko|k|v|cfg|conf|config|configuration|config_?service|settings|nconf|dynaconf|properties|environment|env|app\.config)(?:\(\))?$`)
	configValue    = lazy.New(`(?i)^(?:self\.|this\.|app\.)?_?(?:\w*_)?(?:cfg|conf|config|configuration|settings)((?:\[["'][\w-]+["']\]|\.[A-Za-z_]\w*|\.get\(["'][\w-]+["'](?:, \{\})?\))*)$`)
	configStep     = lazy.New(`["']([\w-]+)["']|\.([A-Za-z_]\w*)`)
	dottedKey      = lazy.New(`^[A-Za-z][\w-]*(?:[.:][A-Za-z][\w-]*)+$`)
	springValue    = lazy.New(`\$\{([a-zA-Z][\w-]*(?:\.[\w-]+)+)(?::[^}]*)?\}`)
)

// configKeys are the keys that a source file reads: by the getters of viper, koanf, nconf, config, dynaconf, Nest, .NET, Laravel
// and their kind, by @Value("${a.b}"), and by what is read from a value called config or settings.
func configKeys(f *source.File) []configKey {
	var list []configKey
	put := func(steps []string, call string, line int) {
		if len(steps) > 1 && len(steps) < 8 && !slices.ContainsFunc(list, func(k configKey) bool { return k.call == call && slices.Equal(k.path, steps) }) {
			list = append(list, configKey{steps, call, f.Path, line})
		}
	}
	for _, c := range f.Calls {
		if len(c.Args) == 0 || !c.Args[0].IsString || !configGetter.MatchString(c.Name) || !configReceiver.MatchString(c.Receiver) && (c.Receiver != "" || c.Name != "config") {
			continue
		}
		if key := c.Args[0].Str; dottedKey.MatchString(key) {
			put(strings.FieldsFunc(key, func(r rune) bool { return r == '.' || r == ':' }), c.Full(), c.Span.Line)
		}
	}
	for _, a := range f.Accesses {
		if m := configValue.FindStringSubmatch(a.Receiver); m != nil && !a.Write && len(a.Receiver) < 120 {
			var steps []string
			for _, s := range configStep.FindAllStringSubmatch(m[1], 6) {
				if s[1]+s[2] != "get" {
					steps = append(steps, s[1]+s[2])
				}
			}
			put(append(steps, a.Name), "read", a.Span.Line)
		}
	}
	for _, s := range f.Strings {
		for _, m := range springValue.FindAllStringSubmatch(s.Value, 5) {
			put(strings.Split(m[1], "."), "${}", s.Span.Line)
		}
	}
	return append(list, settingsKeys(f)...)
}

// plainKey makes keys comparable that loaders take for the same: case, '-' and '_' do not count.
func plainKey(key string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(key))
}

// setsKey is the line on which a configuration file sets a key, 0 for none. A mapping around the whole (a chart's values, a
// ConfigMap's data) may hold it.
func setsKey(p, text string, key []string) int {
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml", ".json", ".json5", ".jsonc":
		return inTree(documentOf([]byte(text)), key, 0)
	case ".toml", ".ini", ".conf", ".cfg", ".properties":
		return inSections(text, key)
	}
	return 0
}

func inTree(t *document.Node, key []string, depth int) int {
	if t == nil || depth > 4 {
		return 0
	}
	if t.Kind == document.String && strings.Contains(t.Value, "\n") && strings.Contains(t.Value, ":") && depth < 4 {
		if line := inTree(documentOf([]byte(t.Value)), key, depth+2); line > 0 {
			return t.Line + line
		}
	}
	for _, m := range t.Pairs {
		if line := followKey(m, key); line > 0 {
			return line
		}
	}
	for _, m := range t.Pairs {
		if line := inTree(m.Value, key, depth+1); line > 0 {
			return line
		}
	}
	return 0
}

// followKey goes down a key from one member on; a member may hold several steps of it (spring.mail: ...).
func followKey(m document.Pair, key []string) int {
	steps := strings.Split(m.Key, ".")
	if len(steps) > len(key) {
		return 0
	}
	for i, s := range steps {
		if plainKey(s) != plainKey(key[i]) {
			return 0
		}
	}
	if len(steps) == len(key) {
		return m.Line
	}
	for _, sub := range m.Value.Pairs {
		if line := followKey(sub, key[len(steps):]); line > 0 {
			return line
		}
	}
	return 0
}

var (
	sectionHead = lazy.New(`^\s*\[+([^\]]+)\]+`)
	assignment  = lazy.New(`^\s*["']?([A-Za-z][\w.-]*)["']?\s*[=:]`)
)

// inSections reads TOML, INI and properties files: [a.b] with c = 1, or a.b.c = 1.
func inSections(text string, key []string) int {
	section, line := "", 0
	want := plainKey(strings.Join(key, "."))
	for row := range strings.Lines(text) {
		line++
		if m := sectionHead.FindStringSubmatch(row); m != nil {
			section = strings.NewReplacer(`"`, "", " ", "").Replace(m[1]) + "."
		} else if m := assignment.FindStringSubmatch(row); m != nil && plainKey(section+m[1]) == want {
			return line
		}
	}
	return 0
}
