package environment

// Results that hang on the environment's name: two ways of computing one thing, of which each environment sees one.

import (
	"cmp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// wiring are files, and plumbing functions, whose work it is to differ between environments.
	wiring   = lazy.New(`(?i)^(config|settings|conf|bootstrap|setup|server|main|app|index|logg\w*|sentry|instrument\w*|telemetry|metrics|webpack|vite|rollup|next|nuxt|babel|jest|gulp\w*|program|startup|wsgi|asgi|manage|celery|env\w*|constants?|database|db|cache|redis|mailer|storage|security|cors|seeds?|proxy|sw)[\w.-]*\.`)
	plumbing = lazy.New(`(?i)log|error|sentry|debug|title|banner|docs?$|swagger|cors|cookie|cache|asset|static|config|setting|option|setup|init|bootstrap|connect|client|url|uri|host|port|dsn|path|dir$|env|mock|fake|seed|secure|tls|ssl|redirect|transport|storage|bucket|queue|mail|backend|logger|middleware|timeout|retr|delay|interval|pool|sample|limit|level|size|ttl|name$|version|main$|start|serve|register|provide|install|build|headers?|script|prefix|suffix`)

	returns    = lazy.New(`^\s*return\b\s*(.*)$`)
	ternary    = lazy.New(`\?\s*([^?:]+?)\s*:\s*([^:]+?);?\s*$`)
	inPython   = lazy.New(`(?:=|return)\s*(.+?)\s+if\s+.+\s+else\s+(.+)$`)
	quotedText = lazy.New("\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`")
	reckons    = lazy.New(`[\w\])]\s*(?:\*\*?|/|%)\s*[\w(\[]|[\w\])]\s+[-+]\s+[\w(]`)
	scales     = lazy.New(`^\s*(?:\w+[.\[\]]*)+\s*(?:\*=|/=)|^\s*(\w+)\s*:?=\s*(\w+)\s*[*/]\s*`)
	oneCall    = lazy.New(`^(?:await\s+)?([\w.:>-]+?)\(([^()]*)\);?$`)
	whichName  = lazy.New(`(?i)["':](prod\w*|staging|dev\w*|test\w*|local)\b|\benv\.(\w+)\?|\bis_?(production|prod|dev|development|staging|local)\b`)
	notFigures = lazy.New(`(?i)pool|timeout|retr|worker|ttl|max_?age|seconds|minutes|interval|sample|concurren|memory|cpu|1000\b|\b60\b|1024|uptime|Date|time`)
)

// environmentNamed is the environment that a condition speaks of.
func environmentNamed(line string) string {
	m := whichName.FindStringSubmatch(line)
	if m == nil {
		return "another one"
	}
	return strings.ToLower(strings.Join(m[1:], ""))
}

// results says whether a condition decides between two ways of computing a result.
func results(lines []string, i int) bool {
	line := lines[i]
	if m := inPython.FindStringSubmatch(line); m != nil && !strings.HasPrefix(strings.TrimSpace(line), "if ") {
		return twoWays(m[1], m[2])
	}
	if at := namesEnvironment.FindStringIndex(line); at != nil {
		if m := ternary.FindStringSubmatch(line[at[1]:]); m != nil {
			return twoWays(m[1], m[2])
		}
	}
	if !asksEnvironment.MatchString(line) {
		return false
	}
	if first, rest, ok := strings.Cut(strings.TrimSpace(line), " if "); ok && rest != "" { // Ruby's if behind a statement
		if m := returns.FindStringSubmatch(first); m != nil {
			return twoWays(m[1], cmp.Or(resultBelow(lines, i+1, indented(line)), lastStatement(lines, i+1, indented(line))))
		}
		return false
	}
	depth := indented(line)
	end := i + 1
	if end < len(lines) && strings.TrimSpace(lines[end]) == "{" { // a brace on a line of its own
		end++
	}
	for end < len(lines) && end < i+14 && (strings.TrimSpace(lines[end]) == "" || indented(lines[end]) > depth) {
		if scales.MatchString(lines[end]) && scaled(lines[end]) {
			return true
		}
		end++
	}
	if strings.TrimSpace(lines[min(i+1, len(lines)-1)]) == "{" {
		i++
	}
	if end < len(lines) && strings.TrimSpace(lines[end]) == "else" && end+2 < len(lines) && strings.TrimSpace(lines[end+2]) == "end" && end == i+2 { // Ruby
		if then, otherwise := strings.TrimSpace(lines[i+1]), strings.TrimSpace(lines[end+1]); !returns.MatchString(then) {
			return lastOfFunction(lines, end+3) && twoWays(then, otherwise)
		}
	}
	if otherEffect(lines, i+1, end) {
		return true
	}
	inside := resultBelow(lines[:end], i+1, depth+1)
	return inside != "" && twoWays(inside, resultBelow(lines, end, depth))
}

func scaled(line string) bool {
	m := scales.FindStringSubmatch(line)
	return m != nil && m[1] == m[2] && !notFigures.MatchString(line)
}

func indented(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// resultBelow is what the first return from a line on gives back, in one line; the last statement where the language
// returns that.
func resultBelow(lines []string, from, depth int) string {
	for k := from; k < len(lines) && k < from+14; k++ {
		if strings.TrimSpace(lines[k]) != "" && indented(lines[k]) < depth {
			return ""
		}
		m := returns.FindStringSubmatch(lines[k])
		if m == nil {
			continue
		}
		text := m[1]
		for n := k + 1; n < len(lines) && n < k+8 && strings.Count(text, "(") > strings.Count(text, ")"); n++ {
			text += " " + strings.TrimSpace(lines[n])
		}
		return strings.TrimSuffix(strings.TrimSpace(text), ";")
	}
	return ""
}

var (
	effectCall = lazy.New(`^(?:await\s+)?([\w.$>:-]+?)\(([^()]*)\);?$`)
	endsThere  = lazy.New(`^return;?$|^\}?\s*else\s*[:{]?$`)
	// sideCalls are calls that tell, prepare or stand in for something, which environments may do otherwise.
	sideCalls = lazy.New(`(?i)log|debug|track|sentry|metric|capture|report|warn|error|console|print|mock|fake|stub|noop|dummy|sandbox|seed|init|setup|config|connect|listen|start|use|register|cache|set|load|mount|install|serve`)
)

// otherEffect says whether a condition's body does one thing with some data and leaves, and what follows does another with the same.
func otherEffect(lines []string, from, end int) bool {
	var body []string
	for _, line := range lines[from:min(end, len(lines))] {
		if text := strings.TrimSpace(line); text != "" && text != "{" {
			body = append(body, text)
		}
	}
	if len(body) == 0 || len(body) > 2 || len(body) == 2 && !endsThere.MatchString(body[1]) {
		return false
	}
	closed := len(body) == 2
	for k := end; k < len(lines) && k < end+5; k++ {
		text := strings.TrimSpace(lines[k])
		switch {
		case text == "" || text == "}" || text == "{" || text == "end":
		case endsThere.MatchString(text):
			closed = true
		case !closed:
			return false
		default:
			m, n := effectCall.FindStringSubmatch(body[0]), effectCall.FindStringSubmatch(text)
			if m == nil || n == nil || m[1] == n[1] || sideCalls.MatchString(m[1]) || sideCalls.MatchString(n[1]) {
				return false
			}
			words := argumentWord.FindAllString(n[2], 20)
			return slices.ContainsFunc(argumentWord.FindAllString(m[2], 20), func(w string) bool { return !passedAround[w] && slices.Contains(words, w) })
		}
	}
	return false
}

// lastStatement is the statement at a depth before the end of a function that returns its last one, empty where more stands between.
func lastStatement(lines []string, from, depth int) string {
	for k := from; k < len(lines) && k < from+4; k++ {
		if strings.TrimSpace(lines[k]) == "" {
			continue
		}
		if indented(lines[k]) != depth || !lastOfFunction(lines, k+1) {
			return ""
		}
		return strings.TrimSpace(lines[k])
	}
	return ""
}

// lastOfFunction says whether the next line that is not empty ends a block of Ruby.
func lastOfFunction(lines []string, from int) bool {
	for k := from; k < len(lines) && k < from+4; k++ {
		if text := strings.TrimSpace(lines[k]); text != "" {
			return text == "end"
		}
	}
	return false
}

// twoWays says whether two results are computed in two ways: by figures, or by two functions of the same arguments.
func twoWays(a, b string) bool {
	a, b = quotedText.ReplaceAllString(a, `""`), quotedText.ReplaceAllString(b, `""`)
	if a == "" || b == "" || strings.EqualFold(a, b) || notFigures.MatchString(a+b) {
		return false
	}
	if reckons.MatchString(a) || reckons.MatchString(b) {
		return !strings.Contains(a, `""`) && !strings.Contains(b, `""`)
	}
	m, n := oneCall.FindStringSubmatch(a), oneCall.FindStringSubmatch(b)
	if m == nil || n == nil || m[1] == n[1] || plumbing.MatchString(m[1]) || plumbing.MatchString(n[1]) {
		return false
	}
	shared := false
	for _, word := range argumentWord.FindAllString(m[2], 20) {
		shared = shared || !passedAround[word] && slices.Contains(argumentWord.FindAllString(n[2], 20), word)
	}
	return shared
}

var (
	argumentWord = lazy.New(`[A-Za-z_]\w*`)
	passedAround = wordSet(`ctx context req res request response app self this config cfg env settings options logger err error`)
)

// functionAround is the innermost function around a line, empty outside of one.
func functionAround(file *source.File, line int) string {
	name := ""
	for _, d := range file.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && d.Body.Line > 0 && d.Span.Line <= line && line <= d.Body.EndLine {
			name = d.Name
		}
	}
	return name
}
