package scripts

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// MissingPrecaution reports a script that leaves out what the scripts beside it take care of: a dry run, a copy of what is
// destroyed, a limit on how long it waits for locks.
var MissingPrecaution = &detectors.Detector{
	ID:    "scripts/missing-precaution",
	Title: "A script leaves out a precaution that the ones beside it take",
	Run:   quoting(runMissingPrecaution),
}

// precaution is one thing that scripts of a repository may take care of.
type precaution struct {
	name string
	// takes says whether a text takes it; needs whether a script has to.
	takes *lazy.Regexp
	needs func(*script) bool
	// tracked: it is asked of migrations; else of what people and jobs start.
	tracked bool
	// loud ones are warnings.
	loud                bool
	message, why, fixed string
}

var precautions = []precaution{
	{"dry run", lazy.New(`(?i)dry[-_ ]?run|--apply\b|--commit\b|--execute\b|--confirm\b|--really|simulat|what-?if\b|no-?op\b|--check\b|pretend|\bAPPLY\b|\bCONFIRM\b|read_only|--live\b|--write\b`),
		func(s *script) bool { return !s.runner.tracked && changesRows(s.up) }, false, true,
		"%s writes at once; the scripts beside it can be asked first what they would do", "Whoever starts it sees what it does only when it is done, on the live database.", "Give it the dry run of the ones beside it, and make that the default."},
	{"copy", lazy.New(`(?i)pg_dump|mysqldump|mongodump|sqlite3\b.*\.backup|\bback_?ups?\b|snapshot|_bak\b|\barchive|create\s+table\s+\S*(bak|backup|archive|old|copy|keep|saved|before)\S*\s+(as|like)|insert\s+into\s+\S*(archive|backup|history|deleted|trash)|\bcopy\b[^;]*\bto\b|--export|rename\s+to\s+\S*(old|backup|legacy)`),
		destroys, true, true,
		"%s destroys rows and keeps no copy of them, unlike what was done beside it before", "A slip in the condition, or a change of mind, cannot be taken back.", "Copy what goes (a table, a dump, a snapshot) before it goes, as the ones beside it do."},
	{"copy", nil, destroys, false, true, "", "", ""},
	{"lock time-out", lazy.New(`(?i)lock_timeout`),
		func(s *script) bool { return s.runner.tracked && locksAny(s.up) }, true, false,
		"%s waits for its locks without an end, unlike the migrations beside it", "While it waits, everybody else waits behind it.", "Set lock_timeout first, as the ones beside it do."},
}

func changesRows(ops []operation) bool {
	for _, o := range ops {
		switch o.do {
		case inserts, updates, deletes, truncate:
			return true
		default:
		}
	}
	return false
}

func destroys(s *script) bool {
	for _, o := range s.up {
		if o.do == deletes || o.do == truncate || o.do == removes && (o.object == "table" || o.object == "column") {
			return !passing.MatchString(o.table)
		}
	}
	return false
}

func locksAny(ops []operation) bool {
	for _, o := range ops {
		if o.locks != noLock || o.do == alters || o.do == removes && o.object != "index" {
			return true
		}
	}
	return false
}

func runMissingPrecaution(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		if s.file.Status != branch.Added || toy.MatchString(s.path) {
			continue
		}
		for _, p := range precautions {
			if p.name == "copy" && p.takes == nil { // the same question, asked of scripts
				p.takes, p.message, p.why, p.fixed = precautions[1].takes, precautions[1].message, precautions[1].why, precautions[1].fixed
			}
			if s.runner.tracked != p.tracked || !p.needs(s.script) || p.takes.MatchString(s.text) || !c.existed(firstChange(s.up).table) && p.name != "dry run" {
				continue
			}
			if other := c.takenBeside(s, p); other != "" {
				f := detectors.Finding{
					Severity: detectors.Warning, Path: s.path, Line: firstChange(s.up).line, Symbol: path.Base(s.path),
					Message: fmt.Sprintf(p.message, path.Base(s.path)) + " (" + path.Base(other) + ")", Why: p.why, Fix: p.fixed,
					Evidence: []string{p.name},
				}
				if !p.loud {
					f.Severity = detectors.Note
				}
				pass.Report(f)
			}
		}
	}
	return nil
}

// maxBeside bounds how many scripts of a folder are asked for a habit.
const maxBeside = 40

// takenBeside is an older script beside this one that takes the precaution, when nearly all that need it do; empty
// otherwise.
func (c *changes) takenBeside(s *changed, p precaution) string {
	paths, err := c.pass.Branch.BasePaths()
	if err != nil {
		return ""
	}
	found, with, without := "", 0, 0
	near := below(paths, folderOf(s.path))
	for _, other := range near[max(0, len(near)-maxBeside):] {
		if other == s.path || folderOf(other) != folderOf(s.path) || aside(other) || toy.MatchString(other) || c.pass.Context.Err() != nil {
			continue
		}
		text := string(c.readBase(other))
		if text == "" || len(text) > maxHandler {
			continue
		}
		old := c.scriptAtBase(other)
		if old == nil || old.runner.tracked != s.runner.tracked || !p.needs(old) {
			continue
		}
		if p.takes.MatchString(remarkless(other, text)) {
			with++
			found = other
		} else {
			without++
		}
	}
	if with == 0 || without*3 > with || p.tracked && with < 2 && p.name != "copy" {
		return ""
	}
	return found
}

// remarkless is a script's text without its comments.
func remarkless(p, text string) string {
	if path.Ext(p) == ".sql" {
		return strings.Join(strings.Split(sqlComment.ReplaceAllString(text, ""), "\n"), "\n")
	}
	return withoutComments(p, text)
}
