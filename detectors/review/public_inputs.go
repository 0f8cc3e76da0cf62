package review

// What callers of a package name by hand and that the branch takes away: keywords of its functions, values of a chart, inputs of an
// action.

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	tree "flightpoll/detectors/source/document"
)

// lostParameters are the keywords that functions of published packages no longer take, in languages whose callers write them.
func lostParameters(pass *detectors.Pass) []publicLoss {
	var list []publicLoss
	for _, f := range pass.Branch.Files {
		lang := source.LanguageOf(f.Path)
		if f.Status != branch.Modified && f.Status != branch.Renamed || lang != source.Ruby && lang != source.Python || f.Binary || f.TooLarge || f.Generated || f.Vendored || !counts(pass.Branch, f.Path) {
			continue
		}
		of := publishedOf(pass.Branch, before(f))
		if of == nil {
			continue
		}
		was, err := pass.Source.Base(before(f))
		if err != nil {
			continue
		}
		now, err := pass.Source.Head(f.Path)
		if err != nil {
			continue
		}
		offers := offered(was)
		for _, o := range was.Decls {
			if o.Kind != source.Function && o.Kind != source.Method || !isOffered(offers, o) {
				continue
			}
			i := slices.IndexFunc(now.Decls, func(d *source.Decl) bool { return d.Kind == o.Kind && qualified(d) == qualified(o) })
			if i < 0 || slices.ContainsFunc(now.Decls[i].Params, func(p source.Param) bool { return p.KeywordVariadic }) {
				continue
			}
			for _, p := range o.Params {
				if byKeyword(lang, p) && !slices.ContainsFunc(now.Decls[i].Params, func(n source.Param) bool { return n.Name == p.Name }) {
					list = append(list, publicLoss{kind: "keyword", name: qualified(o) + "." + p.Name, path: f.Path, line: max(1, now.Decls[i].Span.Line), of: of})
				}
			}
		}
	}
	return list
}

// isOffered says whether others call a function: it is public, or the constructor of a type that is.
func isOffered(offers map[string]int, d *source.Decl) bool {
	if offers[qualified(d)] > 0 {
		return true
	}
	return constructor.MatchString(d.Name) && d.Parent != nil && offers[qualified(d.Parent)] > 0
}

// byKeyword says whether callers give a parameter by its name: Ruby's keywords, Python's that have a default or can only be given so.
func byKeyword(lang source.Language, p source.Param) bool {
	if p.Variadic || p.KeywordVariadic || p.PositionalOnly || strings.HasPrefix(p.Name, "_") {
		return false
	}
	if lang == source.Ruby {
		return p.KeywordOnly
	}
	return p.KeywordOnly || p.Default != ""
}

// actionFile is the description of an action of GitHub at the root of its repository.
var actionFile = lazy.New(`^action\.ya?ml$`)

// lostDocumentNames are the values that a chart no longer knows, and the inputs and outputs that an action no longer has.
func lostDocumentNames(pass *detectors.Pass) ([]publicLoss, error) {
	var list []publicLoss
	for _, f := range pass.Branch.Files {
		values := strings.HasPrefix(path.Base(f.Path), "values.y")
		if f.Status != branch.Modified || !values && !actionFile.MatchString(f.Path) {
			continue
		}
		of := &published{dir: path.Dir(f.Path), manifest: f.Path, name: "the action"}
		if values {
			of.manifest = path.Join(of.dir, "Chart.yaml")
			chart, err := pass.Branch.ReadBase(of.manifest)
			if err != nil {
				continue
			}
			roots, err := tree.YAML(of.manifest, chart)
			if err != nil || len(roots) == 0 {
				continue
			}
			of.name, of.version = "the chart "+roots[0].Text("name"), roots[0].Text("version")
		}
		before, err := f.Before()
		if err != nil {
			return nil, err
		}
		after, err := f.After()
		if err != nil {
			return nil, err
		}
		was, now := namesOfDocument(f.Path, before, values), namesOfDocument(f.Path, after, values)
		if now == nil {
			continue
		}
		for name, line := range was {
			if _, ok := now[name]; ok || now[path.Dir(name)] > 0 && !values || !lostWith(was, now, name) || values && stillRead(pass, of.dir, path.Base(name)) {
				continue
			}
			list = append(list, publicLoss{kind: "value", name: strings.ReplaceAll(name, "/", "."), path: f.Path, line: max(1, f.NewLine(line)), of: of})
		}
	}
	return list, nil
}

// namesOfDocument are the keys of a chart's values by their paths, or the inputs and outputs of an action, with their lines.
func namesOfDocument(p string, text []byte, values bool) map[string]int {
	roots, err := tree.YAML(p, text)
	if err != nil || len(roots) == 0 {
		return nil
	}
	list := map[string]int{}
	if !values {
		for _, kind := range []string{"inputs", "outputs"} {
			for _, i := range roots[0].Get(kind).Entries() {
				list[kind+"/"+i.Key] = i.Line
			}
		}
		return list
	}
	var below func(n *tree.Node, at string, depth int)
	below = func(n *tree.Node, at string, depth int) {
		if n == nil || depth > 8 || len(list) > 5000 {
			return
		}
		for _, pair := range n.Pairs {
			name := path.Join(at, pair.Key)
			list[name] = pair.Line
			below(pair.Value, name, depth+1)
		}
	}
	below(roots[0], "", 0)
	return list
}

// lostWith says whether a key is the topmost one that is gone: what stands below it went with it.
func lostWith(was, now map[string]int, name string) bool {
	for at := path.Dir(name); at != "." && at != "/"; at = path.Dir(at) {
		if _, ok := was[at]; ok {
			if _, still := now[at]; !still {
				return false
			}
		}
	}
	return true
}

// stillRead says whether a template of a chart reads a value by its last word.
func stillRead(pass *detectors.Pass, dir, key string) bool {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return true
	}
	return slices.ContainsFunc(paths, func(p string) bool {
		if !strings.HasPrefix(p, path.Join(dir, "templates")+"/") {
			return false
		}
		text, err := pass.Branch.ReadHead(p)
		return err == nil && bytes.Contains(text, []byte("."+key))
	})
}
