package scripts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

// MissingCopy reports a shell script that drops what is there and loads something in its place without a copy of it.
var MissingCopy = &detectors.Detector{
	ID:    "scripts/missing-copy",
	Title: "A reload drops the old data before the new is in, and keeps no copy",
	Run:   quoting(runMissingCopy),
}

var (
	// tried are places and names of databases that may be lost.
	tried = lazy.New(`(?i)(^|[^a-z])(dev|devel|local|test|tests|testing|ci|e2e|demo|sandbox|staging|stage|scratch|tmp|temp|reset|fixtures?|sample|benchmark|preview|restored?|anonymi[sz]ed?|sanitized)([^a-z]|$)`)
	// refuses: the script stops on production.
	refuses = lazy.New(`(?is)\bprod(uction)?\b[^\n]*\n?[^\n]*\b(exit|return|die|refus|abort)`)
	dropsIt = lazy.New(`(?i)\b(drop\s+(database|schema)|truncate|drop\s+table)\b`)
	renames = lazy.New(`(?i)\brename\s+to\b|\bcreate\s+table\b[^;]*\bas\b|\bwith\s+template\b`)
)

func runMissingCopy(pass *detectors.Pass) error {
	c := &changes{pass: pass}
	return c.eachShell(func(f *branch.File, tree *syntax.File, text string) {
		if toy.MatchString(f.Path) || tried.MatchString(f.Path) || refuses.MatchString(text) {
			return
		}
		steps := stepsOf(tree)
		if c.copies(f.Path, tree, steps) {
			return
		}
		for i, s := range steps {
			what, loaded := droppedBy(s)
			if what == "" || tried.MatchString(what) || !f.Touched(s.line) {
				continue
			}
			if !loaded && !slices.ContainsFunc(steps[i+1:], loads) {
				continue
			}
			pass.Report(c.noCopy(f.Path, s, what))
			return
		}
	})
}

// droppedBy is what a step drops as a whole, empty for nothing, and whether it loads the new data itself.
func droppedBy(s shellStep) (what string, loads bool) {
	if s.sql != "" && dropsIt.MatchString(s.sql) && !renames.MatchString(s.sql) {
		for _, o := range firstOps(s.sql) {
			if o.do == removes && (o.object == "schema" || o.object == "table" || o.object == "database") || o.do == truncate {
				return strings.TrimSpace(shownShell(o.what())), false
			}
		}
	}
	for _, words := range s.commands {
		args := operands(words)
		if what := volumeRemoved(words); what != "" {
			return what, true
		}
		switch name(words) {
		case "dropdb":
			if len(args) > 0 {
				return "dropdb " + shownShell(args[len(args)-1]), false
			}
		case "pg_restore":
			if hasOption(words[1:], "-c --clean") {
				return "pg_restore --clean", true
			}
		case "mongorestore":
			if slices.Contains(words, "--drop") {
				return "mongorestore --drop", true
			}
		case "redis-cli":
			if slices.ContainsFunc(args, func(a string) bool { return strings.EqualFold(a, "flushall") || strings.EqualFold(a, "flushdb") }) {
				return "redis-cli flush", false
			}
		case "mysqladmin":
			if slices.Contains(args, "drop") {
				return "mysqladmin drop", false
			}
		}
	}
	return "", false
}

// removals of what holds data, by the words of a command; the rest of the words names it.
var removesVolume = lazy.New(`^(docker|podman) volume (rm|remove|prune)\b|^(docker|podman)(-| )compose\b.* (down|rm)\b.* (-v|--volumes)\b|^kubectl\b.* delete (pvc|pv|persistentvolumeclaims?|persistentvolumes?|statefulsets?|namespaces?|ns)\b|^(zfs|zpool) destroy\b|^(lvremove|vgremove|wipefs|mkfs(\.\w+)?)\b|^aws rds delete-db-(instance|cluster)\b.*--skip-final-snapshot|^aws s3 (rb\b.*--force|rm\b.*--recursive)|^gsutil\b.* rm -r|^gcloud sql (instances|databases) delete\b|^heroku pg:reset\b|^rm -\w*r\w* \S*(/var/lib/(postgresql|mysql|mongodb?|redis|elasticsearch|grafana|docker/volumes)|pgdata|/data/db)`)

// volumeRemoved is what a command removes of the places where data is kept, empty for nothing.
func volumeRemoved(words []string) string {
	text := name(words) + " " + strings.Join(words[1:], " ")
	if !removesVolume.MatchString(text) {
		return ""
	}
	if len(text) > 80 {
		text = text[:80]
	}
	return shownShell(text)
}

func firstOps(sql string) []operation {
	ops, _ := readSQL(sql, 1)
	return ops
}

var loadsFile = lazy.New(`(?i)\\copy\b|\bcopy\b[^;]*\bfrom\b|\bload\s+data\b|\\i\s`)

// loads says whether a step puts data in: a restore, or a client that is given a file.
func loads(s shellStep) bool {
	for i, words := range s.commands {
		switch n := name(words); n {
		case "pg_restore", "mongorestore", "mongoimport", "mysqlimport", "pgloader", "ogr2ogr", "shp2pgsql", "osm2pgsql":
			return true
		default:
			if _, ok := clients[n]; ok && (i > 0 || hasOption(words[1:], "-f --file") || loadsFile.MatchString(s.sql) || s.sql == "" && n != "sqlite3") {
				return true
			}
		}
	}
	return false
}

// copies says whether a script takes a copy: by a command, or by a function of its own or of what it sources.
func (c *changes) copies(p string, tree *syntax.File, steps []shellStep) bool {
	if takesCopy(steps) {
		return true
	}
	called := map[string]bool{}
	for _, s := range steps {
		for _, words := range s.commands {
			called[words[0]] = true
			if name(words) == "createdb" && hasOption(words[1:], "-T --template") || name(words) == "mv" || name(words) == "cp" && hasOption(words[1:], "-a -r -R --archive --recursive") {
				return true
			}
			if backupName.MatchString(path.Base(words[0])) {
				return true
			}
		}
	}
	found := false
	syntax.Walk(tree, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) < 2 || call.Args[0].Lit() != "." && call.Args[0].Lit() != "source" {
			return !found
		}
		q, lib := c.sourced(p, wordText(call.Args[1]))
		if t := shell.File(q+".sh", lib); lib != "" && t != nil {
			for _, s := range stepsOf(t) {
				found = found || called[s.body] && s.body != "" && takesCopy([]shellStep{s})
			}
		}
		return !found
	})
	return found
}

// backupName is the name of a script or function that takes a copy.
var backupName = lazy.New(`(?i)(backup|snapshot|dump|archive|save[-_]?copy|export)`)

func takesCopy(steps []shellStep) bool {
	return slices.ContainsFunc(steps, func(s shellStep) bool {
		return slices.ContainsFunc(s.commands, copiesAll) || copiesSQL.MatchString(s.sql)
	})
}

func (c *changes) noCopy(p string, s shellStep, what string) detectors.Finding {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: s.line, Symbol: what,
		Message:  fmt.Sprintf("%s comes before the new data is in, and the script keeps no copy of the old", what),
		Why:      "When the file is broken or the load stops half way there is nothing to go back to.",
		Fix:      "Dump it first, or load beside it and swap by renaming when the load is complete.",
		Evidence: []string{what},
	}
	if other := c.siblingCopies(p); other != "" {
		f.Message += "; " + path.Base(other) + " beside it does"
	}
	return f
}

// siblingCopies is another script of the folder that takes a copy, empty without one.
func (c *changes) siblingCopies(p string) string {
	paths, err := c.pass.Branch.BasePaths()
	if err != nil {
		return ""
	}
	read := 0
	for _, other := range below(paths, path.Dir(p)) {
		if other == p || path.Dir(other) != path.Dir(p) {
			continue
		}
		if read++; read > maxSiblings {
			break
		}
		text := string(c.readBase(other))
		if tree := shell.File(other, text); tree != nil && takesCopy(stepsOf(tree)) {
			return other
		}
	}
	return ""
}
