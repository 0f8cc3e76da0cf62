package environment

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// ReleaseOrder reports code that needs a column or a table of a migration of the same branch, where the pipeline migrates
// after it has brought out the code, and a roll-out that no longer waits for the migration.
var ReleaseOrder = &detectors.Detector{
	ID:    "environment/release-order",
	Title: "Code needs a migration that the release runs after the roll-out",
	Run:   runReleaseOrder,
}

var (
	migrationPath = lazy.New(`(?i)(^|/)(migrations?|migrate|db/migrate|alembic/versions|changelogs?|schema|drizzle)/[^/]*(/[^/]*)?\.(sql|py|rb|ts|js|php|go|xml|ya?ml|exs|cs|kt|kts|java|rs)$|(^|/)[VU]\d[\w.]*__\w+\.sql$`)
	downPath      = lazy.New(`(?i)[._](down|rollback|undo)\.`)
	// creates finds the names that a migration brings: columns, then tables.
	creates = []*lazy.Regexp{
		lazy.New("(?i)\\badd\\s+column\\s+(?:if\\s+not\\s+exists\\s+)?[\"`\\[]?(\\w+)"),
		lazy.New("(?i)\\bcreate\\s+table\\s+(?:if\\s+not\\s+exists\\s+)?(?:[\"`\\[]?\\w+[\"`\\]]?\\.)?[\"`\\[]?(\\w+)"),
		lazy.New(`\badd_column\b\(?\s*:?["']?\w+["']?,\s*:?["']?(\w+)`),
		lazy.New(`\bcreate_table\b\(?\s*:?["'](\w+)|\bcreate_table\s+:(\w+)`),
		lazy.New(`\badd_column\(\s*["']\w+["'],\s*(?:sa\.)?Column\(\s*["'](\w+)`),
		lazy.New(`AddField\([^)]*?\bname=["'](\w+)`),
		lazy.New(`(?i)\brename\s+column\s+(?:["\x60\[]?\w+["\x60\]]?)\s+to\s+["\x60\[]?(\w+)`),
		lazy.New(`\brename_column\b\(?\s*:?["']?\w+["']?,\s*:?["']?\w+["']?,\s*:?["']?(\w+)`),
		lazy.New(`RenameField\([^)]*?new_name=["'](\w+)`),
		lazy.New(`\brenameColumn\(\s*["']\w+["'],\s*["'](\w+)`),
		lazy.New(`\baddColumn\(\s*["']\w+["'],\s*["'](\w+)`),
		lazy.New(`\baddColumn\(\s*["']\w+["'],\s*new\s+TableColumn\(\{[^}]*?name:\s*["'](\w+)`),
		lazy.New(`(?m)^\s*add(?:_if_not_exists)?\s+:(\w+)|\bcreate(?:_if_not_exists)?\s+table\(:(\w+)`),
		lazy.New(`\bAddColumn<[^>]*>\(\s*name:\s*"(\w+)"|\bCreateTable\(\s*name:\s*"(\w+)"`),
		lazy.New(`\bt\.(?:string|text|integer|bigint|boolean|datetime|date|decimal|float|jsonb?|uuid|references|timestamp)\s+:(\w+)`),
		lazy.New(`<addColumn[^>]*>\s*<column\s+name="(\w+)"`),
		lazy.New("(?i)\\balter\\s+table\\s+\\S+\\s+add\\s+[\"`\\[]?(\\w+)[\"`\\]]?\\s+(?:text|varchar|char|int|bigint|smallint|numeric|decimal|bool|boolean|date|timestamp|timestamptz|datetime|json|jsonb|uuid|float|double|real|bytea|blob)"),
		lazy.New(`\b(?:table|t)(?:\.|->)(?:string|integer|bigInteger|boolean|text|json|jsonb|timestamp|date|decimal|float|uuid|unsignedBigInteger|foreignId)\(\s*["'](\w+)`),
	}
	commonColumn = lazy.New(`^(id|name|type|status|state|value|title|description|created_at|updated_at|deleted_at|user|users|email|url|data|key|label|count|note|notes|kind|code)$`)
)

func runReleaseOrder(pass *detectors.Pass) error {
	unhooked := droppedWait(pass)
	brought := map[string]*branch.File{}
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Added || f.Binary || f.TooLarge || !migrationPath.MatchString(f.Path) || downPath.MatchString(f.Path) || asidePath.MatchString(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		for _, e := range creates {
			for _, m := range e.FindAllStringSubmatch(string(text), 100) {
				if name := strings.Join(m[1:], ""); !commonColumn.MatchString(strings.ToLower(name)) && brought[name] == nil {
					brought[name] = f
				}
			}
		}
	}
	if unhooked {
		return nil // the same release
	}
	if len(brought) == 0 {
		return detectors.ErrNotApplicable
	}
	p, deploys, migrates := lateMigration(pass)
	if p == "" {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(brought)) {
		at, line := neededBy(pass, name)
		if at == "" {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: at, Line: line, Symbol: name,
			Message:  fmt.Sprintf("%s comes with %s, which %s runs only after it has brought out this code", name, path.Base(brought[name].Path), p),
			Why:      "Between the two the new code asks for what the database does not have yet, and if the roll-out fails the migration never runs.",
			Fix:      "Run additive migrations before the roll-out, or land the migration in a release of its own.",
			Evidence: []string{name, p},
			Related: []detectors.Related{
				{Path: brought[name].Path, Message: "brings " + name},
				{Path: p, Line: deploys, Message: "brings out the code"},
				{Path: p, Line: migrates, Message: "migrates afterwards"},
			},
		})
		return nil // one release, one finding
	}
	return nil
}

// neededBy is the first line of product code that the branch wrote and that names the column or table: as it is written, else in the case
// of a language, as an object-relational mapper has it.
func neededBy(pass *detectors.Pass, name string) (string, int) {
	if p, line := namedBy(pass, []string{name}); p != "" || !strings.Contains(name, "_") {
		return p, line
	}
	var words []string
	for _, w := range spellings(name) {
		if !strings.Contains(w, "-") && strings.ToLower(w) != w {
			words = append(words, w)
		}
	}
	return namedBy(pass, words)
}

func namedBy(pass *detectors.Pass, words []string) (string, int) {
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || fileKindOf(f.Path) != codeFile || migrationPath.MatchString(f.Path) || strings.HasSuffix(f.Path, ".sql") {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		for i, line := range strings.Split(string(text), "\n") {
			if f.Touched(i+1) && !comment.MatchString(line) && slices.ContainsFunc(words, func(w string) bool { return wordIn(line, w) }) {
				return f.Path, i + 1
			}
		}
	}
	return "", 0
}
