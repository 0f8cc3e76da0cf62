package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
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
	t := parseDocument([]byte(text))
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

func (d *documentNamer) walk(t *tree, under string, depth int) {
	if t == nil || depth > maxNesting || d.found.line > 0 {
		return
	}
	if t.kind == kindString && len(t.value) > 10 && sqlStart.MatchString(t.value) {
		if n := d.inSQL(t.value, 0, "the report's query"); n.line > 0 {
			d.found = namer{n.what, t.line + max(0, n.line-1)}
			if !strings.Contains(t.value, "\n") {
				d.found.line = t.line
			}
			return
		}
	}
	if d.column != "" {
		d.mapping(t, under)
	}
	for _, m := range t.keys {
		d.walk(m.tree, m.name, depth+1)
	}
	for _, item := range t.items {
		d.walk(item, under, depth+1)
	}
}

// mapping looks at one mapping as a row, a fixture or a model.
func (d *documentNamer) mapping(t *tree, under string) {
	if model := t.get("model").text(); model != "" && strings.ReplaceAll(strings.ToLower(model), ".", "_") == d.table {
		d.key(t.get("fields"), "the fixture")
	}
	if name := t.get("name").text(); strings.EqualFold(name, d.table) {
		if columns := t.get("columns"); columns != nil {
			for _, item := range columns.items {
				if strings.EqualFold(item.get("name").text(), d.column) {
					d.found = namer{"the model's list of columns", item.get("name").line}
				}
			}
		}
	}
	if (d.rows || strings.EqualFold(under, d.table)) && d.found.line == 0 && len(t.keys) > 1 && !slices.ContainsFunc(t.keys, func(m *member) bool { return m.name == "columns" || m.name == "properties" }) {
		d.key(t, "the fixture")
	}
}

func (d *documentNamer) key(t *tree, what string) {
	if t == nil {
		return
	}
	for _, m := range t.keys {
		if strings.EqualFold(m.name, d.column) && d.found.line == 0 {
			d.found = namer{what, m.line}
		}
	}
}
