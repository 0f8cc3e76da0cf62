package scripts

// PHP migrations besides Laravel's: Doctrine's SQL, Phinx's and CakePHP's tables.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	doctrineMark = lazy.New(`(?i)extends\s+\\?(?:[\w\\]+\\)?Abstract(?:Phinx)?Migration\b`)
	phpThrowing  = lazy.New(`\bthrow\s+new\s+\S+|throwIrreversibleMigrationException|IrreversibleMigration`)
	phinxTable   = lazy.New(`\$this->table\(\s*['"](\w+)['"]`)
	phinxTableV  = lazy.New(`(\$\w+)\s*=\s*\$this->table\(\s*['"](\w+)['"]`)
)

// readDoctrine reads a migration of Doctrine or Phinx, nil for other PHP files.
func readDoctrine(p, text string) *script {
	if !doctrineMark.MatchString(text) {
		return nil
	}
	c := parseCode(p, text, "up", "down")
	if c == nil {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: max(1, c.starts["down"]), hasDown: c.starts["down"] > 0}
	phinx := strings.Contains(text, "Phinx") || strings.Contains(text, "Migrations\\AbstractMigration") && strings.Contains(text, "$this->table(")
	s.runner = runner{name: "Doctrine Migrations", tracked: true, atomic: true, reversible: true, switchOff: "isTransactional()"}
	if phinx {
		s.runner.name = "Phinx"
	}
	if strings.Contains(strings.ReplaceAll(text, " ", ""), "isTransactional():bool{returnfalse") {
		s.runner.atomic = false
	}
	var change []source.Span
	for _, d := range c.Decls {
		if d.Name == "change" && d.Kind == source.Method {
			change = append(change, d.Body)
			s.hasDown, s.derived = true, true
		}
	}
	tables := map[string]string{}
	for _, m := range phinxTableV.FindAllStringSubmatch(text, -1) {
		tables[m[1]] = fold(m[2])
	}
	for _, call := range c.Calls {
		way := c.wayOf(call.Span)
		for _, b := range change {
			if b.Start <= call.Span.Start && call.Span.End <= b.End {
				way = "up"
			}
		}
		if way == "" {
			continue
		}
		ops := phpMigrationCall(c, call, tables)
		for i := range ops {
			if ops[i].line == 0 {
				ops[i].line, ops[i].last = call.Args[0].Span.Line, call.Span.EndLine
			}
			if ops[i].text == "" {
				ops[i].text = normalise(call.Name + "(" + argsText(call) + ")")
			}
		}
		if way == "up" {
			s.up = append(s.up, ops...)
		} else {
			s.down = append(s.down, ops...)
		}
	}
	body := c.bodyText("down")
	if m := phpThrowing.FindString(body); m != "" {
		s.refusal = m
	}
	for _, m := range phpComment.FindAllStringSubmatch(body, -1) {
		if words := strings.Fields(m[1] + m[2] + m[3]); len(words) >= 3 && !strings.Contains(m[0], "auto-generated") {
			s.refusal = strings.Join(words, " ")
		}
	}
	return s
}

func phpMigrationCall(c *code, call *source.Call, tables map[string]string) []operation {
	if len(call.Args) == 0 {
		return nil
	}
	table := tables[strings.TrimSpace(strings.SplitN(call.Receiver, "->", 2)[0])]
	if m := phinxTable.FindStringSubmatch(call.Receiver); m != nil {
		table = fold(m[1])
	}
	switch call.Name {
	case "addSql", "execute", "query":
		if strings.HasPrefix(call.Receiver, "$this") {
			return c.statements(call.Args[0])
		}
	case "addColumn":
		if table != "" {
			args := argsText(call)
			created := strings.Contains(string(c.Text[call.Span.End:min(len(c.Text), call.Span.End+2000)]), "->create()")
			if created {
				return nil
			}
			// Phinx makes a column NOT NULL unless it is told otherwise.
			nullable := strings.Contains(args, "'null' => true") || strings.Contains(args, `"null" => true`)
			return one(operation{do: makes, object: "column", table: table, name: literal(call, 0, ""), notNull: !nullable, filled: strings.Contains(args, "default"), reversible: true})
		}
	case "removeColumn":
		if table != "" {
			return one(operation{do: removes, object: "column", table: table, name: literal(call, 0, ""), locks: dropped})
		}
	case "renameColumn":
		if table != "" {
			return one(operation{do: alters, object: "rename", table: table, columns: []string{literal(call, 0, ""), literal(call, 1, "")}, locks: renamed, reversible: true})
		}
	case "changeColumn":
		if table != "" {
			return one(operation{do: alters, object: "column", table: table, name: literal(call, 0, ""), guarded: true, locks: retyped})
		}
	case "addIndex":
		if table != "" {
			return one(operation{do: makes, object: "index", table: table, locks: plainIndex, reversible: true})
		}
	case "table":
		if call.Receiver == "$this" {
			rest := string(c.Text[call.Span.End:min(len(c.Text), call.Span.End+3000)])
			if i := strings.Index(rest, ";"); i >= 0 {
				rest = rest[:i]
			}
			switch {
			case strings.Contains(rest, "->create()"):
				return one(operation{do: makes, object: "table", table: literal(call, 0, ""), reversible: true})
			case strings.Contains(rest, "->drop()"):
				return one(operation{do: removes, object: "table", table: literal(call, 0, ""), locks: dropped})
			}
		}
	}
	return nil
}
