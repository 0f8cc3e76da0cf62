package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A literalList is a list of literals in a text, whatever its language: the members of z.enum([...]), Literal[...], CHECK (x IN (...)).
type literalList struct {
	values []string
	// head is the text before the list on its row, tail what follows it.
	head, tail string
	line       int
}

var (
	quotedList = lazy.New(`["'][\w./:-]{1,60}["'](?:\s*(?:=>|:)\s*\d+)?(?:\s*[,|]\s*\n?\s*["'][\w./:-]{1,60}["'](?:\s*(?:=>|:)\s*\d+)?)+`)
	wordList   = lazy.New(`%[wi]\[([\w\s-]{3,300})\]`)
	ruleList   = lazy.New(`["'](?:[\w:|]*\|)?in:([\w-]+(?:,[\w-]+)+)`)
	anyQuoted  = lazy.New(`["']([\w./:-]{1,60})["']`)
)

// maxListText bounds the text that is read for lists, in bytes.
const maxListText = 300_000

// literalLists are the lists of two and more literals in a text.
func literalLists(text string) []literalList {
	if len(text) > maxListText {
		return nil
	}
	var list []literalList
	put := func(from, to int, values []string) {
		start := strings.LastIndexByte(text[:from], '\n') + 1
		head := strings.TrimSpace(text[start:from])
		for steps := 0; steps < 2 && len(head) < 3 && start > 0; steps++ { // the list begins on a row of its own
			start = strings.LastIndexByte(text[:start-1], '\n') + 1
			head = strings.TrimSpace(text[start:from])
		}
		if len(head) > 300 {
			head = head[len(head)-300:]
		}
		list = append(list, literalList{values, head, text[to:min(len(text), to+80)], 1 + strings.Count(text[:from], "\n")})
	}
	for _, m := range quotedList.FindAllStringIndex(text, 400) {
		var values []string
		for _, v := range anyQuoted.FindAllStringSubmatch(text[m[0]:m[1]], 60) {
			values = append(values, v[1])
		}
		put(m[0], m[1], values)
	}
	for _, pattern := range []*lazy.Regexp{wordList, ruleList} {
		for _, m := range pattern.FindAllStringSubmatchIndex(text, 200) {
			put(m[0], m[1], strings.FieldsFunc(text[m[2]:m[3]], func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' }))
		}
	}
	return list
}

var (
	// refusing is what stands before a list that refuses every other value when the program runs.
	refusing = lazy.New(`(?i)\b(?:z|v|t|s|joi|yup)\.(?:enum|picklist|enums|enumeration)\(\s*\[$|\.(?:oneOf|valid|equal|isIn)\(\s*\[?$|\bLiteral\[$|\bIN\s*\($|\bENUM\s*\($|\benum["']?\s*:\s*\[$|\bIsIn\(\s*\[$|\bone_of\(\s*\[?$|OneOf\(\s*\[?$|\bRule::in\(\s*\[?$|inclusion:\s*\{\s*in:\s*\[?$|isIn:\s*\[\[?$|Enum\(\s*\[$`)
	// lenient is what follows a list behind which another value is taken all the same.
	lenient = lazy.New(`^[\s\])}]*\.(?:catch|or|fallback|nullish|default)\(|^\s*\]\s*,\s*\w*(?:fallback|default)`)
	looseIn = lazy.New(`(?i)\bwhere\b|\bselect\b|\bhaving\b|\band\b|\bor\b|\bif\b|\bfilter|\bquery\b|\bwhen\b|\bnot\s+in\b|\bfor\b`)
)

// refuses says that whoever checks a value by the list refuses one that it does not have.
func (l literalList) refuses() bool {
	if lenient.MatchString(l.tail) {
		return false
	}
	if strings.HasSuffix(strings.ToUpper(strings.TrimSpace(strings.TrimSuffix(l.head, "("))), " IN") {
		return strings.Contains(strings.ToUpper(l.head), "CHECK") && !looseIn.MatchString(l.head)
	}
	return refusing.MatchString(l.head) || ruleList.MatchString(l.head)
}

// throwing is what an arm for all other values does when it takes none of them.
var (
	otherArm = lazy.New(`^\s*(?:default\s*(?::|=>|->)|else\s*(?:->|:)?|case\s+_|_\s*(?:=>|->)|\*\s*\))`)
	throwing = lazy.New(`\bthrow\b|\braise\b|\bpanic\b|\bunreachable\b|\bassertNever\b|\bnever\b|\bexit\s+[1-9]|\bfatal|\berror\(|\berrors\.New|\bErrorf\(|\bErr\(|\babort\b|\bdie\b|\bfail\w*\(|ArgumentOutOfRange|IllegalArgument|IllegalState`)
)

// closedChoice is the row of the arm that refuses all values but those of a switch, 0 for none.
func closedChoice(rows []string, c choice) int {
	last := 0
	for _, line := range c.values {
		last = max(last, line)
	}
	for i := last; i < min(len(rows), last+12); i++ {
		if !otherArm.MatchString(rows[i]) {
			continue
		}
		for j := i; j < min(len(rows), i+3); j++ {
			if throwing.MatchString(rows[j]) {
				return i + 1
			}
		}
		return 0
	}
	return 0
}

// sameValues says that two sets have the same values.
func sameValues(a, b []string) bool {
	return len(a) > 0 && len(without(a, b)) == 0 && len(without(b, a)) == 0
}

// strictLookup is the line on which a file takes a value's entry out of a table in a way that fails for a missing one, 0 for none.
func strictLookup(f *source.File, table string) int {
	if !variableName.MatchString(table) {
		return 0
	}
	name := regexp.QuoteMeta(table)
	pattern := `\b` + name + `\[[^\]\n"']{1,60}\](?:\.|\[|\()`
	switch f.Lang { //nolint:exhaustive // the others index as JavaScript does
	case source.Python:
		pattern = `\b` + name + `\[[^\]\n"']{1,60}\]`
	case source.Ruby:
		pattern = `\b` + name + `\.fetch\([^,\n()]{1,60}\)`
	}
	m := regexp.MustCompile(pattern).FindIndex(f.Text)
	if m == nil {
		return 0
	}
	return 1 + strings.Count(string(f.Text[:m[0]]), "\n")
}

func hasAny(text string, list []string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return strings.Contains(text, v) })
}
