package references

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Conditions on the value of a read: what their branches do.

// inCondition says whether a boolean expression ends in a condition.
func (c *climb) inCondition(n source.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		kind := p.Kind()
		if conditions[kind] {
			return !blocks[n.Kind()]
		}
		if !wraps[kind] && !binaries[kind] && !strings.HasPrefix(kind, "unary") && kind != "not_operator" && kind != "prefix_expression" {
			return false
		}
		n = p
	}
	return false
}

// condition judges a test of the value: what its branches do.
func (c *climb) condition(n source.Node) {
	for depth := 0; depth < 20; depth++ {
		p := n.Parent()
		if p == nil {
			break
		}
		kind := p.Kind()
		switch {
		case wraps[kind] || binaries[kind] || kind == "not_operator" || strings.HasPrefix(kind, "unary") || kind == "prefix_expression" || argumentLists[kind] && len(p.Children()) == 1 || kind == "let_condition" || kind == "let_chain":
			n = p
			continue
		case calls[kind] && assertion.MatchString(calleeOf(p)):
			c.fails = true
			return
		case calls[kind] && len(p.Text()) < 300 && depth < 3: // bool(x), isset(x), string.IsNullOrEmpty(x)
			n = p
			continue
		case kind == "assert_statement" || kind == "check_expression":
			c.fails = true
			return
		case conditions[kind] || ternaries[kind]:
			c.branches(p, n)
			return
		case kind == "expression_statement" && strings.Contains(p.Text(), "|| die"):
			c.fails = true
			return
		}
		break
	}
	c.optional = true
}

// branches judges what a condition guards.
func (c *climb) branches(p, condition source.Node) {
	stopped, complained := false, false
	for _, k := range p.Children() {
		if same(k, condition) {
			continue
		}
		stopped = stopped || c.stops(k)
		complained = complained || c.complains(k)
	}
	switch {
	case stopped:
		c.fails = true
	case complained:
		c.handled = true
	default:
		c.optional = true
	}
}

var (
	// throwers are the nodes that end a function by an error.
	throwers = wordSet(`throw_statement throw_expression raise_statement throw`)
	enders   = lazy.New(`^(panic|abort|die|exit|fail|raise|error|bail|fatal|log\.Fatal\w*|process\.exit|sys\.exit|os\._exit|System\.exit|Environment\.Exit|std::process::exit|process::exit|exit!|unreachable|invariant|exitProcess|quit|abort!|TODO)$`)
	// assertion stops the program when what it is given is absent.
	assertion = lazy.New(`(?i)(^|[.:>])(assert\w*|invariant|require(NonNull|NotNull)?(\w*)|check(NotNull|State|Argument)|nonNull|must\w*|ensure\w*|ThrowIfNull\w*|notNull|notEmpty|hasText|hasLength)$`)
	complaint = lazy.New(`(?i)\b(missing|required|not (set|configured|defined|found|provided)|must be (set|defined|provided)|is unset|no .* configured)\b`)
)

// stops says whether a node throws, or ends the program; functions inside of it do not count.
func (c *climb) stops(n source.Node) bool {
	found := false
	c.visit(n, func(k source.Node) bool {
		kind := k.Kind()
		switch {
		case throwers[kind], kind == "jump_expression" && strings.HasPrefix(k.Text(), "throw"):
			found = true
		case kind == "return_expression" && strings.Contains(k.Text(), "Err("):
			found = true
		case (calls[kind] || kind == "exit_statement" || kind == "identifier" && k.Text() == "raise") && enders.MatchString(strings.TrimSuffix(calleeOf(k), "!")):
			found = true
		}
		return !found && (!functions[kind] || same(k, n))
	})
	return found
}

// complains says whether a node answers absence with words about it: an error that is returned or collected.
func (c *climb) complains(n source.Node) bool {
	found := false
	c.visit(n, func(k source.Node) bool {
		if strings.Contains(k.Kind(), "string") && complaint.MatchString(k.Text()) && len(k.Text()) < 300 {
			found = true
		}
		return !found
	})
	return found
}

// visit walks over a node and what is below it, as long as the budget lasts.
func (c *climb) visit(n source.Node, each func(source.Node) bool) {
	if c.budget--; c.budget < 0 || n == nil || !each(n) {
		return
	}
	for _, k := range n.Children() {
		c.visit(k, each)
	}
}
