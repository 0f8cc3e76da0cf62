package scripts

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// RepeatedInsert reports a program that each deployment starts and that adds its rows, or its amounts, each time.
var RepeatedInsert = &detectors.Detector{
	ID:    "scripts/repeated-insert",
	Title: "Each deployment adds the same rows again",
	Run:   quoting(runRepeatedInsert),
}

func runRepeatedInsert(pass *detectors.Pass) error {
	c := &changes{pass: pass, made: map[string]bool{}}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	told := map[string]bool{}
	seen := false
	for _, s := range c.starts(paths) {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if told[s.program] || aside(s.program) {
			continue
		}
		program, hooked := pass.Branch.File(s.program), c.hooked(s)
		if !hooked && (program == nil || program.Status == branch.Deleted) {
			continue
		}
		seen = true
		if program != nil && !hooked && s.inline == nil && c.judgedByHand(s.program) {
			continue
		}
		for _, o := range c.again(s) {
			if hooked && s.inline == nil || program != nil && program.TouchedRange(o.line, max(o.line, o.last)) {
				told[s.program] = true
				pass.Report(repeated(s, o))
				break
			}
		}
	}
	for _, more := range []func() bool{c.eachStartRepeats, c.loadedSQL, c.habitInCode} {
		seen = more() || seen
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// hooked says whether the branch wrote a line that starts the program.
func (c *changes) hooked(s start) bool {
	for _, v := range s.via {
		if f := c.pass.Branch.File(v.path); f != nil && f.Touched(v.line) && (s.inline == nil || v.path == s.program) {
			return true
		}
	}
	return false
}

// judgedByHand says whether the program is judged as a script that people start.
func (c *changes) judgedByHand(p string) bool {
	if toy.MatchString(p) {
		return false
	}
	s := readScript(p, string(c.readHead(p)), c.readHead)
	return s != nil && s.runner.name != numbered.name
}

// again are the operations of what is started that a second run repeats or stops at.
func (c *changes) again(s start) []operation {
	if s.inline == nil {
		return c.adds(s.program)
	}
	return repeating(s.inline)
}

var (
	// growing tables are meant to get a row at each run.
	growing = lazy.New(`(?i)(log|audit|histor|event|deploy|release|snapshot|run|metric|migration|version|job|message|heartbeat)`)
	// asksProgram: the program looks at what is there, or clears it first.
	asksProgram = lazy.New(`(?i)truncate|delete_?(all|many)?\(|destroy_all|deleteMany|firstOr|updateOr|insertOrIgnore|upsert|exist|(\.|->|::)count\b|\.any\?|\.Any(Async)?\(|\.none\?|\.empty\?|isEmpty|find_or_|findOr|get_or_|update_or_|on\s+conflict|on\s+duplicate|ignore_conflicts|skipDuplicates|not\s+exists|findFirst|findUnique|findOne|find_by|first_or|already|unique_by|insert\s+(or\s+)?ignore`)
	phpRuns     = lazy.New(`extends\s+(?:\w*Command|\w*Seeder)\b`)
)

// adds are the unguarded additions of a program of the repository.
func (c *changes) adds(p string) []operation {
	text := string(c.readHead(p))
	if text == "" || len(text) > 1<<20 || path.Ext(p) != ".sql" && asksProgram.MatchString(withoutOwnGuards(p, withoutComments(p, text))) {
		return nil
	}
	var ops []operation
	switch path.Ext(p) {
	case ".sql":
		ops, _ = readSQL(text, 1)
	case ".php":
		if s := programOf(p, text); s != nil {
			ops = s.up
		}
		if f, err := c.pass.Source.Head(p); err == nil && f != nil {
			for _, found := range sqlStrings(f) {
				ops = append(ops, writes(found.ops)...)
			}
		}
	case ".rb", ".rake":
		if s := rubyProgram(p, text); s != nil {
			ops = s.up
		}
	default:
		if s := programOf(p, text); s != nil {
			ops = s.up
		}
	}
	return repeating(ops)
}

// repeating are the operations that a second run repeats or stops at: rows that are added, amounts that are added to,
// things that are made and not asked for.
func repeating(ops []operation) []operation {
	var list []operation
	for i, o := range ops {
		switch {
		case o.do == inserts && !o.guarded && !emptiedBefore(ops[:i], o) && !growing.MatchString(o.table),
			o.do == updates && o.selfReferring,
			o.do == makes && !o.guarded && !o.template && slices.Contains([]string{"table", "column", "index", "schema", "type", "role", "database"}, o.object) && !droppedBefore(ops[:i], o):
			list = append(list, o)
		}
	}
	return list
}

// ownGuards are calls that ask for the row that they write themselves, and say nothing of other rows.
var ownGuards = lazy.New(`(?i)^(upsert\w*|updateOrCreate|firstOrCreate|firstOrNew|updateOrInsert|get_or_create|update_or_create|find_or_create_by!?|find_or_initialize_by|create_or_find_by!?|findOrCreate|insertOrIgnore|createOrFirst)$`)

// withoutOwnGuards is a program's text without such calls.
func withoutOwnGuards(p, text string) string {
	f, err := source.Parse(p, []byte(text))
	if err != nil || f == nil {
		return text
	}
	out := []byte(text)
	for _, call := range f.Calls {
		if ownGuards.MatchString(call.Name) && call.Span.Start >= 0 {
			for i := call.Span.Start; i < min(call.Span.End, len(out)); i++ {
				out[i] = ' '
			}
		}
	}
	return string(out)
}

// withoutComments is a program's text with its comments blanked.
func withoutComments(p, text string) string {
	f, err := source.Parse(p, []byte(text))
	if err != nil || f == nil {
		return text
	}
	out := []byte(text)
	for _, c := range f.Comments {
		for i := max(0, c.Span.Start); i < min(c.Span.End, len(out)); i++ {
			out[i] = ' '
		}
	}
	return string(out)
}

func repeated(s start, o operation) detectors.Finding {
	outer := s.via[0]
	f := detectors.Finding{
		Severity: detectors.Warning, Path: s.program, Line: o.line, EndLine: o.last, Symbol: cmp.Or(o.as, o.table),
		Message:  fmt.Sprintf("Rows are added to %s without asking what is there, and %s starts this %s", o.rows(), path.Base(outer.path), s.when),
		Why:      "The second run adds every row once more, or stops at a duplicate key in the middle.",
		Fix:      "Insert or update by a key that stays the same (upsert, updateOrInsert, get_or_create, ON CONFLICT).",
		Evidence: []string{o.text},
	}
	for _, v := range s.via {
		if v.path != s.program {
			f.Related = append(f.Related, detectors.Related{Path: v.path, Line: v.line, Message: "runs " + s.when})
		}
	}
	switch o.do {
	case updates:
		f.Message = fmt.Sprintf("%s adds to what is there in %s, and %s starts it %s", path.Base(s.program), o.rows(), path.Base(outer.path), s.when)
		f.Why = "Each run adds once more, so the numbers drift."
		f.Fix = "Compute the value from its source, or do it once in a migration."
	case makes:
		f.Symbol = o.subject()
		f.Message = fmt.Sprintf("%s is not guarded, and %s starts this %s", o.what(), path.Base(outer.path), s.when)
		f.Why = "The second run stops here because the thing is already there, and what follows never happens."
		f.Fix = "Use IF NOT EXISTS, or give the statement to the migration runner."
	default:
	}
	return f
}
