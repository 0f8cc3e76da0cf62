package modules

// Terraform's modules and stacks (https://developer.hashicorp.com/terraform/language/modules), and Terragrunt's units that use them.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

const maxText = 1 << 20 // bytes of one file that is read

// terraform reads the variables and outputs of a folder's files.
func terraform(files Files, dir string) *Interface {
	found := &Interface{Kind: Terraform, ID: dir, Takes: map[string]Port{}, Gives: map[string]Port{}, backend: map[string]string{}}
	some := false
	for _, tree := range trees(files, dir) {
		some = true
		for _, v := range tree.Get("variable").Entries() {
			found.Takes[v.Key] = Port{v.Value.File, v.Line, v.Value.Get("default") == nil}
		}
		for _, o := range tree.Get("output").Entries() {
			found.Gives[o.Key] = Port{o.Value.File, o.Line, false}
		}
		for _, b := range append(tree.Get("terraform", "backend").Entries(), cloud(tree)...) {
			found.backend = places(b.Value)
			found.backend["type"] = b.Key
		}
	}
	if !some {
		return nil
	}
	return found
}

func cloud(tree *document.Node) []document.Pair {
	if n := tree.Get("terraform", "cloud"); n != nil {
		return []document.Pair{{Key: "remote", Value: n}}
	}
	return nil
}

// trees are the parsed .tf files of a folder; a file that does not parse is left out.
func trees(files Files, dir string) (list []*document.Node) {
	for _, p := range files.Below(dir) {
		if path.Ext(p) != ".tf" || len(list) > 200 {
			continue
		}
		if tree := hcl(files, p); tree != nil {
			list = append(list, tree)
		}
	}
	return list
}

func hcl(files Files, p string) *document.Node {
	text, err := files.Text(p)
	if err != nil || len(text) > maxText {
		return nil
	}
	tree, err := document.HCL(p, text)
	if err != nil {
		return nil
	}
	return tree
}

// places are the words of a backend's settings that name where the state lies.
func places(settings *document.Node) map[string]string {
	list := map[string]string{}
	for _, key := range []string{"key", "prefix", "path", "bucket", "container_name", "organization"} {
		if v := settings.Text(key); v != "" {
			list[key] = v
		}
	}
	if name := settings.Text("workspaces", "name"); name != "" {
		list["workspace"] = name
	}
	return list
}

// arguments of a module block that are Terraform's own.
var meta = []string{"source", "version", "providers", "count", "for_each", "depends_on"}

func terraformUses(files Files, file string, of *Interface) []Use {
	switch {
	case path.Ext(file) == ".tf":
		return blocksUsing(files, path.Dir(file), of)
	case path.Base(file) == "terragrunt.hcl":
		return terragruntUses(files, file, of)
	}
	return nil
}

// blocksUsing are the module blocks of a folder that call the module, and its readers of the module's state.
func blocksUsing(files Files, dir string, of *Interface) (list []Use) {
	all := trees(files, dir)
	for _, tree := range all {
		for _, m := range tree.Get("module").Entries() {
			source := m.Value.Text("source")
			if !strings.HasPrefix(source, ".") || path.Join(dir, strings.ReplaceAll(source, "//", "/")) != of.ID {
				continue
			}
			u := Use{Path: m.Value.File, Line: m.Line, What: `module "` + m.Key + `"`, Passes: map[string]Port{}, Reads: readsOf(all, "module."+m.Key), Calls: true}
			for _, a := range m.Value.Entries() {
				if !slices.Contains(meta, a.Key) {
					u.Passes[a.Key] = Port{Path: m.Value.File, Line: a.Line}
				}
			}
			list = append(list, u)
		}
		for _, s := range tree.Get("data", "terraform_remote_state").Entries() {
			if dir != of.ID && of.keepsState(s.Value) {
				list = append(list, Use{Path: s.Value.File, Line: s.Line, What: "the state " + s.Key, Reads: readsOf(all, "data.terraform_remote_state."+s.Key+".outputs")})
			}
		}
	}
	return list
}

// keepsState says whether a terraform_remote_state block reads the state of this stack: the same backend, and all words that name the place.
func (of *Interface) keepsState(block *document.Node) bool {
	there := places(block.Get("config"))
	telling := false
	for key, word := range there {
		if of.backend[key] != word {
			return false
		}
		telling = telling || key == "key" || key == "prefix" || key == "path" || key == "workspace"
	}
	return telling && of.backend["type"] == block.Text("backend")
}

var (
	afterName = lazy.New(`^(?:\[[^\]]*\])*\.(\w+)`)
	// tried is an expression that goes on without a name that is not there.
	tried = lazy.New(`\b(?:try|can|lookup)\(`)
)

// readsOf are the names that the expressions of a folder read of an address ("module.network").
func readsOf(all []*document.Node, address string) map[string]Port {
	found := map[string]Port{}
	for _, tree := range all {
		scalars(tree, func(n *document.Node) {
			text := n.Expr + n.Value
			for !tried.MatchString(text) {
				i := strings.Index(text, address)
				if i < 0 {
					return
				}
				text = text[i+len(address):]
				if m := afterName.FindStringSubmatch(text); m != nil {
					if _, ok := found[m[1]]; !ok {
						found[m[1]] = Port{Path: n.File, Line: n.Line}
					}
				}
			}
		})
	}
	return found
}

// scalars visits the values of a tree that hold no others.
func scalars(tree *document.Node, visit func(*document.Node)) {
	tree.Walk(func(p document.Pair) {
		if p.Value.Scalar() {
			visit(p.Value)
		}
		for _, item := range p.Value.Items {
			if item.Scalar() {
				visit(item)
			}
		}
	})
}

// terragruntUses reads a unit: its module's inputs, and the outputs that it takes from units it depends on.
func terragruntUses(files Files, file string, of *Interface) (list []Use) {
	tree := hcl(files, file)
	if tree == nil {
		return nil
	}
	dir := path.Dir(file)
	if unitOf(tree, dir) == of.ID {
		// a unit that includes another may get inputs from there
		u := Use{Path: file, Line: tree.LineOf("inputs"), What: "the unit " + dir, Passes: map[string]Port{}, Calls: tree.Get("include") == nil}
		for _, a := range tree.Get("inputs").Entries() {
			u.Passes[a.Key] = Port{Path: file, Line: a.Line}
		}
		list = append(list, u)
	}
	for _, d := range tree.Get("dependency").Entries() {
		at := path.Join(dir, d.Value.Text("config_path"))
		other := hcl(files, path.Join(at, "terragrunt.hcl"))
		if other == nil || unitOf(other, at) != of.ID {
			continue
		}
		list = append(list, Use{Path: file, Line: d.Line, What: `dependency "` + d.Key + `"`, Reads: readsOf([]*document.Node{tree}, "dependency."+d.Key+".outputs")})
	}
	return list
}

// unitOf is the folder of the repository that a unit applies, its own where it names none.
func unitOf(unit *document.Node, dir string) string {
	source := unit.Text("terraform", "source")
	if source == "" {
		return dir
	}
	return path.Join(dir, strings.ReplaceAll(source, "//", "/"))
}
