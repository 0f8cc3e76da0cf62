package environment

// What the files of one environment give, and whether an environment mirrors the others or holds a few overrides only.

import (
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// environmentsOf are those of a family.
func (m *missing) environmentsOf(family string) []Environment {
	if g := m.head().groups[family]; g != nil {
		return g.environments()
	}
	return m.layout.environments(family)
}

// filesOf are the files that hold a family's environment.
func (m *missing) filesOf(family string, env Environment) []string {
	if g := m.head().groups[family]; g != nil {
		return g.own(env)
	}
	return m.layout.files(family, env)
}

// baseGives says whether a file below all environments of the family gives the name.
func (m *missing) baseGives(family, name string) bool {
	for _, p := range m.layout.bases[family] {
		for _, e := range m.evidenceIn(p, configFile, name) {
			if e.giving == given {
				return true
			}
		}
	}
	return false
}

var anyName = lazy.New(`\b[A-Z][A-Z0-9_]{2,}\b`)

// givenNames are the variables that the files of a family's environment give or hand on.
func (m *missing) givenNames(family string, env Environment) map[string]bool {
	names := map[string]bool{}
	if g := m.head().groups[family]; g != nil {
		for name := range g.units[env].Variables {
			names[name] = true
		}
		return names
	}
	for _, p := range m.layout.files(family, env) {
		for _, line := range m.text(p) {
			namesIn(line, names)
		}
	}
	return names
}

func namesIn(line string, names map[string]bool) {
	for _, name := range anyName.FindAllString(line, 8) {
		if !names[name] && givingOf(line, name, "") != named {
			names[name] = true
		}
	}
}

// mirrors says whether an environment otherwise sets what the others set: a file that holds a few overrides only, or
// takes the rest from a store, tells nothing by lacking one more name.
func (m *missing) mirrors(family string, have []Environment, env Environment, name string) bool {
	return !m.open(family, env) && m.overlaps(family, have, env, name)
}

// overlaps says whether an environment sets half of what the others set.
func (m *missing) overlaps(family string, have []Environment, env Environment, name string) bool {
	mine := m.givenNames(family, env)
	shared, total := 0, 0
	for _, other := range have {
		for n := range m.givenNames(family, other) {
			if n == name || m.new(n) {
				continue
			}
			total++
			if mine[n] {
				shared++
			}
		}
	}
	if total == 0 {
		return len(mine) > 0
	}
	return shared*2 >= total
}

// plainlyMissed says whether an environment that takes more from where it is not seen lacks a name all the same: the others write it out
// as plain text, it is no secret, and what the code takes instead does for a developer's machine only.
func (m *missing) plainlyMissed(family string, have []Environment, env Environment, need Reference) bool {
	g := m.head().groups[family]
	if g == nil || g.units[env] == nil || !need.LocalDefault && !need.Makeshift || secretKey.MatchString(need.Name) {
		return false
	}
	for _, other := range have {
		v, ok := g.units[other].Variables[need.Name]
		if !ok || v.State != effective.Set || v.Matches(credentialed) {
			return false
		}
	}
	return m.overlaps(family, have, env, need.Name)
}

// credentialed is an address with a password in it.
var credentialed = lazy.New(`://[^@/\s]*:[^@/\s]+@`)

// closed says whether a unit shows all that it is given: what is deployed by such a definition gets no more than it lists.
func (m *missing) closed(family string, env Environment) bool {
	g := m.head().groups[family]
	if g == nil || g.units[env] == nil {
		return false
	}
	u := g.units[env]
	return !u.Open && u.Kind != effective.KindDotenv && u.Kind != effective.KindSettings && u.Kind != effective.KindSections && u.Kind != effective.KindStep && u.Kind != effective.KindPipeline
}

// new says whether the branch itself introduces the name.
func (m *missing) new(name string) bool {
	return slices.ContainsFunc(m.asked.introduced, func(r Reference) bool { return r.Name == name })
}

var storeReference = lazy.New(`(?i)envFrom|ExternalSecret|SealedSecret|dataFrom|secretsFrom|valueFrom:\s*$|vault\.hashicorp|sops:|ENC\[|op://|secretmanager|ssm:|env_file`)

// open says whether more names come into the environment from a store that the repository does not show.
func (m *missing) open(family string, env Environment) bool {
	if g := m.head().groups[family]; g != nil {
		return g.units[env].Open
	}
	for _, p := range m.filesOf(family, env) {
		for _, line := range m.text(p) {
			if storeReference.MatchString(line) && !strings.Contains(line, "valueFrom") {
				return true
			}
		}
	}
	return false
}

// changedNames are the variables on lines that the branch adds to, or takes from, files of environments.
func (m *missing) changedNames() map[string]Reference {
	list := m.changedUnits()
	head := m.head()
	for _, f := range m.pass.Branch.Files {
		_, ok := m.layout.members[f.Path]
		if head.files[f.Path] || f.Binary || f.TooLarge || !ok || f.Status == branch.Renamed {
			continue
		}
		after, _ := f.After()
		beforeText, _ := f.Before()
		old, now := map[string]bool{}, map[string]bool{}
		first := f.Status == branch.Added && !m.otherFilesKnow(f.Path)
		for line := range strings.Lines(string(beforeText)) {
			namesIn(line, old)
		}
		for i, line := range strings.Split(string(after), "\n") {
			fresh := map[string]bool{}
			namesIn(line, fresh)
			for name := range fresh {
				now[name] = true
				if _, ok := list[name]; !ok && !first && (!old[name] || f.Touched(i+1)) {
					list[name] = Reference{Name: name, Path: f.Path, Line: i + 1}
				}
			}
		}
		for name := range old {
			if _, ok := list[name]; !now[name] && !ok && f.Status != branch.Deleted {
				list[name] = Reference{Name: name, Path: f.Path, Line: 1}
			}
		}
	}
	return list
}

// otherFilesKnow says whether the family had files before this one: a first file of a new environment is no finding
// against the others.
func (m *missing) otherFilesKnow(p string) bool {
	member := m.layout.members[p]
	for _, other := range m.layout.families[member.family] {
		if f := m.pass.Branch.File(other.path); other.path != p && (f == nil || f.Status != branch.Added) {
			return true
		}
	}
	return false
}
