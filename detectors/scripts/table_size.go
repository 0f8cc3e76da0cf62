package scripts

// How large a table is, where the repository's own words tell: "1.1 billion rows in `reading`", "about 300 shops".

import (
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// size is what is known of a table's rows.
type size int

const (
	unsized size = iota
	small
	large
)

// smallRows and largeRows bound what is called small and large, in rows. A statement reads some hundred thousand rows in
// a second; ten million take minutes.
const (
	smallRows = 100_000
	largeRows = 1_000_000
)

var (
	quantity  = lazy.New(`(?i)(?:\b|~)(\d[\d,._' ]*)\s*(k|thousand|m|million|mio|bn|b|billion)?\b[\w\s,-]{0,28}?\b(rows?|records?|entries|inserts?|writes?|events?|messages?|lines|documents)\b`)
	perTime   = lazy.New(`(?i)\b(an?|per|each|every)\s+(second|minute)\b|/s\b`)
	manyWords = lazy.New(`(?i)\b(millions|billions|hundreds of (thousands|millions)|(largest|biggest|busiest|hottest)|huge|hot table|never empty|high[- ]traffic|\d+(\.\d+)?\s*(tb|terabytes?|gb|gigabytes?))\b`)
	fewWords  = lazy.New(`(?i)\b(few|dozen|handful|tiny|small|a hundred|hundreds|lookup|reference data|static)\b`)
	aboutMany = lazy.New(`(?i)\b(\d[\d,._]*)\s*(k|thousand|m|million|bn|billion)?\b`)
)

// sizeOf is what the repository says of a table's size, in documents and in comments.
func (c *changes) sizeOf(table string) size {
	if table == "" {
		return unsized
	}
	if c.sizes == nil {
		c.sizes = map[string]size{}
	}
	if s, ok := c.sizes[table]; ok {
		return s
	}
	s := c.readSize(table)
	c.sizes[table] = s
	return s
}

// maxDocuments bounds how many files are read for sizes.
const maxDocuments = 60

func (c *changes) readSize(table string) size {
	names := tableWords(table)
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return unsized
	}
	read := 0
	for _, p := range paths {
		if read >= maxDocuments {
			break
		}
		doc := source.IsDoc(p) || strings.HasPrefix(strings.ToUpper(path.Base(p)), "README")
		if !doc && !commented(p) || aside(p) && !doc || strings.Contains(strings.ToLower(p), "changelog") {
			continue
		}
		text := string(c.readHead(p))
		if text == "" || len(text) > 256<<10 {
			continue
		}
		read++
		if s := sizeIn(text, names, doc); s != unsized {
			return s
		}
	}
	return unsized
}

// commented are files beside migrations whose comments speak of tables.
func commented(p string) bool {
	return path.Ext(p) == ".sql" || path.Base(p) == "schema.prisma" || path.Base(p) == "schema.rb" || migrationDir.MatchString(path.Dir(p)) || strings.Contains(p, "/versions/")
}

// sizeIn reads the sentences of a text that name the table.
func sizeIn(text string, names []string, doc bool) size {
	if !doc {
		text = remarks(text)
	}
	paragraphs := strings.Split(text, "\n\n")
	for _, paragraph := range paragraphs {
		for _, s := range strings.Split(strings.ReplaceAll(strings.Join(strings.Fields(paragraph), " "), ". ", ".\n"), "\n") {
			if !namesAny(s, names) {
				continue
			}
			if found := sizeSaid(s); found != unsized {
				return found
			}
		}
	}
	return unsized
}

// numerals are the numbers that prose writes out.
var numerals = lazy.New(`(?i)\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|a hundred|several|some|a few|half a)\s+(hundred\s+)?(thousand|million|billion)s?\b`)

// spelled are the numerals' values as far as sizes need them.
var spelled = map[string]string{"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "fifteen": "15", "twenty": "20",
	"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90", "a hundred": "100", "several": "3", "some": "2", "a few": "3", "half a": "0.5"}

// digits writes the numerals of a sentence as digits: "two million rows" is "2 million rows".
func digits(s string) string {
	return numerals.ReplaceAllStringFunc(s, func(m string) string {
		n := numerals.FindStringSubmatch(m)
		value := spelled[strings.ToLower(n[1])]
		if n[2] != "" {
			value += "00"
		}
		return value + " " + n[3]
	})
}

func sizeSaid(s string) size {
	s = digits(s)
	if m := quantity.FindStringSubmatch(s); m != nil {
		if n, ok := number(m[1], m[2]); ok {
			switch {
			case n >= largeRows, perTime.MatchString(s) && n >= 100:
				return large
			case n < smallRows && !perTime.MatchString(s):
				return small
			}
		}
	}
	if manyWords.MatchString(s) {
		return large
	}
	for _, m := range aboutMany.FindAllStringSubmatch(s, 10) {
		if n, ok := number(m[1], m[2]); ok && n >= largeRows && m[2] != "" {
			return large
		}
	}
	if fewWords.MatchString(s) {
		return small
	}
	return unsized
}

// number is a quantity with its unit as rows.
func number(figures, unit string) (float64, bool) {
	figures = strings.NewReplacer(",", "", "_", "", " ", "", "'", "").Replace(figures)
	n, err := strconv.ParseFloat(strings.Trim(figures, "."), 64)
	if err != nil {
		return 0, false
	}
	switch strings.ToLower(unit) {
	case "k", "thousand":
		n *= 1e3
	case "m", "million", "mio":
		n *= 1e6
	case "bn", "b", "billion":
		n *= 1e9
	}
	return n, true
}

// remarks are the comments of a text, line by line.
func remarks(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		for _, mark := range []string{"--", "#", "//", "*", `"""`} {
			if i := strings.Index(line, mark); i >= 0 {
				b.WriteString(line[i+len(mark):])
				break
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// tableWords are the forms in which prose may name a table: app_reading, reading, readings, Reading.
func tableWords(table string) []string {
	table = table[strings.LastIndexByte(table, '.')+1:]
	words := map[string]bool{}
	add := func(w string) {
		if len(w) < 3 {
			return
		}
		for _, f := range []string{w, strings.TrimSuffix(w, "s"), w + "s", strings.TrimSuffix(w, "es"), strings.TrimSuffix(w, "ies") + "y"} {
			if len(f) > 2 {
				words[f] = true
			}
		}
	}
	add(table)
	add(strings.ReplaceAll(table, "_", " "))
	if _, last, ok := strings.Cut(table, "_"); ok {
		add(last)
	}
	var list []string
	for w := range words {
		list = append(list, w)
	}
	return list
}

func namesAny(sentence string, names []string) bool {
	s := strings.ToLower(sentence)
	for _, n := range names {
		if strings.Contains(s, "_"+n) && appTable(s, n) {
			return true
		}
		for from := 0; ; {
			i := strings.Index(s[from:], n)
			if i < 0 {
				break
			}
			i += from
			if (i == 0 || !isWordByte(s[i-1])) && (i+len(n) == len(s) || !isWordByte(s[i+len(n)])) {
				return true
			}
			from = i + 1
		}
	}
	return false
}

// appTable says whether a sentence names a table by its app and its model, as Django does: rides_ride.
func appTable(s, name string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], "_"+name)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+1+len(name)
		if end == len(s) || !isWordByte(s[end]) {
			word := start
			for word > 0 && isWordByte(s[word-1]) {
				word--
			}
			if word < start && !strings.Contains(s[word:start], "_") {
				return true
			}
		}
		from = end
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
