package environment

// The units of both sides of a branch, read once for all detectors, and what they tell of a name.

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/source"
)

// configured is the configuration of one side of the branch.
type configured struct {
	effective.Configuration
	// groups are the same unit in its environments, by key.
	groups map[string]*group
	// files are those that some unit is made of; examples are left out.
	files map[string]bool
}

// group is one unit in all its environments.
type group struct {
	key   string
	units map[Environment]*effective.Unit
}

// configuredKey is that of the configuration at the branch's base or head.
type configuredKey struct{ base bool }

// head is the configuration of the branch's head; of a run whose time is up, what was read.
func (l *ledger) head() *configured {
	return l.side(configuredKey{}, l.pass.Branch.HeadPaths, l.pass.Branch.ReadHead)
}

// base is the configuration that the branch started from.
func (l *ledger) base() *configured {
	return l.side(configuredKey{base: true}, l.pass.Branch.BasePaths, l.pass.Branch.ReadBase)
}

func (l *ledger) side(key configuredKey, list func() ([]string, error), read func(string) ([]byte, error)) *configured {
	c, _ := source.Shared(l.pass.Source, key, func() (*configured, error) {
		return l.configured(list, read), l.pass.Context.Err()
	})
	return c
}

func (l *ledger) configured(list func() ([]string, error), read func(string) ([]byte, error)) *configured {
	paths, err := list()
	if err != nil {
		return grouped(effective.Configuration{})
	}
	paths = slices.DeleteFunc(slices.Clone(paths), aside)
	return grouped(effective.Load(l.pass.Context, effective.NewTree(paths, read), effective.Settings{Environments: l.pass.Settings.Environments}))
}

// grouped joins the same units of different environments.
func grouped(c effective.Configuration) *configured {
	out := &configured{Configuration: c, groups: map[string]*group{}, files: map[string]bool{}}
	for i := range c.Units {
		u := &c.Units[i]
		if u.Kind == effective.KindExample {
			continue
		}
		key := unitKey(u)
		g := out.groups[key]
		if g == nil {
			g = &group{key: key, units: map[Environment]*effective.Unit{}}
			out.groups[key] = g
		}
		if old := g.units[u.Environment]; old == nil || len(u.Variables) > len(old.Variables) {
			g.units[u.Environment] = u
		}
		for _, p := range u.Files {
			out.files[p] = true
		}
	}
	return out
}

func unitKey(u *effective.Unit) string { return "\x00" + u.Root + "\x00" + u.Kind + "\x00" + u.Name }

// environments are those of a group, production first; a unit that is bound to none is left out.
func (g *group) environments() []Environment {
	var list []Environment
	for e := range g.units {
		if e != Everywhere {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, Environment.Compare)
	return list
}

// own are the files that only one environment of the group has, the place of its definition where it has none of its own.
func (g *group) own(env Environment) []string {
	u := g.units[env]
	if u == nil {
		return nil
	}
	var list []string
	for _, p := range u.Files {
		shared := false
		for other, o := range g.units {
			shared = shared || other != env && slices.Contains(o.Files, p)
		}
		if !shared {
			list = append(list, p)
		}
	}
	if len(list) == 0 && u.At.Path != "" {
		list = []string{u.At.Path}
	}
	return list
}

// unitEvidence are the units that give a name.
func (c *configured) unitEvidence(name string) []evidence {
	var list []evidence
	for key, g := range c.groups {
		for env, u := range g.units {
			v, ok := u.Variables[name]
			if !ok {
				continue
			}
			e := evidence{path: v.At.Path, line: v.At.Line, kind: configFile, giving: given, environment: env, family: key, unit: u, variable: v}
			if v.State == effective.Passed {
				e.giving = passed
			}
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b evidence) int {
		if d := strings.Compare(a.family, b.family); d != 0 {
			return d
		}
		return a.environment.Compare(b.environment)
	})
	return list
}

// at says whether one of the pieces stands in a file.
func at(list []evidence, p string) bool {
	return slices.ContainsFunc(list, func(e evidence) bool {
		return e.path == p || slices.ContainsFunc(e.variable.Via, func(v effective.Place) bool { return v.Path == p })
	})
}

// concerns says whether the branch asks anything of environments: it changes what code reads, or a file that may configure.
func (l *ledger) concerns(a *asked) bool {
	return len(a.introduced) > 0 || len(a.removed) > 0 || slices.ContainsFunc(l.pass.Branch.Files, func(f *branch.File) bool {
		kind := fileKindOf(f.Path)
		return kind == ciFile || kind == sampleFile || kind == configFile && (configLike(f.Path) || serverConfig.MatchString(f.Path) || path.Ext(f.Path) == ".tf" || path.Ext(f.Path) == "")
	})
}

// changedUnits are the variables that the branch adds to a unit or takes from it, with the place where it does so. A unit or
// an environment that is new as a whole changes nothing.
func (l *ledger) changedUnits() map[string]Reference {
	list := map[string]Reference{}
	head := l.head()
	touched := slices.ContainsFunc(l.pass.Branch.Files, func(f *branch.File) bool {
		return head.files[f.Path] || (f.Status == branch.Deleted || f.OldPath != "") && configLike(cmp.Or(f.OldPath, f.Path))
	})
	if !touched {
		return list
	}
	base := l.base()
	for key, g := range head.groups {
		before := base.groups[key]
		if before == nil {
			continue
		}
		for env, u := range g.units {
			old := before.units[env]
			if old == nil {
				continue
			}
			for name, v := range u.Variables {
				if _, was := old.Variables[name]; !was {
					l.offer(list, Reference{Name: name, Path: v.At.Path, Line: v.At.Line})
				}
			}
			for name, v := range old.Variables {
				if _, still := u.Variables[name]; !still {
					l.offer(list, Reference{Name: name, Path: v.At.Path, Line: 1})
				}
			}
		}
	}
	return list
}

// offer keeps the first place by path of those that the branch changes.
func (l *ledger) offer(list map[string]Reference, r Reference) {
	f := l.pass.Branch.File(r.Path)
	if f == nil || f.Status == branch.Deleted {
		return
	}
	if old, ok := list[r.Name]; !ok || r.Path < old.Path {
		list[r.Name] = r
	}
}
