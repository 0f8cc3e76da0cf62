package effective

// The Serverless Framework: the environment of each function in each stage.

import (
	"context"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// KindServerless is the kind of a unit that is a service of the Serverless Framework in one stage.
const KindServerless = "serverless service"

func loadServerless(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		base := path.Base(p)
		if !strings.HasPrefix(base, "serverless") || !yamlFile(p) && path.Ext(p) != ".json" || notConfiguration(p) || ctx.Err() != nil {
			continue
		}
		for _, n := range t.nodes(p) {
			if n.Get("provider") != nil && n.Get("service") != nil {
				units = append(units, t.serverless(p, n)...)
			}
		}
	}
	return units
}

// stages are the environments that a service's own parameters and maps name.
func (t *Tree) stages(n *document.Node) []string {
	seen := map[string]bool{}
	var list []string
	put := func(word string) {
		if e, ok := Known(word); ok && e != Testing && !seen[word] {
			seen[word] = true
			list = append(list, word)
		}
	}
	for _, from := range []*document.Node{n.Get("params"), n.Get("custom"), n.Get("stages")} {
		if from == nil {
			continue
		}
		for _, pair := range from.Pairs {
			put(pair.Key)
			if pair.Value != nil {
				for _, inner := range pair.Value.Pairs {
					put(inner.Key)
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

func (t *Tree) serverless(p string, n *document.Node) []Unit {
	stages := t.stages(n)
	if len(stages) == 0 {
		stages = []string{""}
	}
	var units []Unit
	for _, stage := range stages {
		s := &stageReader{tree: t, root: n, stage: stage, dir: path.Dir(p)}
		base := Unit{Kind: KindServerless, Root: path.Dir(p), Files: []string{p}, Variables: map[string]Variable{}, At: Place{Path: p, Line: 1}}
		if stage != "" {
			base.Environment = EnvironmentOf(stage)
		}
		s.take(&base, n.Get("provider", "environment"))
		functions := n.Get("functions")
		base.Name = n.Text("service")
		if base.Name == "" {
			base.Name = path.Base(path.Dir(p))
		}
		units = append(units, base)
		if functions == nil {
			continue
		}
		for _, f := range functions.Pairs {
			if f.Value.Get("environment") == nil {
				continue
			}
			u := base
			u.Name += "/" + f.Key
			u.At = place(functions, f.Key)
			u.Gaps, u.Variables = nil, map[string]Variable{}
			s.take(&u, n.Get("provider", "environment"))
			s.take(&u, f.Value.Get("environment"))
			units = append(units, u)
		}
	}
	return units
}

// stageReader resolves the variables of a service for one stage.
type stageReader struct {
	tree       *Tree
	root       *document.Node
	stage, dir string
	steps      int
}

var slsVariable = lazy.New(`\$\{([^${}]*)\}`)

// take adds a mapping, or the mapping that a variable stands for.
func (s *stageReader) take(u *Unit, n *document.Node) {
	if n == nil {
		return
	}
	if n.Scalar() {
		target, known := s.reference(strings.TrimSuffix(strings.TrimPrefix(s.inner(n.Value), "${"), "}"))
		if target == nil || !known {
			u.open("its environment is a variable that is not here")
			return
		}
		n = target
	}
	for _, pair := range n.Pairs {
		at := Place{n.File, pair.Line}
		if pair.File != "" {
			at.Path = pair.File
		}
		switch state, value := s.text(pair.Value); state {
		case Passed:
			u.Gaps = append(u.Gaps, Gap{Name: value, At: at, Stops: true})
		case Elsewhere:
			u.Variables[pair.Key] = elsewhere(at)
		default:
			u.Variables[pair.Key] = set(value, at)
		}
	}
}

// inner resolves the stage within a longer variable.
func (s *stageReader) inner(text string) string {
	for _, name := range []string{"${sls:stage}", "${opt:stage}", "${self:provider.stage}", "${self:custom.stage}"} {
		text = strings.ReplaceAll(text, name, s.stage)
	}
	return nestedStage.ReplaceAllString(text, s.stage)
}

var nestedStage = lazy.New(`\$\{(?:opt|sls):stage,[^{}]*(?:\{[^{}]*\})?[^{}]*\}`)

// text is a scalar's value in the stage: Passed, with the parameter's name, where nothing gives it.
func (s *stageReader) text(n *document.Node) (State, string) {
	if n == nil || n.Kind == document.Null {
		return Set, ""
	}
	if !n.Scalar() {
		return Elsewhere, ""
	}
	value := s.inner(n.Value)
	m := slsVariable.FindStringSubmatch(value)
	if m == nil {
		return Set, value
	}
	if s.steps++; s.steps > 2000 {
		return Elsewhere, ""
	}
	first, fallback, has := strings.Cut(m[1], ",")
	target, known := s.reference(first)
	switch {
	case !known:
		return Elsewhere, ""
	case target == nil && has:
		return Elsewhere, strings.TrimSpace(fallback)
	case target == nil:
		_, name, _ := strings.Cut(first, ":")
		return Passed, strings.TrimSpace(name)
	case target.Scalar() && strings.TrimSpace(value) == m[0]:
		return s.text(target)
	}
	return Elsewhere, ""
}

// reference finds what self:, param: and file() name; known is false for what is not in the repository.
func (s *stageReader) reference(expression string) (target *document.Node, known bool) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(expression), ":")
	rest = strings.TrimSpace(rest)
	switch {
	case kind == "self":
		return s.root.Get(strings.Split(rest, ".")...), true
	case kind == "param":
		params := s.root.Get("params")
		if params == nil {
			params = s.root.Get("stages")
		}
		if params == nil || strings.Contains(rest, ".") {
			return nil, false
		}
		if v := params.Get(s.stage, rest); v != nil {
			return v, true
		}
		return params.Get("default", rest), true
	case strings.HasPrefix(kind, "file("):
		name, _, ok := strings.Cut(strings.TrimPrefix(kind, "file("), ")")
		file := path.Join(s.dir, name)
		if !ok || !s.tree.Has(file) {
			return nil, false
		}
		list := s.tree.nodes(file)
		if len(list) == 0 {
			return nil, false
		}
		if rest == "" {
			return list[0], true
		}
		return list[0].Get(strings.Split(rest, ".")...), true
	}
	return nil, false
}
