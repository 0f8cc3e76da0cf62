package observability

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// lookup answers questions about the repository for one run of one detector, and remembers the answers.
type lookup struct {
	pass   *detectors.Pass
	words  *vocabulary
	tables *tables
	named  map[string][]string
	roots  map[string]bool
	// applications are the files that deploy several services as one.
	applications map[string]bool
	budget       int
	signals      map[*source.Decl]signal
	// skipped are middleware calls that do not reach a trigger because of their order.
	skipped map[*trigger]spot
	// askers are the functions that ask a model, by language family; actedOn those of whose answers it is told already.
	askers  map[string][]place
	actedOn map[*source.Decl]bool
}

// maxParsed bounds the files that one run reads beyond the changed ones.
const maxParsed = 400

func newLookup(pass *detectors.Pass) (*lookup, error) {
	v, err := words()
	if err != nil {
		return nil, err
	}
	t, err := known()
	if err != nil {
		return nil, err
	}
	l := &lookup{pass: pass, words: v, tables: t, named: map[string][]string{}, budget: maxParsed, signals: map[*source.Decl]signal{}, skipped: map[*trigger]spot{}, askers: map[string][]place{}, actedOn: map[*source.Decl]bool{}}
	return l, l.findRoots()
}

// manifests are the files whose folder is a service or a package.
var manifests = map[string]bool{
	"go.mod": true, "package.json": true, "pyproject.toml": true, "setup.py": true, "requirements.txt": true, "Pipfile": true,
	"pom.xml": true, "build.gradle": true, "build.gradle.kts": true, "Gemfile": true, "composer.json": true, "Cargo.toml": true,
}

func (l *lookup) findRoots() error {
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	l.roots, l.applications = map[string]bool{}, map[string]bool{}
	for _, p := range paths {
		if manifests[path.Base(p)] || path.Ext(p) == ".csproj" {
			l.roots[path.Dir(p)] = true
		}
		if slices.Contains(templates, path.Base(p)) {
			l.applications[p] = true
		}
	}
	return nil
}

// service is the folder of the nearest manifest above a path, "." for the repository.
func (l *lookup) service(p string) string {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if l.roots[dir] {
			return dir
		}
	}
	return "."
}

// shared are folders of code that several services use.
var shared = []string{"packages/", "libs/", "lib/", "pkg/", "internal/", "shared/", "common/", "core/"}

// near says whether code at other may serve the code at p: the same service, or code that services share.
func (l *lookup) near(p, other string) bool {
	mine, theirs := l.service(p), l.service(other)
	if mine == theirs || theirs == "." {
		return true
	}
	if dir := path.Dir(mine); dir == path.Dir(theirs) && l.deployedTogether(dir) {
		return true // the functions of one template
	}
	for _, s := range shared {
		if strings.HasPrefix(other, s) || strings.Contains(other, "/"+s) {
			return true
		}
	}
	return false
}

// templates are the files that deploy several functions as one application.
var templates = []string{"template.yaml", "template.yml", "serverless.yml", "serverless.yaml", "samconfig.toml", "serverless.ts", "cdk.json", "host.json", "netlify.toml", "vercel.json", "firebase.json"}

// deployedTogether says whether a folder, or one above it, holds what deploys its parts as one application.
func (l *lookup) deployedTogether(dir string) bool {
	for {
		for _, t := range templates {
			if l.applications[path.Join(dir, t)] {
				return true
			}
		}
		if dir == "." {
			return false
		}
		dir = path.Dir(dir)
	}
}

// naming lists the production files that name a word, "" when the index fails: no credit is no guess.
func (l *lookup) naming(word string) []string {
	if list, ok := l.named[word]; ok {
		return list
	}
	var list []string
	if found, err := l.pass.Source.Naming(l.pass.Context, word); err == nil {
		for _, p := range found[word] {
			if !source.IsTest(p) && !source.IsDoc(p) && !source.IsExample(p) {
				list = append(list, p)
			}
		}
	}
	l.named[word] = list
	return list
}

// added says whether the branch adds the file.
func (l *lookup) added(p string) bool {
	return slices.ContainsFunc(l.pass.Branch.Files, func(f *branch.File) bool { return f.Path == p && f.Status == branch.Added })
}

// read parses a file of the work tree while the budget lasts, nil when it cannot be read.
func (l *lookup) read(p string) *source.File {
	if l.budget <= 0 || l.pass.Context.Err() != nil {
		return nil
	}
	l.budget--
	f, err := l.pass.Source.Head(p)
	if err != nil {
		return nil
	}
	return f
}

// place is a declaration in its file.
type place struct {
	file *source.File
	decl *source.Decl
}

func (p place) span() source.Span {
	if p.decl.Body.End > p.decl.Body.Start {
		return p.decl.Body
	}
	return p.decl.Span
}

// manyNames is the number of files past which a name says nothing of whose it is.
const manyNames = 12

// resolve finds the declarations that a name in a file may mean: in the file itself, in its package, in the modules that
// it imports, else wherever the name is declared when few files name it.
func (l *lookup) resolve(from *source.File, name, receiver string, kinds ...source.Kind) []place {
	if len(name) < 3 {
		return nil
	}
	if own := declared(from, name, kinds); len(own) > 0 {
		return own
	}
	candidates := l.naming(name)
	var closeBy, far []string
	for _, p := range candidates {
		if p == from.Path || family(source.LanguageOf(p)) != family(from.Lang) {
			continue
		}
		if samePackage(from, p) || importsPath(from, p) {
			closeBy = append(closeBy, p)
		} else if l.near(from.Path, p) {
			far = append(far, p)
		}
	}
	var found []place
	for _, p := range closeBy[:min(len(closeBy), manyNames)] {
		if f := l.read(p); f != nil {
			found = append(found, declared(f, name, kinds)...)
		}
	}
	if len(found) > 0 || len(far) > manyNames {
		return related(found, receiver)
	}
	for _, p := range far {
		if f := l.read(p); f != nil {
			found = append(found, declared(f, name, kinds)...)
		}
	}
	return related(found, receiver)
}

// related keeps the methods whose type goes by the receiver's name (`this.invoices.send`: InvoicesService), when there are such.
func related(found []place, receiver string) []place {
	ids := identifiers(receiver)
	if len(found) < 2 || len(ids) == 0 {
		return found
	}
	last := strings.ToLower(ids[len(ids)-1])
	var fit []place
	for _, p := range found {
		owner := p.decl.Receiver
		if owner == "" && p.decl.Parent != nil {
			owner = p.decl.Parent.Name
		}
		if owner != "" && len(last) > 2 && strings.Contains(strings.ToLower(owner), strings.TrimSuffix(last, "s")) {
			fit = append(fit, p)
		}
	}
	if len(fit) > 0 {
		return fit
	}
	return found
}

var callable = []source.Kind{source.Function, source.Method, source.Class, source.Const, source.Var}

func declared(f *source.File, name string, kinds []source.Kind) []place {
	if len(kinds) == 0 {
		kinds = callable
	}
	var list []place
	for _, d := range f.Decls {
		if d.Name == name && slices.Contains(kinds, d.Kind) {
			list = append(list, place{f, d})
		}
	}
	return list
}

func samePackage(from *source.File, p string) bool {
	return from.Lang == source.Go && path.Dir(from.Path) == path.Dir(p)
}

// importsPath says whether one of the file's imports can mean the path: relative ones resolved, others by their tail.
func importsPath(from *source.File, p string) bool {
	stem := strings.TrimSuffix(p, path.Ext(p))
	stem = strings.TrimSuffix(strings.TrimSuffix(stem, "/index"), "/__init__")
	dir := path.Dir(p)
	for _, i := range from.Imports {
		target := i.Path
		switch family(from.Lang) {
		case string(source.Go):
			if len(target) >= len(dir) && strings.HasSuffix(target, "/"+dir) || target == dir {
				return true
			}
			continue
		case string(source.Python):
			target = strings.ReplaceAll(strings.TrimLeft(target, "."), ".", "/")
		default:
			if strings.HasPrefix(target, ".") {
				target = path.Join(path.Dir(from.Path), target)
			}
			target = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(target, "@/"), "~/"), path.Ext(target))
		}
		if target != "" && (stem == target || strings.HasSuffix(stem, "/"+target)) {
			return true
		}
		for _, n := range i.Names {
			if family(from.Lang) == string(source.Python) && (stem == target+"/"+n.Name || strings.HasSuffix(stem, "/"+target+"/"+n.Name)) {
				return true
			}
		}
	}
	return false
}
