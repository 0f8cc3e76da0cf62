package source

import "flightpoll/detectors/source/syntax"

// treeNode is the Node of a syntax tree.
type treeNode struct {
	tree *syntax.Tree
	id   syntax.ID
}

func (n treeNode) Kind() string { return n.tree.Kind(n.id).String() }
func (n treeNode) Text() string { return n.tree.Content(n.id) }

func (n treeNode) Span() Span { return (&extraction{Tree: n.tree}).span(n.id) }

func (n treeNode) Parent() Node { return n.node(n.tree.Parent(n.id)) }

func (n treeNode) Children() []Node {
	var list []Node
	for _, id := range n.tree.Children(n.id) {
		list = append(list, n.node(id))
	}
	return list
}

func (n treeNode) Field(name string) Node { return n.node(n.tree.Child(n.id, syntax.Intern(name))) }

func (n treeNode) node(id syntax.ID) Node {
	if id == syntax.None {
		return nil
	}
	return treeNode{n.tree, id}
}

// nodes is how many syntax nodes the file has; those of Go, whose trees are of another kind, are estimated by the size of its text.
func (f *File) nodes() int {
	if n, ok := f.root.(treeNode); ok {
		return n.tree.Len()
	}
	return len(f.Text) / 4
}
