package environment

// What exists in which environment: every variable that code reads or configuration gives, and every flag, without values.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// State says how an environment has a name. No state holds a value.
type State string

// The states. A name is elsewhere when its value comes from a secret store or from outside of the file; default when
// only code gives it one.
const (
	Set       State = "set"
	Elsewhere State = "elsewhere"
	Default   State = "default"
	Absent    State = "absent"
)

// Inventory is what the repository, as it is now, says of its environments.
type Inventory struct {
	// Environments are in the order production, staging, preview, development, testing, local, then others by name.
	Environments []Files
	// Variables and Flags are sorted by name.
	Variables []Row
	Flags     []Flag
}

// Files are the files that configure one environment, sorted; paths are relative to the root.
type Files struct {
	Name  Environment
	Files []string
}

// Row is one variable or configuration key in each environment.
type Row struct {
	Name string
	// Read is the strictest place that reads it; Path is empty when nothing that was read does.
	Read Reference
	// Changed says that the branch introduces it.
	Changed bool
	// In has a state for each environment of the inventory.
	In map[Environment]State
	// Files says for each environment that has it where.
	Files map[Environment]string
}

// Flag is one feature flag that is defined or evaluated. Defined is empty where no definition is in the repository.
type Flag struct {
	Key, Kind string
	Defined   string
	Line      int
	Used      bool
}

// maxRows bounds the variables of an inventory.
const maxRows = 2000

// TakeInventory reads the configuration of every environment. changed limits it to the variables that the branch
// introduces or changes, at the cost of those alone.
func TakeInventory(pass *detectors.Pass, changed bool) (Inventory, error) {
	l, err := newLedger(pass)
	if err != nil {
		return Inventory{}, err
	}
	asked, _ := l.code()
	m := &missing{ledger: l, asked: asked, reported: map[string]bool{}}
	inv := Inventory{Environments: l.allEnvironments()}
	fresh := map[string]bool{}
	for _, r := range asked.introduced {
		fresh[r.Name] = !platform(r.Name)
	}
	for name := range m.changedNames() {
		fresh[name] = !platform(name)
	}
	names := map[string]bool{}
	for name, ok := range fresh {
		names[name] = ok
	}
	if !changed {
		for name := range asked.head {
			names[name] = !platform(name)
		}
		for _, g := range l.head().groups {
			for _, u := range g.units {
				for name := range u.Variables {
					names[name] = true
				}
			}
		}
		for p := range l.layout.members {
			if fileKindOf(p) == configFile && !l.head().files[p] && variablesIn(p) {
				for _, line := range l.text(p) {
					namesIn(line, names)
				}
			}
		}
	}
	var list []string
	for name, ok := range names {
		if ok && !platform(name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	list = list[:min(len(list), maxRows)]
	found, _, err := l.find(pass.Context, list)
	if err != nil {
		return Inventory{}, err
	}
	for _, name := range list {
		row := m.row(name, found[name], inv.Environments)
		row.Changed = fresh[name]
		inv.Variables = append(inv.Variables, row)
	}
	if !changed {
		inv.Flags, err = flagInventory(pass)
	}
	return inv, err
}

// variablesIn says whether a file of an environment holds variables rather than structured keys.
func variablesIn(p string) bool {
	return kindOf(p) == "env" || strings.Contains(p, "compose") || !structured(p)
}

// allEnvironments are those of every family and every file with sections.
func (l *ledger) allEnvironments() []Files {
	files := map[Environment][]string{}
	for p, m := range l.layout.members {
		if fileKindOf(p) == configFile || m.family == "policy" {
			files[m.environment] = append(files[m.environment], p)
		}
	}
	for _, g := range l.head().groups {
		for _, env := range g.environments() {
			files[env] = append(files[env], g.own(env)...)
		}
	}
	var list []Files
	for env, paths := range files {
		slices.Sort(paths)
		list = append(list, Files{Name: env, Files: slices.Compact(paths)})
	}
	slices.SortFunc(list, func(a, b Files) int { return a.Name.Compare(b.Name) })
	return list
}

// secretive is a value that a store holds.
var secretive = lazy.New(`(?i)secretKeyRef|ExternalSecret|SealedSecret|secrets\.|vault|op://|ssm:|secretmanager|ENC\[|sops|doppler|fromSecret|valueFrom`)

// stateOf is how a unit has a variable.
func stateOf(v effective.Variable) State {
	switch v.State {
	case effective.Default:
		return Default
	case effective.Elsewhere, effective.Passed:
		return Elsewhere
	case effective.Set, effective.Empty:
	}
	return Set
}

// row judges one name in every environment.
func (m *missing) row(name string, found []evidence, envs []Files) Row {
	row := Row{Name: name, In: map[Environment]State{}, Files: map[Environment]string{}}
	optional := false
	refs := slices.Clone(m.asked.head[name])
	slices.SortStableFunc(refs, func(a, b Reference) int { return soft(a) - soft(b) })
	if len(refs) > 0 {
		row.Read, optional = refs[0], refs[0].Optional
	}
	put := func(env Environment, state State, p string) {
		if old, ok := row.In[env]; !ok || old == Absent || old == Elsewhere && state == Set {
			row.In[env], row.Files[env] = state, p
		}
	}
	for _, e := range found {
		if e.giving == named || e.kind != configFile && e.kind != ciFile {
			continue
		}
		if e.unit != nil {
			state := stateOf(e.variable)
			if e.environment != Everywhere {
				put(e.environment, state, e.path)
			} else if e.giving == given {
				for _, env := range envs {
					put(env.Name, state, e.path)
				}
			}
			continue
		}
		state := Set
		lines := m.text(e.path)
		around := strings.Join(lines[min(e.line-1, len(lines)):min(e.line+3, len(lines))], "\n")
		if e.giving == passed || e.family == "store" || secretive.MatchString(around) {
			state = Elsewhere
		}
		if e.environment != Everywhere {
			put(e.environment, state, e.path)
		} else if e.giving == given {
			for _, env := range envs {
				put(env.Name, state, e.path)
			}
		}
	}
	for _, env := range envs {
		if _, ok := row.In[env.Name]; ok {
			continue
		}
		row.In[env.Name] = Absent
		if optional {
			row.In[env.Name] = Default
		}
	}
	return row
}

// flagInventory lists the flags of the definitions, and those that changed code evaluates.
func flagInventory(pass *detectors.Pass) ([]Flag, error) {
	f, err := newFlags(pass, true)
	if err != nil {
		return nil, err
	}
	var list []Flag
	for _, m := range f.now {
		for _, d := range m.sorted() {
			list = append(list, Flag{Key: d.key, Kind: d.kind, Defined: m.path, Line: d.line, Used: len(f.users(d.key)) > 0})
		}
	}
	evaluated := map[string]bool{}
	for _, u := range f.introduced() {
		if len(f.definitions(u.key)) == 0 && !evaluated[u.key] {
			evaluated[u.key] = true
			list = append(list, Flag{Key: u.key, Used: true})
		}
	}
	slices.SortFunc(list, func(a, b Flag) int { return strings.Compare(a.Key+"\x00"+a.Defined, b.Key+"\x00"+b.Defined) })
	return list, pass.Context.Err()
}

// Named is the environment that a person means by a word ("prod"), false where the inventory has none such.
func (inv Inventory) Named(word string) (Environment, bool) {
	env := effective.EnvironmentOf(word)
	return env, slices.ContainsFunc(inv.Environments, func(e Files) bool { return e.Name == env })
}

// structured says whether a family holds structured keys which are compared as such.
func structured(family string) bool {
	base := path.Base(family)
	switch {
	case strings.Contains(base, "compose"), strings.Contains(base, "values"), base == "tfvars", strings.HasSuffix(base, ".tfvars"), strings.Contains(base, "env.") || base == "env" || strings.HasPrefix(base, ".env"):
		return false
	}
	switch path.Ext(base) {
	case ".yaml", ".yml", ".json", ".toml", ".properties":
		return true
	}
	return false
}
