package checklist

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/content"
)

// Catalogue is the built-in list of items, content/items.yaml, in its order.
func Catalogue() ([]Spec, error) {
	list, err := catalogue()
	return slices.Clone(list), err
}

var catalogue = sync.OnceValues(func() ([]Spec, error) { return readCatalogue(content.Items()) })

// readCatalogue is strict: an unknown key, a second entry of one id or a broken trigger is an error.
func readCatalogue(text []byte) ([]Spec, error) {
	var list []Spec
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&list); err != nil {
		return nil, fmt.Errorf("content/items.yaml: %w", err)
	}
	seen := map[string]bool{}
	for i := range list {
		s := &list[i]
		if err := s.compile(); err != nil {
			return nil, fmt.Errorf("content/items.yaml: %w", err)
		}
		if seen[s.ID] {
			return nil, fmt.Errorf("content/items.yaml: item %s: there is another one of this id", s.ID)
		}
		seen[s.ID], s.builtIn = true, true
		if s.Guide == "" {
			s.Guide = "items/" + s.ID
		}
	}
	return list, nil
}
