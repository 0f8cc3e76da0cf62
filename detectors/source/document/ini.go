package document

import "strings"

// INI reads sections of keys and values (setup.cfg, .editorconfig, .coveragerc) and plain properties: a key ends at the first = or
// colon, a line that is indented goes on with the value above it. Sections that stand twice are two.
func INI(file string, text []byte) (*Node, error) {
	b := &builder{file: file}
	root := &Node{Kind: Object, File: file, Line: 1}
	at := root
	var last *Node
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimRight(line, " \t\r\n")
		trimmed := strings.TrimSpace(line)
		if !b.more(1) {
			return nil, ErrTooLarge
		}
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, ";") || strings.HasPrefix(trimmed, "!"):
		case strings.HasPrefix(trimmed, "[") && strings.HasSuffix(trimmed, "]"):
			at = &Node{Kind: Object, File: file, Line: n}
			root.Pairs = append(root.Pairs, Pair{Key: strings.TrimSpace(trimmed[1 : len(trimmed)-1]), Line: n, Value: at})
			last = nil
		case line != trimmed && last != nil && (line[0] == ' ' || line[0] == '\t'):
			last.Value = strings.TrimSpace(last.Value + "\n" + trimmed)
		default:
			key, value, ok := cutAny(trimmed, "=:")
			if !ok {
				continue
			}
			last = &Node{Kind: String, File: file, Line: n, Value: strings.TrimSpace(value)}
			at.Pairs = append(at.Pairs, Pair{Key: strings.TrimSpace(key), Line: n, Value: last})
		}
	}
	return root, nil
}

func cutAny(s, marks string) (before, after string, ok bool) {
	i := strings.IndexAny(s, marks)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
