package scripts

// Rails migrations: the calls of change, up and down, read line by line, which their regular form allows.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

var railsClass = lazy.New(`(?m)^\s*class\s+[\w:]+\s*<\s*(ActiveRecord::Migration|[\w:]*Migration\b)`)

// readRails reads a Ruby migration, nil for other Ruby files.
func readRails(p, text string) *script {
	if !railsClass.MatchString(text) {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: 1}
	s.runner = runner{name: "Rails", tracked: true, atomic: true, reversible: true, switchOff: "disable_ddl_transaction!"}
	r := railsReader{script: s}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		i = r.line(lines, i)
	}
	if strings.Contains(text, "disable_ddl_transaction!") {
		s.runner.atomic = false
	}
	if !s.hasDown && !r.change {
		s.downLine = max(1, r.upLine)
	}
	if r.change {
		s.hasDown, s.derived = true, true
		s.down = r.inverse()
	}
	return s
}

type railsReader struct {
	script *script
	// method is the def around the line, indent its column; change says that the migration is written as one.
	method  string
	indent  int
	upLine  int
	change  bool
	table   string // of the change_table or create_table block around the line
	block   int    // its indent
	created bool   // it is a create_table
	// both is the indent of a `reversible do` or `up_only` block, -1 outside; way the direction inside it.
	both int
	way  string
	// assured is the indent of a safety_assured block, -1 outside.
	assured int
}

var (
	rubyDef    = lazy.New(`^(\s*)def\s+(?:self\.)?(\w+)`)
	rubyCall   = lazy.New(`^(?:\w+\.)?(\w+[!?]?)[\s(]+(.*)$`)
	rubyHere   = lazy.New(`<<[~-]?["'` + "`" + `]?([A-Z_]+)["'` + "`" + `]?`)
	rubySymbol = lazy.New(`^\s*(?::(\w+)|:?["']([^"']*)["'])`)
	rubyString = lazy.New(`^\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')`)
	rubyOption = lazy.New(`(?:^|[,\s({]):?(\w+)(?::|\s*=>)\s*(\[[^\]]*\]|:?[\w.]+|"[^"]*"|'[^']*'|\{[^}]*\})`)
	rubyAll    = lazy.New(`^([A-Z][\w:]*(?:\.(?:unscoped|all))*)\.(update_all|delete_all|destroy_all)\b(.*)$`)
	rubyTail   = lazy.New(`(,|\(|\\|\.|\|\||&&)\s*$`)
	rubyBlock  = lazy.New(`\bdo(\s*\|[^|]*\|)?\s*$`)
)

// line reads the statement that starts at lines[i] and gives the index of its last line.
func (r *railsReader) line(lines []string, i int) int {
	raw := lines[i]
	text := strings.TrimSpace(raw)
	col := len(raw) - len(strings.TrimLeft(raw, " \t"))
	if text == "" || strings.HasPrefix(text, "#") {
		if r.method == "down" && len(strings.Fields(text)) > 3 {
			r.script.refusal = strings.TrimSpace(strings.TrimPrefix(text, "#"))
		}
		return i
	}
	if m := rubyDef.FindStringSubmatch(raw); m != nil {
		r.enter(m[2], len(m[1]), i+1)
		return i
	}
	if text == "end" || strings.HasPrefix(text, "end ") {
		r.leave(col)
		return i
	}
	if r.method == "" {
		return i
	}
	first := i
	for rubyTail.MatchString(text) && i+1 < len(lines) && i-first < 40 {
		i++
		text += " " + strings.TrimSpace(lines[i])
	}
	body := ""
	if m := rubyHere.FindStringSubmatch(text); m != nil {
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != m[1]; i++ {
			body += lines[i] + "\n"
		}
	}
	r.statement(text, body, first+1, col)
	return i
}

func (r *railsReader) enter(name string, indent, line int) {
	r.method, r.indent, r.table, r.both, r.way, r.assured = name, indent, "", -1, "", -1
	switch name {
	case "change":
		r.change = true
	case "down":
		r.script.hasDown, r.script.downLine = true, line
	case "up":
		r.upLine = line
	}
}

func (r *railsReader) leave(col int) {
	if r.table != "" && col == r.block {
		r.table = ""
	}
	if r.assured >= 0 && col == r.assured {
		r.assured = -1
	}
	if r.both >= 0 && col == r.both {
		r.both = -1
	}
	if r.method != "" && col == r.indent {
		r.method = ""
	}
}

func (r *railsReader) statement(text, body string, line, col int) {
	assured := strings.HasPrefix(text, "safety_assured {") || r.assured >= 0 && col > r.assured
	text = strings.TrimPrefix(text, "safety_assured { ")
	defer func(from int) {
		for i := from; assured && i < len(r.script.up); i++ {
			r.script.up[i].assured = true
		}
	}(len(r.script.up))
	switch {
	case strings.HasPrefix(text, "safety_assured") && rubyBlock.MatchString(text):
		r.assured = col
		return
	case strings.HasPrefix(text, "reversible"), strings.HasPrefix(text, "up_only"):
		if rubyBlock.MatchString(text) {
			r.both = col
		}
		if strings.HasPrefix(text, "up_only {") {
			r.add(operation{do: opaque, line: line, reversible: true})
		}
		return
	case strings.HasPrefix(text, "dir.up"), strings.HasPrefix(text, "direction.up"), strings.HasPrefix(text, "d.up"):
		r.way = "up"
		if r.both < 0 || strings.Contains(text, "{") {
			r.add(operation{do: opaque, line: line, reversible: true})
		}
		return
	case strings.HasPrefix(text, "dir.down"), strings.HasPrefix(text, "direction.down"), strings.HasPrefix(text, "d.down"):
		r.way = "down"
		return
	case strings.HasPrefix(text, "raise"):
		if r.method == "down" || r.way == "down" {
			r.script.refusal = text
		}
		return
	}
	if m := rubyAll.FindStringSubmatch(text); m != nil {
		do := deletes
		if m[2] == "update_all" {
			do = updates
		}
		name, _, _ := strings.Cut(m[1], ".")
		r.add(operation{do: do, table: pluralTable(name), whole: true, line: line, text: text, columns: updatedNames(m[3]), reversible: true,
			selfReferring: do == updates && selfAdd.MatchString(m[3])})
		return
	}
	m := rubyCall.FindStringSubmatch(text)
	if m == nil {
		return
	}
	name, rest := m[1], strings.TrimSuffix(strings.TrimSpace(m[2]), ")")
	if r.method == "down" && r.defines(name) {
		r.add(operation{do: opaque, line: line})
		return
	}
	if name == "execute" {
		sql := body
		if sql == "" {
			if q := rubyString.FindStringSubmatch(rest); q != nil {
				sql = q[1] + q[2]
			}
		}
		r.execute(sql, line)
		return
	}
	for _, o := range r.call(name, rest, text, col) {
		o.line = line
		if o.text == "" {
			o.text = normalise(text)
		}
		r.add(o)
	}
}

// defines says whether the migration itself has a method of that name, or takes one in by include: it may do the work.
func (r *railsReader) defines(name string) bool {
	return strings.Contains(r.script.text, "def "+name) || strings.Contains(r.script.text, "def self."+name)
}

var selfAdd = lazy.New(`["']\s*(\w+)\s*=\s*(?:coalesce\(\s*)?(\w+)[^"']*[+\-*/|]`)

func (r *railsReader) execute(sql string, line int) {
	if strings.TrimSpace(sql) == "" {
		r.add(operation{do: opaque, object: "execute", line: line, reversible: r.both >= 0})
		return
	}
	ops, unread := readSQL(sql, 1)
	r.script.unread += unread
	for _, o := range ops {
		if o.do == harmless {
			continue
		}
		o.line, o.reversible = line, r.both >= 0
		r.add(o)
	}
}

func (r *railsReader) add(o operation) {
	if r.method == "down" || r.both >= 0 && r.way == "down" {
		r.script.down = append(r.script.down, o)
		return
	}
	if r.both >= 0 {
		o.reversible = true
	}
	if r.method == "up" || r.method == "change" {
		r.script.up = append(r.script.up, o)
	}
}

// inverse is what Rails derives by itself from a change: everything that it can.
func (r *railsReader) inverse() []operation {
	down := r.script.down
	for _, o := range r.script.up {
		if o.do == makes {
			o.do = removes
			down = append(down, o)
		}
	}
	return down
}
