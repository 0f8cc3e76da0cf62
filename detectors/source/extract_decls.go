package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/source/syntax"
)

// declKinds are the kinds that the @decl captures name.
var declKinds = map[string]Kind{
	"function": Function, "method": Method, "class": Class, "interface": Interface, "type": Type, "struct": Struct,
	"enum": Enum, "value": EnumValue, "field": Field, "property": Field, "variable": Var, "const": Const,
	"module": Class, "default": Function, "namespace": Type, "wrapped": Var, "instance": Field, "companion": Class, "constructor": Method,
}

func (x *extraction) decl(m *syntax.Match, fact string) {
	if fact == "values" { // enum values without a value of their own are bare names in the enum's body
		for _, name := range m.All("name") {
			if owner, _ := x.around(); owner != nil && x.Named(name) {
				x.add(&Decl{Kind: EnumValue, Name: x.name(name), Span: x.span(name), Exported: true}, name, owner)
			}
		}
		return
	}
	if fact == "each" {
		x.each(m)
		return
	}
	if x.declAt[m.Node] != nil {
		return // a more specific pattern stood before this one
	}
	d := &Decl{
		Kind: declKinds[fact], Name: x.name(m.Get("name")), Span: x.span(m.Node), Body: x.span(m.Get("body")),
		Type: x.folded(m.Get("type")), Default: x.folded(m.Get("default")), Receiver: x.folded(m.Get("receiver")),
		Async: m.Has("async"), Optional: m.Has("optional"), Exported: m.Has("public") && !strings.Contains(x.text(m.Get("public")), "("),
	}
	for _, b := range m.All("base") {
		d.Bases = append(d.Bases, x.folded(b))
	}
	if list := m.Get("bases"); list != syntax.None {
		for _, b := range x.items(list) {
			if arg := x.part(b, "part.arg"); arg == nil || !arg.Has("keyword") {
				d.Bases = append(d.Bases, x.folded(b))
			}
		}
	}
	if r := m.Get("result"); r != syntax.None {
		d.Results = []string{x.folded(r)}
	}
	d.Params = x.params(m.Get("params"))
	owner, local := x.around()
	inType := owner != nil && !local && owner.Kind != Type || owner != nil && owner.Kind == Type && d.Kind == Field
	switch {
	case fact == "property": // a constructor's parameter that declares a property of the class
		if owner == nil || owner.Parent == nil {
			return
		}
		owner = owner.Parent
	case fact == "instance": // an attribute that the constructor sets
		if owner == nil || owner.Parent == nil || owner.Parent.Kind != Class || owner.Name != "__init__" && owner.Name != "constructor" ||
			slices.ContainsFunc(owner.Parent.Members, func(m *Decl) bool { return m.Name == d.Name }) {
			return
		}
		owner = owner.Parent
	case fact == "default" && d.Name == "":
		d.Name = "default"
	case fact == "companion" && d.Name == "":
		d.Name = "Companion"
	case fact == "constructor":
		d.Name = "constructor"
	case d.Kind == Var && inType:
		d.Kind = Field
	case (d.Kind == Var || d.Kind == Const) && local:
		return
	case d.Kind == Var && (strings.ToUpper(d.Name) == d.Name || x.constant(m.Node)):
		d.Kind = Const
	case d.Kind == Function && (inType && (owner.Kind == Class || owner.Kind == Interface || owner.Kind == Enum) || d.Receiver != ""):
		d.Kind = Method
	case d.Kind == Method && !inType: // a method of an object literal
		x.scopes = append(x.scopes, scope{x.Past(m.Node), nil})
		return
	case d.Kind == Field && !inType:
		owner = nil // a member of a type without a name
	}
	if d.Name == "" {
		return
	}
	if d.Kind == Method && owner != nil {
		d.Receiver = owner.Name
	}
	if x.reader.Visible != nil {
		x.modified(d, m.Node, owner)
		return
	}
	hidden := strings.HasPrefix(d.Name, "#") || m.Has("access") && x.text(m.Get("access")) != "public"
	if accessibility := m.Node; !hidden {
		hidden = x.hasHiding(accessibility)
	}
	x.add(d, m.Node, owner)
	d.Exported = d.Exported || d.Parent != nil && !hidden && d.Kind != Function && d.Kind != Var && d.Kind != Const
	if fact == "wrapped" || d.Kind == EnumValue && m.Has("body") || d.Kind != Field && d.Kind != Var && d.Kind != Const && d.Kind != EnumValue {
		x.scopes = append(x.scopes, scope{x.Past(m.Node), d})
	}
}

// modified adds a declaration whose modifiers say who sees it.
func (x *extraction) modified(d *Decl, node syntax.ID, owner *Decl) {
	d.modifiers = x.modifiers(node)
	d.Span = x.plainSpan(node)
	d.Exported = d.Kind == EnumValue || x.visible(owner, d.modifiers)
	d.Async = d.Async || slices.Contains(d.modifiers, "suspend")
	if d.Kind == Field && (slices.Contains(d.modifiers, "static") || slices.Contains(d.modifiers, "const")) {
		d.Kind = Const
	}
	x.add(d, node, owner)
	if d.Kind != Field && d.Kind != Var && d.Kind != Const && d.Kind != EnumValue {
		x.scopes = append(x.scopes, scope{x.Past(node), d})
	}
}

// add puts a declaration into the file and below its owner.
func (x *extraction) add(d *Decl, node syntax.ID, owner *Decl) {
	d.Parent = owner
	x.declAt[node] = d
	x.file.Decls = append(x.file.Decls, d)
	if owner != nil && owner.Kind != Function && owner.Kind != Method {
		owner.Members = append(owner.Members, d)
	}
}

// hasHiding says whether a member carries the modifier private or protected.
func (x *extraction) hasHiding(id syntax.ID) bool {
	for c := x.First(id); c != syntax.None; c = x.Next(c) {
		switch x.Content(c) {
		case "private", "protected", "internal":
			return true
		}
		if x.Field(c) != 0 && x.Field(c).String() == "name" {
			return false
		}
	}
	return false
}

// constant says whether a variable is declared by `const` or the like: its parent's first token.
func (x *extraction) constant(id syntax.ID) bool {
	parent := x.Parent(id)
	if parent == syntax.None {
		return false
	}
	first := x.First(parent)
	return first != syntax.None && (x.Content(first) == "const" || x.Content(first) == "final")
}

// name is a declared name without quotes or brackets.
func (x *extraction) name(id syntax.ID) string {
	text := strings.TrimPrefix(x.folded(id), ":") // a symbol
	if len(text) > 1 && strings.ContainsRune(`"'`+"`", rune(text[0])) {
		value, _ := unquote(text)
		return value
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		inner = strings.TrimSpace(strings.TrimSuffix(inner, "]"))
		if value, isString := unquote(inner); isString {
			return value
		}
	}
	return text
}

func (x *extraction) params(list syntax.ID) []Param {
	if list == syntax.None {
		return nil
	}
	items := x.items(list)
	if x.Field(list).String() == "parameter" { // an arrow function's single parameter
		items = []syntax.ID{list}
	}
	var params []Param
	keywordOnly := false
	for _, item := range items {
		m := x.part(item, "part.")
		if m != nil && m.Pattern.Fact == "part.skip" {
			continue
		}
		if m != nil && m.Pattern.Fact == "part.positional" {
			for i := range params {
				params[i].PositionalOnly = true
			}
			continue
		}
		if m != nil && m.Pattern.Fact == "part.keywords" {
			keywordOnly = true
			continue
		}
		p := Param{Name: x.folded(item), KeywordOnly: keywordOnly}
		switch field := x.Field(item).String(); {
		case field == "name" && len(params) > 0: // C#'s params T[] n stands without a node around it
			params[len(params)-1] = Param{Name: x.folded(item), Type: params[len(params)-1].Name, Variadic: true}
			continue
		case x.Kind(item).String() == "implicit_parameter":
			continue
		}
		if m != nil && m.Pattern.Fact == "part.param" && m.Has("name") {
			p = Param{
				Name: x.folded(m.Get("name")), Type: x.folded(m.Get("type")), Default: x.folded(m.Get("default")),
				Optional: m.Has("optional") || m.Has("default"), Variadic: m.Has("variadic"),
				KeywordVariadic: m.Has("keywords"), KeywordOnly: keywordOnly || m.Has("keyword_only"),
			}
		}
		if p.Variadic || p.KeywordVariadic {
			p.KeywordOnly, keywordOnly = false, true
		}
		params = append(params, p)
	}
	return params
}

func (x *extraction) docstring(m *syntax.Match) {
	if owner := x.Parent(m.Node); owner != syntax.None && x.declAt[owner] != nil {
		value, _ := unquote(x.text(m.Get("doc")))
		x.declAt[owner].Doc = strings.TrimSpace(value)
	}
}
