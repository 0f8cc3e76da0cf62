package references

// Which types are filled from configuration files: serde and figment in Rust, the decoders of Go, tomllib, yaml and pydantic in Python.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Decoding is one place that makes a value of a type out of a file's text.
type Decoding struct {
	// Type is the name of the type; Formats are the endings of the files that the decoder reads.
	Type    string
	Formats []string
	// Line is where it stands.
	Line int
}

var (
	tomlFiles = []string{".toml"}
	yamlFiles = []string{".yaml", ".yml"}
	jsonFiles = []string{".json"}
	anyFiles  = []string{".toml", ".yaml", ".yml", ".json"}
)

// rustDecoders are the crates by the path that their functions are called with.
var rustDecoders = map[string][]string{
	"toml": tomlFiles, "toml_edit::de": tomlFiles, "basic_toml": tomlFiles, "toml::de": tomlFiles,
	"serde_yaml": yamlFiles, "serde_yml": yamlFiles, "serde_yaml_ng": yamlFiles, "serde_norway": yamlFiles,
	"serde_json": jsonFiles, "json5": jsonFiles, "serde_json5": jsonFiles,
}

// goDecoders are the functions by package and name; JSON is also what requests are made of, and counts in loaders only.
var goDecoders = map[string][]string{
	"toml.Unmarshal": tomlFiles, "toml.Decode": tomlFiles, "toml.DecodeFile": tomlFiles, "toml.DecodeReader": tomlFiles,
	"yaml.Unmarshal": yamlFiles, "yaml.UnmarshalStrict": yamlFiles, "goyaml.Unmarshal": yamlFiles, "json.Unmarshal": jsonFiles,
	"viper.Unmarshal": anyFiles, "v.Unmarshal": anyFiles, "viper.UnmarshalExact": anyFiles, "cleanenv.ReadConfig": anyFiles, "confita.Load": anyFiles,
	"configor.Load": anyFiles, "hclsimple.DecodeFile": {".hcl"},
}

var (
	turbofished  = lazy.New(`::<\s*([A-Z]\w*)\s*>`)
	loaderName   = lazy.New(`(?i)load|config|settings|read|parse|open|new|init|main|from`)
	pythonSource = lazy.New(`\b(tomllib|tomli|toml)\.loads?\(|\byaml\.(?:safe_load|load|full_load)\(|\bjson\.loads?\(|\bYAML\([^)]*\)\.load\(|\bruamel`)
	pythonTarget = lazy.New(`\b([A-Z]\w*|cls)\(\s*\*\*|\b([A-Z]\w*|cls)\.(?:model_validate|parse_obj|from_dict|validate)\(|\b(?:from_dict|structure)\([^()]*?\b([A-Z]\w*)\b|\bTypeAdapter\(\s*([A-Z]\w*)\s*\)|\btype\s*=\s*([A-Z]\w*)\b`)
)

// Decodings are the places of a parsed file that fill a type from a file's text.
func Decodings(f *source.File) []Decoding {
	r := newReader(f, nil)
	var list []Decoding
	put := func(name string, formats []string, line int) {
		name = strings.TrimPrefix(strings.TrimSpace(name), "&")
		if name != "" && !slices.ContainsFunc(list, func(d Decoding) bool { return d.Type == lastWord(name) }) {
			list = append(list, Decoding{lastWord(name), formats, line})
		}
	}
	switch f.Lang { //nolint:exhaustive // the languages whose decoders are known
	case source.Rust:
		for _, c := range r.Calls {
			formats := rustDecoders[c.Receiver]
			switch {
			case formats != nil && strings.HasPrefix(c.Name, "from_"):
			case (c.Name == "try_deserialize" || c.Name == "extract") && strings.Contains(r.chainOf(c), "File") || (c.Name == "try_deserialize" || c.Name == "extract") && strings.Contains(r.chainOf(c), "Toml"):
				formats = anyFiles
			default:
				continue
			}
			name := ""
			if m := turbofished.FindStringSubmatch(r.textAt(c.Span)); m != nil {
				name = m[1]
			} else {
				name = r.letType(c)
			}
			put(name, formats, c.Span.Line)
		}
	case source.Go:
		for _, c := range r.Calls {
			formats := goDecoders[c.Full()]
			if c.Name == "Decode" && formats == nil && (strings.Contains(c.Receiver, "yaml.NewDecoder") || strings.Contains(c.Receiver, "toml.NewDecoder")) {
				if formats = yamlFiles; strings.Contains(c.Receiver, "toml.") {
					formats = tomlFiles
				}
			}
			if formats == nil || len(c.Args) == 0 {
				continue
			}
			if c.Full() == "json.Unmarshal" && (c.In == nil || !loaderName.MatchString(c.In.Name) || !strings.Contains(r.textAt(c.In.Body), "ReadFile")) {
				continue
			}
			target := c.Args[len(c.Args)-1].Text
			if strings.HasPrefix(c.Full(), "viper.") || c.Receiver == "v" {
				target = c.Args[0].Text
			}
			put(r.typeOfVariable(target, c.In), formats, c.Span.Line)
		}
	case source.Python:
		for _, d := range r.Decls {
			if d.Kind != source.Function && d.Kind != source.Method {
				continue
			}
			body := r.textAt(d.Span)
			m := pythonSource.FindString(body)
			if m == "" || len(body) > 6000 {
				continue
			}
			formats := jsonFiles
			if strings.HasPrefix(m, "tom") {
				formats = tomlFiles
			} else if strings.Contains(m, "yaml") || strings.Contains(m, "YAML") {
				formats = yamlFiles
			}
			for _, t := range pythonTarget.FindAllStringSubmatch(body, 8) {
				name := strings.Join(t[1:], "")
				if name == "cls" && d.Parent != nil {
					name = d.Parent.Name
				}
				put(name, formats, d.Span.Line)
			}
		}
	}
	return list
}

// Tagged is the name that a struct tag of the format gives to a Go field, and what else the tag says; ok is false without one.
func Tagged(f *source.File, field *source.Decl, format string) (name, rest string, ok bool) {
	if field.Span.Start < 0 || field.Span.End > len(f.Text) || field.Span.Start > field.Span.End {
		return "", "", false
	}
	keys := map[string][]string{".toml": {"toml", "koanf", "mapstructure"}, ".yaml": {"yaml", "koanf", "mapstructure"}, ".yml": {"yaml", "koanf", "mapstructure"}, ".json": {"json", "koanf", "mapstructure"}}[path.Ext(format)]
	text := string(f.Text[field.Span.Start:field.Span.End])
	for _, k := range keys {
		if _, behind, found := strings.Cut(text, k+`:"`); found {
			value, _, _ := strings.Cut(behind, `"`)
			name, rest, _ := strings.Cut(value, ",")
			return name, rest, true
		}
	}
	return "", "", false
}
