package chart

// Rendering: what a chart's templates say with given values.

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// Place is a line of a template.
type Place struct {
	Path string
	Line int
}

// Miss is a value that a template uses and nothing gives: the text has a gap there, or rendering stops.
type Miss struct {
	// Path is the value as the values file of the top chart would have it, with dots.
	Path string
	At   Place
	// Stops says that "helm template" ends with an error: required, or a field of what is not there.
	Stops bool
	// Required says that the template asks for it by "required".
	Required bool
}

// Document is one rendered template.
type Document struct {
	Path string
	Text string
	// Lines are the template lines that the text's lines come from; the first is line 1.
	Lines []Place
}

// Rendering is a chart with one set of values.
type Rendering struct {
	Documents []Document
	// Misses are told once for each path and line.
	Misses []Miss
	// Used are the paths of all values that templates asked for, whether they are there or not.
	Used map[string]bool
	// Steps are what it took, to be counted against the budget of a run.
	Steps int
	// Unsure says that some of the text depends on what only a cluster or an unknown function knows; Why is one clause.
	Unsure bool
	Why    string
}

// The budget of one rendering.
const (
	maxSteps  = 400000
	maxOutput = 4 << 20
	maxText   = 1 << 20
	maxDepth  = 120
)

var (
	errSteps  = errors.New("the templates take more steps than are run")
	errOutput = errors.New("the templates make more text than is read")
	errDeep   = errors.New("the templates include each other deeper than is followed")
)

// Render renders a chart; values lie over its own. What stops Helm does not stop this: it is a Miss, and the text goes on.
func (c *Chart) Render(ctx context.Context, values Values) (*Rendering, error) {
	e := &engine{ctx: ctx, out: &Rendering{Used: map[string]bool{}}, templates: templates{trees: map[string]*parse.Tree{}, starts: map[string][]int{}}, missed: map[string]bool{}}
	e.collect(c)
	err := e.chart(c, Merge(c.values, values), "")
	e.out.Steps = e.steps + e.made/64
	slices.SortFunc(e.out.Misses, func(a, b Miss) int {
		return strings.Compare(fmt.Sprintf("%s\x00%s\x00%08d", a.Path, a.At.Path, a.At.Line), fmt.Sprintf("%s\x00%s\x00%08d", b.Path, b.At.Path, b.At.Line))
	})
	return e.out, err
}

// collect takes the templates of a chart and its subcharts; the parent's replace its subcharts'.
func (e *engine) collect(c *Chart) {
	for _, sub := range c.subcharts {
		e.collect(sub.Chart)
	}
	maps.Copy(e.templates.trees, c.templates.trees)
	maps.Copy(e.templates.starts, c.templates.starts)
}

// chart renders one chart and, with the values of their scope, its subcharts.
func (e *engine) chart(c *Chart, values Values, scope string) error {
	global, _ := values["global"].(map[string]any)
	for _, sub := range c.subcharts {
		if sub.condition != "" {
			if on, known := firstBool(values, sub.condition); known && !on {
				continue
			}
		}
		under, _ := values[sub.key].(map[string]any)
		inner := Merge(sub.values, under)
		own, _ := inner["global"].(map[string]any)
		inner["global"] = Merge(own, global)
		if err := e.chart(sub.Chart, inner, scope+sub.key+"."); err != nil {
			return err
		}
	}
	if c.Library {
		return nil
	}
	if values["global"] == nil {
		values = maps.Clone(values)
		values["global"] = map[string]any{}
	}
	for _, p := range c.sources {
		tree := e.templates.trees[p]
		if tree == nil {
			continue
		}
		e.scope, e.current = scope, c
		text, err := e.document(tree, c.dot(p, values))
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		e.out.Documents = append(e.out.Documents, Document{Path: p, Text: text.String(), Lines: text.lines})
	}
	return nil
}

// firstBool is the first of a comma-separated list of paths that is a boolean.
func firstBool(values Values, paths string) (on, known bool) {
	for p := range strings.SplitSeq(paths, ",") {
		v, _ := Lookup(values, strings.TrimSpace(p))
		if on, known = v.(bool); known {
			return on, known
		}
	}
	return false, false
}

// dot is what a template sees as its root.
func (c *Chart) dot(p string, values Values) map[string]any {
	meta := map[string]any{}
	for k, v := range c.meta {
		if k != "" {
			meta[strings.ToUpper(k[:1])+k[1:]] = v
		}
	}
	return map[string]any{
		"Values":  valuesRoot{values},
		"Chart":   meta,
		"Release": map[string]any{"Name": "release", "Namespace": "default", "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": int64(1)},
		"Template": map[string]any{
			"Name": path.Join(c.Name, strings.TrimPrefix(p, c.Dir+"/")), "BasePath": path.Join(c.Name, "templates"),
		},
		"Capabilities": map[string]any{
			"KubeVersion": map[string]any{"Version": "v1.34.0", "GitVersion": "v1.34.0", "Major": "1", "Minor": "34"},
			"HelmVersion": map[string]any{"Version": "v3.19.0"},
			"APIVersions": map[string]any{"Has": method(func([]any) any { return true })},
		},
		"Files":     c.fileMethods(),
		"Subcharts": map[string]any{},
	}
}

// fileMethods are .Files, for the chart's own files.
func (c *Chart) fileMethods() map[string]any {
	get := func(args []any) any {
		if len(args) != 1 {
			return ""
		}
		name, _ := args[0].(string)
		p := path.Join(c.Dir, name)
		if !strings.HasPrefix(p, c.Dir+"/") && c.Dir != "." || !c.files.Has(p) {
			return ""
		}
		text, err := c.files.Read(p)
		if err != nil || len(text) > maxTemplate {
			return unknown{}
		}
		return string(text)
	}
	return map[string]any{
		"Get":   method(get),
		"Lines": method(func([]any) any { return unknown{} }),
		"Glob":  method(func([]any) any { return unknown{} }),
	}
}
