package references

// How the value of a read is used: what stands in for it when it is absent, what stops the program, what it becomes.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// use is what the code around a read does with it.
type use struct {
	// optional: absence is dealt with; given: by a value of the code's own, whose text is fallback.
	optional, given bool
	fallback        string
	// fails: absence stops the program or is an error; handled: it is answered in some other way, without going on.
	fails, handled bool
	typ            Type
	// taker is the variable, field or key that takes the value.
	taker string
}

func (u use) reference(name string, line int) Reference {
	optional := u.optional || u.given
	return Reference{
		Name: name, Line: line, Optional: optional, FailFast: u.fails && !optional, Default: u.given,
		LocalDefault: u.given && Local(u.fallback), WeakDefault: u.given && Weak(u.fallback), Type: u.typ,
	}
}

// decided says that nothing further needs to be looked at.
func (u use) decided() bool { return u.optional || u.given || u.fails || u.handled }

// use looks at the code around a read.
func (r *reader) use(span source.Span, how form) use {
	var u use
	if r.Lang == source.Go {
		u = r.useInGo(span, how)
	} else if n := nodeAt(r.Root(), span); n != nil {
		c := &climb{reader: r, budget: maxLooks}
		if how.asks {
			c.condition(n)
		} else {
			c.from(n)
		}
		u = c.use
		if !u.decided() && r.caught(span) && how.fails {
			u.optional = true
		}
	}
	switch {
	case how.fallback != "" && !nothing(how.fallback):
		u.given, u.fallback, u.fails = true, r.resolved(how.fallback), false
	case how.optional && !u.fails:
		u.optional = true
	case how.fails && !u.optional && !u.given:
		u.fails = true
	}
	if u.given && u.fallback != "" {
		u.fallback = r.resolved(u.fallback)
	}
	if how.asks && !u.decided() {
		u.optional = true
	}
	if how.typ != Raw && (u.typ == Raw || u.typ == Text) {
		u.typ = how.typ
	}
	return u
}

// resolved is a default's text, or the value of the constant that it names.
func (r *reader) resolved(text string) string {
	text = strings.TrimSpace(text)
	if simple.MatchString(text) && !strings.ContainsAny(text[:1], "0123456789\"'`") {
		if v := r.constant(text); v != "" {
			return `"` + v + `"`
		}
	}
	return text
}

// caught says whether an error of the read is caught by its kind.
func (r *reader) caught(s source.Span) bool {
	for _, c := range r.Catches {
		if c.Kind == "catch" && c.Try.Start <= s.Start && s.End <= c.Try.End && !c.Rethrows {
			for _, t := range c.Types {
				if t == "KeyError" || t == "NoSuchElementException" || t == "IndexError" {
					return true
				}
			}
		}
	}
	return false
}

// chain is what stands before a method that is called on a value.
var chain = lazy.New(`^\s*(\.|&\.|\?\.|->|\?->|::)`)

var emptiness = lazy.New("^(None|nil|null|undefined|NULL|\"\"|''|``|false|False|void 0|default|string\\.Empty|\\{\\s*nil\\s*\\}|\\.\\.\\.|Undefined|undefined_value|empty)$")

// nothing says whether a default is none: nil, an empty text.
func nothing(text string) bool {
	switch strings.TrimSpace(text) {
	case "None", "nil", "null", "undefined", "NULL", "...", "default", "{ nil }":
		return true
	}
	return false
}

// maxLooks bounds the nodes that are looked at around one read.
const maxLooks = 4000

// nodeAt is the outermost node at a span, nil without one.
func nodeAt(root source.Node, s source.Span) source.Node {
	n := root
	for depth := 0; n != nil && depth < 400; depth++ {
		if at := n.Span(); at.Start == s.Start && at.End == s.End {
			return n
		}
		var next source.Node
		for _, c := range n.Children() {
			if at := c.Span(); at.Start <= s.Start && s.End <= at.End {
				next = c
				break
			}
		}
		if next == nil && n.Span().Start <= s.Start && n.Span().End >= s.End && depth > 0 && n.Span().End-n.Span().Start < 3*(s.End-s.Start)+200 {
			return n // the fact spans something inside of one node
		}
		n = next
	}
	return nil
}

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
	case "===", "!==", "==", "!=", "is", "is not", "in", "not in", "=~", "<", ">", ">=", "<=", "===?", "as":
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

// member looks at a member of the value: `.trim`, `?.split`, `.unwrap_or(...)`; rest is the text behind the value.
func (c *climb) member(p source.Node, rest string) bool {
	if strings.HasPrefix(rest, "?.") || strings.HasPrefix(rest, "&.") || strings.HasPrefix(rest, "?->") {
		c.optional = true
		c.typedUpwards(p)
		return false
	}
	name := strings.TrimLeft(rest, ".>-: ")
	if i := strings.IndexFunc(name, func(x rune) bool { return !isWord(x) && x != '?' && x != '!' }); i >= 0 {
		name = name[:i]
	}
	return c.method(p, name)
}

func isWord(x rune) bool {
	return x == '_' || x >= '0' && x <= '9' || x >= 'a' && x <= 'z' || x >= 'A' && x <= 'Z'
}

// method judges a method of the value by its name; true goes on climbing.
func (c *climb) method(p source.Node, name string) bool {
	fallback := func() string {
		call := p
		if up := p.Parent(); !calls[p.Kind()] && up != nil {
			call = up
		}
		list := call.Text()[min(len(call.Text()), max(0, strings.LastIndex(call.Text(), name)+len(name))):]
		list = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(list), ")"), "(")
		if i := strings.Index(list, "|"); i == 0 {
			list = list[strings.LastIndex(list, "|")+1:]
		}
		return strings.TrimSpace(list)
	}
	switch name {
	case "unwrap", "expect", "orElseThrow", "orThrow", "context", "with_context", "map_err", "ok_or", "ok_or_else", "required", "required_env":
		c.fails = true
		c.typedUpwards(p)
	case "unwrap_or", "unwrap_or_else", "orElse", "orElseGet", "or", "getOrElse", "getOrDefault", "default", "map_or", "map_or_else":
		text := fallback()
		if name == "unwrap_or_else" && (strings.Contains(text, "panic!") || strings.Contains(text, "exit(")) {
			c.fails = true
			return false
		}
		c.given, c.fallback = true, text
		c.typedUpwards(p)
	case "unwrap_or_default", "ifPresent", "ifPresentOrElse", "is_ok", "is_err", "is_some", "is_none", "isPresent", "isEmpty", "ok", "ifBlank", "ifEmpty", "let", "also", "takeIf", "takeUnless", "or_else", "toIntOrNull", "toBooleanStrictOrNull", "toLongOrNull", "toBoolean", "is_ok_and":
		c.optional = true
		c.typed(typeNamed(strings.TrimSuffix(strings.TrimPrefix(name, "to"), "OrNull")))
	case "present?", "blank?", "nil?", "empty?", "isNullOrEmpty", "isNullOrBlank", "isBlank", "to_s", "to_sym", "presence", "orEmpty", "try":
		if name == "presence" {
			return true
		}
		if name == "to_s" || name == "orEmpty" || name == "try" || name == "to_sym" {
			c.optional = true
			return false
		}
		c.condition(p)
		return false
	case "to_i", "to_f", "to_a":
		c.optional = true
		c.typed(map[string]Type{"to_i": Int, "to_f": Float, "to_a": List}[name])
	case "toInt", "toLong", "toShort", "parse":
		c.typed(Int)
		return true
	case "toDouble", "toFloat":
		c.typed(Float)
		return true
	case "split", "toList", "lines":
		c.typed(List)
		return true
	case "trim", "strip", "lower", "upper", "toLowerCase", "toUpperCase", "toString", "to_string", "into", "as_str", "as_deref", "downcase", "upcase", "lowercase", "uppercase", "replace", "trimEnd", "trimStart", "rstrip", "lstrip", "gsub", "sub", "map", "filter", "and_then", "freeze", "ToLower", "Trim", "ToString", "ToUpper", "Split", "chomp", "clone", "as_ref", "flatMap", "endsWith", "startsWith", "removeSuffix", "equals", "equalsIgnoreCase":
		return true
	default:
		return false
	}
	return false
}

func (c *climb) typed(t Type) {
	if c.typ == Raw && t != Raw {
		c.typ = t
	}
}

// typedUpwards looks for a conversion around a value that is decided already.
func (c *climb) typedUpwards(n source.Node) {
	for range 8 {
		p := n.Parent()
		if p == nil {
			return
		}
		kind := p.Kind()
		switch {
		case calls[kind] && !same(firstChild(p), n):
			c.typed(conversions[calleeOf(p)])
		case kind == "cast_expression":
			c.typed(typeNamed(strings.Trim(strings.TrimSpace(p.Text()[:n.Span().Start-p.Span().Start]), "()")))
		case strings.HasPrefix(kind, "unary") && strings.HasPrefix(p.Text(), "+"):
			c.typed(Int)
		case members[kind]:
			rest := p.Text()[n.Span().End-p.Span().Start:]
			switch strings.TrimLeft(rest, "?&.>-:") {
			case "to_i", "toInt", "toLong":
				c.typed(Int)
			case "split":
				c.typed(List)
			}
		}
		if takers[kind] {
			if c.taker == "" {
				c.taker = takerOf(p)
			}
			c.typed(declaredType(p))
			return
		}
		if pairs[kind] {
			if key := firstChild(p); key != nil && c.taker == "" {
				c.taker = strings.Trim(key.Text(), "\"'`: ")
			}
			return
		}
		if blocks[kind] {
			return
		}
		n = p
	}
}

// argument looks at a function that is given the value; true goes on climbing from the call.
func (c *climb) argument(p source.Node) bool {
	call := p
	for range 3 {
		if calls[call.Kind()] || call.Parent() == nil {
			break
		}
		call = call.Parent()
	}
	if !calls[call.Kind()] {
		return false
	}
	callee := calleeOf(call)
	last := lastWord(callee)
	switch {
	case conversions[callee] != Raw:
		c.typed(conversions[callee])
		if conversions[callee] == Bool && callee != "bool.Parse" && callee != "Boolean.valueOf" {
			c.optional = true
			c.typedUpwards(call)
			return false
		}
		if callee == "intval" || callee == "Boolean.parseBoolean" {
			c.optional = true
			return false
		}
		return true
	case last == "ofNullable" || last == "Some" || last == "String" || last == "str" || last == "trim" || last == "strtolower" || last == "rtrim" || last == "explode" || last == "Path":
		return true
	case tests.MatchString(callee):
		c.condition(call)
		return false
	case chooses.MatchString(callee):
		c.optional = true
		return false
	case assertion.MatchString(callee):
		c.fails = true
		return false
	}
	return false
}

var (
	tests   = lazy.New(`^(isset|empty|is_null|!?string\.IsNullOrEmpty|!?string\.IsNullOrWhiteSpace|String\.IsNullOrEmpty|String\.IsNullOrWhiteSpace|StringUtils\.(isBlank|isEmpty|isNotBlank|isNotEmpty|hasText)|Strings\.isNullOrEmpty|Objects\.isNull|Objects\.nonNull|isNil|is_nil|array_key_exists|len)$`)
	chooses = lazy.New(`(?i)(^|[.:])(firstNonEmpty|coalesce|defaultIfBlank|defaultIfEmpty|defaultString|requireNonNullElse(Get)?|firstNonNull|defaultTo|\w*TryParse|parseBoolean|strtobool|str2bool|to_bool|as_bool|is_?truthy|parse_?bool)$`)
)

// conversions are the functions that make something of a text.
var conversions = map[string]Type{
	"Number": Int, "parseInt": Int, "Number.parseInt": Int, "int": Int, "Integer": Int, "Integer.parseInt": Int, "Integer.valueOf": Int, "Long.parseLong": Int, "intval": Int, "int.Parse": Int,
	"Convert.ToInt32": Int, "Long.valueOf": Int, "long.Parse": Int, "parseFloat": Float, "float": Float, "Float": Float, "Double.parseDouble": Float, "double.Parse": Float, "decimal.Parse": Float, "Decimal": Float,
	"Boolean": Bool, "bool": Bool, "Boolean.parseBoolean": Bool, "Boolean.valueOf": Bool, "bool.Parse": Bool, "Convert.ToBoolean": Bool, "strtobool": Bool, "ActiveModel::Type::Boolean.new.cast": Bool,
	"URL": URL, "new URL": URL, "URI.parse": URL, "URI": URL, "new Uri": URL, "URI.create": URL, "urlparse": URL, "Url::parse": URL, "new URI": URL,
	"JSON.parse": JSON, "json.loads": JSON, "json_decode": JSON, "serde_json::from_str": JSON, "JsonSerializer.Deserialize": JSON,
	"Duration.parse": Duration, "TimeSpan.Parse": Duration, "timedelta": Duration, "ms": Duration,
}

// typeNamed is what a declared type says of the text of a variable.
func typeNamed(name string) Type {
	name = strings.ToLower(strings.Trim(strings.TrimSpace(name), "?&*"))
	name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "option<"), "optional["), ">")
	name = strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(strings.Split(name, "|")[0], "]")), ">")
	switch lastWord(name) {
	case "bool", "boolean", "strictbool":
		return Bool
	case "int", "integer", "long", "short", "uint", "int32", "int64", "uint16", "uint32", "uint64", "u8", "u16", "u32", "u64", "usize", "i32", "i64", "i16", "positiveint", "number", "nonnegativeint":
		return Int
	case "float", "double", "decimal", "float64", "float32", "f32", "f64":
		return Float
	case "duration", "timespan", "timedelta":
		return Duration
	case "url", "uri", "httpurl", "anyurl", "anyhttpurl", "postgresdsn", "redisdsn":
		return URL
	case "string", "str", "secretstr", "&str", "charsequence":
		return Text
	}
	if strings.HasPrefix(name, "list") || strings.HasPrefix(name, "[]") || strings.HasPrefix(name, "vec<") || strings.HasSuffix(name, "[]") || strings.HasPrefix(name, "set[") {
		return List
	}
	return Raw
}

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

// declaredType is the type that a declaration gives to its variable.
func declaredType(p source.Node) Type {
	if t := p.Field("type"); t != nil {
		return typeNamed(strings.TrimPrefix(strings.TrimSpace(t.Text()), ":"))
	}
	if up := p.Parent(); up != nil {
		if t := up.Field("type"); t != nil && len(t.Text()) < 60 {
			return typeNamed(strings.TrimPrefix(t.Text(), ":"))
		}
	}
	return Raw
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
