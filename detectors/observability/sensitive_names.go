package observability

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors/lazy"
)

//go:embed sensitive.yaml
var sensitiveYAML []byte

// sensitivity is sensitive.yaml.
type sensitivity struct {
	Secrets    pattern  `yaml:"secrets"`
	Tokens     pattern  `yaml:"tokens"`
	Personal   pattern  `yaml:"personal"`
	Mild       pattern  `yaml:"mild"`
	About      pattern  `yaml:"about"`
	Delicate   pattern  `yaml:"delicate"`
	Harmless   pattern  `yaml:"harmless"`
	Dumps      pattern  `yaml:"dumps"`
	Methods    pattern  `yaml:"methods"`
	Headers    pattern  `yaml:"headers"`
	Bodies     pattern  `yaml:"bodies"`
	Attributes pattern  `yaml:"attributes"`
	Redactors  []string `yaml:"redactors"`
}

var sensitivities = sync.OnceValues(func() (*sensitivity, error) {
	s := &sensitivity{}
	if err := yaml.Unmarshal(sensitiveYAML, s); err != nil {
		return nil, fmt.Errorf("sensitive.yaml: %w", err)
	}
	return s, nil
})

// care says how much a name matters.
type care int

// The degrees: a policy may allow mild ones; a token is one where code signs in.
const (
	careless care = iota
	mild
	contextual
	grave
)

// of judges a name.
func (s *sensitivity) of(name string) care {
	name = strings.Trim(snake(name), "_$@")
	switch {
	case name == "" || s.About.match(name):
		return careless
	case s.Secrets.match(name) || s.Personal.match(name):
		return grave
	case s.Tokens.match(name):
		return contextual
	case s.Mild.match(name):
		return mild
	}
	return careless
}

// expressionPath is an expression that names a value: identifiers, members, literal keys, calls without computation.
var (
	expressionPath = lazy.New(`^[%?&*@$]*[\w$@]+(?:(?:\.|\?\.|->|::|!\.)[\w$]+(?:\(\s*["':\w-]*\s*\))?|\(\s*["':\w-]*\s*\)|\[\s*["':\w-]+\s*\])*[!?]?$`)
	literalKey     = regexp.MustCompile(`[\[(]\s*:?["']?([A-Za-z][\w-]*)["']?\s*[\])]$`)
)

// terminal is the name at the end of an expression: password in user.password, authorization in headers["authorization"].
func terminal(text string) string {
	text = strings.TrimRight(text, "!?")
	if m := literalKey.FindStringSubmatch(text); m != nil {
		if strings.ContainsAny(m[0], "\"':") {
			return m[1]
		}
		text = text[:len(text)-len(m[0])]
	}
	text = strings.TrimSuffix(text, "()")
	ids := identifiers(strings.ReplaceAll(strings.ReplaceAll(text, "->", "."), "::", "."))
	if len(ids) == 0 {
		return ""
	}
	name := ids[len(ids)-1]
	for _, wrap := range []string{"get", "Get"} { // getPassword()
		if rest, ok := strings.CutPrefix(name, wrap); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return rest
		}
	}
	return name
}

// find is the first group of the first match, "" for none.
func (p pattern) find(text string) string {
	if p.Regexp == nil {
		return ""
	}
	if m := p.FindStringSubmatch(text); len(m) > 1 {
		return m[1]
	}
	return ""
}

// at is where the first match begins, -1 for none.
func (p pattern) at(text string) int {
	if p.Regexp == nil {
		return -1
	}
	if m := p.FindStringIndex(text); m != nil {
		return m[0]
	}
	return -1
}
