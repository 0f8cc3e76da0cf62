package monitors

import (
	"bytes"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// maxText is the size in bytes past which a document is not read, maxYAML that of one which is no JSON.
const (
	maxText = 1 << 20
	maxYAML = 256 << 10
)

// maxVisits bounds the nodes that one walk meets: an alias is met again wherever it stands.
const maxVisits = 2 * document.MaxNodes

var (
	templateLine = lazy.New(`(?m)^[ \t]*\{\{[^\n]*\}\}[ \t]*$`)
	templatePart = lazy.New(`\{\{[^{}\n]*\}\}`)
)

// parse reads the documents of a YAML or JSON text; a chart's template is read without its directives. What cannot be read
// watches nothing.
func parse(text []byte) []*document.Node {
	if len(text) > maxText || len(text) > maxYAML && !startsJSON(text) {
		return nil
	}
	docs, err := document.YAML("", text)
	if err != nil && bytes.Contains(text, []byte("{{")) {
		text = templateLine.ReplaceAll(text, nil)
		for range 3 { // a template writes {{ "{{ $labels.plant }}" }} for what Prometheus is to see
			text = templatePart.ReplaceAll(text, []byte("x"))
		}
		docs, err = document.YAML("", text)
	}
	if err != nil {
		return nil
	}
	return docs
}

func startsJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}
