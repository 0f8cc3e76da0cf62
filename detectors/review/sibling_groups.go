package review

// Things of one kind that stand beside each other, and what the branch adds to them: options, commands, variables, metrics and routes
// of a file of code; entries of a structured document; files of a folder.

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
	"flightpoll/detectors/source/routes"
)

// siblingGroup are the names that stay, and those that the branch adds beside them.
type siblingGroup struct {
	kind, path string
	old, fresh []givenName
	// files says that they are files of a folder, keys that they are the keys of a mapping.
	files, keys bool
}

// listedKind is one kind of thing that code declares and that documents list.
type listedKind struct {
	kind string
	read func(p string, text []byte, parse func() (*source.File, error)) []givenName
}

var listedKinds = []listedKind{
	{"option", optionNames},
	{"command", commandNames},
	{"variable", func(p string, text []byte, parse func() (*source.File, error)) []givenName {
		return slices.DeleteFunc(variableNames(p, text, parse), func(n givenName) bool { return !variableName.MatchString(n.name) })
	}},
	{"metric", metricNames},
	{"route", routeNames},
	{"input", terraformNames("variable")},
	{"output", terraformNames("output")},
	{"value", enumNames},
	{"job", jobNames},
	{"entry", objectNames},
	{"resource", resourceNames},
}

func optionNames(p string, text []byte, parse func() (*source.File, error)) []givenName {
	var list []givenName
	for _, o := range options.In(p, text, parse) {
		list = append(list, givenName{name: o.Name, line: o.Line})
	}
	return list
}

func commandNames(p string, text []byte, parse func() (*source.File, error)) []givenName {
	var list []givenName
	for _, c := range options.Commands(p, text, parse) {
		if c.Runner != "make" {
			list = append(list, givenName{name: c.Name, line: c.Line})
		}
	}
	return list
}

func routeNames(p string, _ []byte, parse func() (*source.File, error)) []givenName {
	if source.LanguageOf(p) == "" {
		return nil
	}
	f, err := parse()
	if err != nil {
		return nil
	}
	var list []givenName
	for _, r := range routes.Declared(f) {
		if r.Mount || r.Unread || !r.Telling() || strings.Contains(r.Path, "internal") || strings.Contains(r.Path, "health") || strings.Contains(r.Path, "debug") {
			continue
		}
		var parts []string
		for _, s := range r.Segments {
			if s == "*" {
				parts = append(parts, `(?:\{[^/}]+\}|:\w+|<[^/>]+>|\*|\$\w+|\[[^/\]]+\]|\d+)`)
			} else {
				parts = append(parts, regexp.QuoteMeta(s))
			}
		}
		list = append(list, givenName{name: r.Path, line: r.Line, words: []string{r.Last()}, pattern: `(?:https?://[^/\s]+)?(?:/[\w.-]+){0,2}/` + strings.Join(parts, "/") + `/?(?:\?\S*)?`})
	}
	return list
}

// maxBeside bounds the files of a folder that are read for the siblings of a new one.
const maxBeside = 60

// siblingGroups are the groups that the branch adds to and that have so many older members.
func siblingGroups(pass *detectors.Pass, fewest int) ([]siblingGroup, error) {
	var list []siblingGroup
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) || source.IsDoc(f.Path) ||
			isToolConfig(f.Path) || otherData.MatchString(f.Path) || shownToUsers(f.Path) {
			continue
		}
		groups, err := groupsOf(pass, f, fewest)
		if err != nil {
			return nil, err
		}
		list = append(list, groups...)
	}
	return list, nil
}

func groupsOf(pass *detectors.Pass, f *branch.File, fewest int) ([]siblingGroup, error) {
	after, err := f.After()
	if err != nil {
		return nil, err
	}
	before, err := f.Before()
	if err != nil {
		return nil, err
	}
	old := f.Path
	if f.OldPath != "" {
		old = f.OldPath
	}
	var list []siblingGroup
	if !dataEndings.MatchString(f.Path) || strings.HasSuffix(f.Path, ".tf") {
		for _, k := range listedKinds {
			now := k.read(f.Path, after, func() (*source.File, error) { return pass.Source.Head(f.Path) })
			if len(now) == 0 {
				continue
			}
			was := []givenName{}
			if f.Status != branch.Added {
				was = k.read(old, before, func() (*source.File, error) { return pass.Source.Base(old) })
			}
			if len(was) < fewestPaged {
				was = append(was, besides(pass, f, k)...)
				now = append(now, was...)
			}
			list = append(list, groupsWith(siblingGroup{kind: k.kind, path: f.Path, keys: k.kind == "entry" || k.kind == "resource"}, was, now, after, fewest)...)
		}
	}
	if dataEndings.MatchString(f.Path) && !strings.HasSuffix(f.Path, ".tf") {
		list = append(list, documentGroups(pass, f, before, after, fewest)...)
	}
	if f.Status == branch.Added {
		list = append(list, folderGroup(pass, f, fewest)...)
	}
	return list, nil
}

// besides are the names of the kind that the other files of the folder have on both sides.
func besides(pass *detectors.Pass, f *branch.File, k listedKind) []givenName {
	var list []givenName
	for _, p := range neighbours(pass, f) {
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		list = append(list, k.read(p, text, func() (*source.File, error) { return pass.Source.Head(p) })...)
	}
	return list
}

// neighbours are the files beside one that are of its kind and were there before.
func neighbours(pass *detectors.Pass, f *branch.File) []string {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []string
	dir := path.Dir(f.Path)
	from, _ := slices.BinarySearch(paths, dir+"/")
	if dir == "." {
		from = 0
	}
	for _, p := range paths[from:] {
		if dir != "." && !strings.HasPrefix(p, dir+"/") || len(list) >= maxBeside {
			break
		}
		if path.Dir(p) != dir || path.Ext(p) != path.Ext(f.Path) || source.IsTest(p) || commonFile.MatchString(path.Base(p)) {
			continue
		}
		if c := pass.Branch.File(p); c == nil || c.Status == branch.Modified {
			list = append(list, p)
		}
	}
	return list
}

// commonFile are files of a folder that are no thing of their own.
var commonFile = lazy.New(`(?i)^(?:index|main|mod|lib|__init__|base|abstract\w*|application_\w+|types?|common|utils?|helpers?|constants?|registry|doc|errors?|interfaces?|kustomization|package-info|setup|conftest|_\w*)\.\w+$`)

// groupsWith pairs both sides, one group for each enclosing declaration.
func groupsWith(of siblingGroup, was, now []givenName, text []byte, fewest int) []siblingGroup {
	lines := strings.Split(string(text), "\n")
	has := func(list []givenName, n givenName) bool {
		return slices.ContainsFunc(list, func(o givenName) bool { return o.name == n.name })
	}
	gone := 0
	for _, n := range was {
		if !has(now, n) {
			gone++
		}
	}
	by := map[string]*siblingGroup{}
	var order []string
	for _, n := range now {
		scope := ""
		switch of.kind {
		case "value", "entry", "resource":
			scope = n.in
		}
		g := by[scope]
		if g == nil {
			c := of
			g = &c
			by[scope] = g
			order = append(order, scope)
		}
		switch {
		case has(g.old, n) || has(g.fresh, n):
		case has(was, n):
			g.old = append(g.old, n)
		case gone == 0 && !concealed(lines, n.line): // what took another one's place, stale-document and undocumented-behaviour say
			g.fresh = append(g.fresh, n)
		}
	}
	var list []siblingGroup
	for _, scope := range order {
		if g := by[scope]; len(g.fresh) > 0 && len(g.old) >= fewest {
			list = append(list, *g)
		}
	}
	return list
}

var hiddenMark = lazy.New(`(?i)\bhid(?:e|den)\b|SUPPRESS|MarkHidden|MarkDeprecated|@internal|\binternal[ -]use|include_in_schema\s*=\s*False|\bexperimental\b|\bunstable\b|\bdeprecated\b`)

// concealed says that what stands around a declaration keeps it from users.
func concealed(lines []string, n int) bool {
	return hiddenMark.MatchString(strings.Join(lines[max(0, min(n-4, len(lines))):min(len(lines), max(0, n+4))], "\n"))
}

// folderGroup are the files beside a new one.
func folderGroup(pass *detectors.Pass, f *branch.File, fewest int) []siblingGroup {
	if source.LanguageOf(f.Path) == "" && !dataEndings.MatchString(f.Path) || commonFile.MatchString(path.Base(f.Path)) || path.Dir(f.Path) == "." || strings.HasPrefix(f.Path, ".github/") {
		return nil
	}
	stem := func(p string) givenName {
		base := path.Base(p)
		return givenName{name: strings.TrimSuffix(base, path.Ext(base)), line: 1}
	}
	g := siblingGroup{kind: "file", path: f.Path, files: true, fresh: []givenName{stem(f.Path)}}
	if _, err := strconv.Atoi(flatName(g.fresh[0].name)[:1]); err == nil {
		return nil // numbered: migrations, decisions
	}
	for _, p := range neighbours(pass, f) {
		g.old = append(g.old, stem(p))
	}
	if len(g.old) < fewestListed && (fewest > 1 || len(g.old) == 0) {
		return nil
	}
	return []siblingGroup{g}
}
