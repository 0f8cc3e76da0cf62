package scripts

// Django migrations: the list of operations of a Migration class, which Django inverts by itself but for the code and
// the SQL that it is given.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var djangoMark = lazy.New(`(?m)^class\s+Migration\(\s*(migrations\.)?Migration\s*\)`)

// readDjango reads a Django migration, nil for other Python files.
func readDjango(p, text string) *script {
	if !djangoMark.MatchString(text) {
		return nil
	}
	c := parseCode(p, text, "", "")
	if c == nil {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: 1, hasDown: true, derived: true}
	s.runner = runner{name: "Django", tracked: true, atomic: true, reversible: true, switchOff: "atomic = False"}
	for _, d := range c.Decls {
		if d.Name == "atomic" && strings.Contains(d.Default, "False") {
			s.runner.atomic = false
		}
	}
	back := reverseFunctions(c)
	for _, call := range c.Calls {
		if call.In != nil && back[call.In.Name] {
			continue
		}
		if call.Receiver != "migrations" && call.Receiver != "" && call.Receiver != "operations" {
			s.up = append(s.up, djangoRows(c, call)...)
			continue
		}
		for _, o := range djangoOperation(c, call) {
			if o.line == 0 {
				o.line, o.last = call.Span.Line, call.Span.EndLine
			}
			if o.text == "" {
				o.text = normalise(string(c.Text[call.Span.Start:call.Span.End]))
			}
			s.up = append(s.up, o)
		}
	}
	return s
}

// reverseFunctions are the functions that a RunPython is given for the way back.
func reverseFunctions(c *code) map[string]bool {
	back := map[string]bool{}
	for _, call := range c.Calls {
		if call.Name == "RunPython" {
			if a, ok := argument(call, 1, "reverse_code"); ok {
				back[a.Text] = true
			}
		}
	}
	return back
}

func djangoOperation(c *code, call *source.Call) []operation {
	model := literal(call, 0, "model_name")
	switch call.Name {
	case "CreateModel":
		return one(operation{do: makes, object: "table", table: literal(call, 0, "name"), reversible: true})
	case "DeleteModel":
		return one(operation{do: removes, object: "table", table: literal(call, 0, "name"), reversible: true, locks: dropped})
	case "AddField":
		o := djangoField(c, call, operation{do: makes, object: "column", table: model, name: literal(call, 1, "name"), reversible: true})
		if o.notNull && o.filled && !strings.Contains(argsText(call), "db_default") && !strings.Contains(argsText(call), "primary_key=True") {
			o.locks = required
		}
		if args := argsText(call); strings.Contains(args, "db_index=True") || strings.Contains(args, "unique=True") {
			return append(one(operation{do: makes, object: "index", table: model, columns: []string{o.name}, reversible: true, locks: plainIndex}), o)
		}
		return one(o)
	case "RemoveField":
		return one(operation{do: removes, object: "column", table: model, name: literal(call, 1, "name"), reversible: true, locks: dropped})
	case "AlterField":
		o := djangoField(c, call, operation{do: alters, object: "column", table: model, name: literal(call, 1, "name"), guarded: true, reversible: true, locks: retyped})
		o.kind = djangoKind(argsText(call))
		return one(o)
	case "RenameField":
		return one(operation{do: alters, object: "rename", table: model, columns: []string{literal(call, 1, "old_name"), literal(call, 2, "new_name")}, reversible: true, locks: renamed})
	case "RenameModel":
		return one(operation{do: alters, object: "rename", table: model, reversible: true, locks: renamed})
	case "AddIndex":
		return one(operation{do: makes, object: "index", table: model, reversible: true, locks: plainIndex})
	case "AddConstraint":
		o := operation{do: makes, object: "index", table: model, reversible: true, locks: checked}
		if strings.Contains(argsText(call), "UniqueConstraint") {
			o.locks = uniqueKey
		}
		return one(o)
	case "AlterUniqueTogether":
		if strings.Contains(argsText(call), "set()") || strings.Contains(argsText(call), "=[]") {
			return nil
		}
		return one(operation{do: makes, object: "constraint", table: literal(call, 0, "name"), reversible: true, locks: uniqueKey})
	case "AddIndexConcurrently":
		return one(operation{do: makes, object: "index", table: model, concurrent: true, reversible: true})
	case "RemoveIndexConcurrently":
		return one(operation{do: removes, object: "index", table: model, concurrent: true, reversible: true})
	case "AddDefaultValue": // of django-add-default-value
		return one(operation{do: alters, object: "setting", table: model, name: literal(call, 1, "name"), guarded: true, reversible: true})
	case "RunPython":
		_, back := argument(call, 1, "reverse_code")
		return one(operation{do: opaque, object: "RunPython", name: djangoCode(call), fills: djangoFills(c, djangoCode(call)), reversible: back || keywordText(call, "elidable") == "True" && back})
	case "RunSQL":
		_, back := argument(call, 1, "reverse_sql")
		if a, ok := argument(call, 0, "sql"); ok {
			ops := c.statements(a)
			for i := range ops {
				ops[i].reversible = back
				if ops[i].do == opaque {
					ops[i].object = "RunSQL"
				}
			}
			return ops
		}
		return one(operation{do: opaque, object: "RunSQL", reversible: back})
	}
	return nil
}

var djangoClass = lazy.New(`\b(\w*Field|ForeignKey)\(`)

// djangoKind is the class of a field, with the length of a text: "CharField(20)".
func djangoKind(text string) string {
	m := djangoClass.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	if l := djangoLength.FindStringSubmatch(text); l != nil {
		return m[1] + "(" + l[1] + ")"
	}
	return m[1]
}

var djangoLength = lazy.New(`\bmax_length=(\d+)`)

// djangoCode is the name of the function that RunPython is given.
func djangoCode(call *source.Call) string {
	if a, ok := argument(call, 0, "code"); ok {
		return a.Text
	}
	return ""
}

var djangoModel = lazy.New(`\b(\w+)\s*=\s*apps\.get_model\(\s*["'](?:\w+\.(\w+)["']|\w+["']\s*,\s*["'](\w+)["'])`)

// djangoFills are the models whose rows a function of the migration changes: Model.objects.bulk_update(...), .update(...).
func djangoFills(c *code, function string) []string {
	var list []string
	for _, d := range c.Decls {
		if d.Kind != source.Function || d.Name != function || function == "" {
			continue
		}
		text := declText(c.File, d)
		for _, m := range djangoModel.FindAllStringSubmatch(text, 20) {
			if slices.ContainsFunc(c.nested(d.Span), func(call *source.Call) bool {
				return (call.Name == "update" || call.Name == "bulk_update") && strings.HasPrefix(call.Receiver, m[1]+".") ||
					call.Name == "save" && rowOf(text, call.Receiver, m[1])
			}) {
				list = append(list, fold(m[2]+m[3]))
			}
		}
	}
	return list
}

// rowOf says whether a variable goes through the rows of a model: for row in Model.objects...
func rowOf(text, variable, model string) bool {
	i := strings.Index(text, "for "+variable+" in "+model+".")
	return i >= 0 && variable != ""
}

var djangoFree = []string{"ManyToManyField", "AutoField", "BigAutoField", "SmallAutoField", "GenericRelation"}

// djangoField says whether a new field refuses NULL and what existing rows get. Django fills a text column that may be
// blank with an empty text, and asks for a one-off default otherwise.
func djangoField(c *code, call *source.Call, o operation) operation {
	a, ok := argument(call, 2, "field")
	if !ok {
		return o
	}
	for _, field := range c.nested(call.Span) {
		if field.Span.Start < a.Span.Start || field.Span.End > a.Span.End {
			continue
		}
		if slices.Contains(djangoFree, field.Name) || !strings.HasSuffix(field.Name, "Field") && field.Name != "ForeignKey" {
			return o
		}
		o.notNull = keywordText(field, "null") != "True"
		for _, k := range []string{"default", "db_default", "auto_now", "auto_now_add", "primary_key"} {
			o.filled = o.filled || keywordText(field, k) != ""
		}
		o.filled = o.filled || keywordText(field, "blank") == "True" && (strings.Contains(field.Name, "Char") || strings.Contains(field.Name, "Text"))
		return o
	}
	return o
}

// djangoRows finds changes of all rows of a model: Model.objects.update(...), .all().delete().
func djangoRows(c *code, call *source.Call) []operation {
	if call.Name != "update" && call.Name != "delete" || !djangoAll.MatchString(call.Receiver) {
		return nil
	}
	o := operation{do: deletes, table: fold(strings.SplitN(call.Receiver, ".", 2)[0]), whole: true, reversible: true,
		line: call.Span.Line, last: call.Span.EndLine, text: normalise(string(c.Text[call.Span.Start:call.Span.End]))}
	if call.Name == "update" {
		o.do = updates
		for _, a := range call.Args {
			o.columns = append(o.columns, fold(a.Keyword))
		}
	}
	return one(o)
}

var djangoAll = lazy.New(`^\w+\.(_default_manager|objects)(\.using\([^)]*\))?(\.all\(\))?$`)
