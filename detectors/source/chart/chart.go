package chart

// A chart as it lies in a repository: its manifest, values, templates and subcharts.

import (
	"errors"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// Files is where charts are read from. Below gives the files in a folder and its folders.
type Files interface {
	Has(path string) bool
	Below(dir string) []string
	Read(path string) ([]byte, error)
}

// Chart is one chart, with the charts that it depends on.
type Chart struct {
	// Dir is the chart's folder, Name what Chart.yaml calls it.
	Dir, Name string
	// Library charts give templates to others and render nothing.
	Library bool
	// Defaults is the path of values.yaml, empty where the chart has none.
	Defaults string
	// Outside are dependencies that the repository does not hold, by the name that their values have.
	Outside []string
	// Problems are files that could not be read, with the reason.
	Problems map[string]string

	meta      map[string]any
	values    Values
	templates templates
	sources   []string
	subcharts []dependency
	files     Files
}

type dependency struct {
	*Chart
	key, condition string
}

// The bounds of a chart.
const (
	maxTemplates = 300
	maxSubcharts = 30
	maxNesting   = 4
)

var errNoChart = errors.New("no chart")

// Read reads the chart in a folder.
func Read(files Files, dir string) (*Chart, error) { return readChart(files, dir, 0) }

func readChart(files Files, dir string, depth int) (*Chart, error) {
	if depth > maxNesting {
		return nil, errors.New("charts nested deeper than are read")
	}
	text, err := files.Read(path.Join(dir, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	meta, err := ParseValues(text)
	if err != nil {
		return nil, err
	}
	c := &Chart{Dir: dir, meta: meta, values: Values{}, templates: templates{trees: map[string]*parse.Tree{}, starts: map[string][]int{}}, files: files, Problems: map[string]string{}}
	c.Name, _ = meta["name"].(string)
	if c.Name == "" {
		return nil, errNoChart
	}
	c.Library = meta["type"] == "library"
	for _, name := range []string{"values.yaml", "values.yml"} {
		p := path.Join(dir, name)
		if !files.Has(p) {
			continue
		}
		text, err := files.Read(p)
		if err == nil {
			c.values, err = ParseValues(text)
		}
		if err != nil {
			c.Problems[p] = err.Error()
			return c, err
		}
		c.Defaults = p
		break
	}
	c.readTemplates()
	c.readDependencies(depth)
	return c, nil
}

// readTemplates parses what lies in templates/. A template that does not parse is a problem of its own.
func (c *Chart) readTemplates() {
	for _, p := range c.files.Below(path.Join(c.Dir, "templates")) {
		base := path.Base(p)
		if len(c.sources) >= maxTemplates || strings.Contains(p, "/templates/tests/") || !slices.Contains([]string{".yaml", ".yml", ".tpl", ".txt", ".json"}, path.Ext(base)) || base == "NOTES.txt" {
			continue
		}
		text, err := c.files.Read(p)
		if err == nil {
			err = c.templates.add(p, string(text))
		}
		if err != nil {
			c.Problems[p] = err.Error()
			continue
		}
		if !strings.HasPrefix(base, "_") && path.Ext(base) != ".txt" {
			c.sources = append(c.sources, p)
		}
	}
}

// readDependencies finds subcharts: folders in charts/, and file:// dependencies of Chart.yaml.
func (c *Chart) readDependencies(depth int) {
	declared, _ := c.meta["dependencies"].([]any)
	taken := map[string]bool{}
	add := func(dir, key, condition string) bool {
		if len(c.subcharts) >= maxSubcharts || taken[dir] {
			return false
		}
		sub, err := readChart(c.files, dir, depth+1)
		if err != nil {
			if c.files.Has(path.Join(dir, "Chart.yaml")) {
				c.Problems[path.Join(dir, "Chart.yaml")] = err.Error()
			}
			return false
		}
		taken[dir] = true
		if key == "" {
			key = sub.Name
		}
		c.subcharts = append(c.subcharts, dependency{sub, key, condition})
		return true
	}
	for _, d := range declared {
		m, _ := d.(map[string]any)
		name, _ := m["name"].(string)
		key, _ := m["alias"].(string)
		if key == "" {
			key = name
		}
		condition, _ := m["condition"].(string)
		repository, _ := m["repository"].(string)
		dir := path.Join(c.Dir, "charts", name)
		if local, ok := strings.CutPrefix(repository, "file://"); ok && !c.files.Has(path.Join(dir, "Chart.yaml")) {
			dir = path.Join(c.Dir, local)
		}
		if !add(dir, key, condition) && name != "" {
			c.Outside = append(c.Outside, key)
		}
	}
	for _, p := range c.files.Below(path.Join(c.Dir, "charts")) {
		if rest := strings.TrimPrefix(p, path.Join(c.Dir, "charts")+"/"); path.Base(p) == "Chart.yaml" && strings.Count(rest, "/") == 1 {
			add(path.Dir(p), "", "")
		}
	}
}

// Default is the value of a path in the chart's own values.yaml.
func (c *Chart) Default(p string) (any, bool) { return Lookup(c.values, p) }
