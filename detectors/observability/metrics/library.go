package metrics

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

//go:embed libraries.yaml
var librariesYAML []byte

// library is one entry of libraries.yaml.
type library struct {
	Languages []source.Language `yaml:"languages"`
	Modules   []string          `yaml:"modules"`
	Call      expression        `yaml:"call"`
	Receiver  expression        `yaml:"receiver"`
	Type      expression        `yaml:"type"`
	Object    expression        `yaml:"object"`
	Name      []string          `yaml:"name"`
	Labels    []string          `yaml:"labels"`
	Unit      string            `yaml:"unit"`
	Kind      string            `yaml:"kind"`
	Style     string            `yaml:"style"`
}

// expression is a regular expression in a YAML file; the zero one matches everything.
type expression struct{ *lazy.Regexp }

// UnmarshalYAML takes the expression; it is compiled when it is first used.
func (e *expression) UnmarshalYAML(decode func(any) error) error {
	var text string
	if err := decode(&text); err != nil {
		return err
	}
	e.Regexp = lazy.New(text)
	return nil
}

// find is the match and its groups, nil for none.
func (e expression) find(text string) []string {
	if e.Regexp == nil {
		return []string{text}
	}
	return e.FindStringSubmatch(text)
}

var libraries = sync.OnceValues(func() (list []*library, err error) {
	if err := yaml.Unmarshal(librariesYAML, &list); err != nil {
		return nil, fmt.Errorf("libraries.yaml: %w", err)
	}
	return list, nil
})

// named says whether a call may give the metric's name elsewhere than in its arguments.
func (l *library) named() bool {
	return slices.ContainsFunc(l.Name, func(n string) bool { return strings.Contains(n, "|name") })
}

// serves says whether a file is in the library's language and names one of its modules.
func (l *library) serves(f *source.File) bool {
	if !slices.Contains(l.Languages, f.Lang) {
		return false
	}
	if len(l.Modules) == 0 {
		return true
	}
	for _, m := range l.Modules {
		for _, i := range f.Imports {
			if strings.Contains(i.Path, m) {
				return true
			}
		}
		if f.Lang != source.Go && strings.Contains(string(f.Text), m) {
			return true
		}
	}
	return false
}
