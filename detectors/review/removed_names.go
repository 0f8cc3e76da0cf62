package review

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// goneName is a name by which people speak of a part of the product and that no product file has any more: a code of an error, a
// feature flag, a table, a topic, a deployment, a metric, a function.
type goneName struct {
	name, path string
	line       int
	// code says that it is one of a numbered kind (K-207), which prose names without marks; declared that it is a type, whose
	// members code names behind it.
	code, declared bool
}

var (
	// composed is a name of several words, which nothing else has by chance.
	composed = lazy.New(`[A-Za-z][A-Za-z0-9]*(?:[-_.:][A-Za-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}`)
	// numbered is a code of an error or a case; standard are names of that form that are everybody's.
	numbered = lazy.New(`\b[A-Z]{1,10}[-_]?\d{2,6}\b`)
	standard = lazy.New(`^(?:UTF|ISO|SHA|RFC|MD|HTTP|HTTPS|CVE|ES|EC|IPV|IP|AES|RSA|DSA|HS|RS|PS|X|H|P|A|B|TLS|SSL|IEC|IEEE|ASCII|CP|WIN|PR|GH|UTC|GMT|BASE|INT|UINT|FLOAT|CWE|OWASP|PEP|JSR|JEP|Q|FY|COVID|MP|GPT|CRC|XX|HTML|CSS|OAUTH|QWERTY)[-_]?\d+$`)
	// versioned is a name that holds a number of a release.
	versioned   = lazy.New(`\d+\.\d|:\d|@\d|\d{5,}`)
	renames     = lazy.New(`(?i)\b(?:drop|alter)\s+(?:table|view|index|sequence|type|column)\s+(?:if\s+exists\s+)?(?:\w+\.)?["` + "`" + `]?(\w+)["` + "`" + `]?(?:\s+rename\s+(?:to\b|column\s+["` + "`" + `]?(\w+)))?`)
	earlier     = lazy.New(`(?i)(?:^|/)(?:migrations?|migrate|versions|alembic|flyway|changelogs?|db/schema|snapshots?)(?:/|$)|\.lock$|\.snap$|(?:^|/)(?:schema|structure)\.(?:rb|sql)$`)
	composeFile = lazy.New(`(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$`)
	ownFiles    = lazy.New(`\.(?:ya?ml|json|toml|properties|ini|conf|cfg|tf|hcl|sql|sh|bash|service|timer|xml|gradle|kts|tpl|j2|env|graphql|proto)$|(?:^|/)(?:Dockerfile|Procfile|crontab|Makefile)[\w.-]*$`)
)

// setsUp is the name of a type whose fields are what people set.
var setsUp = lazy.New(`(?i)(?:settings?|config\w*|options?|opts|preferences|prefs|properties|params)$|^(?:settings?|config|options?)`)

// maxNames bounds the names of one branch that are looked for in documents.
const maxNames = 300

// goneNames are names on removed lines of the product that no file of the product has any more and that a document has.
func goneNames(pass *detectors.Pass) ([]goneName, error) {
	var old []goneName
	var changed []*branch.File
	seen := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) || source.IsDoc(f.Path) || tellsPeople(f.Path) ||
			history.MatchString(f.Path) && !earlier.MatchString(f.Path) || isToolConfig(f.Path) || otherData.MatchString(f.Path) && !composeFile.MatchString(f.Path) {
			continue
		}
		changed = append(changed, f)
		found, err := namesOf(pass, f)
		if err != nil {
			return nil, err
		}
		for _, g := range found {
			if !seen[g.name] && len(old) < 8*maxNames {
				seen[g.name] = true
				old = append(old, g)
			}
		}
	}
	now, err := stillHad(changed, old)
	if err != nil {
		return nil, err
	}
	var gone []goneName
	var words []string
	for _, g := range old {
		if !now[g.name] && len(gone) < maxNames {
			gone, words = append(gone, g), append(words, g.name)
		}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return nil, err
	}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(gone, func(g goneName) bool {
		inDocument := false
		for _, p := range naming[g.name] {
			switch {
			case tellsPeople(p):
				inDocument = true
			case source.IsTest(p), history.MatchString(p) && source.LanguageOf(p) == "", source.IsDoc(p), earlier.MatchString(p), source.IsExample(p):
			default:
				return true // something still has it
			}
		}
		return !inDocument || slices.ContainsFunc(paths, g.isPath)
	}), nil
}

// isPath says whether a path has the name: as a file, as a folder, or with dots for its slashes.
func (g goneName) isPath(p string) bool {
	return strings.Contains("/"+p, "/"+g.name) || strings.Contains(g.name, ".") && strings.Contains("/"+p, "/"+strings.ReplaceAll(g.name, ".", "/"))
}

// stillHad are the names that some changed file has on its new side.
func stillHad(changed []*branch.File, old []goneName) (map[string]bool, error) {
	now := map[string]bool{}
	if len(old) == 0 {
		return now, nil
	}
	for _, f := range changed {
		if f.Status == branch.Deleted || isMigration(f) {
			continue
		}
		after, err := f.After()
		if err != nil {
			return nil, err
		}
		text := string(after)
		for _, g := range old {
			if !now[g.name] && hasName(text, g.name) {
				now[g.name] = true
			}
		}
	}
	return now, nil
}

// hasName says whether a text has a name that is no part of a longer one.
func hasName(text, name string) bool {
	joins := func(b byte) bool { return b == '-' || b == '_' || b == '.' || b == ':' }
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		at, end := from+i, from+i+len(name)
		from = end
		before := at == 0 || !isWordByte(text[at-1]) && (at == 1 || !joins(text[at-1]) || !isWordByte(text[at-2]))
		behind := end == len(text) || !isWordByte(text[end]) && (end+1 == len(text) || !joins(text[end]) || !isWordByte(text[end+1]))
		if before && behind {
			return true
		}
	}
}

// isMigration says whether a file is SQL that changes what was there, whose names are those of before.
func isMigration(f *branch.File) bool {
	return strings.EqualFold(path.Ext(f.Path), ".sql") && earlier.MatchString(f.Path)
}

// namesOf are the names on the removed lines of a file.
func namesOf(pass *detectors.Pass, f *branch.File) ([]goneName, error) {
	var list []goneName
	take := func(name string, line int, code bool) {
		if len(name) >= 4 && len(name) <= 60 && !versioned.MatchString(name) && (code || len(name) >= 6 && strings.ToUpper(name) != name) {
			g := goneName{name: name, path: f.Path, line: line, code: code}
			if f.Status != branch.Deleted {
				g.line = max(1, f.NewLine(line))
			}
			list = append(list, g)
		}
	}
	if isMigration(f) {
		after, err := f.After()
		if err != nil {
			return nil, err
		}
		takenBySQL(f, string(after), func(name string, line int) {
			list = append(list, goneName{name: name, path: f.Path, line: line})
		})
		return list, nil
	}
	gone := string(f.RemovedText())
	if f.Status == branch.Added || !composed.MatchString(gone) && !numbered.MatchString(gone) {
		return nil, nil
	}
	was := f.Path
	if f.OldPath != "" {
		was = f.OldPath
	}
	if source.LanguageOf(was) != "" {
		file, err := pass.Source.Base(was)
		if err != nil {
			return nil, nil //nolint:nilerr // what could not be read at the base says nothing about the branch
		}
		for _, s := range file.Strings {
			if f.Removed(s.Span.Line) && len(s.Value) <= 2000 {
				namesWithin(s.Value, s.Span.Line, take)
			}
		}
		for _, d := range file.Decls {
			if d.Kind == source.Field && d.Parent != nil && f.Removed(d.Span.Line) && setsUp.MatchString(d.Parent.Name) {
				name := d.Name
				if d.Wire != "" {
					name = d.Wire
				}
				if composed.FindString(name) == name {
					take(name, d.Span.Line, false)
				}
				continue
			}
			if (d.Parent == nil || d.Kind == source.Method) && d.Exported && f.Removed(d.Span.Line) && composed.FindString(d.Name) == d.Name {
				take(d.Name, d.Span.Line, false)
				if n := len(list); n > 0 && list[n-1].name == d.Name && d.Kind != source.Function && d.Kind != source.Method {
					list[n-1].declared = true
				}
			}
		}
		return list, nil
	}
	if !ownFiles.MatchString(was) {
		return nil, nil
	}
	before, err := f.Before()
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(string(before)) {
		if n++; f.Removed(n) && len(line) <= maxCodeLine {
			if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "#") && !strings.HasPrefix(trimmed, "//") && !strings.HasPrefix(trimmed, "--") {
				namesWithin(line, n, take)
			}
		}
	}
	return list, nil
}

// namesWithin takes the composed names and the codes of a text.
func namesWithin(text string, line int, take func(name string, line int, code bool)) {
	for _, name := range composed.FindAllString(text, 50) {
		take(name, line, false)
	}
	for _, name := range numbered.FindAllString(text, 20) {
		if !standard.MatchString(name) {
			take(name, line, true)
		}
	}
}

// takenBySQL takes the tables, views and columns that statements of a migration drop or rename.
func takenBySQL(f *branch.File, text string, take func(name string, line int)) {
	n := 0
	for line := range strings.Lines(text) {
		if n++; !f.Touched(n) || len(line) > maxCodeLine {
			continue
		}
		for _, m := range renames.FindAllStringSubmatch(line, 5) {
			name := m[1]
			if m[2] != "" {
				name = m[2]
			} else if !strings.Contains(strings.ToLower(m[0]), "drop") && !strings.Contains(strings.ToLower(m[0]), "rename") {
				continue
			}
			if len(name) >= 6 && strings.Contains(name, "_") {
				take(name, n)
			}
		}
	}
}

// reportNames reports the first place of a document that names each.
func reportNames(pass *detectors.Pass, d document, names []goneName) {
	for _, g := range names {
		for _, p := range slices.Concat(d.headings, d.passages) {
			at := g.namedIn(p)
			if at < 0 {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: d.path, Line: p.lineAt(at), Symbol: g.name,
				Message:  fmt.Sprintf("the document still names %s, which the branch takes away and nothing else has", g.name),
				Why:      "Whoever follows the document, perhaps at night, looks for something that is not there.",
				Fix:      "Write what is there now into the document, or take it out.",
				Related:  []detectors.Related{{Path: g.path, Line: g.line, Message: "the branch takes it away here"}},
				Evidence: []string{"name", g.name},
			})
			break
		}
	}
}

// namedIn is where a passage names the very thing as code, as a command or, for a code of an error, in any sentence; -1 for
// nowhere.
func (g goneName) namedIn(p passage) int {
	if p.past || !strings.Contains(p.text, g.name) {
		return -1
	}
	behind := `(?:$|[^\w.:/-]|[.:](?:$|\W))`
	if g.declared {
		behind = `(?:$|[^\w./-])|\.[a-z]`
	}
	for _, m := range regexp.MustCompile(`(?:^|[^\w.-])`+regexp.QuoteMeta(g.name)+`(?:`+behind+`)`).FindAllStringIndex(p.text, 20) {
		at := m[0] + strings.Index(p.text[m[0]:m[1]], g.name)
		row := lineAround(p.text, at)
		if formerly.MatchString(row) {
			continue
		}
		from := strings.LastIndexByte(p.text[:at], '\n') + 1
		before := p.text[from:at]
		quoted := strings.Count(before, "`")%2 == 1
		if g.code || p.code || quoted || marked(p.text, at, at+len(g.name)) {
			return at
		}
	}
	return -1
}

// marked says whether a place of a text stands between marks that set it apart: bold, quotes.
func marked(text string, from, to int) bool {
	before, after := text[:from], text[to:]
	return slices.ContainsFunc([][2]string{{"**", "**"}, {`"`, `"`}, {"“", "”"}, {"'", "'"}, {"«", "»"}}, func(m [2]string) bool {
		return strings.HasSuffix(before, m[0]) && strings.HasPrefix(after, m[1])
	})
}
