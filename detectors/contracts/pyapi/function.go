package pyapi

// Functions, the attributes that methods set, and what warns of its end.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

func (r *reader) function(n source.Node, decorators []string, into map[string]*Member, at place) {
	m := &Member{Kind: Function, Name: field(n, "name"), Line: n.Span().Line, Decorators: decorators, Returns: fold(field(n, "return_type"))}
	if d := r.decls[n.Span().Start]; d != nil {
		m.Params = d.Params
	}
	if body := n.Field("body"); body != nil {
		m.body = body.Text()
		m.Deprecated = deprecated(decorators, docstring(body), m.body)
		if at.class != nil && len(m.Params) > 0 {
			r.instance(body, m.Params[0].Name, at.class, 0)
		}
	}
	m.Bound = at.class != nil && !m.decorated("staticmethod") || m.Name == "__new__" && at.class != nil
	if slices.ContainsFunc(decorators, isProperty) {
		m.Kind, m.Type, m.Params, m.Returns = Attribute, m.Returns, nil, ""
	}
	r.put(into, m, at)
}

var propertyLike = lazy.New(`(?i)(^|_)property$|^computed_field$|^(getter|setter|deleter)$`)

func isProperty(decorator string) bool { return propertyLike.MatchString(last(decorator)) }

func (m *Member) decorated(name string) bool {
	return slices.ContainsFunc(m.Decorators, func(d string) bool { return last(d) == name })
}

// instance notes the attributes that a method sets on self.
func (r *reader) instance(n source.Node, self string, class *Member, depth int) {
	if depth > maxDepth {
		return
	}
	for _, c := range n.Children() {
		switch c.Kind() {
		case "function_definition", "class_definition", "lambda":
			continue
		case "assignment":
			if left := c.Field("left"); left != nil && left.Kind() == "attribute" && field(left, "object") == self {
				name := field(left, "attribute")
				if class.Members[name] == nil {
					class.Members[name] = &Member{Kind: Attribute, Name: name, File: r.module.Path, Line: c.Span().Line, Instance: true, Type: fold(field(c, "type"))}
				}
			}
		}
		r.instance(c, self, class, depth+1)
	}
}

var (
	warns    = lazy.New(`\b(Deprecation|PendingDeprecation|Future)Warning\b|\b\w*[Dd]eprecat\w*\s*\(|\b\w*[Dd]eprecat\w*Warning\b`)
	tells    = lazy.New(`(?i)\.\.\s+deprecated::|@deprecated|(^|\n)\s*("""|''')?\s*\**deprecated\b`)
	foretold = lazy.New(`(?i)deprecat`)
)

// deprecated says whether a use warns: by a decorator, by what the documentation says, by a warning in the body.
func deprecated(decorators []string, doc, body string) bool {
	return slices.ContainsFunc(decorators, foretold.MatchString) || tells.MatchString(doc) || warns.MatchString(body)
}

// wholly says that a function warns whenever it is called, as its first statement, and not only for some arguments.
func wholly(m *Member) bool {
	if slices.ContainsFunc(m.Decorators, foretold.MatchString) {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimSpace(m.body), "(")
	return len(first) < 60 && strings.HasSuffix(first, "warn") && warns.MatchString(m.body)
}
