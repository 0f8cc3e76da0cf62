package effective

// Kustomizations: bases, components, patches and generators, in the order in which kustomize applies them
// (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/). Nothing remote is fetched, no plugin and no chart
// is run: what they would bring opens the units.

import (
	"context"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// The bounds of one kustomization and of all.
const (
	maxBuilds    = 600
	maxBuildDeep = 20
	maxResources = 3000
)

func isKustomization(p string) bool {
	switch path.Base(p) {
	case "kustomization.yaml", "kustomization.yml", "Kustomization":
		return true
	}
	return false
}

// build is what one kustomization gives.
type build struct {
	resources []*resource
	files     []string
	// open is why resources may be missing.
	open string
}

type kustomizer struct {
	tree  *Tree
	built map[string]*build
	// used are the files that some kustomization takes.
	used  map[string]bool
	stack []string
	// count bounds the resources of all builds together, as components can multiply them.
	count int
}

// kustomization is the file of a folder, empty without one.
func (t *Tree) kustomization(dir string) string {
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if p := path.Join(dir, name); t.Has(p) {
			return p
		}
	}
	return ""
}

// units builds the kustomizations that others do not build upon, and those that are an environment's.
func (k *kustomizer) units(ctx context.Context) []Unit {
	var dirs []string
	for _, p := range k.tree.paths {
		if isKustomization(p) && len(dirs) < maxBuilds {
			dirs = append(dirs, path.Dir(p))
		}
	}
	below := map[string]bool{}
	for _, dir := range dirs {
		if ctx.Err() != nil {
			return nil
		}
		for _, doc := range k.tree.nodes(k.tree.kustomization(dir)) {
			for _, field := range []string{"resources", "bases", "components"} {
				for _, r := range doc.List(field) {
					below[path.Join(dir, r.Value)] = true
				}
			}
		}
	}
	var units []Unit
	for _, dir := range dirs {
		e, _, root := InFolder(dir)
		for _, doc := range k.tree.nodes(k.tree.kustomization(dir)) {
			if doc.Text("kind") == "Component" {
				below[dir] = true
			}
		}
		if below[dir] && !e.Deployed() || ctx.Err() != nil {
			k.build(dir)
			continue
		}
		b := k.build(dir)
		if b == nil {
			continue
		}
		units = append(units, workloads(b.resources, nil, root, e, b.files, b.open)...)
	}
	return units
}

// build makes what kustomize build would make of a folder, nil when it cannot be read.
func (k *kustomizer) build(dir string) *build {
	if b, ok := k.built[dir]; ok {
		return b
	}
	p := k.tree.kustomization(dir)
	if slices.Contains(k.stack, dir) || len(k.stack) > maxBuildDeep {
		k.tree.problem(p, "builds upon itself")
		return nil
	}
	k.stack = append(k.stack, dir)
	b := &build{}
	k.apply(b, dir, p)
	k.stack = k.stack[:len(k.stack)-1]
	k.built[dir] = b
	return b
}

func (b *build) miss(why string) {
	if b.open == "" {
		b.open = why
	}
}

// apply lays one kustomization over what is there.
func (k *kustomizer) apply(b *build, dir, p string) {
	k.used[p] = true
	docs := k.tree.nodes(p)
	if len(docs) == 0 {
		b.miss(p + " could not be read")
		return
	}
	n := docs[0]
	for _, field := range []string{"resources", "bases"} {
		for _, r := range n.List(field) {
			k.resource(b, dir, r.Value)
		}
	}
	for _, c := range n.List("components") {
		target := path.Join(dir, c.Value)
		switch file := k.tree.kustomization(target); {
		case file == "" || remote(c.Value):
			b.miss("a component is not in the repository")
		case slices.Contains(k.stack, target) || len(k.stack) > maxBuildDeep:
			k.tree.problem(file, "builds upon itself")
		default:
			k.stack = append(k.stack, target)
			k.apply(b, target, file)
			k.stack = k.stack[:len(k.stack)-1]
		}
	}
	for _, field := range []string{"helmCharts", "helmChartInflationGenerator", "generators", "transformers"} {
		if n.List(field) != nil {
			b.miss(p + " runs " + field)
		}
	}
	k.generate(b, n, dir, p, "configMapGenerator", "ConfigMap")
	k.generate(b, n, dir, p, "secretGenerator", "Secret")
	k.patches(b, n, dir, p)
	for _, r := range b.resources {
		if ns := n.Text("namespace"); ns != "" {
			r.namespace = ns
		}
	}
	b.addFile(p)
}

func (b *build) addFile(p string) {
	if !slices.Contains(b.files, p) {
		b.files = append(b.files, p)
	}
}

// resource adds a file's objects, or what another kustomization gives.
func (k *kustomizer) resource(b *build, dir, name string) {
	target := path.Join(dir, name)
	switch {
	case remote(name) || strings.Contains(name, "?ref="):
		b.miss("a base is remote")
	case k.tree.Has(target):
		k.used[target] = true
		b.addFile(target)
		k.add(b, k.tree.resources(target))
	case k.tree.kustomization(target) != "":
		inner := k.build(target)
		if inner == nil {
			b.miss(target + " builds upon itself")
			return
		}
		if inner.open != "" {
			b.miss(inner.open)
		}
		for _, f := range inner.files {
			b.addFile(f)
		}
		k.add(b, inner.resources)
	default:
		b.miss("the base " + target + " is not in the repository")
	}
}

// add takes copies of resources, as later patches are of this build alone.
func (k *kustomizer) add(b *build, list []*resource) {
	for _, r := range list {
		if k.count++; k.count > maxResources*10 || len(b.resources) > maxResources {
			b.miss("there are more resources than are read")
			return
		}
		own := *r
		b.resources = append(b.resources, &own)
	}
}

// generate makes the ConfigMaps or Secrets of a generator: literals, files and env files.
func (k *kustomizer) generate(b *build, n *document.Node, dir, p, field, kind string) {
	for _, g := range n.List(field) {
		name := g.Text("name")
		data := &document.Node{Kind: document.Object, File: p, Line: g.Line}
		put := func(key, value string, at Place) {
			data.Pairs = append(data.Pairs, document.Pair{Key: key, File: at.Path, Line: at.Line, Value: &document.Node{Kind: document.String, File: at.Path, Line: at.Line, Value: value}})
		}
		for _, l := range g.List("literals") {
			if key, value, ok := strings.Cut(l.Value, "="); ok {
				put(key, strings.Trim(value, `"'`), Place{p, l.Line})
			}
		}
		for _, f := range g.List("files") {
			key, file, ok := strings.Cut(f.Value, "=")
			if !ok {
				key, file = path.Base(f.Value), f.Value
			}
			k.used[path.Join(dir, file)] = true
			put(key, "", Place{p, f.Line})
		}
		envs := g.List("envs")
		if e := g.Get("env"); e != nil && e.Scalar() {
			envs = append(slices.Clone(envs), e)
		}
		for _, e := range envs {
			file := path.Join(dir, e.Value)
			lines, ok := k.tree.envFile(file)
			if !ok {
				b.miss("the env file " + file + " is not in the repository")
				put("\x00open", "", Place{p, e.Line})
				continue
			}
			b.addFile(file)
			for _, l := range lines {
				put(l.name, l.value, Place{file, l.line})
			}
		}
		made := &document.Node{Kind: document.Object, File: p, Line: g.Line, Pairs: []document.Pair{{Key: "data", Line: g.Line, Value: data}, {Key: "metadata", Line: g.Line, Value: &document.Node{Kind: document.Object, File: p, Line: g.Line, Pairs: []document.Pair{{Key: "name", File: p, Line: g.Line, Value: &document.Node{Kind: document.String, Value: name}}}}}}}
		behaviour := g.Text("behavior")
		if old := b.find(kind, name); old != nil && behaviour != "" && behaviour != "create" {
			if behaviour == "merge" {
				made = merged(old.node, made, true, 0)
			}
			old.node = made
			continue
		}
		b.resources = append(b.resources, &resource{kind: kind, group: "v1", name: name, node: made, from: p})
	}
}

func (b *build) find(kind, name string) *resource {
	for _, r := range b.resources {
		if r.kind == kind && r.name == name {
			return r
		}
	}
	return nil
}
