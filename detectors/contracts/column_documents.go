package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

var seedFolder = lazy.New(`(?i)(^|/)(fixtures?|seeds?|testdata|seeders?|data|snapshots)(/|$)`)

// tableOfFile is the table that a seed or fixture is named after: db/seeds/02_orders.csv.
func tableOfFile(p string) string {
	stem, _, _ := strings.Cut(path.Base(p), ".")
	return strings.ToLower(strings.TrimLeft(stem, "0123456789_-"))
}

// inDocument looks for the column in a YAML or JSON file: rows of a fixture named after the table, rows below a key of its name,
// Django's {"model": "app.thing", "fields": {...}}, a dbt model's list of columns, SQL in a string of a dashboard or report.
func (c columnChange) inDocument(p, text string) namer {
	t := documentOf([]byte(text))
	if t == nil {
		return namer{}
	}
	d := documentNamer{columnChange: c, rows: seedFolder.MatchString(p) && tableOfFile(p) == c.table}
	d.walk(t, "", 0)
	return d.found
}

type documentNamer struct {
	columnChange
	// rows: the file is named after the table, its mappings are rows.
	rows  bool
	found namer
}

func (d *documentNamer) walk(t *document.Node, under string, depth int) {
	if t == nil || depth > maxNesting || d.found.line > 0 {
		return
	}
	if t.Kind == document.String && len(t.Value) > 10 && sqlStart.MatchString(t.Value) {
		if n := d.inSQL(t.Value, 0, "the report's query"); n.line > 0 {
			d.found = namer{n.what, t.Line + max(0, n.line-1)}
			if !strings.Contains(t.Value, "\n") {
				d.found.line = t.Line
			}
			return
		}
	}
	if d.column != "" {
		d.mapping(t, under)
	}
	for _, m := range t.Pairs {
		d.walk(m.Value, m.Key, depth+1)
	}
	for _, item := range t.Items {
		d.walk(item, under, depth+1)
	}
}

// mapping looks at one mapping as a row, a fixture or a model.
func (d *documentNamer) mapping(t *document.Node, under string) {
	if model := t.Text("model"); model != "" && strings.ReplaceAll(strings.ToLower(model), ".", "_") == d.table {
		d.key(t.Get("fields"), "the fixture")
	}
	if name := t.Text("name"); strings.EqualFold(name, d.table) {
		if columns := t.Get("columns"); columns != nil {
			for _, item := range columns.Items {
				if strings.EqualFold(item.Text("name"), d.column) {
					d.found = namer{"the model's list of columns", item.Get("name").Line}
				}
			}
		}
	}
	if (d.rows || strings.EqualFold(under, d.table)) && d.found.line == 0 && len(t.Pairs) > 1 && !slices.ContainsFunc(t.Pairs, func(m document.Pair) bool { return m.Key == "columns" || m.Key == "properties" }) {
		d.key(t, "the fixture")
	}
}

func (d *documentNamer) key(t *document.Node, what string) {
	if t == nil {
		return
	}
	for _, m := range t.Pairs {
		if strings.EqualFold(m.Key, d.column) && d.found.line == 0 {
			d.found = namer{what, m.Line}
		}
	}
}
