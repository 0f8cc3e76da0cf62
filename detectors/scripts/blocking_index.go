package scripts

import (
	"fmt"

	"flightpoll/detectors"
)

// BlockingIndex reports an index that is built under a lock on a table that was there before, in a repository whose older
// migrations build theirs concurrently, or on a table that the repository calls large.
var BlockingIndex = &detectors.Detector{
	ID:    "scripts/blocking-index",
	Title: "An index is built under a lock, unlike the ones before it",
	Run:   quoting(runBlockingIndex),
}

func runBlockingIndex(pass *detectors.Pass) error {
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
		made := s.makesTables()
		for _, o := range s.up {
			if o.do != makes || o.object != "index" && o.locks != plainIndex || o.concurrent || o.table == "" || made[o.table] || !c.existed(o.table) || o.assured || suppressed(s.text, o.line) || !s.introduced(o) {
				continue
			}
			said := c.sizeOf(o.table)
			if said == small {
				continue
			}
			habit := c.buildsConcurrently(s) || c.minds(s)
			if said != large && !habit {
				continue
			}
			because := "while the migrations before it build theirs concurrently"
			if !habit {
				because = "and the table is large"
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: o.subject(),
				Message:  fmt.Sprintf("%s is built under a lock, %s (%s)", indexed(o), because, s.runner.name),
				Why:      "Every write to the table waits until the index is built, which on a large table is an outage.",
				Fix:      "Build it CONCURRENTLY, in a migration of its own without a transaction.",
				Evidence: []string{o.text},
			})
			break
		}
	}
	return nil
}

// indexed names an index and its table.
func indexed(o operation) string {
	if o.name == "" {
		return "An index on " + o.table
	}
	return fmt.Sprintf("Index %s on %s", o.name, o.table)
}

// buildsConcurrently says whether most indexes of the older migrations on tables that they do not create are concurrent.
func (c *changes) buildsConcurrently(s *changed) bool {
	with, without := 0, 0
	for _, old := range c.siblings(s) {
		made := tablesMade(old.up)
		for _, o := range old.up {
			if o.do != makes || o.object != "index" || made[o.table] {
				continue
			}
			if o.concurrent {
				with++
			} else {
				without++
			}
		}
	}
	return with >= 2 && with > 2*without
}
