// Package document reads structured files - YAML, JSON, TOML, HCL, XML and INI - into one kind of tree whose every key and value knows
// its line. It is for files that are judged as documents (manifests, pipelines, monitors), whatever their format.
//
// What it reads is hostile: nodes and nesting are bounded, an alias is the node that it stands for and not a copy, and a
// fault of a parser is an error of the file.
package document

import (
	"errors"
	"path"
	"strings"
)

// The bounds of one file's tree.
const (
	MaxNodes = 60000
	MaxDepth = 40
)

// ErrUnknown says that a file is none of these formats by its name.
var ErrUnknown = errors.New("is no structured document that is read here")

// ErrTooLarge says that a document holds more nodes, or nests deeper, than is read.
var ErrTooLarge = errors.New("has too many keys, or nests too deeply, to be read")

// Kind is what a value is; empty is a scalar that only a run would know (an expression of HCL).
type Kind = string

// The kinds, in the words of JSON Schema.
const (
	Object  Kind = "object"
	List    Kind = "list"
	String  Kind = "string"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	Null    Kind = "null"
)

// Node is a mapping (Pairs), a list (Items) or a scalar (Value).
type Node struct {
	Kind Kind
	// File is the path that the reader was given.
	File string
	// Line counts from 1; 0 is a node that stands nowhere.
	Line  int
	Pairs []Pair
	Items []*Node
	Value string
	// Expr is the text of an expression of HCL whose value only a run would know, else empty.
	Expr string
	// Tag is a local YAML tag (!reset, !Ref), else empty.
	Tag string
	// Plain says that a text of YAML stands without quotes, so that readers of YAML 1.1 take some words (on, no) for booleans.
	Plain bool
	// Below says that a text begins on the line below its mark (YAML's `run: |`).
	Below bool
}

// Pair is one key of a mapping, in the order of the file.
type Pair struct {
	Key string
	// File is the key's own where it is not the mapping's (after a merge of files).
	File  string
	Line  int
	Value *Node
}

// Scalar says whether the node is neither a mapping nor a list.
func (n *Node) Scalar() bool { return n.Kind != Object && n.Kind != List }

// Walkable says whether a walk over the node meets at most MaxNodes: an alias is one node that is met wherever it is named, so
// that a small text may be a long way.
func (n *Node) Walkable() bool {
	left := MaxNodes
	var walk func(n *Node) bool
	walk = func(n *Node) bool {
		if left--; left < 0 || n == nil {
			return n == nil
		}
		for _, p := range n.Pairs {
			if !walk(p.Value) {
				return false
			}
		}
		for _, i := range n.Items {
			if !walk(i) {
				return false
			}
		}
		return true
	}
	return walk(n)
}

// Pair is the entry of a key, the last where there are several.
func (n *Node) Pair(key string) (Pair, bool) {
	if n != nil {
		for i := len(n.Pairs) - 1; i >= 0; i-- {
			if n.Pairs[i].Key == key {
				return n.Pairs[i], true
			}
		}
	}
	return Pair{}, false
}

// Get is the value below the keys, nil where there is none.
func (n *Node) Get(keys ...string) *Node {
	for _, k := range keys {
		p, ok := n.Pair(k)
		if !ok {
			return nil
		}
		n = p.Value
	}
	return n
}

// Text is the scalar below the keys, empty for everything else.
func (n *Node) Text(keys ...string) string {
	if n = n.Get(keys...); n == nil || !n.Scalar() {
		return ""
	}
	return n.Value
}

// List are the items of the list below the keys.
func (n *Node) List(keys ...string) []*Node {
	if n = n.Get(keys...); n == nil {
		return nil
	}
	return n.Items
}

// Blocks are the items of the list below the keys; a single mapping in its place is the one item (a block of HCL or TOML that
// may stand several times).
func (n *Node) Blocks(keys ...string) []*Node {
	if n = n.Get(keys...); n != nil && len(n.Items) == 0 && len(n.Pairs) > 0 {
		return []*Node{n}
	}
	return n.List()
}

// Entries are the pairs of a mapping, none for nil.
func (n *Node) Entries() []Pair {
	if n == nil {
		return nil
	}
	return n.Pairs
}

// Words are a scalar, the scalars of a list, or the keys of a mapping.
func (n *Node) Words() []string {
	if n == nil || n.Kind == Null {
		return nil
	}
	if n.Scalar() {
		return []string{n.Value}
	}
	var list []string
	for _, i := range n.Items {
		list = append(list, i.Text())
	}
	for _, p := range n.Pairs {
		list = append(list, p.Key)
	}
	return list
}

// TextLine is the line on which the text of a scalar begins.
func (n *Node) TextLine() int {
	if n.Below {
		return n.Line + 1
	}
	return n.Line
}

// LastLine is the last line of the node, as far as its scalars tell.
func (n *Node) LastLine() int {
	left := MaxNodes
	return n.lastLine(&left)
}

// lastLine looks at as many nodes as are left: an alias is a node that is met again.
func (n *Node) lastLine(left *int) int {
	line := n.TextLine() + strings.Count(strings.TrimSpace(n.Value), "\n")
	for _, p := range n.Pairs {
		if *left--; *left > 0 {
			line = max(line, p.Line, p.Value.lastLine(left))
		}
	}
	for _, i := range n.Items {
		if *left--; *left > 0 {
			line = max(line, i.lastLine(left))
		}
	}
	return line
}

// Yes says whether the scalar below the keys is true.
func (n *Node) Yes(keys ...string) bool { return n.Text(keys...) == "true" }

// LineOf is the line of the value below the keys, the node's own where there is none.
func (n *Node) LineOf(keys ...string) int {
	if v := n.Get(keys...); v != nil {
		return v.Line
	}
	return n.Line
}

// At is the file and line of a key of a mapping, the mapping's own where it has no such key.
func (n *Node) At(key string) (file string, line int) {
	if n == nil {
		return "", 0
	}
	if p, ok := n.Pair(key); ok {
		if p.File != "" {
			return p.File, p.Line
		}
		return n.File, p.Line
	}
	return n.File, n.Line
}

// Walk visits the entries of the mappings of a tree, a mapping before what is in it, up to MaxNodes of them: aliases may make a
// small file a large tree.
func (n *Node) Walk(visit func(Pair)) {
	left := MaxNodes
	n.walk(visit, &left)
}

func (n *Node) walk(visit func(Pair), left *int) {
	if n == nil {
		return
	}
	for _, p := range n.Pairs {
		if *left--; *left < 0 {
			return
		}
		visit(p)
		p.Value.walk(visit, left)
	}
	for _, i := range n.Items {
		if *left--; *left < 0 {
			return
		}
		i.walk(visit, left)
	}
}

// Read reads a file by the ending of its name: YAML, JSON, TOML, HCL, XML or INI. The error of any other is ErrUnknown.
func Read(file string, text []byte) ([]*Node, error) {
	switch strings.ToLower(path.Ext(file)) {
	case ".yml", ".yaml":
		return YAML(file, text)
	case ".json", ".jsonc", ".json5":
		return YAML(file, text)
	case ".toml":
		return Alone(TOML(file, text))
	case ".tf", ".hcl", ".tfvars":
		return Alone(HCL(file, text))
	case ".xml", ".csproj", ".fsproj", ".vbproj", ".props", ".targets", ".ruleset", ".runsettings", ".dist":
		return Alone(XML(file, text))
	case ".ini", ".cfg", ".properties", ".editorconfig", ".globalconfig", ".flake8", ".pylintrc", ".coveragerc":
		return Alone(INI(file, text))
	}
	return nil, ErrUnknown
}

// Alone is what reads one document as a list of it, without a document where there is an error.
func Alone(n *Node, err error) ([]*Node, error) {
	if err != nil {
		return nil, err
	}
	return []*Node{n}, nil
}
