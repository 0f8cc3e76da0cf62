package environment

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
)

// DanglingReference reports a workload that asks a ConfigMap or a Secret for what it does not hold, where the branch brought
// that about.
var DanglingReference = &detectors.Detector{
	ID:    "environment/dangling-reference",
	Title: "A workload asks for a key that its ConfigMap or Secret does not have",
	Run:   runDangling,
}

func runDangling(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	if !l.changesManifests() {
		return detectors.ErrNotApplicable
	}
	head := l.head()
	d := &dangling{ledger: l, before: map[string]effective.Reference{}, reported: map[string]bool{}}
	if d.undefinedInProject() {
		return nil
	}
	asks := false
	for _, g := range head.groups {
		for _, u := range g.units {
			asks = asks || len(u.References) > 0
		}
	}
	if !asks {
		return detectors.ErrNotApplicable
	}
	for key, g := range l.base().groups {
		for env, u := range g.units {
			for _, r := range u.References {
				d.before[referenceKey(key, env, r)] = r
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(head.groups)) {
		g := head.groups[key]
		for _, env := range append([]Environment{Everywhere}, g.environments()...) {
			if u := g.units[env]; u != nil {
				d.unit(g, env, u)
			}
		}
	}
	return l.unread()
}

// changesManifests says whether the branch changes a file that may be a manifest.
func (l *ledger) changesManifests() bool {
	return slices.ContainsFunc(l.pass.Branch.Files, func(f *branch.File) bool {
		for _, end := range []string{".yaml", ".yml", ".json", ".env", ".properties"} {
			if strings.HasSuffix(f.Path, end) {
				return true
			}
		}
		return f.Status == branch.Deleted || strings.Contains(f.Path, ".env")
	})
}

func referenceKey(unit string, env Environment, r effective.Reference) string {
	return strings.Join([]string{unit, string(env), r.Kind, r.Name, r.Key, r.How}, "\x00")
}

// dangling is one run over the references of all units.
type dangling struct {
	*ledger
	before   map[string]effective.Reference
	reported map[string]bool
}

func (d *dangling) unit(g *group, env Environment, u *effective.Unit) {
	for _, r := range u.References {
		was, existed := d.before[referenceKey(g.key, env, r)]
		switch {
		case r.Optional || r.Name == "":
		case r.Dangling() && (!existed || !was.Dangling()):
			d.lacks(env, u, r)
		case r.Object == nil && !u.Open && (!existed || was.Object != nil):
			d.unseen(g, env, u, r, existed)
		}
	}
}

// where says in words which unit it is.
func where(env Environment, u *effective.Unit) string {
	text := u.Kind + " " + u.Name
	if env != Everywhere {
		text += fmt.Sprintf(" of %s", env)
	}
	return text
}

// lacks reports a key that the object certainly does not hold.
func (d *dangling) lacks(env Environment, u *effective.Unit, r effective.Reference) {
	o := r.Object
	f := detectors.Finding{
		Severity: detectors.Blocker, Path: r.At.Path, Line: r.At.Line, Symbol: r.Key,
		Message:  fmt.Sprintf("%s takes %s from the %s %s, which has no such key", where(env, u), r.Key, r.Kind, r.Name),
		Why:      "Its new pods stay in CreateContainerConfigError: the container is not started without the key.",
		Fix:      fmt.Sprintf("Add %s to %s (%s), or ask for a key that it has.", r.Key, r.Name, o.At.Path),
		Evidence: []string{r.Kind, r.Name, r.Key, string(env)},
		Related:  []detectors.Related{{Path: o.At.Path, Line: o.At.Line, Message: fmt.Sprintf("%s lacks %s", r.Name, r.Key)}},
	}
	if r.How == "volume" {
		f.Why = "Its new pods do not start: the volume cannot be mounted without the key."
	}
	// An object without any key is filled by somebody else; a build that is only partly here may patch it.
	if len(o.Keys) == 0 {
		return
	}
	if u.Open {
		f.Severity = detectors.Warning
	}
	if file := d.pass.Branch.File(r.At.Path); file == nil || !file.Touched(r.At.Line) && d.pass.Branch.File(o.At.Path) != nil {
		f.Path, f.Line = o.At.Path, o.At.Line
		f.Related = []detectors.Related{{Path: r.At.Path, Line: r.At.Line, Message: "asks for " + r.Key}}
	}
	d.report(f)
}

// unseen reports an object that is not in the repository, where another environment's or the unit's others are.
func (d *dangling) unseen(g *group, env Environment, u *effective.Unit, r effective.Reference, existed bool) {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: r.At.Path, Line: r.At.Line, Symbol: r.Name,
		Why:      "Its new pods do not start until somebody creates it by hand.",
		Fix:      fmt.Sprintf("Add the %s %s beside the others, or correct the name.", r.Kind, r.Name),
		Evidence: []string{r.Kind, r.Name, string(env)},
	}
	if existed {
		f.Message = fmt.Sprintf("%s still takes from the %s %s, which the branch takes out of the repository", where(env, u), r.Kind, r.Name)
		d.report(f)
		return
	}
	for _, other := range g.environments() {
		if other == env {
			continue
		}
		for _, same := range g.units[other].References {
			if same.Kind == r.Kind && same.Name == r.Name && same.Key == r.Key && same.Object != nil {
				f.Message = fmt.Sprintf("%s takes from the %s %s, which is defined for %s only", where(env, u), r.Kind, r.Name, other)
				f.Related = []detectors.Related{{Path: same.Object.At.Path, Line: same.Object.At.Line, Message: fmt.Sprintf("defines it for %s", other)}}
				d.report(f)
				return
			}
		}
	}
	here, absent := 0, 0
	for _, other := range u.References {
		if other.Name == r.Name || other.Kind != r.Kind {
			continue
		}
		if other.Object != nil {
			here++
		} else {
			absent++
		}
	}
	if here < 2 && (here < 1 || r.Kind != "ConfigMap") || absent > 0 || env != Everywhere && !env.Deployed() {
		return
	}
	f.Message = fmt.Sprintf("%s takes from the %s %s, which no file here defines, unlike all others that it takes from", where(env, u), r.Kind, r.Name)
	d.report(f)
}

// report gives one finding for a place, however many units and containers share it.
func (d *dangling) report(f detectors.Finding) {
	key := fmt.Sprint(f.Path, "\x00", f.Line, "\x00", f.Symbol)
	if file := d.pass.Branch.File(f.Path); d.reported[key] || file != nil && file.Status == branch.Deleted {
		return
	}
	d.reported[key] = true
	d.pass.Report(f)
}

// unread says which configuration of the branch could not be read, nil when all was.
func (l *ledger) unread() error {
	var list []effective.Problem
	for _, p := range l.head().Problems {
		if l.pass.Branch.File(p.Path) != nil && fileKindOf(p.Path) == configFile {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b effective.Problem) int { return cmp.Compare(a.Path, b.Path) })
	switch len(list) {
	case 0:
		return nil
	case 1:
		return detectors.Inconclusive("%s %s", list[0].Path, list[0].Reason)
	}
	return detectors.Inconclusive("%s %s, and %d more files", list[0].Path, list[0].Reason, len(list)-1)
}
