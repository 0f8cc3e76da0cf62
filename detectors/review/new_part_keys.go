package review

// Owners, calls and run books that a manifest of a new part leaves out, key by key.

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	tree "flightpoll/detectors/source/document"
)

// callsKey is a key that says whom to call, or where it is written what to do.
var callsKey = lazy.New(`(?i)(?:^|[./_-])(?:owners?|owned_?by|on-?_?call|contacts?|escalations?|run-?_?books?(?:_?url)?|pager\w*|opsgenie[\w-]*|teams?|maintainers?|squad|slack[\w-]*|service-id|support\w*)$|(?i)(?:owner|runbook|oncall|pager)(?:[A-Z_]\w*)?$|(?i)^(?:pagerduty|opsgenie)`)

// keys misses an owner or a run book within a manifest, which the manifests beside have: the file itself, or one of a folder that
// the folders beside have as well.
func (n *newParts) keys(p part) bool {
	if !p.folder {
		return manifestEnding.MatchString(p.path) && n.keysIn(p, p.path, p.beside)
	}
	for _, f := range p.files {
		rest := strings.TrimPrefix(f.Path, p.path+"/")
		if !manifestEnding.MatchString(rest) || strings.Count(rest, "/") > 2 {
			continue
		}
		var beside []string
		for _, u := range p.beside {
			if _, ok := slices.BinarySearch(n.head, u+"/"+rest); ok {
				beside = append(beside, u+"/"+rest)
			}
		}
		if len(beside) >= 1 && n.keysIn(p, f.Path, beside) {
			return true
		}
	}
	return false
}

func (n *newParts) keysIn(p part, own string, beside []string) bool {
	beside = beside[:min(len(beside), 60)]
	have, ok := n.callsIn(own)
	if !ok || n.coveredElsewhere(p) {
		return false
	}
	count, example := map[string]int{}, map[string]string{}
	for _, u := range beside {
		keys, _ := n.callsIn(u)
		for _, k := range keys {
			count[k]++
			example[k] = u
		}
	}
	var missing []string
	for k, c := range count {
		if (most(c, len(beside)) || c == 1 && len(beside) == 1 && n.readmeNames(k)) && !slices.Contains(have, k) {
			missing = append(missing, k)
		}
	}
	// What no other one says may be another word for the same.
	others := slices.DeleteFunc(slices.Clone(have), func(k string) bool { return count[k] > 0 })
	if len(missing) <= len(others) {
		return false
	}
	slices.Sort(missing)
	p.at = own
	return n.report(p, fmt.Sprintf("names no %s in %s, as %d of the %d beside it do (%s)", strings.Join(missing, ", no "), path.Base(own), count[missing[0]], len(beside), example[missing[0]]),
		"Whoever is woken by it finds nobody to ask.", "Name who answers for it.", nil)
}

// readmeNames says whether a document that leads the repository speaks of a key.
func (n *newParts) readmeNames(key string) bool {
	return slices.ContainsFunc(leading, func(p string) bool {
		text, err := n.pass.Branch.ReadHead(p)
		return err == nil && bytes.Contains(text, []byte(key))
	})
}

// callsIn are the keys of a manifest that say whom to call and have a value, each once; false for what cannot be read.
func (n *newParts) callsIn(p string) ([]string, bool) {
	text, err := n.pass.Branch.ReadHead(p)
	if err != nil || len(text) > 1<<18 {
		return nil, false
	}
	roots, err := tree.Read(p, text)
	if err != nil {
		return nil, false
	}
	var list []string
	for _, root := range roots {
		root.Walk(func(pair tree.Pair) {
			v := pair.Value
			if v == nil || v.Scalar() && (v.Kind == tree.Null || v.Kind != "" && v.Value == "") || !callsKey.MatchString(pair.Key) || slices.Contains(list, pair.Key) {
				return
			}
			list = append(list, pair.Key)
		})
	}
	return list, true
}

// owned are the kinds of Backstage that have to name their owner (backstage.io/docs/features/software-catalog/descriptor-format).
var owned = []string{"Component", "API", "System", "Domain", "Resource"}

// ownerless reports entries of a Backstage catalogue that the branch adds or changes and that name no owner; catalogued says that
// there are any.
func (n *newParts) ownerless() (catalogued bool) {
	for _, f := range n.pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || source.IsTest(f.Path) || source.IsExample(f.Path) || path.Ext(f.Path) != ".yaml" && path.Ext(f.Path) != ".yml" {
			continue
		}
		text, err := f.After()
		if err != nil || !bytes.Contains(text, []byte("backstage.io/")) || bytes.Contains(text, []byte("${{")) {
			continue
		}
		roots, err := tree.YAML(f.Path, text)
		if err != nil {
			continue
		}
		catalogued = true
		for _, root := range roots {
			name := root.Text("metadata", "name")
			if !strings.HasPrefix(root.Text("apiVersion"), "backstage.io/") || !slices.Contains(owned, root.Text("kind")) || n.isGroup(root.Text("spec", "owner")) || !f.Touched(root.LineOf("spec")) && f.Status != branch.Added && !removedOwner(f) {
				continue
			}
			n.told[f.Path] = true
			n.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: max(1, root.LineOf("spec")), Symbol: "owner",
				Message:  fmt.Sprintf("the catalogue's entry of %s names %s", name, noOwner(root.Text("spec", "owner"))),
				Why:      "Pages, questions and reviews go to the owner in the catalogue: whoever is woken by it finds nobody to ask.",
				Fix:      "Name the group that answers for it in spec.owner.",
				Evidence: []string{"catalogue", name},
			})
		}
	}
	return catalogued
}

// placeholder is what a template has in place of an owner.
var placeholder = regexp.MustCompile(`(?i)^(?:your[-_ ]?\w*|my[-_]?(?:team|group|org)|todo|tbd|fixme|change[-_]?me|example|unknown|none|n/?a|xxx+|placeholder|guests?|nobody|team[-_]?name|<.*>|owner)$`)

func noOwner(said string) string {
	switch {
	case said == "":
		return "no owner"
	case placeholder.MatchString(path.Base(said)):
		return fmt.Sprintf("a placeholder as its owner (%s)", said)
	}
	return fmt.Sprintf("an owner that is no group of the catalogue (%s)", said)
}

// isGroup says whether an owner may be one: no placeholder, and where the repository defines groups, one of them or a user.
func (n *newParts) isGroup(owner string) bool {
	if owner == "" || placeholder.MatchString(path.Base(owner)) {
		return false
	}
	if strings.HasPrefix(owner, "user:") {
		return true
	}
	if n.groups == nil {
		n.groups = map[string]bool{}
		read := 0
		for _, p := range n.head {
			if path.Ext(p) != ".yaml" && path.Ext(p) != ".yml" || !groupFile.MatchString(p) || read > 40 {
				continue
			}
			read++
			text, err := n.pass.Branch.ReadHead(p)
			if err != nil || !bytes.Contains(text, []byte("kind: Group")) {
				continue
			}
			roots, err := tree.YAML(p, text)
			if err != nil {
				continue
			}
			for _, root := range roots {
				if kind := root.Text("kind"); kind == "Group" || kind == "User" {
					n.groups[strings.ToLower(root.Text("metadata", "name"))] = true
				}
			}
		}
	}
	return len(n.groups) == 0 || n.groups[strings.ToLower(path.Base(strings.TrimPrefix(owner, "group:")))]
}

var groupFile = regexp.MustCompile(`(?i)(?:^|/)(?:[\w-]*(?:groups?|teams?|org|people)[\w-]*|catalog/[\w/-]+|catalog-info|all)\.ya?ml$`)

// removedOwner says whether the branch took an owner out of a file.
func removedOwner(f *branch.File) bool {
	text, err := f.Before()
	if err != nil {
		return false
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if n++; f.Removed(n) && strings.HasPrefix(strings.TrimSpace(line), "owner:") {
			return true
		}
	}
	return false
}
