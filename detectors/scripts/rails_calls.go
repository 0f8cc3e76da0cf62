package scripts

// What the schema calls of a Rails migration do, and which of them Rails can take back by itself.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// call reads one schema statement. reversible follows ActiveRecord::Migration::CommandRecorder.
func (r *railsReader) call(name, rest, text string, col int) []operation {
	args, options := rubyArgs(rest)
	arg := func(i int) string {
		if i < len(args) {
			return fold(args[i])
		}
		return ""
	}
	ifNot := options["if_not_exists"] == "true"
	ifThere := options["if_exists"] == "true"
	concurrent := options["algorithm"] == ":concurrently"
	switch name {
	case "create_table", "create_join_table":
		if rubyBlock.MatchString(text) {
			r.table, r.block, r.created = arg(0), col, true
		}
		return one(operation{do: makes, object: "table", table: arg(0), guarded: ifNot || options["force"] != "", reversible: true})
	case "change_table":
		if rubyBlock.MatchString(text) {
			r.table, r.block, r.created = arg(0), col, false
		}
		return nil
	case "drop_table":
		return one(operation{do: removes, object: "table", table: arg(0), locks: dropped, guarded: ifThere, reversible: rubyBlock.MatchString(text)})
	case "add_column":
		return one(operation{do: makes, object: "column", table: arg(0), name: arg(1), guarded: ifNot, reversible: true,
			notNull: options["null"] == "false", filled: filledBy(options), locks: railsColumn(arg(2), options)})
	case "remove_column":
		return one(operation{do: removes, object: "column", table: arg(0), name: arg(1), guarded: ifThere, locks: dropped,
			reversible: len(args) > 2 || options["type"] != ""})
	case "remove_columns":
		return one(operation{do: removes, object: "column", table: arg(0), name: arg(1), reversible: options["type"] != "", locks: dropped})
	case "remove_timestamps":
		return one(operation{do: removes, object: "column", table: arg(0), name: "created_at", reversible: true, locks: dropped})
	case "remove_reference", "remove_belongs_to":
		return one(operation{do: removes, object: "column", table: arg(0), name: arg(1) + "_id", reversible: true, locks: dropped})
	case "add_reference", "add_belongs_to":
		return append(railsIndex(arg(0), arg(1)+"_id", options), operation{do: makes, object: "column", table: arg(0), name: arg(1) + "_id", guarded: ifNot, reversible: true,
			notNull: options["null"] == "false", filled: filledBy(options), concurrent: strings.Contains(options["index"], "concurrently"), locks: railsReference(options)})
	case "add_index":
		return one(operation{do: makes, object: "index", table: arg(0), name: indexName(options, arg(0), args), guarded: ifNot, concurrent: concurrent, reversible: true, locks: locksUnless(concurrent, plainIndex)})
	case "remove_index":
		return one(operation{do: removes, object: "index", table: arg(0), name: indexName(options, arg(0), args), guarded: ifThere, concurrent: concurrent, locks: locksUnless(concurrent, plainDrop),
			reversible: len(args) > 1 || options["column"] != ""})
	case "change_column":
		return one(operation{do: alters, object: "column", table: arg(0), name: arg(1), guarded: true, locks: retyped, kind: railsKind(arg(2), options)})
	case "change_column_default":
		return one(operation{do: alters, object: "default", table: arg(0), name: arg(1), guarded: true, reversible: options["from"] != "" || options["to"] != ""})
	case "change_column_null":
		return one(operation{do: alters, object: "not null", table: arg(0), name: arg(1), guarded: true, reversible: true, locks: locksUnless(arg(2) != "false", setNotNull)})
	case "rename_column":
		return one(operation{do: alters, object: "rename", table: arg(0), columns: []string{arg(1), arg(2)}, reversible: true, locks: renamed})
	case "rename_table", "rename_index":
		return one(operation{do: alters, object: "rename", table: arg(0), name: arg(len(args) - 1), reversible: true, locks: locksUnless(name == "rename_index", renamed)})
	case "add_foreign_key", "add_check_constraint", "add_unique_constraint", "add_exclusion_constraint":
		o := operation{do: makes, object: "constraint", table: arg(0), name: fold(options["name"]), guarded: ifNot, reversible: true, notValid: options["validate"] == "false"}
		if m := railsNotNull.FindStringSubmatch(text); m != nil {
			o.notNull, o.columns = true, []string{fold(m[1])}
		}
		if name == "add_foreign_key" {
			o.columns = []string{arg(1)}
		}
		o.locks = map[string]lock{"add_foreign_key": locksUnless(o.notValid, foreignKey), "add_check_constraint": locksUnless(o.notValid, checked),
			"add_unique_constraint": locksUnless(options["using_index"] != "", uniqueKey), "add_exclusion_constraint": excluded}[name]
		return one(o)
	case "validate_foreign_key", "validate_check_constraint", "validate_constraint":
		return one(operation{do: alters, object: "validation", table: arg(0), name: fold(options["name"]), guarded: true, reversible: true})
	case "remove_check_constraint", "remove_foreign_key":
		return one(operation{do: removes, object: "constraint", table: arg(0), guarded: ifThere, reversible: len(args) > 1 || len(options) > 0})
	}
	return r.inChangeTable(name, text, args, options)
}

// inChangeTable reads a line of a change_table block: t.string :name.
func (r *railsReader) inChangeTable(name, text string, args []string, options map[string]string) []operation {
	if r.table == "" || r.created || !strings.HasPrefix(text, "t.") || len(args) == 0 {
		return nil
	}
	switch name {
	case "remove":
		return one(operation{do: removes, object: "column", table: r.table, name: fold(args[0]), reversible: len(args) > 1 || len(options) > 0, locks: dropped})
	case "rename":
		if len(args) > 1 {
			return one(operation{do: alters, object: "rename", table: r.table, columns: []string{fold(args[0]), fold(args[1])}, reversible: true, locks: renamed})
		}
		return nil
	case "index", "timestamps", "remove_index", "change", "change_default", "change_null", "check_constraint", "foreign_key",
		"remove_references", "remove_timestamps", "remove_belongs_to", "remove_foreign_key", "unique_constraint", "column":
		return nil
	}
	return one(operation{do: makes, object: "column", table: r.table, name: fold(args[0]), reversible: true,
		notNull: options["null"] == "false", filled: filledBy(options)})
}

var (
	railsNotNull  = lazy.New(`["']\W*(\w+)\W+(?i:is\s+not\s+null)\W*["']`)
	railsVolatile = lazy.New(`(?i)\b(gen_random_uuid|uuid_generate_v\d\w*|clock_timestamp|random|nextval)\(`)
)

// railsColumn is what a new column costs: a default that differs from row to row, or a value computed for each.
func railsColumn(kind string, options map[string]string) lock {
	if railsVolatile.MatchString(options["default"]) || options["stored"] == "true" || kind == "primary_key" || kind == "serial" || kind == "bigserial" || kind == "virtual" && options["stored"] != "false" && options["as"] != "" && options["stored"] != "" {
		return rewritten
	}
	return noLock
}

// railsReference is what a new reference costs: an index (the default) and a foreign key that is checked at once.
func railsReference(options map[string]string) lock {
	if key := options["foreign_key"]; key != "" && key != "false" && !strings.Contains(key, "validate: false") {
		return foreignKey
	}
	return noLock
}

// railsKind is a type with its sizes: "string(20)", "decimal(10,2)".
func railsKind(kind string, options map[string]string) string {
	kind = strings.TrimPrefix(kind, ":")
	var sizes []string
	for _, name := range []string{"limit", "precision", "scale"} {
		if v := options[name]; v != "" && v != "nil" {
			sizes = append(sizes, v)
		}
	}
	if len(sizes) == 0 {
		return kind
	}
	return kind + "(" + strings.Join(sizes, ",") + ")"
}

// railsIndex is the index that a new reference brings along, unless it is switched off or built concurrently.
func railsIndex(table, column string, options map[string]string) []operation {
	if i := options["index"]; i == "false" || strings.Contains(i, "concurrently") || strings.Contains(options["algorithm"], "concurrently") {
		return nil
	}
	return one(operation{do: makes, object: "index", table: table, name: "index_" + table + "_on_" + column, columns: []string{column}, locks: plainIndex, reversible: true, guarded: true})
}

func filledBy(options map[string]string) bool {
	d, ok := options["default"]
	return ok && d != "nil" || options["as"] != ""
}

// rubyArgs are the leading positional arguments (symbols and strings, or the text of others) and the options.
func rubyArgs(rest string) (args []string, options map[string]string) {
	options = map[string]string{}
	for _, part := range outerCommasIn(rest, "([{", ")]}") {
		part = strings.TrimSpace(part)
		if m := rubyOption.FindStringSubmatch(part); m != nil && rubySymbolOnly(part) == "" {
			options[m[1]] = m[2]
			continue
		}
		if i := strings.Index(part, ":"); i > 0 && rubyOptionKey.MatchString(part) {
			options[strings.TrimSpace(part[:i])] = strings.TrimSpace(part[i+1:])
			continue
		}
		if m := rubySymbol.FindStringSubmatch(part); m != nil {
			args = append(args, m[1]+m[2])
		} else if part != "" {
			args = append(args, part)
		}
	}
	return args, options
}

var (
	rubyOptionKey = lazy.New(`^\w+:\s`)
	rubyLone      = lazy.New(`^(:\w+|:?"[^"]*"|:?'[^']*')\s*(do\b.*)?$`)
)

func rubySymbolOnly(part string) string { return rubyLone.FindString(part) }

func indexName(options map[string]string, table string, args []string) string {
	if n := options["name"]; n != "" {
		return fold(strings.TrimPrefix(n, ":"))
	}
	columns := options["column"]
	if len(args) > 1 {
		columns = args[1]
	}
	names := strings.FieldsFunc(strings.TrimPrefix(strings.TrimPrefix(columns, "%i"), "%w"), func(c rune) bool { return strings.ContainsRune("[]:, \"'", c) })
	return "index_" + table + "_on_" + fold(strings.Join(names, "_and_"))
}

// outerCommasIn cuts at the commas outside of brackets and quotes.
func outerCommasIn(text, open, shut string) []string {
	var parts []string
	depth, from := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\'' || c == '`':
			i += quotedCode(text[i:]) - 1
		case strings.IndexByte(open, c) >= 0:
			depth++
		case strings.IndexByte(shut, c) >= 0:
			depth--
		case c == ',' && depth <= 0:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// quotedCode is the length of a quoted run of a programming language, where a backslash escapes.
func quotedCode(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i + 1
		}
	}
	return max(1, len(text))
}
