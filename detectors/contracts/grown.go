package contracts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A growth is a key that the branch added to a shape and that nobody may leave out.
type growth struct {
	old, new *shape
	key      field
	// refused: a record without the key is refused when it comes in; else somebody reads the key, at reader.
	refused bool
	reader  detectors.Related
}

// A lack is a place with a record of a shape that does not have the key which the branch made part of it.
type lack struct {
	growth *growth
	path   string
	line   int
}

// grown are the keys that the branch added to a shape as required ones and that took no other's place.
func grown(old, now *shape, c *change) []field {
	if len(old.fields) < 2 || slices.ContainsFunc(now.unread, func(name string) bool { return !slices.Contains(old.unread, name) }) {
		return nil
	}
	var list []field
	for _, f := range now.fields {
		if old.has(f.wire) || f.optional || c != nil && slices.ContainsFunc(c.gone, func(g gone) bool { return g.to == f.wire || strings.HasPrefix(g.to, f.wire+".") }) {
			continue
		}
		list = append(list, f)
	}
	if len(list) > 3 {
		return nil // another record under the same name
	}
	return list
}

// findLacks looks for records of the shapes that grew.
func (s *survey) findLacks(pass *detectors.Pass) error {
	var wanted []*growth
	all := map[string]bool{}
	for _, g := range s.grown {
		ok, err := s.matters(pass, g)
		if err != nil {
			return err
		}
		if !ok || len(wanted) >= 40 {
			continue
		}
		wanted = append(wanted, g)
		for _, f := range g.old.fields {
			all[f.wire] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	naming, err := pass.Source.Naming(pass.Context, keysOf(all)...)
	if err != nil {
		return err
	}
	candidates := map[string][]*growth{}
	for _, g := range wanted {
		for _, p := range g.candidates(naming) {
			candidates[p] = append(candidates[p], g)
		}
	}
	read, err := readFiles(pass, keysOf(candidates), all)
	if err != nil {
		return err
	}
	for _, p := range keysOf(candidates) {
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		for _, g := range candidates[p] {
			if strings.Contains(string(text), g.key.wire) {
				continue // it knows the key: what lacks it there does so on purpose
			}
			if r := s.lacking(pass.Branch, g, p, read[p]); r != nil {
				s.lacks = append(s.lacks, &lack{g, p, r.line})
			}
		}
	}
	return nil
}

func (g *growth) candidates(naming map[string][]string) []string {
	count := map[string]int{}
	for _, f := range g.old.fields {
		for _, p := range naming[f.wire] {
			count[p]++
		}
	}
	var list []string
	for _, p := range keysOf(count) {
		if count[p] >= 3 && 10*count[p] >= 8*required(g.old) && p != g.new.path && !skipped(p) && !otherVersion(p, g.new.path) && len(list) < maxCandidates {
			list = append(list, p)
		}
	}
	return list
}

func required(s *shape) int {
	n := 0
	for _, f := range s.fields {
		if !f.optional {
			n++
		}
	}
	return n
}

// lacking is the first record of a file that is one of the shape before it grew.
func (s *survey) lacking(b *branch.Branch, g *growth, p string, found []*record) *record {
	if !g.refused && !standsIn(p) {
		return nil
	}
	c := &change{old: g.old, new: g.new}
	for _, r := range found {
		if r.form != formLiteral && r.form != formText || r.spread || checked(c, r) || deliberate(r) || len(r.keys) < 3 {
			continue
		}
		changed := b.File(p)
		if changed != nil && changed.Touched(r.line) {
			continue
		}
		if g.whole(r) && !s.belongsElsewhere(g, r) {
			return r
		}
	}
	return nil
}

// whole says that a record has nearly all that the shape needed, nearly nothing else, and names that tell.
func (g *growth) whole(r *record) bool {
	matched, needed, mass := 0, 0, 0.0
	for _, f := range g.old.fields {
		if _, ok := r.keys[f.wire]; ok {
			matched++
			mass += weight(f.wire)
			if !f.optional {
				needed++
			}
		}
	}
	about := r.speaksOf(g.old.subject()) || mentions([]string{r.path}, g.old.subject())
	return matched >= 3 && 10*needed >= 9*required(g.old) && 10*matched >= 8*len(r.keys) && (about && mass >= 1.5 || mass >= 3)
}

// belongsElsewhere says that another living shape describes the record at least as well.
func (s *survey) belongsElsewhere(g *growth, r *record) bool {
	mine := g.old.shared(r.keys)
	return slices.ContainsFunc(s.living, func(l *shape) bool {
		return l != g.new && l.owner != g.new.owner && !l.has(g.key.wire) && l.shared(r.keys) >= mine
	})
}

// matters says whether anything goes wrong without the key: records that come in are refused, or code outside of tests that
// the branch changed reads it.
func (s *survey) matters(pass *detectors.Pass, g *growth) (bool, error) {
	at := side{pass.Branch, pass.Source, false}
	if g.old.schema || g.old.dialect == string(source.Python) {
		in, err := comesIn(pass, at, g.new)
		if err != nil || in {
			g.refused = in
			return in, err
		}
	}
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Path == g.new.path || f.Binary || f.TooLarge || f.Generated || f.Vendored || standsIn(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		parsed := at.file(f.Path)
		if parsed == nil {
			continue
		}
		for _, a := range parsed.Accesses {
			if a.Name == g.key.wire && !a.Write && f.Touched(a.Span.Line) && !tolerates(parsed, a) && compoundOrNear(parsed, a, g.old) {
				g.reader = detectors.Related{Path: f.Path, Line: a.Span.Line, Message: fmt.Sprintf("reads %q now", g.key.wire)}
				return true, nil
			}
		}
	}
	return false, nil
}

var (
	fallsBack = lazy.New(`^["'\])]*\s*(\?\?|\|\||\?\.|\?|&&|or\b|!==?\s*(undefined|null)|is\s+(not\s+)?None)`)
	asksFirst = lazy.New(`(\bif\s*\(?\s*!?|\.get\(\s*["']?|getattr\([^)]*|\bhas\w*\([^)]*)[\w.$\["']*$`)
)

// tolerates says that a reader does without the key: `x.key ?? ""`, `x?.key?.y`, `x.get("key")`, `if (x.key)`.
func tolerates(f *source.File, a *source.Access) bool {
	end := strings.Index(string(f.Text[a.Span.Start:]), a.Name)
	if end < 0 {
		return false
	}
	stop := a.Span.Start + end + len(a.Name)
	line := f.Text[max(0, a.Span.Start-60) : a.Span.Start+end]
	return fallsBack.Match(f.Text[stop:min(len(f.Text), stop+40)]) || asksFirst.Match(line[strings.LastIndexByte(string(line), '\n')+1:])
}

// compoundOrNear says that what reads the key reads another one of the shape from the same value, or that the key is telling.
func compoundOrNear(f *source.File, a *source.Access, s *shape) bool {
	return compound(a.Name) || slices.ContainsFunc(f.Accesses, func(b *source.Access) bool { return b.Receiver == a.Receiver && b.In == a.In && s.has(b.Name) })
}

var taken = lazy.New(`^(parse|safeParse|parseAsync|safeParseAsync|model_validate|model_validate_json|parse_obj|parse_raw|validate|validateSync|load|loads)$`)

// comesIn says that values of a schema come from outside: a handler takes it as a parameter, or something is parsed by it.
func comesIn(pass *detectors.Pass, at side, s *shape) (bool, error) {
	owner := s.owner[strings.LastIndexByte(s.owner, '.')+1:]
	if s.reply || s.dialect == "schema" {
		return false, nil // documents are held against their schemas one by one
	}
	naming, err := pass.Source.Naming(pass.Context, owner)
	if err != nil {
		return false, err
	}
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(owner) + `\b`)
	for i, p := range naming[owner] {
		if i >= 20 || !declares(p) || source.LanguageOf(p) != source.LanguageOf(s.path) {
			continue
		}
		f := at.file(p)
		if f == nil {
			continue
		}
		for _, d := range f.Decls {
			handler := slices.ContainsFunc(d.Decorators, func(c *source.Call) bool {
				return routeOf(c) != "" || messageCalls[c.Name] == subscribes || helperCall(c) == subscribes
			})
			if handler && slices.ContainsFunc(d.Params, func(p source.Param) bool { return word.MatchString(p.Type) }) {
				return true, nil
			}
		}
		for _, c := range f.Calls {
			if taken.MatchString(c.Name) && word.MatchString(c.Receiver) {
				return true, nil
			}
		}
	}
	return false, nil
}

func (l *lack) finding() detectors.Finding {
	g := l.growth
	f := detectors.Finding{
		Severity: detectors.Warning, Path: l.path, Line: l.line, Symbol: g.key.wire,
		Message:  fmt.Sprintf("lacks %q, which the branch made a required key of %s", g.key.wire, g.old.owner),
		Why:      "What is sent without it is refused from now on.",
		Fix:      fmt.Sprintf("Give the key here, or let %s do without it (a default) until every sender has followed.", g.old.owner),
		Related:  []detectors.Related{{Path: g.new.path, Line: g.key.line, Message: fmt.Sprintf("the branch adds %q here", g.key.wire)}},
		Evidence: []string{g.old.owner, g.key.wire, "required"},
	}
	if !g.refused {
		f.Why = "Code on the branch reads the key; tests on this stand-in see it empty, or stay green for the wrong reason."
		f.Fix = fmt.Sprintf("Give the stand-in the new shape of %s, best generated from it.", g.old.owner)
		f.Related = append(f.Related, g.reader)
	}
	return f
}
