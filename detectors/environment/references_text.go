package environment

// References in languages without a reader of their own, by the one or two forms that each has.

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// form is one way to read a variable; soft recognises, in the text around, that its absence is dealt with.
type form struct {
	read *regexp.Regexp
	soft *regexp.Regexp
	hard bool
	// key: what is read is a key of structured configuration.
	key bool
}

var forms = map[string][]form{
	".rs": {
		{read: regexp.MustCompile(`\benv::var(?:_os)?\(\s*"(\w+)"\s*\)`), soft: regexp.MustCompile(`^\s*\.(unwrap_or|ok\(|map_or|is_ok|is_err|or_else)|^\s*\{|^\s*==`)},
		{read: regexp.MustCompile(`#\[(?:arg|clap)\([^\]]*\benv\s*=\s*"(\w+)"[^\]]*\)\]`), soft: regexp.MustCompile(`default_value|^\s*\n?\s*(pub\s+)?\w+\s*:\s*(Option|bool|Vec)`), hard: true},
	},
	".rb": {
		{read: regexp.MustCompile(`\bENV\[["'](\w+)["']\]`), soft: regexp.MustCompile(`^\s*(\|\||==|!=|&\.|\?|\.present\?|\.blank\?|\.nil\?|\.to_s|\.to_i|&&|\n\s*(if|unless))`)},
		{read: regexp.MustCompile(`\bENV\.fetch\(\s*["'](\w+)["']`), soft: regexp.MustCompile(`^\s*(,|\)\s*(\{|do\b))`), hard: true},
	},
	".java": {
		{read: regexp.MustCompile(`\bSystem\.getenv\(\s*"(\w+)"\s*\)`), soft: regexp.MustCompile(`^\s*(==|!=|\?:|\))`)},
		{read: regexp.MustCompile(`@Value\(\s*"\$\{([A-Z][A-Z0-9_]+)\}`), soft: regexp.MustCompile(`^\x00`), hard: true},
		{read: regexp.MustCompile(`@Value\(\s*"\$\{([a-z][\w.\-]*\.[\w.\-]+)[}:]`), soft: regexp.MustCompile(`\$\{[\w.\-]+:`), key: true},
	},
	".php": {
		{read: regexp.MustCompile(`\benv\(\s*['"](\w+)['"]`), soft: regexp.MustCompile(`^\s*,|^\s*\)\s*(\?\?|\?:|===|!==|==)`)},
		{read: regexp.MustCompile(`\bgetenv\(\s*['"](\w+)['"]\s*\)`), soft: regexp.MustCompile(`^\s*(\?|===|!==|==|\|\|)`)},
		{read: regexp.MustCompile(`\$_ENV\[['"](\w+)['"]\]`), soft: regexp.MustCompile(`^\s*(\?|===|!==|==|\|\|)`)},
	},
	".cs": {
		{read: regexp.MustCompile(`\bGetEnvironmentVariable\(\s*"(\w+)"\s*\)`), soft: regexp.MustCompile(`^\s*(\?\?|==|!=|\)|is )`)},
		{read: regexp.MustCompile(`(?i)\b_?config(?:uration)?\[\s*"(\w+(?::\w+)+)"\s*\]`), soft: regexp.MustCompile(`^\s*(\?\?|==|!=|is )`), key: true},
		{read: regexp.MustCompile(`(?i)\b_?config(?:uration)?\.GetValue<\w+\??>\(\s*"(\w+(?::\w+)+)"\s*\)`), soft: regexp.MustCompile(`^\s*(\?\?|==|!=)`), key: true},
	},
	".ex": {
		{read: regexp.MustCompile(`\bSystem\.fetch_env!\(\s*"(\w+)"`), soft: regexp.MustCompile(`^\x00`), hard: true},
		{read: regexp.MustCompile(`\bSystem\.get_env\(\s*"(\w+)"`), soft: regexp.MustCompile(`^\s*,|^\s*\)\s*(\|\||==|in\b|do\b|&&)`)},
	},
}

var lineComments = map[string]*regexp.Regexp{
	".rs": regexp.MustCompile(`(?m)^\s*//.*$`), ".java": regexp.MustCompile(`(?m)^\s*(//|\*).*$`), ".php": regexp.MustCompile(`(?m)^\s*(//|#|\*).*$`),
	".cs": regexp.MustCompile(`(?m)^\s*//.*$`), ".rb": regexp.MustCompile(`(?m)^\s*#.*$`), ".ex": regexp.MustCompile(`(?m)^\s*#.*$`),
}

var sameForms = map[string]string{".kt": ".java", ".kts": ".java", ".scala": ".java", ".groovy": ".java", ".rake": ".rb", ".erb": ".rb", ".ru": ".rb", ".exs": ".ex"}

// textCondition is a read inside of a condition at the line's end or beginning.
var textCondition = lazy.New(`\b(if|unless|elsif|and|or)\s*\(?\s*$|(&&|\|\||!|default:|\?\?)\s*\(?\s*$`)

// skeleton are the variables of Laravel's own configuration files, which every project carries and few set.
var skeleton = lazy.New(`^(MEMCACHED|DYNAMODB|MYSQL_ATTR|LOG|AWS|PUSHER|ABLY|REVERB|MAIL|REDIS|SESSION|CACHE|DB|POSTMARK|RESEND|PAPERTRAIL|SQS|BEANSTALKD|QUEUE|FILESYSTEM|BROADCAST|SLACK|APP|HASH|BCRYPT|ARGON|SANCTUM|TELESCOPE|HORIZON|OCTANE|VIEW|DATABASE)_`)

func readTextReferences(p, text string) []Reference {
	ext := strings.ToLower(path.Ext(p))
	if same, ok := sameForms[ext]; ok {
		ext = same
	}
	list, ok := forms[ext]
	if !ok {
		return nil
	}
	text = lineComments[ext].ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(" ", len(m)) })
	var refs []Reference
	for _, f := range list {
		for _, m := range f.read.FindAllStringSubmatchIndex(text, -1) {
			head := text[max(0, m[0]-30):m[0]]
			if i := strings.LastIndexByte(head, '\n'); i >= 0 {
				head = head[i+1:]
			}
			tail := text[m[1]:min(len(text), m[1]+120)]
			optional := f.soft.MatchString(tail) || f.soft.MatchString(text[m[0]:m[1]]) || textCondition.MatchString(head)
			refs = append(refs, Reference{Name: text[m[2]:m[3]], Line: 1 + strings.Count(text[:m[0]], "\n"), Optional: optional, FailFast: f.hard && !optional, Key: f.key, LocalDefault: optional && localDefault(text, m[0], m[1])})
		}
	}
	return refs
}
