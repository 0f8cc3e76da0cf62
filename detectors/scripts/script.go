package scripts

// What a migration or script is, whatever it is written in.

import "strings"

// runner is what executes a script, as far as the repository tells.
type runner struct {
	// name is shown to people: "goose", "golang-migrate", "psql in a shell script".
	name string
	// tracked: it records what ran and does not run it again.
	tracked bool
	// atomic: it wraps one script into one transaction (where the database can).
	atomic bool
	// whole: it sends a file to the server in one piece, which some servers take as one transaction.
	whole bool
	// reversible: it knows a way back, written beside the way there. Forward-only runners have none.
	reversible bool
	// switchOff says how its transaction is switched off for one script, empty where it cannot be.
	switchOff string
}

// script is one migration, backfill or other script, read into operations.
type script struct {
	path   string
	runner runner
	up     []operation
	down   []operation
	// hasDown: the place for the way back exists (a section, a function, a file), whatever it holds.
	hasDown bool
	// downPath and downLine are that place, or where it should be.
	downPath string
	downLine int
	// refusal is what the way back says instead of doing anything: a comment, a raised error.
	refusal string
	// derived: the framework inverts the way there by itself, step by step, where each step is reversible.
	derived bool
	// unread counts statements that no reader took.
	unread int
	// text is the whole file; upText and downText are what a SQL file runs on the way there and back.
	text, upText, downText string
}

// changesIn says whether any operation does something that lasts.
func changesIn(ops []operation) bool {
	for _, o := range ops {
		if o.changes() {
			return true
		}
	}
	return false
}

// transactional says for each operation whether it stands inside a transaction: the runner's, or one of its own.
func (s *script) transactional() []bool {
	inside := make([]bool, len(s.up))
	open := s.runner.atomic
	for i, o := range s.up {
		switch o.do {
		case begins:
			open = true
		case commits:
			open = false
		default:
		}
		inside[i] = open
	}
	return inside
}

// undone lists what up makes and down leaves behind. It is empty where down holds anything that cannot be read, as
// that may be the missing part.
func (s *script) undone() []operation {
	gone := map[string]bool{}
	for _, o := range s.down {
		switch {
		case o.do == opaque || o.template:
			return nil
		case o.do == removes:
			gone[thing(o)] = true
			if o.object == "constraint" || o.object == "index" {
				gone["key:"+o.name] = true
				gone["keys:"+o.table] = true
			}
		case o.do == alters:
			gone["keys:"+o.table] = true
		default:
		}
	}
	made := tablesMade(s.up)
	var left []operation
	for i, o := range s.up {
		if o.do != makes || o.template || gone[thing(o)] || removedAgain(s.up[i+1:], o) {
			continue
		}
		switch o.object {
		case "table", "type", "sequence":
			if !coveredByRename(s.down, o) {
				left = append(left, o)
			}
		case "column":
			if o.name != "" && !made[o.table] && !gone["table:"+o.table] {
				left = append(left, o)
			}
		case "index":
			if o.name != "" && !made[o.table] && !gone["table:"+o.table] && !gone["key:"+o.name] && !anyColumnGone(gone, o) {
				left = append(left, o)
			}
		}
	}
	return left
}

func thing(o operation) string {
	switch o.object {
	case "table", "view":
		return "table:" + o.table
	case "column":
		return "column:" + o.table + "." + o.name
	case "index":
		return "key:" + o.name
	}
	return o.object + ":" + o.name
}

func anyColumnGone(gone map[string]bool, o operation) bool {
	for _, c := range o.columns {
		if gone["column:"+o.table+"."+c] {
			return true
		}
	}
	return false
}

// removedAgain says whether a later step of the same direction drops the thing (a scratch table), or renames its table.
func removedAgain(later []operation, made operation) bool {
	for _, o := range later {
		if o.do == removes && thing(o) == thing(made) || o.do == alters && o.object == "rename" && o.table == made.table {
			return true
		}
	}
	return false
}

func coveredByRename(down []operation, made operation) bool {
	for _, o := range down {
		if o.do == alters && o.object == "rename" && o.table == made.table {
			return true
		}
		if o.do == removes && o.object == "schema" && strings.HasPrefix(made.table, o.name+".") {
			return true
		}
	}
	return false
}
