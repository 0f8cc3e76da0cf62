package effective

// TOML documents as nodes. The parser gives no places, so a scan of the lines finds where each key stands.

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"flightpoll/detectors/lazy"
)

// tomlNode reads a TOML file, nil and a Problem where it cannot be read.
func (t *Tree) tomlNode(p string) *node {
	if list, ok := t.documents[p]; ok {
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	t.documents[p] = nil
	text, err := t.Read(p)
	if err != nil {
		return nil
	}
	n, err := parseTOML(p, text)
	if err != nil {
		t.problem(p, err.Error())
		return nil
	}
	t.documents[p] = []*node{n}
	return n
}

func parseTOML(p string, text []byte) (n *node, err error) {
	defer func() {
		if recover() != nil {
			n, err = nil, errors.New("does not parse")
		}
	}()
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return nil, errors.New("does not parse as TOML")
	}
	b := &tomlBuilder{file: p, lines: tomlLines(string(text)), left: maxNodes}
	n = b.build(tree, "", 1, 0)
	if b.left < 0 {
		return nil, errors.New("has too many keys to be read as configuration")
	}
	return n, nil
}

var (
	tomlHeader = lazy.New(`^\s*\[\[?\s*([^\[\]#]+?)\s*\]\]?\s*(#.*)?$`)
	tomlKey    = lazy.New(`^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=`)
	tomlInline = lazy.New(`[{,]\s*([\w-]+|"[^"]*")\s*=`)
)

// tomlLines are the lines of tables and keys, by their path with dots; the first of each counts.
func tomlLines(text string) map[string]int {
	at := map[string]int{}
	put := func(key string, line int) {
		if _, ok := at[key]; !ok {
			at[key] = line
		}
	}
	table := ""
	for i, line := range strings.Split(text, "\n") {
		if m := tomlHeader.FindStringSubmatch(line); m != nil {
			table = dotted(m[1])
			put(table, i+1)
		} else if m := tomlKey.FindStringSubmatch(line); m != nil {
			key := dotted(m[1])
			if table != "" {
				key = table + "." + key
			}
			put(key, i+1)
			for _, inner := range tomlInline.FindAllStringSubmatch(line[len(m[0]):], 50) {
				put(key+"."+dotted(inner[1]), i+1)
			}
		}
	}
	return at
}

// dotted is a TOML key without quotes and spaces.
func dotted(key string) string {
	return strings.NewReplacer(`"`, "", "'", "", " ", "").Replace(key)
}

type tomlBuilder struct {
	file  string
	lines map[string]int
	left  int
}

func (b *tomlBuilder) build(v any, key string, line, depth int) *node {
	if b.left--; b.left < 0 || depth > maxDepth {
		b.left = -1
		return nil
	}
	n := &node{file: b.file, line: line}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			full := k
			if key != "" {
				full = key + "." + k
			}
			at := b.lines[full]
			if at == 0 {
				at = line
			}
			n.pairs = append(n.pairs, pair{key: k, line: at, value: b.build(v[k], full, at, depth+1)})
		}
	case []map[string]any:
		for _, item := range v {
			n.items = append(n.items, b.build(item, key, line, depth+1))
		}
	case []any:
		for _, item := range v {
			n.items = append(n.items, b.build(item, key, line, depth+1))
		}
	default:
		n.scalar, n.value = true, fmt.Sprint(v)
	}
	return n
}
