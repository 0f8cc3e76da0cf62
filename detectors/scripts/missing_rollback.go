package scripts

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// MissingRollback reports a migration that cannot be taken back although the repository takes migrations back: no way
// down, an empty one, one that leaves things behind, or a step that the framework cannot invert.
var MissingRollback = &detectors.Detector{
	ID:    "scripts/missing-rollback",
	Title: "A migration cannot be taken back",
	Run:   quoting(runMissingRollback),
}

func runMissingRollback(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	judged := 0
	for _, s := range c.scripts {
		if !s.runner.reversible || !changesIn(s.up) {
			continue
		}
		judged++
		if s.file.Status != branch.Added && !s.file.TouchedRange(s.downLine, s.downLine) && !c.introducedAny(s) {
			continue
		}
		if f, ok := c.rollback(s); ok {
			pass.Report(f)
		}
	}
	if judged == 0 {
		return detectors.ErrNotApplicable
	}
	return nil
}

func (c *changes) introducedAny(s *changed) bool {
	for _, o := range s.up {
		if o.changes() && s.introduced(o) {
			return true
		}
	}
	return false
}

// rollback judges the way back of one migration; false when there is nothing to say.
func (c *changes) rollback(s *changed) (detectors.Finding, bool) {
	f := detectors.Finding{Severity: detectors.Warning, Path: s.path, Line: s.downLine,
		Fix: "Write the inverse of each step, or say in the migration why there is none."}
	if s.downPath != s.path {
		f.Line = firstChange(s.up).line
		f.Related = []detectors.Related{{Path: s.downPath, Line: s.downLine, Message: "the way back"}}
	}
	first := firstChange(s.up)
	f.Symbol = first.subject()
	for _, o := range s.up {
		f.Evidence = append(f.Evidence, o.text)
	}
	switch {
	case s.refusal != "" && !changesIn(s.down):
		return f, false // somebody thought about it and says so
	case s.irreversible() != nil:
		o := s.irreversible()
		f.Line, f.Symbol = o.line, o.subject()
		if f.Symbol == "" {
			f.Symbol = o.object
		}
		f.Message = fmt.Sprintf("%s cannot be undone by %s, and the migration says no other way back", o.step(), s.runner.name)
		f.Why = "Taking the release back stops here with an error, with the newer schema still in place."
	case onlyProofs(s.up):
		return f, false // a constraint that is proved needs no undoing
	case !changesIn(s.down) && s.onlyEnumValues():
		return f, false // PostgreSQL has no way to take a value out of a type
	case !s.hasDown:
		f.Message = fmt.Sprintf("%s has no way back: there is no %s (%s)", first.what(), s.back(), s.runner.name)
		f.Why = "Whoever takes the release back finds no migration to undo this one, and the schema stays ahead of the code."
	case s.derived:
		return f, false
	case !changesIn(s.down):
		if onlyData(s.up) {
			return f, false // what rows were before is not known to a migration; an empty way back is the custom
		}
		f.Message = fmt.Sprintf("The way back of %s is empty: %s does nothing (%s)", first.what(), s.back(), s.runner.name)
		f.Why = "Undoing reports success and changes nothing; applying it again then fails on what is still there."
	default:
		left := s.undone()
		if o, wrong, ok := c.wrongWayBack(s); ok && len(left) == 0 {
			f.Symbol, f.Line = o.subject(), firstChange(s.up).line
			if s.downPath == s.path {
				f.Line = o.line
			}
			f.Message = fmt.Sprintf("The way back (%s) %s (%s)", s.back(), wrong, s.runner.name)
			f.Why = "Undoing does not lead to what was there before, and what it takes away is lost."
			return f, true
		}
		if len(left) == 0 {
			return f, false
		}
		f.Symbol = left[0].subject()
		f.Message = fmt.Sprintf("The way back (%s) leaves %s behind (%s)", s.back(), names(left), s.runner.name)
		f.Why = "After undoing, the schema is not what it was: applying the migration again fails on what stayed."
		f.Line = left[0].line
	}
	habit := c.custom(s)
	if s.runner.name == liquibase.name && habit != forwardOnly {
		habit = s.habitInside(habit)
	}
	switch habit {
	case forwardOnly:
		return f, false
	case untold:
		if s.irreversibleOnly() || s.runner.name == liquibase.name {
			f.Severity = detectors.Note
		}
	case takenBack:
	}
	return f, true
}

// back is what the framework calls the way back.
func (s *script) back() string {
	switch s.runner.name {
	case "Alembic":
		return "downgrade"
	case "Entity Framework Core":
		return "Down"
	case liquibase.name:
		return "rollback"
	}
	return "down"
}

// habitInside asks the changeSets that the file had before.
func (s *changed) habitInside(habit custom) custom {
	with, without := 0, 0
	for _, o := range s.before {
		switch {
		case !o.changes():
		case o.reversible:
			with++
		default:
			without++
		}
	}
	switch {
	case without > 0 && without >= with:
		return forwardOnly
	case with > 0 && without == 0:
		return takenBack
	}
	return habit
}

// irreversibleOnly says that the fault is a step the framework refuses to invert, which is an error only for those who undo.
func (s *script) irreversibleOnly() bool { return !s.hasDown }

// onlyProofs says that all the migration does is to have constraints checked.
func onlyProofs(ops []operation) bool {
	for _, o := range ops {
		if o.changes() && o.object != "validation" {
			return false
		}
	}
	return true
}

// onlyEnumValues says that all the migration does is to add values to types.
func (s *script) onlyEnumValues() bool {
	for _, o := range s.up {
		if o.changes() && (o.do != alters || o.object != "type") {
			return false
		}
	}
	return true
}

func firstChange(ops []operation) operation {
	for _, o := range ops {
		if o.changes() {
			return o
		}
	}
	return operation{}
}

// irreversible is the first step that the framework cannot invert by itself, nil without one.
func irreversible(s *script) *operation {
	if !s.derived {
		return nil
	}
	for i := range s.up {
		if o := &s.up[i]; !o.reversible && o.changes() {
			return o
		}
	}
	return nil
}

// irreversible is the first step that the branch brings and that the framework cannot invert, nil without one.
func (s *changed) irreversible() *operation {
	if !s.derived {
		return nil
	}
	for i := range s.up {
		if o := &s.up[i]; !o.reversible && o.changes() && s.introduced(*o) {
			return o
		}
	}
	return nil
}

// step names an operation for a message, with the framework's own word where it has one.
func (o operation) step() string {
	if o.object == "execute" || strings.HasPrefix(o.object, "Run") {
		return o.object
	}
	return o.what()
}

func onlyData(ops []operation) bool {
	for _, o := range ops {
		switch o.do {
		case makes, removes, alters:
			return false
		case inserts:
			if !o.guarded {
				return false
			}
		case updates:
			if o.selfReferring {
				return false
			}
		case opaque:
			return true
		default:
		}
	}
	return true
}

func names(ops []operation) string {
	var list []string
	for i, o := range ops {
		if i == 3 {
			list = append(list, fmt.Sprintf("%d more", len(ops)-3))
			break
		}
		list = append(list, o.object+" "+o.subject())
	}
	return strings.Join(list, ", ")
}

// custom is what a repository does about the way back.
type custom int

const (
	untold custom = iota
	takenBack
	forwardOnly
)

// custom asks the older migrations beside this one: most of them have a way back, most have none, or there are none.
func (c *changes) custom(s *changed) custom {
	with, without := 0, 0
	for _, old := range c.siblings(s) {
		if !changesIn(old.up) {
			continue
		}
		switch {
		case old.derived && old.reverseless():
			without++
		case old.derived && !s.comparable(old):
		case changesIn(old.down) || old.derived || old.refusal != "":
			with++
		case onlyData(old.up):
		default:
			without++
		}
	}
	switch {
	case with == 0 && without == 0:
		return untold
	case without > with:
		return forwardOnly
	}
	return takenBack
}

// reverseless says that a migration whose way back is derived has a step without one.
func (s *script) reverseless() bool { return irreversible(s) != nil }

// comparable says whether an older migration tells anything about how this one's kind of step is written: where a step
// of this one needs a reverse written by hand, so must one of the other's.
func (s *script) comparable(old *script) bool {
	o := irreversible(s)
	if o == nil || !strings.HasPrefix(o.object, "Run") && o.object != "execute" {
		return true
	}
	for _, other := range old.up {
		if other.object == o.object {
			return true
		}
	}
	return false
}
