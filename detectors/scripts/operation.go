package scripts

// The operations that statements and framework calls are read into.

import "strings"

// action is what one step does to a database.
type action string

const (
	makes    action = "makes"   // creates a table, column, index, constraint, type, view ...
	removes  action = "removes" // drops one
	alters   action = "alters"  // changes one in place: type, default, rename
	inserts  action = "inserts" // adds rows
	updates  action = "updates" // changes rows
	deletes  action = "deletes" // removes rows
	truncate action = "truncates"
	begins   action = "begins" // a transaction
	commits  action = "commits"
	opaque   action = "opaque" // something that could not be read, or code that may do anything
	harmless action = "harmless"
)

// operation is one step of a script.
type operation struct {
	do action
	// object is the kind of thing for makes, removes and alters: "table", "column", "index", "constraint",
	// "type", "view", "function", "not null", "rename" ...
	object string
	// table is the table concerned, folded by fold; name the column, index, constraint or type, empty when unnamed.
	table, name string
	// columns are those that an index or constraint covers, or that an update sets.
	columns []string
	// as is the model, as a program spells it, whose table it is; empty where the table itself is named.
	as string
	// line and last are the statement's first and last line.
	line, last int
	// text is the normalised statement without literals, for people and fingerprints.
	text string
	// guarded: IF [NOT] EXISTS, OR REPLACE, ON CONFLICT, NOT EXISTS: running it again does nothing or the same.
	guarded    bool
	concurrent bool
	// notNull and filled: a new column that takes no NULL; one whose existing rows get a value.
	notNull, filled bool
	// whole: an update or delete without a condition, or with one that is always true.
	whole bool
	// unfilled: an update of the rows that have no value in the column that it sets.
	unfilled bool
	// selfReferring: an update that computes a column from its own old value, with no condition on that column.
	selfReferring bool
	// reversible: a framework's call that the framework can take back by itself.
	reversible bool
	// random: an insert whose key is drawn by chance at each run.
	random bool
	// locks says why the step holds others up on a table with rows, or breaks the release that still runs.
	locks lock
	// kind is the new type of a column as its framework writes it, with its sizes: "string(20)", "CharField"; empty where
	// it is not needed.
	kind string
	// fills are the tables whose rows the code of a migration changes through its models.
	fills []string
	// notValid: a constraint that existing rows are not checked against; assured: the author says that the step is safe.
	notValid, assured bool
	// set is the changeSet of a changelog that the step stands in, again that it runs more than once.
	set   string
	again bool
	// definition is the whole text of a statement or of a change of a changelog, for a comparison.
	definition string
	// template: table or condition is put together at run time, so the statement is known in part only.
	template bool
}

// rows names whose rows are meant: the model as the program spells it, or the table.
func (o operation) rows() string {
	switch {
	case o.as == "":
		return o.table
	case strings.EqualFold(o.as, o.table):
		return o.as
	}
	return o.as + " (" + o.table + ")"
}

// one is a list of a single operation.
func one(o operation) []operation { return []operation{o} }

// fold makes names comparable: quotes and the public schema go, case is folded.
func fold(name string) string {
	name = strings.Trim(strings.TrimSpace(name), "`\"'[]")
	name = strings.ToLower(name)
	for _, schema := range []string{"public.", "dbo."} {
		name = strings.TrimPrefix(name, schema)
	}
	return strings.NewReplacer("`", "", `"`, "", "[", "", "]", "").Replace(name)
}

// subject names the thing that an operation is about, for a message.
func (o operation) subject() string {
	switch {
	case o.object == "column" && o.name != "":
		return o.table + "." + o.name
	case o.name != "":
		return o.name
	default:
		return o.table
	}
}

// what says the operation in two or three words: "CREATE TABLE plans", "UPDATE orders".
func (o operation) what() string {
	switch o.do {
	case makes, alters:
		verb := "create"
		if o.object == "column" || o.object == "constraint" {
			verb = "add"
		}
		if o.do == alters {
			verb = "change"
		}
		return strings.TrimSpace(verb + " " + o.object + " " + o.subject())
	case removes:
		return strings.TrimSpace("drop " + o.object + " " + o.subject())
	case inserts:
		return "INSERT INTO " + o.rows()
	case updates:
		return "UPDATE " + o.rows()
	case deletes:
		return "DELETE FROM " + o.rows()
	case truncate:
		return "TRUNCATE " + o.table
	case begins, commits, opaque, harmless:
	}
	return o.text
}

// changes says whether the operation does anything that lasts.
func (o operation) changes() bool {
	switch o.do {
	case begins, commits, harmless:
		return false
	case makes, removes, alters, inserts, updates, deletes, truncate, opaque:
	}
	return true
}

// tablesMade are the tables that the operations create.
func tablesMade(ops []operation) map[string]bool {
	made := map[string]bool{}
	for _, o := range ops {
		if o.do == makes && (o.object == "table" || o.object == "view") {
			made[o.table] = true
		}
		if o.do == alters && o.object == "rename" && o.name != "" {
			made[o.name] = true
		}
	}
	return made
}
