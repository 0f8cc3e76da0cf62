package observability

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// What is to be said of a trigger: what it leaves behind by itself, by what it calls, and by what stands around and in front of it.

// verdict is what is to be said of one trigger.
type verdict struct {
	severity detectors.Severity
	missing  []string
	sibling  *trigger
	// passedBy is the middleware that stands on the wrong side of the handler.
	passedBy *spot
}

// judge gives credit first: to the code itself two calls deep, to what stands around it, to what stands in front of it,
// and then compares with the siblings.
func (l *lookup) judge(t *trigger, fresh []*trigger) verdict {
	own, front, brought := l.own(t), l.front(t), l.brought(t)
	logger := l.loggerNear(t.file)
	prints := own.has(printed) || own.has(plainLog) && l.plainLogIsOdd(t.file)
	if prints && logger != "" && !own.has(visible&^plainLog) { // UnstructuredLog's
		return verdict{}
	}
	if (own | front).has(visible) {
		return l.uncounted(t, own|front|brought, fresh)
	}
	if at, ok := l.skipped[t]; ok && !brought.has(visible) && l.matters(t, kin{carry: 2, total: 2}) {
		return verdict{severity: detectors.Warning, passedBy: &at, missing: missing(own | front)}
	}
	beside := l.siblings(t, fresh)
	if !l.matters(t, beside) || brought.has(visible) && !beside.all() {
		return verdict{}
	}
	metrics := l.moduleNear(t.file, func(v *vocabulary, fam string) []string { return v.Modules[fam].Metric })
	v := verdict{severity: detectors.Warning, sibling: beside.example, missing: missing(own | front)}
	switch {
	case beside.total > 0 && beside.carry*2 < beside.total, l.central(t) && (beside.carry == 0 || beside.carry == 1 && t.kind == kindRoute):
		return verdict{} // nobody here does it
	case beside.total == 0 && logger == "" && metrics == "":
		v.severity = detectors.Note
	}
	return v
}

// uncounted is the verdict of a trigger that logs, and leaves no metric where each of its siblings leaves one of its own.
func (l *lookup) uncounted(t *trigger, have signal, fresh []*trigger) verdict {
	pick := func(v *vocabulary, fam string) []string { return v.Modules[fam].Metric }
	if have.has(metered) || !have.has(logged) || len(pick(l.words, family(t.file.Lang))) > 0 && l.moduleNear(t.file, pick) == "" {
		return verdict{}
	}
	beside := l.siblings(t, fresh)
	if beside.total < 2 || beside.count != beside.total || !l.matters(t, beside) {
		return verdict{}
	}
	return verdict{severity: detectors.Warning, sibling: beside.counting, missing: []string{"metric"}}
}

// central says whether the frameworks of the language log by themselves what a handler lets through, so that only
// siblings which do more make its silence remarkable.
func (l *lookup) central(t *trigger) bool {
	switch t.file.Lang {
	case source.Go, source.JavaScript, source.TypeScript, source.Python:
		return false
	default:
		return true
	}
}

// own is what the trigger leaves behind by itself, by what it calls and by what is wrapped around it.
func (l *lookup) own(t *trigger) signal {
	s := l.signalsIn(t.file, t.span, 2)
	for _, w := range t.wrappers {
		if s.has(visible) {
			break
		}
		s |= l.creditName(t.file, w, 1)
	}
	if t.decl != nil && !s.has(visible) && t.decl.Kind != source.Class {
		s |= l.wrappedBy(t)
	}
	return s &^ correlated
}

// wrappedBy credits the functions that the handler is given to, other than the framework's own registration:
// `mux.Handle("/x", withLogging(s.create))`.
func (l *lookup) wrappedBy(t *trigger) signal {
	var s signal
	files := append([]string{t.file.Path}, closest(t.file.Path, l.naming(t.decl.Name), manyNames)...)
	for _, p := range files {
		f := l.read(p)
		if f == nil || family(f.Lang) != family(t.file.Lang) {
			continue
		}
		for _, c := range f.Calls {
			for _, a := range c.Args {
				if a.IsFunc || a.Text != t.decl.Name && !strings.HasSuffix(a.Text, "."+t.decl.Name) || everyday[c.Name] {
					continue
				}
				s |= l.creditName(f, c.Full(), 1)
			}
		}
	}
	return s &^ printed
}

// matters says whether the trigger does anything that can fail: at least two calls that are not the answer itself, one
// where each sibling leaves a trace.
func (l *lookup) matters(t *trigger, beside kin) bool {
	if t.framework == timerName {
		return l.timerWorks(t)
	}
	tolerant, err := tolerances()
	if err != nil {
		return false
	}
	n := 0
	for _, c := range within(t.file, t.span) {
		if ofRequest(c, t.file.Lang) {
			continue
		}
		if (!everyday[c.Name] || len(identifiers(c.Receiver)) > 1) && c != t.reg { // s.store.Get
			n++
		}
		if c.Awaited || tolerant.Effect.match(c.Name) {
			n++
		}
	}
	return n >= 2 || n == 1 && beside.all() || l.failing(tolerant, t.file, t.span) != nil
}

// answering are the objects that a handler reads its request from and gives its answer with.
var answering = map[string]bool{"res": true, "w": true, "reply": true, "request": true, "response": true, "Response": true, "NextResponse": true, "json": true, "http": true, "JSON": true, "self.stdout": true}

// requests are their names that are other things elsewhere: c.orders.Find() is no part of an answer.
var requests = map[string]bool{"c": true, "ctx": true, "req": true, "r": true, "call": true}

// ofRequest says whether a call only reads the request or writes the answer.
func ofRequest(c *source.Call, lang source.Language) bool {
	ids := identifiers(c.Receiver)
	if len(ids) == 0 {
		return false
	}
	switch {
	case answering[ids[0]]:
		return true
	case !requests[ids[0]]:
		return false
	case len(ids) == 1:
		return lang != source.Ruby && lang != source.PHP
	}
	return partOfRequest[strings.ToLower(ids[1])]
}

var partOfRequest = map[string]bool{"req": true, "res": true, "request": true, "response": true, "writer": true, "header": true, "headers": true, "body": true, "url": true, "query": true, "params": true, "param": true, "form": true, "json": true}

// plainLogIsOdd says whether nobody else in the repository uses Go's plain log package.
func (l *lookup) plainLogIsOdd(f *source.File) bool {
	for _, w := range []string{"log.Printf", "log.Println", "log.Print"} {
		if slices.ContainsFunc(l.naming(w), func(p string) bool { return p != f.Path }) {
			return false
		}
	}
	return true
}

func missing(have signal) []string {
	var list []string
	if !have.has(logged | plainLog | reported) {
		list = append(list, "log")
	}
	if !have.has(metered) {
		list = append(list, "metric")
	}
	if !have.has(spanned) {
		list = append(list, "span")
	}
	return list
}
