package effective

// Terraform: what each environment's variable files give a module, and what its resources then give to tasks and functions.

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// KindModule is the kind of a unit that is a Terraform root module with one environment's variables as its Keys.
const KindModule = "terraform module"

// module is one folder of .tf files.
type module struct {
	dir       string
	variables map[string]declaration
	resources []*hclsyntax.Block
	calls     []*hclsyntax.Block
	locals    map[string]hclsyntax.Expression
	// from is the file of each block.
	from map[*hclsyntax.Block]string
}

// declaration is one variable block; fallback is nil where it has no default.
type declaration struct {
	at       Place
	fallback hclsyntax.Expression
}

// The bounds of Terraform code: brackets within each other, and modules within each other.
const (
	maxBrackets   = 200
	maxModuleCall = 4
	maxModules    = 400
)

// body parses an HCL file, nil and a Problem where that cannot be done.
func (t *Tree) body(p string) *hclsyntax.Body {
	text, err := t.Read(p)
	if err != nil {
		return nil
	}
	body, err := parseHCL(p, text)
	if err != nil {
		t.problem(p, err.Error())
		return nil
	}
	return body
}

func parseHCL(p string, text []byte) (body *hclsyntax.Body, err error) {
	depth := 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
		if depth > maxBrackets {
			return nil, errors.New("nests too deeply to be read as Terraform")
		}
	}
	defer func() {
		if recover() != nil {
			body, err = nil, errors.New("does not parse as Terraform")
		}
	}()
	file, diags := hclsyntax.ParseConfig(text, p, hcl.InitialPos)
	if diags.HasErrors() || file == nil {
		return nil, errors.New("does not parse as Terraform")
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil, errors.New("does not parse as Terraform")
	}
	return body, nil
}

// modules are the folders with .tf files.
func (t *Tree) modules(ctx context.Context) map[string]*module {
	all := map[string]*module{}
	for _, p := range t.paths {
		if path.Ext(p) != ".tf" || notConfiguration(p) || ctx.Err() != nil {
			continue
		}
		dir := path.Dir(p)
		if all[dir] == nil {
			if len(all) >= maxModules {
				break
			}
			all[dir] = &module{dir: dir, variables: map[string]declaration{}, locals: map[string]hclsyntax.Expression{}, from: map[*hclsyntax.Block]string{}}
		}
		if body := t.body(p); body != nil {
			all[dir].add(p, body)
		}
	}
	return all
}

func (m *module) add(p string, body *hclsyntax.Body) {
	for _, b := range body.Blocks {
		m.from[b] = p
		switch {
		case b.Type == "variable" && len(b.Labels) == 1:
			d := declaration{at: Place{p, b.TypeRange.Start.Line}}
			if a := b.Body.Attributes["default"]; a != nil {
				d.fallback = a.Expr
			}
			m.variables[b.Labels[0]] = d
		case b.Type == "resource" && len(b.Labels) == 2:
			m.resources = append(m.resources, b)
		case b.Type == "module" && len(b.Labels) == 1:
			m.calls = append(m.calls, b)
		case b.Type == "locals":
			for name, a := range b.Body.Attributes {
				m.locals[name] = a.Expr
			}
		}
	}
}

// assignments are what one .tfvars file sets, with the expressions.
func (t *Tree) assignments(p string) map[string]Variable {
	list := map[string]Variable{}
	if strings.HasSuffix(p, ".json") {
		for _, n := range t.nodes(p) {
			for _, pair := range n.Pairs {
				list[pair.Key] = set(n.Text(pair.Key), Place{p, pair.Line})
			}
		}
		return list
	}
	body := t.body(p)
	if body == nil {
		return list
	}
	for name, a := range body.Attributes {
		list[name] = literal(a.Expr, Place{p, a.NameRange.Start.Line})
		t.objects(p, name, a.Expr, list)
	}
	return list
}

// objects adds the entries of a map of texts as name.entry, for what makes variables of each of them.
func (t *Tree) objects(p, name string, e hclsyntax.Expression, list map[string]Variable) {
	object, ok := e.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return
	}
	for _, item := range object.Items {
		key := literal(item.KeyExpr, Place{})
		if key.State != Set || key.value == "" || len(list) > maxKeys {
			continue
		}
		at := Place{p, item.KeyExpr.Range().Start.Line}
		list[name+"."+key.value] = literal(item.ValueExpr, at)
	}
}

// literal is a variable of an expression that refers to nothing; what is not a plain text counts as set.
func literal(e hclsyntax.Expression, at Place) Variable {
	value, diags := e.Value(nil)
	if diags.HasErrors() || value.IsNull() || !value.IsKnown() {
		return elsewhere(at)
	}
	switch value.Type().FriendlyName() {
	case "string":
		return set(value.AsString(), at)
	case "number":
		return set(value.AsBigFloat().Text('f', -1), at)
	case "bool":
		return set(strconv.FormatBool(value.True()), at)
	}
	return Variable{State: Set, At: at} // a list or a map, which has no text of its own
}

// varFiles are the variable files of a module, by environment; under is what lies below all of them.
type varFiles struct {
	under []string
	by    map[Environment][][]string
}

// assigned finds the module of each variable file: the folder itself or the nearest one above that declares variables,
// else the one module that declares most of what the file sets.
func (t *Tree) assigned(modules map[string]*module) map[string]*varFiles {
	all := map[string]*varFiles{}
	of := func(dir string) *varFiles {
		if all[dir] == nil {
			all[dir] = &varFiles{by: map[Environment][][]string{}}
		}
		return all[dir]
	}
	for _, p := range t.paths {
		base := path.Base(p)
		if !strings.HasSuffix(base, ".tfvars") && !strings.HasSuffix(base, ".tfvars.json") || notConfiguration(p) || strings.Contains(base, "example") || strings.Contains(base, "sample") {
			continue
		}
		home := t.moduleFor(p, modules)
		if home == "" {
			continue
		}
		e, word, _ := InPath(p)
		inModule, _, _ := InFolder(home)
		automatic := base == "terraform.tfvars" || base == "terraform.tfvars.json" || strings.Contains(base, ".auto.")
		switch {
		case path.Dir(p) == home && automatic, word == "", inModule != Everywhere && e == inModule:
			of(home).under = append(of(home).under, p)
		default:
			// Files of one environment in one folder go together; in several folders they are several deployments.
			f := of(home)
			lists := f.by[e]
			i := slices.IndexFunc(lists, func(l []string) bool { return path.Dir(l[0]) == path.Dir(p) && path.Base(path.Dir(p)) == word })
			if i >= 0 {
				lists[i] = append(lists[i], p)
			} else {
				lists = append(lists, []string{p})
			}
			f.by[e] = lists
		}
	}
	return all
}

func (t *Tree) moduleFor(p string, modules map[string]*module) string {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		if m := modules[dir]; m != nil && len(m.variables) > 0 {
			return dir
		}
		if dir == "." {
			break
		}
	}
	set := t.assignments(p)
	best, score := "", 0
	for dir, m := range modules {
		n := 0
		for name := range set {
			if _, ok := m.variables[name]; ok {
				n++
			}
		}
		if n > score || n == score && n > 0 && dir < best {
			best, score = dir, n
		}
	}
	if score*10 < len(set)*6 {
		return ""
	}
	return best
}

func loadTerraform(ctx context.Context, t *Tree) []Unit {
	modules := t.modules(ctx)
	if len(modules) == 0 {
		return nil
	}
	files := t.assigned(modules)
	called := map[string]bool{}
	for _, m := range modules {
		for _, c := range m.calls {
			if dir := localSource(m, c); dir != "" {
				called[dir] = true
			}
		}
	}
	w := &terraform{tree: t, modules: modules}
	for _, dir := range slices.Sorted(maps.Keys(modules)) {
		if ctx.Err() != nil {
			break
		}
		m := modules[dir]
		e, word, root := InFolder(dir)
		if word == "" {
			root = dir
		}
		f := files[dir]
		if f == nil {
			if called[dir] {
				continue
			}
			f = &varFiles{}
		}
		if word != "" || len(f.by) == 0 {
			w.root(m, e, root, f.under, word != "")
			continue
		}
		for env, lists := range f.by {
			for _, list := range lists {
				w.root(m, env, root, append(slices.Clone(f.under), list...), true)
			}
		}
	}
	return w.units
}

// terraform collects the units of all root modules.
type terraform struct {
	tree    *Tree
	modules map[string]*module
	units   []Unit
}

// scope is what a module's expressions can see: its variables as they are given.
type scope struct {
	*module
	given map[string]Variable
	depth int
}

// root reads one root module in one environment.
func (w *terraform) root(m *module, e Environment, root string, files []string, bound bool) {
	u := Unit{Name: path.Base(m.dir), Kind: KindModule, Environment: e, Root: root, Files: files, Variables: map[string]Variable{}, Keys: map[string]Variable{}, At: Place{Path: m.dir}}
	if root != m.dir {
		u.Name = path.Base(root)
	}
	given := map[string]Variable{}
	for _, p := range files {
		maps.Copy(given, w.tree.assignments(p))
	}
	w.complete(m, given, &u)
	if !bound || len(files) == 0 {
		u.Gaps = slices.DeleteFunc(u.Gaps, func(g Gap) bool { return !g.Call })
	}
	s := &scope{module: m, given: given}
	w.calls(s, &u, "")
	w.units = append(w.units, u)
}

// complete adds defaults to what a module is given, and gaps for what it needs and is not given.
func (w *terraform) complete(m *module, given map[string]Variable, u *Unit) {
	for _, name := range slices.Sorted(maps.Keys(m.variables)) {
		d := m.variables[name]
		if v, ok := given[name]; ok {
			u.Keys[name] = v
			for entry, inner := range given {
				if strings.HasPrefix(entry, name+".") {
					u.Keys[entry] = inner
				}
			}
			continue
		}
		if d.fallback == nil {
			u.Gaps = append(u.Gaps, Gap{Name: name, At: d.at, Stops: true})
			continue
		}
		v := literal(d.fallback, d.at)
		if v.State == Set {
			v.State = Default
		}
		given[name], u.Keys[name] = v, v
		w.tree.objects(d.at.Path, name, d.fallback, given)
	}
}

// calls reads the resources of a module and of the local modules that it calls.
func (w *terraform) calls(s *scope, u *Unit, prefix string) {
	for _, b := range s.resources {
		w.resource(s, u, b, prefix)
	}
	if s.depth >= maxModuleCall {
		return
	}
	for _, b := range s.calls {
		dir := localSource(s.module, b)
		inner := w.modules[dir]
		if inner == nil {
			w.carrier(s, u, b, prefix+"module."+b.Labels[0], "module call")
			continue
		}
		given := map[string]Variable{}
		for name, a := range b.Body.Attributes {
			given[name] = s.resolve(a.Expr, Place{s.from[b], a.NameRange.Start.Line}, 0)
			s.handOn(name, a.Expr, s.from[b], given)
		}
		for _, name := range slices.Sorted(maps.Keys(inner.variables)) {
			d := inner.variables[name]
			if _, ok := given[name]; !ok && d.fallback == nil {
				u.Gaps = append(u.Gaps, Gap{Name: name, At: d.at, Stops: true, Call: true, By: Place{s.from[b], b.TypeRange.Start.Line}})
			} else if !ok {
				given[name] = literal(d.fallback, d.at)
			}
		}
		w.calls(&scope{module: inner, given: given, depth: s.depth + 1}, u, prefix+"module."+b.Labels[0]+".")
	}
}

// handOn adds the entries of a map that a call passes on, written out or as a variable of the caller.
func (s *scope) handOn(name string, e hclsyntax.Expression, file string, given map[string]Variable) {
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			if key := literal(item.KeyExpr, Place{}); key.State == Set && key.value != "" {
				given[name+"."+key.value] = s.resolve(item.ValueExpr, Place{file, item.KeyExpr.Range().Start.Line}, 0)
			}
		}
	case *hclsyntax.ScopeTraversalExpr:
		if from, ok := strings.CutPrefix(traversalName(e), "var."); ok && len(e.Traversal) == 2 {
			for entry, v := range s.given {
				if key, ok := strings.CutPrefix(entry, from+"."); ok {
					given[name+"."+key] = v
				}
			}
		}
	}
}

// localSource is the folder of a module call with a path as its source.
func localSource(m *module, b *hclsyntax.Block) string {
	a := b.Body.Attributes["source"]
	if a == nil {
		return ""
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type().FriendlyName() != "string" || !strings.HasPrefix(v.AsString(), ".") {
		return ""
	}
	return path.Join(m.dir, v.AsString())
}

// resolve is what an expression gives: a literal, a variable's value, or something that only Terraform's state knows.
func (s *scope) resolve(e hclsyntax.Expression, at Place, depth int) Variable {
	if depth > 8 {
		return elsewhere(at)
	}
	if wrap, ok := e.(*hclsyntax.TemplateWrapExpr); ok {
		return s.resolve(wrap.Wrapped, at, depth+1)
	}
	if call, ok := e.(*hclsyntax.FunctionCallExpr); ok && (call.Name == "tostring" || call.Name == "nonsensitive" || call.Name == "sensitive") && len(call.Args) == 1 {
		return s.resolve(call.Args[0], at, depth+1)
	}
	if ref, ok := e.(*hclsyntax.ScopeTraversalExpr); ok && len(ref.Traversal) == 2 {
		name := ""
		if a, ok := ref.Traversal[1].(hcl.TraverseAttr); ok {
			name = a.Name
		}
		switch ref.Traversal.RootName() {
		case "var":
			v, given := s.given[name]
			if !given {
				return passed(at, name)
			}
			v.Via, v.At = append([]Place{v.At}, v.Via...), at
			return v
		case "local":
			if inner := s.locals[name]; inner != nil {
				return s.resolve(inner, at, depth+1)
			}
		}
		return elsewhere(at)
	}
	return literal(e, at)
}
