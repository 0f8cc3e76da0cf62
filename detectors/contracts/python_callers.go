package contracts

// Code that imports, names or calls what a Python module of the same repository no longer has.

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// callers reports the places that no test and no type checker looks at for sure: scripts, other packages, dotted names in
// strings and configuration. In a test a missing name is loud by itself.
func (a *pythonAPI) callers() error {
	l := lossOf(a)
	words := maps.Clone(l.gone)
	maps.Copy(words, l.resigned)
	if len(words) == 0 {
		return nil
	}
	files, err := a.named(words)
	if err != nil {
		return err
	}
	for _, p := range keysOf(files) {
		if err := a.pass.Context.Err(); err != nil {
			return err
		}
		switch {
		case source.IsTest(p) || source.IsDoc(p) || skipped(p) && !strings.Contains(p, "/migrations/"):
		case source.LanguageOf(p) == source.Python:
			if f := a.after.file(p); f != nil && f.Errors == 0 {
				a.code(l, f, func(int) int { return 0 })
				a.strings(l, f)
			}
		case path.Ext(p) == ".ipynb":
			a.notebook(l, p)
		default:
			a.text(l, p)
		}
	}
	return nil
}

// code reports what a file imports, reads or calls. Place gives another line where lines are not the file's own, else 0.
func (a *pythonAPI) code(l *pythonLoss, f *source.File, place func(line int) int) {
	bound := pythonImports(f)
	seen := map[string]bool{}
	tell := func(line int, symbol, text string, was, now *pyapi.Member, severity detectors.Severity) {
		if seen[symbol] {
			return
		}
		seen[symbol] = true
		if other := place(line); other > 0 {
			line = other
		}
		a.stale(f.Path, line, symbol, text, was, now, severity)
	}
	for _, imp := range f.Imports {
		if guardedPython(f, imp.Span) {
			continue
		}
		for _, n := range imp.Names {
			if l.gone[n.Name] || l.gone[lastOf(imp.Path)] {
				if was, ok := l.unimportable(f.Path, imp.Path, n.Name); ok {
					tell(imp.Span.Line, n.Name, "still imports "+n.Name+" from "+imp.Path, was, nil, detectors.Blocker)
				}
			}
		}
		if len(imp.Names) == 0 && l.gone[lastOf(imp.Path)] && !starred(f, imp) {
			if was, ok := l.lost(f.Path, imp.Path); ok {
				tell(imp.Span.Line, imp.Path, "still imports "+imp.Path, was, nil, detectors.Blocker)
			}
		}
	}
	for _, acc := range f.Accesses {
		if !l.gone[acc.Name] || acc.Write || acc.Key {
			continue
		}
		if was, ok := a.unreadable(l, f, bound, acc); ok {
			tell(acc.Span.Line, acc.Name, "still uses "+acc.Receiver+"."+acc.Name, was, nil, detectors.Blocker)
		}
	}
	for _, c := range f.Calls {
		if c.Name == "getattr" && len(c.Args) == 2 && c.Args[1].IsString && l.gone[c.Args[1].Str] {
			if was, ok := a.unreadable(l, f, bound, &source.Access{Receiver: c.Args[0].Text, Name: c.Args[1].Str, In: c.In}); ok {
				tell(c.Span.Line, c.Args[1].Str, "still gets "+c.Args[1].Str+" of "+c.Args[0].Text, was, nil, detectors.Blocker)
			}
		}
		if l.gone[c.Name] && c.Receiver != "" {
			if was, ok := a.unreadable(l, f, bound, &source.Access{Receiver: c.Receiver, Name: c.Name, In: c.In, Span: c.Span}); ok {
				tell(c.Span.Line, c.Name, "still calls "+c.Full(), was, nil, detectors.Blocker)
			}
		}
		if !l.resigned[c.Name] {
			continue
		}
		if was, now, why := a.misfit(l, f, bound, c); why != "" {
			tell(c.Span.Line, c.Name, "calls "+c.Full()+" in a way that it no longer takes: it "+why, was, now, detectors.Warning)
		}
	}
}

func lastOf(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

func starred(f *source.File, imp *source.Import) bool {
	return strings.HasPrefix(strings.TrimSpace(string(f.Text[imp.Span.Start:min(imp.Span.End, len(f.Text))])), "from")
}

// unimportable says that `from module import name` worked before and fails now.
func (l *pythonLoss) unimportable(file, module, name string) (*pyapi.Member, bool) {
	was, state := l.old.Imported(file, module, name)
	if state != pyapi.Found {
		return nil, false
	}
	_, state = l.now.Imported(file, module, name)
	return was, state == pyapi.Gone || state == pyapi.Unknown && !l.now.Knows(file, module)
}

var pythonName = lazy.New(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)

// unreadable says that a member of an imported module or class was there before and is not now.
func (a *pythonAPI) unreadable(l *pythonLoss, f *source.File, bound map[string]*pyapi.Member, acc *source.Access) (*pyapi.Member, bool) {
	first, rest, _ := strings.Cut(acc.Receiver, ".")
	imported := bound[first]
	if imported == nil || len(acc.Receiver) > 200 || !pythonName.MatchString(acc.Receiver) || shadowed(acc.In, first) || guardedPython(f, acc.Span) {
		return nil, false
	}
	owner, state := l.now.Follow(f.Path, imported, rest)
	if state != pyapi.Found || owner.Kind != pyapi.Submodule && owner.Kind != pyapi.Class {
		return nil, false
	}
	name := strings.TrimPrefix(rest+"."+acc.Name, ".")
	was, state := l.old.Follow(f.Path, imported, name)
	if state != pyapi.Found {
		return nil, false
	}
	_, state = l.now.Follow(f.Path, imported, name)
	return was, state == pyapi.Gone
}

// hidden says that a parameter around the place has the name.
func shadowed(in *source.Decl, name string) bool {
	for d := in; d != nil; d = d.Parent {
		if slices.ContainsFunc(d.Params, func(p source.Param) bool { return p.Name == name }) {
			return true
		}
	}
	return false
}

// misfit says that a call fitted the function or class that it names before, and does not fit it now.
func (a *pythonAPI) misfit(l *pythonLoss, f *source.File, bound map[string]*pyapi.Member, c *source.Call) (was, now *pyapi.Member, why string) {
	full := c.Full()
	first, rest, _ := strings.Cut(full, ".")
	if len(full) > 200 || !pythonName.MatchString(full) || shadowed(c.In, first) && first != "self" {
		return nil, nil, ""
	}
	var before, after pyapi.State
	switch imported := bound[first]; {
	case imported != nil:
		was, before = l.old.Follow(f.Path, imported, rest)
		now, after = l.now.Follow(f.Path, imported, rest)
	case first == "self" && rest != "" && !strings.Contains(rest, "."):
		was, before = ownMethod(l.old, f, c, rest)
		now, after = ownMethod(l.now, f, c, rest)
	case rest == "":
		was, before = l.old.Dotted(f.Path, first)
		now, after = l.now.Dotted(f.Path, first)
	}
	if before != pyapi.Found || after != pyapi.Found || was.Kind != now.Kind {
		return nil, nil, ""
	}
	if first != "self" && now.Bound && now.Kind == pyapi.Function && !slices.Contains(now.Decorators, "classmethod") {
		return nil, nil, "" // called on the class, with the instance as an argument
	}
	old, ok := l.old.Callable(was)
	params, also := l.now.Callable(now)
	passed := pyapi.PassedBy(c.Args)
	if !ok || !also || pyapi.Complaint(old, passed) != "" {
		return nil, nil, ""
	}
	return was, now, pyapi.Complaint(params, passed)
}

// ownMethod finds the method that `self.name` means where a call stands.
func ownMethod(t *pyapi.Tree, f *source.File, c *source.Call, name string) (*pyapi.Member, pyapi.State) {
	for d := c.In; d != nil; d = d.Parent {
		if d.Kind == source.Class && d.Parent == nil {
			if class, state := t.Dotted(f.Path, d.Name); state == pyapi.Found && class.Kind == pyapi.Class {
				return t.Attribute(class, name)
			}
		}
	}
	return nil, pyapi.Unknown
}

var pythonGuard = lazy.New(`^\s*(if|elif)\s+(typing\.|t\.)?TYPE_CHECKING\b|^\s*(if|elif)\s.*version|^\s*with\s+(contextlib\.)?suppress`)

// guarded says that a place stands where a missing name does no harm: in a try, behind a question for the version, for
// type checkers only.
func guardedPython(f *source.File, at source.Span) bool {
	for _, c := range f.Catches {
		if c.Try.Start <= at.Start && at.End <= c.Try.End && (len(c.Types) == 0 || slices.ContainsFunc(c.Types, func(t string) bool {
			return strings.HasSuffix(t, "ImportError") || strings.HasSuffix(t, "ModuleNotFoundError") || strings.HasSuffix(t, "Exception") || strings.HasSuffix(t, "AttributeError")
		})) {
			return true
		}
	}
	lines := strings.Split(string(f.Text[:at.Start]), "\n")
	indent := at.Column
	for i := len(lines) - 2; i >= 0 && indent > 0; i-- {
		row := lines[i]
		trimmed := strings.TrimLeft(row, " \t")
		if trimmed == "" || len(row)-len(trimmed) >= indent {
			continue
		}
		indent = len(row) - len(trimmed)
		if pythonGuard.MatchString(row) {
			return true
		}
	}
	return false
}

// stale reports one place with what it still expects.
func (a *pythonAPI) stale(p string, line int, symbol, text string, was, now *pyapi.Member, severity detectors.Severity) {
	change := detectors.Related{Path: was.File, Line: 0, Message: "the branch removed " + symbol + " here"}
	if now != nil {
		change = detectors.Related{Path: now.File, Line: now.Line, Message: "the branch changed what " + symbol + " takes here"}
	} else {
		change.Path, change.Line, _ = a.place(pyapi.Breakage{Old: was})
	}
	f := detectors.Finding{
		Severity: severity, Path: p, Line: line, Symbol: symbol, Related: []detectors.Related{change},
		Message:  text + "; the branch removed it from " + path.Base(was.File),
		Why:      "Python looks the name up only when this runs: nothing says so before, and then it raises.",
		Fix:      "Follow the change here, or keep the old name in its old place and let it warn.",
		Evidence: []string{symbol, text},
	}
	if now != nil {
		f.Message = text
		f.Why = "Python checks arguments only when the call runs, and then it raises TypeError."
		f.Fix = fmt.Sprintf("Pass what %s takes now, or keep the old parameters working.", symbol)
	} else if to := a.movedTo(was); to != "" {
		f.Fix = "Take it from " + to + ", where the branch moved it, or import it in its old place too."
	}
	a.pass.Report(f)
}

// movedTo is the changed file that has what is gone elsewhere, "" for none.
func (a *pythonAPI) movedTo(was *pyapi.Member) string {
	if was.Kind == pyapi.Submodule {
		return ""
	}
	for _, f := range a.pass.Branch.Files {
		if source.LanguageOf(f.Path) != source.Python || source.IsTest(f.Path) {
			continue
		}
		if m := a.now.Module(f.Path); m != nil && m.Members[was.Name] != nil && m.Members[was.Name].Kind == was.Kind {
			return f.Path
		}
	}
	return ""
}
