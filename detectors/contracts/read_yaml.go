package contracts

import (
	"bytes"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// maxYAML is the size in bytes past which a YAML file is data, not configuration, and is left alone.
const maxYAML = 512 << 10

// readYAML reads every mapping of a YAML file; a file that is no YAML (a chart's template) has none.
func readYAML(path string, text []byte, line int, about ...string) (found []*record) {
	tree := parseYAML(text)
	if tree == nil && bytes.Contains(text, []byte("{{")) {
		tree = parseYAML(plainTemplate(text))
	}
	if tree == nil {
		return nil
	}
	r := &yamlReader{path: path, line: line - 1}
	for _, doc := range tree.Docs {
		if doc != nil {
			r.node(doc.Body, about, nil, 0)
		}
	}
	nameByRequest(r.found)
	return r.found
}

var (
	templateLine = lazy.New(`(?m)^[ \t]*\{\{[^\n]*\}\}[ \t]*$`)
	templatePart = lazy.New(`"?\{\{[^{}\n]*\}\}"?`)
)

// plainTemplate makes a chart's template plain YAML, line for line: directives go, values become a word.
func plainTemplate(text []byte) []byte {
	return templatePart.ReplaceAll(templateLine.ReplaceAll(text, nil), []byte("x"))
}

// parseYAML is nil for what is no YAML.
func parseYAML(text []byte) (tree *ast.File) {
	if len(text) > maxYAML {
		return nil
	}
	defer func() {
		if recover() != nil {
			tree = nil
		}
	}()
	tree, err := document.Tree(text)
	if err != nil {
		return nil
	}
	return tree
}

// nestedYAML is a text of mappings, as a ConfigMap holds files.
var nestedYAML = lazy.New(`^\s*(?:#[^\n]*\n\s*)*[A-Za-z_][\w.-]*:(?:\s|$)`)

type yamlReader struct {
	path string
	// line is what comes before the first line, depth how many texts it stands in.
	line, depth int
	found       []*record
}

func (r *yamlReader) node(n ast.Node, about []string, parent *record, depth int) {
	if depth > maxNesting {
		return
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		r.mapping(n.Values, about, parent, depth)
	case *ast.MappingValueNode:
		r.mapping([]*ast.MappingValueNode{n}, about, parent, depth)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			r.node(v, about, parent, depth+1)
		}
	case *ast.AnchorNode:
		r.node(n.Value, about, parent, depth+1)
	case *ast.TagNode:
		r.node(n.Value, about, parent, depth+1)
	case *ast.StringNode:
		r.text(n.Value, n, about)
	case *ast.LiteralNode:
		if n.Value != nil {
			r.text(n.Value.Value, n, about)
		}
	}
}

// text reads JSON inside a scalar, as cassettes keep bodies.
func (r *yamlReader) text(value string, n ast.Node, about []string) {
	line := n.GetToken().Position.Line
	if t := strings.TrimSpace(value); len(t) > 5 && strings.ContainsAny(t[:1], "{[") || strings.Contains(value, `": `) || strings.Contains(value, `":"`) {
		r.found = append(r.found, scanJSON(r.path, value, r.line+n.GetToken().Position.Line, about...)...)
	}
	if n := strings.Count(value, "\n"); n > 0 && n < 2000 && r.depth < 2 && nestedYAML.MatchString(value) {
		inner := &yamlReader{path: r.path, line: r.line + line, depth: r.depth + 1}
		if tree := parseYAML([]byte(value)); tree != nil {
			for _, doc := range tree.Docs {
				if doc != nil {
					inner.node(doc.Body, about, nil, 0)
				}
			}
		}
		r.found = append(r.found, inner.found...)
	}
}

func (r *yamlReader) mapping(values []*ast.MappingValueNode, about []string, parent *record, depth int) {
	if len(values) == 0 {
		return
	}
	rec := newRecord(formText, r.path, r.line+values[0].GetToken().Position.Line, about...)
	rec.parent = parent
	if parent != nil && len(about) > 0 {
		rec.under = about[len(about)-1]
	}
	for _, v := range values {
		if v.Key == nil {
			continue
		}
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			rec.spread = true
			continue
		}
		token := v.Key.GetToken()
		name := strings.Trim(token.Value, `"'`)
		kind, value := yamlKind(v.Value)
		rec.add(name, r.line+token.Position.Line, kind, value)
		r.node(v.Value, append(append([]string{}, about...), name), rec, depth+1)
	}
	rec.line = r.line + values[0].Key.GetToken().Position.Line
	r.found = append(r.found, rec)
}

func yamlKind(n ast.Node) (valueKind, string) {
	switch n := n.(type) {
	case *ast.StringNode:
		return kindString, n.Value
	case *ast.LiteralNode:
		return kindString, ""
	case *ast.IntegerNode, *ast.FloatNode:
		return kindNumber, n.GetToken().Value
	case *ast.BoolNode:
		return kindBool, n.GetToken().Value
	case *ast.MappingNode, *ast.MappingValueNode:
		return kindObject, ""
	case *ast.SequenceNode:
		return kindArray, ""
	case *ast.NullNode:
		return kindNull, ""
	}
	return "", ""
}
