package scripts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// ReorderedHistory reports a migration that comes in before ones that have run already, one that is taken out or renamed
// after it was on the base, and a chain that points to nothing.
var ReorderedHistory = &detectors.Detector{
	ID:    "scripts/reordered-history",
	Title: "The history of migrations is changed where it has run already",
	Run:   quoting(runReordered),
}

func runReordered(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		c = &changes{pass: pass}
	}
	paths, err := pass.Branch.BasePaths()
	if err != nil {
		return err
	}
	seen := len(c.scripts) > 0
	for _, s := range c.scripts {
		if !s.runner.tracked {
			continue
		}
		switch s.file.Status {
		case branch.Added:
			c.tooEarly(s, paths)
			c.orphaned(s)
		case branch.Renamed:
			c.renamedMigration(s)
		case branch.Modified:
			c.rechained(s)
		default:
		}
	}
	if c.removedMigrations(paths) {
		seen = true
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

var (
	outOfOrder   = lazy.New(`(?i)out-?of-?order["'\s]*[:=>]\s*["']?true|outOfOrder\(true\)|<outOfOrder>true`)
	allowMissing = lazy.New(`(?i)allow-?missing|no-?versioning`)
	settingsOf   = lazy.New(`(?i)(^|/)(application[\w.-]*\.(ya?ml|properties)|flyway[\w.-]*\.(conf|toml|properties)|pom\.xml|build\.gradle(\.kts)?|makefile|dockerfile|justfile|taskfile\.ya?ml|main\.go|[\w.-]*migrat[\w.-]*\.(go|sh|java|kt)|[\w.-]*deploy[\w.-]*\.(ya?ml|sh))$`)
)

// tooEarly reports a version below the newest one that was on the base, for runners that then stop or leave it out.
func (c *changes) tooEarly(s *changed, paths []string) {
	what, lenient := "", (*lazy.Regexp)(nil)
	switch s.runner.name {
	case flyway.name:
		what, lenient = "Flyway stops: it has a migration that was to run before one that has run", outOfOrder
	case golangMigrate.name:
		what = "golang-migrate goes on from the version that it has reached and never runs this one"
	case goose.name:
		what, lenient = "goose stops at a missing migration", allowMissing
	case tern.name:
		what = "tern goes on from the version that it has reached and never runs this one"
	default:
		return
	}
	own := versionNumbers(versionName(s.path))
	if len(own) == 0 {
		return
	}
	newest := ""
	for _, p := range below(paths, folderOf(s.path)) {
		if folderOf(p) != folderOf(s.path) || path.Ext(p) != path.Ext(s.path) || flywayRepeat.MatchString(path.Base(p)) || strings.HasSuffix(p, ".down.sql") || s.runner.name == flyway.name && path.Base(p)[0] != path.Base(s.path)[0] {
			continue
		}
		if n := versionNumbers(versionName(p)); len(n) > 0 && slices.Compare(n, own) > 0 && (newest == "" || slices.Compare(n, versionNumbers(versionName(newest))) > 0) {
			newest = p
		}
	}
	if newest == "" || lenient != nil && c.saysAnywhere(lenient) {
		return
	}
	c.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: 1, Symbol: migrationName(s.path),
		Message:  fmt.Sprintf("%s comes before %s, which was on the base already (%s)", migrationName(s.path), migrationName(newest), s.runner.name),
		Why:      what + ".",
		Fix:      "Give it a version behind the newest one.",
		Evidence: []string{"order", newest},
		Related:  []detectors.Related{{Path: newest, Line: 1, Message: "the newest one at the base"}},
	})
}

// saysAnywhere says whether a file of settings matches.
func (c *changes) saysAnywhere(re *lazy.Regexp) bool {
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return true
	}
	read := 0
	for _, p := range paths {
		if !settingsOf.MatchString(p) {
			continue
		}
		if read++; read > 200 {
			return true
		}
		if text := c.readHead(p); len(text) < 1<<18 && re.Match(text) {
			return true
		}
	}
	return false
}

var revisionIs = lazy.New(`(?m)^revision\b[^=\n]*=\s*["'](\w+)["']`)

// orphaned reports a revision whose parent is nowhere.
func (c *changes) orphaned(s *changed) {
	if s.runner.name != "Alembic" {
		return
	}
	parent := downRevision.FindStringSubmatch(s.text)
	paths, err := c.pass.Branch.HeadPaths()
	if parent == nil || err != nil {
		return
	}
	for _, p := range below(paths, path.Dir(s.path)) {
		if path.Ext(p) == ".py" {
			if m := revisionIs.FindSubmatch(c.readHead(p)); m != nil && string(m[1]) == parent[1] {
				return
			}
		}
	}
	if strings.Contains(string(c.readHead("alembic.ini")), "version_locations") {
		return
	}
	line := lineOfText(s.text, parent[0])
	c.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: line, Symbol: parent[1],
		Message:  fmt.Sprintf("The parent revision %s is in no file of %s", parent[1], path.Dir(s.path)),
		Why:      "Alembic cannot build the chain and runs no migration at all.",
		Fix:      "Point down_revision to the newest revision of the target branch.",
		Evidence: []string{"parent", parent[1]},
	})
}

// lineOfText is the line on which a part of a text begins.
func lineOfText(text, part string) int {
	before, _, _ := strings.Cut(text, part)
	return 1 + strings.Count(before, "\n")
}

// rechained reports a revision of the base whose place in the chain is changed.
func (c *changes) rechained(s *changed) {
	if s.runner.name != "Alembic" {
		return
	}
	old, err := s.file.Before()
	if err != nil {
		return
	}
	was, is := downRevision.FindStringSubmatch(string(old)), downRevision.FindStringSubmatch(s.text)
	if was == nil || is == nil || was[1] == is[1] {
		return
	}
	c.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: lineOfText(s.text, is[0]), Symbol: is[1],
		Message:  fmt.Sprintf("%s was on the base behind %s and now comes behind %s (Alembic)", path.Base(s.path), was[1], is[1]),
		Why:      "A database that stands at this revision or behind it never runs what is put in before it.",
		Fix:      "Leave the chain as it is, and put the new revision at its end.",
		Evidence: []string{"chain", was[1], is[1]},
	})
}

// byName are the runners that know a migration by the name of its file or folder.
var byName = []string{"Knex", "Sequelize", "Laravel", prisma.name, "TypeORM", "Django", "node-pg-migrate"}

// renamedMigration reports a migration whose name or version changed after it was on the base.
func (c *changes) renamedMigration(s *changed) {
	was, is := versionName(s.file.OldPath), versionName(s.path)
	if was == is {
		return
	}
	a, b := versionNumbers(was), versionNumbers(is)
	if !slices.Contains(byName, s.runner.name) && (slices.Equal(a, b) || len(a) == 0) {
		return
	}
	c.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: 1, Symbol: is,
		Message:  fmt.Sprintf("%s was on the base as %s (%s)", is, was, s.runner.name),
		Why:      "The runner takes it for a new one, runs it again where it has run, and misses the old one.",
		Fix:      "Keep the name that it was released with.",
		Evidence: []string{"renamed", was, is},
	})
}

// maxRemoved is how many migrations of a folder may go before it is a squash.
const maxRemoved = 2

// removedMigrations reports migrations of the base that the branch deletes, where their runner then stops.
func (c *changes) removedMigrations(paths []string) bool {
	gone := map[string][]*branch.File{}
	var folders []string
	for _, f := range c.pass.Branch.Files {
		if f.Status != branch.Deleted || aside(f.Path) || strings.HasSuffix(f.Path, ".down.sql") {
			continue
		}
		old, err := f.Before()
		if err != nil || old == nil {
			continue
		}
		s := readScript(f.Path, string(old), c.readBase)
		if s == nil || !s.runner.tracked || !changesIn(s.up) {
			continue
		}
		switch s.runner.name {
		case flyway.name, golangMigrate.name, prisma.name, sqlx.name, "Knex", "Alembic", "Django":
			dir := folderOf(f.Path)
			if gone[dir] == nil {
				folders = append(folders, dir)
			}
			gone[dir] = append(gone[dir], f)
		}
	}
	for _, dir := range folders {
		files := gone[dir]
		stays := 0
		for _, p := range below(paths, dir) {
			if folderOf(p) == dir && path.Ext(p) == path.Ext(files[0].Path) && !strings.HasSuffix(p, ".down.sql") {
				stays++
			}
		}
		if len(files) > maxRemoved || stays <= len(files) {
			continue // squashed, or the whole folder goes
		}
		f := files[0]
		c.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: 1, Symbol: migrationName(f.Path),
			Message:  fmt.Sprintf("%s was on the base and is taken out", migrationName(f.Path)),
			Why:      "Where it has run, the runner finds a version that it does not know and stops, and what it did stays.",
			Fix:      "Keep it, and undo what it did in a new migration.",
			Evidence: []string{"removed", f.Path},
		})
	}
	return len(folders) > 0
}
