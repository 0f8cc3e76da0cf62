package scripts

// Values that a program's loop computes from themselves, row by row: price.cents = round(price.cents * 1.05).

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// assigned is a property that is set, or a key that is given to a call which stores it.
	assigned = lazy.New(`(?:(\w+)(?:\.|->|\[["']))?(\w+)(?:["']\])?["']?\s*(\+=|-=|\*=|/=|=>|=|:)\s*([^=>\n,][^\n;,]*)`)
	storesIt = lazy.New(`(?i)(\.|->)(save\w*|update\w*|persist|flush|put|merge|store|write|upsert|commit|SaveChanges\w*|Save|Update\w*|replaceOne|set)!?\s*\(|\bUPDATE\s+\w+\s+SET\b|\.save!?\b|commit\(`)
	asksRow  = lazy.New(`(?m)^\s*(?:if|unless|next\b|continue\b|elif|guard)\b[^\n]*|\b(?:where|filter\w*|find\w*|exclude|Where)\b[^\n]*|(?i)\bwhere\b[^"'` + "`" + `]*`)
	setInSQL = lazy.New(`(?is)\bupdate\s+["\x60]?([\w.]+)["\x60]?\s+set\s+(.*?)(?:\bwhere\b|$)`)
	setsTo   = lazy.New(`(\w+)\s*=\s*(?:\$\d+|%s|\?|:\w+|%\(\w+\)s|@\w+)`)
	timeless = lazy.New(`(?i)^(updated_?at|modified(_?at)?|id|line|i|n|total|count)$`)
)

// driftsIn are the updates of a file's loops that compute a column of a row from its own old value, where nothing tells the rows
// apart that are done.
func driftsIn(f *source.File) []operation {
	var list []operation
	told := map[string]bool{}
	for _, loop := range loopsIn(f) {
		if loop.Start < 0 || loop.End > len(f.Text) || loop.End-loop.Start > 20000 || loop.End <= loop.Start {
			continue
		}
		body := strings.ReplaceAll(string(f.Text[loop.Start:loop.End]), "$", "")
		head, _, _ := strings.Cut(body, "\n")
		around := strings.ReplaceAll(functionAround(f, loop), "$", "")
		if !storesIt.MatchString(body) && !storesIt.MatchString(around) {
			continue
		}
		sets := assignments(body)
		for _, s := range sets {
			if told[s.column] || timeless.MatchString(s.column) || counters.MatchString(s.column) || !s.self || s.row == "" || !wordIn(head, s.row) && !wordIn(around[:max(0, strings.Index(around, head))], s.row) || marked(around, s.column, sets) {
				continue
			}
			told[s.column] = true
			line := loop.Line + strings.Count(body[:s.at], "\n")
			list = append(list, operation{do: updates, selfReferring: true, as: s.row, table: tableOf(s.row), columns: []string{fold(s.column)}, line: line, last: line, text: normalise(s.text)})
		}
	}
	return list
}

// assignment is one column that a loop's body sets; self says from its own old value, row is the variable whose it is.
type assignment struct {
	row, column, text string
	self              bool
	at                int
}

func assignments(body string) []assignment {
	var list []assignment
	for _, m := range assigned.FindAllStringSubmatchIndex(body, 80) {
		a := assignment{column: body[m[4]:m[5]], at: m[0], text: body[m[0]:m[1]]}
		if m[2] >= 0 {
			a.row = body[m[2]:m[3]]
		}
		value, sign := body[m[8]:m[9]], body[m[6]:m[7]]
		if len(sign) == 2 && sign != "=>" {
			a.self = a.row != ""
		} else if own := ownValue(value, a.column); own != "" && (a.row == "" || a.row == own) {
			a.row, a.self = own, true
		}
		list = append(list, a)
	}
	for _, m := range setInSQL.FindAllStringSubmatchIndex(body, 10) {
		sets, rest := body[m[4]:m[5]], body[m[5]:]
		for _, c := range setsTo.FindAllStringSubmatch(sets, 20) {
			a := assignment{column: c[1], at: m[0], text: body[m[0]:m[5]]}
			if own := ownValue(rest[:min(len(rest), 400)], c[1]); own != "" {
				a.row, a.self = own, true
			} else if regexp.MustCompile(`\b` + c[1] + `\b\s*[*/+-]\s*[\d\w(]`).MatchString(rest[:min(len(rest), 400)]) {
				a.row, a.self = c[1], true
			}
			list = append(list, a)
		}
	}
	return list
}

// ownValue is the variable whose property of that name a value is computed from by arithmetic, empty for none.
func ownValue(value, column string) string {
	prop := regexp.MustCompile(`(\w+)(?:\.|->|\[["'])(?:get)?` + column + `(?:["']\])?\)?\s*(?:[-+*/]|\.(?:multiply|times|plus|minus|add|mul))|[-+*/]\s*(\w+)(?:\.|->|\[["'])` + column + `\b`)
	m := prop.FindStringSubmatch(value)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// marked says whether the loop or what it goes through asks for a column that the loop sets.
func marked(around, self string, sets []assignment) bool {
	for _, c := range asksRow.FindAllString(around, 60) {
		for _, s := range sets {
			if s.column != self && len(s.column) > 2 && !timeless.MatchString(s.column) && wordIn(c, s.column) && !strings.Contains(s.text, strings.TrimSpace(c)) {
				return true
			}
		}
		if wordIn(c, self) && !strings.Contains(c, self+" *") && !strings.Contains(c, self+" +") && !setInSQL.MatchString(c) {
			return true
		}
	}
	return false
}

func wordIn(text, word string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(text)
}

// functionAround is the text of the smallest function around a span, without its comments; the whole file where there is none.
func functionAround(f *source.File, at source.Span) string {
	var best *source.Decl
	for _, d := range f.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && d.Span.Start <= at.Start && at.End <= d.Span.End && (best == nil || d.Span.End-d.Span.Start < best.Span.End-best.Span.Start) {
			best = d
		}
	}
	if best == nil {
		return withoutComments(f.Path, string(f.Text[:min(len(f.Text), maxStarter)]))
	}
	return declText(f, best)
}
