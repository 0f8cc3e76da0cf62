package references

import (
	"strings"

	"flightpoll/detectors/source"
)

// From a read upwards through what contains it.

// climb goes from a read to what contains it, until something decides about its absence.
type climb struct {
	*reader
	use
	// budget is how many nodes may still be looked at.
	budget int
	// following stops a climb from following the variable that takes the value once more.
	following bool
}

var (
	wraps = wordSet(`parenthesized_expression parenthesized_statements await_expression as_expression satisfies_expression cast_expression
		type_assertion await reference_expression unary_plus expression_list string_interpolation argument value_argument
		template_substitution unqualified type_cast_expression named_expression non_null_expression`)
	binaries = wordSet(`binary_expression binary boolean_operator comparison_operator elvis_expression conjunction_expression disjunction_expression
		equality_expression comparison_expression infix_expression check_expression null_coalescing_expression not_operator`)
	ternaries = wordSet(`ternary_expression conditional_expression conditional`)
	calls     = wordSet(`call_expression call method_invocation invocation_expression function_call_expression member_call_expression scoped_call_expression
		nullsafe_member_call_expression object_creation_expression new_expression macro_invocation method_call`)
	members = wordSet(`member_expression attribute field_access field_expression member_access_expression navigation_expression
		conditional_access_expression member_call_expression nullsafe_member_call_expression member_binding_expression`)
	argumentLists = wordSet(`arguments argument_list value_arguments token_tree bracketed_argument_list call_suffix`)
	takers        = wordSet(`variable_declarator assignment assignment_expression property_declaration let_declaration equals_value_clause
		augmented_assignment operator_assignment augmented_assignment_expression const_element field_initializer property_element
		default_parameter typed_default_parameter const_item static_item public_field_definition field_definition`)
	pairs      = wordSet(`pair keyword_argument array_element_initializer field_initializer named_argument`)
	conditions = wordSet(`if_statement if_expression if unless if_modifier unless_modifier elif_clause elsif else_if_clause while_statement
		while_expression when_expression when_subject assert_statement do_statement while until case match_expression switch_statement switch_expression
		let_condition let_chain if_let_expression guard_statement`)
	blocks = wordSet(`program module source_file compilation_unit statement_block block body_statement then compound_statement statements
		function_body class_body declaration_list global_statement do_block begin_block`)
	functions = wordSet(`function_declaration function_definition method_definition method_declaration arrow_function lambda lambda_literal
		function_item closure_expression method singleton_method function_expression anonymous_function class_declaration local_function_statement constructor_declaration
		lambda_expression anonymous_function_creation_expression`)
)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// from climbs from the value of a read.
func (c *climb) from(n source.Node) {
	for depth := 0; depth < 60 && !c.decided(); depth++ {
		p := n.Parent()
		if p == nil {
			return
		}
		kind := p.Kind()
		text := func() string {
			return strings.TrimSpace(p.Text()[min(len(p.Text()), max(0, n.Span().End-p.Span().Start)):])
		}
		switch {
		case kind == "cast_expression" || kind == "type_cast_expression":
			c.typed(typeNamed(strings.Trim(strings.TrimSpace(p.Text()[:n.Span().Start-p.Span().Start]), "()")))
		case kind == "postfix_expression" || kind == "try_expression" || kind == "postfix_unary_expression":
			if rest := text(); rest == "!!" || rest == "?" {
				c.fails = true
			}
		case kind == "unary_expression" || kind == "not_operator" || kind == "prefix_expression" || kind == "unary" || kind == "prefix_unary_expression" || kind == "unary_op_expression":
			if strings.HasPrefix(p.Text(), "+") {
				c.typed(Int)
			} else {
				c.condition(p)
				return
			}
		case binaries[kind]:
			if !c.binary(p, n) {
				return
			}
		case ternaries[kind]:
			if kids := p.Children(); len(kids) == 2 && same(kids[0], n) { // PHP: a ?: b
				if c.given, c.fallback = !c.stops(kids[1]), kids[1].Text(); !c.given {
					c.fails = true
				}
				return
			}
			if first := firstChild(p); first != nil && same(first, n) || same(p.Field("condition"), n) {
				c.condition(n)
				return
			}
			if kids := p.Children(); p.Kind() == "conditional_expression" && len(kids) == 3 && same(kids[1], n) && strings.Contains(p.Text(), " if ") && !strings.Contains(p.Text(), "?") {
				c.condition(n) // Python: a if b else c
				return
			}
		case conditions[kind]:
			c.condition(n)
			return
		case (members[kind] || calls[kind] && chain.MatchString(text())) && receives(p, n):
			if !c.member(p, text()) {
				return
			}
		case argumentLists[kind] || calls[kind] && !same(firstChild(p), n):
			if kind == "call_suffix" {
				break
			}
			if !c.argument(p) {
				return
			}
		case pairs[kind]:
			if key := firstChild(p); key != nil && !same(key, n) {
				name := strings.Trim(key.Text(), "\"'`: ")
				if c.taker == "" {
					c.taker = name
				}
				if strings.HasPrefix(strings.ToLower(name), "default") || strings.HasPrefix(strings.ToLower(name), "fallback") {
					c.optional = true
				}
			}
			return
		case takers[kind]:
			c.taken(p, n)
			if kind != "equals_value_clause" {
				return
			}
		case kind == "subscript_expression" || kind == "subscript" || kind == "element_reference" || kind == "element_access_expression" || kind == "indexing_expression" || kind == "index_expression":
			if !same(firstChild(p), n) {
				return
			}
		case wraps[kind] || calls[kind]: // a call whose function is n: a member was looked at already
		default:
			return
		}
		n = p
	}
}

// binary looks at an operator; true goes on climbing.
func (c *climb) binary(p, n source.Node) bool {
	kids := p.Children()
	if len(kids) < 2 {
		return true
	}
	left, right := kids[0], kids[len(kids)-1]
	operator := strings.TrimSpace(p.Text()[left.Span().End-p.Span().Start : right.Span().Start-p.Span().Start])
	if p.Kind() == "elvis_expression" {
		operator = "?:"
	}
	switch operator {
	case "??", "||", "or", "?:", "??=":
		if same(right, n) {
			c.optional = true // it stands in for something else itself
			return false
		}
		switch {
		case c.stops(right):
			c.fails = true
		case c.inCondition(p):
			c.condition(p)
		default:
			c.given, c.fallback = true, right.Text()
			c.typedUpwards(p)
			if emptiness.MatchString(strings.TrimSpace(right.Text())) && nothing(right.Text()) {
				c.given = false
				return true
			}
		}
		return false
	case "&&", "and":
		if c.inCondition(p) {
			c.condition(p)
		} else {
			c.optional = true
		}
		return false
	case "<", ">", ">=", "<=":
		return false // a comparison of order deals with nothing: with undefined or NaN it is never true
	case "===", "!==", "==", "!=", "is", "is not", "in", "not in", "=~", "===?", "as":
		other := right
		if same(right, n) {
			other = left
		}
		if operator == "as" {
			return true
		}
		if emptiness.MatchString(strings.TrimSpace(other.Text())) {
			c.condition(p)
		} else {
			c.optional = true // compared with a value: absent is just another one
			if v := strings.Trim(other.Text(), "\"'`"); v == "true" || v == "1" || v == "yes" || v == "on" || v == "false" || v == "0" {
				c.typed(Bool)
			}
		}
		return false
	}
	return false
}

// calleeOf is the text of what a call calls.
func calleeOf(n source.Node) string {
	if n.Kind() == "exit_statement" {
		return "exit"
	}
	text := n.Text()
	if class, ok := strings.CutPrefix(text, "new "); ok {
		class, _, _ = strings.Cut(class, "(")
		return "new " + class
	}
	if i := strings.IndexAny(text, "(<{\n"); i >= 0 {
		text = text[:i]
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), " ")
	return strings.TrimSuffix(text, "!")
}

// receives says whether a node is what a member is taken of.
func receives(p, n source.Node) bool { return same(firstChild(p), n) }

func firstChild(n source.Node) source.Node {
	if n == nil {
		return nil
	}
	if kids := n.Children(); len(kids) > 0 {
		return kids[0]
	}
	return nil
}

func same(a, b source.Node) bool {
	return a != nil && b != nil && a.Span().Start == b.Span().Start && a.Span().End == b.Span().End
}
