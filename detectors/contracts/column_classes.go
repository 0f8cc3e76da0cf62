package contracts

// The tables that classes and calls of a program declare: GORM, bun, Django, SQLAlchemy, Drizzle, TypeORM and JPA.

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

func goTables(f *source.File) []*modelTable {
	tables := map[string]string{}
	for _, m := range goTableName.FindAllSubmatch(f.Text, 50) {
		tables[string(m[1])] = strings.ToLower(string(m[2]))
	}
	var list []*modelTable
	for _, d := range f.Decls {
		if d.Kind != source.Struct || d.Parent != nil {
			continue
		}
		body := f.Text[d.Span.Start:d.Span.End]
		name := tables[d.Name]
		if m := bunTable.FindSubmatch(body); m != nil {
			name = string(m[1])
		}
		if name == "" {
			name = plural(snake(d.Name))
		}
		t := &modelTable{name: name, path: f.Path, line: d.Span.Line}
		for _, m := range d.Members {
			if x := gormColumn.FindStringSubmatch(lineOf(f.Text, m.Span.Line)); x != nil && m.Kind == source.Field && !m.Embedded {
				t.columns = append(t.columns, modelColumn{x[1] + x[2], m.Name, m.Type, m.Span.Line})
			}
		}
		if len(t.columns) > 0 {
			list = append(list, t)
		}
	}
	return list
}

func pythonTables(f *source.File) []*modelTable {
	var list []*modelTable
	for _, d := range f.Decls {
		if d.Kind != source.Class && d.Kind != source.Schema {
			continue
		}
		body := string(f.Text[d.Span.Start:d.Span.End])
		t := &modelTable{path: f.Path, line: d.Span.Line}
		if m := regexp.MustCompile(`__tablename__\s*=\s*["'](\w+)["']`).FindStringSubmatch(body); m != nil {
			t.name = m[1]
		} else if m := djangoTable.FindStringSubmatch(body); m != nil {
			t.name = m[1]
		} else if slices.Contains(d.Bases, "models.Model") {
			app := path.Base(path.Dir(f.Path))
			if app == "models" {
				app = path.Base(path.Dir(path.Dir(f.Path)))
			}
			t.name = app + "_" + strings.ToLower(d.Name)
		} else {
			continue
		}
		for _, m := range d.Members {
			def := strings.TrimSpace(m.Default)
			c := modelColumn{name: m.Name, field: m.Name, line: m.Span.Line}
			switch {
			case djangoField.MatchString(def):
				c.typ = djangoField.FindStringSubmatch(def)[1]
				if c.typ == "ManyToManyField" {
					continue
				}
				if c.typ == "ForeignKey" || c.typ == "OneToOneField" {
					c.name += "_id"
				}
				if x := djangoName.FindStringSubmatch(def); x != nil {
					c.name = x[1]
				}
			case alchemyCol.MatchString(def):
				if x := alchemyName.FindStringSubmatch(def); x != nil {
					c.name = x[1]
				}
				c.typ = m.Type
			case strings.HasPrefix(m.Type, "Mapped["):
				c.typ = m.Type
			default:
				continue
			}
			if strings.Contains(def, "relationship(") {
				continue
			}
			c.name = strings.ToLower(c.name)
			t.columns = append(t.columns, c)
		}
		if len(t.columns) > 0 {
			list = append(list, t)
		}
	}
	return list
}

// drizzleTables reads pgTable("t", { field: text("column") }).
func drizzleTables(f *source.File) []*modelTable {
	var list []*modelTable
	for _, c := range f.Calls {
		if !drizzleCall.MatchString(c.Full()) || len(c.Args) < 2 || !c.Args[0].IsString {
			continue
		}
		t := &modelTable{name: strings.ToLower(c.Args[0].Str), path: f.Path, line: c.Span.Line}
		for _, o := range f.Objects {
			if o.Span.Start != c.Args[1].Span.Start {
				continue
			}
			for _, k := range o.Keys {
				col := modelColumn{name: k.Name, field: k.Name, line: k.Span.Line}
				if m := drizzleName.FindStringSubmatch(k.Value); m != nil {
					col.name = m[1]
				}
				col.typ, _, _ = strings.Cut(k.Value, "(")
				t.columns = append(t.columns, col)
			}
		}
		if len(t.columns) > 0 {
			list = append(list, t)
		}
	}
	return list
}

// entityTables reads entities of TypeORM and JPA: @Entity("t") with @Column(name = "c") before its fields. Only columns with a
// name of their own are known.
func entityTables(p, text string) []*modelTable {
	if !strings.Contains(text, "@Entity") {
		return nil
	}
	var list []*modelTable
	var cur *modelTable
	pending := ""
	line := 0
	for row := range strings.Lines(text) {
		line++
		if m := entityTable.FindStringSubmatch(row); m != nil {
			cur = &modelTable{name: strings.ToLower(m[1]), path: p, line: line}
			list = append(list, cur)
		}
		if cur == nil {
			continue
		}
		if m := namedColumn.FindStringSubmatch(row); m != nil {
			pending = m[1]
			row = row[strings.LastIndexByte(row, ')')+1:]
		}
		if pending == "" {
			continue
		}
		words := identifiers(strings.TrimSpace(row))
		words = slices.DeleteFunc(words, func(w string) bool {
			return slices.Contains([]string{"private", "public", "protected", "readonly", "val", "var", "final", "declare"}, w)
		})
		if len(words) == 0 {
			continue
		}
		field := words[0]
		if strings.HasSuffix(p, ".java") {
			field = words[len(words)-1]
		}
		cur.columns = append(cur.columns, modelColumn{strings.ToLower(pending), field, "", line})
		pending = ""
	}
	return list
}
