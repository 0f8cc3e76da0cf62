package effective

// The Serverless Framework: the environment of each function in each stage.

import (
	"context"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
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
			if n.get("provider") != nil && n.get("service") != nil {
				units = append(units, t.serverless(p, n)...)
			}
		}
	}
	return units
}

// stages are the environments that a service's own parameters and maps name.
func (t *Tree) stages(n *node) []string {
	seen := map[string]bool{}
	var list []string
	put := func(word string) {
		if e, ok := Known(word); ok && e != Testing && !seen[word] {
			seen[word] = true
			list = append(list, word)
		}
	}
	for _, from := range []*node{n.get("params"), n.get("custom"), n.get("stages")} {
		if from == nil {
			continue
		}
		for _, pair := range from.pairs {
			put(pair.key)
			if pair.value != nil {
				for _, inner := range pair.value.pairs {
					put(inner.key)
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

func (t *Tree) serverless(p string, n *node) []Unit {
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
		s.take(&base, n.get("provider", "environment"))
		functions := n.get("functions")
		base.Name = n.text("service")
		if base.Name == "" {
			base.Name = path.Base(path.Dir(p))
		}
		units = append(units, base)
		if functions == nil {
			continue
		}
		for _, f := range functions.pairs {
			if f.value.get("environment") == nil {
				continue
			}
			u := base
			u.Name += "/" + f.key
			u.At = functions.place(f.key)
			u.Gaps, u.Variables = nil, map[string]Variable{}
			s.take(&u, n.get("provider", "environment"))
			s.take(&u, f.value.get("environment"))
			units = append(units, u)
		}
	}
	return units
}

// stageReader resolves the variables of a service for one stage.
type stageReader struct {
	tree       *Tree
	root       *node
	stage, dir string
	steps      int
}

var slsVariable = lazy.New(`\$\{([^${}]*)\}`)

// take adds a mapping, or the mapping that a variable stands for.
func (s *stageReader) take(u *Unit, n *node) {
	if n == nil {
		return
	}
	if n.scalar {
		target, known := s.reference(strings.TrimSuffix(strings.TrimPrefix(s.inner(n.value), "${"), "}"))
		if target == nil || !known {
			u.open("its environment is a variable that is not here")
			return
		}
		n = target
	}
	for _, pair := range n.pairs {
		at := Place{n.file, pair.line}
		if pair.file != "" {
			at.Path = pair.file
		}
		switch state, value := s.text(pair.value); state {
		case Passed:
			u.Gaps = append(u.Gaps, Gap{Name: value, At: at, Stops: true})
		case Elsewhere:
			u.Variables[pair.key] = elsewhere(at)
		default:
			u.Variables[pair.key] = set(value, at)
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
func (s *stageReader) text(n *node) (State, string) {
	if n == nil || n.null {
		return Set, ""
	}
	if !n.scalar {
		return Elsewhere, ""
	}
	value := s.inner(n.value)
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
	case target.scalar && strings.TrimSpace(value) == m[0]:
		return s.text(target)
	}
	return Elsewhere, ""
}

// reference finds what self:, param: and file() name; known is false for what is not in the repository.
func (s *stageReader) reference(expression string) (target *node, known bool) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(expression), ":")
	rest = strings.TrimSpace(rest)
	switch {
	case kind == "self":
		return s.root.get(strings.Split(rest, ".")...), true
	case kind == "param":
		params := s.root.get("params")
		if params == nil {
			params = s.root.get("stages")
		}
		if params == nil || strings.Contains(rest, ".") {
			return nil, false
		}
		if v := params.get(s.stage, rest); v != nil {
			return v, true
		}
		return params.get("default", rest), true
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
		return list[0].get(strings.Split(rest, ".")...), true
	}
	return nil, false
}
