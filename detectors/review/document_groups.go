package review

// Entries of structured documents that stand beside each other: the keys of a mapping, the items of a list by their names.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	tree "flightpoll/detectors/source/document"
)

// itemKeys name the items of a list, the first that an item has; the kind is what people call it.
var itemKeys = []struct{ key, kind string }{
	{"alert", "alert"}, {"job_name", "job"}, {"job", "job"}, {"name", "entry"}, {"id", "entry"}, {"key", "entry"}, {"slug", "entry"}, {"code", "code"}, {"title", "entry"},
}

// entriesIn are the names of the entries of a document by where they stand, lists without their positions.
func entriesIn(p string, text []byte) map[string][]givenName {
	switch strings.ToLower(path.Ext(p)) {
	case ".yml", ".yaml", ".json", ".toml":
	default:
		return nil
	}
	roots, err := tree.Read(p, text)
	if err != nil {
		return nil
	}
	found := map[string][]givenName{}
	for _, root := range roots {
		kind := root.Text("kind")
		if name := root.Text("metadata", "name"); kind != "" && name != "" {
			found["kind "+kind] = append(found["kind "+kind], givenName{name: name, line: root.LineOf("metadata", "name"), in: strings.ToLower(kind)})
		}
		collectEntries(root, kind, 0, found)
	}
	return found
}

func collectEntries(n *tree.Node, at string, depth int, found map[string][]givenName) {
	if n == nil || depth > 12 {
		return
	}
	mappings := 0
	for _, pair := range n.Pairs {
		if pair.Value != nil && pair.Value.Kind == tree.Object {
			mappings++
		}
	}
	for _, pair := range n.Pairs {
		// A mapping of mappings names things; one of plain values sets them.
		kind := "setting"
		if mappings == len(n.Pairs) {
			kind = "entry"
		}
		found[at+"{}"] = append(found[at+"{}"], givenName{name: pair.Key, line: pair.Line, in: kind})
		collectEntries(pair.Value, at+"."+pair.Key, depth+1, found)
	}
	for _, item := range n.Items {
		for _, k := range itemKeys {
			if name := item.Text(k.key); name != "" && len(name) < 80 && !strings.ContainsAny(name, "\n{") {
				found[at+"[]"+k.key] = append(found[at+"[]"+k.key], givenName{name: name, line: item.LineOf(k.key), in: k.kind})
				break
			}
		}
		collectEntries(item, at+"[]", depth+1, found)
	}
}

// documentGroups are the groups of a structured document that the branch adds to; where it has but
// one, the files beside it have its siblings.
func documentGroups(pass *detectors.Pass, f *branch.File, before, after []byte, fewest int) []siblingGroup {
	now := entriesIn(f.Path, after)
	if len(now) == 0 {
		return nil
	}
	was := map[string][]givenName{}
	if f.Status != branch.Added {
		was = entriesIn(f.Path, before)
	}
	alone := func() bool {
		for at, list := range now {
			if !strings.HasSuffix(at, "{}") && len(was[at]) < fewestPaged && len(list) > len(was[at]) {
				return true
			}
		}
		return false
	}
	if alone() {
		for _, p := range neighbours(pass, f) {
			text, err := pass.Branch.ReadHead(p)
			if err != nil {
				continue
			}
			for at, list := range entriesIn(p, text) {
				if !strings.HasSuffix(at, "{}") && now[at] != nil && len(was[at]) < 200 {
					was[at] = append(was[at], list...)
					now[at] = append(now[at], list...)
				}
			}
		}
	}
	var places []string
	for at := range now {
		places = append(places, at)
	}
	slices.Sort(places)
	var list []siblingGroup
	for _, at := range places {
		if len(was[at]) < fewest || source.IsTest(f.Path) {
			continue
		}
		keys := strings.HasSuffix(at, "{}")
		list = append(list, groupsWith(siblingGroup{kind: now[at][0].in, path: f.Path, keys: keys}, was[at], now[at], after, fewest)...)
	}
	return list
}
