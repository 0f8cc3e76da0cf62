package syntax

import (
	"sort"
	"sync"
)

// Kind is the interned name of a node's kind or of a field; zero is none.
type Kind uint16

var names = struct {
	sync.RWMutex
	byName map[string]Kind
	list   []string
}{byName: map[string]Kind{"": 0}, list: []string{""}}

// Intern gives the Kind of a name. Anonymous nodes (tokens) are interned with their quotes: `"async"`.
func Intern(name string) Kind {
	names.RLock()
	k, ok := names.byName[name]
	names.RUnlock()
	if ok {
		return k
	}
	names.Lock()
	defer names.Unlock()
	if k, ok := names.byName[name]; ok {
		return k
	}
	k = Kind(len(names.list)) //nolint:gosec // grammars have some hundred names each
	names.byName[name] = k
	names.list = append(names.list, name)
	return k
}

// String is the name that was interned.
func (k Kind) String() string {
	names.RLock()
	defer names.RUnlock()
	return names.list[k]
}

// ID is a node of a Tree: its position in the order of the source. The root is 0, None is no node.
type ID int32

// None is what a missing parent, child or field gives.
const None ID = -1

type node struct {
	kind, field  Kind
	named        bool
	parent, next ID
	past         ID // the first node behind the node's descendants
	start, end   uint32
}

// Tree is a syntax tree. It is immutable once built, and may be read by many goroutines.
type Tree struct {
	Text string
	// Errors counts the places that the parser could not read.
	Errors int

	nodes []node
	last  []ID
	lines []int
}

// NewTree starts the tree of a text.
func NewTree(text string) *Tree {
	t := &Tree{Text: text, lines: []int{0}}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// Add appends a node below parent, which must have been added before, in the order of the source.
func (t *Tree) Add(parent ID, kind, field Kind, named bool, start, end uint32) ID {
	id := ID(len(t.nodes)) //nolint:gosec // callers bound the number of nodes
	t.nodes = append(t.nodes, node{kind: kind, field: field, named: named, parent: parent, next: None, start: start, end: end})
	t.last = append(t.last, None)
	if parent != None {
		if previous := t.last[parent]; previous != None {
			t.nodes[previous].next = id
		}
		t.last[parent] = id
	}
	return id
}

// Done ends the building.
func (t *Tree) Done() {
	t.last = nil
	for id := ID(len(t.nodes)) - 1; id >= 0; id-- { //nolint:gosec // callers bound the number of nodes
		n := &t.nodes[id]
		n.past = max(n.past, id+1)
		if n.parent != None {
			t.nodes[n.parent].past = max(t.nodes[n.parent].past, n.past)
		}
	}
}

// Past is the first node behind the node and all that is below it.
func (t *Tree) Past(id ID) ID { return t.nodes[id].past }

// Len is the number of nodes.
func (t *Tree) Len() int { return len(t.nodes) }

// Kind is the node's kind, Field the field of its parent that it stands in.
func (t *Tree) Kind(id ID) Kind { return t.nodes[id].kind }

// Named says whether the grammar names the node; tokens like "(" are not.
func (t *Tree) Named(id ID) bool { return t.nodes[id].named }

// Parent is the node around it.
func (t *Tree) Parent(id ID) ID { return t.nodes[id].parent }

// Start and End are byte offsets, End exclusive.
func (t *Tree) Start(id ID) int { return int(t.nodes[id].start) }

// End is the other side of Start.
func (t *Tree) End(id ID) int { return int(t.nodes[id].end) }

// Content is the node's source text.
func (t *Tree) Content(id ID) string { return t.Text[t.nodes[id].start:t.nodes[id].end] }

// First is the first child, tokens included; Next the sibling behind a node.
func (t *Tree) First(id ID) ID {
	if next := id + 1; int(next) < len(t.nodes) && t.nodes[next].parent == id {
		return next
	}
	return None
}

// Next is the sibling right behind the node.
func (t *Tree) Next(id ID) ID { return t.nodes[id].next }

// isLast says that no named sibling stands behind a named node.
func (t *Tree) isLast(id ID) bool {
	for s := t.Next(id); s != None; s = t.Next(s) {
		if t.Named(s) {
			return false
		}
	}
	return t.Named(id)
}

// Children are the named ones.
func (t *Tree) Children(id ID) []ID {
	var list []ID
	for c := t.First(id); c != None; c = t.Next(c) {
		if t.nodes[c].named {
			list = append(list, c)
		}
	}
	return list
}

// Child is the first child in the field.
func (t *Tree) Child(id ID, field Kind) ID {
	for c := t.First(id); c != None; c = t.Next(c) {
		if t.nodes[c].field == field {
			return c
		}
	}
	return None
}

// Field is the field of the parent that the node stands in.
func (t *Tree) Field(id ID) Kind { return t.nodes[id].field }

// Line is the line, from 1, and the column in bytes, from 0, of an offset.
func (t *Tree) Line(offset int) (line, column int) {
	i := sort.SearchInts(t.lines, offset+1) - 1
	return i + 1, offset - t.lines[i]
}
