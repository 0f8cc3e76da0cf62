package environment

// Structured configuration as flat keys: YAML, JSON, TOML and properties, each key with its line. What is too large or does
// not parse gives a reason instead.

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors/source/document"
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
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml", ".json", ".jsonc":
		if bytes.Contains(text, []byte("{{-")) && bytes.Contains(text, []byte("}}")) {
			return nil, errors.New("a template, not a document")
		}
		docs, err := document.YAML(p, text)
		for _, d := range docs {
			entries, tooLarge := flatten(d)
			if tooLarge != nil {
				return nil, tooLarge
			}
			list = append(list, entries...)
		}
		return list, err
	case ".toml":
		d, err := document.TOML(p, text)
		if err != nil {
			return nil, err
		}
		return flatten(d)
	case ".properties", ".env", ".conf", ".ini":
		return readLines(text), nil
	}
	if strings.HasPrefix(path.Base(p), ".env") {
		return readLines(text), nil
	}
	return nil, nil
}

// flatten gives the keys of a document in the order of its file, those of a list with their index.
func flatten(n *document.Node) (list []entry, err error) {
	left := maxKeys
	var walk func(key string, n *document.Node, depth int)
	walk = func(key string, n *document.Node, depth int) {
		for i, item := range n.Items {
			if left--; left < 0 || depth > maxDepth {
				return
			}
			below := fmt.Sprintf("%s[%d]", key, i)
			if item.Scalar() && key != "" {
				list = append(list, entry{key: below, value: item.Value, line: item.Line})
			}
			walk(below, item, depth+1)
		}
		for _, p := range n.Pairs {
			if left--; left < 0 || depth > maxDepth {
				return
			}
			name := strings.TrimPrefix(key+"."+p.Key, ".")
			list = append(list, entry{key: name, value: p.Value.Value, line: p.Line, parent: !p.Value.Scalar()})
			walk(name, p.Value, depth+1)
		}
	}
	walk("", n, 0)
	if left < 0 {
		return nil, errTooLarge
	}
	return list, nil
}

// readLines reads KEY=value lines; malformed ones are left out.
func readLines(text []byte) []entry {
	var list []entry
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			key, value, ok = strings.Cut(line, ": ")
		}
		key = strings.TrimSpace(key)
		if !ok || key == "" || strings.HasPrefix(key, "#") || strings.HasPrefix(key, ";") || strings.ContainsAny(key, " \t") || len(list) >= maxKeys {
			continue
		}
		list = append(list, entry{key: key, value: strings.Trim(strings.TrimSpace(value), `"'`), line: i + 1})
	}
	return list
}
