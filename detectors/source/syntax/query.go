package syntax

import (
	"fmt"
	"regexp"
	"strings"
)

// Query is a compiled .scm file. The subset of the tree-sitter query language:
//
//	(kind field: (kind) (kind)? (kind)* !field . (first) (last) .) [a b] "token" _ (_) @capture ("token" . (next))
//	(#eq? @c "x") (#not-eq? @c "x") (#any-of? @c "x" "y") (#match? @c "regexp") (#not-match? @c "regexp")
//
// Every pattern ends in the capture that names what it finds. There is at most one match for a pattern and a node: a
// child pattern takes the first child that fits (with * and + all of them), in any order, but behind a dot only the child
// right behind the one that the pattern before the dot took.
type Query struct {
	// ByKind are the patterns that may match a node of a kind, in the order of the file.
	byKind map[Kind][]*Pattern
	any    []*Pattern
}

// Pattern is one top-level pattern of a query.
type Pattern struct {
	// Fact is the name of the pattern's own capture.
	Fact string

	root       *step
	predicates []predicate
}

type step struct {
	kind        Kind // zero: any
	named       bool // with kind zero: only named ones
	field       Kind
	alternative []*step
	children    []*step
	without     []Kind
	captures    []string
	quantifier  byte // 0, '?', '*' or '+'
	anchored    bool // only right behind the child that the pattern before it took; the first one where there is none
	last        bool // anchored: only the last named child
}

type predicate struct {
	operator, capture string
	values            []string
	pattern           *regexp.Regexp
}

// Match is one match: the node and what was captured below it.
type Match struct {
	Pattern  *Pattern
	Node     ID
	captures []capture
}

type capture struct {
	name string
	node ID
}

// Get is the first node captured under the name, None without one.
func (m *Match) Get(name string) ID {
	for _, c := range m.captures {
		if c.name == name {
			return c.node
		}
	}
	return None
}

// All are the nodes captured under the name, in order.
func (m *Match) All(name string) []ID {
	var list []ID
	for _, c := range m.captures {
		if c.name == name {
			list = append(list, c.node)
		}
	}
	return list
}

// Has says whether something was captured under the name.
func (m *Match) Has(name string) bool { return m.Get(name) != None }

// Matches calls visit for every pattern that matches the node, in the order of the file. Visit may keep nothing of
// the Match; it returns false to stop.
func (q *Query) Matches(t *Tree, id ID, visit func(*Match) bool) {
	m := Match{Node: id}
	for _, list := range [2][]*Pattern{q.byKind[t.Kind(id)], q.any} {
		for _, p := range list {
			m.Pattern, m.captures = p, m.captures[:0]
			if p.root.match(t, id, &m) && p.holds(t, &m) && !visit(&m) {
				return
			}
		}
	}
}

// Only is the query with the patterns whose fact fits.
func (q *Query) Only(fits func(fact string) bool) *Query {
	sub := &Query{byKind: map[Kind][]*Pattern{}}
	for k, list := range q.byKind {
		for _, p := range list {
			if fits(p.Fact) {
				sub.byKind[k] = append(sub.byKind[k], p)
			}
		}
	}
	for _, p := range q.any {
		if fits(p.Fact) {
			sub.any = append(sub.any, p)
		}
	}
	return sub
}

func (s *step) match(t *Tree, id ID, m *Match) bool {
	mark := len(m.captures)
	for _, name := range s.captures {
		m.captures = append(m.captures, capture{name, id})
	}
	if s.alternative != nil {
		for _, a := range s.alternative {
			if a.match(t, id, m) {
				return true
			}
		}
		m.captures = m.captures[:mark]
		return false
	}
	fits := s.kind == t.Kind(id) || s.kind == 0 && (!s.named || t.Named(id))
	if fits {
		for _, field := range s.without {
			fits = fits && t.Child(id, field) == None
		}
		behind := None
		for i, child := range s.children {
			if !fits {
				break
			}
			if child.anchored && i > 0 && behind == None {
				fits = child.optional() // what it stands behind is not there
				continue
			}
			var last ID
			last, fits = child.matchBelow(t, id, behind, m)
			behind = last
		}
	}
	if !fits {
		m.captures = m.captures[:mark]
	}
	return fits
}

func (s *step) optional() bool { return s.quantifier == '?' || s.quantifier == '*' }

// matchBelow looks for the step among the children of a node. It says which child it took last, None for none, and whether
// the step is content with that. An anchored step is right behind the child given.
func (s *step) matchBelow(t *Tree, id, behind ID, m *Match) (last ID, fits bool) {
	last = None
	c := t.First(id)
	if s.anchored && behind != None {
		c = t.Next(behind)
	}
	for ; c != None; c = t.Next(c) {
		if s.anchored && s.named && !t.Named(c) || s.field != 0 && s.field != t.Field(c) || s.last && !t.isLast(c) {
			continue
		}
		if !s.match(t, c, m) {
			if s.anchored {
				break
			}
			continue
		}
		last = c
		if s.quantifier != '*' && s.quantifier != '+' {
			break
		}
	}
	return last, last != None || s.optional()
}

func (p *Pattern) holds(t *Tree, m *Match) bool {
	for _, test := range p.predicates {
		node := m.Get(test.capture)
		if node == None {
			continue
		}
		text, holds := t.Content(node), false
		if test.pattern != nil {
			holds = test.pattern.MatchString(text)
		}
		for _, v := range test.values {
			holds = holds || v == text
		}
		if holds == strings.HasPrefix(test.operator, "not-") {
			return false
		}
	}
	return true
}

// Compile reads the text of a .scm file.
func Compile(text string) (*Query, error) {
	c := &compiler{rest: text, size: len(text), text: text}
	q := &Query{byKind: map[Kind][]*Pattern{}}
	for c.skip(); c.rest != ""; c.skip() {
		p, err := c.pattern()
		if err != nil {
			return nil, fmt.Errorf("query, line %d: %w", c.line(), err)
		}
		for _, k := range p.root.kinds() {
			if k == 0 {
				q.any = append(q.any, p)
				break
			}
			q.byKind[k] = append(q.byKind[k], p)
		}
	}
	return q, nil
}

func (s *step) kinds() []Kind {
	if s.alternative == nil {
		return []Kind{s.kind}
	}
	var list []Kind
	for _, a := range s.alternative {
		list = append(list, a.kinds()...)
	}
	return list
}
