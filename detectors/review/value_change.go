package review

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// valueChange is one literal that the branch replaced by another in a line that is otherwise the same: a constant, a default, a
// bound in a comparison, a key of a configuration.
type valueChange struct {
	path string
	line int
	// name is what the value belongs to, as the code spells it; empty where it has no name.
	name string
	// own are the words of its name or statement, around those of what it stands in: functions, keys above, the file.
	own, around []string
	was, now    string
	// before and after are what the values may mean.
	before, after []amount
	// rivals are the words of other lines of the file that still hold the old value.
	rivals [][]string
}

// dataEndings are configuration that the product reads.
var dataEndings = lazy.New(`\.(?:ya?ml|json|toml|properties|ini|conf|cfg|env|hcl|tf|tfvars)$|(?:^|/)\.env(?:\.\w+)?$`)

// otherData are lists of versions and what tools read, no behaviour of the product.
var otherData = lazy.New(`(?:^|/)(?:\.github|\.circleci|\.gitlab|\.vscode|\.idea)/|(?:^|/)(?:package|composer|tsconfig[\w.-]*|renovate|\.?eslintrc|\.?prettierrc|angular|deno|biome|turbo|nx|lerna)\.json$|(?:^|/)(?:pyproject|Cargo|Pipfile|mise)\.toml$|(?:^|/)(?:Chart|pubspec|\.pre-commit-config|docker-compose[\w.-]*|compose|mkdocs|\.gitlab-ci|\.golangci|dependabot|codecov)\.ya?ml$|(?:^|/)(?:setup|tox|pytest|mypy)\.(?:cfg|ini)$`)

// holdsValues says whether a changed file may hold values of the product's behaviour.
func holdsValues(f *branch.File) bool {
	p := f.Path
	return f.Status != branch.Added && f.Status != branch.Deleted && !f.Binary && !f.TooLarge && !f.Generated && !f.Vendored &&
		!source.IsTest(p) && !source.IsDoc(p) && !source.IsExample(p) && !isToolConfig(p) && !otherData.MatchString(p) && !shownToUsers(p) &&
		(source.LanguageOf(p) != "" || dataEndings.MatchString(p))
}

// maxValues bounds the changed values of one branch.
const maxValues = 200

// changedValues are the values that the branch changed, in the order of the files.
func changedValues(b *branch.Branch) ([]valueChange, error) {
	var list []valueChange
	for _, f := range b.Files {
		if !holdsValues(f) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return nil, err
		}
		after, err := f.After()
		if err != nil {
			return nil, err
		}
		list = append(list, valuesOf(f, strings.Split(string(before), "\n"), strings.Split(string(after), "\n"))...)
		if len(list) > maxValues {
			return list[:maxValues], nil
		}
	}
	return list, nil
}

// valuesOf pairs the lines of each hunk that differ in one literal only.
func valuesOf(f *branch.File, before, after []string) []valueChange {
	var list []valueChange
	for _, h := range f.Hunks() {
		if h.OldLines == 0 || h.NewLines == 0 || h.OldLines > 300 || h.NewLines > 300 {
			continue
		}
		var now [][]codeToken
		for i := range h.NewLines {
			now = append(now, tokensOf(lineOf(after, h.NewStart+i)))
		}
		for i := range h.OldLines {
			was := tokensOf(lineOf(before, h.OldStart+i))
			if was == nil {
				continue
			}
			j, at := pairOf(was, now)
			if j < 0 {
				continue
			}
			v := describe(f.Path, after, h.NewStart+j, was, now[j], at)
			if len(v.before) > 0 {
				list = append(list, v)
			}
			now[j] = nil
		}
	}
	return list
}

func lineOf(lines []string, n int) string {
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// pairOf is the only line that differs from another one in exactly one literal, and where.
func pairOf(was []codeToken, lines [][]codeToken) (line, at int) {
	line, at = -1, 0
	for j, now := range lines {
		d, ok := differsAt(was, now)
		if !ok {
			continue
		}
		if line >= 0 {
			return -1, 0
		}
		line, at = j, d
	}
	return line, at
}

// differsAt says in which literal two lines differ; names of units may differ with it (days=30, hours=12).
func differsAt(was, now []codeToken) (at int, ok bool) {
	if len(was) != len(now) {
		return 0, false
	}
	at = -1
	for i := range was {
		a, b := was[i], now[i]
		switch {
		case a.kind != b.kind:
			return 0, false
		case a.text == b.text:
		case a.kind == literalToken && at < 0:
			at = i
		case a.kind == nameToken && unitWord(a.text) && unitWord(b.text):
		default:
			return 0, false
		}
	}
	return at, at >= 0
}

func unitWord(name string) bool {
	if name == "" {
		return false
	}
	parts := camelParts(name[strings.LastIndexByte(name, '_')+1:])
	_, ok := unitOf(parts[len(parts)-1])
	return ok
}

// describe says what a changed literal belongs to.
func describe(p string, lines []string, n int, was, now []codeToken, at int) valueChange {
	v := valueChange{path: p, line: n, was: was[at].text, now: now[at].text}
	from := at
	for from > 0 && !strings.Contains("(,{;&|?", was[from-1].text) {
		from--
	}
	names := namesIn(was[from:at])
	if len(telling(strings.Join(names, " "))) == 0 {
		names = append(namesIn(was), names...)
	}
	if from < at && at > 0 && (was[at-1].text == "=" || was[at-1].text == ":" || was[at-1].text == ">") || at+1 == len(was) {
		if v.name = firstName(was[from:at]); unitWord(v.name) && len(camelParts(v.name)) == 1 && !strings.Contains(v.name, "_") {
			v.name = firstName(was)
		}
	}
	v.own = telling(strings.Join(names, " "))
	v.around = telling(strings.Join(above(lines, n), " ") + " " + strings.TrimSuffix(path.Base(p), path.Ext(p)))
	if len(v.own) == 0 && shared([]string{stem("rate")}, v.around) > 0 {
		v.own = []string{stem("request"), stem("rate")} // what a limiter counts
	}
	v.before = meanings(was[at], names)
	named := namesIn(now[from:at])
	if unitOfNames(named).of == "" {
		named = names
	}
	v.after = meanings(now[at], named)
	for i, line := range lines {
		if i+1 == n || !strings.Contains(line, strings.Fields(v.was)[0]) {
			continue
		}
		for k, t := range tokensOf(line) {
			if t.kind == literalToken && t.text == v.was {
				v.rivals = append(v.rivals, telling(strings.Join(namesIn(tokensOf(line)[:k]), " ")+" "+strings.Join(above(lines, i+1), " ")))
			}
		}
	}
	return v
}

func namesIn(tokens []codeToken) []string {
	var list []string
	for _, t := range tokens {
		switch {
		case t.kind == nameToken:
			list = append(list, t.text)
		case t.kind == textToken && len(t.text) < 40:
			list = append(list, t.text)
		}
	}
	return list
}

var keyword = lazy.New(`^(?:const|let|var|val|static|final|public|private|protected|internal|export|readonly|int|long|float|double|string|pub|self|this|def|if|return|and|or|not)$`)

// firstName is the name that a value is given to.
func firstName(tokens []codeToken) string {
	for _, t := range tokens {
		if (t.kind == nameToken || t.kind == textToken) && !keyword.MatchString(t.text) && !strings.ContainsAny(t.text, " \t") {
			return t.text
		}
	}
	return ""
}

// telling are the words of names that tell what a value is for, each once.
func telling(names string) []string {
	var list []string
	for _, w := range wordsOf(names) {
		if _, isUnit := unitOf(w); !isUnit && !saysNothing[w] && len(w) > 2 && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

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
func meanings(t codeToken, names []string) []amount {
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
	words := strings.ToLower(strings.Join(names, " "))
	sized := slices.Contains(t.factors, 1024) || slices.Contains(t.factors, 1048576)
	if sized || strings.Contains(words, "size") || strings.Contains(words, "bytes") {
		list = append(list, amount{size, t.value})
	}
	timed := slices.Contains(t.factors, 60) || slices.Contains(t.factors, 3600) || slices.Contains(t.factors, 86400)
	if timed || strings.Contains(words, "timeout") || strings.Contains(words, "ttl") || strings.Contains(words, "age") || strings.Contains(words, "expir") || strings.Contains(words, "interval") || strings.Contains(words, "delay") {
		list = append(list, amount{duration, t.value}, amount{duration, t.value / 1000})
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
			if u, ok := unitOf(parts[j]); ok && len(parts[j]) > 1 && (j > 0 || !strings.EqualFold(parts[j], "min")) {
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
