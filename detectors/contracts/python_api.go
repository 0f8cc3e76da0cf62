package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/source"
)

// PythonAPI finds incompatible changes of what a published Python package offers, as griffe does, and in any repository the
// places that still name what is gone where no test and no type checker looks.
var PythonAPI = &detectors.Detector{
	ID:    "contracts/python-api",
	Title: "The public API of a Python package changed incompatibly",
	Run:   runPythonAPI,
}

func runPythonAPI(pass *detectors.Pass) error {
	if !slices.ContainsFunc(pass.Branch.Files, pythonChanged) {
		return detectors.ErrNotApplicable
	}
	a := newPythonAPI(pass)
	for _, p := range pythonPackages(a.before) {
		if err := a.published(p); err != nil {
			return err
		}
	}
	return a.callers()
}

func pythonChanged(f *branch.File) bool { return productChanged(f, source.Python) }

type pythonAPI struct {
	packageReview
	old, now *pyapi.Tree
}

func newPythonAPI(pass *detectors.Pass) *pythonAPI {
	r := reviewOf(pass)
	return &pythonAPI{packageReview: r, old: pyapi.NewTree(filesOf(r.before)), now: pyapi.NewTree(filesOf(r.after))}
}

// published compares the modules of a package that the branch may have changed for its users.
func (a *pythonAPI) published(p pythonPackage) error {
	changed := map[string]bool{}
	views := map[string]bool{}
	for _, f := range a.pass.Branch.Files {
		file := oldPath(f)
		if !pythonChanged(f) || !p.holds(file) {
			continue
		}
		changed[file], views[file] = true, true
		for dir := path.Dir(file); strings.HasPrefix(dir+"/", p.stem+"/"); dir = path.Dir(dir) {
			views[path.Join(dir, "__init__.py")] = true
		}
	}
	order := slices.DeleteFunc(keysOf(views), func(file string) bool { return !a.before.exists(file) || p.dotted(file) == "" })
	slices.SortStableFunc(order, func(x, y string) int { return depthOf(x) - depthOf(y) })
	c := &pyapi.Comparison{Old: a.old, New: a.now}
	offered := map[*pyapi.Member]bool{} // what a package above still offers
	for _, file := range order {
		if err := a.pass.Context.Err(); err != nil {
			return err
		}
		a.module(p, c, file, changed, offered)
	}
	return nil
}

func depthOf(file string) int {
	n := 2 * strings.Count(file, "/")
	if path.Base(file) != "__init__.py" {
		n++
	}
	return n
}

func (a *pythonAPI) module(p pythonPackage, c *pyapi.Comparison, file string, changed map[string]bool, offered map[*pyapi.Member]bool) {
	dotted := p.dotted(file)
	head := a.now.File(strings.TrimSuffix(strings.TrimSuffix(file, path.Ext(file)), "/__init__"))
	var list []pyapi.Breakage
	lost, kept := 0, 0
	for _, name := range a.old.Public(file) {
		old, state := a.old.Lookup(file, name)
		if state != pyapi.Found || old.Kind == pyapi.Import || old.Kind == pyapi.Submodule || !changed[old.File] && !changed[file] {
			continue
		}
		now, state := (*pyapi.Member)(nil), pyapi.Gone
		if head != "" {
			now, state = a.now.Lookup(head, name)
		}
		switch {
		case state == pyapi.Unknown:
			kept++
			continue
		case state == pyapi.Found:
			kept++
			offered[old] = true
		case offered[old]:
			continue // a package above still has it, and that is where it is taken from
		default:
			lost++
		}
		list = append(list, c.Compare(name, old, now)...)
	}
	module := a.old.Module(file)
	if head == "" && lost > 0 && kept == 0 && path.Base(file) != "__init__.py" {
		list = []pyapi.Breakage{{Kind: pyapi.ObjectRemoved, Symbol: path.Base(strings.ReplaceAll(dotted, ".", "/")), Text: "was removed or moved",
			Old: &pyapi.Member{Kind: pyapi.Submodule, File: file, Line: 1}, Deprecated: module.Deprecated}}
	}
	a.report(dotted, list)
}

// report puts what happened to one symbol into one finding.
func (a *pythonAPI) report(module string, list []pyapi.Breakage) {
	severe := func(b pyapi.Breakage) bool {
		return !b.Soft && !b.Deprecated && !a.quiet && !a.told(b.Symbol) && !unstable.MatchString(strings.ReplaceAll(module, ".", "/"))
	}
	var symbols []string
	bySymbol := map[string][]pyapi.Breakage{}
	for _, b := range list {
		if bySymbol[b.Symbol] == nil {
			symbols = append(symbols, b.Symbol)
		}
		bySymbol[b.Symbol] = append(bySymbol[b.Symbol], b)
	}
	slices.SortStableFunc(symbols, func(x, y string) int {
		return boolOrder(slices.ContainsFunc(bySymbol[x], severe), slices.ContainsFunc(bySymbol[y], severe))
	})
	for i, symbol := range symbols {
		if i >= maxBreaks {
			break
		}
		all := bySymbol[symbol]
		f := detectors.Finding{Severity: detectors.Note, Symbol: symbol}
		slices.SortStableFunc(all, func(x, y pyapi.Breakage) int { return boolOrder(severe(x), severe(y)) })
		var texts []string
		for _, b := range all {
			if severe(b) {
				f.Severity = detectors.Warning
			}
			texts = append(texts, b.Text)
			f.Evidence = append(f.Evidence, string(b.Kind), b.Text)
		}
		first := all[0]
		f.Path, f.Line, f.Related = a.place(first)
		what := strings.TrimSuffix(module, "."+symbol) + "." + symbol
		f.Message = what + " " + join(texts, 3)
		if first.Deprecated {
			f.Message += ", after a deprecation"
		}
		f.Why = "Whoever imports " + module + " from the published package gets an error, or something else than before, with the next release."
		f.Fix = "Keep the old form working and let it warn (warnings.warn(..., DeprecationWarning)), or announce the break and raise the version."
		if f.Severity == detectors.Warning {
			f.Related = append(f.Related, notRaised(a.pass, f.Path)...)
		}
		a.pass.Report(f)
	}
}

func boolOrder(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

// place is where the new side has what changed, or where the old side had it.
func (a *pythonAPI) place(b pyapi.Breakage) (file string, line int, related []detectors.Related) {
	if b.New != nil {
		return b.New.File, b.New.Line, nil
	}
	f := a.pass.Branch.File(b.Old.File)
	if f == nil {
		if i := slices.IndexFunc(a.pass.Branch.Files, func(f *branch.File) bool { return f.OldPath == b.Old.File }); i >= 0 {
			f = a.pass.Branch.Files[i]
		}
	}
	if f == nil {
		return b.Old.File, 0, nil
	}
	return f.Path, f.NewLine(b.Old.Line), []detectors.Related{{Path: f.Path, Line: f.NewLine(b.Old.Line), Message: fmt.Sprintf("it stood here before, at line %d", b.Old.Line)}}
}
