package effective

// Ansible: which variables each environment's group_vars give to the templates of a play
// (docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html#organizing-host-and-group-variables).

import (
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// inventory is what one environment gives to its hosts.
type inventory struct {
	files []string
	names map[string]Variable
	// shared are the names that hold for all environments (group_vars/all, a role's defaults).
	shared map[string]bool
	open   string
}

const maxInventoryFiles = 200

// alone is a line whose whole value is one variable.
var alone = lazy.New(`=\s*["']?\{\{-?\s*[a-z]\w*\s*-?\}\}["']?\s*$`)

// ansible are the inventories around a template's folder, by environment; none where nothing tells environments apart.
func (t *Tree) ansible(dir string) map[Environment]*inventory {
	root := dir
	if i := strings.Index("/"+root+"/", "/roles/"); i >= 0 {
		root = path.Clean(strings.Trim(root[:max(i-1, 0)], "/"))
	}
	root = strings.TrimSuffix(path.Clean(root), "/templates")
	if path.Base(root) == "templates" {
		root = path.Dir(root)
	}
	all := map[Environment]*inventory{}
	shared := map[string]bool{}
	open := ""
	count := 0
	for _, p := range t.Below(root) {
		if !yamlFile(p) && path.Ext(p) != "" || !strings.Contains("/"+p, "_vars/") && !strings.Contains(p, "defaults/") && !strings.Contains(p, "vars/") {
			continue
		}
		if count++; count > maxInventoryFiles {
			open = "there are more files of variables than are read"
			break
		}
		text, ok := t.peek(p)
		if !ok {
			continue
		}
		e, bound := groupEnvironment(p)
		if strings.HasPrefix(text, "$ANSIBLE_VAULT") {
			if !bound {
				open = "a vault holds more"
				continue
			}
			if all[e] == nil {
				all[e] = &inventory{names: map[string]Variable{}}
			}
			all[e].open = "its vault holds more"
			continue
		}
		for _, n := range t.nodes(p) {
			if !bound {
				for _, pair := range n.Pairs {
					shared[pair.Key] = true
				}
				continue
			}
			if all[e] == nil {
				all[e] = &inventory{names: map[string]Variable{}}
			}
			all[e].take(p, n)
		}
	}
	for _, one := range all {
		one.shared = shared
		if one.open == "" {
			one.open = open
		}
	}
	return all
}

func (v *inventory) take(p string, n *document.Node) {
	if !slices.Contains(v.files, p) {
		v.files = append(v.files, p)
	}
	for _, pair := range n.Pairs {
		at := Place{p, pair.Line}
		if pair.Value.Scalar() && pair.Value.Tag == "" && !strings.Contains(pair.Value.Value, "{{") {
			v.names[pair.Key] = set(pair.Value.Value, at)
		} else {
			v.names[pair.Key] = elsewhere(at)
		}
	}
}

// groupEnvironment is the environment of a file below group_vars: the group's name, or the inventory's folder.
func groupEnvironment(p string) (e Environment, bound bool) {
	parts := strings.Split(p, "/")
	i := slices.Index(parts, "group_vars")
	if i < 0 {
		return Everywhere, false
	}
	group := strings.TrimSuffix(strings.TrimSuffix(parts[i+1], ".yml"), ".yaml")
	if e, word := InName(group); word != "" && e != Testing {
		return e, true
	}
	if group != "all" {
		return Everywhere, false
	}
	if e, word, _ := InFolder(strings.Join(parts[:i], "/")); word != "" && e != Testing {
		return e, true
	}
	return Everywhere, false
}

// fill is a template's unit in one environment: with a gap for each name that neither its group nor the shared files give.
func (v *inventory) fill(t *Tree, template Unit, e Environment, needs map[string]Place) Unit {
	u := template
	u.Environment, u.Files, u.Variables = e, append(slices.Clone(template.Files), v.files...), maps.Clone(template.Variables)
	if v.open != "" {
		u.open(v.open)
	}
	for _, name := range slices.Sorted(maps.Keys(needs)) {
		at := needs[name]
		given, ok := v.names[name]
		switch {
		case ok:
			// A value that is the variable alone is the inventory's, for whoever compares values.
			for variable, old := range u.Variables {
				if old.At == at && old.State == Elsewhere && given.Known() && alone.MatchString(t.lineText(at)) {
					given.Via = []Place{at}
					u.Variables[variable] = given
				}
			}
		case v.shared[name] || strings.HasPrefix(name, "vault") || strings.HasPrefix(name, "ansible_") || strings.Contains(name, "_vault_"):
		default:
			u.Gaps = append(u.Gaps, Gap{Name: name, At: at, Stops: true})
		}
	}
	return u
}

// lineText is the text of a line, empty where there is none.
func (t *Tree) lineText(at Place) string {
	text, ok := t.peek(at.Path)
	if !ok {
		return ""
	}
	lines := strings.Split(text, "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	return lines[at.Line-1]
}
