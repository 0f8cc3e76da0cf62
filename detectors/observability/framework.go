package observability

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors/source"
)

//go:embed frameworks.yaml
var frameworksYAML []byte

//go:embed models.yaml
var modelsYAML []byte

// framework is one entry of frameworks.yaml, which explains the keys.
type framework struct {
	Name       string          `yaml:"name"`
	Languages  []string        `yaml:"languages"`
	Imports    []string        `yaml:"imports"`
	Server     bool            `yaml:"server"`
	Words      []string        `yaml:"words"`
	Calls      []registration  `yaml:"calls"`
	Decorators []decoration    `yaml:"decorators"`
	Functions  []functionShape `yaml:"functions"`
	Classes    []classShape    `yaml:"classes"`
	Keys       []keyShape      `yaml:"keys"`
	Polls      []pollShape     `yaml:"polls"`
	Middleware []frontShape    `yaml:"middleware"`
	Logs       []frontShape    `yaml:"logs"`
	Fronts     []frontClass    `yaml:"fronts"`
	Brings     []string        `yaml:"brings"`
	Order      string          `yaml:"order"`
}

type registration struct {
	Kind     string  `yaml:"kind"`
	Method   pattern `yaml:"method"`
	Receiver pattern `yaml:"receiver"`
	New      bool    `yaml:"new"`
	First    string  `yaml:"first"`
	Handler  string  `yaml:"handler"`
}

type decoration struct {
	Kind          string  `yaml:"kind"`
	Method        pattern `yaml:"method"`
	Receiver      string  `yaml:"receiver"`
	ReceiverMatch pattern `yaml:"receiver_match"`
	Path          string  `yaml:"path"`
}

type functionShape struct {
	Kind           string  `yaml:"kind"`
	Name           pattern `yaml:"name"`
	Params         pattern `yaml:"params"`
	FirstParam     pattern `yaml:"first_param"`
	Results        pattern `yaml:"results"`
	ReceiverEmbeds pattern `yaml:"receiver_embeds"`
	Path           string  `yaml:"path"`
	Owner          pattern `yaml:"owner"`
	Exported       bool    `yaml:"exported"`
	Async          bool    `yaml:"async"`
}

type classShape struct {
	Kind    string  `yaml:"kind"`
	Name    pattern `yaml:"name"`
	Base    pattern `yaml:"base"`
	Methods pattern `yaml:"methods"`
	Path    string  `yaml:"path"`
	// Decorator is a decorator, annotation or attribute of the class.
	Decorator pattern `yaml:"decorator"`
}

// keyShape is a function among the values of an object: `Mutation: { hire: async (_, args) => {...} }`.
type keyShape struct {
	Kind   string  `yaml:"kind"`
	Object pattern `yaml:"object"`
	Name   pattern `yaml:"name"`
	// Params is matched with the beginning of the function's text.
	Params pattern `yaml:"params"`
	Path   string  `yaml:"path"`
}

// pollShape is a call by which the function around it fetches its own work.
type pollShape struct {
	Kind     string  `yaml:"kind"`
	Method   pattern `yaml:"method"`
	Receiver pattern `yaml:"receiver"`
	Loop     bool    `yaml:"loop"`
}

// frontShape is a call (method, receiver), an object key (key, value) or an assignment (setting) that stands in front
// of every handler.
type frontShape struct {
	Method   pattern `yaml:"method"`
	Receiver pattern `yaml:"receiver"`
	Key      pattern `yaml:"key"`
	Value    pattern `yaml:"value"`
	Setting  pattern `yaml:"setting"`
}

// frontClass is a class that stands in front of every handler, by its base, an annotation of it, or its name.
type frontClass struct {
	Base      pattern `yaml:"base"`
	Decorator pattern `yaml:"decorator"`
	Name      pattern `yaml:"name"`
}

// brought are the signals that the framework leaves by itself.
func (f *framework) brought() signal {
	var s signal
	for _, b := range f.Brings {
		switch b {
		case "log":
			s |= logged
		case "metric":
			s |= metered
		case "span":
			s |= spanned
		}
	}
	return s
}

// modelCall is one entry of models.yaml.
type modelCall struct {
	Languages []string `yaml:"languages"`
	Imports   []string `yaml:"imports"`
	Call      pattern  `yaml:"call"`
	URL       pattern  `yaml:"url"`
	// Text is what the file says beside the call, where neither an import nor the call's name is enough.
	Text pattern `yaml:"text"`
}

// tables are the frameworks and model calls that are known.
type tables struct {
	frameworks []*framework
	models     []*modelCall
}

var known = sync.OnceValues(func() (*tables, error) {
	t := &tables{}
	if err := yaml.Unmarshal(frameworksYAML, &t.frameworks); err != nil {
		return nil, fmt.Errorf("frameworks.yaml: %w", err)
	}
	if err := yaml.Unmarshal(modelsYAML, &t.models); err != nil {
		return nil, fmt.Errorf("models.yaml: %w", err)
	}
	return t, nil
})

// applies says whether a framework may be used in the file: its language, and an import of it.
func (f *framework) applies(file *source.File) bool {
	return slices.Contains(f.Languages, family(file.Lang)) && (len(f.Imports) == 0 || importsAny(file, f.Imports))
}

// importsAny says whether the file imports one of the modules or something below them.
func importsAny(file *source.File, modules []string) bool {
	for _, i := range file.Imports {
		for _, m := range modules {
			if i.Path == m || strings.HasPrefix(i.Path, m) && (strings.HasSuffix(m, "/") || strings.HasSuffix(m, `\`) || strings.ContainsAny(i.Path[len(m):len(m)+1], `/.:\`)) {
				return true
			}
		}
	}
	return false
}
