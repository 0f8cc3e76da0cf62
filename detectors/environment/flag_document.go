package environment

// Documents that define flags: keys may hold dots, and a key that is written twice is kept twice.

import (
	"errors"
	"path"
	"strings"

	"flightpoll/detectors/source/document"
)

// readDocuments reads a file by its ending; nil and no error for one of another kind.
func readDocuments(p string, text []byte) ([]*document.Node, error) {
	if len(text) > maxConfig {
		return nil, errTooLarge
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml":
		if strings.Contains(string(text), "{{") && !strings.Contains(string(text), "kind:") {
			return nil, errors.New("a template, not a document")
		}
		return document.YAML(p, text)
	case ".json":
		return document.Alone(document.JSON(p, text))
	case ".toml":
		return document.Alone(document.TOML(p, text))
	}
	return nil, nil
}
