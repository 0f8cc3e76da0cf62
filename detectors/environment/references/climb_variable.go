package references

import (
	"strings"

	"flightpoll/detectors/source"
)

// The variable that takes the value of a read, followed through the statements behind it.

// taken follows the variable that takes the value through the statements behind it.
func (c *climb) taken(p, n source.Node) {
	name := takerOf(p)
	if c.taker == "" {
		c.taker = name
	}
	c.typed(declaredType(p))
	if c.following || !variableName.MatchString(strings.TrimLeft(name, "$@")) {
		return
	}
	if kind := p.Kind(); strings.Contains(kind, "augmented") || kind == "operator_assignment" {
		if strings.Contains(p.Text()[:n.Span().Start-p.Span().Start], "||=") || strings.Contains(p.Text()[:n.Span().Start-p.Span().Start], "??=") {
			c.optional = true
		}
		return
	}
	c.follow(p, name)
}

// follow looks at what the statements behind a declaration do with the variable that it declares.
func (c *climb) follow(p source.Node, name string) {
	statement := p
	for up := p.Parent(); up != nil && !blocks[up.Kind()]; up = up.Parent() {
		if functions[up.Kind()] {
			return
		}
		statement = up
	}
	around := statement.Parent()
	if around == nil {
		return
	}
	end, seen := statement.Span().End, 0
	for _, next := range around.Children() {
		if next.Span().Start < end {
			continue
		}
		if seen++; seen > 14 || c.decided() {
			return
		}
		c.mentions(next, name)
	}
}

// mentions climbs from the first place below a node that uses the variable in a way that decides.
func (c *climb) mentions(n source.Node, name string) {
	if !strings.Contains(n.Text(), name) {
		return
	}
	c.visit(n, func(k source.Node) bool {
		if c.decided() {
			return false
		}
		switch k.Kind() {
		case "identifier", "simple_identifier", "variable_name", "variable", "instance_variable":
			if k.Text() != name {
				return false
			}
			if p := k.Parent(); p != nil && takers[p.Kind()] && (same(firstChild(p), k) || same(p.Field("left"), k)) {
				return false
			}
			u := &climb{reader: c.reader, budget: c.budget, following: true}
			u.from(k)
			c.budget = u.budget - 20
			if u.decided() {
				taker, typ := c.taker, c.typ
				c.use = u.use
				c.taker = taker
				if typ != Raw {
					c.typ = typ
				}
			} else {
				c.typed(u.typ)
			}
			return false
		}
		return strings.Contains(k.Text(), name)
	})
}

func takerOf(p source.Node) string {
	for _, field := range []string{"name", "left", "pattern"} {
		if n := p.Field(field); n != nil {
			return strings.TrimPrefix(n.Text(), "mut ")
		}
	}
	if p.Kind() == "equals_value_clause" && p.Parent() != nil {
		p = p.Parent()
	}
	if n := firstChild(p); n != nil {
		text := n.Text()
		if i := strings.IndexAny(text, ":= \n"); i > 0 {
			text = text[:i]
		}
		if n.Kind() == "binding_pattern_kind" && len(p.Children()) > 1 {
			text = strings.TrimSpace(strings.Split(p.Children()[1].Text(), ":")[0])
		}
		return text
	}
	return ""
}
