package environment

// A variable that the branch renames where it is read, and not where it is given.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// RenamedVariable reports a variable that code reads by a new name while the configuration still gives the old one.
var RenamedVariable = &detectors.Detector{
	ID:    "environment/renamed-variable",
	Title: "A variable is renamed in code and not in its configuration",
	Run:   runRenamed,
}

// rename is one variable that goes by another name at the same place.
type rename struct {
	old, now Reference
	// asked is the new name as the code has it, where now has it as the variable of a key.
	asked string
}

// renames pairs the names that the branch stops to read with those that it starts to read: at the same place of the same
// file, or, where only one of each is left there, by their likeness.
func (l *ledger) renames(a *asked) []rename {
	var list []rename
	taken := map[string]bool{}
	free := func(r Reference) bool { return !taken[r.Name] && !r.Binding }
	pair := func(fits func(old, now Reference) bool) {
		for _, now := range a.introduced {
			if !free(now) {
				continue
			}
			var before []Reference
			for _, old := range a.removed {
				if free(old) && old.Path == now.Path && ofOneKind(old, now) && fits(old, now) {
					before = append(before, old)
				}
			}
			if len(before) != 1 {
				continue
			}
			after := 0
			for _, other := range a.introduced {
				if free(other) && other.Path == now.Path && ofOneKind(before[0], other) && fits(before[0], other) {
					after++
				}
			}
			if after == 1 {
				taken[now.Name], taken[before[0].Name] = true, true
				asked := now.Name
				if now.Key && !before[0].Key {
					now.Name, now.Key = now.Variable, false
				}
				list = append(list, rename{before[0], now, asked})
			}
		}
	}
	pair(func(old, now Reference) bool {
		return old.Place != "" && old.Place == now.Place && strings.Contains(old.Place, ".")
	})
	pair(func(old, now Reference) bool { return old.Place == now.Place && akin(old.Name, now.Name) })
	pair(func(old, now Reference) bool { return akin(old.Name, now.Name) && near(old.Line, now.Line) })
	pair(func(old, now Reference) bool {
		around := surroundings(old.Place)
		return around != "" && around == surroundings(now.Place) && near(old.Line, now.Line)
	})
	pair(l.alike)
	return list
}

// ofOneKind says whether two names are of one kind; a key whose old name the deployments give as a variable is one by its
// variable.
func ofOneKind(old, now Reference) bool {
	return old.Key == now.Key || now.Key && now.Variable != ""
}

// surroundings are the declarations of a place without the name that takes the value.
func surroundings(place string) string {
	i := strings.LastIndexByte(place, '.')
	if i < 0 {
		return ""
	}
	return place[:i]
}

// alike says whether two reads are the same statement but for the names in it.
func (l *ledger) alike(old, now Reference) bool {
	f := l.pass.Branch.File(now.Path)
	if f == nil {
		return false
	}
	before, err := f.Before()
	if err != nil {
		return false
	}
	after, err := f.After()
	if err != nil {
		return false
	}
	was, is := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	return old.Line > 0 && old.Line <= len(was) && now.Line > 0 && now.Line <= len(is) && likeLines(was[old.Line-1], is[now.Line-1], old.Name, now.Name)
}

// likeLines says whether two lines are the same statement but for the names in it.
func likeLines(a, b, oldName, newName string) bool {
	a = strings.TrimSpace(strings.Replace(a, oldName, "\x00", 1))
	b = strings.TrimSpace(strings.Replace(b, newName, "\x00", 1))
	if !strings.Contains(a, "\x00") || !strings.Contains(b, "\x00") {
		return false
	}
	head, tail, shorter := 0, 0, min(len(a), len(b))
	for head < shorter && a[head] == b[head] {
		head++
	}
	for tail < shorter-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return (head+tail)*3 >= max(len(a), len(b))*2
}

// near are lines of the two sides that may be the same place.
func near(a, b int) bool { return a-b < 6 && b-a < 6 }

// akin says whether two names share at least half of their words.
func akin(a, b string) bool {
	x, y := nameWords(a), nameWords(b)
	shared := 0
	for _, w := range x {
		if slices.Contains(y, w) {
			shared++
		}
	}
	return shared > 0 && shared*2 >= max(len(x), len(y)) || strings.ReplaceAll(a, "_", "") == strings.ReplaceAll(b, "_", "")
}

// nameWords are the words of a variable or a key, in upper case.
func nameWords(name string) []string {
	var spaced strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			spaced.WriteByte('_')
		}
		spaced.WriteRune(c)
	}
	return strings.FieldsFunc(strings.ToUpper(spaced.String()), func(c rune) bool { return strings.ContainsRune("_.:-", c) })
}

// staleRenames are the renames whose old name is still given where the new one is not, with the places that give it.
func (l *ledger) staleRenames(a *asked) (map[string]staleRename, error) {
	list := l.renames(a)
	if len(list) == 0 {
		return nil, nil
	}
	var names []string
	for _, r := range list {
		if !r.now.Key {
			names = append(names, r.old.Name, r.now.Name)
		}
	}
	found, code, err := l.find(l.pass.Context, names)
	if err != nil {
		return nil, err
	}
	stale := map[string]staleRename{}
	for _, r := range list {
		if platform(r.now.Name) || platform(r.old.Name) {
			continue
		}
		if r.now.Key {
			found[r.old.Name], found[r.now.Name] = l.keyPlaces(r.old.Name), l.keyPlaces(r.now.Name)
			naming, err := l.pass.Source.Naming(l.pass.Context, r.old.Name)
			if err != nil {
				return nil, err
			}
			code[r.old.Name] = slices.DeleteFunc(slices.Clone(naming[r.old.Name]), func(p string) bool { return fileKindOf(p) != codeFile })
			if (&missing{ledger: l, asked: a}).anyVariable(r.now.Name) {
				continue
			}
		}
		if s := staleOf(r, found, code[r.old.Name]); len(s.places) > 0 {
			stale[r.asked] = s
		}
	}
	return stale, nil
}

// staleRename is a rename with the places that still give the old name.
type staleRename struct {
	rename
	places []evidence
	// read says that some code still names the old one.
	read bool
	// deployed says that one of the places is more than an example.
	deployed bool
}

func staleOf(r rename, found map[string][]evidence, code []string) staleRename {
	s := staleRename{rename: r, read: slices.ContainsFunc(code, func(p string) bool { return !aside(p) })}
	given := func(e evidence) bool {
		return (e.kind == configFile || e.kind == ciFile) && e.giving != named || e.kind == sampleFile
	}
	now := map[string]bool{}
	for _, e := range found[r.now.Name] {
		if given(e) {
			now[e.path] = true
		}
	}
	covered, everywhere := covers(found[r.now.Name])
	for _, e := range found[r.old.Name] {
		switch {
		case !given(e) || now[e.path]:
		case e.kind == sampleFile && len(now) > 0, everywhere && e.kind != sampleFile:
		case e.environment != Everywhere && covered[e.environment]:
		case e.environment == Everywhere && e.kind != sampleFile && len(covered) > 0:
		default:
			s.places = append(s.places, e)
			s.deployed = s.deployed || e.kind != sampleFile
		}
	}
	return s
}

func runRenamed(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, changed := l.code()
	if changed == 0 {
		return detectors.ErrNotApplicable
	}
	stale, err := l.staleRenames(asked)
	if err != nil {
		return err
	}
	for _, r := range asked.introduced {
		if s, ok := stale[r.Name]; ok {
			pass.Report(s.finding())
		}
	}
	return nil
}

func (s staleRename) finding() detectors.Finding {
	var paths []string
	var related []detectors.Related
	for _, e := range s.places {
		paths = append(paths, e.path)
		related = append(related, detectors.Related{Path: e.path, Line: e.line, Message: "still gives " + s.old.Name})
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: s.now.Path, Line: s.now.Line, Symbol: s.now.Name,
		Message:  fmt.Sprintf("%s was %s before; only the old name is set in %s", s.now.Name, s.old.Name, short(paths)),
		Why:      fmt.Sprintf("The code no longer reads %s, so what is set there does nothing, and %s is empty.", s.old.Name, s.now.Name),
		Fix:      fmt.Sprintf("Rename it in %s as well, or read both names until every environment has the new one.", short(paths)),
		Evidence: []string{s.old.Name, s.now.Name},
		Related:  related,
	}
	if s.now.Optional {
		f.Why = fmt.Sprintf("The code no longer reads %s, so what is set there does nothing, and the code goes on with its default without a word.", s.old.Name)
	}
	sure := s.old.Place == s.now.Place || akin(s.old.Name, s.now.Name)
	if sure && !s.read && s.deployed && !s.now.Optional {
		f.Severity = detectors.Blocker
	}
	return f
}
