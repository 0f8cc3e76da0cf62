package monitors

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors/source/document"
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
			f.walk(fmt.Sprintf("%d", i), n)
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

func (f *flat) walk(under string, n *document.Node) {
	if len(f.list) > 20000 {
		return
	}
	if name, v := n.Get("name"), n.Get("value"); name != nil && name.Value != "" && v != nil && len(v.Pairs) == 0 {
		f.add(under, name.Value, v.Value, v.Line)
	}
	for _, p := range n.Pairs {
		if len(p.Value.Pairs) == 0 && len(p.Value.Items) == 0 {
			f.add(under, p.Key, p.Value.Value, p.Line)
			continue
		}
		f.walk(under+"."+p.Key, p.Value)
	}
	named := map[string]int{}
	for i, item := range n.Items {
		if name, value, ok := strings.Cut(item.Value, "="); ok && len(item.Pairs) == 0 {
			f.add(under, name, value, item.Line)
			continue
		}
		if len(item.Pairs) == 0 {
			f.add(under, "item "+item.Value, item.Value, item.Line)
			continue
		}
		id := item.Text("name") // a container keeps its key when its place in the list changes
		if id == "" {
			id = fmt.Sprint(i)
		}
		named[id]++
		f.walk(fmt.Sprintf("%s[%s#%d]", under, id, named[id]), item)
	}
}
