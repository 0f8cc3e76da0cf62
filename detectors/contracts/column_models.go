package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A modelTable is one table as an ORM's model or a dump of the schema declares it.
type modelTable struct {
	name, path string
	line       int
	columns    []modelColumn
}

// A modelColumn is one column; field is the name that the program uses for it.
type modelColumn struct {
	name, field, typ string
	line             int
}

func (t *modelTable) column(name string) (modelColumn, bool) {
	for _, c := range t.columns {
		if c.name == name {
			return c, true
		}
	}
	return modelColumn{}, false
}

var (
	prismaModel = lazy.New(`(?m)^model\s+(\w+)\s*\{`)
	prismaField = lazy.New(`^\s*(\w+)\s+(\w+)(\[\])?(\?)?(.*)$`)
	prismaMap   = lazy.New(`@map\(\s*(?:name:\s*)?"([^"]+)"`)
	prismaTable = lazy.New(`@@map\(\s*(?:name:\s*)?"([^"]+)"`)
	railsTable  = lazy.New(`^\s*create_table\s+"(\w+)"`)
	railsColumn = lazy.New(`^\s*t\.(\w+)\s+"(\w+)"`)
	sqlTable    = lazy.New(`(?i)^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?` + qualified + `\s*\(`)
	sqlColumn   = lazy.New(`(?i)^\s*["\x60\[]?([a-z_]\w*)["\x60\]]?\s+((?:[a-z]+)[^,]*),?\s*$`)
	gormColumn  = lazy.New(`(?:gorm:"[^"]*\bcolumn:(\w+)|(?:bun|db|pg|sql):"([a-z_]\w*))`)
	goTableName = lazy.New(`func\s+\(\s*(?:\w+\s+)?\*?(\w+)\)\s+TableName\(\)\s+string\s*\{\s*return\s+"(\w+)"`)
	bunTable    = lazy.New(`bun:"table:(\w+)`)
	entityTable = lazy.New(`@(?:Entity|Table)\(\s*(?:\{\s*)?(?:name\s*[:=]\s*)?["'](\w+)["']`)
	namedColumn = lazy.New(`@(?:Column|PrimaryColumn|JoinColumn|CreateDateColumn|UpdateDateColumn|ManyToOne)\(\s*[^)]*?\bname\s*[:=]\s*["'](\w+)["']`)
	djangoTable = lazy.New(`\bdb_table\s*=\s*["'](\w+)["']`)
	djangoName  = lazy.New(`\bdb_column\s*=\s*["'](\w+)["']`)
	djangoField = lazy.New(`^(?:models\.)?(\w*Field|ForeignKey|OneToOneField)\(`)
	alchemyName = lazy.New(`^(?:\w+\.)*(?:mapped_column|Column)\(\s*["'](\w+)["']`)
	alchemyCol  = lazy.New(`^(?:\w+\.)*(?:mapped_column|Column)\(`)
	drizzleCall = lazy.New(`^(?:pg|mysql|sqlite)Table$|\.table$`)
	drizzleName = lazy.New(`^\w+\(\s*["'](\w+)["']`)
)

// modelTables are the tables that one file declares: Prisma, Drizzle, TypeORM, SQLAlchemy, Django, GORM, bun, JPA, ActiveRecord's
// schema.rb and CREATE TABLE in a dump.
func modelTables(at side, p string) []*modelTable {
	text, err := at.text(p)
	if err != nil || len(text) > maxSchema || migrationPath.MatchString(p) {
		return nil
	}
	switch ext := path.Ext(p); {
	case ext == ".prisma":
		return prismaTables(p, string(text))
	case ext == ".rb", ext == ".sql":
		return dumpedTables(p, string(text))
	case ext == ".java" || ext == ".kt":
		return entityTables(p, string(text))
	case source.LanguageOf(p) != "":
		if !modelHint.Match(text) {
			return nil
		}
		f := at.file(p)
		if f == nil {
			return nil
		}
		switch f.Lang {
		case source.Go:
			return goTables(f)
		case source.Python:
			return pythonTables(f)
		case source.TypeScript, source.JavaScript:
			return append(drizzleTables(f), entityTables(p, string(text))...)
		default:
		}
	}
	return nil
}

var modelHint = lazy.New(`gorm:"|bun:"|__tablename__|models\.Model|\w+Table\(|@Entity`)

func prismaTables(p, text string) []*modelTable {
	var list []*modelTable
	var cur *modelTable
	line := 0
	for row := range strings.Lines(text) {
		line++
		if m := prismaModel.FindStringSubmatch(row); m != nil {
			cur = &modelTable{name: strings.ToLower(m[1]), path: p, line: line}
			list = append(list, cur)
			continue
		}
		trimmed := strings.TrimSpace(row)
		if cur == nil || trimmed == "" || strings.HasPrefix(trimmed, "//") {
			continue
		}
		if trimmed == "}" {
			cur = nil
			continue
		}
		if m := prismaTable.FindStringSubmatch(row); m != nil {
			cur.name = strings.ToLower(m[1])
			continue
		}
		m := prismaField.FindStringSubmatch(strings.TrimRight(row, "\r\n"))
		if m == nil || strings.HasPrefix(trimmed, "@@") || strings.Contains(m[5], "@relation") || m[3] != "" {
			continue
		}
		name := m[1]
		if x := prismaMap.FindStringSubmatch(m[5]); x != nil {
			name = x[1]
		}
		cur.columns = append(cur.columns, modelColumn{strings.ToLower(name), m[1], m[2], line})
	}
	return list
}

// dumpedTables reads ActiveRecord's schema.rb and CREATE TABLE statements.
func dumpedTables(p, text string) []*modelTable {
	var list []*modelTable
	var cur *modelTable
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		switch {
		case railsTable.MatchString(row):
			cur = &modelTable{name: railsTable.FindStringSubmatch(row)[1], path: p, line: line}
			list = append(list, cur)
		case sqlTable.MatchString(row):
			cur = &modelTable{name: strings.ToLower(sqlTable.FindStringSubmatch(row)[1]), path: p, line: line}
			list = append(list, cur)
		case cur == nil:
		case strings.HasPrefix(strings.TrimSpace(row), ")") || strings.TrimSpace(row) == "end":
			cur = nil
		case railsColumn.MatchString(row):
			m := railsColumn.FindStringSubmatch(row)
			cur.columns = append(cur.columns, modelColumn{m[2], "", m[1], line})
		case sqlColumn.MatchString(row) && strings.HasSuffix(p, ".sql"):
			m := sqlColumn.FindStringSubmatch(row)
			if name := strings.ToLower(m[1]); !slices.Contains(notColumns, name) {
				cur.columns = append(cur.columns, modelColumn{name, "", strings.ToLower(strings.Fields(m[2])[0]), line})
			}
		}
	}
	return list
}

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

// remodelled compares the tables of one file on both sides.
func remodelled(old, now []*modelTable) []columnChange {
	var list []columnChange
	for _, o := range old {
		i := slices.IndexFunc(now, func(n *modelTable) bool { return n.name == o.name })
		if i < 0 {
			continue
		}
		n := now[i]
		var added []modelColumn
		for _, c := range n.columns {
			if _, ok := o.column(c.name); !ok {
				added = append(added, c)
			}
		}
		var lost []modelColumn
		for _, c := range o.columns {
			if _, ok := n.column(c.name); !ok {
				lost = append(lost, c)
			}
		}
		if len(lost) > 6 {
			continue
		}
		for _, c := range lost {
			change := columnChange{table: o.name, column: c.name, path: n.path, line: n.line}
			for _, a := range added {
				if a.field != "" && a.field == c.field || len(lost) == 1 && len(added) == 1 && a.typ == c.typ {
					change.to, change.line = a.name, a.line
				}
			}
			list = append(list, change)
		}
	}
	return list
}

// snake is a CamelCase name in snake_case.
func snake(name string) string { return strings.Join(rawWords(name), "_") }

var hump = lazy.New(`[A-Z]+[a-z0-9]*|[a-z0-9]+`)

func rawWords(name string) []string {
	list := hump.FindAllString(name, -1)
	for i, w := range list {
		list[i] = strings.ToLower(w)
	}
	return list
}

func plural(word string) string {
	switch {
	case strings.HasSuffix(word, "y") && !strings.HasSuffix(word, "ey") && !strings.HasSuffix(word, "ay") && !strings.HasSuffix(word, "oy"):
		return word[:len(word)-1] + "ies"
	case strings.HasSuffix(word, "s"), strings.HasSuffix(word, "x"), strings.HasSuffix(word, "ch"), strings.HasSuffix(word, "sh"):
		return word + "es"
	}
	return word + "s"
}
