package environment

// Flat keys of TOML documents and of KEY=value lines.

import (
	"errors"
	"github.com/BurntSushi/toml"
	"strings"
)

func readTOML(text []byte) ([]entry, error) {
	var doc map[string]any
	meta, err := toml.Decode(string(text), &doc)
	if err != nil {
		return nil, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	lines := strings.Split(string(text), "\n")
	var list []entry
	from := 0
	for _, k := range meta.Keys() {
		if len(list) >= maxKeys {
			break
		}
		last := k[len(k)-1]
		line := from + 1
		for i := from; i < len(lines); i++ {
			if wordIn(lines[i], last) {
				line, from = i+1, i
				break
			}
		}
		kind := meta.Type(k...)
		e := entry{key: strings.Join(k, "."), line: line, parent: kind == "Hash" || kind == "ArrayHash" || kind == "Array"}
		if v, ok := lookup(doc, k).(string); ok {
			e.value = v
		}
		list = append(list, e)
	}
	return list, nil
}

func lookup(doc map[string]any, key []string) any {
	var v any = doc
	for _, k := range key {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
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
