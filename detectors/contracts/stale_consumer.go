package contracts

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// StaleConsumer finds code, hand-written client types, configuration and specifications that still expect a shape
// which the branch changed, where no compiler tells.
var StaleConsumer = &detectors.Detector{
	ID:    "contracts/stale-consumer",
	Title: "A consumer still expects the shape that the branch changed",
	Run: func(pass *detectors.Pass) error {
		return reportPlaces(pass, func(p string) bool { return !standsIn(p) }, func(p *place) detectors.Finding {
			verb := "reads"
			switch p.form {
			case formType:
				verb = "declares"
			case formText, formLiteral, formArgs:
				verb = "sends or sets"
			case formKeyed, formMember, formProse:
			}
			f := detectors.Finding{
				Severity: detectors.Warning,
				Message:  fmt.Sprintf("still %s %s; the branch %s in %s", verb, quoted(p.gone), story(p.gone), p.change.old.owner),
				Why:      "No compiler looks at this place: it gets nothing, or is refused, as soon as the branch is deployed.",
				Fix:      "Follow the change here, or keep the old name beside the new one until every consumer has followed.",
			}
			if p.strength == certain && p.change.old.pinned {
				f.Severity = detectors.Blocker
			}
			return f
		})
	},
}

// reportPlaces reports the places whose path is wanted.
func reportPlaces(pass *detectors.Pass, wanted func(path string) bool, tell func(*place) detectors.Finding) error {
	s, err := surveyOf(pass)
	if err != nil {
		return err
	}
	if len(s.changes) == 0 && len(s.lacks) == 0 {
		if len(s.unread) > 0 {
			unread := slices.Compact(slices.Sorted(slices.Values(s.unread))) // a copy: two detectors share the survey
			if _, err := pass.Source.Head(unread[0]); errors.Is(err, source.ErrNoGrammar) {
				return detectors.Inconclusive("built without cgo: %s could not be read", join(unread, 2))
			}
			return detectors.Inconclusive("%s could not be read", join(unread, 2))
		}
		return detectors.ErrNotApplicable
	}
	for _, l := range s.lacks {
		if !wanted(l.path) || slices.ContainsFunc(s.refused, func(r refusal) bool { return r.path == l.path }) ||
			slices.ContainsFunc(s.places, func(p *place) bool { return p.path == l.path && p.change.new == l.growth.new }) {
			continue
		}
		pass.Report(l.finding())
	}
	for _, p := range s.places {
		refused := slices.ContainsFunc(s.refused, func(r refusal) bool { return r.path == p.path })
		if !wanted(p.path) || refused { // what a schema refuses is told by json-schema-breaking
			continue
		}
		f := tell(p)
		f.Path, f.Line = p.path, p.line
		f.Symbol = p.gone[0].wire
		if s.doubtful(pass.Branch, p.change) {
			f.Severity = detectors.Note
		}
		f.Evidence = []string{p.change.old.owner, names(p.gone), story(p.gone)}
		f.Related = []detectors.Related{{Path: p.change.new.path, Line: p.change.lineOf(p.gone[0]), Message: "the branch " + story(p.gone) + " here"}}
		pass.Report(f)
	}
	return nil
}

// many places that nobody touched, and nobody who followed, rather mean that the form did not change at all: a macro, an
// encoder's setting or a base type that is not read here keeps it.
const many = 8

// doubtful says so of a change.
func (s *survey) doubtful(b *branch.Branch, c *change) bool {
	n := 0
	for _, p := range s.places {
		if p.change.new.path == c.new.path {
			n++
		}
	}
	return n >= many && !c.plain() && follower(b, c, c.gone) == ""
}

// plainBases are base types that give a record no other names than those of its fields.
var plainBases = []string{"BaseModel", "pydantic.BaseModel", "TypedDict", "NamedTuple", "object", "Struct", "msgspec.Struct", "SQLModel"}

// plain says that the names of a shape can be read off its declaration: they are fixed in it, it is a literal, or nothing but
// a known library's base stands behind it.
func (c *change) plain() bool {
	known := func(s *shape) bool {
		return !slices.ContainsFunc(s.unread, func(base string) bool { return !slices.Contains(plainBases, base) })
	}
	return c.old.pinned || c.old.reply || c.old.dialect == string(source.Python) && known(c.old) && known(c.new)
}

// lineOf is where the new side has what an old name became, or the shape itself.
func (c *change) lineOf(g gone) int {
	head, _, _ := strings.Cut(g.to, ".")
	if f, ok := c.new.field(head); ok && f.line > 0 {
		return f.line
	}
	return c.new.line
}

func quoted(list []gone) string {
	var parts []string
	for _, g := range list {
		parts = append(parts, `"`+g.wire+`"`)
	}
	return join(parts, 4)
}
