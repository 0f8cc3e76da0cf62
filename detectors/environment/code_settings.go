package environment

// Settings of each environment that are code, and are read by name: modules (settings/production.py, config/environments/production.rb), classes
// of one file (StagingConfig, ProductionConfig), a map by environment.

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// codeSettings are what one side of the branch sets in code for each environment of a family: keys with their places, shared ones in all.
type codeSettings struct {
	keys map[Environment]map[string]effective.Place
	// at is where an environment's settings begin.
	at map[Environment]effective.Place
}

func newCodeSettings() codeSettings {
	return codeSettings{map[Environment]map[string]effective.Place{}, map[Environment]effective.Place{}}
}

func (c codeSettings) put(env Environment, at effective.Place, keys map[string]effective.Place) {
	if c.keys[env] == nil {
		c.keys[env], c.at[env] = map[string]effective.Place{}, at
	}
	maps.Copy(c.keys[env], keys)
}

// codeFamily is one kind of such settings: how one side is read, which files hold them, and which accesses read a key.
type codeFamily struct {
	read  func(get func(string) *source.File) codeSettings
	files map[string]bool
	reads func(a *source.Access, key string) bool
}

// codeSettings judges the families that the branch changes.
func (m *missing) codeSettings() {
	families := map[string]codeFamily{}
	for _, f := range m.pass.Branch.Files {
		if f.Status == branch.Deleted || f.TooLarge || f.Binary || f.Generated || f.Vendored || aside(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		if at, ok := moduleOf(f.Path); ok && (source.LanguageOf(f.Path) == source.Python || source.LanguageOf(f.Path) == source.Ruby) {
			families[at.family] = m.modulesOf(at.family, source.LanguageOf(f.Path))
		} else if text, err := f.After(); err == nil && environmentsNamed.Match(text) {
			families[f.Path+"#classes"] = codeFamily{classSettings(f.Path), map[string]bool{f.Path: true}, readsSetting}
			families[f.Path+"#map"] = codeFamily{mapSettings(f.Path), nil, readsMember}
		}
	}
	side := func(read func(string) (*source.File, error)) func(string) *source.File {
		return func(p string) *source.File {
			if file, err := read(p); err == nil {
				return file
			}
			return nil
		}
	}
	for _, id := range slices.Sorted(maps.Keys(families)) {
		f := families[id]
		if now := f.read(side(m.pass.Source.Head)); len(now.keys) > 1 {
			m.codeFamily(f, now, f.read(side(m.pass.Source.Base)))
		}
	}
}

// environmentsNamed is a text that may hold settings of production beside those of another environment.
var environmentsNamed = lazy.New(`(?i)\bprod(uction)?(config|settings)?\b`)

// codeFamily judges the keys that the branch writes for one environment and not for another.
func (m *missing) codeFamily(f codeFamily, now, before codeSettings) {
	for _, env := range slices.SortedFunc(maps.Keys(now.keys), Environment.Compare) {
		for _, key := range slices.Sorted(maps.Keys(now.keys[env])) {
			at := now.keys[env][key]
			file := m.pass.Branch.File(at.Path)
			if _, was := before.keys[env][key]; was || len(before.keys[env]) == 0 || m.reported[key] || file == nil || !file.Touched(at.Line) {
				continue
			}
			var have, lack []Environment
			for _, other := range slices.SortedFunc(maps.Keys(now.keys), Environment.Compare) {
				if _, has := now.keys[other][key]; has {
					have = append(have, other)
				} else if other.Deployed() && len(before.keys[other]) > 0 {
					lack = append(lack, other)
				}
			}
			if len(lack) == 0 {
				continue
			}
			if r, ok := m.settingReader(f, key); ok {
				m.reportSetting(r, key, at, now, have, lack)
			}
		}
	}
}

// settingReader is a read of a key outside of the family's files that does without nothing in its place.
func (m *missing) settingReader(f codeFamily, key string) (Reference, bool) {
	word := lastKey(key)
	naming, err := m.pass.Source.Naming(m.pass.Context, word)
	if err != nil {
		return Reference{}, false
	}
	found := Reference{}
	for _, p := range naming[word][:min(len(naming[word]), maxNaming)] {
		if fileKindOf(p) != codeFile || f.files[p] || source.LanguageOf(p) == "" {
			continue
		}
		file, err := m.pass.Source.Head(p)
		if err != nil || file == nil {
			continue
		}
		for _, a := range file.Accesses {
			if a.Write || a.Name != word || !f.reads(a, key) {
				continue
			}
			if handled.MatchString(lineOfText(file.Text, a.Span.Line)) {
				return Reference{}, false
			}
			if b := m.pass.Branch.File(p); found.Path == "" || b != nil && b.Touched(a.Span.Line) {
				found = Reference{Name: key, Path: p, Line: a.Span.Line}
			}
		}
	}
	return found, found.Path != ""
}

// handled is a line that has something in the place of a setting that is not there.
var handled = lazy.New(`\?\?|\|\||\bor\b|\bif\b|\bunless\b|\?\.|\bgetattr\b|\bhasattr\b|\.present\?|\.presence|&\.`)

func (m *missing) reportSetting(r Reference, key string, at effective.Place, now codeSettings, have, lack []Environment) {
	g := &group{units: map[Environment]*effective.Unit{}}
	k := keyed{g, map[Environment]map[string]effective.Variable{}}
	for env, place := range now.at {
		g.units[env] = &effective.Unit{Files: []string{place.Path}, At: place}
		k.keys[env] = map[string]effective.Variable{}
		for name, where := range now.keys[env] {
			k.keys[env][name] = effective.Variable{At: where}
		}
	}
	if f := m.pass.Branch.File(r.Path); f == nil || !f.Touched(r.Line) {
		r = Reference{Name: key, Path: at.Path, Line: at.Line}
	}
	m.reportKey(r, k, key, have, lack)
}

// modulesOf is the family of modules of one language.
func (m *missing) modulesOf(family string, lang source.Language) codeFamily {
	members := m.layout.modules(family)
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.path, b.path) })
	files := map[string]bool{}
	for _, at := range members {
		files[at.path] = true
	}
	var shared []string
	for p := range m.layout.all {
		dir := path.Dir(family)
		same := path.Dir(p) == dir && source.LanguageOf(p) == lang && !files[p]
		rails := lang == source.Ruby && (p == path.Join(path.Dir(dir), "application.rb") || path.Dir(p) == path.Join(path.Dir(dir), "initializers"))
		if _, known := placeOf(path.Base(p)); !known && (same || rails) {
			shared = append(shared, p)
		}
	}
	for _, p := range shared {
		files[p] = true
	}
	slices.Sort(shared)
	reads := readsSetting
	if lang == source.Ruby {
		reads = readsRails
	}
	return codeFamily{func(get func(string) *source.File) codeSettings {
		base := map[string]effective.Place{}
		for _, p := range shared {
			maps.Copy(base, moduleSettings(p, get(p)))
		}
		c := newCodeSettings()
		for _, at := range members {
			if own := moduleSettings(at.path, get(at.path)); len(own) > 0 {
				c.put(at.environment, effective.Place{Path: at.path, Line: 1}, base)
				c.put(at.environment, effective.Place{}, own)
			}
		}
		return c
	}, files, reads}
}

// moduleSettings are the names that a module of Python gives at its top, and what a file of Rails gives to its configuration.
func moduleSettings(p string, file *source.File) map[string]effective.Place {
	list := map[string]effective.Place{}
	if file == nil {
		return list
	}
	for _, d := range file.Decls {
		if d.Parent == nil && (d.Kind == source.Const || d.Kind == source.Var) && upperName.MatchString(d.Name) {
			list[d.Name] = effective.Place{Path: p, Line: d.Span.Line}
		}
	}
	if file.Lang != source.Ruby {
		return list
	}
	clear(list)
	for _, a := range file.Accesses {
		if key, ok := strings.CutPrefix(a.Receiver+"."+a.Name, "config."); ok && a.Write && !a.Key {
			list[key] = effective.Place{Path: p, Line: a.Span.Line}
		}
	}
	return list
}

var (
	environmentClass = lazy.New(`^(Production|Prod|Staging|Stage|Development|Dev|Preview|Sandbox|Uat|UAT|QA|Qa|Live|Local|Testing|Test)(Config|Configuration|Settings|Environment)?$|^(?:App)?(?:Config|Configuration|Settings)(Production|Prod|Staging|Stage|Development|Dev|Preview|Local|Testing|Test)$`)
	settingsReceiver = lazy.New(`(?i)(^|\.)_?(settings|config|configuration|conf|cfg)$`)
	memberReceiver   = lazy.New(`(?i)env|conf|setting|stage|profile|cfg`)
)

func readsSetting(a *source.Access, _ string) bool { return settingsReceiver.MatchString(a.Receiver) }

func readsMember(a *source.Access, _ string) bool {
	return !a.Key && memberReceiver.MatchString(a.Receiver)
}

func readsRails(a *source.Access, key string) bool {
	full := a.Receiver + "." + a.Name
	return strings.HasSuffix(full, "Rails.configuration."+key) || strings.HasSuffix(full, "Rails.application.config."+key)
}

// classSettings reads the classes of a file that are named after environments, with what they inherit within it.
func classSettings(p string) func(func(string) *source.File) codeSettings {
	return func(get func(string) *source.File) codeSettings {
		c, file := newCodeSettings(), get(p)
		if file == nil {
			return c
		}
		classes := map[string]*source.Decl{}
		for _, d := range file.Decls {
			if d.Kind == source.Class {
				classes[d.Name] = d
			}
		}
		for _, d := range file.Decls {
			word := environmentClass.FindStringSubmatch(d.Name)
			if d.Kind != source.Class || word == nil {
				continue
			}
			env, known := effective.Known(cmp.Or(word[1], word[3]))
			keys := map[string]effective.Place{}
			if known && inherited(p, d, classes, keys, 0) && len(keys) > 0 {
				c.put(env, effective.Place{Path: p, Line: d.Span.Line}, keys)
			}
		}
		return c
	}
}

// inherited adds the fields of a class and of those that it extends; false where one of them is not in the file.
func inherited(p string, d *source.Decl, classes map[string]*source.Decl, keys map[string]effective.Place, depth int) bool {
	for _, base := range d.Bases {
		if base == "object" || base == "Enum" {
			continue
		}
		if classes[base] == nil || depth > maxShapeDepth || !inherited(p, classes[base], classes, keys, depth+1) {
			return false
		}
	}
	for _, f := range d.Members {
		if f.Kind == source.Field && upperName.MatchString(f.Name) {
			keys[f.Name] = effective.Place{Path: p, Line: f.Span.Line}
		}
	}
	return true
}

// mapSettings reads the object of a file whose keys are environments and whose values are objects.
func mapSettings(p string) func(func(string) *source.File) codeSettings {
	return func(get func(string) *source.File) codeSettings {
		c, file := newCodeSettings(), get(p)
		if file == nil {
			return c
		}
		for _, o := range file.Objects {
			if len(c.keys) > 0 || o.Spread || len(o.Keys) < 2 || o.In != nil && (o.In.Kind == source.Function || o.In.Kind == source.Method) {
				continue
			}
			of := newCodeSettings()
			for _, k := range o.Keys {
				env, known := effective.Known(strings.Trim(k.Name, "\"'`:"))
				if !known || k.Child == nil || k.Child.Spread || len(k.Child.Keys) == 0 {
					of = newCodeSettings()
					break
				}
				keys := map[string]effective.Place{}
				for _, inner := range k.Child.Keys {
					if v := strings.ToLower(strings.TrimSpace(inner.Value)); v != "true" && v != "false" && v != "null" && v != "none" && inner.Child == nil {
						keys[strings.Trim(inner.Name, "\"'`:")] = effective.Place{Path: p, Line: inner.Span.Line}
					}
				}
				of.put(env, effective.Place{Path: p, Line: k.Span.Line}, keys)
			}
			if len(of.keys) > 1 {
				c = of
			}
		}
		return c
	}
}
