package scripts

import (
	"fmt"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// ConcurrentIndexInTransaction reports CREATE or DROP INDEX CONCURRENTLY where a transaction is open around it.
var ConcurrentIndexInTransaction = &detectors.Detector{
	ID:    "scripts/concurrent-index-in-transaction",
	Title: "A concurrent index stands inside a transaction, where PostgreSQL refuses it",
	Run:   quoting(runConcurrentIndex),
}

func runConcurrentIndex(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		inside := s.transactional()
		steps := 0
		for _, o := range s.up {
			if o.changes() {
				steps++
			}
		}
		for i, o := range s.up {
			if !o.concurrent || !s.introduced(o) {
				continue
			}
			// Several statements sent at once are one implicit transaction.
			together := (s.runner.name == golangMigrate.name || s.runner.name == prisma.name) && steps > 1
			if s.runner.name == flyway.name || s.runner.name == repeatable.name {
				inside[i], together = false, mixedConcurrent(s.up)
			}
			if !inside[i] && !together {
				continue
			}
			pass.Report(c.concurrent(s, o, together))
		}
	}
	return nil
}

// stepName is the framework's own name of a step that is a call.
var stepName = lazy.New(`^(?:\w+\.)*([A-Za-z]\w*)\(`)

// mixedConcurrent says whether a concurrent index stands beside statements that want a transaction, which Flyway refuses.
func mixedConcurrent(ops []operation) bool {
	with, without := false, false
	for _, o := range ops {
		if !o.changes() {
			continue
		}
		with = with || !o.concurrent
		without = without || o.concurrent
	}
	return with && without
}

func (c *changes) concurrent(s *changed, o operation, together bool) detectors.Finding {
	name := o.name
	if name == "" {
		name = "on " + o.table
	}
	f := detectors.Finding{
		Severity: detectors.Blocker, Path: s.path, Line: o.line, EndLine: o.last, Symbol: o.subject(),
		Message:  fmt.Sprintf("%s runs this migration in a transaction, in which index %s cannot be built or dropped concurrently", s.runner.name, name),
		Why:      "PostgreSQL refuses CONCURRENTLY inside a transaction block: the migration fails at this line, wherever it runs.",
		Fix:      "Put the index into a migration of its own, outside of a transaction.",
		Evidence: []string{o.text},
	}
	if m := stepName.FindStringSubmatch(o.text); m != nil {
		f.Message = fmt.Sprintf("%s: ", m[1]) + f.Message
	}
	if together {
		f.Message = fmt.Sprintf("%s sends the statements of this file together, so index %s is built inside an implicit transaction", s.runner.name, name)
	} else if s.runner.switchOff != "" {
		f.Fix = fmt.Sprintf("Switch the transaction off for this migration (%s) and keep nothing else in it.", s.runner.switchOff)
	}
	return f
}
