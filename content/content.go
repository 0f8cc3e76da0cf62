// Package content embeds what people read: one guidance page a pattern, a detector and an item (Markdown), the
// catalogue of items (YAML) and the demo repository.
package content

import "embed"

//go:embed all:guides
var guides embed.FS

// Guide is the Markdown page of an id ("contracts", "contracts/stale-mock", "items/consumers-told"), false without one.
func Guide(id string) (string, bool) {
	text, err := guides.ReadFile("guides/" + id + ".md")
	return string(text), err == nil
}
