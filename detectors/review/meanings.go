package review

// What a changed literal is for and may mean, by the names around it.

import (
	"slices"
	"strconv"
	"strings"
)

// telling are the words of names that tell what a value is for, each once.
func telling(names string) []string {
	var list []string
	for _, w := range wordsOf(names) {
		if _, isUnit := codeUnit(w); !isUnit && !unitStems[w] && !saysNothing[w] && len(w) > 2 && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// unitStems are the units of sizes and times by their stems.
var unitStems = stems("byte bytes kilobytes megabytes gigabytes terabytes milliseconds seconds minutes hours days weeks months years percent percentage")

// above are the names of what a line stands in: the lines before it with less indentation, three levels up.
func above(lines []string, n int) []string {
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }
	depth := indent(lineOf(lines, n))
	var list []string
	for i, levels := n-1, 0; i > 0 && levels < 3 && n-i < 400; i-- {
		line := lineOf(lines, i)
		if strings.TrimSpace(line) == "" || indent(line) >= depth {
			continue
		}
		depth = indent(line)
		levels++
		list = append(list, namesIn(tokensOf(line))...)
	}
	return list
}

// meanings are the amounts that a literal may stand for, by the unit that it or the names beside it say.
// beside are the names of what it stands in, which say of what kind it is and not in which unit.
func meanings(t codeToken, names, beside []string) []amount {
	if t.unit.of != "" {
		return []amount{{t.unit.of, t.value * t.unit.factor}}
	}
	u := unitOfNames(names)
	if u.of != "" {
		list := []amount{{u.of, t.value * u.factor}}
		if u.of == share && t.value < 1 {
			list = append(list, amount{share, t.value * 100})
		}
		return list
	}
	list := []amount{{pieces, t.value}}
	words := strings.ToLower(strings.Join(slices.Concat(names, beside), " "))
	sized := slices.Contains(t.factors, 1024) || slices.Contains(t.factors, 1048576)
	if sized || strings.Contains(words, "size") || strings.Contains(words, "bytes") {
		list = append(list, amount{size, t.value})
	}
	timed := slices.Contains(t.factors, 60) || slices.Contains(t.factors, 3600) || slices.Contains(t.factors, 86400)
	if timed || strings.Contains(words, "timeout") || strings.Contains(words, "ttl") || strings.Contains(words, "age") || strings.Contains(words, "expir") || strings.Contains(words, "interval") || strings.Contains(words, "delay") {
		list = append(list, amount{duration, t.value}, amount{duration, t.value / 1000})
	}
	if strings.Contains(words, "lifetime") {
		list = append(list, amount{duration, t.value}, amount{duration, t.value * minute})
	}
	if strings.Contains(words, "price") || strings.Contains(words, "fee") || strings.Contains(words, "cost") || strings.Contains(words, "amount") {
		list = append(list, amount{money, t.value}, amount{money, t.value / 100})
	}
	if strings.Contains(words, "rate") || strings.Contains(words, "discount") || strings.Contains(words, "fee") || strings.Contains(words, "tax") || strings.Contains(words, "commission") {
		list = append(list, amount{share, t.value}, amount{share, t.value * 100})
	}
	return list
}

// unitOfNames is the unit that a name ends with, or that a call has: MAX_UPLOAD_MB, timeoutMs, ofDays, from_secs; what is
// counted per unit is none.
func unitOfNames(names []string) unit {
	for i := len(names) - 1; i >= 0; i-- {
		var parts []string
		for _, run := range strings.FieldsFunc(names[i], func(r rune) bool { return r == '_' || r == '-' || r == '.' }) {
			parts = append(parts, camelParts(run)...)
		}
		for j := len(parts) - 1; j >= 0 && j >= len(parts)-2; j-- {
			if u, ok := codeUnit(parts[j]); ok && len(parts[j]) > 1 && (j > 0 || !strings.EqualFold(parts[j], "min")) {
				if j > 0 && slices.Contains([]string{"per", "a", "each", "every"}, strings.ToLower(parts[j-1])) {
					return unit{}
				}
				return u
			}
		}
	}
	return unit{}
}

// plainly is the value as a document may write it beside the name.
func plainly(literal string) string {
	literal = strings.Trim(literal, `"'`+"`")
	if v, err := strconv.ParseFloat(strings.ReplaceAll(literal, "_", ""), 64); err == nil {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return literal
}
