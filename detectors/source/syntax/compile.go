package syntax

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// compiler reads a query's text from left to right.
type compiler struct {
	text, rest string
	size       int
	predicates []predicate
}

func (c *compiler) line() int { return 1 + strings.Count(c.text[:c.size-len(c.rest)], "\n") }

func (c *compiler) skip() {
	for {
		c.rest = strings.TrimLeft(c.rest, " \t\r\n")
		if !strings.HasPrefix(c.rest, ";") {
			return
		}
		_, c.rest, _ = strings.Cut(c.rest, "\n")
	}
}

func (c *compiler) take(prefix string) bool {
	c.skip()
	rest, ok := strings.CutPrefix(c.rest, prefix)
	if ok {
		c.rest = rest
	}
	return ok
}

func (c *compiler) word() string {
	i := strings.IndexFunc(c.rest, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && r != '?' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if i < 0 {
		i = len(c.rest)
	}
	word := c.rest[:i]
	c.rest = c.rest[i:]
	return word
}

func (c *compiler) quoted() (string, error) {
	raw, err := strconv.QuotedPrefix(c.rest)
	if err != nil {
		return "", fmt.Errorf("a string is expected: %w", err)
	}
	c.rest = c.rest[len(raw):]
	return strconv.Unquote(raw)
}

func (c *compiler) pattern() (*Pattern, error) {
	c.predicates = nil
	s, err := c.step()
	if err != nil {
		return nil, err
	}
	if len(s.captures) == 0 {
		return nil, errors.New("the pattern has no capture that names it")
	}
	p := &Pattern{Fact: s.captures[len(s.captures)-1], root: s}
	for c.take("(#") {
		if err := c.predicate(); err != nil {
			return nil, err
		}
	}
	p.predicates = c.predicates
	return p, nil
}

func (c *compiler) step() (*step, error) {
	s := &step{}
	var err error
	c.skip()
	switch {
	case c.take("("):
		err = c.node(s)
	case c.take("["):
		s.alternative = []*step{}
		for err == nil && !c.take("]") {
			var a *step
			a, err = c.step()
			s.alternative = append(s.alternative, a)
		}
	case strings.HasPrefix(c.rest, `"`):
		var token string
		token, err = c.quoted()
		s.kind = Intern(`"` + token + `"`)
	case c.take("_"):
	default:
		err = fmt.Errorf("a pattern is expected at %.20q", c.rest)
	}
	if err != nil {
		return nil, err
	}
	if c.rest != "" && strings.ContainsRune("?*+", rune(c.rest[0])) {
		s.quantifier = c.rest[0]
		c.rest = c.rest[1:]
	}
	for c.take("@") {
		s.captures = append(s.captures, c.word())
	}
	return s, nil
}

// node reads what stands between a node's parentheses.
func (c *compiler) node(s *step) error {
	c.skip()
	name := c.word()
	if name == "" {
		return fmt.Errorf("a kind of node is expected at %.20q", c.rest)
	}
	s.named = true
	if name != "_" {
		s.kind = Intern(name)
	}
	for !c.take(")") {
		switch {
		case c.rest == "":
			return errors.New("a parenthesis is not closed")
		case c.take("(#"):
			if err := c.predicate(); err != nil {
				return err
			}
			continue
		case c.take("!"):
			s.without = append(s.without, Intern(c.word()))
			continue
		case strings.HasPrefix(c.rest, ".)") && len(s.children) > 0:
			c.rest = c.rest[1:]
			s.children[len(s.children)-1].last = true
			continue
		}
		anchored := c.take(". ")
		c.skip()
		field := Kind(0)
		if i := strings.IndexAny(c.rest, ": \n()[]\"@"); i > 0 && c.rest[i] == ':' {
			field = Intern(c.word())
			c.rest = c.rest[1:]
		}
		child, err := c.step()
		if err != nil {
			return err
		}
		child.field, child.anchored = field, anchored
		s.children = append(s.children, child)
	}
	return nil
}

func (c *compiler) predicate() error {
	operator := strings.TrimSuffix(c.word(), "?")
	test := predicate{operator: operator}
	if !c.take("@") {
		return errors.New("a predicate starts with a capture")
	}
	test.capture = c.word()
	for !c.take(")") {
		c.skip()
		value, err := c.quoted()
		if err != nil {
			return err
		}
		test.values = append(test.values, value)
	}
	switch operator {
	case "eq", "not-eq", "any-of", "not-any-of":
	case "match", "not-match":
		pattern, err := regexp.Compile(test.values[0])
		if err != nil {
			return err
		}
		test.pattern, test.values = pattern, nil
	default:
		return fmt.Errorf("unknown predicate #%s?", operator)
	}
	c.predicates = append(c.predicates, test)
	return nil
}
