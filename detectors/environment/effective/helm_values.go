package effective

// Which values files a chart is deployed with: by their names and places, and as Argo CD and Flux say.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/chart"
	"flightpoll/detectors/source/document"
)

// valuesFile says whether a YAML file's name or folder is that of values, and whether it holds secrets encrypted.
func valuesFile(p string) (is, secret bool) {
	if !yamlFile(p) || strings.Contains(p, "/templates/") || strings.Contains(p, "/ci/") {
		return false, false
	}
	base := strings.ToLower(path.Base(p))
	switch {
	case strings.HasPrefix(base, "chart."), strings.HasPrefix(base, "kustomization"), strings.Contains(base, "example"), strings.Contains(base, "schema"):
		return false, false
	case strings.HasPrefix(base, "secrets"):
		return true, true
	case strings.Contains(base, "values"):
		return true, false
	}
	for part := range strings.SplitSeq(strings.ToLower(path.Dir(p)), "/") {
		if part == "values" || part == "environments" || part == "envs" || part == "env" {
			return true, false
		}
	}
	return false, false
}

// releases are the deployments of a chart: those that an application describes, else one for each environment's files.
// commanded are the values files that command lines name, which leave no others. Without any the chart stands with its own values.
func (t *Tree) releases(dir string, dirs []string, applications []release, commanded []string) []release {
	if len(applications) > 0 {
		return applications
	}
	type group struct {
		environment Environment
		key         string
	}
	groups := map[group][]string{}
	var order []group
	var secrets, shared []string
	files := t.valuesNear(dir, dirs)
	if slices.ContainsFunc(commanded, func(p string) bool { _, word, _ := InPath(p); return word != "" }) {
		files = commanded
	}
	for _, p := range files {
		_, secret := valuesFile(p)
		e, word, root := InPath(p)
		if word == "" {
			if (inBaseWords(path.Base(p)) || slices.Contains(commanded, p)) && p != path.Join(dir, "values.yaml") {
				shared = append(shared, p)
			}
			continue
		}
		if secret {
			secrets = append(secrets, p)
			continue
		}
		// Files of one folder go together; those that name the environment themselves are a deployment each.
		key := root + "\x00" + word
		if _, inName := InName(path.Base(p)); inName != "" {
			key = root + "\x00" + path.Base(p)
		}
		g := group{e, key}
		if len(groups[g]) == 0 {
			order = append(order, g)
		}
		groups[g] = append(groups[g], p)
	}
	var list []release
	for _, g := range order {
		r := release{name: path.Base(dir), environment: g.environment}
		if slices.ContainsFunc(order, func(o group) bool { return o.environment == g.environment && o.key != g.key }) {
			_, own, _ := strings.Cut(g.key, "\x00")
			r.name += " " + own
		}
		for _, p := range shared {
			if strings.HasPrefix(path.Dir(groups[g][0])+"/", path.Dir(p)+"/") || slices.Contains(commanded, p) {
				r.files = append(r.files, p)
			}
		}
		r.files = append(r.files, groups[g]...)
		for _, p := range secrets {
			if e, _, _ := InPath(p); e == g.environment {
				r.files = append(r.files, p)
			}
		}
		list = append(list, r)
	}
	if len(list) == 0 {
		list = []release{{name: path.Base(dir)}}
	}
	return list
}

func inBaseWords(name string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '.' || c == '-' || c == '_' }), func(w string) bool { return slices.Contains(baseWords, w) })
}

// valuesNear are the values files that belong to a chart: in its folder, in a folder that its name is in, or beside it
// where no other chart is.
func (t *Tree) valuesNear(dir string, dirs []string) []string {
	var list []string
	above := path.Dir(dir)
	alone := !slices.ContainsFunc(dirs, func(d string) bool { return d != dir && !strings.HasPrefix(d, dir+"/") })
	for _, p := range t.paths {
		is, _ := valuesFile(p)
		if !is || strings.Contains(strings.TrimPrefix(p, dir+"/"), "charts/") && !strings.HasPrefix(p, dir+"/") {
			continue
		}
		named := slices.Contains(strings.FieldsFunc(p, func(c rune) bool { return c == '/' || c == '.' }), path.Base(dir))
		inside := strings.HasPrefix(p, dir+"/") || dir == "."
		if inside || alone && (strings.HasPrefix(p, above+"/") || above == "." || strings.Contains(path.Base(p), "values")) || named && !slices.ContainsFunc(dirs, func(d string) bool { return d != dir && strings.HasPrefix(p, d+"/") }) {
			list = append(list, p)
		}
	}
	return list
}

// applications are the Argo CD applications and Flux releases of charts in the repository, by the chart's folder.
func (t *Tree) applications() map[string][]release {
	all := map[string][]release{}
	seen := 0
	for _, p := range t.paths {
		if !yamlFile(p) || notConfiguration(p) || strings.Contains(p, "/.github/") {
			continue
		}
		if seen++; seen > maxManifests {
			break
		}
		text, ok := t.peek(p)
		if !ok || !strings.Contains(text, "argoproj.io/") && !strings.Contains(text, "helm.toolkit.fluxcd.io/") {
			continue
		}
		for _, n := range t.nodes(p) {
			switch n.Text("kind") {
			case "Application":
				t.argo(n, p, all)
			case "HelmRelease":
				dir := path.Clean(n.Text("spec", "chart", "spec", "chart"))
				if !t.Has(path.Join(dir, "Chart.yaml")) {
					continue
				}
				r := named(n, p)
				r.inline = append(r.inline, values(n.Get("spec", "values"), document.MaxNodes))
				if n.Get("spec", "valuesFrom") != nil {
					r.open = "it takes values from an object of the cluster"
				}
				all[dir] = append(all[dir], r)
			}
		}
	}
	return all
}

// named is a release with the environment of its manifest: by the path, the object's name or the namespace that it goes to.
func named(n *document.Node, p string) release {
	r := release{name: n.Text("metadata", "name")}
	r.environment, _, _ = InPath(p)
	for _, text := range []string{r.name, n.Text("spec", "destination", "namespace"), n.Text("metadata", "namespace"), n.Text("spec", "destination", "name")} {
		if e, word := InName(text); word != "" {
			if r.environment == Everywhere {
				r.environment = e
			}
			r.name = withoutWord(r.name, word)
		}
	}
	return r
}

func (t *Tree) argo(n *document.Node, p string, all map[string][]release) {
	sources := n.List("spec", "sources")
	if one := n.Get("spec", "source"); one != nil {
		sources = append([]*document.Node{one}, sources...)
	}
	for _, s := range sources {
		dir := path.Clean(s.Text("path"))
		if s.Text("path") == "" || !t.Has(path.Join(dir, "Chart.yaml")) {
			continue
		}
		r := named(n, p)
		for _, f := range s.List("helm", "valueFiles") {
			file := path.Join(dir, f.Value)
			if rest, ok := strings.CutPrefix(f.Value, "$"); ok {
				_, rest, _ = strings.Cut(rest, "/")
				file = path.Clean(rest)
			} else if strings.HasPrefix(f.Value, "/") {
				file = path.Clean(f.Value[1:])
			}
			if !t.Has(file) {
				r.open = "its values file " + path.Base(file) + " is not in the repository"
				continue
			}
			if e, _, _ := InPath(file); r.environment == Everywhere {
				r.environment = e
			}
			r.files = append(r.files, file)
		}
		if inline := s.Get("helm", "valuesObject"); inline != nil {
			r.inline = append(r.inline, values(inline, document.MaxNodes))
		}
		if text := s.Text("helm", "values"); text != "" {
			if v, err := chart.ParseValues([]byte(text)); err == nil {
				r.inline = append(r.inline, v)
			}
		}
		for _, parameter := range s.List("helm", "parameters") {
			r.inline = append(r.inline, nested(parameter.Text("name"), parameter.Text("value")))
		}
		all[dir] = append(all[dir], r)
	}
}

// nested is one value at a path with dots.
func nested(key, value string) chart.Values {
	parts := strings.Split(key, ".")
	var v any = value
	for i := len(parts) - 1; i >= 0 && len(parts) < 40; i-- {
		v = chart.Values{parts[i]: v}
	}
	out, _ := v.(chart.Values)
	return out
}

// values are a mapping as a chart's values, of at most so many nodes: an alias counts each time.
func values(n *document.Node, most int) chart.Values {
	left := most
	var read func(n *document.Node, depth int) chart.Values
	read = func(n *document.Node, depth int) chart.Values {
		out := chart.Values{}
		if n == nil || depth > document.MaxDepth {
			return out
		}
		for _, pair := range n.Pairs {
			if left--; left < 0 {
				break
			}
			switch v := pair.Value; {
			case v == nil || v.Kind == document.Null:
				out[pair.Key] = nil
			case v.Scalar():
				out[pair.Key] = v.Value
			case v.Items != nil:
				out[pair.Key] = []any{}
			default:
				out[pair.Key] = read(v, depth+1)
			}
		}
		return out
	}
	return read(n, 0)
}
