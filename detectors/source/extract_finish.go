package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/source/syntax"
)

// finish resolves what the walk could not know at a node: decorators, exports, handlers, comments, order.
func (x *extraction) finish() {
	x.attachDecorators()
	x.markExported()
	sortFacts(x.file)
	for _, d := range x.file.Decls {
		slices.SortStableFunc(d.Members, func(a, b *Decl) int { return a.Span.Start - b.Span.Start })
	}
	if x.file.Lang == Python {
		enumClasses(x.file)
		functionalShapes(x.file)
	}
	if x.reader.Visible != nil {
		shareDecorators(x.file)
	}
	x.readDialect()
	nameFields(x.file)
	readSchemas(x.file)
	x.attachComments()
	x.lookIntoCatches()
	x.file.Imports = slices.DeleteFunc(x.file.Imports, func(i *Import) bool { return i.Path == "" })
}

// attachDecorators gives each decorator to the declaration that it stands in, or that follows it.
func (x *extraction) attachDecorators() {
	kinds := map[syntax.Kind]bool{}
	for _, d := range x.decorators {
		kinds[x.Kind(d.node)] = true
	}
	owners := map[syntax.ID]*Decl{}
	for _, d := range slices.Backward(x.decorators) {
		owners[d.node] = x.decorated(d.node, kinds, owners)
	}
	for _, d := range x.decorators {
		call := d.call
		if call == nil {
			for c := x.First(d.node); c != syntax.None && call == nil; c = x.Next(c) {
				call = x.callAt[c]
			}
		}
		if owner := owners[d.node]; owner != nil && call != nil {
			call.Decorates = true
			owner.Decorators = append(owner.Decorators, call)
		}
	}
}

// decorated is what the decorator at node belongs to: the declaration around it, the next one beside it, or that of
// the decorator which follows, whose owner is known already.
func (x *extraction) decorated(node syntax.ID, kinds map[syntax.Kind]bool, owners map[syntax.ID]*Decl) *Decl {
	parent := x.Parent(node)
	if owner := x.declAt[parent]; owner != nil {
		return owner
	}
	switch x.Kind(parent).String() {
	case "attribute_group": // in a list of PHP's
		parent = x.Parent(parent)
		fallthrough
	case "modifiers", "attribute_list":
		return x.declAt[x.Parent(parent)]
	}
	for s := x.Next(node); s != syntax.None; s = x.Next(s) {
		if kinds[x.Kind(s)] {
			return owners[s]
		}
		if x.Named(s) && !x.isComment(s) {
			return x.declAt[s]
		}
	}
	return nil
}

// attachComments makes the comment that ends on the line before a declaration, or before what exports or decorates it,
// its Doc.
func (x *extraction) attachComments() {
	endsOn := map[int]*Comment{}
	for _, c := range x.file.Comments {
		before := strings.TrimSpace(x.Text[x.lineStart(c.Span.Start):c.Span.Start])
		if before == "" {
			endsOn[c.Span.EndLine] = c
		}
	}
	if len(endsOn) == 0 {
		return
	}
	for node, d := range x.declAt {
		if d.Doc != "" || d.Kind == EnumValue && d.Span.Line == 0 {
			continue
		}
		top := d.Span.Line
		for up := x.Parent(node); up != syntax.None && x.declAt[up] == nil; up = x.Parent(up) {
			line, _ := x.Line(x.Start(up))
			if line != top && x.First(up) != x.Parent(node) && !x.isDecorated(up) {
				break
			}
			top = line
		}
		for _, c := range d.Decorators {
			top = min(top, c.Span.Line)
		}
		c := endsOn[top-1]
		if c == nil {
			continue
		}
		text := c.Text
		for line := c.Span.Line - 1; endsOn[line] != nil && endsOn[line].Span.Line == line && c.Span.Line == c.Span.EndLine; line-- {
			text = endsOn[line].Text + "\n" + text
		}
		d.Doc = text
	}
}

// isDecorated says whether a node's first child is a decorator.
func (x *extraction) isDecorated(id syntax.ID) bool {
	first := x.First(id)
	return first != syntax.None && x.Kind(first).String() == "decorator"
}

func (x *extraction) lineStart(offset int) int {
	_, column := x.Line(offset)
	return offset - column
}
