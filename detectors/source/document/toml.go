package document

// The TOML parser gives no places, so a scan of the lines finds where each key stands.

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"flightpoll/detectors/lazy"
)

// TOML reads a TOML text. A key that is not found in the lines has the line of its table.
func TOML(file string, text []byte) (n *Node, err error) {
	defer func() {
		if recover() != nil {
			n, err = nil, errors.New("does not parse as TOML")
		}
	}()
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return nil, errors.New("does not parse as TOML")
	}
	b := &builder{file: file}
	n = b.value(tree, tomlLines(string(text)), "", 1, 0)
	if b.tooLarge {
		return nil, ErrTooLarge
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

func (b *builder) value(v any, lines map[string]int, key string, line, depth int) *Node {
	n := &Node{File: b.file, Line: line}
	if !b.more(depth) {
		return n
	}
	switch v := v.(type) {
	case map[string]any:
		n.Kind = Object
		for _, k := range slices.Sorted(maps.Keys(v)) {
			full := strings.TrimPrefix(key+"."+k, ".")
			at := lines[full]
			if at == 0 {
				at = line
			}
			n.Pairs = append(n.Pairs, Pair{Key: k, Line: at, Value: b.value(v[k], lines, full, at, depth+1)})
		}
	case []map[string]any:
		n.Kind = List
		for _, item := range v {
			n.Items = append(n.Items, b.value(item, lines, key, line, depth+1))
		}
	case []any:
		n.Kind = List
		for _, item := range v {
			n.Items = append(n.Items, b.value(item, lines, key, line, depth+1))
		}
	case bool:
		n.Kind, n.Value = Boolean, strconv.FormatBool(v)
	case int64, float64:
		n.Kind, n.Value = Number, fmt.Sprint(v)
	default:
		n.Kind, n.Value = String, fmt.Sprint(v)
	}
	return n
}
