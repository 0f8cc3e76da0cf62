package contracts

// Routes that answer with a changed shape, and the files that ask for them: who asks for a route reads what it answers, also
// where it reads a single key.

import (
	"slices"
	"strings"
	"sync"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

const (
	// maxAnswering bounds the files that are read for one shape, maxMakers the functions that give values of it.
	maxAnswering = 20
	maxMakers    = 6
)

// answeringWith are the routes whose handlers speak of a type, or call a function which gives one.
func (t *routeTable) answeringWith(owner, from string) ([]routes.Route, error) {
	lang := source.LanguageOf(from)
	if lang == "" || len(owner) < 3 {
		return nil, nil
	}
	var list []routes.Route
	var makers []string
	spoken := func(word string, makes bool) error {
		naming, err := t.pass.Source.Naming(t.pass.Context, word)
		if err != nil || len(naming[word]) > 3*maxAnswering {
			return err
		}
		read := 0
		for _, p := range naming[word] {
			if source.LanguageOf(p) != lang || !declares(p) || skipped(p) || read >= maxAnswering {
				continue
			}
			f := t.after.file(p)
			if f == nil {
				continue
			}
			read++
			found, err := t.handling(f, word)
			if err != nil {
				return err
			}
			list = append(list, found...)
			if makes {
				makers = append(makers, makersIn(f, word)...)
			}
		}
		return nil
	}
	if err := spoken(owner, true); err != nil {
		return nil, err
	}
	slices.Sort(makers)
	for _, m := range slices.Compact(makers)[:min(len(slices.Compact(makers)), maxMakers)] {
		if len(list) > 0 {
			break
		}
		if err := spoken(m, false); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(list, func(r routes.Route) bool { return r.Mount || r.Unread || !findable(r) }), nil
}

// makersIn are the functions of a file that give values of a type.
func makersIn(f *source.File, owner string) []string {
	var list []string
	for _, d := range f.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && len(d.Name) > 2 &&
			slices.ContainsFunc(d.Results, func(r string) bool { return slices.Contains(identifiers(r), owner) }) {
			list = append(list, d.Name)
		}
	}
	return list
}

// handling are the routes of the handlers of a file that speak of a word.
func (t *routeTable) handling(f *source.File, word string) ([]routes.Route, error) {
	var list []routes.Route
	says := func(text string) bool {
		return strings.Contains(text, word) && slices.Contains(identifiers(text), word)
	}
	handlers := t.after.handlers(f.Path)
	for _, key := range keysOf(handlers) {
		h := handlers[key]
		switch {
		case h.decl == nil && !says(textOf(f, h.span())):
			continue
		case h.decl != nil && slices.ContainsFunc(h.decl.Results, ownAnswer):
			if !slices.ContainsFunc(h.decl.Results, says) {
				continue // it makes another type of it
			}
		case h.decl != nil && !says(withHead(f, h.decl)):
			continue
		}
		answered, err := t.leadingTo(h)
		if err != nil {
			return nil, err
		}
		list = append(list, answered...)
	}
	for _, d := range f.Decls { // a view of Django's REST framework names its serialiser
		if d.Kind != source.Class || !viewClass.MatchString(d.Name) || !says(textOf(f, d.Span)) {
			continue
		}
		naming, err := t.pass.Source.Naming(t.pass.Context, d.Name)
		if err != nil {
			return nil, err
		}
		for i, p := range naming[d.Name] {
			if i >= maxAnswering || source.LanguageOf(p) != f.Lang || source.IsTest(p) {
				continue
			}
			for _, r := range t.after.routes(p) {
				if slices.Contains(identifiers(r.Handler), d.Name) {
					whole, err := t.wholeRoutes([]routes.Route{r})
					if err != nil {
						return nil, err
					}
					list = append(list, whole...)
				}
			}
		}
	}
	return list, nil
}

// ownAnswer says that a handler's declared result names a type of the program, and not only what carries any.
func ownAnswer(result string) bool {
	return slices.ContainsFunc(identifiers(result), func(name string) bool {
		return name[0] >= 'A' && name[0] <= 'Z' && !carrier.MatchString(name)
	})
}

var carrier = lazy.New(`^(?:ResponseEntity|Mono|Flux|List|Set|Collection|Optional|I?ActionResult|Task|ValueTask|I?Result|Results|Response|HttpResponse|JsonResponse|JSONResponse|Promise|CompletableFuture|Map|Object|String|Page|Slice|I?Enumerable|IReadOnlyList|IReadOnlyCollection|Any|Json|StatusCode|Error|AppError|Vec|Option|Observable|Int|Long|Boolean|Void|Unit|Illuminate|AnonymousResourceCollection|JsonResource)$`)

var viewClass = lazy.New(`(?:View|ViewSet|Viewset|Resource|Endpoint)$`)

// findAnswers gives each changed shape the routes that answer with it. Those of a literal are its handler's own.
func (s *survey) findAnswers(pass *detectors.Pass) error {
	t := &routeTable{pass: pass, before: side{pass.Branch, pass.Source, true}, after: side{pass.Branch, pass.Source, false}}
	s.findOperations(t.before)
	s.findRPCs(t.before)
	for i, c := range s.changes {
		if i >= 60 || c.old.asks || c.old.sent || c.old.dialect == "schema" || isMessage(c.old) {
			continue
		}
		switch {
		case !c.old.reply:
			list, err := t.answeringWith(lastOf(c.old.owner), c.old.path)
			if err != nil {
				return err
			}
			c.served = append(c.served, list...)
		case !strings.HasPrefix(c.old.owner, "/"):
			list, err := t.repliesOf(c.new.path, c.new.owner)
			if err != nil {
				return err
			}
			c.served = append(c.served, list...)
		default:
			p, _, _ := strings.Cut(c.old.owner, ".")
			r := routes.Route{Path: p, Segments: routes.Segments(p), File: c.new.path}
			list, err := t.composed(r)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				list = []routes.Route{r}
			}
			c.served = append(c.served, slices.DeleteFunc(list, func(r routes.Route) bool { return !findable(r) })...)
		}
	}
	return nil
}

// repliesOf are the routes of the handler that a literal stands in.
func (t *routeTable) repliesOf(p, owner string) ([]routes.Route, error) {
	name, _, _ := strings.Cut(owner, ".")
	handlers := t.after.handlers(p)
	for _, key := range keysOf(handlers) {
		if h := handlers[key]; h.decl != nil && (h.decl.Name == name || h.decl.Name == lastOf(owner)) {
			list, err := t.leadingTo(h)
			return slices.DeleteFunc(list, func(r routes.Route) bool { return r.Mount || r.Unread || !findable(r) }), err
		}
	}
	return nil, nil
}

// asksFor says that a file asks for a route which answers with the shape.
func (c *change) asksFor(b *branch.Branch, p string) bool {
	if len(c.served)+len(c.rpcs) == 0 {
		return false
	}
	if known, ok := c.asking[p]; ok {
		return known
	}
	if c.asking == nil {
		c.asking = map[string]bool{}
	}
	text, err := b.ReadHead(p)
	if err == nil && len(text) < 400_000 {
		lower := strings.ToLower(string(text))
		called := sync.OnceValue(func() []routes.Called { return routes.CalledIn(routes.Inlined(string(text))) })
		c.asking[p] = c.callsRPC(string(text)) || slices.ContainsFunc(c.served, func(r routes.Route) bool {
			if !r.MayStandIn(lower) {
				return false
			}
			_, ok := r.Mentions(called())
			return ok
		})
	}
	return c.asking[p]
}
