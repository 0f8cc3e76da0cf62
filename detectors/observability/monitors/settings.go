package monitors

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// Setting is one value of a configuration file: its key with dots, in lower case, with dashes and underscores taken away.
type Setting struct {
	Key, Name, Value string
	Line             int
}

// Settings flattens YAML, JSON, properties and env files. A pair of name and value, as Kubernetes writes variables, and
// NAME=value, as Compose does, are settings too; secrets' values stay in the program.
func Settings(p string, text []byte) []Setting {
	if len(text) > maxYAML || bytes.IndexByte(text, 0) >= 0 {
		return nil
	}
	f := &flat{}
	base := strings.ToLower(path.Base(p))
	switch ext := path.Ext(base); {
	case ext == ".yaml" || ext == ".yml" || ext == ".json":
		for i, n := range parse(text) {
			f.walk(fmt.Sprintf("%d", i), n, 0)
		}
	case ext == ".properties" || ext == ".env" || ext == ".ini" || ext == ".conf" || strings.HasPrefix(base, ".env") || ext == ".toml" || strings.HasPrefix(base, "dockerfile"):
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "export "), "ENV ")
			if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
				f.add("", strings.TrimSpace(key), value, number)
			}
		}
	}
	return f.list
}

type flat struct{ list []Setting }

func (f *flat) add(under, name, value string, line int) {
	key := strings.TrimPrefix(under+"."+name, ".")
	f.list = append(f.list, Setting{Key: folded(key), Name: name, Value: strings.Trim(strings.TrimSpace(value), `"'`), Line: line})
}

// folded writes log-level, LOG_LEVEL and logLevel alike.
func folded(key string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(key))
}

func (f *flat) walk(under string, n *node, depth int) {
	if depth > maxDepth || len(f.list) > 20000 {
		return
	}
	if name, v := n.get("name"), n.get("value"); name != nil && name.text != "" && v != nil && len(v.keys) == 0 {
		f.add(under, name.text, v.text, v.line)
	}
	for _, p := range n.keys {
		if len(p.value.keys) == 0 && len(p.value.items) == 0 {
			f.add(under, p.name, p.value.text, p.line)
			continue
		}
		f.walk(under+"."+p.name, p.value, depth+1)
	}
	named := map[string]int{}
	for i, item := range n.items {
		if name, value, ok := strings.Cut(item.text, "="); ok && len(item.keys) == 0 {
			f.add(under, name, value, item.line)
			continue
		}
		if len(item.keys) == 0 {
			f.add(under, "item "+item.text, item.text, item.line)
			continue
		}
		id := textOf(item.get("name")) // a container keeps its key when its place in the list changes
		if id == "" {
			id = fmt.Sprint(i)
		}
		named[id]++
		f.walk(fmt.Sprintf("%s[%s#%d]", under, id, named[id]), item, depth+1)
	}
}
