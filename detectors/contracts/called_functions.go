package contracts

// Which calls of other files mean a function that the branch changed, in languages that look names up as they run and in those
// whose compilers are content with the types of the arguments.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A resigned function is there on both sides and takes other parameters.
type resigned struct {
	old, now *source.Decl
	file     *source.File
}

// resignedFunctions are the functions and methods of changed files that have other parameters than before, where their name is told
// apart from others of the same file.
func resignedFunctions(pass *detectors.Pass) []resigned {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []resigned
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		switch ext := path.Ext(f.Path); {
		case source.LanguageOf(f.Path) == "", ext == ".tsx", ext == ".jsx":
			continue
		}
		old, now := before.file(cmpOr(f.OldPath, f.Path)), after.file(f.Path)
		if old == nil || now == nil {
			continue
		}
		for _, d := range now.Decls {
			if !callableDecl(d) || strings.HasPrefix(d.Name, "_") || len(d.Params) == 0 {
				continue
			}
			same := func(o *source.Decl) bool {
				return callableDecl(o) && ownerOf(o) == ownerOf(d) && o.Receiver == d.Receiver
			}
			if countDecls(now, same) != 1 || countDecls(old, same) != 1 {
				continue
			}
			o := old.Decls[slices.IndexFunc(old.Decls, same)]
			if !sameParams(o.Params, d.Params) {
				list = append(list, resigned{o, d, now})
			}
		}
	}
	return list[:min(len(list), 40)]
}

func callableDecl(d *source.Decl) bool {
	return d.Kind == source.Function || d.Kind == source.Method || givenFunction(d)
}

func countDecls(f *source.File, is func(*source.Decl) bool) int {
	n := 0
	for _, d := range f.Decls {
		if is(d) {
			n++
		}
	}
	return n
}

func sameParams(a, b []source.Param) bool {
	return slices.EqualFunc(a, b, func(x, y source.Param) bool { return x.Name == y.Name && x.Default == y.Default && x.Type == y.Type })
}

// A callSite is one call of a function in a file.
type callSite struct {
	path string
	call *source.Call
}

// callsOf are the calls of a changed function in the files that the branch left alone, tests and examples aside.
func (s side) callsOf(pass *detectors.Pass, r resigned) ([]callSite, error) {
	name := r.now.Name
	if name == "constructor" || name == "__init__" || name == "initialize" {
		return nil, nil
	}
	naming, err := pass.Source.Naming(pass.Context, name)
	if err != nil || len(naming[name]) > maxNamed {
		return nil, err
	}
	var list []callSite
	for i, p := range naming[name] {
		if i >= maxCandidates {
			break
		}
		if standsIn(p) || skipped(p) {
			continue
		}
		f := s.file(p)
		if source.LanguageOf(p) == "" {
			f = s.script(p)
		}
		if f == nil || !callsInto(f.Lang, r.file.Lang) {
			continue
		}
		changed := pass.Branch.File(p)
		for _, c := range f.Calls {
			if c.Name != name || changed != nil && changed.TouchedRange(c.Span.Line, c.Span.EndLine) || !s.means(pass, f, c, r) {
				continue
			}
			list = append(list, callSite{p, c})
		}
	}
	return list, nil
}

var shebang = lazy.New(`^#!.*?\b(ruby|python|node|php)[\d.]*\s*\n`)

// script reads a program without an extension by the interpreter that its first line names, nil for none.
func (s side) script(p string) *source.File {
	if path.Ext(p) != "" {
		return nil
	}
	text, err := s.text(p)
	if err != nil || len(text) > maxListText {
		return nil
	}
	m := shebang.FindSubmatch(text)
	if m == nil {
		return nil
	}
	f, err := source.Parse(p+map[string]string{"ruby": ".rb", "python": ".py", "node": ".js", "php": ".php"}[string(m[1])], text)
	if err != nil {
		return nil
	}
	f.Path = p
	return f
}

// callsInto says that code of one language calls that of the other by its own means.
func callsInto(a, b source.Language) bool {
	script := func(l source.Language) bool { return l == source.JavaScript || l == source.TypeScript }
	jvm := func(l source.Language) bool { return l == source.Java || l == source.Kotlin }
	return a == b || script(a) && script(b) || jvm(a) && jvm(b)
}

// means says that a call means the function: by what the file imports, by the class or module that it is called on, or, for a
// method, by a name that only its class has.
func (s side) means(pass *detectors.Pass, f *source.File, c *source.Call, r resigned) bool {
	owner := ""
	if p := r.now.Parent; p != nil {
		owner = p.Name
	} else if r.now.Receiver != "" {
		owner = r.now.Receiver
	}
	last := c.Receiver[strings.LastIndexAny(c.Receiver, ".:>\\")+1:]
	switch {
	case owner != "" && last == owner:
		return true
	case owner != "":
		self := c.Receiver == "self" || c.Receiver == "this" || c.Receiver == "$this" || c.Receiver == ""
		if f.Path == r.file.Path && self {
			return true
		}
		return !self && compound(r.now.Name) && len(r.now.Name) > 6 && s.onlyMethod(pass, r)
	case c.Receiver == "":
		if f.Path == r.file.Path {
			return !shadowed(c.In, c.Name)
		}
		return s.binds(f, c.Name, r.file.Path, 0)
	default:
		return s.moduleIs(f, c.Receiver, r.file.Path)
	}
}

// onlyMethod says that no other file of the repository declares a method or function of the name.
func (s side) onlyMethod(pass *detectors.Pass, r resigned) bool {
	words, err := pass.Source.Naming(pass.Context, r.now.Name)
	if err != nil {
		return false
	}
	for _, p := range words[r.now.Name] {
		if source.LanguageOf(p) == "" || p == r.file.Path {
			continue
		}
		f := s.file(p)
		if f == nil {
			return false
		}
		if slices.ContainsFunc(f.Decls, func(d *source.Decl) bool { return d.Name == r.now.Name && callableDecl(d) }) {
			return false
		}
	}
	return true
}

// binds says that a name in a file stands for what another file declares, also through files that only hand it on.
func (s side) binds(f *source.File, name, target string, depth int) bool {
	if depth > 3 {
		return false
	}
	if f.Lang == source.Go {
		return path.Dir(f.Path) == path.Dir(target)
	}
	for _, imp := range f.Imports {
		original := ""
		for _, n := range imp.Names {
			if cmpOr(n.Alias, n.Name) == name || n.Name == "*" {
				original = n.Name
			}
		}
		if original == "" {
			continue
		}
		if original == "*" {
			original = name
		}
		for _, p := range s.module(f, imp.Path) {
			if p == target {
				return true
			}
			if g := s.file(p); g != nil && s.binds(g, original, target, depth+1) {
				return true
			}
		}
	}
	return slices.ContainsFunc(f.Accesses, func(a *source.Access) bool { // const { name } = require("./module")
		from, ok := strings.CutPrefix(a.Receiver, "require(")
		return ok && a.Name == name && slices.Contains(s.module(f, strings.Trim(from, `"'()`)), target)
	})
}

// moduleIs says that a receiver is the module that a file stands for: crs of `from terrain import crs`, a Go package, a namespace.
func (s side) moduleIs(f *source.File, receiver, target string) bool {
	if f.Lang == source.Go {
		dir := s.goFolder(f, receiver)
		return dir != "" && dir == path.Dir(target)
	}
	for _, imp := range f.Imports {
		if imp.Alias == receiver || len(imp.Names) == 0 && imp.Path == receiver {
			if slices.Contains(s.module(f, imp.Path), target) {
				return true
			}
		}
		for _, n := range imp.Names {
			if f.Lang == source.Python && cmpOr(n.Alias, n.Name) == receiver && slices.Contains(s.module(f, strings.TrimSuffix(imp.Path, ".")+"."+n.Name), target) {
				return true
			}
			if n.Name == "*" && n.Alias == receiver && slices.Contains(s.module(f, imp.Path), target) {
				return true
			}
		}
	}
	return slices.ContainsFunc(f.Decls, func(d *source.Decl) bool { // const money = require("./money")
		from, ok := strings.CutPrefix(d.Default, "require(")
		return ok && d.Name == receiver && slices.Contains(s.module(f, strings.Trim(from, `"'()`)), target)
	})
}

// passedInOrder counts the arguments that a call passes by their place; -1 where it spreads a list.
func passedInOrder(c *source.Call) int {
	n := 0
	for _, a := range c.Args {
		switch {
		case strings.HasPrefix(a.Text, "*") || strings.HasPrefix(a.Text, "...") || strings.HasSuffix(a.Text, "..."):
			return -1
		case a.Keyword == "":
			n++
		}
	}
	return n
}

// byPlace are the parameters that take arguments by their place, without the instance.
func byPlace(d *source.Decl) []source.Param {
	var list []source.Param
	for i, p := range d.Params {
		if i == 0 && (p.Name == "self" || p.Name == "cls") {
			continue
		}
		if p.KeywordOnly || p.Variadic || p.KeywordVariadic {
			break
		}
		list = append(list, p)
	}
	return list
}
