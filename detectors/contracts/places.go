package contracts

import (
	"path"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A place is one file that still speaks of one old shape.
type place struct {
	change   *change
	path     string
	line     int
	form     form
	gone     []gone
	strength strength
	// records counts how many records of the file do.
	records int
}

// maxCandidates bounds the files that are read for one change.
const maxCandidates = 120

// findPlaces reads the files that name enough of an old shape and keeps the places that mean it.
func (s *survey) findPlaces(pass *detectors.Pass) error {
	wanted := map[string]bool{}
	all := map[string]bool{}
	for _, c := range s.changes {
		for _, g := range c.gone {
			wanted[g.wire] = true
		}
		for _, f := range c.old.fields {
			all[f.wire] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	if err := s.publishedTypes(pass); err != nil {
		return err
	}
	if err := s.findKeepers(pass); err != nil {
		return err
	}
	if err := s.findAnswers(pass); err != nil {
		return err
	}
	for _, c := range s.changes {
		for _, name := range slices.Concat(c.old.topics, c.takers) {
			all[name] = true
		}
		for _, f := range c.old.fields {
			all[underscore(f.wire)] = true
		}
	}
	naming, err := namingWire(pass, keysOf(all))
	if err != nil {
		return err
	}
	loaded, err := s.loaded(pass, naming)
	if err != nil {
		return err
	}
	candidates := map[string][]*change{}
	wired := map[string]bool{}
	for _, c := range s.changes {
		for _, p := range c.candidates(pass.Branch, naming, loaded) {
			if !c.worthReading(pass.Branch, p, wired) {
				continue
			}
			candidates[p] = append(candidates[p], c)
		}
	}
	read, err := readFiles(pass, keysOf(candidates), wanted)
	if err != nil {
		return err
	}
	living := slices.Clone(s.living)
	for _, p := range keysOf(candidates) {
		if declares(p) {
			living = append(living, typesOf(read[p])...)
		}
	}
	kept := map[*change][]*shape{}
	for _, c := range s.changes {
		kept[c] = rivals(c, living)
	}
	best := map[string]*place{}
	for _, p := range keysOf(candidates) {
		for _, c := range candidates[p] {
			if pl := s.inFile(pass.Branch, c, p, read[p], kept[c], living); pl != nil && !pl.translated(pass) {
				key := p + "\x00" + names(pl.gone)
				if known := best[key]; known == nil || pl.better(known) {
					best[key] = pl
				}
			}
		}
	}
	for _, key := range keysOf(best) {
		s.places = append(s.places, best[key])
	}
	return nil
}

// readFiles reads the records of files in parallel.
func readFiles(pass *detectors.Pass, paths []string, wanted map[string]bool) (map[string][]*record, error) {
	var mu sync.Mutex
	read := map[string][]*record{}
	group, ctx := errgroup.WithContext(pass.Context)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range paths {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			found := readFile(side{pass.Branch, pass.Source, false}, p, wanted)
			mu.Lock()
			defer mu.Unlock()
			read[p] = found
			return nil
		})
	}
	return read, group.Wait()
}

func (p *place) better(q *place) bool {
	if p.strength != q.strength {
		return p.strength > q.strength
	}
	return p.records > q.records
}

func names(list []gone) string {
	var n []string
	for _, g := range list {
		n = append(n, g.wire)
	}
	slices.Sort(n)
	return strings.Join(n, ",")
}

// typesOf are the declared types among records, as shapes.
func typesOf(list []*record) []*shape {
	var shapes []*shape
	for _, r := range list {
		if r.form != formType {
			continue
		}
		s := &shape{owner: strings.Join(r.about, "."), dialect: r.lang, path: r.path, line: r.line}
		for _, name := range keysOf(r.keys) {
			s.fields = append(s.fields, field{wire: name})
		}
		shapes = append(shapes, s)
	}
	return shapes
}

// spelling are the files that name a key, or that name it as languages do which put it into another case as they serialise.
func spelling(naming map[string][]string, wire string) []string {
	list := naming[wire]
	if other := underscore(wire); other != wire {
		for _, p := range naming[other] {
			if strings.HasSuffix(p, ".rs") && !slices.Contains(list, p) {
				list = append(slices.Clone(list), p)
			}
		}
	}
	return list
}

// loaded are the documents called legacy or old that code of the product loads by their name today.
func (s *survey) loaded(pass *detectors.Pass, naming map[string][]string) (map[string]bool, error) {
	byName := map[string]string{}
	for _, list := range naming {
		for _, p := range list {
			if ext := path.Ext(p); legacy.MatchString(path.Base(p)) && !legacy.MatchString(path.Dir(p)+"/") && !history.MatchString(p) && (ext == ".json" || ext == ".yaml" || ext == ".yml" || ext == ".csv") && len(byName) < 50 {
				byName[path.Base(p)] = p
			}
		}
	}
	found := map[string]bool{}
	if len(byName) == 0 {
		return found, nil
	}
	users, err := pass.Source.Naming(pass.Context, keysOf(byName)...)
	if err != nil {
		return nil, err
	}
	for name, p := range byName {
		found[p] = slices.ContainsFunc(users[name], func(u string) bool { return source.LanguageOf(u) != "" && !standsIn(u) })
	}
	return found, nil
}

// candidates are the files that name a key that is gone, and with it enough of the others, the best ones first.
func (c *change) candidates(b *branch.Branch, naming map[string][]string, loaded map[string]bool) []string {
	count, mass, hit := map[string]int{}, map[string]float64{}, map[string]bool{}
	for _, f := range c.old.fields {
		w := weight(f.wire)
		for _, p := range spelling(naming, f.wire) {
			count[p]++
			mass[p] += w
		}
	}
	for _, g := range c.gone {
		for _, p := range spelling(naming, g.wire) {
			hit[p] = true
		}
	}
	listens := map[string]bool{}
	for _, name := range slices.Concat(c.old.topics, c.takers) {
		for _, p := range naming[name] {
			listens[p] = true
		}
	}
	subject := c.old.subject()
	var list []string
	for p := range hit {
		if listens[p] {
			list = append(list, p)
			continue
		}
		enough := count[p] >= 2 && mass[p] >= 1 && 3*count[p] >= len(c.old.fields) || mentions([]string{p}, subject) && mass[p] >= 0.7
		if asks := !skipped(p) && c.asksFor(b, p); enough || asks {
			list = append(list, p)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if mass[list[i]] != mass[list[j]] {
			return mass[list[i]] > mass[list[j]]
		}
		return list[i] < list[j]
	})
	kept := list[:0]
	for _, p := range list {
		if len(kept) < maxCandidates && (!skipped(p) || loaded[p]) {
			kept = append(kept, p)
		}
	}
	return kept
}

var version = lazy.New(`(?i)(^|[/_.-])v(\d+)([/_.-]|$)`)

// otherVersion says that two paths name different versions of an interface.
func otherVersion(a, b string) bool {
	x, y := version.FindStringSubmatch(a), version.FindStringSubmatch(b)
	if x != nil && y == nil && standsIn(a) && (x[2] == "0" || x[2] == "1") {
		return true // an old stand-in is kept beside the new ones
	}
	return x != nil && y != nil && x[2] != y[2]
}

// inFile is the place in a file that still speaks of the change's old shape, nil for none.
func (s *survey) inFile(b *branch.Branch, c *change, p string, found []*record, rivals, living []*shape) *place {
	if p == c.new.path && source.LanguageOf(p) == "" || otherVersion(p, c.new.path) {
		return nil
	}
	if c.old.asks && b.File(p) != nil {
		return nil // whom it asks has followed, or was there first
	}
	if c.written && source.LanguageOf(p) == source.LanguageOf(c.old.path) && (c.sibling(p) || sibling(c.old.path, p)) {
		return nil
	}
	if c.onClient() && !clientSide(p) && !standsIn(p) {
		return nil // a client's own view of a shape binds nobody on the other side
	}
	changed := b.File(p)
	var pl *place
	for _, r := range found {
		if checked(c, r) || deliberate(r) {
			continue
		}
		hits, sure := judge(c, r, rivals, living)
		if sure == none || c.old.reply && !receives(c, r, hits) {
			continue
		}
		if c.removal() && sure < certain && (standsIn(p) || !c.old.pinned) {
			continue // a stand-in that sends too much hides nothing
		}
		line := r.keys[hits[0].wire].line
		if changed != nil && changed.Touched(line) && sure < certain {
			continue
		}
		if pl == nil {
			pl = &place{change: c, path: p, line: line, form: r.form, gone: hits, strength: sure}
		}
		pl.records++
		pl.strength = max(pl.strength, sure)
		for _, h := range hits {
			if !slices.ContainsFunc(pl.gone, func(g gone) bool { return g.wire == h.wire }) {
				pl.gone = append(pl.gone, h)
			}
		}
	}
	return pl
}

func keysOf[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
