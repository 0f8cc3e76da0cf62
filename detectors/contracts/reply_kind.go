package contracts

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// Whether a handler answers with a list or with a record, and whether a client takes what it gets for a list.

var (
	answerWrap  = lazy.New(`^(?:(?:Promise|ResponseEntity|ActionResult|Task|Mono|Uni|CompletableFuture|Response|Observable|ValueTask|Awaitable|Json)[<\[])+(.*?)[>\]]+$`)
	recordType  = lazy.New(`^(?:\w+\.)*[A-Z]\w*(?:[<\[].*[>\]])?$`)
	noRecord    = lazy.New(`(?i)response|result|any|object|void|unit|iactionresult|string|json`)
	returned    = lazy.New(`(?m)^\s*return\s+([^\n]+)`)
	listMaker   = lazy.New(`^(?:list|sorted|array_values|Array\.from)\(|^[\w.?]+\.(?:map|filter|toArray|tolist|to_a|findAll|toList|all|rows)\(|^\[`)
	composite   = lazy.New(`^&?((?:\w+\.)?\w+)(?:\[[^\]]*\])?\{`)
	lastCall    = lazy.New(`(?:^|\.)(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)$`)
	bodySet     = lazy.New(`(?m)\bctx\.body\s*=\s*([^\n]+)`)
	plainRecord = lazy.New(`^(?:gin\.H|echo\.Map|fiber\.Map|map\[string\]\w+|dict|hash|mapOf|Map\.of)[{(]`)
)

// replyKind is what a handler answers with when all goes well: kindArray, kindObject, or empty where that cannot be told.
func (s side) replyKind(ctx context.Context, f *source.File, h *requestHandler) valueKind {
	if f == nil {
		return ""
	}
	if h.decl != nil {
		if k := declaredAnswer(h.decl); k != "" {
			return k
		}
	}
	body := source.Span{}
	switch {
	case h.route != nil && h.route.Body.End > 0:
		body = h.route.Body
	case h.decl != nil:
		body = h.decl.Span
	}
	if body.End <= body.Start || body.End > len(f.Text) || body.End-body.Start > 20_000 {
		return ""
	}
	text := string(f.Text[body.Start:body.End])
	var answers []string
	for _, c := range f.Calls {
		if c.Span.Start < body.Start || c.Span.End > body.End || !replySink.MatchString(c.Full()) && !managedSink.MatchString(c.Full()) || len(c.Args) == 0 || c.Name == "body" || c.Name == "add" {
			continue
		}
		last := c.Args[len(c.Args)-1]
		if f.Lang != source.Go {
			last = c.Args[0]
		}
		if !last.IsString && !last.IsFunc {
			answers = append(answers, last.Text)
		}
	}
	for _, m := range bodySet.FindAllStringSubmatch(text, 10) {
		answers = append(answers, strings.TrimRight(m[1], "; "))
	}
	if len(answers) == 0 && f.Lang != source.Go {
		for _, m := range returned.FindAllStringSubmatch(text, 10) {
			answers = append(answers, strings.TrimRight(m[1], "; "))
		}
	}
	kind := valueKind("")
	for _, a := range answers {
		if faulty.MatchString(a) {
			continue
		}
		k := s.kindOfAnswer(ctx, f, text, a, 0)
		if k == "" || kind != "" && k != kind {
			return ""
		}
		kind = k
	}
	return kind
}

var faulty = lazy.New(`^(?:gin\.H|echo\.Map|fiber\.Map|map\[string\]\w+)?\{?\s*["']?(?:error|errors|message|detail|status|code)\b`)

// declaredAnswer is the kind that a handler's declared result or response model says.
func declaredAnswer(d *source.Decl) valueKind {
	types := slices.Clone(d.Results)
	for _, c := range d.Decorators {
		for _, a := range c.Args {
			if a.Keyword == "response_model" {
				types = []string{a.Text}
			}
		}
	}
	if len(types) != 1 {
		return ""
	}
	t := strings.TrimSpace(types[0])
	if m := answerWrap.FindStringSubmatch(t); m != nil {
		t = m[1]
		if strings.Count(t, "<") > strings.Count(t, ">") {
			t += ">"
		}
		if strings.Count(t, "[") > strings.Count(t, "]") {
			t += "]"
		}
	}
	switch k := kindOfType(t); {
	case k == kindArray || k == kindObject:
		return k
	case listType.MatchString(t):
		return kindArray
	case recordType.MatchString(t) && !noRecord.MatchString(t):
		return kindObject
	}
	return ""
}

var listType = lazy.New(`^(?:List|MutableList|Set|Collection|Iterable|IEnumerable|IList|IReadOnlyList|Sequence|Array|Vec|Flux|Flow)[<\[]|\[\]$`)

// kindOfAnswer is the kind of an expression: a literal, a variable of the function, or a call of a function whose result is
// declared.
func (s side) kindOfAnswer(ctx context.Context, f *source.File, body, text string, depth int) valueKind {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "await "))
	switch {
	case depth > 3 || text == "" || len(text) > 2000:
		return ""
	case plainRecord.MatchString(text), strings.HasPrefix(text, "{"):
		return kindObject
	case strings.HasPrefix(text, "[]"), strings.HasPrefix(text, "make([]"), listMaker.MatchString(text):
		return kindArray
	case variableName.MatchString(text):
		v := regexp.QuoteMeta(text)
		if regexp.MustCompile(`\bvar\s+` + v + `\s+\[\]`).MatchString(body) {
			return kindArray
		}
		m := regexp.MustCompile(`(?m)(?:^|[\s,(])` + v + `(?:\s*,\s*\w+)*\s*(?::\s*[\w<>\[\]., |]+)?:?=\s*([^=\n][^\n]*)`).FindStringSubmatch(body)
		if m == nil {
			return ""
		}
		return s.kindOfAnswer(ctx, f, body, strings.TrimRight(m[1], "; "), depth+1)
	}
	if m := composite.FindStringSubmatch(text); m != nil {
		if _, d := s.lookup(f, m[1]); d != nil && (d.Kind == source.Struct || d.Kind == source.Class) {
			return kindObject
		}
		return ""
	}
	if m := lastCall.FindStringSubmatch(text); m != nil {
		return s.resultOf(ctx, f, m[1])
	}
	return ""
}

// resultOf is the kind that the functions of a name give back, as they declare it; a class's name makes a record.
func (s side) resultOf(ctx context.Context, f *source.File, name string) valueKind {
	naming, err := s.source.Naming(ctx, name)
	if err != nil || len(naming[name]) > 40 {
		return ""
	}
	kind := valueKind("")
	paths := append([]string{f.Path}, naming[name]...)
	for _, p := range slices.Compact(paths) {
		if source.LanguageOf(p) != f.Lang || !declares(p) {
			continue
		}
		g := s.file(p)
		if g == nil {
			continue
		}
		for _, d := range g.Decls {
			k := valueKind("")
			switch {
			case d.Name != name:
				continue
			case d.Kind == source.Class || d.Kind == source.Schema:
				k = kindObject
			case (d.Kind == source.Function || d.Kind == source.Method) && len(d.Results) > 0:
				t := strings.TrimLeft(d.Results[0], "(")
				if k = kindOfType(t); k != kindArray && k != kindObject {
					k = ""
					if f.Lang == source.Go && recordType.MatchString(strings.TrimPrefix(t, "*")) {
						k = kindObject
					} else if listType.MatchString(t) {
						k = kindArray
					}
				}
			}
			if k == "" || kind != "" && k != kind {
				return ""
			}
			kind = k
		}
	}
	return kind
}

var (
	takenApart = lazy.New(`(?:^|[\s,(])(\w+)\s*(?::\s*[^=\n]+)?:?=\s*(?:await\s+|\(await\s+)?[^=\n]*(?:\.json\(\)|JSON\.parse\(|json\.loads\(|json\.load\(|\.data\b|getJSON\(|[fF]etch\w*\(|\.get\(|json_decode\()`)
	thenTaken  = lazy.New(`\.then\(\s*(?:async\s*)?(?:function\s*)?\(?\s*(\w+)\s*\)?\s*(?:=>|\{)`)
	directWalk = lazy.New(`\b(?:in|of)\s+(?:\(?await\s+)?[\w.()]+\.json\(\)\)?\s*(?:[:)\]]|if\b)|\.json\(\)\)?\.(?:map|forEach|filter)\(|\.json\(\)\[\d`)
	stubList   = lazy.New(`(?:HttpResponse\.json|res\.json|ctx\.json|\.reply|reply|json_data|\.json|fulfill)\(\s*(?:\d+\s*,\s*)?\[|\bjson\s*[=:]\s*\[|\bbody\s*[:=]\s*(?:JSON\.stringify\(\s*)?\[|mockResolvedValue\w*\(\s*\[`)
	goList     = lazy.New(`\bvar\s+(\w+)\s+\[\]|\b(\w+)\s*:=\s*(?:make\()?\[\]`)
)

// answerRows is how far behind a call its answer is looked at.
const answerRows = 25

// listReader is the line at which a text takes the answer of a route for a list, 0 for none.
func listReader(r routes.Route, text string) int {
	rows := strings.Split(routes.Inlined(text), "\n")
	for i, row := range rows {
		if len(row) > 2000 || !strings.Contains(row, r.Last()) || !namesRoute(r, row) || imports.MatchString(row) {
			continue
		}
		var vars []string
		for _, above := range rows[max(0, i-6):i] {
			if m := goList.FindStringSubmatch(above); m != nil && len(above) < 2000 {
				vars = append(vars, "&"+m[1]+m[2])
			}
		}
		left := false // the function of the call
		for j := i; j < min(len(rows), i+answerRows); j++ {
			row := rows[j]
			left = left || j > i && strings.TrimSpace(row) != "" && indent(row) < indent(rows[i]) && indent(row) == 0
			if j > i && pathToken.MatchString(quotedOnly(row)) && !namesRoute(r, row) || len(row) > 2000 || strings.Contains(row, "isArray") || strings.Contains(row, "isinstance") {
				break
			}
			for _, m := range takenApart.FindAllStringSubmatch(row, 5) {
				vars = append(vars, m[1])
			}
			for _, m := range thenTaken.FindAllStringSubmatch(row, 5) {
				vars = append(vars, m[1])
			}
			if m := goList.FindStringSubmatch(row); m != nil {
				vars = append(vars, "&"+m[1]+m[2])
			}
			if directWalk.MatchString(row) || stubList.MatchString(row) || castList.MatchString(row) || !left && handsBack.MatchString(row) && promisesList(rows, i) {
				return j + 1
			}
			for _, v := range vars {
				if walks(row, v) {
					return j + 1
				}
			}
		}
	}
	return 0
}

var (
	castList  = lazy.New(`\.json\(\)\)?\s*as\s+(?:Promise<)?(?:[\w.]+\[\]|(?:Readonly)?Array<)|\.(?:json|get)<(?:[\w.]+\[\]|Array<\w+>)>\(`)
	handsBack = lazy.New(`\breturn\s+(?:\(?await\s+)?[\w.]+\.json\(\)|\.then\(\(?(\w+)\)?\s*=>\s*\w+\.json\(\)\)`)
	listHead  = lazy.New(`\)\s*:\s*Promise<(?:[\w.]+\[\]|(?:Readonly)?Array<[\w.]+>)>|\)\s*->\s*(?:list|List|Sequence|Iterable)\[`)
)

// promisesList says that the function around a row gives back a list.
func promisesList(rows []string, at int) bool {
	for i := at; i >= 0 && i > at-12; i-- {
		if len(rows[i]) < 2000 && listHead.MatchString(rows[i]) {
			return true
		}
		if i < at && closing.MatchString(rows[i]) && indent(rows[i]) == 0 {
			return false
		}
	}
	return false
}

// walks says that a row goes through a variable as through a list.
func walks(row, v string) bool {
	if name, ok := strings.CutPrefix(v, "&"); ok {
		return regexp.MustCompile(`(?:Decode|Unmarshal)\([^)]*&` + regexp.QuoteMeta(name) + `\b`).MatchString(row)
	}
	q := regexp.QuoteMeta(v)
	return regexp.MustCompile(`\b` + q + `\??\.(?:map|forEach|filter|reduce|find|some|every|sort|flatMap|each|length)\b|\b(?:of|in)\s+` + q + `\s*(?:[:)]|$)|\b` + q + `\[\d+\]|\blen\(` + q + `\)|enumerate\(` + q + `\)`).MatchString(row)
}
