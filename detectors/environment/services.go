package environment

// The same code in several services: a variable that one is given and another is not.

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
)

// services judges a variable that the branch's code starts to need: the services that run this code, as far as the
// deployment tells, are given it all or none.
func (m *missing) services(r Reference) {
	if r.Key || r.Optional || platform(r.Name) || m.reported[r.Name] {
		return
	}
	known := m.neededWith(r)
	if len(known) == 0 {
		return
	}
	head := m.head()
	var have, lack []*effective.Unit
	for _, key := range slices.Sorted(maps.Keys(head.groups)) {
		g := head.groups[key]
		for env, u := range g.units {
			if env != Everywhere && !env.Deployed() || !u.Has(r.Name) || !runs(u, r, known) {
				continue
			}
			if !slices.ContainsFunc(have, func(o *effective.Unit) bool { return o.Name == u.Name && o.Root == u.Root }) {
				have = append(have, u)
			}
			for _, other := range slices.Sorted(maps.Keys(head.groups)) {
				o := head.groups[other].units[env]
				if o == nil || o.Root != u.Root || o.Name == u.Name || o.Has(r.Name) || o.Open || !sameCode(u, o) || !runs(o, r, known) || !alikeIn(u, o, known) {
					continue
				}
				if !slices.ContainsFunc(lack, func(l *effective.Unit) bool { return l.Name == o.Name && l.Root == o.Root }) {
					lack = append(lack, o)
				}
			}
		}
	}
	if len(lack) == 0 {
		return
	}
	m.reported[r.Name] = true
	f := detectors.Finding{
		Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
		Message:  fmt.Sprintf("%s is set for %s and absent for %s, which runs the same code", r.Name, unitNames(have), unitNames(lack)),
		Why:      fmt.Sprintf("%s is given everything else that this file needs, and starts without %s.", unitNames(lack), r.Name),
		Fix:      fmt.Sprintf("Give %s to %s as well, or read it where only %s comes by.", r.Name, unitNames(lack), unitNames(have)),
		Evidence: []string{r.Name, unitNames(lack)},
	}
	for _, u := range have {
		v := u.Variables[r.Name]
		f.Related = append(f.Related, detectors.Related{Path: v.At.Path, Line: v.At.Line, Message: "sets it for " + u.Name})
	}
	for _, u := range lack {
		f.Related = append(f.Related, detectors.Related{Path: u.At.Path, Line: u.At.Line, Message: u.Name + " lacks it"})
	}
	m.pass.Report(f)
}

// neededWith are the other variables that the same file cannot do without.
func (m *missing) neededWith(r Reference) []string {
	var list []string
	for name, refs := range m.asked.head {
		if name != r.Name && !platform(name) && slices.ContainsFunc(refs, func(o Reference) bool { return o.Path == r.Path && !o.Optional && !o.Key }) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// runs says whether a unit seems to run the file of a reference: it is built from a folder around it, or that is not known,
// and it is given most of what the file needs. A file that reads all at its start tells by one name, others by two.
func runs(u *effective.Unit, r Reference, known []string) bool {
	if u.Code != "" && u.Code != "." && !strings.HasPrefix(r.Path, u.Code+"/") {
		return false
	}
	given := 0
	for _, name := range known {
		if u.Has(name) {
			given++
		}
	}
	return given >= 2 || given == 1 && r.FailFast && len(known) == 1
}

// sameCode says whether two services are built from one folder, or run one image.
func sameCode(a, b *effective.Unit) bool {
	if a.Code != "" && a.Code == b.Code {
		return true
	}
	return a.Code == b.Code && a.Image != "" && a.Image == b.Image
}

// alikeIn says whether the second is given nearly all that the first is given of the names.
func alikeIn(a, b *effective.Unit, names []string) bool {
	first, both := 0, 0
	for _, name := range names {
		if a.Has(name) {
			first++
			if b.Has(name) {
				both++
			}
		}
	}
	return both*10 >= first*8
}

func unitNames(list []*effective.Unit) string {
	var names []string
	for _, u := range list {
		if !slices.Contains(names, u.Name) {
			names = append(names, u.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names[:min(len(names), 4)], " and ")
}
