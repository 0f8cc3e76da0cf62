package references

// References in languages without a reader of their own, by the one or two forms that each has.

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// expression is one way to read a variable; soft recognises, in the text around, that its absence is dealt with.
type expression struct {
	read *regexp.Regexp
	soft *regexp.Regexp
	hard bool
}

var never = regexp.MustCompile(`^\x00`)

// expressions are those of Elixir, Swift, Dart and Scala.
var expressions = map[string][]expression{
	".ex": {
		{read: regexp.MustCompile(`\bSystem\.fetch_env!\(\s*"(\w+)"`), soft: never, hard: true},
		{read: regexp.MustCompile(`\bSystem\.get_env\(\s*"(\w+)"`), soft: regexp.MustCompile(`^\s*,|^\s*\)\s*(\|\||==|in\b|do\b|&&)`)},
	},
	".swift": {
		{read: regexp.MustCompile(`\bProcessInfo\.processInfo\.environment\[\s*"(\w+)"\s*\]`), soft: regexp.MustCompile(`^\s*(\?\?|==|!=)`)},
		{read: regexp.MustCompile(`\bEnvironment\.get\(\s*"(\w+)"\s*\)`), soft: regexp.MustCompile(`^\s*(\?\?|==|!=|\.map)`)},
	},
	".dart": {
		{read: regexp.MustCompile(`\bPlatform\.environment\[\s*['"](\w+)['"]\s*\]`), soft: regexp.MustCompile(`^\s*(\?\?|==|!=)`)},
		{read: regexp.MustCompile(`\b(?:String|int|bool)\.fromEnvironment\(\s*['"](\w+)['"]`), soft: regexp.MustCompile(`^\s*,`)},
	},
	".scala": {
		{read: regexp.MustCompile(`\b(?:System\.getenv|sys\.env)\(\s*"(\w+)"\s*\)`), soft: regexp.MustCompile(`^\s*(==|!=)`)},
		{read: regexp.MustCompile(`\bsys\.env\.(?:get|getOrElse)\(\s*"(\w+)"`), soft: regexp.MustCompile(`^`)},
	},
}

func init() {
	expressions[".exs"] = expressions[".ex"]
}

var (
	lineComment   = lazy.New(`(?m)^\s*(#|//).*$`)
	textCondition = lazy.New(`\b(if|unless|guard|and|or)\s*\(?\s*(let\s+\w+\s*=\s*)?$|(&&|\|\||!|default:|\?\?)\s*\(?\s*$`)
)

func readExpressions(p, text string) []Reference {
	text = lineComment.ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(" ", len(m)) })
	var refs []Reference
	for _, e := range expressions[endingOf(p)] {
		for _, m := range e.read.FindAllStringSubmatchIndex(text, -1) {
			head := text[max(0, m[0]-30):m[0]]
			if i := strings.LastIndexByte(head, '\n'); i >= 0 {
				head = head[i+1:]
			}
			tail := text[m[1]:min(len(text), m[1]+120)]
			tail, _, _ = strings.Cut(tail, "\n")
			optional := e.soft.MatchString(tail) || textCondition.MatchString(head)
			refs = append(refs, Reference{
				Name: text[m[2]:m[3]], Line: 1 + strings.Count(text[:m[0]], "\n"), Optional: optional,
				FailFast: e.hard && !optional, LocalDefault: optional && Local(tail),
			})
		}
	}
	return refs
}
