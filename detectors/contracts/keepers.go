package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// Where a changed shape goes: the shapes that have it below one of their keys, and the routes that answer with it. A record is
// known by them where its own keys are words that many have.

// A keeper is a shape that has the changed one below a key.
type keeper struct {
	shape *shape
	key   string
}

// maxKeeperFiles bounds the files that are read to see where one shape goes.
const maxKeeperFiles = 20

// findKeepers looks for the keepers and routes of each changed type.
func (s *survey) findKeepers(pass *detectors.Pass) error {
	at := side{pass.Branch, pass.Source, false}
	for _, c := range s.changes {
		if c.old.reply || c.old.dialect == "schema" {
			c.holdUnnamed(s.before)
			continue
		}
		owner := lastOf(c.new.owner)
		naming, err := pass.Source.Naming(pass.Context, owner)
		if err != nil {
			return err
		}
		for i, p := range naming[owner] {
			if i >= maxKeeperFiles {
				break
			}
			if !declares(p) || source.LanguageOf(p) == "" || source.LanguageOf(p) != source.LanguageOf(c.old.path) {
				continue
			}
			if f := at.file(p); f != nil {
				c.heldIn(at, f, owner)
			}
		}
	}
	return nil
}

// holdUnnamed finds the record around one that has no type of its own, by its owner's name: "Order.items" is held by Order.
func (c *change) holdUnnamed(before []*shape) {
	i := strings.LastIndexByte(c.old.owner, '.')
	if i < 0 {
		return
	}
	for _, b := range before {
		if b.owner == c.old.owner[:i] && b.path == c.old.path && b.has(c.old.owner[i+1:]) {
			c.keepers = append(c.keepers, keeper{b, c.old.owner[i+1:]})
		}
	}
}

func (c *change) heldIn(at side, f *source.File, owner string) {
	for _, s := range at.shapes(f) {
		for _, fd := range s.fields {
			if s.owner != c.new.owner && slices.Contains(identifiers(fd.typ), owner) {
				c.keepers = append(c.keepers, keeper{s, fd.wire})
			}
		}
	}
	for _, r := range routes.Declared(f) {
		if r.Decl == nil || r.Unread || len(r.Methods) != 1 || r.Methods[0] != "GET" || !findable(r) {
			continue
		}
		text := strings.Join(r.Decl.Results, " ")
		for _, d := range r.Decl.Decorators {
			for _, a := range d.Args {
				if !a.IsString {
					text += " " + a.Text
				}
			}
		}
		if slices.Contains(identifiers(text), owner) {
			c.answers = append(c.answers, r)
		}
	}
}

// heldBy says that a record hangs below the key of a keeper, in a record that looks like the keeper and not like a shape
// that has something else there.
func (c *change) heldBy(r *record, living []*shape) bool {
	if r.under == "" || r.parent == nil {
		return false
	}
	return slices.ContainsFunc(c.keepers, func(h keeper) bool {
		n := h.shape.shared(r.parent.keys)
		if h.key != r.under || n < 2 || 2*n < len(h.shape.fields) && r.form != formMember && r.form != formKeyed {
			return false
		}
		return !slices.ContainsFunc(living, func(l *shape) bool {
			f, ok := l.field(r.under)
			held := slices.ContainsFunc(c.keepers, func(o keeper) bool { return o.shape.owner == l.owner && o.key == r.under })
			return ok && !held && f.child != "" && l.shared(r.parent.keys) >= n
		})
	})
}

// asked says that the code around a record asks for a route which answers with the shape.
func (c *change) asked(r *record) bool {
	for _, text := range r.about {
		if len(text) > 300 || !strings.Contains(text, "/") {
			continue
		}
		if slices.ContainsFunc(c.answers, func(a routes.Route) bool { return namesRoute(a, text) }) {
			return true
		}
	}
	return false
}
