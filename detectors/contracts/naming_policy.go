package contracts

// Encoders that spell the names of every record: one setting changes the contract of all of them.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A convention is a convention of names: snake_case, kebab-case, camelCase, PascalCase, or "" for the program's own.
type convention string

const (
	asWritten   convention = ""
	snakeCase   convention = "snake"
	kebabCase   convention = "kebab"
	lowerCamel  convention = "camel"
	upperCamel  convention = "pascal"
	maxEncoded             = 150 // shapes that are respelled for one setting
	maxSettings            = 400 // files that are read for them
)

// spell writes a name in the convention.
func (s convention) spell(name string) string {
	snake := strings.ReplaceAll(underscore(name), "-", "_")
	switch s {
	case snakeCase:
		return snake
	case kebabCase:
		return strings.ReplaceAll(snake, "_", "-")
	case lowerCamel:
		return unsnaked(snake)
	case upperCamel:
		return upperFirst(unsnaked(snake))
	case asWritten:
	}
	return name
}

// A namingSetting is how one encoder is told its convention. The words of the match say which.
type namingSetting struct {
	pattern   *lazy.Regexp
	languages []source.Language
	// usual is what the encoder does without the setting.
	usual convention
}

var (
	jvmLanguages = []source.Language{source.Java, source.Kotlin}

	// namingSettings are settings of Jackson, Gson, kotlinx.serialization, System.Text.Json and Newtonsoft, Active Model
	// Serializers, JSON:API serializers, Alba and Jbuilder, Django REST framework's camel case renderer, and Symfony's serializer.
	namingSettings = []namingSetting{
		{lazy.New(`(?i)property-?naming-?strategy\s*[:=]\s*["']?[\w.$]*?(SNAKE_?CASE|LOWER_CASE_WITH_UNDERSCORES|KEBAB_?CASE|UPPER_?CAMEL_?CASE|LOWER_?CAMEL_?CASE)|` +
			`ropertyNamingStrategy\(\s*(?:[\w.]+\.)?(SNAKE_CASE|CAMEL_CASE_TO_LOWER_CASE_WITH_UNDERSCORES|SnakeCaseStrategy|KEBAB_CASE|KebabCaseStrategy|UPPER_CAMEL_CASE|UpperCamelCaseStrategy|LOWER_CAMEL_CASE)|` +
			`etFieldNamingPolicy\(\s*(?:FieldNamingPolicy\.)?(LOWER_CASE_WITH_UNDERSCORES|LOWER_CASE_WITH_DASHES|UPPER_CAMEL_CASE)|namingStrategy\s*=\s*JsonNamingStrategy\.(SnakeCase|KebabCase)`), jvmLanguages, asWritten},
		{lazy.New(`PropertyNamingPolicy\s*=\s*(?:JsonNamingPolicy\.)?(CamelCase|SnakeCaseLower|KebabCaseLower|null)\b|\bnew\s+(CamelCase|SnakeCase|KebabCase|Default)NamingStrategy\b|\bnew\s+(CamelCase|Default)(?:PropertyNames)?ContractResolver\b`), []source.Language{source.CSharp}, lowerCamel},
		{lazy.New(`\bkey_transform\s*=\s*:(camel_lower|camel|dash|underscore|unaltered)|\bset_key_transform\s+:(camel_lower|camel|dash|underscore)|\bkey_format!?[\s(]+:?(camelize|underscore)|\btransform_keys\s+:(lower_camel|camel|dash|snake)`), []source.Language{source.Ruby}, snakeCase},
		{lazy.New(`djangorestframework_camel_case\.render\.(CamelCase)JSONRenderer`), []source.Language{source.Python}, asWritten},
		{lazy.New(`name_converter['"]?\s*(?::|=>)\s*['"]?serializer\.name_converter\.(camel_case_to_snake_case|snake_case_to_camel_case)`), []source.Language{source.PHP}, asWritten},
	}

	conventionWords = []struct {
		words      []string
		convention convention
	}{
		{[]string{"snakecasetocamelcase"}, lowerCamel}, // before what it holds
		{[]string{"snakecase", "lowercasewithunderscores", "underscore", "snake"}, snakeCase},
		{[]string{"kebabcase", "lowercasewithdashes", "dash"}, kebabCase},
		{[]string{"uppercamelcase"}, upperCamel},
		{[]string{"lowercamel", "camellower", "camelize"}, lowerCamel},
		{[]string{"default", "null", "unaltered"}, asWritten},
		{[]string{"camelcase", "camel"}, lowerCamel},
	}
)

// in is the convention that a text sets, with its line; ok is false where it sets none.
func (n *namingSetting) in(text string) (s convention, line int, ok bool) {
	m := n.pattern.FindStringSubmatchIndex(text)
	if m == nil {
		return "", 0, false
	}
	word := ""
	for g := 2; g+1 < len(m); g += 2 {
		if m[g] >= 0 {
			word = plainName(text[m[g]:m[g+1]])
		}
	}
	line = 1 + strings.Count(text[:m[0]], "\n")
	for _, known := range conventionWords {
		if slices.ContainsFunc(known.words, func(w string) bool { return strings.Contains(word, w) }) {
			s = known.convention
			if s == lowerCamel && word == "camel" && slices.Contains(n.languages, source.Ruby) {
				s = upperCamel // :camel of the serializers is UpperCamel
			}
			return s, line, true
		}
	}
	return "", 0, false
}

// respellAll adds the changes of the records that an encoder spells otherwise since the branch.
func (s *survey) respellAll(pass *detectors.Pass) {
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || f.Status == branch.Deleted {
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		for i := range namingSettings {
			n := &namingSettings[i]
			was, _, had := n.in(string(before))
			is, line, has := n.in(string(after))
			if !had {
				was = n.usual
			}
			if !has {
				is, line = n.usual, 1
			}
			if had || has {
				s.encode(pass, n, f.Path, line, was, is)
			}
		}
	}
}

// encode adds the changes of the shapes that one program's encoder writes.
func (s *survey) encode(pass *detectors.Pass, n *namingSetting, setting string, line int, was, is convention) {
	if was == is {
		return
	}
	after := side{pass.Branch, pass.Source, false}
	builds := newLayout(after)
	table := &routeTable{pass: pass, before: side{pass.Branch, pass.Source, true}, after: after}
	read, made := 0, 0
	for _, p := range after.paths() {
		if !slices.Contains(n.languages, source.LanguageOf(p)) || !declares(p) || skipped(p) || !encodes(builds, setting, p) {
			continue
		}
		if read++; read > maxSettings || made > maxEncoded {
			return
		}
		f := after.file(p)
		if f == nil {
			continue
		}
		for _, m := range after.shapes(f) {
			if !m.wired && !payloadType.MatchString(m.owner) && f.Lang != source.Ruby && f.Lang != source.Python {
				if list, err := table.answeringWith(lastOf(m.owner), p); err != nil || len(list) == 0 {
					continue
				}
			}
			if f.Lang == source.Ruby {
				m = unpinned(m)
			}
			c := &change{old: m.respelled(was.spell), new: m.respelled(is.spell), builds: builds, written: true}
			c.new.path, c.new.line, c.new.end = setting, line, line
			for j, fd := range c.old.fields {
				if to := c.new.fields[j].wire; to != fd.wire && !fd.pinned {
					c.gone = append(c.gone, gone{field: fd, to: to})
				}
			}
			if len(c.gone) > 0 && len(c.old.fields) > 1 {
				s.changes = append(s.changes, c)
				made++
			}
		}
	}
}

// unpinned is a shape of Ruby whose names are the program's own: a serialiser lists them, and the setting spells them.
func unpinned(s *shape) *shape {
	again := *s
	again.fields = slices.Clone(s.fields)
	for i, f := range again.fields {
		again.fields[i].pinned = f.pinned && f.name != "" && f.name != f.wire
	}
	return &again
}

// encodes says that a file belongs to the program that a setting is made in.
func encodes(builds *layout, setting, p string) bool {
	if kind := family(p); kind != "" {
		module := builds.moduleAbove(kind, path.Dir(setting))
		own := builds.module(p)
		return module == own || module != "" && builds.reaches(kind, module, own)
	}
	return top(setting) == top(p) || !strings.Contains(setting, "/") || slices.Contains([]string{"config", "app", "src", "lib"}, top(setting))
}

// moduleAbove is the folder of the module that a folder belongs to, whatever the files in it.
func (l *layout) moduleAbove(kind, dir string) string {
	for ; ; dir = path.Dir(dir) {
		if l.folders(kind)[dir] {
			return dir
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}
