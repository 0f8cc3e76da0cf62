package contracts

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// users are the places that name the symbol where the module's own compiler does not look: other modules of the
// repository and files behind a build constraint. Files that the branch touched count as looked at.
func (a *goAPI) users(b apiBreak, importPath string) ([]detectors.Related, error) {
	word := b.symbol.name[strings.LastIndexByte(b.symbol.name, '.')+1:]
	naming, err := a.pass.Source.Naming(a.pass.Context, word)
	if err != nil {
		return nil, err
	}
	var found []detectors.Related
	for _, p := range naming[word] {
		if !strings.HasSuffix(p, ".go") || path.Dir(p) == a.dir || a.pass.Branch.File(p) != nil || len(found) >= 5 {
			continue
		}
		f := a.after.file(p)
		if f == nil || f.GoFile == nil {
			continue
		}
		other := moduleOf(a.modules, p)
		hidden := other != nil && other.path != a.module.path && !pinned(other, a.module)
		if !hidden && !constrained(f.Text) {
			continue
		}
		if line := uses(f, importPath, b.symbol); line > 0 {
			found = append(found, detectors.Related{Path: p, Line: line, Message: "still uses " + a.pkg + "." + b.symbol.name})
		}
	}
	return found, nil
}

// pinned says that a module uses a released version of another one, so that this branch does not reach it yet.
func pinned(user, used *goModule) bool {
	return !strings.Contains(user.text, used.path+" =>") && !regexp.MustCompile(`(?m)^\s*(replace\s+)?`+regexp.QuoteMeta(used.path)+`(\s+v\S+)?\s+=>`).MatchString(user.text) &&
		strings.Contains(user.text, used.path+" v") && !strings.Contains(user.text, used.path+" v0.0.0")
}

// constrained says that a plain build leaves a file out.
func constrained(text []byte) bool {
	m := constraint.FindSubmatch(text[:min(len(text), 2000)])
	return m != nil && regexp.MustCompile(`\b(integration|e2e|tools?|wireinject|acceptance|manual|smoke|contract|functional|system)\b`).Match(m[1])
}

// uses is the line at which a file names an exported symbol of the imported package, 0 for none.
func uses(f *source.File, importPath string, s goSymbol) int {
	name := ""
	line := 0
	for _, imp := range f.Imports {
		if imp.Path == importPath {
			name, line = imp.Alias, imp.Span.Line
			if name == "" {
				name = path.Base(importPath)
				if regexp.MustCompile(`^v\d+$`).MatchString(name) {
					name = path.Base(path.Dir(importPath))
				}
			}
		}
	}
	if name == "" {
		return 0
	}
	if s.what == "package" {
		return line
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
