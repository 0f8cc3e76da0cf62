package source

import (
	"strings"

	"flightpoll/detectors/source/syntax"
)

// Rust's macros take tokens, not expressions. These functions read what people write in them all the same: arguments,
// the members of values, calls, and the JSON of json!.

// tokenArgs are the arguments between the delimiters of a token tree.
func (x *extraction) tokenArgs(tree syntax.ID) []Arg {
	var list []Arg
	for _, group := range x.tokenGroups(tree) {
		a := Arg{}
		if len(group) > 2 && x.Content(group[1]) == "=" {
			a.Keyword, group = x.Content(group[0]), group[2:]
		}
		a.Span = x.between(x.Start(group[0]), x.End(group[len(group)-1]))
		a.Text = fold(x.Text[a.Span.Start:a.Span.End])
		if value, _, ok := x.literal(group[0]); ok && len(group) == 1 {
			a.Str, a.IsString = value, true
		}
		list = append(list, a)
	}
	return list
}

// tokenGroups are the tokens of a tree between its delimiters, cut at the commas.
func (x *extraction) tokenGroups(tree syntax.ID) (groups [][]syntax.ID) {
	var group []syntax.ID
	for c := x.First(tree); c != syntax.None; c = x.Next(c) {
		switch {
		case c == x.First(tree) || x.Next(c) == syntax.None || x.isComment(c):
		case x.Content(c) == ",":
			if len(group) > 0 {
				groups, group = append(groups, group), nil
			}
		default:
			group = append(group, c)
		}
	}
	if len(group) > 0 {
		groups = append(groups, group)
	}
	return groups
}

// tokens reads the members and calls between the delimiters of a token tree: v["key"], v.get("key"), a.b, f(x).
func (x *extraction) tokens(tree syntax.ID) {
	opens := func(id syntax.ID, delimiter string) bool {
		return id != syntax.None && x.Kind(id).String() == "token_tree" && strings.HasPrefix(x.Content(id), delimiter)
	}
	is := func(id syntax.ID, text string) bool { return id != syntax.None && x.Content(id) == text }
	word := func(id syntax.ID) bool {
		return id != syntax.None && (x.Kind(id).String() == "identifier" || x.Kind(id).String() == "self")
	}
	for c := x.First(tree); c != syntax.None; {
		if !word(c) {
			c = x.Next(c)
			continue
		}
		start, name, receiver := x.Start(c), x.Content(c), ""
		c = x.Next(c)
		for {
			at := x.between(start, x.End(tree))
			switch {
			case is(c, "!") && opens(x.Next(c), ""): // a macro inside: its own tokens follow
				at.End = x.End(x.Next(c))
				if name == "json" {
					for inner := x.First(x.Next(c)); inner != syntax.None; inner = x.Next(inner) {
						if opens(inner, "{") || opens(inner, "[") {
							x.tokenObject(inner, inner)
						}
					}
				}
				x.addCall(&Call{Receiver: receiver, Name: name, Args: x.tokenArgs(x.Next(c)), In: x.in(), Span: x.between(start, at.End)})
				c = x.Next(x.Next(c))
				continue
			case opens(c, "("):
				call := &Call{Receiver: receiver, Name: name, Args: x.tokenArgs(c), In: x.in(), Span: x.between(start, x.End(c))}
				x.addCall(call)
				if name == "get" && len(call.Args) == 1 && call.Args[0].IsString {
					x.addAccess(receiver, call.Args[0].Str, true, call.Span)
				}
				receiver, name = fold(x.Text[start:x.End(c)]), ""
				c = x.Next(c)
				continue
			case opens(c, "["):
				value, ok := "", false
				if groups := x.tokenGroups(c); len(groups) == 1 && len(groups[0]) == 1 {
					value, _, ok = x.literal(groups[0][0])
				}
				if ok {
					x.addAccess(fold(x.Text[start:x.Start(c)]), value, true, x.between(start, x.End(c)))
				}
				receiver, name = fold(x.Text[start:x.End(c)]), ""
				c = x.Next(c)
				continue
			case (is(c, ".") || is(c, "::")) && word(x.Next(c)):
				member, whole := x.Next(c), fold(x.Text[start:x.Start(c)])
				after := x.Next(member)
				if is(c, ".") && !opens(after, "(") && !is(after, "::") && !is(after, "!") {
					x.addAccess(whole, x.Content(member), false, x.between(start, x.End(member)))
				}
				receiver, name = whole, x.Content(member)
				c = after
				continue
			}
			break
		}
	}
}

func (x *extraction) addCall(c *Call) {
	if c.Name != "" {
		x.file.Calls = append(x.file.Calls, c)
	}
}

func (x *extraction) addAccess(receiver, name string, key bool, span Span) {
	x.file.Accesses = append(x.file.Accesses, &Access{Receiver: receiver, Name: name, Key: key, In: x.in(), Span: span})
}

// maxTokenDepth bounds how deep the objects of json! nest.
const maxTokenDepth = 40

// tokenObject reads the JSON object of a token tree {...}; what it is given to is known at the node given.
func (x *extraction) tokenObject(tree, node syntax.ID) {
	name := x.given[node].name
	switch {
	case x.objectAt[tree] != nil:
	case strings.HasPrefix(x.Content(tree), "{"):
		x.readTokenObject(tree, name, 0)
	case strings.HasPrefix(x.Content(tree), "["):
		x.readTokenList(tree, name, 0)
	}
}

// readTokenList reads the objects of a list.
func (x *extraction) readTokenList(tree syntax.ID, name string, depth int) {
	for item := x.First(tree); item != syntax.None; item = x.Next(item) {
		if x.Kind(item).String() == "token_tree" && strings.HasPrefix(x.Content(item), "{") {
			x.readTokenObject(item, name, depth)
		}
	}
}

func (x *extraction) readTokenObject(tree syntax.ID, name string, depth int) *Object {
	o := &Object{Name: name, In: x.in(), Span: x.span(tree)}
	x.objectAt[tree] = o
	x.file.Objects = append(x.file.Objects, o)
	for _, group := range x.tokenGroups(tree) {
		key, _, ok := x.literal(group[0])
		if !ok || len(group) < 3 || x.Content(group[1]) != ":" || depth > maxTokenDepth {
			continue
		}
		value := group[2:]
		span := x.between(x.Start(group[0]), x.End(value[len(value)-1]))
		k := Key{Name: key, Value: fold(x.Text[x.Start(value[0]):span.End]), Span: span}
		if only := value[0]; len(value) == 1 && x.Kind(only).String() == "token_tree" {
			switch x.Content(only)[0] {
			case '{':
				k.Child = x.readTokenObject(only, key, depth+1)
			case '[':
				x.readTokenList(only, key, depth+1)
			}
		}
		o.Keys = append(o.Keys, k)
	}
	return o
}
