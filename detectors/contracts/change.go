package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/source/routes"
)

// A change is what the branch did to one shape, seen by those who know it by its serialised names.
type change struct {
	old, new *shape
	// gone are the old names that nothing answers to any more, in the old order.
	gone []gone
	// builds says which files are compiled together.
	builds *layout
	// spell is how properties without a name of their own are spelled here, nil for the usual way.
	spell func(string) string
	// documents: only JSON and YAML count, not what code reads by a key.
	documents bool
	// keepers are the shapes that have it below a key, answers the routes that answer with it.
	keepers []keeper
	answers []routes.Route
	// served are all routes whose handlers speak of it, asking the files that are known to ask for one of them, or not to.
	served []routes.Route
	asking map[string]bool
	// rpcs are the methods that carry it, as "Service/Method".
	rpcs []string
	// written: only what is written goes by other names; the program takes the old ones as before.
	written bool
	// takers are the functions that take a value of it.
	takers []string
}

// gone is one old name and what became of it: a new name ("display_name"), a place further down ("place.floor"), or
// nothing ("").
type gone struct {
	field
	to string
	// inside: the program itself goes on with the name, only what it sends has another one.
	inside bool
	// below: the record that it moved into was there before, so that having that one says nothing.
	below bool
	// retyped is set where the name stayed and its values are of this kind now.
	retyped valueKind
}

// compare is nil when both sides look the same on the wire.
func compare(old, now *shape, children, formerly func(owner string) *shape) *change {
	c := &change{old: old, new: now}
	var added []field
	for _, f := range now.fields {
		before, ok := old.field(f.wire)
		switch {
		case !ok:
			added = append(added, f)
			continue
		case f.kind == "" && children(f.child) != nil:
			f.kind = kindObject
		}
		before.kind, f.kind = momentKinds(before, f)
		if before.kind != "" && f.kind != "" && before.kind != f.kind && old.once(f.wire) && now.once(f.wire) {
			c.gone = append(c.gone, gone{field: before, to: f.wire, retyped: f.kind})
		}
	}
	if !slices.ContainsFunc(now.unread, func(name string) bool { return !slices.Contains(old.unread, name) }) {
		for _, f := range old.fields {
			if !now.has(f.wire) {
				c.gone = append(c.gone, gone{field: f, inside: now.reply && keptInside(now, f.wire)})
			}
		}
	}
	c.follow(added, children)
	c.sink(children, formerly)
	if len(c.gone) == 0 {
		return nil
	}
	return c
}

// narrowed says that a client only reads less than before: nothing is gone for anybody else.
func (c *change) narrowed() bool {
	return c.removal() && c.onClient()
}

// removal says that names were taken away and none was given another one: on purpose, as a rule.
func (c *change) removal() bool {
	return !slices.ContainsFunc(c.gone, func(g gone) bool { return g.to != "" })
}

// follow finds out what became of each name that is gone: the same field of the program under another name, a field of
// a record that was added, the one that stands in its place with the same type, or the most similar one.
func (c *change) follow(added []field, children func(owner string) *shape) {
	taken := map[string]bool{}
	give := func(g *gone, to string) {
		g.to = to
		taken[to] = true
	}
	for i := range c.gone {
		g := &c.gone[i]
		for _, a := range added {
			if g.to == "" && !taken[a.wire] && a.name != "" && a.name == g.name && a.wire != g.wire {
				give(g, a.wire)
			}
		}
		for _, a := range added {
			if child := children(a.child); g.to == "" && a.child != "" && child != nil && child.has(g.wire) {
				g.to = a.wire + "." + g.wire
			}
			if child := children(a.child); g.to == "" && a.child != "" && child != nil && c.old.reply && len(g.typ) > 3 {
				for _, f := range child.fields { // the same value under another name further down
					if f.typ == g.typ && g.to == "" {
						g.to = a.wire + "." + f.wire
					}
				}
			}
		}
	}
	for i := range c.gone {
		g := &c.gone[i]
		if g.to != "" {
			continue
		}
		best, score := "", 0.0
		for _, a := range added {
			if taken[a.wire] {
				continue
			}
			if v := c.likeness(g.field, a, len(added)); v > score {
				best, score = a.wire, v
			}
		}
		if score >= 1 {
			give(g, best)
		}
	}
}

// sink finds the names that went down into a record which was there before: it has the name now and had not.
func (c *change) sink(children, formerly func(owner string) *shape) {
	for i := range c.gone {
		g := &c.gone[i]
		for _, f := range c.new.fields {
			before, ok := c.old.field(f.wire)
			if g.retyped != "" || strings.Contains(g.to, ".") || !ok || f.child == "" {
				continue
			}
			now, was := children(f.child), formerly(before.child)
			if now != nil && was != nil && now.has(g.wire) && !was.has(g.wire) {
				g.to, g.below = f.wire+"."+g.wire, true
			}
		}
	}
}

// likeness is at least 1 where one field plausibly took the place of the other.
func (c *change) likeness(old, now field, added int) float64 {
	v := 0.0
	if old.typ != "" && old.typ == now.typ {
		v += 0.4
	}
	if c.neighbours(old, now) {
		v += 0.6
	}
	shared, total := 0, map[string]bool{}
	mine := words(old.wire)
	for _, w := range mine {
		total[w] = true
	}
	for _, w := range words(now.wire) {
		if slices.Contains(mine, w) {
			shared++
		}
		total[w] = true
	}
	v += 0.8 * float64(shared) / float64(max(1, len(total)))
	if len(c.gone) == 1 && added == 1 {
		v += 0.3
	}
	return v
}

// neighbours says that both fields stand behind the same field or before the same one.
func (c *change) neighbours(old, now field) bool {
	i := slices.IndexFunc(c.old.fields, func(f field) bool { return f.wire == old.wire })
	j := slices.IndexFunc(c.new.fields, func(f field) bool { return f.wire == now.wire })
	if i < 0 || j < 0 {
		return false
	}
	at := func(list []field, i int) string {
		if i < 0 || i >= len(list) {
			return "\x00"
		}
		return list[i].wire
	}
	return at(c.old.fields, i-1) == at(c.new.fields, j-1) || at(c.old.fields, i+1) == at(c.new.fields, j+1)
}

// story tells the change of some names in plain words: `renamed "a" to "b"`.
func story(list []gone) string {
	var parts []string
	for _, g := range list {
		switch {
		case g.retyped != "":
			parts = append(parts, `made "`+g.wire+`" `+article(g.retyped)+` (it was `+article(g.kind)+`)`)
		case g.to == "":
			parts = append(parts, `removed "`+g.wire+`"`)
		case strings.Contains(g.to, "."):
			below, _, _ := strings.Cut(g.to, ".")
			parts = append(parts, `moved "`+g.wire+`" below "`+below+`"`)
		default:
			parts = append(parts, `renamed "`+g.wire+`" to "`+g.to+`"`)
		}
	}
	return join(parts, 3)
}

func article(kind valueKind) string {
	if kind == kindArray || kind == kindObject {
		return "an " + string(kind)
	}
	return "a " + string(kind)
}

// join makes a list of at most limit parts readable.
func join(parts []string, limit int) string {
	if len(parts) > limit {
		return strings.Join(parts[:limit], ", ") + " and more"
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
