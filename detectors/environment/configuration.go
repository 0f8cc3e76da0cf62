package environment

// Keys of structured settings: those that code reads by name (viper, koanf), and those that the branch gives to some
// environments and not to others.

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/source"
)

// keyed is a group of settings with each environment's keys in one spelling.
type keyed struct {
	*group
	keys map[Environment]map[string]effective.Variable
}

// spelled is a key in the one spelling in which .NET, Spring and viper compare them: lower case, dots between parts, no
// dashes or underscores within one.
func spelled(key string) string {
	key = strings.NewReplacer(":", ".", "__", ".").Replace(strings.ToLower(key))
	return strings.NewReplacer("-", "", "_", "").Replace(key)
}

func keysOf(g *group) keyed {
	k := keyed{g, map[Environment]map[string]effective.Variable{}}
	for env, u := range g.units {
		k.keys[env] = map[string]effective.Variable{}
		for key, v := range u.Keys {
			k.keys[env][spelled(key)] = v
		}
	}
	return k
}

// settingsGroups are the groups of structured settings, by key.
func (c *configured) settingsGroups() map[string]*group {
	list := map[string]*group{}
	for key, g := range c.groups {
		for _, u := range g.units {
			if u.Kind == effective.KindSettings || u.Kind == effective.KindSections {
				list[key] = g
			}
		}
	}
	return list
}

func (m *missing) configuration() {
	groups := m.head().settingsGroups()
	sorted := slices.Sorted(maps.Keys(groups))
	for _, r := range m.asked.introduced {
		if r.Key && !r.Optional && (r.FailFast || !m.hasDefault(r.Name)) {
			m.key(r, groups, sorted)
		}
	}
	for _, key := range sorted {
		if m.changes(groups[key]) {
			if before := m.base().groups[key]; before != nil {
				m.changedKeys(keysOf(groups[key]), keysOf(before))
			}
		}
	}
}

// changes says whether the branch changes a file of a group.
func (m *missing) changes(g *group) bool {
	for _, u := range g.units {
		for _, p := range u.Files {
			if f := m.pass.Branch.File(p); f != nil && f.Status != branch.Deleted && !f.TooLarge {
				return true
			}
		}
	}
	return false
}

// key judges a configuration key that the branch's code starts to read.
func (m *missing) key(r Reference, groups map[string]*group, sorted []string) {
	k := spelled(r.Name)
	for _, id := range sorted {
		g := keysOf(groups[id])
		var have, lack []Environment
		for _, env := range g.environments() {
			if _, ok := g.keys[env][k]; ok {
				have = append(have, env)
			} else if len(g.keys[env]) > 0 && env.Deployed() && !m.variableGives(env, k) {
				lack = append(lack, env)
			}
		}
		if len(have) > 0 && len(lack) > 0 {
			if !m.section(r, g, have, lack) {
				m.reportKey(r, g, k, have, lack)
			}
			return
		}
	}
}

// changedKeys judges the keys that the branch adds to one environment or takes from one: where the environments have the
// same keys, one that is left out is an oversight.
func (m *missing) changedKeys(now, before keyed) {
	for _, env := range now.environments() {
		old := before.keys[env]
		if len(old) == 0 {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(now.units[env].Keys)) {
			k, v := spelled(name), now.units[env].Keys[name]
			f := m.pass.Branch.File(v.At.Path)
			if _, was := old[k]; was || m.reported[name] || upperName.MatchString(lastKey(name)) || f == nil || !f.Touched(v.At.Line) {
				continue
			}
			var have, lack []Environment
			for _, other := range now.environments() {
				if _, has := now.keys[other][k]; has {
					have = append(have, other)
				} else if other.Deployed() && alike(old, now.keys[other]) && !m.variableGives(other, k) && (!ofFlags(v.At.Path) || !sharesFlag(now.keys[other], k)) {
					lack = append(lack, other)
				}
			}
			if len(lack) > 0 && !m.hasDefault(name) && m.namedInCode(lastKey(name)) {
				m.reportKey(Reference{Name: name, Path: v.At.Path, Line: v.At.Line}, now, k, have, lack)
			}
		}
		if env.Deployed() {
			m.takenKeys(now, before, env)
		}
	}
}

// sharesFlag says whether an environment defines the flag that a key is a part of: how it is rolled out there is its own.
func sharesFlag(keys map[string]effective.Variable, key string) bool {
	parts := strings.Split(key, ".")
	n := 1
	if parts[0] == "flags" || parts[0] == "features" {
		n = 2
	}
	if len(parts) <= n {
		return false
	}
	flag := strings.Join(parts[:n], ".") + "."
	for k := range keys {
		if strings.HasPrefix(k, flag) {
			return true
		}
	}
	return false
}

// takenKeys judges the keys that the branch takes from an environment and leaves in the others.
func (m *missing) takenKeys(now, before keyed, env Environment) {
	for _, name := range slices.Sorted(maps.Keys(before.units[env].Keys)) {
		k, v := spelled(name), before.units[env].Keys[name]
		f := m.pass.Branch.File(v.At.Path)
		if _, still := now.keys[env][k]; still || m.reported[name] || upperName.MatchString(lastKey(name)) || f == nil || f.Status != branch.Modified {
			continue
		}
		var have []Environment
		for _, other := range now.environments() {
			if _, has := now.keys[other][k]; has && other.Deployed() {
				have = append(have, other)
			}
		}
		if len(have) > 0 && alike(now.keys[env], now.keys[have[0]]) && !m.variableGives(env, k) && !m.hasDefault(name) && m.namedInCode(lastKey(name)) {
			m.reportKey(Reference{Name: name, Path: v.At.Path, Line: 1}, now, k, have, []Environment{env})
		}
	}
}

// variableGives says whether a unit of the environment has a variable that overrides the key (Db__Host, APP_DB_HOST).
func (m *missing) variableGives(env Environment, key string) bool {
	squeezed := strings.ReplaceAll(key, ".", "")
	for _, u := range m.head().Units {
		if u.Environment != env && u.Environment != Everywhere {
			continue
		}
		for name := range u.Variables {
			name = strings.ReplaceAll(spelled(name), ".", "")
			if name == squeezed || len(squeezed) > 5 && strings.HasSuffix(name, squeezed) {
				return true
			}
		}
	}
	return false
}

// hasDefault says whether code gives the key a default or binds it to a variable.
func (m *missing) hasDefault(key string) bool {
	for name, refs := range m.asked.head {
		if spelled(name) == spelled(key) && slices.ContainsFunc(refs, func(r Reference) bool { return r.Key && (r.Optional || r.Default) }) {
			return true
		}
	}
	naming, err := m.pass.Source.Naming(m.pass.Context, key)
	if err != nil {
		return true
	}
	if m.fieldHasDefault(key) {
		return true
	}
	for _, p := range naming[key] {
		for _, line := range m.text(p) {
			if strings.Contains(line, key) && (strings.Contains(line, "SetDefault") || strings.Contains(line, "BindEnv") || strings.Contains(line, "BindPFlag") || strings.Contains(line, "${"+key+":")) {
				return true
			}
		}
	}
	return false
}

// fieldHasDefault says whether a type has a field of the key's name which gives it a default, or may be absent.
func (m *missing) fieldHasDefault(key string) bool {
	words := spellings(lastKey(key))
	naming, err := m.pass.Source.Naming(m.pass.Context, words...)
	if err != nil {
		return true
	}
	looked := 0
	for _, w := range words {
		for _, p := range naming[w] {
			if fileKindOf(p) != codeFile || !references.Parsed(p) || looked >= maxNaming {
				continue
			}
			looked++
			f, err := m.pass.Source.Head(p)
			if err != nil || f == nil {
				continue
			}
			for _, d := range f.Decls {
				if d.Kind == source.Field && slices.Contains(words, d.Name) && (d.Default != "" && !strings.HasSuffix(d.Default, "null!") || strings.HasPrefix(d.Type, "Option") || serde(d.Decorators, "default")) {
					return true
				}
			}
		}
	}
	return false
}

func (m *missing) reportKey(r Reference, g keyed, key string, have, lack []Environment) {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: inFormat(r.Path, r.Name),
		Why:      fmt.Sprintf("Read in %s it has its type's zero value there, which the code takes for a setting.", join(lack)),
		Fix:      fmt.Sprintf("Add %s to the configuration of %s, or give it a default in code.", r.Name, join(lack)),
		Evidence: []string{r.Name, join(lack)},
	}
	var has, without []string
	for _, env := range have {
		if v, ok := g.keys[env][key]; ok {
			has = append(has, v.At.Path)
		}
	}
	for _, env := range lack {
		without = append(without, g.own(env)...)
	}
	m.lackingPlaces(&f, m.keyReader(r.Name), without)
	f.Message = fmt.Sprintf("The key %s is set for %s (%s) and absent for %s (%s)", r.Name, join(have), short(has), join(lack), short(without))
	m.reported[r.Name] = true
	m.pass.Report(f)
}

// keyReader is a read of a key, the zero reference where none is known.
func (m *missing) keyReader(key string) Reference {
	var found []Reference
	for name, refs := range m.asked.head {
		if spelled(name) == spelled(key) {
			found = append(found, refs...)
		}
	}
	slices.SortFunc(found, func(a, b Reference) int { return strings.Compare(a.Path, b.Path) })
	if len(found) == 0 {
		p, line := neededBy(m.pass, lastKey(key))
		return Reference{Name: key, Path: p, Line: line}
	}
	return found[0]
}

// alike says whether nearly all keys of one environment are those of another as well.
func alike(a, b map[string]effective.Variable) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	shared := 0
	for k := range a {
		if _, ok := b[k]; ok {
			shared++
		}
	}
	return shared*10 >= len(a)*8
}

func (m *missing) namedInCode(word string) bool {
	naming, err := m.pass.Source.Naming(m.pass.Context, word)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(naming[word], func(p string) bool { k := fileKindOf(p); return k == codeFile })
}

func lastKey(key string) string { return key[strings.LastIndexAny(key, ".:")+1:] }
