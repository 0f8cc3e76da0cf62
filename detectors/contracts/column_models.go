package contracts

import (
	"path"
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

// remodelled compares the tables of one file on both sides.
func remodelled(old, now []*modelTable) []columnChange {
	var list []columnChange
	for _, o := range old {
		i := slices.IndexFunc(now, func(n *modelTable) bool { return n.name == o.name })
		if i < 0 {
			if n := o.renamed(old, now); n != nil {
				list = append(list, columnChange{table: o.name, to: n.name, path: n.path, line: n.line})
			}
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

// renamed is the one new table that has a table's columns, nil for none or several.
func (t *modelTable) renamed(old, now []*modelTable) *modelTable {
	var found *modelTable
	for _, n := range now {
		if slices.ContainsFunc(old, func(o *modelTable) bool { return o.name == n.name }) {
			continue
		}
		shared := 0
		for _, c := range t.columns {
			if _, ok := n.column(c.name); ok {
				shared++
			}
		}
		if shared < 2 || 5*shared < 4*max(len(t.columns), len(n.columns)) {
			continue
		}
		if found != nil {
			return nil
		}
		found = n
	}
	return found
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
