package scripts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// BlockingLock reports a step that locks or rewrites a table which was there before, or takes a name away from the
// release that still runs. It is loud in repositories that show that
// they mind, and on tables that the repository calls large.
var BlockingLock = &detectors.Detector{
	ID:    "scripts/blocking-lock",
	Title: "A migration holds up, or breaks, the release that still runs",
	Run:   quoting(runBlockingLock),
}

func runBlockingLock(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	if c.dialect == MySQL || c.dialect == SQLite {
		return detectors.ErrNotApplicable // their locks are others
	}
	for _, s := range c.scripts {
		if !s.runner.tracked {
			continue
		}
		minds := c.minds(s)
		told := map[lock]bool{}
		for i, o := range s.up {
			l := c.lockOf(s, i)
			if l == noLock {
				if table := s.filledAfter(i); c.existed(table) && !tablesMade(s.up[:i])[table] {
					l, o.table, o.name = mixed, table, ""
				}
			}
			if l == noLock || l == plainIndex || told[l] || o.assured || o.template || !s.introduced(o) || !breaksOnly[l] && c.sizeOf(o.table) == small || suppressed(s.text, o.line) {
				continue
			}
			told[l] = true
			held := minds || !breaksOnly[l] && c.sizeOf(o.table) == large
			pass.Report(c.locked(s, o, l, held))
		}
	}
	return nil
}

// lockOf is why step i of a script is no good on a table in use, after what the rest of the script and of the branch says.
func (c *changes) lockOf(s *changed, i int) lock {
	o := s.up[i]
	if o.table != "" && (!c.existed(o.table) || tablesMade(s.up[:i])[o.table]) {
		return noLock
	}
	switch {
	case o.object == "validation" && s.transactional()[i] && slices.ContainsFunc(s.up[:i], func(b operation) bool { return b.notValid && b.name == o.name }):
		return validated
	case o.locks == setNotNull && c.provedNotNull(s, i):
		return noLock
	case (o.locks == required || o.object == "column" && o.kind != "") && s.runner.name == "Django" && slices.ContainsFunc(s.up, func(l operation) bool { return l.object == "setting" && l.table != "" }):
		return noLock // the default is set in the database by hand
	case o.locks == retyped && o.kind != "":
		return c.retyping(s, o)
	case o.locks == dropped && o.object == "column" && slices.ContainsFunc(s.up[:i], func(b operation) bool { return b.do == makes && thing(b) == thing(o) }):
		return noLock
	case o.do == updates && !o.whole && s.transactional()[i], o.do == updates && s.transactional()[i]:
		if changesSchema(s.up[:i], o.table) {
			return mixed
		}
	}
	return o.locks
}

// filledAfter is the table whose rows the code of step i changes in the transaction that changed its schema before,
// empty for none.
func (s *script) filledAfter(i int) string {
	for _, table := range s.up[i].fills {
		if s.transactional()[i] && changesSchema(s.up[:i], table) {
			return table
		}
	}
	return ""
}

func changesSchema(ops []operation, table string) bool {
	return slices.ContainsFunc(ops, func(b operation) bool {
		return b.table == table && (b.do == makes && b.object == "column" || b.do == alters && b.object != "setting")
	})
}

// provedNotNull says whether a check that holds for all rows stands for the column already.
func (c *changes) provedNotNull(s *changed, i int) bool {
	o := s.up[i]
	steps := slices.Clone(s.up[:i])
	for _, old := range c.siblings(s) {
		steps = append(steps, old.up...)
	}
	for _, other := range c.scripts {
		if other != s && other.path < s.path {
			steps = append(steps, other.up...)
		}
	}
	validated := func(name string) bool {
		return slices.ContainsFunc(steps, func(b operation) bool {
			return b.object == "validation" && b.table == o.table && (name == "" || b.name == name)
		})
	}
	proof := false
	for _, b := range steps {
		if b.do == makes && b.object == "constraint" && b.notNull && b.table == o.table && slices.Contains(b.columns, o.name) {
			if !b.notValid || validated(b.name) {
				return true
			}
			proof = true
		}
	}
	// A validated constraint whose making is not seen is taken for the proof.
	return !proof && validated("")
}

var (
	mindful     = lazy.New(`(?i)\bstrong_migrations\b|django[-_]migration[-_]linter|\bonline_migrations\b|\bzero_downtime_migrations\b|django[-_]pg[-_]zero[-_]downtime|django[-_]safemigrate|\bsquawk(-cli)?\b|\bpgroll\b`)
	mindfulFile = []string{".squawk.toml", "squawk.toml", "config/initializers/strong_migrations.rb", "eugene.toml", ".pgroll"}
	suppression = lazy.New(`(?i)\b(squawk-ignore|eugene: ignore|safety_assured|nolint)\b`)
)

// minds says whether the repository shows that it cares for locks: a linter for them in its manifests, or older
// migrations that take the long way.
func (c *changes) minds(s *changed) bool {
	for _, p := range mindfulFile {
		if c.readHead(p) != nil {
			return true
		}
	}
	for _, p := range []string{"Gemfile", "requirements.txt", "requirements-dev.txt", "pyproject.toml", "package.json", ".pre-commit-config.yaml", "setup.cfg"} {
		if mindful.Match(c.readHead(p)) {
			return true
		}
	}
	long := 0
	for _, old := range c.siblings(s) {
		if strings.Contains(strings.ToLower(old.text), "lock_timeout") || slices.ContainsFunc(old.up, func(o operation) bool { return o.concurrent || o.notValid }) {
			long++
		}
	}
	return long >= 3
}

// suppressed says whether the author answers for the statement by a remark of one of the linters.
func suppressed(text string, line int) bool {
	lines := strings.Split(text, "\n")
	for i := max(0, line-4); i < min(line, len(lines)); i++ {
		if suppression.MatchString(lines[i]) {
			return true
		}
	}
	return false
}

// breaksOnly are the reasons that have nothing to do with a table's size.
var breaksOnly = map[lock]bool{renamed: true, dropped: true, required: true, plainDrop: true}

func (c *changes) locked(s *changed, o operation, l lock, minds bool) detectors.Finding {
	r := reasons[l]
	subject := o.subject()
	if l == renamed && len(o.columns) == 2 {
		subject = o.table + "." + o.columns[0]
	}
	f := detectors.Finding{
		Severity: detectors.Note, Path: s.path, Line: o.line, EndLine: o.last, Symbol: subject,
		Message:  fmt.Sprintf(r.message, subject) + " (" + s.runner.name + ")",
		Why:      r.why,
		Fix:      r.fix,
		Evidence: []string{string(l), o.text},
	}
	if minds {
		f.Severity = detectors.Warning
	}
	return f
}
