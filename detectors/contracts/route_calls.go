package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// asksWeb is what a line has to say besides a bare path of one word, which may be a folder's as well.
var asksWeb = lazy.New(`(?i)https?:|fetch|axios|curl|request|client|\b(get|post|put|patch|delete|url|uri|endpoint|route|href|action|urlPath|location|proxy_pass|httpGet)\b|\x24\{|\{\{|base`)

// noCaller are files whose paths are the file system's.
var noCaller = lazy.New(`(^|/)(\.[\w-]*ignore|CODEOWNERS|\.gitattributes|\.gitmodules|tsconfig[\w.]*\.json|labeler\.ya?ml)$|\.(lock|sum|svg|css|scss|less)$`)

var imports = lazy.New(`^\s*(import|from|export\s.*\bfrom|require|use|include|@import|COPY|ADD|WORKDIR|cp|mv|mkdir|cd|ls|//go:)\b`)

// askedOnWeb says that an address is one of the web and not a path of the file system or of a page.
func askedOnWeb(r routes.Route, c routes.Called, p, text string) bool {
	row := rowAt(text, c.Start)
	if len(row) > 4000 || c.Bare && imports.MatchString(row) {
		return false
	}
	if !c.Bare || c.Method != "" {
		return true
	}
	head := len(c.Segments) - len(r.Segments)
	if routes.Fixed(r.Segments) > 1 && head == 0 {
		return true
	}
	if callCollection.MatchString(p) {
		return true
	}
	return asksWeb.MatchString(row) || source.LanguageOf(p) != "" && c.Quoted && head == 0
}

var callCollection = lazy.New(`(?i)postman|bruno|insomnia|\.(http|rest|bru|hurl)$|openapi|swagger`)

func rowAt(text string, at int) string {
	from := strings.LastIndexByte(text[:at], '\n') + 1
	to := strings.IndexByte(text[at:], '\n')
	if to < 0 {
		return text[from:]
	}
	return text[from : at+to]
}

var redirecting = lazy.New(`(?i)redirect|rewrite|\bsource\b|return 30[1278]|permanent`)

// A rewrite rule writes values as groups and anchors its path.
var (
	patternValue = lazy.New(`\([^()\s"']*\)`)
	patternMarks = strings.NewReplacer("^/", " /", "/?$", " ", "$ ", "  ", "$\"", " \"", "$'", " '")
)

// redirects says that a text sends the old path on to another one.
func redirects(text string, r routes.Route) bool {
	if !redirecting.MatchString(text) {
		return false
	}
	text = patternMarks.Replace(patternValue.ReplaceAllString(text, "*"))
	for _, c := range routes.CalledIn(text) {
		if (r.Answers(c.Segments) || covers(c.Segments, r.Segments)) && redirecting.MatchString(rowAt(text, c.Start)) {
			return true
		}
	}
	return false
}

// covers says that a pattern stands for a path: its last value for all that follows, any other for one part.
func covers(pattern, path []string) bool {
	if routes.Fixed(pattern) == 0 || len(path) < len(pattern) || len(path) > len(pattern) && pattern[len(pattern)-1] != "*" {
		return false
	}
	for i, s := range pattern {
		if s != "*" && !strings.EqualFold(s, path[i]) {
			return false
		}
	}
	return true
}

// composed are the whole paths of a route that stands below routers of other files, and those of the routes that a mount
// leads to.
func (t *routeTable) composed(r routes.Route) ([]routes.Route, error) {
	if r.Mount {
		f := t.before.file(r.File)
		if f == nil {
			return nil, nil
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(r.To, "include("), ".")
		list := []routes.Route{r}
		for _, p := range t.before.mountedFiles(f, name, r.To) {
			for _, n := range t.after.routes(p) {
				n.Path = r.Path + n.Path
				n.Segments = append(slices.Clone(r.Segments), n.Segments...)
				list = append(list, n)
			}
		}
		if len(list) > 1 {
			list = list[1:]
		}
		return list, nil
	}
	stem := strings.TrimSuffix(path.Base(r.File), path.Ext(r.File))
	if stem == "index" || stem == "__init__" || stem == "urls" || stem == "views" || stem == "routes" || stem == "router" {
		stem = path.Base(path.Dir(r.File))
	}
	naming, err := t.pass.Source.Naming(t.pass.Context, stem)
	if err != nil || len(naming[stem]) > 60 {
		return nil, err
	}
	var list []routes.Route
	for _, p := range naming[stem] {
		if p == r.File || !declares(p) || source.LanguageOf(p) != source.LanguageOf(r.File) {
			continue
		}
		f := t.after.file(p)
		if f == nil {
			continue
		}
		for _, m := range routes.Declared(f) {
			name, _, _ := strings.Cut(strings.TrimPrefix(m.To, "include("), ".")
			if m.Mount && slices.Contains(t.after.mountedFiles(f, name, m.To), r.File) {
				w := r
				w.Path, w.Segments = m.Path+r.Path, append(slices.Clone(m.Segments), r.Segments...)
				list = append(list, w)
			}
		}
	}
	return list, nil
}

var includedModule = lazy.New(`^include\(\s*["']([\w.]+)["']`)

// mountedFiles are the files that the name of a mounted router means.
func (s side) mountedFiles(f *source.File, name, to string) []string {
	if m := includedModule.FindStringSubmatch(to); m != nil {
		return s.module(f, m[1])
	}
	var list []string
	for _, imp := range f.Imports {
		match := imp.Alias == name || path.Base(strings.ReplaceAll(imp.Path, ".", "/")) == name
		more := ""
		for _, n := range imp.Names {
			if cmpOr(n.Alias, n.Name) == name {
				match, more = true, n.Name
			}
		}
		if !match {
			continue
		}
		list = append(list, s.module(f, imp.Path)...)
		if more != "" && f.Lang == source.Python { // from .routers import boats
			list = append(list, s.module(f, strings.TrimSuffix(imp.Path, ".")+"."+more)...)
		}
	}
	return list
}
