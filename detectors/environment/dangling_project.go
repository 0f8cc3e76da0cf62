package environment

// What a Compose service asks its project for and the project does not define: secrets, configs, volumes, networks, other services.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source/document"
)

// asked of a service, and the top-level section that defines it.
var projectParts = [][2]string{{"secrets", "secrets"}, {"configs", "configs"}, {"networks", "networks"}, {"depends_on", "services"}, {"volumes", "volumes"}}

// undefinedInProject judges the Compose files that the branch changes; true where it told of any.
func (d *dangling) undefinedInProject() bool {
	told := false
	for _, f := range d.pass.Branch.Files {
		if f.Status == branch.Deleted || f.TooLarge || f.Binary || !composeFile(f.Path) || path.Ext(f.Path) != ".yml" && path.Ext(f.Path) != ".yaml" || aside(f.Path) {
			continue
		}
		defined, whole := d.projectOf(f.Path)
		if !whole {
			continue
		}
		docs, err := document.YAML(f.Path, []byte(strings.Join(d.text(f.Path), "\n")))
		if err != nil || len(docs) != 1 {
			continue
		}
		for _, s := range docs[0].Get("services").Entries() {
			for _, part := range projectParts {
				for _, name := range askedOf(part[0], s.Value.Get(part[0])) {
					if defined[part[1]+"/"+name.Key] || !f.Touched(name.Line) || part[0] == "networks" && name.Key == "default" {
						continue
					}
					told = true
					d.report(detectors.Finding{
						Severity: detectors.Warning, Path: f.Path, Line: name.Line, Symbol: name.Key,
						Message:  fmt.Sprintf("service %s asks for %s of the %s, and the project defines none of that name", s.Key, name.Key, part[1]),
						Why:      "Compose refuses the whole project, so that nothing of it starts.",
						Fix:      fmt.Sprintf("Define %s below %s:, or correct the name.", name.Key, part[1]),
						Evidence: []string{s.Key, part[1], name.Key},
					})
				}
			}
		}
	}
	return told
}

// projectOf are the names that the Compose files of a folder define; whole is false where they take more in from elsewhere.
func (d *dangling) projectOf(p string) (defined map[string]bool, whole bool) {
	defined = map[string]bool{}
	for other := range d.layout.all {
		if path.Dir(other) != path.Dir(p) || !composeFile(other) || path.Ext(other) != ".yml" && path.Ext(other) != ".yaml" {
			continue
		}
		docs, err := document.YAML(other, []byte(strings.Join(d.text(other), "\n")))
		if err != nil || len(docs) != 1 || docs[0].Get("include") != nil {
			return nil, false
		}
		for _, section := range []string{"secrets", "configs", "networks", "services", "volumes"} {
			for _, f := range docs[0].Get(section).Entries() {
				defined[section+"/"+f.Key] = true
			}
		}
		for _, s := range docs[0].Get("services").Entries() {
			if s.Value.Get("extends", "file") != nil {
				return nil, false
			}
		}
	}
	return defined, true
}

// askedOf are the names that a part of a service holds, with their lines.
func askedOf(part string, n *document.Node) (list []document.Pair) {
	if n == nil {
		return nil
	}
	for _, f := range n.Entries() {
		list = append(list, document.Pair{Key: f.Key, Line: f.Line})
	}
	for _, item := range n.Items {
		name := item.Value
		switch {
		case part == "volumes" && len(item.Pairs) > 0:
			if item.Text("type") != "volume" {
				continue
			}
			name = item.Text("source")
		case part == "volumes":
			var ok bool
			if name, _, ok = strings.Cut(name, ":"); !ok {
				continue // an anonymous one
			}
		case len(item.Pairs) > 0:
			name = item.Text("source")
		}
		if name == "" || strings.ContainsAny(name, "/.~$\\") || slices.ContainsFunc(list, func(p document.Pair) bool { return p.Key == name }) {
			continue
		}
		list = append(list, document.Pair{Key: name, Line: item.Line})
	}
	return list
}
