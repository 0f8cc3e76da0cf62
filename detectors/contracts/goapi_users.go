package contracts

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/gotypes"
)

// users are the places that name the symbol where the module's own compiler does not look (other modules of the repository
// that are built with this one, files that the default build leaves out) and that no longer compile.
func (a *goAPI) users(b apiBreak, importPath string) ([]detectors.Related, error) {
	word := b.symbol.name[strings.LastIndexByte(b.symbol.name, '.')+1:]
	search := word
	if b.added { // who implements an interface names it, not the method that it lacks
		search = typeOfMember(b.symbol.name)
	}
	naming, err := a.pass.Source.Naming(a.pass.Context, search)
	if err != nil {
		return nil, err
	}
	var found []detectors.Related
	for _, p := range naming[search] {
		if len(found) >= 5 {
			break
		}
		if !strings.HasSuffix(p, ".go") || !a.unseen(p) {
			continue
		}
		f := a.after.file(p)
		if f == nil || f.GoFile == nil || path.Dir(p) != a.dir && importedAs(f, importPath) == "" {
			continue
		}
		if b.symbol.what == "package" {
			found = append(found, detectors.Related{Path: p, Line: uses(f, importPath, b.symbol), Message: "still imports " + importPath})
			continue
		}
		errs, err := a.broken(p)
		if err != nil { // types cannot be had: what is certain by syntax remains
			if line := uses(f, importPath, b.symbol); line > 0 && b.arity && a.pass.Branch.File(p) == nil {
				found = append(found, detectors.Related{Path: p, Line: line, Message: "still uses " + a.pkg + "." + b.symbol.name})
			}
			continue
		}
		for _, e := range errs {
			if e.about(word, importPath) {
				found = append(found, detectors.Related{Path: p, Line: e.line, Message: "no longer compiles" + e.how() + ": " + e.text})
				break
			}
		}
	}
	return found, nil
}

// unseen says that nobody who builds the module as usual compiles a file.
func (a *goAPI) unseen(p string) bool {
	other := moduleOf(a.modules, p)
	if other == nil {
		return false
	}
	if other.path != a.module.path {
		return !pinned(other, a.module) || a.inWorkspace(other) && a.inWorkspace(a.module)
	}
	text, err := a.after.text(p)
	return err == nil && !(gotypes.Build{}).Matches(p, text)
}

var useLine = lazy.New(`(?m)^\s*(?:use\s+)?"?(\.[\w./-]*)"?\s*(?://.*)?$`)

// inWorkspace says that the repository's go.work uses a module.
func (a *goAPI) inWorkspace(m *goModule) bool {
	text, err := a.after.text("go.work")
	if err != nil {
		return false
	}
	for _, u := range useLine.FindAllSubmatch(text, -1) {
		if path.Clean(string(u[1])) == m.dir {
			return true
		}
	}
	return false
}

// pinned says that a module uses a released version of another one, so that this branch does not reach it yet.
func pinned(user, used *goModule) bool {
	return !strings.Contains(user.text, used.path+" =>") && !regexp.MustCompile(`(?m)^\s*(replace\s+)?`+regexp.QuoteMeta(used.path)+`(\s+v\S+)?\s+=>`).MatchString(user.text) &&
		strings.Contains(user.text, used.path+" v") && !strings.Contains(user.text, used.path+" v0.0.0")
}

// importedAs is the name under which a file imports a package, empty when it does not.
func importedAs(f *source.File, importPath string) string {
	for _, imp := range f.Imports {
		if imp.Path != importPath {
			continue
		}
		name := imp.Alias
		if name == "" {
			if name = path.Base(importPath); majorFolder.MatchString(name) {
				name = path.Base(path.Dir(importPath))
			}
		}
		return name
	}
	return ""
}

var majorFolder = lazy.New(`^v\d+$`)

// uses is the line at which a file names an exported symbol of the imported package, 0 for none.
func uses(f *source.File, importPath string, s goSymbol) int {
	name := importedAs(f, importPath)
	if name == "" {
		return 0
	}
	if s.what == "package" {
		for _, imp := range f.Imports {
			if imp.Path == importPath {
				return imp.Span.Line
			}
		}
	}
	owner, member, isMember := strings.Cut(s.name, ".")
	for _, c := range f.Calls {
		if !isMember && c.Receiver == name && c.Name == s.name || isMember && c.Name == member {
			return c.Span.Line
		}
	}
	for _, acc := range f.Accesses {
		if !isMember && acc.Receiver == name && acc.Name == s.name || isMember && acc.Name == member {
			return acc.Span.Line
		}
	}
	if isMember {
		for _, o := range f.Objects {
			if strings.HasSuffix(o.Type, name+"."+owner) && keyOf(o, member) != nil {
				return o.Span.Line
			}
		}
		return 0
	}
	if i := strings.Index(string(f.Text), name+"."+s.name); i >= 0 {
		return 1 + strings.Count(string(f.Text[:i]), "\n")
	}
	return 0
}
