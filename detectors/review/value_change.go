package review

import (
	"path"
	"slices"
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
	// chars says that it bounds the length of a text.
	chars bool
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
		(source.LanguageOf(p) != "" || dataEndings.MatchString(p) || scriptFile.MatchString(p))
}

// scriptFile are scripts and build files, whose values are behaviour as well.
var scriptFile = lazy.New(`\.(?:sh|bash|ps1|sql|groovy|gradle|lua|ex|exs|scala|swift|dart|tpl|conf\.j2)$|(?:^|/)(?:crontab|Dockerfile|Caddyfile|nginx)[\w.-]*$`)

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

// outside are the tokens of a line without the arguments beside the one that begins at a place.
func outside(tokens []codeToken, from int) []codeToken {
	if from == 0 || tokens[from-1].text != "," {
		return tokens
	}
	depth := 0
	for i := from - 1; i >= 0; i-- {
		switch tokens[i].text {
		case ")", "]", "}":
			depth++
		case "(", "[", "{":
			if depth--; depth < 0 {
				return tokens[:i]
			}
		}
	}
	return tokens
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
	for from > 0 && !slices.Contains(openers, was[from-1].text) {
		from--
	}
	names := namesIn(was[from:at])
	if len(telling(strings.Join(names, " "))) == 0 {
		names = append(namesIn(outside(was, from)), names...)
	}
	if from < at && at > 0 && (was[at-1].text == "=" || was[at-1].text == ":" || was[at-1].text == ">") || at+1 == len(was) {
		if v.name = firstName(was[from:at]); unitWord(v.name) && len(camelParts(v.name)) == 1 && !strings.Contains(v.name, "_") {
			v.name = firstName(was)
		}
	}
	if markedAbove.MatchString(lineOf(lines, n)) {
		names = append(names, namesIn(tokensOf(belowMarks(lines, n)))...)
	}
	in := above(lines, n)
	v.chars = was[at].chars || slices.ContainsFunc(namesIn(was), boundsText.MatchString)
	v.own = telling(strings.Join(names, " "))
	v.around = telling(strings.Join(in, " ") + " " + saidAbove(lines, n) + " " + strings.TrimSuffix(path.Base(p), path.Ext(p)))
	if len(v.own) == 0 && shared([]string{stem("rate")}, v.around) > 0 {
		v.own = []string{stem("request"), stem("rate")} // what a limiter counts
	}
	if slices.ContainsFunc(namesIn(was), limiter.MatchString) {
		v.own = append(v.own, stem("request"), stem("rate"))
	}
	in = append(in, namesIn(was)...)
	v.before = meanings(was[at], names, in)
	named := namesIn(now[from:at])
	if unitOfNames(named).of == "" {
		named = names
	}
	v.after = meanings(now[at], named, in)
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

var (
	// markedAbove is an attribute or annotation that stands above what it bounds.
	markedAbove = lazy.New(`^\s*(?:\[|@|#\[)\w[^=]*\)?\]?\s*$`)
	// boundsText are names of bounds of texts' lengths, limiter those of limits of calls.
	boundsText = lazy.New(`(?i)^(?:max_?len(?:gth)?|min_?len(?:gth)?|string_?length|length|text_?length|max_?chars?|maxlength|minlength|string|varchar|char_?field|chars?|characters|\w*_max_?(?:len(?:gth)?|chars)|\w*(?:Length|Chars|Characters))$`)
	limiter    = lazy.New(`(?i)rate_?limit|throttl|^limiter|slow_?down`)
)

// belowMarks is the first line below a line and other attributes that is none itself.
func belowMarks(lines []string, n int) string {
	for i := n + 1; i <= min(n+4, len(lines)); i++ {
		if l := lineOf(lines, i); !markedAbove.MatchString(l) {
			return l
		}
	}
	return ""
}

// saidAbove is the comment right above a line, empty for none.
func saidAbove(lines []string, n int) string {
	said := ""
	for i := n - 1; i > 0 && n-i <= 3; i-- {
		line := strings.TrimSpace(lineOf(lines, i))
		if !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "*") && !strings.HasPrefix(line, "/*") {
			break
		}
		said = line + " " + said
	}
	return said
}

// openers begin what a value belongs to within a line.
var openers = []string{"(", ",", "{", ";", "&", "|", "?"}

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
