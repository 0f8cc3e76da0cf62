package rows

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Kind is what a write does to rows.
type Kind int

// The kinds of writes.
const (
	Insert Kind = iota
	Update
	Delete
)

// Write is one place in a program that writes rows.
type Write struct {
	Do Kind
	// Target is the model, table or collection as the program spells it: "Licence", "point_entries".
	Target string
	// Verb is the name of the call that does it.
	Verb string
	// Whole: no condition leaves a row out. Guarded: a row that is there is no second one (upsert, ignore).
	Whole, Guarded bool
	// Sets are the columns that an update sets, as spelt; Self is the one that it computes from its own old value, empty
	// for none; Marked: the condition asks for a column that the update sets, so that a second run finds nothing to do.
	Sets   []string
	Self   string
	Marked bool
	// Span is the whole chain, In the function around it.
	Span source.Span
	In   *source.Decl
}

// In are the writes of a file, in its order.
func In(f *source.File) []Write {
	var list []Write
	lang := dialectOf(f.Lang)
	for _, call := range outermost(f.Calls) {
		if call.Span.Start < 0 || call.Span.End > len(f.Text) || call.Span.Start >= call.Span.End {
			continue
		}
		text := string(f.Text[call.Span.Start:call.Span.End])
		if !worth(text) {
			continue
		}
		w, ok := writeOf(f, lang, call, text)
		if ok {
			w.Span, w.In = call.Span, call.In
			list = append(list, w)
		}
	}
	slices.SortStableFunc(list, func(a, b Write) int { return a.Span.Start - b.Span.Start })
	return list
}

// outermost are the calls that no longer chain begins with.
func outermost(calls []*source.Call) []*source.Call {
	longest := map[int]*source.Call{}
	var order []int
	for _, c := range calls {
		was := longest[c.Span.Start]
		if was == nil {
			order = append(order, c.Span.Start)
		}
		if was == nil || c.Span.End > was.Span.End {
			longest[c.Span.Start] = c
		}
	}
	var list []*source.Call
	for _, start := range order {
		list = append(list, longest[start])
	}
	return list
}

// worth says cheaply whether a chain's text can be a write.
func worth(text string) bool {
	lower := strings.ToLower(text[:min(len(text), 4096)])
	for _, w := range []string{"update", "delete", "insert", "create", "save", "persist", "add", "destroy", "remove", "clear", "truncate", "increment", "decrement", "del("} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// writeOf reads one chain by the mappers of its language.
func writeOf(f *source.File, lang string, call *source.Call, text string) (Write, bool) {
	chain := chainOf(text)
	for i := len(chain) - 1; i >= 0; i-- {
		l := chain[i]
		if !l.called && (lang != ruby || i != len(chain)-1) {
			continue
		}
		if lang == ruby && i == len(chain)-1 && !l.called {
			l.args = rubyArguments(call)
			chain[i] = l
		}
		for _, m := range mappers {
			if m.lang != lang || !m.verb.MatchString(l.name) || m.before != nil && !m.before.MatchString(names(chain[:i])) || m.file != "" && !strings.Contains(string(f.Text), m.file) || m.shape != nil && !m.shape.MatchString(l.args) || m.after != nil && !m.after.MatchString(names(chain[i+1:])) {
				continue
			}
			w := Write{Do: m.do, Verb: l.name}
			w.Target = targetOf(f, call, m, chain, i)
			if w.Target == "" {
				continue
			}
			w.Guarded = m.guarded || guards.MatchString(text)
			condition := ""
			if m.do != Insert {
				condition, w.Whole = scopeOf(m, chain, i)
				w.sets(m, chain, i, condition)
			}
			return w, true
		}
	}
	return Write{}, false
}

// rubyArguments is the text of arguments that stand without brackets.
func rubyArguments(call *source.Call) string {
	var parts []string
	for _, a := range call.Args {
		text := a.Text
		if a.Keyword != "" && !strings.HasPrefix(text, a.Keyword) {
			text = a.Keyword + ": " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func names(chain []link) string {
	var list []string
	for _, l := range chain {
		list = append(list, l.name)
	}
	return strings.Join(list, ".")
}

// guards are the words by which a mapper keeps a row from being a second one.
var guards = lazy.New(`(?i)on_?conflict|on_?duplicate|onDup|skipDuplicates|ignore_conflicts|update_conflicts|ignoreDuplicates|updateOnDuplicate|upsert|unique_by|insert_?or_?ignore|FirstOrCreate|find_or_create`)

// targetOf names what a chain writes to.
func targetOf(f *source.File, call *source.Call, m mapper, chain []link, verb int) string {
	switch m.target {
	case ofArgument:
		for _, a := range arguments(chain[verb].args) {
			if passed.MatchString(a) {
				continue
			}
			return thing(a)
		}
		return ""
	case ofNew:
		for _, a := range arguments(chain[verb].args) {
			if passed.MatchString(a) {
				continue
			}
			return made(f, call, a)
		}
		return ""
	case ofRoot:
		return thing(chain[0].name)
	case ofChain:
	}
	for _, l := range chain[verb+1:] {
		if l.called && (l.name == "from" || l.name == "into") {
			return thing(l.args)
		}
	}
	if m.lang == ruby {
		if i := lastModel(chain[:verb]); i >= 0 {
			return chain[i].name
		}
	}
	for i := verb - 1; i >= 0; i-- {
		l := chain[i]
		switch {
		case l.called && about.MatchString(l.name):
			for _, a := range arguments(l.args) {
				if t := thing(a); t != "" && !passed.MatchString(a) {
					return t
				}
			}
		case l.called && i == 0 && quotedName.MatchString(l.args):
			return thing(l.args)
		case neutral.MatchString(l.name) && (m.lang != js || i < verb-1 || i == 0 || l.called):
		case !l.called, l.args == "" && i > 0:
			return thing(l.name)
		}
	}
	return ""
}

// lastModel is the place of the last link that is a class, as Ruby writes them; -1 without one.
func lastModel(chain []link) int {
	for i := len(chain) - 1; i >= 0; i-- {
		if n := chain[i].name; n != "" && n[0] >= 'A' && n[0] <= 'Z' {
			return i
		}
	}
	return -1
}

var (
	passed     = lazy.New(`^(ctx|context|c|cancel\w*|tx|db|r\.Context\(\)|context\.\w+\(\)|\w+\.Context\(\)|&?db)$`)
	quotedName = lazy.New("^[\"'`][\\w.]+[\"'`]")
	thingName  = lazy.New(`^[&*(\s]*(?:new\s+)?(?:\[\]\*?)?["'` + "`" + `]?((?:[\w$]+(?:\.|::|\\))*[\w$]+)`)
	newName    = lazy.New(`^[&(\s]*(?:new\s+)?(?:\[\](?:\w+\.)?)?((?:\w+(?:\.|::|\\))*[A-Z]\w*)\s*[({\[]`)
	variable   = lazy.New(`^[&$*]*(\w+)$`)
)

// thing is the name in an argument: &model.Licence{} is Licence, "licences" is licences, Licence::class is Licence.
func thing(arg string) string {
	m := thingName.FindStringSubmatch(arg)
	if m == nil {
		return ""
	}
	name := m[1]
	if i := strings.LastIndexByte(name, '.'); i > 0 && strings.HasPrefix(arg[strings.Index(arg, name)+len(name):], "(") && name[i+1] >= 'a' {
		name = name[:i]
	}
	for _, end := range []string{"::class", "::table", ".class", "::Entity", ".prototype"} {
		name = strings.TrimSuffix(name, end)
	}
	return strings.TrimLeft(name[strings.LastIndexAny(name, ".:\\")+1:], "$")
}

// made is the type of a row that an argument makes, or that its variable was given above the call; empty for others.
func made(f *source.File, call *source.Call, arg string) string {
	if m := newName.FindStringSubmatch(arg); m != nil {
		return m[1][strings.LastIndexAny(m[1], ".:\\")+1:]
	}
	if inner := strings.TrimPrefix(arg, "["); inner != arg {
		return made(f, call, strings.TrimSpace(inner))
	}
	m := variable.FindStringSubmatch(arg)
	if m == nil {
		return ""
	}
	from := 0
	if call.In != nil {
		from = max(0, call.In.Span.Start)
	}
	above := string(f.Text[min(from, call.Span.Start):call.Span.Start])
	name := m[1]
	for at := strings.LastIndex(above, name); at >= 0; at = strings.LastIndex(above[:at], name) {
		rest := strings.TrimLeft(above[at+len(name):], " \t")
		for _, sign := range []string{":=", "="} {
			if value, ok := strings.CutPrefix(rest, sign); ok && !strings.HasPrefix(value, "=") {
				if n := newName.FindStringSubmatch(strings.TrimSpace(value)); n != nil {
					return n[1][strings.LastIndexAny(n[1], ".:\\")+1:]
				}
				if inner := creates.FindStringSubmatch(value); inner != nil {
					return inner[1]
				}
				return ""
			}
		}
	}
	return ""
}

// creates is a repository's way to make an entity that is not stored yet.
var creates = lazy.New(`^\s*(?:await\s+)?(?:this\.)?(\w+)\.create\(`)
