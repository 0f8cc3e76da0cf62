package scripts

// Which code names a column or a table: by SQL, by the object that a row is, or by the model of the table.

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// forms are the spellings of a column in code: as it is, inCamelCase, InPascalCase.
func forms(name string) []string {
	list := []string{name}
	for _, f := range []string{camel(name), pascal(name)} {
		if f != "" && f != list[0] && f != list[len(list)-1] {
			list = append(list, f)
		}
	}
	return list
}

// maxUsers bounds how many files are read for the users of one name.
const maxUsers = 200

// columnUsers are the files of the head that name the column of the table in one of those ways.
func (c *changes) columnUsers(table, name string) ([]string, error) {
	var words []string
	for _, f := range forms(name) {
		if len(f) >= 3 {
			words = append(words, f)
		}
	}
	if len(words) == 0 {
		return nil, nil
	}
	naming, err := c.pass.Source.Naming(c.pass.Context, words...)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var list []string
	for _, w := range words {
		for _, p := range naming[w] {
			if seen[p] || !readsRows(p) || len(seen) > maxUsers {
				continue
			}
			seen[p] = true
			text := string(c.readHead(p))
			if len(text) < 1<<20 && usesColumn(p, text, table, name) {
				list = append(list, p)
			}
		}
	}
	return list, nil
}

// readsRows says whether a file may read rows: code, templates and the schema of an object mapper.
func readsRows(p string) bool {
	switch path.Ext(p) {
	case ".cs", ".kts", ".tsx", ".jsx", ".mjs", ".vue", ".svelte", ".slim", ".haml", ".prisma", ".twig", ".jbuilder", ".rake", ".cshtml", ".mts":
		dir := "/" + strings.ToLower(p)
		return !aside(p) && !strings.Contains(dir, "migrat")
	}
	return readsTables(p)
}

var ignoring = lazy.New(`(?i)ignored_columns|IgnoreColumn|deprecated`)

// usesColumn says whether a text uses the column of that table, and not one of the same name elsewhere.
func usesColumn(p, text, table, name string) bool {
	if path.Ext(p) == ".prisma" {
		return prismaHas(text, table, name)
	}
	text = withoutComments(p, text)
	if len(name) >= 6 && strings.Contains(name, "_") && inStatement(text, name, table) || len(name) > 2 && inLiteral(p, text, name, table) {
		return true
	}
	things := rowNames(table)
	own := isModelOf(p, table)
	for _, form := range forms(name) {
		if len(form) < 3 {
			continue
		}
		word := regexp.MustCompile(`\b` + regexp.QuoteMeta(form) + `\b`)
		for _, at := range word.FindAllStringIndex(text, 200) {
			line := lineAround(text, at[0])
			own := own || path.Ext(p) == ".py" && inModelClass(text, at[0], table)
			if ignoring.MatchString(line) {
				continue
			}
			if owner := ownerOf(text[:at[0]]); owner != "" {
				if things[owner] || bound(text, text[:at[0]], things) || own && (owner == "self" || owner == "this" || owner == "cls") {
					return true
				}
				continue
			}
			if queriesModel(statementAround(text, at[0], path.Ext(p)), table) && len(form) > 3 && (form != pascal(name) || form == name) || own && declares(line, form) {
				return true
			}
		}
	}
	return false
}

// inLiteral says whether a literal of the program is a statement about the table alone that names the column.
func inLiteral(p, text, name, table string) bool {
	if !strings.Contains(strings.ToLower(text), fold(table)) {
		return false
	}
	f, err := source.Parse(p, []byte(text))
	if err != nil || f == nil {
		return false
	}
	word := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(name) + `\b`)
	for _, s := range f.Strings {
		if !statementLike.MatchString(s.Value) || !word.MatchString(s.Value) {
			continue
		}
		about, others := false, false
		for _, m := range anyTable.FindAllStringSubmatch(strings.ReplaceAll(s.Value, `\"`, `"`), -1) {
			about = about || fold(m[1]) == fold(table)
			others = others || fold(m[1]) != fold(table)
		}
		if about && !others {
			return true
		}
	}
	return false
}

// rowNames are the names, folded and without separators, under which code holds a row of the table.
func rowNames(table string) map[string]bool {
	names := map[string]bool{}
	for _, w := range tableWords(table) {
		w = strings.NewReplacer("_", "", " ", "").Replace(w)
		for _, before := range []string{"", "new", "old", "the", "this", "my", "current", "updated", "existing"} {
			names[before+w] = true
		}
	}
	return names
}

// bound says whether the variable before a name was given a row of the table: suppliers.map((s) => s.x), for s in suppliers.
func bound(text, before string, things map[string]bool) bool {
	m := ownerWord.FindStringSubmatch(before[max(0, len(before)-80):])
	if m == nil {
		return false
	}
	name := regexp.QuoteMeta(m[1])
	intro := regexp.MustCompile(`[^\n]*(?:\(\s*\(?|\|\s*|\bfor\s*\(?\s*(?:const |let |var |final )?(?:\w+ )?(?:_, )?|\b(?:const|let|var|val)\s+|^\s*|\s)\$?` + name + `\b\s*(?:=>|->|\||\bin\b|\bof\b|:|:=|=|,\s*err\s*:=|\)\s*=>)[^\n]*`)
	for _, line := range intro.FindAllString(text, 8) {
		for _, w := range wordsIn.FindAllString(line, 40) {
			if w != m[1] && len(w) > 3 && things[strings.ToLower(strings.ReplaceAll(w, "_", ""))] {
				return true
			}
		}
	}
	return false
}

var wordsIn = lazy.New(`[A-Za-z_]\w*`)

// tableCalls are the files of the head that name a table as the argument of a query builder, or in a statement.
func (c *changes) tableCalls(name string) ([]string, error) {
	naming, err := c.pass.Source.Naming(c.pass.Context, name)
	if err != nil {
		return nil, err
	}
	quoted := "[\"'`\\[]" + regexp.QuoteMeta(name) + "[\"'`\\]]"
	builder := regexp.MustCompile(`(?:\b(?:knex|trx|db|tx|conn|table|from|into|update|insertInto|deleteFrom|updateTable|selectFrom|collection|Table|From|join|innerJoin|leftJoin)|DB::table|->(?:from|table|join))\(\s*` + quoted)
	statement := regexp.MustCompile(`(?i)\b(?:from|join|into|update)\s+["` + "`" + `]?` + regexp.QuoteMeta(name) + `\b`)
	var list []string
	for _, p := range naming[name] {
		if !readsTables(p) {
			continue
		}
		text := withoutComments(p, string(c.readHead(p)))
		if builder.MatchString(text) || mapsTable(text, name) || statement.MatchString(text) && statementLike.MatchString(text) {
			list = append(list, p)
		}
	}
	return list, nil
}

var ownerWord = lazy.New(`([A-Za-z_]\w*)(?:\(\))?(?:\?\.|!\.|&\.|\.|->|::)\s*(?:c\.)?$`)

// ownerOf is what stands before the dot in front of a name, folded; empty when no dot does.
func ownerOf(before string) string {
	before = before[max(0, len(before)-80):]
	m := ownerWord.FindStringSubmatch(before)
	if m == nil {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimLeft(m[1], "_"), "_", ""))
}

// statementAround is the line of a place with the lines before it that belong to the same statement.
func statementAround(text string, at int, ext string) string {
	line := lineAround(text, at)
	before := text[max(0, strings.LastIndexByte(text[:at], '\n')+1-500) : strings.LastIndexByte(text[:at], '\n')+1]
	switch ext {
	case ".rb", ".py", ".rake", ".kt", ".exs", ".ex", ".scala":
		lines := strings.Split(strings.TrimSuffix(before, "\n"), "\n")
		next := strings.TrimSpace(line)
		for i := len(lines) - 1; i >= 0 && i > len(lines)-8; i-- {
			l := strings.TrimSpace(lines[i])
			if !strings.HasPrefix(next, ".") && !strings.HasPrefix(next, ")") && !strings.HasSuffix(l, "(") && !strings.HasSuffix(l, ",") && !strings.HasSuffix(l, ".") {
				break
			}
			line, next = l+" "+line, l
		}
		return line
	}
	if i := strings.LastIndexAny(before, ";{}"); i >= 0 {
		before = before[i+1:]
	}
	return before + line
}

func lineAround(text string, at int) string {
	from := strings.LastIndexByte(text[:at], '\n') + 1
	to := strings.IndexByte(text[at:], '\n')
	if to < 0 {
		return text[from:]
	}
	return text[from : at+to]
}

// queriesModel says whether a line asks a model or a client for rows of the table: Booking.where(...), prisma.booking.
// findMany(...), db.Bookings.Select(...), table("bookings").
func queriesModel(line, table string) bool {
	singularName := strings.TrimSuffix(table[strings.LastIndexByte(table, '.')+1:], "s")
	for _, w := range tableWords(table) {
		w = strings.ReplaceAll(w, " ", "_")
		for _, m := range []string{pascal(w) + ".", pascal(w) + "::", "prisma." + camel(w) + ".", "db." + camel(w) + ".", "." + pascal(w) + ".", `("` + w + `")`, "('" + w + "')"} {
			if len(w) > 3 && strings.Contains(line, m) {
				return true
			}
		}
	}
	return strings.Contains(line, pascal(singularName)+".objects")
}

// isModelOf says whether a file is that of the table's model, by its name.
func isModelOf(p, table string) bool {
	base := strings.ToLower(strings.TrimSuffix(path.Base(p), path.Ext(p)))
	base = strings.NewReplacer("_", "", "-", "", ".entity", "", ".model", "", "entity", "", "model", "").Replace(base)
	for _, w := range tableWords(table) {
		if w = strings.NewReplacer("_", "", " ", "").Replace(w); len(w) > 3 && w == base {
			return true
		}
	}
	return false
}

var classHead = lazy.New(`(?m)^class\s+(\w+)`)

// inModelClass says whether a place stands in the class of the table's model, in a file that holds several.
func inModelClass(text string, at int, table string) bool {
	heads := classHead.FindAllStringSubmatch(text[max(0, at-20000):at], -1)
	return len(heads) > 0 && slices.Contains(tableWords(table), strings.ToLower(heads[len(heads)-1][1]))
}

var fieldLike = lazy.New(`(?i)\b(private|public|protected|val|var|readonly|column|field|attribute|validates?|enum|scope|fillable|casts|delegate|mapped|get;)\b|@Column|[:=]\s*(models|db|sa|Column|mapped_column|text|integer|varchar)\b|` + "`" + `(db|gorm|json|bun):|=>|^\s*\w+\??\s*[:!]`)

// declares says whether a line of the model's file declares or checks the column.
func declares(line, form string) bool {
	return fieldLike.MatchString(line) && !strings.Contains(line, "//"+form)
}

// prismaHas says whether a Prisma schema's model of the table still has the column.
func prismaHas(text, table, name string) bool {
	for _, block := range strings.Split(text, "\nmodel ") {
		head, body, ok := strings.Cut(block, "{")
		if !ok {
			continue
		}
		body, _, _ = strings.Cut(body, "\n}")
		model := fold(strings.TrimSpace(head))
		mapped := strings.Contains(body, `@@map("`+table+`")`)
		if model != strings.ReplaceAll(table, "_", "") && model != table && !mapped {
			continue
		}
		for _, line := range strings.Split(body, "\n") {
			fields := strings.Fields(line)
			if len(fields) > 1 && (fold(fields[0]) == name && !strings.Contains(line, "@map(") || strings.Contains(line, `@map("`+name+`")`)) {
				return true
			}
		}
	}
	return false
}

// usedBefore are changed files whose code at the base named the column: the release that still runs does.
func (c *changes) usedBefore(table, name string) []string {
	var list []string
	for _, f := range c.pass.Branch.Files {
		if f.Status == branch.Added || f.Binary || f.Generated || f.TooLarge || !readsRows(f.Path) {
			continue
		}
		if old, err := f.Before(); err == nil && len(old) < 1<<20 && usesColumn(f.Path, string(old), table, name) {
			list = append(list, f.Path)
		}
	}
	return list
}
