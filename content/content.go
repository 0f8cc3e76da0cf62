// Package content embeds what people read: one guidance page a pattern, a detector and an item (Markdown), the
// catalogue of items (YAML) and the demo repository.
package content

import "embed"

//go:embed all:guides
var guides embed.FS

//go:embed items.yaml
var items []byte

// Guide is the Markdown page of an id ("contracts", "contracts/stale-mock", "items/consumers-told"), false without one.
func Guide(id string) (string, bool) {
	text, err := guides.ReadFile("guides/" + id + ".md")
	return string(text), err == nil
}

// Items is the catalogue of items, a YAML list of checklist.Spec.
func Items() []byte { return items }
