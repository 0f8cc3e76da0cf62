package pyapi

// Imports, assignments and __all__.

import (
	"strings"

	"flightpoll/detectors/source"
)

// imports reads `import a.b as c` and `from m import x as y, *`.
func (r *reader) imports(n source.Node, into map[string]*Member, at place) {
	from := ""
	list := n.Children()
	if n.Kind() == "import_from_statement" {
		module := n.Field("module_name")
		if module == nil || len(list) == 0 {
			return
		}
		from, list = strings.Join(strings.Fields(module.Text()), ""), list[1:]
	}
	for _, c := range list {
		m := &Member{Kind: Import, Line: c.Span().Line, From: from}
		switch c.Kind() {
		case "wildcard_import":
			r.module.Stars = append(r.module.Stars, from)
			continue
		case "aliased_import":
			m.Name, m.Target = field(c, "alias"), field(c, "name")
			if from == "" {
				m.From, m.Target = m.Target, ""
			}
		case "dotted_name":
			m.Name, m.Target = c.Text(), c.Text()
			if from == "" { // `import a.b` binds a
				m.Name, _, _ = strings.Cut(c.Text(), ".")
				m.From, m.Target = m.Name, ""
			}
		default:
			continue
		}
		r.put(into, m, at)
	}
}

// expression reads assignments, and calls that change the module's names.
func (r *reader) expression(n source.Node, into map[string]*Member, at place, depth int) {
	switch n.Kind() {
	case "assignment":
		r.assignment(n, into, at, depth)
	case "augmented_assignment":
		if field(n, "left") == "__all__" && at.class == nil {
			r.exports(n.Field("right"), 0)
		}
	case "call":
		switch called := field(n, "function"); {
		case at.class != nil:
		case called == "__all__.extend" || called == "__all__.append":
			if args := n.Field("arguments"); args != nil && len(args.Children()) == 1 {
				r.exports(args.Children()[0], 0)
			}
		case strings.HasPrefix(called, "globals()"), strings.HasPrefix(called, "sys.modules"), called == "setattr":
			r.module.Dynamic = true
		}
	}
}

func (r *reader) assignment(n source.Node, into map[string]*Member, at place, depth int) {
	left, right := n.Field("left"), n.Field("right")
	if left == nil || depth > maxDepth {
		return
	}
	if right != nil && right.Kind() == "assignment" { // a = b = 1
		r.assignment(right, into, at, depth+1)
	}
	switch left.Kind() {
	case "identifier":
		m := &Member{Kind: Attribute, Name: left.Text(), Line: n.Span().Line, Type: fold(field(n, "type"))}
		if right != nil && right.Kind() != "assignment" {
			m.Value = fold(right.Text())
			switch right.Kind() {
			case "identifier", "attribute":
				m.Alias = m.Value
			default:
				m.Literal = literal(right, 0)
			}
		}
		if m.Name == "__all__" && at.class == nil {
			r.module.HasAll, r.module.All = true, nil
			r.exports(right, 0)
			return
		}
		r.put(into, m, at)
	case "pattern_list", "tuple_pattern", "list_pattern":
		for _, c := range left.Children() {
			if c.Kind() == "identifier" {
				r.put(into, &Member{Kind: Attribute, Name: c.Text(), Line: n.Span().Line}, at)
			}
		}
	case "subscript":
		if at.class == nil && (strings.HasPrefix(left.Text(), "globals()") || strings.HasPrefix(left.Text(), "sys.modules[__name__]")) {
			r.module.Dynamic = true
		}
	}
}

// exports adds the names of a value of __all__.
func (r *reader) exports(n source.Node, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	switch n.Kind() {
	case "list", "tuple", "parenthesized_expression", "binary_operator", "set":
		for _, c := range n.Children() {
			r.exports(c, depth+1)
		}
	case "string":
		r.module.All = append(r.module.All, strings.Trim(n.Text(), `"'`))
	case "comment":
	default:
		r.openTo = true
	}
	if r.openTo {
		r.module.HasAll = false // what is added cannot be read, so nothing is said to be private by it
	}
}

// literal says that a value is written out: numbers, strings, names of constants, and collections of those.
func literal(n source.Node, depth int) bool {
	switch n.Kind() {
	case "true", "false", "none", "integer", "float", "unary_operator":
		return true
	case "string":
		return !strings.Contains(n.Text(), "{") || !strings.HasPrefix(strings.ToLower(n.Text()), "f")
	case "list", "tuple", "set":
		if depth > 4 {
			return false
		}
		for _, c := range n.Children() {
			if !literal(c, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}
