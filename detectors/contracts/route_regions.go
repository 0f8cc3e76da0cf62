package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// The code around a call of a route: what prepares its body and what is done with its answer, in any language.

var (
	bodyTaken  = lazy.New(`\{([^{}]{1,400})\}\s*(?::\s*[^=\n]{1,80})?=\s*(?:await\s+)?(?:\(await\s+)?(?:req(?:uest)?\.body\b|(?:c\.req|ctx\.request|req|request|event)\.(?:json\(\)|body\b)|readBody\()`)
	bodyGiven  = lazy.New(`(?m)^\s*(?:const\s+|let\s+|var\s+)?(\w+)\s*(?::\s*[^=\n]{1,60})?=\s*(?:await\s+)?(?:request\.(?:get_json\(|json\b|data\b)|req\.body\b|(?:c\.req|ctx\.request|req|request)\.(?:json\(\)|body\b)|readBody\(|json\.loads\(\s*(?:await\s+)?request\.)`)
	boundName  = lazy.New(`^\s*["']?([A-Za-z_]\w*)`)
	bodyMember = `(?:\??\.([A-Za-z_]\w*)\b|\[\s*["']([A-Za-z_]\w*)["']\s*\]|\.get\(\s*["']([A-Za-z_]\w*)["'])`
	bodyDirect = lazy.New(`\b(?:req\.body|request\.body|ctx\.request\.body|request\.json|request\.data|request\.get_json\(\))` + bodyMember)
	notAKey    = []string{"get", "json", "pop", "items", "keys", "values", "length", "map", "filter", "forEach", "toString", "copy", "update", "decode", "read", "text"}
)

// bodyKeys are the keys that a handler reads from the body of a request: destructured, as members, or by their names.
func bodyKeys(f *source.File, h *requestHandler) []string {
	text := handlerText(f, h)
	var list []string
	put := func(name string) {
		if name != "" && !slices.Contains(notAKey, name) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, m := range bodyTaken.FindAllStringSubmatch(text, 10) {
		for part := range strings.SplitSeq(m[1], ",") {
			if b := boundName.FindStringSubmatch(part); b != nil {
				put(b[1])
			}
		}
	}
	members := func(re *regexp.Regexp) {
		for _, m := range re.FindAllStringSubmatch(text, 100) {
			put(m[1] + m[2] + m[3])
		}
	}
	for _, m := range bodyDirect.FindAllStringSubmatch(text, 100) {
		put(m[1] + m[2] + m[3])
	}
	for _, m := range bodyGiven.FindAllStringSubmatch(text, 5) {
		members(regexp.MustCompile(`\b` + regexp.QuoteMeta(m[1]) + bodyMember))
	}
	return list
}

// A region are the rows around one call, from and to counted from 0, to excluded.
type region struct{ from, call, to int }

// regionRows and preparedRows bound what belongs to a call, behind it and before it.
const (
	regionRows   = 30
	preparedRows = 14
)

var (
	closing = lazy.New(`^\s*(?:[)}\]]+|end|fi|done|esac)\b?[;,)]*\s*$`)
)

var component = lazy.New(`\.(vue|svelte|astro|html)$`)

// regions are the rows around each call of a route.
func regions(r routes.Route, p, text string, rows []string) []region {
	var list []region
	called := routes.CalledIn(text)
	for _, c := range called {
		if !r.Answers(c.Segments) || !askedOnWeb(r, c, p, text) || !r.Takes(c.Method) || c.Line > len(rows) {
			continue
		}
		at := c.Line - 1
		if pathConstantRow(rows[at]) {
			continue
		}
		others := func(i int) bool { // another route is called on the row
			return i != at && slices.ContainsFunc(called, func(o routes.Called) bool { return o.Line == i+1 && (!o.Bare || o.Quoted) && !r.Answers(o.Segments) })
		}
		if component.MatchString(p) && !slices.ContainsFunc(called, func(o routes.Called) bool { return o.Quoted && !r.Answers(o.Segments) && len(o.Segments) > 1 }) {
			list = append(list, region{0, 0, len(rows)}) // what it asks for is shown elsewhere in it
			continue
		}
		depth := indent(rows[at])
		g := region{from: at, call: at, to: at + 1}
		for i := at - 1; i >= 0 && i >= at-preparedRows && !others(i); i-- {
			if strings.TrimSpace(rows[i]) == "" {
				continue
			}
			if d := indent(rows[i]); d < depth {
				depth = d
				if g.from = i; d == 0 {
					break
				}
			} else if depth == 0 && at > 0 && closing.MatchString(rows[i]) {
				break
			}
			g.from = i
		}
		head := indent(rows[g.from])
		for i := at + 1; i < len(rows) && i <= at+regionRows && !others(i); i++ {
			if strings.TrimSpace(rows[i]) != "" && indent(rows[i]) <= head && head < indent(rows[at]) && !closing.MatchString(rows[i]) {
				break
			}
			g.to = i + 1
		}
		list = append(list, g)
	}
	return list
}

func indent(row string) int { return len(row) - len(strings.TrimLeft(row, " \t")) }

var constantRow = lazy.New(`^\s*(?:export\s+|private\s+|public\s+|static\s+|final\s+|readonly\s+|const\s+|let\s+|var\s+|val\s+|String\s+|string\s+)*\w+\s*(?::\s*\w+)?\s*:?=\s*["'` + "`" + `][^"'` + "`" + `]*["'` + "`" + `]\s*;?\s*$`)

// pathConstantRow says that a row only keeps an address for others.
func pathConstantRow(row string) bool { return len(row) < 1000 && constantRow.MatchString(row) }

// usedIn is the first line of a text that reads or sends the key beside a call of the route, 0 for none.
func (l lostKey) usedIn(p, text string) int {
	text = routes.Inlined(text)
	rows := strings.Split(text, "\n")
	if l.needed {
		return l.missedIn(p, text, rows)
	}
	use := readsKey(l.gone.wire)
	if l.sent {
		use = sendsKey(l.gone.wire)
	}
	for _, g := range regions(l.route, p, text, rows) {
		near := strings.Join(rows[g.from:g.to], "\n")
		if slices.ContainsFunc(l.now, func(name string) bool { return named(near, name) }) {
			continue // it knows the new keys
		}
		from := g.from
		if !l.sent {
			from = g.call
		}
		for i := from; i < g.to; i++ {
			if len(rows[i]) > 4000 || comment.MatchString(rows[i]) {
				continue
			}
			for _, m := range use.FindAllStringIndex(rows[i], 20) {
				rest := strings.TrimLeft(rows[i][m[1]:], " \t")
				if strings.HasPrefix(rest, "(") || !l.sent && strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "==") && !strings.HasPrefix(rest, "=>") {
					continue // a method, or written to something else
				}
				if l.sent && typeBehind.MatchString(rows[i][m[1]-1:]) {
					continue
				}
				return i + 1
			}
		}
	}
	return 0
}

// missedIn is the first line of a call that sends all that the route needed before, and nowhere what it needs now.
func (l lostKey) missedIn(p, text string, rows []string) int {
	if strings.Contains(text, l.gone.wire) {
		return 0 // it knows the key
	}
	for _, g := range regions(l.route, p, text, rows) {
		near := strings.Join(rows[g.from:g.to], "\n")
		if spreads.MatchString(near) {
			continue
		}
		given := func(name string) bool {
			return sendsKey(name).MatchString(near) || regexp.MustCompile(`[?&]`+regexp.QuoteMeta(name)+`=`).MatchString(near)
		}
		if !slices.ContainsFunc(l.with, func(name string) bool { return !given(name) }) {
			return g.call + 1
		}
	}
	return 0
}

var spreads = lazy.New(`\.\.\.[A-Za-z_]|\*\*[A-Za-z_]|Object\.assign|\|\s*\{`)

var comment = lazy.New(`^\s*(?://|#|\*|/\*|--|<!--)`)

// named says that a text has a name as a word.
func named(text, name string) bool {
	return len(name) > 1 && regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).MatchString(text)
}

// readsKey is how a key is read from what was decoded: as a member, by its name, by jq, by a pattern, or as a declared one.
func readsKey(name string) *regexp.Regexp {
	n := regexp.QuoteMeta(name)
	return regexp.MustCompile(`(?:\?\.|[\w)\]'"\s|(]\.|->|^\.)` + n + `\b|\[\s*["':]` + n + `["']?\s*\]|(?:\b(?:get\w*|fetch|json|path|dig|has\w*|opt\w*|value|GetProperty|TryGetProperty|key|extract|pluck|toHaveProperty|jsonPath|field)|!\w+)\(\s*["':](?:\$\.)?` + n + `\b["']?|[{,]\s*` + n + `\b\s*(?::\s*\w+\s*)?(?:,[^{}()]*)?\}\s*(?::\s*[^=]+)?=|\b` + n + `\??:\s*(?:string|number|boolean)\b`)
}

// sendsKey is how a key is given to a body: in a literal, in JSON text, as a form's field.
func sendsKey(name string) *regexp.Regexp {
	n := regexp.QuoteMeta(name)
	return regexp.MustCompile(`\\?["']` + n + `\\?["']\s*(?::|=>|,|\])|(?:^|[{,(\s])` + n + `\s*:\s*[^=\s:]|[{,]\s*` + n + `\s*[,}]|(?:-d|-F|--form|--data(?:-urlencode|-raw)?)[ =]["']?(?:[^"'\s]*&)?` + n + `=|\b:?` + n + `:?=@?["'$]|\b` + n + `\s*=>`)
}
