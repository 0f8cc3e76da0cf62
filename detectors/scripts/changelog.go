package scripts

// Liquibase changelogs in XML and YAML: the changes of each changeSet, and the rollback that it has or that Liquibase
// derives; see docs.liquibase.com, "Auto rollback".

import (
	"strings"

	"flightpoll/detectors/source/document"
)

// element is one element of a changelog, whatever it is written in.
type element struct {
	name  string
	attrs map[string]string
	text  string
	line  int
	last  int
	inner []*element
}

func (e *element) get(key string) string { return e.attrs[key] }

// child is the first inner element of that name, nil without one.
func (e *element) child(name string) *element {
	for _, i := range e.inner {
		if i.name == name {
			return i
		}
	}
	return nil
}

// readChangelog reads a changelog, nil for other XML and YAML files.
func readChangelog(p, text string) *script {
	if !strings.Contains(text, "changeSet") || !strings.Contains(text, "databaseChangeLog") || len(text) > maxYAML {
		return nil
	}
	var sets []*element
	if strings.HasSuffix(p, ".xml") {
		sets = xmlChangeSets(text)
	} else {
		sets = yamlChangeSets(p, text)
	}
	if len(sets) == 0 {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: 1, hasDown: true, derived: true}
	s.runner = runner{name: "Liquibase", tracked: true, atomic: true, reversible: true, switchOff: `runInTransaction="false"`}
	lines := strings.Split(text, "\n")
	for _, set := range sets {
		guarded := set.child("preConditions") != nil
		again := set.get("runAlways") == "true" || set.get("runOnChange") == "true"
		back := set.child("rollback") != nil
		alone := set.get("runInTransaction") == "false"
		if alone {
			s.up = append(s.up, operation{do: commits, line: set.line})
		}
		for _, change := range set.inner {
			ops := changelogOperation(change)
			for _, o := range ops {
				if o.line == 0 {
					o.line, o.last = change.line, max(change.line, change.last)
				}
				if o.text == "" {
					o.text = normalise(change.name + " " + o.table + " " + o.name)
				}
				o.set = set.get("author") + ":" + set.get("id")
				o.guarded = o.guarded || guarded
				o.reversible = o.reversible || back
				o.again = again
				o.definition = strings.Join(strings.Fields(strings.Join(lines[max(0, change.line-1):min(len(lines), max(change.line, change.last))], " ")), " ")
				s.up = append(s.up, o)
			}
		}
		if alone {
			s.up = append(s.up, operation{do: begins, line: set.last})
		}
	}
	return s
}

// changelogOperation is what one change of a changeSet does.
func changelogOperation(e *element) []operation {
	table := fold(e.get("tableName"))
	if schema := fold(e.get("schemaName")); schema != "" && schema != "public" && table != "" {
		table = schema + "." + table
	}
	column := fold(e.get("columnName"))
	switch e.name {
	case "createTable":
		return one(operation{do: makes, object: "table", table: table, reversible: true})
	case "dropTable":
		return one(operation{do: removes, object: "table", table: table, locks: dropped})
	case "renameTable":
		return one(operation{do: alters, object: "rename", table: fold(e.get("oldTableName")), name: fold(e.get("newTableName")), locks: renamed, reversible: true})
	case "addColumn":
		var ops []operation
		for _, c := range e.inner {
			if c.name != "column" {
				continue
			}
			o := operation{do: makes, object: "column", table: table, name: fold(c.get("name")), line: c.line, last: max(c.line, c.last), reversible: true, kind: strings.ToLower(c.get("type"))}
			for key, v := range c.attrs {
				o.filled = o.filled || (strings.HasPrefix(key, "defaultValue") || strings.HasPrefix(key, "value")) && v != "" || key == "autoIncrement" && v == "true"
			}
			if con := c.child("constraints"); con != nil {
				o.notNull = con.get("nullable") == "false" || con.get("primaryKey") == "true"
			}
			ops = append(ops, o)
		}
		return ops
	case "dropColumn":
		var ops []operation
		if column != "" {
			ops = one(operation{do: removes, object: "column", table: table, name: column, locks: dropped})
		}
		for _, c := range e.inner {
			if c.name == "column" {
				ops = append(ops, operation{do: removes, object: "column", table: table, name: fold(c.get("name")), locks: dropped})
			}
		}
		return ops
	case "renameColumn":
		return one(operation{do: alters, object: "rename", table: table, columns: []string{fold(e.get("oldColumnName")), fold(e.get("newColumnName"))}, locks: renamed, reversible: true})
	case "modifyDataType":
		return one(operation{do: alters, object: "column", table: table, name: column, guarded: true, locks: retyped})
	case "addNotNullConstraint":
		o := operation{do: alters, object: "not null", table: table, name: column, guarded: true, reversible: true, locks: setNotNull}
		return one(o)
	case "addDefaultValue", "dropNotNullConstraint", "dropDefaultValue", "setColumnRemarks", "setTableRemarks":
		return one(operation{do: alters, object: "setting", table: table, name: column, guarded: true, reversible: true})
	case "createIndex":
		return one(operation{do: makes, object: "index", table: table, name: fold(e.get("indexName")), reversible: true, locks: plainIndex})
	case "dropIndex":
		return one(operation{do: removes, object: "index", table: table, name: fold(e.get("indexName"))})
	case "addForeignKeyConstraint":
		return one(operation{do: makes, object: "constraint", table: fold(e.get("baseTableName")), name: fold(e.get("constraintName")), reversible: true, locks: locksUnless(e.get("validate") == "false", foreignKey)})
	case "addUniqueConstraint", "addPrimaryKey":
		return one(operation{do: makes, object: "constraint", table: table, name: fold(e.get("constraintName")), reversible: true, locks: uniqueKey})
	case "dropForeignKeyConstraint", "dropUniqueConstraint", "dropPrimaryKey":
		if table == "" {
			table = fold(e.get("baseTableName"))
		}
		return one(operation{do: removes, object: "constraint", table: table, name: fold(e.get("constraintName"))})
	case "createSequence":
		return one(operation{do: makes, object: "sequence", name: fold(e.get("sequenceName")), reversible: true})
	case "createView":
		return one(operation{do: makes, object: "view", table: fold(e.get("viewName")), guarded: e.get("replaceIfExists") == "true", reversible: true})
	case "insert", "loadData":
		return one(operation{do: inserts, table: table})
	case "loadUpdateData":
		return one(operation{do: inserts, table: table, guarded: true})
	case "update", "delete":
		o := operation{do: updates, table: table, whole: e.child("where") == nil && e.get("where") == ""}
		if e.name == "delete" {
			o.do = deletes
		}
		for _, c := range e.inner {
			if c.name == "column" {
				o.columns = append(o.columns, fold(c.get("name")))
			}
		}
		return one(o)
	case "sql":
		text, line := e.text, e.line
		if s := e.get("sql"); s != "" {
			text = s
		}
		ops, _ := readSQL(text, line)
		return ops
	case "sqlFile", "customChange", "executeCommand":
		return one(operation{do: opaque})
	}
	return nil
}

// yamlChangeSets reads the changeSets of a YAML changelog.
func yamlChangeSets(p, text string) []*element {
	var sets []*element
	for _, doc := range yamlDocuments(p, text) {
		for _, item := range doc.List("databaseChangeLog") {
			set := item.Get("changeSet")
			if set == nil {
				continue
			}
			e := &element{name: "changeSet", attrs: map[string]string{}, line: set.Line}
			for _, m := range set.Entries() {
				switch m.Key {
				case "changes":
					for _, c := range m.Value.Items {
						for _, change := range c.Entries() {
							e.inner = append(e.inner, yamlElement(change.Key, change.Value, change.Line, 0))
						}
					}
				case "rollback", "preConditions":
					e.inner = append(e.inner, &element{name: m.Key, line: m.Line})
				default:
					e.attrs[m.Key] = m.Value.Value
				}
			}
			sets = append(sets, e)
		}
	}
	return sets
}

func yamlElement(name string, t *document.Node, line, depth int) *element {
	e := &element{name: name, attrs: map[string]string{}, line: line, last: line}
	if t == nil || depth > 12 {
		return e
	}
	e.text = t.Value
	for _, m := range t.Entries() {
		e.last = max(e.last, m.Line)
		switch {
		case len(m.Value.Items) > 0:
			for _, i := range m.Value.Items {
				for _, inner := range i.Entries() {
					child := yamlElement(inner.Key, inner.Value, inner.Line, depth+1)
					e.inner = append(e.inner, child)
					e.last = max(e.last, child.last)
				}
			}
		case len(m.Value.Pairs) > 0:
			e.inner = append(e.inner, yamlElement(m.Key, m.Value, m.Line, depth+1))
		default:
			e.attrs[m.Key] = m.Value.Value
			if m.Key == "sql" {
				e.line = m.Value.TextLine()
			}
		}
	}
	return e
}
