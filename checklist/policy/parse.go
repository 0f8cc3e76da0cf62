package policy

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// What a policy file may be at most: a page of rules, not a program.
const (
	maxSize  = 1 << 20
	maxDepth = 32
)

// warnBefore is how early a lapsing ignore is said.
const warnBefore = 14 * 24 * time.Hour

func parse(name string, text []byte, now time.Time) (Policy, []string, error) {
	root, err := readTree(name, text)
	if err != nil {
		return Policy{}, nil, err
	}
	var p Policy
	d := document{name: name, root: root}
	if root != nil {
		if err := d.fits(root, reflect.TypeFor[Policy](), ""); err != nil {
			return Policy{}, nil, err
		}
		if err := yaml.NodeToValue(root, &p, yaml.Strict()); err != nil {
			return Policy{}, nil, d.syntax(err)
		}
	}
	if err := d.check(&p); err != nil {
		return Policy{}, nil, err
	}
	p.fill()
	return p, d.lapsing(p, now), nil
}

// readTree parses the one document of the file; nil when it is empty. The parser takes quadratic time for deep
// nesting, so that is refused before.
func readTree(name string, text []byte) (ast.Node, error) {
	switch {
	case len(text) > maxSize:
		return nil, fmt.Errorf("%s: larger than %d MB: expected a policy of some KB", name, maxSize>>20)
	case len(text) == 0:
		return nil, nil
	}
	if line := tooDeep(string(text)); line > 0 {
		return nil, fmt.Errorf("%s:%d: nested deeper than %d levels", name, line, maxDepth)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, document{name: name}.syntax(err)
	}
	switch len(file.Docs) {
	case 0:
		return nil, nil
	case 1:
		return file.Docs[0].Body, nil
	}
	return nil, fmt.Errorf("%s: %d documents: expected one", name, len(file.Docs))
}

// tooDeep is the first line (from 1) that nests too deep, or goes on for longer than any rule; 0 for none.
func tooDeep(text string) int {
	depth := 0
	for i, line := range strings.Split(text, "\n") {
		if len(line) > 64<<10 {
			return i + 1
		}
		depth += strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
		indent := len(line) - len(strings.TrimLeft(line, " \t-?"))
		if depth > maxDepth || indent > 4*maxDepth || strings.Count(line, "[")+strings.Count(line, "{") > 8*maxDepth ||
			strings.Count(line, "&")+strings.Count(line, "!") > 8*maxDepth {
			return i + 1
		}
	}
	return 0
}

// document is a parsed file with its name, for errors that say where.
type document struct {
	name string
	root ast.Node
}

// syntax puts an error of the YAML library into one line with its place.
func (d document) syntax(err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", d.name, at.GetToken().Position.Line, at.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s: %s", d.name, first)
}

// errorAt is an error about the value at a YAML path ("$.ignore[1].until"), with its line.
func (d document) errorAt(path, format string, args ...any) error {
	return fmt.Errorf("%s: %s", d.place(path), fmt.Sprintf(format, args...))
}

// place is "name:line" of the nearest thing that is there on the way to a path.
func (d document) place(path string) string {
	for path != "" && d.root != nil {
		if p, err := yaml.PathString(path); err == nil {
			if n, err := p.FilterNode(d.root); err == nil && n != nil && n.GetToken() != nil {
				return fmt.Sprintf("%s:%d", d.name, n.GetToken().Position.Line)
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return d.name
}

// fill puts the defaults in.
func (p *Policy) fill() {
	if p.Version == 0 {
		p.Version = 1
	}
	weights := map[detectors.Pattern]int{}
	for _, pattern := range detectors.Patterns {
		weights[pattern] = checklist.DefaultWeight(pattern)
		if w, ok := p.Weights[pattern]; ok {
			weights[pattern] = w
		}
	}
	p.Weights = weights
	if len(p.Require.Signers) == 0 {
		p.Require.Signers = map[string]int{"author": 1}
	}
	if p.Require.Freshness == "" {
		p.Require.Freshness = "delta"
	}
	if p.Require.MaxAge == "" {
		p.Require.MaxAge = "14d"
	}
}
