package scripts

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// ConflictingVersion reports a new migration that takes the place of another: the same version, or the same parent in a
// chain of revisions.
var ConflictingVersion = &detectors.Detector{
	ID:    "scripts/conflicting-version",
	Title: "A new migration has the version, or the parent, of another one",
	Run:   quoting(runConflicting),
}

func runConflicting(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		if s.file.Status != branch.Added || !s.runner.tracked {
			continue
		}
		for _, p := range paths {
			if p == s.path || path.Dir(p) != path.Dir(s.path) || path.Ext(p) != path.Ext(s.path) {
				continue
			}
			if f := pass.Branch.File(p); f != nil && f.Status == branch.Added && p > s.path {
				continue // told once, at the other one
			}
			if what := c.clash(s, p); what != "" {
				pass.Report(detectors.Finding{
					Severity: detectors.Blocker, Path: s.path, Line: 1, Symbol: path.Base(s.path),
					Message:  fmt.Sprintf("This migration and %s have the same %s (%s)", path.Base(p), what, s.runner.name),
					Why:      "The runner stops at the ambiguity, or runs one of the two and takes the other for done.",
					Fix:      "Give the new migration the next version, behind the newest one of the target branch.",
					Evidence: []string{what, p},
					Related:  []detectors.Related{{Path: p, Line: 1, Message: "the other one"}},
				})
				break
			}
		}
	}
	return nil
}

var (
	versionOf    = lazy.New(`^[vV]?(\d+(?:[._]\d+)*?)(?:__|[_\-.])`)
	downRevision = lazy.New(`(?m)^down_revision\b[^=\n]*=\s*["'](\w+)["']`)
	djangoParent = lazy.New(`\(\s*["'](\w+)["']\s*,\s*["'](\w+)["']\s*\)`)
	djangoDeps   = lazy.New(`(?s)dependencies\s*=\s*\[(.*?)\]`)
)

// clash names what two migrations of one folder share and must not: "version", "parent revision"; empty for nothing.
func (c *changes) clash(s *changed, p string) string {
	switch s.runner.name {
	case goose.name, golangMigrate.name, dbmate.name, flyway.name, sqlx.name, tern.name:
		a, b := versionOf.FindStringSubmatch(path.Base(s.path)), versionOf.FindStringSubmatch(path.Base(p))
		if a == nil || b == nil || strings.TrimLeft(a[1], "0") != strings.TrimLeft(b[1], "0") {
			return ""
		}
		if s.runner.name == golangMigrate.name && (pairOf(s.path) == pairOf(p) || strings.HasSuffix(p, ".down.sql")) {
			return ""
		}
		return "version " + a[1]
	case "Alembic":
		a := downRevision.FindStringSubmatch(s.text)
		if a == nil {
			return ""
		}
		if b := downRevision.FindStringSubmatch(string(c.readHead(p))); b != nil && a[1] == b[1] && !c.merged(path.Dir(p)) {
			return "parent revision " + a[1]
		}
	case "Django":
		app := path.Base(path.Dir(path.Dir(s.path)))
		a, b := parentIn(s.text, app), parentIn(string(c.readHead(p)), app)
		if a != "" && a == b && !c.merged(path.Dir(p)) && !strings.Contains(s.text, "run_before") {
			return "parent " + a
		}
	}
	return ""
}

func pairOf(p string) string {
	if m := pairName.FindStringSubmatch(path.Base(p)); m != nil {
		return m[1]
	}
	return p
}

// parentIn is the migration of the same app that a Django migration depends on, when it is one.
func parentIn(text, app string) string {
	deps := djangoDeps.FindStringSubmatch(text)
	if deps == nil || strings.Contains(text, "replaces") {
		return ""
	}
	parent := ""
	for _, m := range djangoParent.FindAllStringSubmatch(deps[1], -1) {
		if m[1] != app {
			continue
		}
		if parent != "" {
			return ""
		}
		parent = m[2]
	}
	return parent
}

// merged says whether a migration of the folder joins several parents, so that a fork is meant.
func (c *changes) merged(dir string) bool {
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return true
	}
	for _, p := range paths {
		if path.Dir(p) == dir && strings.Contains(path.Base(p), "merge") {
			return true
		}
	}
	for _, s := range c.scripts {
		if path.Dir(s.path) == dir && regexp.MustCompile(`(?m)^down_revision\b[^=\n]*=\s*\(`).MatchString(s.text) {
			return true
		}
	}
	return false
}
