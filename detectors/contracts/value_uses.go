package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Where a value of an enumeration is one of several that the same thing is compared with: the arms of a switch, match, when or
// case, in whatever language, and the keys of a table from values to something.

// A choice is what is compared (a variable, a member) and the values that it is compared with, each with its line.
type choice struct {
	subject string
	values  map[string]int
}

var (
	choiceHead = lazy.New(`^(\s*)(?:.*[\s=(]|\}?\s*)?(switch|match|when|case|CASE)\b\s*\(?\s*(["'$\w][^{]*?)\s*\)?\s*(?:\{|:|\bin\b|\bof\b|\bdo\b|$)`)
	// headAfter is the switch of C# that stands behind what it looks at: state switch { "open" => ... }.
	headAfter = lazy.New(`^(\s*)(?:.*[\s=(!])?([\w.?!]+(?:\(\))?)\s+(switch)\s*\{?\s*$`)
	sqlCase   = lazy.New(`(?i)\bcase\s+([\w."]+)\s+when\s`)
	quotedArm = lazy.New(`^\s*(?:case|when|WHEN|When|\|)?\s*((?:["'][^"'\n]{1,80}["']\s*[,|]?\s*(?:or\s+)?)+)\s*(?:\)|:|->|=>|then\b|THEN\b|if\b|$)`)
	bareArm   = lazy.New(`^\s*\(?\s*((?:["']?[\w-]+["']?\s*\|?\s*)+)\)`)
	whenArm   = lazy.New(`(?i)\bwhen\s+'([^'\n]{1,80})'`)
	armValue  = lazy.New(`[\w][\w.-]*`)
)

// maxArms bounds the lines of one choice.
const maxArms = 120

// choicesIn are the choices of a text.
func choicesIn(text string) []choice {
	var list []choice
	rows := strings.Split(text, "\n")
	for i, row := range rows {
		if len(row) > 500 {
			continue
		}
		if m := sqlCase.FindStringSubmatch(row); m != nil {
			c := choice{m[1], map[string]int{}}
			for j := i; j < min(len(rows), i+maxArms); j++ {
				for _, w := range whenArm.FindAllStringSubmatch(rows[j], 20) {
					c.put(w[1], j+1)
				}
				if strings.Contains(strings.ToUpper(rows[j]), "END") && j > i {
					break
				}
			}
			list = append(list, c)
			continue
		}
		m := choiceHead.FindStringSubmatch(row)
		if a := headAfter.FindStringSubmatch(row); a != nil {
			m = []string{a[0], a[1], a[3], a[2]}
		}
		if m == nil {
			continue
		}
		if c := armsBelow(rows, i, m); len(c.values) > 0 {
			list = append(list, c)
		}
	}
	return list
}

func (c choice) put(value string, line int) {
	if _, ok := c.values[value]; !ok {
		c.values[value] = line
	}
}

// armsBelow reads the arms of the choice whose head is row i.
func armsBelow(rows []string, i int, head []string) choice {
	c := choice{strings.Trim(head[3], `"'(){}$ `), map[string]int{}}
	shell := strings.HasSuffix(strings.TrimSpace(rows[i]), " in") && head[2] == "case"
	indent := len(head[1])
	for j := i + 1; j < min(len(rows), i+maxArms); j++ {
		row := rows[j]
		trimmed := strings.TrimSpace(row)
		if trimmed == "" || len(row) > 500 {
			continue
		}
		at := len(row) - len(strings.TrimLeft(row, " \t"))
		if at < indent || at == indent && (trimmed[0] == '}' || trimmed == "end" || trimmed == "esac" || trimmed[0] == ')' || !quotedArm.MatchString(row) && !shell && trimmed[0] != '{') {
			break
		}
		if m := quotedArm.FindStringSubmatch(row); m != nil {
			for _, v := range literals(m[1]) {
				c.put(v, j+1)
			}
		} else if m := bareArm.FindStringSubmatch(row); shell && m != nil {
			for _, v := range armValue.FindAllString(m[1], 20) {
				c.put(v, j+1)
			}
		}
	}
	return c
}

// handledIn is the line at which a text handles the value as one of the set's, 0 for none: among the set's other values, as
// something that is called like what holds the set. Rivals are other sets that have the value rightly.
func (s *valueSet) handledIn(text, value string, subject []string, rivals []*valueSet) int {
	if len(text) > 1<<20 || !strings.Contains(text, value) {
		return 0
	}
	for _, c := range choicesIn(text) {
		line := c.values[value]
		if line == 0 || !s.chosen(keysOf(c.values), value, rivals) {
			continue
		}
		if slices.Contains(words(c.subject), subject[len(subject)-1]) || givenBy(text, c.subject, subject[len(subject)-1]) {
			return line
		}
	}
	return 0
}

// chosen says that values which stand together are the set's and no rival's.
func (s *valueSet) chosen(together []string, value string, rivals []*valueSet) bool {
	own := slices.ContainsFunc(together, func(v string) bool {
		return v != value && s.has(v) && !slices.ContainsFunc(rivals, func(r *valueSet) bool { return r.has(v) })
	})
	theirs := slices.ContainsFunc(together, func(v string) bool {
		return !s.has(v) && slices.ContainsFunc(rivals, func(r *valueSet) bool { return r.has(v) })
	})
	return own && !theirs
}

// givenBy says that a plain variable is given something that is called so: s=$(jq -r .phase), s := job.Phase.
func givenBy(text, variable, word string) bool {
	if !variableName.MatchString(variable) {
		return false
	}
	given := regexp.MustCompile(`(?m)\b` + regexp.QuoteMeta(variable) + `\b\s*(?::?=|<-)\s*([^=\n][^\n]*)`)
	for _, m := range given.FindAllStringSubmatch(text, 20) {
		if slices.Contains(words(m[1]), word) {
			return true
		}
	}
	return false
}

// tableIn is the line of the value among the keys of a table that has the set's values for keys, none of them new, in a file that
// looks values of the set up in it; 0 for none.
func (s *valueSet) tableIn(f *source.File, value string, added, subject []string, rivals []*valueSet) int {
	if f == nil || len(added) == 0 {
		return 0
	}
	word := subject[len(subject)-1]
	for _, o := range f.Objects {
		line := 0
		var keys []string
		for _, k := range o.Keys {
			name := strings.Trim(k.Name, `"'[]`)
			keys = append(keys, name)
			if name == value {
				line = k.Span.Line
			}
		}
		foreign := slices.ContainsFunc(keys, func(k string) bool { return !s.has(k) && k != "default" && k != "unknown" })
		if line == 0 || len(keys) < 2 || foreign || o.Spread || !s.chosen(keys, value, rivals) {
			continue
		}
		if slices.Contains(words(o.Name), word) || variableName.MatchString(o.Name) && looksUp(f, o.Name, word) {
			return line
		}
	}
	return 0
}

// looksUp says that a file takes something that is called so out of a table: COLOURS[job.phase], COLOURS.get(phase).
func looksUp(f *source.File, table, word string) bool {
	use := regexp.MustCompile(`\b` + regexp.QuoteMeta(table) + `(?:\?\.)?(?:\[|\.get\(|\.fetch\()([^\])\n]{1,80})`)
	return slices.ContainsFunc(use.FindAllSubmatch(f.Text, 20), func(m [][]byte) bool { return slices.Contains(words(string(m[1])), word) })
}

// meantIn says that a text is about the set's own record and about none of its rivals': an address or a name of theirs.
func (s *valueSet) meantIn(p, text string, rivals []*valueSet) bool {
	mine := recordWords(s)
	var theirs []string
	for _, r := range rivals {
		theirs = append(theirs, recordWords(r)...)
	}
	mine = slices.DeleteFunc(mine, func(w string) bool { return slices.Contains(theirs, w) })
	said := map[string]bool{}
	for _, w := range words(p + " " + text[:min(len(text), 100_000)]) {
		said[w] = true
	}
	return slices.ContainsFunc(mine, func(w string) bool { return said[w] }) && !slices.ContainsFunc(theirs, func(w string) bool { return said[w] })
}

// recordWords are the words of what holds a set: of "Job.phase" that is job.
func recordWords(s *valueSet) []string {
	i := strings.LastIndexByte(s.owner, '.')
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(words(s.owner[:i]), func(w string) bool { return len(w) < 3 })
}

// mirroredIn is the line of the value in an enumeration of another language or program that has the set's name and exactly the
// values that it had, 0 for none: the same thing, as a reader knows it.
func (s *valueSet) mirroredIn(at side, p, text, value string) int {
	if source.LanguageOf(p) == source.LanguageOf(s.path) && top(p) == top(s.path) || source.IsTest(p) {
		return 0
	}
	for _, o := range setsIn(at, p) {
		if len(o.values) < 3 || lastOf(o.owner) != lastOf(s.owner) || !sameValues(o.values, s.values) {
			continue
		}
		rows := strings.Split(text, "\n")
		word := regexp.MustCompile(`\b` + regexp.QuoteMeta(value) + `\b`)
		for i := max(0, o.line-1); i < len(rows) && i < o.line+maxArms; i++ {
			if word.MatchString(rows[i]) {
				return i + 1
			}
		}
		return o.line
	}
	return 0
}
