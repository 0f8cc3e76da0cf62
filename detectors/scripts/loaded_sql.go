package scripts

// SQL files that a program runs at each of its starts: schemas that are written to be run again.

import (
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// loader is a line of a program that takes in a file's text.
var loader = lazy.New(`include_str!|go:embed|readFile(Sync)?\(|ReadFile\(|ReadAllText|read_text\(|open\(|getResource|ClassPathResource|file_get_contents|File\.read|importlib|resources\.|pkgutil|executescript|import\s+\w+\s+from|Bun\.file|embed|ManifestResource|ReadToEnd|FromFile`)

// loadedSQL judges changed SQL files that a program takes in and in which everything else bears a second run.
func (c *changes) loadedSQL() (seen bool) {
	for _, file := range c.pass.Branch.Files {
		if file.Status == branch.Deleted || !judged(file) || path.Ext(file.Path) != ".sql" || toy.MatchString(file.Path) {
			continue
		}
		text, err := file.After()
		if err != nil || len(text) > maxYAML {
			continue
		}
		if s := readSQLFile(file.Path, string(text), c.readHead); s != nil {
			continue // judged as a migration or a script
		}
		ops, _ := readSQL(string(text), 1)
		bare := c.bareAmong(file, ops)
		if len(bare) == 0 {
			continue
		}
		by := c.loadedBy(file.Path)
		if by.path == "" {
			continue
		}
		seen = true
		f := repeated(start{program: file.Path, when: eachStart, via: []place{by}}, bare[0])
		c.pass.Report(f)
	}
	return seen
}

// bareAmong are the statements that the branch added without a guard to a file in which all others have one.
func (c *changes) bareAmong(file *branch.File, ops []operation) []operation {
	var bare []operation
	guarded := 0
	for _, o := range repeating(ops) {
		if !file.TouchedRange(o.line, max(o.line, o.last)) {
			return nil // the habit is another one
		}
		if o.do != inserts || o.table != "" {
			bare = append(bare, o)
		}
	}
	for _, o := range ops {
		if o.do == makes && o.guarded && (o.object == "table" || o.object == "index" || o.object == "schema") {
			guarded++
		}
	}
	if guarded == 0 {
		return nil
	}
	return bare
}

// loadedBy is the line of a program that takes in the file.
func (c *changes) loadedBy(p string) place {
	name := path.Base(p)
	naming, err := c.pass.Source.Naming(c.pass.Context, name)
	if err != nil {
		return place{}
	}
	files := naming[name]
	for _, other := range files[:min(maxNaming, len(files))] {
		if source.LanguageOf(other) == "" || source.IsTest(other) || aside(other) {
			continue
		}
		for i, line := range strings.Split(string(c.readHead(other)), "\n") {
			if holdsWord(line, name) && loader.MatchString(line) {
				return place{other, i + 1}
			}
		}
	}
	return place{}
}

// habitInCode judges statements in a function whose other statements are all guarded: CREATE INDEX between CREATE TABLE IF
// NOT EXISTS and its like, as programs with an embedded database run at each start.
func (c *changes) habitInCode() (seen bool) {
	for _, file := range c.pass.Branch.Files {
		if file.Status == branch.Deleted || !judged(file) || source.LanguageOf(file.Path) == "" {
			continue
		}
		text, err := file.After()
		if err != nil || len(text) > maxHandler || !guardedMake.Match(text) || migrationDir.MatchString(path.Dir(file.Path)) || versioned.Match(text) {
			continue
		}
		f, err := c.pass.Source.Head(file.Path)
		if err != nil || f == nil || readScript(file.Path, string(text), c.readHead) != nil {
			continue
		}
		by := map[*source.Decl][]operation{}
		for _, found := range sqlStrings(f) {
			by[found.in] = append(by[found.in], writes(found.ops)...)
		}
		for _, d := range f.Decls {
			ops := by[d]
			if len(ops) == 0 {
				continue
			}
			seen = true
			if bare := c.bareAmong(file, ops); len(bare) > 0 && bare[0].do == makes {
				c.pass.Report(c.habitFinding(file.Path, d, bare[0]))
				break
			}
		}
	}
	return seen
}

var (
	guardedMake = lazy.New(`(?i)create\s+(unique\s+)?(table|index)\s+if\s+not\s+exists`)
	// versioned programs count what they ran.
	versioned = lazy.New(`(?i)user_version|schema_?version|schema_migrations|migration_?id|applied_?migrations|migrations?_table|__migrations|db_?version|currentVersion|PRAGMA\s+table_info|information_schema|duplicate column|already exists`)
)

func (c *changes) habitFinding(p string, d *source.Decl, o operation) detectors.Finding {
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: o.line, EndLine: o.last, Symbol: o.subject(),
		Message:  o.what() + " has no guard, unlike every other statement of " + d.Name,
		Why:      "The function is written to run at each start; the second one stops here because the thing is already there.",
		Fix:      "Use IF NOT EXISTS, or count the steps that were taken (user_version, a table of migrations).",
		Evidence: []string{d.Name, o.text},
	}
}
