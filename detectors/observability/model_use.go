package observability

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What becomes of a model's answer: in the function that asks for it, and in the functions of the branch that call that one.

var (
	// runsText are calls that run a text: a query, a command, code.
	runsText = lazy.New(`(?i)^\$?(?:query\w*|execute\w*|exec\w*|raw\w*|from_?sql\w*|eval|system|popen|run_?sql|create_?native_?query|create_?query|unsafe|prepare|sql|spawn|check_output)$`)
	// changesState is code that acts: it sets a state, or calls something that cannot be taken back.
	changesState = lazy.New(`\.(?:approved?|rejected?|closed?|open|opened|planned|cancel\w*|refund\w*|ban|banned|block|blocked|suspend\w*|publish\w*|archived?|deleted?|destroy|resolved?|accept|accepted|denied|deny|dismiss\w*)!|(?:^|[^.\w])(?:close|resolve|archive|delete|remove|escalate|dismiss)(?:_\w+|[A-Z]\w*)?\(\w|(?:\.|->)(?:close|resolve|archive|delete|dismiss|escalate)(?:_\w+|[A-Z]\w*)\(|(?i)(?:\.|->)(?:state|status|decision|approved|rejected|blocked|banned|role|published|active)\s*=[^=]|\b(?:approve|reject|refuse|deny|ban|suspend|block|refund|charge|cancel|terminate|publish|revoke|dismiss|grant)(?:_\w+|[A-Z]\w*)?\(`)
	// sureness is code that knows how sure an answer is, or gives some of them to somebody else to judge.
	sureness = lazy.New(`(?i)confidence|logprob|probabilit|threshold|\bsampl|evaluat|\bscore|\brandom\b|\bcertain|shadow|second_?opinion|gen_ai\.evaluation`)
)

// use is the code in which an answer stands under some names.
type use struct {
	file  *source.File
	span  source.Span
	names []string
	// asked is the call that gives the answer, where it is that of a function of the repository.
	asked source.Span
}

// usesOf are the places where a model's answer is used.
func (l *lookup) usesOf(t *trigger, call *source.Call, changed []side) []use {
	list := []use{{file: t.file, span: t.span, names: derived(t.file, t.span, call.Span)}}
	if t.decl == nil || len(t.decl.Name) < 3 {
		return list
	}
	for _, c := range changed {
		if c.head == nil {
			continue
		}
		for _, o := range c.head.Calls {
			if o.Name != t.decl.Name || o.In == t.decl && c.head == t.file || c.head.Lang != t.file.Lang || len(list) > 20 {
				continue
			}
			span := source.Span{End: len(c.head.Text)}
			if o.In != nil && o.In.Kind != source.Class {
				span = o.In.Span
			}
			list = append(list, use{c.head, span, derived(c.head, span, o.Span), o.Span})
		}
	}
	return list
}

var assignedLine = regexp.MustCompile(`(?m)^[ \t]*(?:(?:const|let|var|val|final|auto|string|[A-Z][\w<>\[\]?]*)\s+)?\$?(\w+)(?:\s*:\s*[\w<>\[\]|. ]+)?(?:\s*,\s*\w+)*\s*:?=\s*([^=\n][^\n]*)`)

// derived are the variables that get their value from an expression, directly or from each other.
func derived(f *source.File, around, from source.Span) []string {
	m := variableOf.FindStringSubmatch(strings.TrimPrefix(lineBefore(f, from.Start), "("))
	if m == nil {
		return nil
	}
	names := []string{m[1]}
	for _, line := range assignedLine.FindAllStringSubmatch(piece(f, source.Span{Start: from.End, End: max(from.End, around.End)}), 40) {
		if mentions(line[2], names) && !slices.Contains(names, line[1]) {
			names = append(names, line[1])
		}
	}
	return names
}

// spliced says whether the answer becomes part of a text that is run.
func (u use) spliced() bool {
	if len(u.names) == 0 {
		return false
	}
	for _, c := range within(u.file, u.span) {
		if !runsText.MatchString(c.Name) {
			continue
		}
		for _, a := range c.Args {
			if a.IsString && !strings.Contains(a.Text, "{") {
				continue
			}
			if mentions(a.Text, u.names) && (composedText(u.file, a) || slices.Contains(u.names, strings.TrimSpace(a.Text))) && !holdsTo.MatchString(blankComments(u.file, u.span)) {
				return true
			}
		}
	}
	return false
}

// decides says whether the answer chooses between things that are done at once, and nothing asks how sure it is.
func (u use) decides() bool {
	if len(u.names) == 0 && u.asked == (source.Span{}) || sureness.MatchString(blankComments(u.file, source.Span{End: len(u.file.Text)})) {
		return false
	}
	text := blankComments(u.file, u.span)
	if u.asked.End > u.span.Start { // case Reader.new.call(report)
		if chooses.MatchString(lineBefore(u.file, u.asked.Start)) {
			return changesState.MatchString(text[min(len(text), u.asked.End-u.span.Start):])
		}
	}
	if len(u.names) == 0 {
		return false
	}
	branches := regexp.MustCompile(`\b(?:match|switch|when|if|elif|case|unless)\b[^\n]*\b(?:` + strings.Join(u.names, "|") + `)\b[^\n]*`)
	for _, at := range branches.FindAllStringIndex(text, 20) {
		line := text[at[0]:at[1]]
		if asksWhether.MatchString(line) && !comparesText.MatchString(line) {
			continue
		}
		if changesState.MatchString(line) || changesState.MatchString(text[at[1]:min(len(text), at[1]+farthest)]) {
			return true
		}
	}
	return false
}

// farthest is how far behind a branch what it does is looked for, in bytes.
const farthest = 800

var (
	// chooses ends a line in which an expression is what is chosen by.
	chooses = lazy.New(`\b(?:case|switch|match|when)\s*\(?\s*(?:await\s+)?$`)
	// asksWhether is a condition that only asks whether there is an answer, or a usable one; comparesText holds it to a text or a case.
	asksWhether  = lazy.New(`(?i)(?:\.|->|\?\.|_)(?:success\w*|ok|valid|is_?valid|errors?|length|size|count|empty|is_?empty|present|blank|nil|status_?code|is_(?:ok|err|some|none))\b|\b(?:null|nil|None|undefined|Some|Ok|Err|isinstance|typeof|empty|isset|is_null|err)\b|\blen\(`)
	comparesText = lazy.New("[\"'`][\\w -]+[\"'`]|\\b[A-Z]\\w*(?:\\.|::)[A-Z]\\w+")
)
