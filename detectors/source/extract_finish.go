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
	nameFields(x.file)
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
	for _, d := range x.decorators {
		call := d.call
		if call == nil {
			for c := x.First(d.node); c != syntax.None && call == nil; c = x.Next(c) {
				call = x.callAt[c]
			}
		}
		if call == nil {
			continue
		}
		owner := x.declAt[x.Parent(d.node)]
		for s := x.Next(d.node); s != syntax.None && owner == nil; s = x.Next(s) {
			if x.Named(s) && !kinds[x.Kind(s)] && !x.isComment(s) {
				owner = x.declAt[s]
				break
			}
		}
		if owner != nil {
			owner.Decorators = append(owner.Decorators, call)
		}
	}
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
