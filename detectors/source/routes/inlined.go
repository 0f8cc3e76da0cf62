package routes

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// Clients keep the path of a resource in a constant: `const base = "/v1/loans"`. Who reads only rows sees no address where it is used.

// pathConstant is a row that gives a name nothing but an address: in JavaScript, Python, Go, Java, Kotlin, C#, Ruby, PHP, Swift, Dart.
var pathConstant = lazy.New(`(?m)^[ \t]*(?:[\w<>]+[ \t]+){0,5}[$@]?([A-Za-z_]\w{2,60})[ \t]*(?::[ \t]*\w+[ \t]*)?:?=[ \t]*[fr]?(?:"((?:https?:/|\$\{[^"{}\n]*\}|\{[^"{}\n]*\})?/[^"\n]{2,200})"|'((?:https?:/)?/[^'\n]{2,200})'|` + "`" + `((?:https?:/|\$\{[^` + "`" + `{}\n]*\})?/[^` + "`" + `\n]{2,200})` + "`" + `)[ \t]*;?[ \t]*$`)

// maxConstants bounds the constants of one text that are put in.
const maxConstants = 40

// Inlined is a text in which the constants that hold an address stand for it where they are used. Its rows are those of the text.
func Inlined(text string) string {
	if len(text) > maxText {
		return text
	}
	given := map[string]string{}
	var names []string
	for _, m := range pathConstant.FindAllStringSubmatch(text, maxConstants) {
		path := m[2] + m[3] + m[4]
		if strings.ContainsAny(path, " \t<>") {
			continue
		}
		if _, twice := given[m[1]]; twice {
			given[m[1]] = "" // a variable
			continue
		}
		given[m[1]] = path
		names = append(names, m[1])
	}
	for _, name := range names {
		path := given[name]
		if path == "" || strings.Count(text, name) < 2 {
			continue
		}
		n := `(?:(?:self|this|cls|static|\w+)(?:\.|::)|\$this->|\$)?` + regexp.QuoteMeta(name)
		inside := regexp.MustCompile(`(?:\$|#)?\{\s*` + n + `\s*\}|\\\(\s*` + n + `\s*\)|\$` + regexp.QuoteMeta(name) + `\b`)
		bare := regexp.MustCompile(`([(,+]\s*|[ \t]=\s*)` + n + `(\s*(?:[),+;]|$))`)
		rows := strings.SplitAfter(text, "\n")
		for i, row := range rows {
			if !strings.Contains(row, name) || len(row) > 2000 || pathConstant.MatchString(strings.TrimRight(row, "\r\n")) {
				continue
			}
			row = inside.ReplaceAllLiteralString(row, path)
			rows[i] = bare.ReplaceAllString(row, `${1}"`+strings.ReplaceAll(path, "$", "$$")+`"${2}`)
		}
		text = strings.Join(rows, "")
	}
	return text
}
