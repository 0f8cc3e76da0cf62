// Package syntax holds concrete syntax trees in plain Go memory, and queries over them. It knows no programming
// language and no parser: a tree is built node by node (by detectors/source, from tree-sitter), and a query is
// the text of a .scm file in the tree-sitter query language's subset that query.go describes.
package syntax
