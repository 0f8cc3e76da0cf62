package environment

// Environments whose settings are an object of code in a file of their own: Angular's environment.ts and environment.prod.ts, config.staging.js
// beside config.production.js. The files stand for each other, so that a key of one is missed in another.

import (
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	objectModule = lazy.New(`(?i)(^|/)(environments?|configs?)/[\w.-]+\.(ts|js|mjs|cjs)$|(^|/)(environment|config|settings)[._-]?[\w.-]*\.(ts|js|mjs|cjs)$`)
	settingsName = lazy.New(`(?i)^(environment|config|settings|env|module\.exports|exports|default|)$`)
)

// moduleKeys judges the keys that the branch adds to one environment's object, or takes from one.
func (m *missing) moduleKeys() {
	families := map[string]bool{}
	for _, f := range m.pass.Branch.Files {
		if f.Status == branch.Deleted || f.TooLarge || f.Binary || !objectModule.MatchString(f.Path) || aside(f.Path) || isTestConfig(f.Path) {
			continue
		}
		family := path.Dir(f.Path) + "/environment.*" + path.Ext(f.Path)
		if at, ok := placeOf(f.Path); ok && strings.Contains(path.Base(at.family), "*") {
			family = at.family
		} else if !strings.HasPrefix(path.Base(f.Path), "environment.") {
			continue
		}
		families[family] = true
	}
	for _, family := range slices.Sorted(maps.Keys(families)) {
		m.moduleFamily(family)
	}
}

func (m *missing) moduleFamily(family string) {
	g := &group{key: family, units: map[Environment]*effective.Unit{}}
	now := keyed{g, map[Environment]map[string]effective.Variable{}}
	before := keyed{&group{key: family, units: map[Environment]*effective.Unit{}}, map[Environment]map[string]effective.Variable{}}
	for p := range m.layout.all {
		at, ok := placeOf(p)
		switch {
		case ok && at.family == family:
		case p == strings.Replace(family, ".*", "", 1):
			at = member{path: p, environment: Development}
		default:
			continue
		}
		if file, err := m.pass.Source.Head(p); err == nil && file != nil {
			now.module(at, file)
		}
		if file, err := m.pass.Source.Base(p); err == nil && file != nil {
			before.module(at, file)
		}
	}
	if len(now.units) > 1 {
		m.changedKeys(now, before)
	}
}

// module keeps the keys of the object that a file exports; none where it takes keys over from another.
func (k keyed) module(at member, file *source.File) {
	var root *source.Object
	for _, o := range file.Objects {
		if (o.In == nil || o.In.Kind != source.Function && o.In.Kind != source.Method) && settingsName.MatchString(o.Name) && (root == nil || len(o.Keys) > len(root.Keys)) {
			root = o
		}
	}
	if root == nil || root.Spread || len(root.Keys) == 0 {
		return
	}
	u := &effective.Unit{Name: path.Base(k.key), Kind: effective.KindSettings, Environment: at.environment, Files: []string{at.path}, Keys: map[string]effective.Variable{}, At: effective.Place{Path: at.path, Line: 1}}
	objectKeys(root, "", at.path, u.Keys, 0)
	k.units[at.environment] = u
	k.keys[at.environment] = map[string]effective.Variable{}
	for name, v := range u.Keys {
		k.keys[at.environment][spelled(name)] = v
	}
}

func objectKeys(o *source.Object, prefix, p string, into map[string]effective.Variable, depth int) {
	if depth > maxShapeDepth || o.Spread {
		return
	}
	for _, key := range o.Keys {
		name := prefix + strings.Trim(key.Name, "\"'`")
		if key.Child != nil && len(key.Child.Keys) > 0 {
			objectKeys(key.Child, name+".", p, into, depth+1)
			continue
		}
		into[name] = effective.Variable{State: effective.Set, At: effective.Place{Path: p, Line: key.Span.Line}}
	}
}
