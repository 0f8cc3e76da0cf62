package scripts

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// UnguardedStatement reports statements that fail or repeat themselves on a second run, where a second run happens: in
// what no runner records, and in what can stop half way.
var UnguardedStatement = &detectors.Detector{
	ID:    "scripts/unguarded-statement",
	Title: "A statement is not safe to run a second time, and nothing keeps it from being run twice",
	Run:   quoting(runUnguardedStatement),
}

func runUnguardedStatement(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		switch {
		case s.runner.name == liquibase.name:
			c.unguardedAgain(s)
		case s.runner.name == numbered.name:
			c.unguardedNumbered(s)
		case !s.runner.tracked:
			c.unguardedRepeated(s)
		case !s.runner.atomic && s.runner.switchOff != "" && path.Ext(s.path) == ".sql":
			c.unguardedHalfWay(s)
		}
	}
	return c.end()
}

// unguardedRepeated judges what may be started any number of times.
func (c *changes) unguardedRepeated(s *changed) {
	inside := s.transactional()
	var fails []operation
	for i, o := range s.up {
		if !s.introduced(o) || o.guarded || emptiedBefore(s.up[:i], o) {
			continue
		}
		switch o.do {
		case inserts:
			if s.runner.name == byClock.name { // a job is there to add rows; see repeated-effect
				continue
			}
			if toy.MatchString(s.path) && !s.repeated() {
				continue
			}
			c.pass.Report(c.repeats(s, o))
		case updates:
			if o.selfReferring {
				c.pass.Report(c.drifts(s, o))
			}
		case makes, removes:
			if (!inside[i] || s.repeated()) && !droppedBefore(s.up[:i], o) {
				fails = append(fails, o)
			}
		default:
		}
	}
	if len(fails) > 0 {
		c.pass.Report(c.fails(s, fails, "nothing records that it ran"))
	}
}

// unguardedAgain judges the changeSets that run at each change, or always.
func (c *changes) unguardedAgain(s *changed) {
	for i, o := range s.up {
		if !o.again || o.guarded || !s.introduced(o) || emptiedBefore(s.up[:i], o) {
			continue
		}
		switch {
		case o.do == inserts:
			c.pass.Report(c.repeats(s, o))
			return
		case o.do == updates && o.selfReferring:
			c.pass.Report(c.drifts(s, o))
			return
		case (o.do == makes || o.do == removes) && guardable(o):
			c.pass.Report(c.fails(s, one(o), "its changeSet runs more than once"))
			return
		}
	}
}

// repeated says whether the script is one that certainly runs again.
func (s *script) repeated() bool { return s.runner.name == repeatable.name }

// unguardedHalfWay judges a migration outside of a transaction: what comes before a failing step has happened.
func (c *changes) unguardedHalfWay(s *changed) {
	var steps, fails []operation
	for _, o := range s.up {
		if o.changes() {
			steps = append(steps, o)
		}
	}
	for i, o := range steps {
		if o.guarded || !s.introduced(o) || c.made[o.table] && o.object != "table" {
			continue
		}
		last := i == len(steps)-1
		if o.do == inserts && !last {
			c.pass.Report(c.repeats(s, o))
		}
		if (o.do == makes || o.do == removes) && (!last || o.concurrent && c.habit(s)) {
			fails = append(fails, o)
		}
	}
	if len(fails) > 0 {
		c.pass.Report(c.fails(s, fails, "its transaction is switched off, so that it can stop half way"))
	}
}

// unguardedNumbered judges a folder of numbered files whose runner is not known: it asks the folder's habit.
func (c *changes) unguardedNumbered(s *changed) {
	var fails []operation
	for _, o := range s.up {
		if (o.do == makes || o.do == inserts) && !o.guarded && s.introduced(o) && guardable(o) {
			fails = append(fails, o)
		}
	}
	if len(fails) > 0 && c.habit(s) {
		c.pass.Report(c.fails(s, fails, "the files beside it guard every statement"))
	}
}

// habit says whether the older scripts beside this one guard what they make, nearly always and more than once.
func (c *changes) habit(s *changed) bool {
	guarded, bare := 0, 0
	for _, old := range c.siblings(s) {
		for _, o := range old.up {
			if o.do != makes || !guardable(o) {
				continue
			}
			if o.guarded {
				guarded++
			} else {
				bare++
			}
		}
	}
	return guarded >= 2 && bare*6 <= guarded
}

// guardable says whether a statement has an IF NOT EXISTS or an ON CONFLICT at all.
func guardable(o operation) bool {
	switch o.object {
	case "table", "index", "schema", "extension", "sequence", "view", "column":
		return true
	}
	return o.do == inserts
}

func (c *changes) repeats(s *changed, o operation) detectors.Finding {
	why := "A second run adds the same rows again, or stops at a duplicate key with part of the work done."
	if o.random {
		why = "The key is drawn anew at each run, so no constraint stops a second run from adding every row again."
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: cmp.Or(o.as, o.table),
		Message:  fmt.Sprintf("INSERT INTO %s has no guard against a second run (%s)", o.rows(), s.runner.name),
		Why:      why,
		Fix:      "Add ON CONFLICT DO NOTHING or DO UPDATE on a key that stays the same, or WHERE NOT EXISTS.",
		Evidence: []string{o.text},
	}
}

func (c *changes) drifts(s *changed, o operation) detectors.Finding {
	return detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: cmp.Or(o.as, o.table),
		Message:  fmt.Sprintf("UPDATE of %s computes %s from what is there, and no condition tells done rows apart (%s)", o.rows(), cmp.Or(strings.Join(o.columns[:min(len(o.columns), 3)], ", "), "a value"), s.runner.name),
		Why:      "Each run adds once more, so a second run gives other numbers than the first.",
		Fix:      "Compute the value from its source, or set and test a marker column in the same statement.",
		Evidence: []string{o.text},
	}
}

func (c *changes) fails(s *changed, ops []operation, because string) detectors.Finding {
	first := ops[0]
	more := ""
	if len(ops) > 1 {
		more = fmt.Sprintf(" and %d more", len(ops)-1)
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: first.line, EndLine: first.last, Symbol: first.subject(),
		Message: fmt.Sprintf("%s%s: not guarded, and %s (%s)", first.what(), more, because, s.runner.name),
		Why:     "A second run stops here because the thing is already there (or already gone), and what follows never happens.",
		Fix:     "Use IF NOT EXISTS or IF EXISTS, or give the script to the migration runner.",
	}
	for _, o := range ops {
		f.Evidence = append(f.Evidence, o.text)
	}
	return f
}

// emptiedBefore says whether the script removes the rows first, which makes the insert a reload, or makes the table anew.
func emptiedBefore(before []operation, o operation) bool {
	return o.do == inserts && slices.ContainsFunc(before, func(b operation) bool {
		return b.table == o.table && b.set == o.set && (b.do == truncate || b.do == deletes || b.do == removes && b.object == "table" || b.do == makes && !b.guarded)
	})
}

// droppedBefore says whether the same thing was dropped with IF EXISTS first.
func droppedBefore(before []operation, o operation) bool {
	return slices.ContainsFunc(before, func(b operation) bool { return b.do == removes && b.guarded && thing(b) == thing(o) })
}
