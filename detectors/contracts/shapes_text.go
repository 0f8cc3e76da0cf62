package contracts

import (
	"path"
	"regexp"
	"strings"
)

// A textDialect reads the data classes of a language for which source has no reader yet, line by line.
type textDialect struct {
	// head opens a type (its name in the first group); member is one field, with named groups name and type.
	head, member *regexp.Regexp
	// wire gives the name that the usual encoder takes for a member without annotation.
	wire func(name string) string
}

var textDialects = map[string]textDialect{
	".rs": {
		head:   regexp.MustCompile(`\b(?:struct|enum|trait)\s+([A-Z]\w*)`),
		member: regexp.MustCompile(`^\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?P<name>[a-z_]\w*)\s*:\s*(?P<type>[^,;{}()]+),?\s*$`),
		wire:   asIs,
	},
}

func asIs(name string) string { return name }

func camel(name string) string {
	parts := strings.Split(name, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

var (
	// pinnedName is an attribute that fixes a name.
	pinnedName = regexp.MustCompile(`serde\s*\(\s*rename\b[^"\n]{0,24}"([^"\n]+)"`)
	// otherNames are further names that a reader accepts.
	otherNames = regexp.MustCompile(`serde\s*\([^)]*alias[^)\]]*`)
	derives    = regexp.MustCompile(`derive\s*\([^)]*\b(?:Serialize|Deserialize)\b`)
	camelAll   = regexp.MustCompile(`rename_all\s*=\s*"camelCase"|SnakeCaseStrategy`)
	lineNote   = regexp.MustCompile(`^\s*(//|\*|/\*)`)
)

// textShapes are the data classes of a Rust file.
func textShapes(file, text string) []*shape {
	d, ok := textDialects[strings.ToLower(path.Ext(file))]
	if !ok {
		return nil
	}
	var list []*shape
	type open struct {
		shape *shape
		depth int
	}
	var stack []open
	depth, n := 0, 0
	pin, rename, serde := "", false, false
	for row := range strings.Lines(text) {
		n++
		if lineNote.MatchString(row) || len(row) > 2000 {
			continue
		}
		rename = rename || strings.Contains(row, "serde") && camelAll.MatchString(row)
		serde = serde || derives.MatchString(row)
		if m := d.head.FindStringSubmatch(row); m != nil {
			s := &shape{owner: m[1], dialect: path.Ext(file), path: file, line: n}
			d.wire = textDialects[s.dialect].wire
			if rename {
				d.wire, rename = camel, false
			}
			// A type that serde does not derive has a form that its own code gives it.
			if (s.dialect != ".rs" || serde) && !strings.Contains(row, "enum ") {
				list = append(list, s)
			}
			serde = false
			stack = append(stack, open{s, depth})
			pin = ""
		}
		if m := pinnedName.FindStringSubmatch(row); m != nil {
			pin = m[1]
		}
		if len(stack) > 0 {
			top := stack[len(stack)-1]
			for _, part := range members(row, d.head) {
				m := d.member.FindStringSubmatch(part)
				if m == nil || strings.Contains(part, " static ") || strings.Contains(part, "return ") || depth-top.depth > 1 {
					continue
				}
				name, typ := m[d.member.SubexpIndex("name")], m[d.member.SubexpIndex("type")]
				f := field{wire: d.wire(name), name: name, typ: strings.TrimSpace(typ), kind: kindOfType(strings.Trim(typ, "? ")), line: n}
				if p := pinnedName.FindStringSubmatch(part); p != nil {
					pin = p[1]
				}
				if pin != "" {
					f.wire, f.pinned, pin = pin, true, ""
					top.shape.pinned = true
				}
				if !top.shape.has(f.wire) {
					top.shape.fields = append(top.shape.fields, f)
				}
			}
			top.shape.end = n
		}
		depth += strings.Count(row, "{") + strings.Count(row, "(") - strings.Count(row, "}") - strings.Count(row, ")")
		for len(stack) > 0 && depth <= stack[len(stack)-1].depth && strings.ContainsAny(row, "};)") {
			stack = stack[:len(stack)-1]
		}
	}
	kept := list[:0]
	for _, s := range list {
		if len(s.fields) > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

// members cuts a row into what may be single members: the components of a record's head stand on one line.
func members(row string, head *regexp.Regexp) []string {
	if at := head.FindStringIndex(row); at != nil {
		_, inner, ok := strings.Cut(row[at[1]:], "(")
		if !ok {
			return nil
		}
		row = inner
	}
	if strings.Count(row, ",") > 0 && !strings.Contains(row, "=") {
		var parts []string
		level, from := 0, 0
		for i, r := range row {
			switch r {
			case '<', '(', '[':
				level++
			case '>', ')', ']':
				level--
			case ',':
				if level <= 0 {
					parts = append(parts, row[from:i+1])
					from = i + 1
				}
			}
		}
		return append(parts, row[from:])
	}
	return []string{row}
}

// acceptsOther says that a text keeps a name as a further one that readers accept.
func acceptsOther(text, wire string) bool {
	for _, m := range otherNames.FindAllString(text, -1) {
		if strings.Contains(m, `"`+wire+`"`) {
			return true
		}
	}
	return false
}
