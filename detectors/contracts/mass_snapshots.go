package contracts

import (
	"fmt"
	"maps"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// MassSnapshots finds snapshots and golden files that were written anew by the dozen, where values vanished from them or
// where they changed in many ways at once, and no assertion says which of that was meant.
var MassSnapshots = &detectors.Detector{
	ID:    "contracts/mass-snapshots",
	Title: "Snapshots were written anew in bulk, and no assertion says what was meant",
	Run:   runMassSnapshots,
}

// The bulk from which nobody reads a change of snapshots any more: so many entries that lost the same value, or so many
// entries with so many ways of change.
const (
	lostEntries = 3
	bulkEntries = 12
	bulkWays    = 5
	// coveredEntries is how many have to change a value together with its name.
	coveredEntries = 2
	// driftEntries is how many have to change in nothing but their figures, driftWays in how many ways, and that in most of all.
	driftEntries = 4
	driftWays    = 5
)

func runMassSnapshots(pass *detectors.Pass) error {
	var files []*branch.File
	product, asserted := (*branch.File)(nil), false
	for _, f := range pass.Branch.Files {
		switch {
		case f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Deleted:
		case isSnapshot(f.Path):
			if f.Status != branch.Added {
				files = append(files, f)
			}
		case source.LanguageOf(f.Path) == "" || f.Generated:
		case source.IsTest(f.Path):
			asserted = asserted || len(f.Hunks()) > 0
		case product == nil && declares(f.Path):
			product = f
		}
	}
	if len(files) == 0 || product == nil {
		return detectors.ErrNotApplicable
	}
	bulk := newBulk()
	for _, f := range files {
		before, err := f.Before()
		if err != nil {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		bulk.compare(f.Path, snapshotsIn(string(before)), snapshotsIn(string(after)))
		if err := pass.Context.Err(); err != nil {
			return err
		}
	}
	related := []detectors.Related{{Path: product.Path, Line: firstHunk(product), Message: "the branch changes the program here"}}
	for _, key := range bulk.lostKeys() {
		places := bulk.emptied[key]
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: places[0].path, Line: places[0].line, Symbol: key, Evidence: []string{key, fmt.Sprint(len(places))},
			Message: fmt.Sprintf("%d of %d snapshots that were written anew lost the value of %q", len(places), bulk.entries, key),
			Why:     "Whoever accepts snapshots in bulk accepts the mistake with them: from now on the tests demand the empty value.",
			Fix:     "Find out why the value is gone; if it is meant, say so by an assertion on that one value.",
			Related: related,
		})
	}
	for _, key := range slices.Sorted(maps.Keys(bulk.covered)) {
		places := bulk.covered[key]
		if asserted || len(places) < coveredEntries {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: places[0].path, Line: places[0].line, Symbol: key, Evidence: []string{key, fmt.Sprint(len(places))},
			Message: fmt.Sprintf("%d of %d snapshots that were written anew have %q under another name and with another value", len(places), bulk.entries, key),
			Why:     "The new names make every line of the snapshot differ, and the changed values go unseen among them.",
			Fix:     "Rename first and renew the snapshots; change the values in a commit of its own, with an assertion that says which are right.",
			Related: related,
		})
		break // one is enough to look at all of them
	}
	if len(bulk.lostKeys()) == 0 && !asserted && bulk.figures() {
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: bulk.first.path, Line: bulk.first.line, Symbol: "snapshots", Evidence: []string{"figures", fmt.Sprint(bulk.drifted)},
			Message: fmt.Sprintf("%d of %d snapshots were written anew with other figures; no assertion says that they are right", bulk.drifted, bulk.all),
			Why:     "Whoever accepts snapshots in bulk accepts a wrong sum with them: from now on the tests demand it.",
			Fix:     "Say by an assertion of its own which figures are meant and why, or find out what changed them.",
			Related: related,
		})
	} else if len(bulk.lostKeys()) == 0 && !asserted && bulk.entries >= bulkEntries && len(bulk.ways) >= bulkWays {
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: bulk.first.path, Line: bulk.first.line, Symbol: "snapshots", Evidence: []string{fmt.Sprint(bulk.entries)},
			Message: fmt.Sprintf("%d snapshots were written anew and changed in %d ways; no test was changed by hand", bulk.entries, len(bulk.ways)),
			Why:     "Nobody reads that many recorded answers: what changed by mistake is accepted with what was meant.",
			Fix:     "Write down what was meant as assertions, and renew the snapshots one cause at a time.",
			Related: related,
		})
	}
	return nil
}

func firstHunk(f *branch.File) int {
	if h := f.Hunks(); len(h) > 0 {
		return max(1, h[0].NewStart)
	}
	return 1
}

type snapshotPlace struct {
	path string
	line int
}

// bulk sums up what became of all snapshots of a branch.
type bulk struct {
	// entries count those that changed in more than white space, ways the distinct names that changed in them.
	entries int
	ways    map[string]bool
	emptied map[string][]snapshotPlace
	covered map[string][]snapshotPlace
	first   snapshotPlace
	// all are the entries on both sides, drifted those in which nothing but figures changed, figuresTo the ways in which they did.
	all, drifted int
	figuresTo    map[string]bool
}

func newBulk() *bulk {
	return &bulk{ways: map[string]bool{}, emptied: map[string][]snapshotPlace{}, covered: map[string][]snapshotPlace{}, figuresTo: map[string]bool{}}
}

func (b *bulk) compare(p string, old, now []snapshot) {
	byName := map[string]snapshot{}
	for _, s := range old {
		byName[s.name] = s
	}
	for _, s := range now {
		was, ok := byName[s.name]
		if !ok {
			continue
		}
		b.all++
		list := rewrites(was, s)
		if len(list) == 0 {
			continue
		}
		b.entries++
		if pairs := otherFigures(was, s); len(pairs) > 0 {
			b.drifted++
			for _, pair := range pairs {
				b.figuresTo[pair] = true
			}
		}
		if b.first.path == "" {
			b.first = snapshotPlace{p, list[0].line}
		}
		seen := map[string]bool{}
		for _, w := range list {
			b.ways[w.key] = true
			if w.covered != "" && !seen["→"+w.key] {
				seen["→"+w.key] = true
				b.covered[w.key] = append(b.covered[w.key], snapshotPlace{p, w.line})
			}
			if w.emptied && !seen[w.key] {
				seen[w.key] = true
				b.emptied[w.key] = append(b.emptied[w.key], snapshotPlace{p, w.line})
			}
		}
	}
}

// figures says that most entries changed, in nothing but their figures and in many ways.
func (b *bulk) figures() bool {
	return b.drifted >= driftEntries && 10*b.drifted >= 9*b.entries && 2*b.drifted > b.all && len(b.figuresTo) >= driftWays
}

// lostKeys are the names whose value is gone from enough entries, sorted.
func (b *bulk) lostKeys() []string {
	var list []string
	for key, places := range b.emptied {
		if len(places) >= lostEntries {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return list
}
