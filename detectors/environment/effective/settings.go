package effective

// Structured settings of applications: appsettings.json of .NET, application.yml of Spring, config/ of node-config, Rails
// and viper. A family of files that differ in the environment's word is one unit; so is a document with a section for
// each environment.

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// KindSettings is the kind of a unit that is a family of settings files, KindSections that of one document with a section
// for each environment.
const (
	KindSettings = "settings"
	KindSections = "settings section"
)

// settingsFile says whether a file may hold an application's settings; those of tools that other loaders read do not.
func settingsFile(p string) bool {
	base := strings.ToLower(path.Base(p))
	switch path.Ext(base) {
	case ".yaml", ".yml", ".json", ".jsonc", ".toml", ".properties":
	default:
		return false
	}
	if is, _ := valuesFile(p); is || isKustomization(p) || notConfiguration(p) || strings.HasPrefix(p, ".github/") || strings.Contains(p, "/locales/") || strings.Contains(p, "/i18n/") {
		return false
	}
	for _, other := range []string{"compose", "package", "tsconfig", "openapi", "swagger", "wrangler", "fly.", "netlify", "vercel", "render.", "tfvars", "schema", ".lock", "-lock", "chart.", "task", "cargo.", "pyproject", "eslint", "env.", "eas.json", "devcontainer", "apprunner"} {
		if strings.Contains(base, other) {
			return false
		}
	}
	if strings.HasPrefix(base, "deploy.") && path.Base(path.Dir(p)) == "config" { // Kamal's
		return false
	}
	return !strings.HasPrefix(base, ".")
}

// settingsFamily are the files that differ in the environment's word, with those below them.
type settingsFamily struct {
	root, name string
	base       []string
	members    map[Environment][]string
}

func loadSettings(ctx context.Context, t *Tree) []Unit {
	families := map[string]*settingsFamily{}
	var plain []string
	for _, p := range t.paths {
		if !settingsFile(p) || ctx.Err() != nil || t.inChart(p) {
			continue
		}
		e, word, root := InPath(p)
		if word == "" {
			plain = append(plain, p)
			continue
		}
		name := path.Base(p)
		if _, inName := InName(name); inName != "" {
			name = strings.Replace(name, inName, "*", 1)
		}
		key := root + "\x00" + name
		if families[key] == nil {
			families[key] = &settingsFamily{root: root, name: name, members: map[Environment][]string{}}
		}
		families[key].members[e] = append(families[key].members[e], p)
	}
	var units []Unit
	taken := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(families)) {
		f := families[key]
		for _, p := range plain {
			if (&envFamily{root: f.root, name: f.name}).isBase(p) {
				f.base, taken[p] = append(f.base, p), true
			}
		}
		for _, e := range slices.SortedFunc(maps.Keys(f.members), Environment.Compare) {
			if ctx.Err() != nil {
				return units
			}
			if u := t.settings(f, e, f.members[e]); u != nil {
				units = append(units, *u)
			}
		}
	}
	for _, p := range plain {
		if ctx.Err() != nil {
			break
		}
		if !taken[p] && sectionedPath(p) {
			units = append(units, t.sections(p)...)
		}
	}
	return units
}

// sectionedPath are the places where documents with a section for each environment are looked for.
func sectionedPath(p string) bool {
	base := strings.ToLower(path.Base(p))
	if strings.HasPrefix(base, "application") || strings.HasPrefix(base, "bootstrap") {
		return true
	}
	for _, word := range []string{"config", "conf", "setting", "environment", "stage", "tenant", "deploy"} {
		if strings.Contains(strings.ToLower(p), word) {
			return true
		}
	}
	return !strings.Contains(p, "/")
}

// settings merges a family's files of one environment; nil where none holds keys, or the files are manifests.
func (t *Tree) settings(f *settingsFamily, e Environment, files []string) *Unit {
	u := &Unit{Name: f.name, Kind: KindSettings, Environment: e, Root: f.root, Files: append(slices.Clone(f.base), files...), Variables: map[string]Variable{}, Keys: map[string]Variable{}, At: Place{Path: files[len(files)-1]}}
	for _, p := range u.Files {
		own := slices.Contains(files, p)
		for _, n := range t.settingsNodes(p) {
			if n.Get("apiVersion") != nil && n.Get("kind") != nil || n.Get("resources") != nil && n.Get("AWSTemplateFormatVersion") != nil {
				return nil
			}
			profile := profileOf(n)
			if profile == "" || profile == e || own {
				u.keys(n, "", p, 0)
				u.spelledOut(n, map[*document.Node]bool{})
			}
		}
	}
	if len(u.Keys) == 0 {
		return nil
	}
	return u
}

// spelledOut adds the variables that settings spell out: keys of their shape, and list items with such a name.
func (u *Unit) spelledOut(n *document.Node, seen map[*document.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	for _, pair := range n.Pairs {
		if upper(pair.Key) && pair.Value != nil && len(pair.Value.Items) == 0 {
			at := place(n, pair.Key)
			if pair.Value.Scalar() {
				u.Variables[pair.Key] = set(pair.Value.Value, at)
			} else {
				u.Variables[pair.Key] = elsewhere(at)
			}
		}
		u.spelledOut(pair.Value, seen)
	}
	for _, item := range n.Items {
		if name := item.Text("name"); upper(name) {
			if item.Get("value") != nil {
				u.Variables[name] = set(item.Text("value"), place(item, "name"))
			} else {
				u.Variables[name] = elsewhere(place(item, "name"))
			}
		}
		u.spelledOut(item, seen)
	}
}

// profileOf is the environment for which a document of a Spring file is active.
func profileOf(n *document.Node) Environment {
	for _, keys := range [][]string{{"spring", "config", "activate", "on-profile"}, {"spring.config.activate.on-profile"}, {"spring", "profiles"}, {"spring.profiles"}} {
		if name := n.Text(keys...); name != "" {
			return EnvironmentOf(name)
		}
	}
	return Everywhere
}

// maxSettings is the size past which a document is data, not settings.
const maxSettings = 96 << 10

// settingsNodes are the documents of a file in any of the formats.
func (t *Tree) settingsNodes(p string) []*document.Node {
	if text, err := t.Read(p); err != nil || len(text) > maxSettings {
		return nil
	}
	switch path.Ext(p) {
	case ".toml":
		if n := t.toml(p); n != nil {
			return []*document.Node{n}
		}
		return nil
	case ".properties":
		return t.properties(p)
	}
	return t.nodes(p)
}

// properties reads key=value lines as one flat document; "#---" begins another, as Spring has it.
func (t *Tree) properties(p string) []*document.Node {
	text, err := t.Read(p)
	if err != nil {
		return nil
	}
	list := []*document.Node{{Kind: document.Object, File: p, Line: 1}}
	for i, line := range strings.Split(string(text), "\n") {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "#---") || strings.HasPrefix(trimmed, "!---") {
			list = append(list, &document.Node{Kind: document.Object, File: p, Line: i + 1})
			continue
		}
		at := strings.IndexAny(trimmed, "=:")
		if at <= 0 || strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "!") || i > maxLines {
			continue
		}
		n := list[len(list)-1]
		n.Pairs = append(n.Pairs, document.Pair{Key: strings.TrimSpace(trimmed[:at]), Line: i + 1, Value: &document.Node{Kind: document.String, File: p, Line: i + 1, Value: strings.TrimSpace(trimmed[at+1:])}})
	}
	return list
}

// sections reads a document with a section for each environment, or a Spring file with a document for each profile.
// What stands in a shared section (default, common) holds for all.
func (t *Tree) sections(p string) []Unit {
	if text, ok := t.peek(p); !ok || !mentionsTwo(text) {
		return nil
	}
	list := t.settingsNodes(p)
	byProfile := map[Environment][]*document.Node{}
	var shared []*document.Node
	for _, n := range list {
		if e := profileOf(n); e != Everywhere {
			byProfile[e] = append(byProfile[e], n)
		} else {
			shared = append(shared, n)
		}
	}
	words := map[Environment]string{}
	kind := KindSettings
	if len(byProfile) == 0 && len(list) == 1 {
		byProfile, shared, words = sectionsOf(list[0])
		kind = KindSections
		if len(byProfile) < 2 {
			return nil
		}
	}
	var units []Unit
	for _, e := range slices.SortedFunc(maps.Keys(byProfile), Environment.Compare) {
		u := Unit{Name: path.Base(p), Kind: kind, Environment: e, Root: path.Dir(p), Files: []string{p}, Variables: map[string]Variable{}, Keys: map[string]Variable{}, At: Place{p, byProfile[e][0].Line}}
		if words[e] != "" {
			u.At = place(list[0], words[e])
		}
		for _, n := range slices.Concat(shared, byProfile[e]) {
			u.keys(n, "", p, 0)
			u.spelledOut(n, map[*document.Node]bool{})
		}
		units = append(units, u)
	}
	return units
}

// mentionsTwo says whether a text holds the words of two environments at all.
func mentionsTwo(text string) bool {
	seen := map[Environment]bool{}
	for word, e := range words {
		if strings.Contains(text, word) && e != Testing {
			seen[e] = true
		}
	}
	return len(seen) > 1
}

// sectionsOf cuts a document at its first level where that names environments.
func sectionsOf(n *document.Node) (by map[Environment][]*document.Node, shared []*document.Node, words map[Environment]string) {
	by, words = map[Environment][]*document.Node{}, map[Environment]string{}
	for _, pair := range n.Pairs {
		if pair.Value == nil || len(pair.Value.Pairs) == 0 {
			continue
		}
		e, known := Known(pair.Key)
		switch {
		case known && len(by[e]) == 0:
			by[e], words[e] = []*document.Node{pair.Value}, pair.Key
		case slices.Contains(baseWords, strings.ToLower(pair.Key)):
			shared = append(shared, pair.Value)
		}
	}
	return by, shared, words
}
