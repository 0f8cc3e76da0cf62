package effective

// Helm charts: a release in each environment that has values files, with the workloads that the chart renders to.

import (
	"context"
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/chart"
	"flightpoll/detectors/source/document"
)

// KindRelease is the kind of a unit that is a chart with one environment's values as its Keys.
const KindRelease = "helm release"

// The bounds of one load.
const (
	maxCharts   = 40
	maxReleases = 120
	maxKeys     = 8000
	maxRender   = 3000000 // steps, of all releases together
)

// release is a chart with the values files of one deployment, in order.
type release struct {
	name        string
	environment Environment
	files       []string
	// inline are values that an Argo CD application or a HelmRelease holds itself.
	inline []chart.Values
	// open is why more values come from elsewhere.
	open string
}

func loadHelm(ctx context.Context, t *Tree) []Unit {
	var dirs []string
	for _, p := range t.paths {
		if path.Base(p) == "Chart.yaml" && !notConfiguration(p) && len(dirs) < maxCharts {
			dirs = append(dirs, path.Dir(p))
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	applications, commanded := t.applications(), t.commandedValues()
	var units []Unit
	count, steps := 0, 0
	for _, dir := range dirs {
		// A chart in the charts folder of another is a part of it.
		if parent, ok := strings.CutSuffix(path.Dir(dir), "/charts"); ok && t.Has(path.Join(parent, "Chart.yaml")) {
			continue
		}
		c, err := chart.Read(t, dir)
		if err != nil {
			t.problem(path.Join(dir, "Chart.yaml"), err.Error())
			continue
		}
		for p, reason := range c.Problems {
			t.problem(p, reason)
		}
		list := t.releases(dir, dirs, applications[dir], commanded[dir])
		for _, r := range list {
			if count++; count > maxReleases || steps > maxRender || ctx.Err() != nil {
				t.problem(path.Join(dir, "Chart.yaml"), "more charts than are rendered in one run")
				return units
			}
			more, took := t.release(ctx, c, r)
			units, steps = append(units, more...), steps+took
		}
	}
	return units
}

// release renders a chart for one environment, and says how many steps that took.
func (t *Tree) release(ctx context.Context, c *chart.Chart, r release) ([]Unit, int) {
	u := Unit{Name: r.name, Kind: KindRelease, Environment: r.environment, Root: c.Dir, Variables: map[string]Variable{}, Keys: map[string]Variable{}, At: Place{Path: path.Join(c.Dir, "Chart.yaml")}}
	if c.Defaults != "" {
		u.Files = append(u.Files, c.Defaults)
		for _, n := range t.nodes(c.Defaults) {
			u.keys(n, "", c.Defaults, 0)
		}
		for k, v := range u.Keys {
			if v.State == Set {
				v.State = Default
				u.Keys[k] = v
			}
		}
	}
	values := chart.Values{}
	for _, p := range r.files {
		u.Files = append(u.Files, p)
		text, err := t.Read(p)
		if err == nil {
			var more chart.Values
			if more, err = chart.ParseValues(text); err == nil {
				values = chart.Merge(values, more)
			}
		}
		if err != nil {
			t.problem(p, err.Error())
			u.open(p + " could not be read")
			continue
		}
		for _, n := range t.nodes(p) {
			u.keys(n, "", p, 0)
		}
	}
	for _, more := range r.inline {
		values = chart.Merge(values, more)
	}
	if r.open != "" {
		u.open(r.open)
	}
	rendered, err := c.Render(ctx, values)
	if err != nil {
		t.problem(path.Join(c.Dir, "templates"), err.Error())
		u.open("its templates could not be rendered")
	}
	for _, m := range rendered.Misses {
		u.Gaps = append(u.Gaps, Gap{Name: m.Path, At: Place{m.At.Path, m.At.Line}, Stops: m.Stops})
	}
	return append([]Unit{u}, t.rendered(c, r, u, rendered)...), rendered.Steps
}

// rendered are the workloads of a rendering, their variables at the lines of the templates or, where a values file names
// them, of that file.
func (t *Tree) rendered(c *chart.Chart, r release, u Unit, out *chart.Rendering) []Unit {
	var list []*resource
	for _, d := range out.Documents {
		nodes, err := document.YAML(d.Path, []byte(d.Text))
		if err != nil {
			continue
		}
		for _, n := range nodes {
			relocate(n, d.Lines, map[*document.Node]bool{})
			if o := resourceOf(n, d.Path); o != nil {
				list = append(list, o)
			}
		}
	}
	why := u.Why
	if out.Unsure {
		why = out.Why
	}
	units := workloads(list, nil, c.Dir, r.environment, u.Files, why)
	names := map[string]Place{}
	for _, p := range u.Files {
		for _, n := range t.nodes(p) {
			valueNames(n, p, names, map[*document.Node]bool{})
		}
	}
	for i := range units {
		units[i].Environment, units[i].Root = r.environment, c.Dir
		for name, v := range units[i].Variables {
			if at, ok := names[name]; ok {
				v.Via, v.At = append([]Place{v.At}, v.Via...), at
				units[i].Variables[name] = v
			}
		}
	}
	return units
}

// relocate gives the nodes of a rendered text the places of its templates.
func relocate(n *document.Node, lines []chart.Place, seen map[*document.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	where := func(line int) (string, int) {
		if line < 1 || line > len(lines) {
			return "", 0
		}
		return lines[line-1].Path, lines[line-1].Line
	}
	n.File, n.Line = where(n.Line)
	for i := range n.Pairs {
		n.Pairs[i].File, n.Pairs[i].Line = where(n.Pairs[i].Line)
		relocate(n.Pairs[i].Value, lines, seen)
	}
	for _, item := range n.Items {
		relocate(item, lines, seen)
	}
}

// valueNames finds where a values file spells a variable: as a key, or as the name of a list's item.
func valueNames(n *document.Node, p string, names map[string]Place, seen map[*document.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	for _, pair := range n.Pairs {
		if upper(pair.Key) {
			names[pair.Key] = Place{p, pair.Line}
		}
		valueNames(pair.Value, p, names, seen)
	}
	for _, item := range n.Items {
		if name := item.Text("name"); upper(name) {
			names[name] = place(item, "name")
		}
		valueNames(item, p, names, seen)
	}
}

// upper says whether a text has the shape of a variable's name.
func upper(s string) bool {
	return len(s) > 2 && envName(s) && s == strings.ToUpper(s)
}

// keys adds the leaves of a document by their paths; a list is one key, and so is an empty mapping.
func (u *Unit) keys(n *document.Node, prefix, p string, depth int) {
	if n == nil || depth > document.MaxDepth || len(u.Keys) >= maxKeys {
		return
	}
	for _, pair := range n.Pairs {
		key := pair.Key
		if prefix != "" {
			key = prefix + "." + key
		}
		at := Place{p, pair.Line}
		switch v := pair.Value; {
		case v == nil || v.Kind == document.Null:
			u.Keys[key] = Variable{State: Empty, At: at}
		case v.Scalar():
			one := set(v.Value, at)
			if one.Written = v.Kind; v.Plain && word.MatchString(v.Value) {
				one.Written = document.Boolean
			}
			u.Keys[key] = one
		case len(v.Pairs) > 0:
			delete(u.Keys, key)
			u.keys(v, key, p, depth+1)
		case len(v.Items) > 0:
			u.Keys[key] = Variable{State: Set, At: at, value: strconv.Itoa(len(v.Items))}
		default:
			if !u.hasBelow(key) {
				u.Keys[key] = Variable{State: Empty, At: at}
			}
		}
	}
}

// word is a text that readers of YAML 1.1 take for a boolean.
var word = lazy.New(`^(?i:on|off|yes|no|y|n)$`)

// hasBelow says whether keys stand below a key.
func (u *Unit) hasBelow(key string) bool {
	for k := range u.Keys {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}
