package scripts

// Migrations of Ecto in Elixir: change, up and down, read line by line, which their regular form allows.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	ectoMark   = lazy.New(`(?m)^\s*use\s+Ecto\.Migration\b`)
	ectoDef    = lazy.New(`^\s*def\s+(change|up|down)\b`)
	ectoTable  = lazy.New(`\b(?:table|index|unique_index|constraint)\(\s*:?"?([\w.]+)"?`)
	ectoColumn = lazy.New(`^(add|add_if_not_exists|remove|remove_if_exists|modify)[\s(]+:(\w+)\s*(?:,\s*(.*))?$`)
	ectoRename = lazy.New(`^rename[\s(]+table\(\s*:(\w+)[^)]*\)\s*,\s*(?::(\w+)\s*,\s*)?to:\s*(?:table\(\s*)?:(\w+)`)
	ectoText   = lazy.New(`(?s)"""(.*?)"""|"((?:[^"\\]|\\.)*)"`)
	ectoOwn    = lazy.New(`^([a-z]\w*[?!]?)\(`)
)

// readEcto reads a migration, nil for other Elixir files.
func readEcto(p, text string) *script {
	if !ectoMark.MatchString(text) {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: 1}
	s.runner = runner{name: "Ecto", tracked: true, atomic: !strings.Contains(text, "@disable_ddl_transaction true"), reversible: true, switchOff: "@disable_ddl_transaction true"}
	way, table, creating := "", "", false
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if m := ectoDef.FindStringSubmatch(lines[i]); m != nil {
			way, table, creating = m[1], "", false
			switch way {
			case "change":
				s.hasDown, s.derived = true, true
			case "down":
				s.hasDown, s.downLine = true, i+1
			}
			if _, body, ok := strings.Cut(line, ", do: "); ok {
				line = body
			} else {
				continue
			}
		}
		switch {
		case strings.HasPrefix(line, "#"):
			if way == "down" && len(strings.Fields(line)) > 3 {
				s.refusal = strings.TrimSpace(strings.TrimPrefix(line, "#"))
			}
			continue
		case line == "end":
			table, creating = "", false
			continue
		case way == "" || line == "" || strings.HasPrefix(line, "def "):
			if strings.HasPrefix(line, "def") {
				way = ""
			}
			continue
		case way == "down" && strings.HasPrefix(line, "raise"):
			s.refusal = line
			continue
		}
		first := i
		statement := line
		for strings.HasPrefix(line, "execute") && (strings.Count(statement, `"""`)%2 == 1 || strings.HasSuffix(strings.TrimSpace(statement), "(") || strings.HasSuffix(strings.TrimSpace(statement), ",") ||
			strings.HasPrefix(line, "execute(") && !strings.HasSuffix(strings.TrimSpace(statement), ")")) && i+1 < len(lines) && i-first < 80 {
			i++
			statement += "\n" + lines[i]
		}
		ops := ectoOperations(statement, &table, &creating)
		for _, o := range ops {
			o.line, o.last = first+1, i+1
			if o.text == "" {
				o.text = normalise(statement)
			}
			if way == "down" {
				s.down = append(s.down, o)
			} else {
				s.up = append(s.up, o)
			}
		}
	}
	return s
}

// ectoOperations reads one statement; table is the one of the block around it, creating says that the block makes it.
func ectoOperations(line string, table *string, creating *bool) []operation {
	named := ""
	if m := ectoTable.FindStringSubmatch(line); m != nil {
		named = fold(m[1])
	}
	word, _, _ := strings.Cut(strings.NewReplacer("(", " ", "\n", " ").Replace(line), " ")
	switch word {
	case "create", "create_if_not_exists":
		switch {
		case strings.Contains(line, "index("):
			concurrent := strings.Contains(line, "concurrently: true")
			return one(operation{do: makes, object: "index", table: named, concurrent: concurrent, guarded: word != "create", reversible: true, locks: locksUnless(concurrent, plainIndex)})
		case strings.Contains(line, "constraint("):
			valid := !strings.Contains(line, "validate: false")
			return one(operation{do: makes, object: "constraint", table: named, notValid: !valid, reversible: true, locks: locksUnless(!valid, checked)})
		}
		if strings.HasSuffix(line, "do") {
			*table, *creating = named, true
		}
		return one(operation{do: makes, object: "table", table: named, guarded: word != "create", reversible: true})
	case "alter":
		*table, *creating = named, false
		return nil
	case "drop", "drop_if_exists":
		object := "table"
		if strings.Contains(line, "index(") {
			object = "index"
		} else if strings.Contains(line, "constraint(") {
			object = "constraint"
		}
		o := operation{do: removes, object: object, table: named, guarded: word != "drop", reversible: object == "index"}
		if object == "table" {
			o.locks = dropped
		}
		return one(o)
	case "rename":
		if m := ectoRename.FindStringSubmatch(line); m != nil {
			if m[2] == "" {
				return one(operation{do: alters, object: "rename", table: fold(m[1]), name: fold(m[3]), locks: renamed, reversible: true})
			}
			return one(operation{do: alters, object: "rename", table: fold(m[1]), columns: []string{fold(m[2]), fold(m[3])}, locks: renamed, reversible: true})
		}
	case "execute":
		texts := ectoText.FindAllStringSubmatch(line, 3)
		if len(texts) == 0 {
			return one(operation{do: opaque, object: "execute"})
		}
		ops, _ := readSQL(texts[0][1]+texts[0][2], 1)
		for i := range ops {
			ops[i].reversible = len(texts) > 1
			if !ops[i].reversible {
				ops[i].object = strings.TrimSpace(ops[i].object)
			}
		}
		return ops
	case "flush", "timestamps", "end", ":ok", "{:ok,", "IO.puts", "nil":
		return nil
	}
	if m := ectoColumn.FindStringSubmatch(line); m != nil && *table != "" && !*creating {
		options := m[3]
		o := operation{do: makes, object: "column", table: *table, name: fold(m[2]), reversible: true, guarded: strings.HasSuffix(m[1], "exists")}
		switch m[1] {
		case "remove", "remove_if_exists":
			o.do, o.locks, o.reversible = removes, dropped, options != ""
		case "modify":
			o.do, o.guarded, o.reversible = alters, true, strings.Contains(options, "from:")
			if strings.Contains(options, "null: false") {
				o.object, o.locks = "not null", setNotNull
			}
		default:
			o.notNull = strings.Contains(options, "null: false")
			o.filled = strings.Contains(options, "default:") || strings.Contains(options, "generated:")
			if strings.Contains(options, "references(") && !strings.Contains(options, "validate: false") {
				o.locks = foreignKey
			}
		}
		return one(o)
	}
	if strings.Contains(line, ".update_all(") || strings.Contains(line, ".insert_all(") || strings.Contains(line, ".delete_all(") || ectoOwn.MatchString(line) && !*creating && *table == "" {
		return one(operation{do: opaque})
	}
	return nil
}
