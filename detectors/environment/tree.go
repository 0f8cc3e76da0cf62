package environment

// Structured configuration as flat keys: YAML, JSON, TOML and properties, each key with its line. Bounded: no alias is
// expanded, and what is too large or does not parse gives a reason instead.

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxKeys bounds the keys that are read of one file, maxDepth how deep they nest.
const (
	maxKeys  = 20000
	maxDepth = 40
)

// entry is one key of a document: its path with dots, the text of a scalar value (which never leaves the package), and
// whether other keys stand below it.
type entry struct {
	key    string
	value  string
	line   int
	parent bool
}

var errTooLarge = errors.New("too large to be read as configuration")

// readTree flattens a document by its file's ending. The error says in one line why it could not be read.
func readTree(p string, text []byte) (list []entry, err error) {
	if len(text) > maxConfig {
		return nil, errTooLarge
	}
	defer func() {
		if r := recover(); r != nil {
			list, err = nil, fmt.Errorf("%s does not parse: %v", p, r)
		}
	}()
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml", ".json", ".jsonc":
		if strings.HasSuffix(p, ".json") && json.Valid(text) {
			return readJSON(text)
		}
		return readYAML(text)
	case ".toml":
		return readTOML(text)
	case ".properties", ".env", ".conf", ".ini":
		return readLines(text), nil
	}
	if strings.HasPrefix(path.Base(p), ".env") {
		return readLines(text), nil
	}
	return nil, nil
}

func readYAML(text []byte) ([]entry, error) {
	if strings.Contains(string(text), "{{") && strings.Contains(string(text), "}}") && strings.Contains(string(text), "{{-") {
		return nil, errors.New("a template, not a document")
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	w := &yamlWalk{anchors: map[string]ast.Node{}}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			w.walk("", doc.Body, 0)
		}
	}
	return w.list, nil
}

type yamlWalk struct {
	list    []entry
	anchors map[string]ast.Node
	merging int
}

func (w *yamlWalk) walk(key string, n ast.Node, depth int) {
	if depth > maxDepth || len(w.list) >= maxKeys || n == nil {
		return
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			w.pair(key, v, depth)
		}
	case *ast.MappingValueNode:
		w.pair(key, n, depth)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			w.walk(fmt.Sprintf("%s[%d]", key, i), v, depth+1)
		}
	case *ast.AnchorNode:
		if n.Name != nil {
			w.anchors[n.Name.GetToken().Value] = n.Value
		}
		w.walk(key, n.Value, depth+1)
	case *ast.TagNode:
		w.walk(key, n.Value, depth+1)
	default:
		if key != "" {
			t := n.GetToken()
			w.list = append(w.list, entry{key: key, value: t.Value, line: t.Position.Line})
		}
	}
}

func (w *yamlWalk) pair(key string, v *ast.MappingValueNode, depth int) {
	if _, merge := v.Key.(*ast.MergeKeyNode); merge {
		// One level of "<<: *defaults"; aliases inside of aliases are not followed.
		if alias, ok := v.Value.(*ast.AliasNode); ok && w.merging == 0 {
			if target := w.anchors[alias.Value.GetToken().Value]; target != nil {
				w.merging++
				w.walk(key, target, depth+1)
				w.merging--
			}
		}
		return
	}
	t := v.Key.GetToken()
	name := t.Value
	if key != "" {
		name = key + "." + name
	}
	switch value := v.Value.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode, *ast.AnchorNode, *ast.TagNode:
		w.list = append(w.list, entry{key: name, line: t.Position.Line, parent: true})
		w.walk(name, value, depth+1)
	case *ast.AliasNode:
		w.list = append(w.list, entry{key: name, line: t.Position.Line, parent: true})
	case nil:
		w.list = append(w.list, entry{key: name, line: t.Position.Line})
	default:
		w.list = append(w.list, entry{key: name, value: value.GetToken().Value, line: t.Position.Line})
	}
}

func readJSON(text []byte) ([]entry, error) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	var list []entry
	var walk func(key string, depth int) error
	walk = func(key string, depth int) error {
		if depth > maxDepth || len(list) > maxKeys {
			return errTooLarge
		}
		line := 1 + strings.Count(string(text[:d.InputOffset()]), "\n")
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'):
			for d.More() {
				k, err := d.Token()
				if err != nil {
					return err
				}
				name := fmt.Sprint(k)
				if key != "" {
					name = key + "." + name
				}
				at := len(list)
				list = append(list, entry{key: name, line: 1 + strings.Count(string(text[:d.InputOffset()]), "\n")})
				if err := walk(name, depth+1); err != nil {
					return err
				}
				list[at].parent = len(list) > at+1
			}
		case json.Delim('['):
			for i := 0; d.More(); i++ {
				if err := walk(fmt.Sprintf("%s[%d]", key, i), depth+1); err != nil {
					return err
				}
			}
		default:
			if n := len(list); n > 0 && list[n-1].key == key {
				list[n-1].value = fmt.Sprint(t)
			} else if key != "" {
				list = append(list, entry{key: key, value: fmt.Sprint(t), line: line})
			}
			return nil
		}
		_, err = d.Token()
		return err
	}
	if err := walk("", 0); err != nil {
		return nil, errors.New("malformed JSON")
	}
	return list, nil
}
