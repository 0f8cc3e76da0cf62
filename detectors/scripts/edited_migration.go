package scripts

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// EditedMigration reports a change of what a migration does that was on the base already.
var EditedMigration = &detectors.Detector{
	ID:    "scripts/edited-migration",
	Title: "A migration that may have run already is changed",
	Run:   quoting(runEditedMigration),
}

func runEditedMigration(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	found := 0
	for _, s := range c.scripts {
		if s.file.Status != branch.Modified || !s.runner.tracked || s.runner.name == gormigrate.name || s.runner.name == numbered.name && !migrationDir.MatchString(s.path) {
			continue
		}
		before, err := s.file.Before()
		if err != nil || before == nil {
			continue
		}
		old := readScript(s.path, string(before), c.readBase)
		// One that is emptied is withdrawn: it does nothing where it has not run yet.
		if old == nil || sameSteps(old.up, s.up) || !changesIn(s.up) || s.runner.name == liquibase.name && sameSets(old.up, s.up) {
			continue
		}
		if found++; found > 5 {
			break
		}
		o := firstNew(s)
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: o.subject(),
			Message:  fmt.Sprintf("%s was on the base already, and what it does is changed (%s)", migrationName(s.path), s.runner.name),
			Why:      "Where it has run it is not run again (or its checksum no longer fits), so databases come to differ from each other.",
			Fix:      "Leave it as it is and put the change into a new migration.",
			Evidence: []string{o.text},
		})
	}
	return nil
}

// sameSets says whether every changeSet that was there does what it did; new ones may come behind them, and those that run
// again on a change are made to be changed.
func sameSets(a, b []operation) bool {
	was, is := map[string][]operation{}, map[string][]operation{}
	for _, o := range a {
		was[o.set] = append(was[o.set], o)
	}
	for _, o := range b {
		is[o.set] = append(is[o.set], o)
	}
	for set, ops := range was {
		if now, ok := is[set]; ok && !ops[0].again && !sameSteps(ops, now) {
			return false
		}
	}
	return true
}

// sameSteps compares what two versions do; comments, white space and guards make no difference.
func sameSteps(a, b []operation) bool {
	a, b = lasting(a), lasting(b)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].do != b[i].do || thing(a[i]) != thing(b[i]) || a[i].table != b[i].table || a[i].notNull != b[i].notNull || a[i].filled != b[i].filled || a[i].whole != b[i].whole || written(a[i]) != written(b[i]) {
			return false
		}
	}
	return true
}

var (
	sqlComment = lazy.New(`(?m)--.*$|(?s:/\*.*?\*/)`)
	guard      = lazy.New(`\bif\s+(?:not\s+)?exists\b|\bor\s+replace\b|\bon\s+conflict(?:\s*\([^)]*\))?\s+do\s+nothing\b|\bcascade\b|\brestrict\b`)
	cosmetic   = strings.NewReplacer(`"`, "", "`", "", ";", "", "(", " ( ", ")", " ) ", ",", " , ")
)

// written is the text of a statement without what makes no difference, empty for what is compared by its parts: steps of
// code, and of statements that are too long to be compared.
func written(o operation) string {
	if o.definition == "" || len(o.definition) > maxStatement {
		return ""
	}
	text := strings.ToLower(sqlComment.ReplaceAllString(o.definition, " "))
	return strings.Join(strings.Fields(cosmetic.Replace(guard.ReplaceAllString(text, " "))), " ")
}

// migrationName is the name of a migration's file, or of its folder where each has one.
func migrationName(p string) string {
	if base := path.Base(p); base != "up.sql" && base != "migration.sql" {
		return base
	}
	return path.Base(path.Dir(p))
}

func lasting(ops []operation) []operation {
	var list []operation
	for _, o := range ops {
		if o.changes() {
			list = append(list, o)
		}
	}
	return list
}

func firstNew(s *changed) operation {
	for _, o := range s.up {
		if o.changes() && s.introduced(o) {
			return o
		}
	}
	return operation{line: 1, text: s.path}
}
