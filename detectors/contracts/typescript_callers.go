package contracts

// Code in JavaScript, and scripts of templates, that takes what a module of the repository no longer exports.

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/tsapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// lostExports are the names that changed modules no longer export, and the last names of modules that are gone.
func (a *scriptAPI) lostExports() map[string]bool {
	lost := map[string]bool{}
	for _, f := range a.pass.Branch.Files {
		file := oldPath(f)
		if !scriptChanged(f) {
			continue
		}
		if !a.after.exists(file) {
			stem := strings.TrimSuffix(path.Base(file), path.Ext(file))
			if stem == "index" {
				stem = path.Base(path.Dir(file))
			}
			lost[stem] = true
		}
		m := a.old.Module(file)
		if m == nil {
			continue
		}
		for name := range m.Exports {
			if _, state := a.now.Lookup(file, name); !a.after.exists(file) || state == tsapi.Gone {
				lost[name] = true
			}
		}
		for _, list := range m.Decls { // methods that tests may spy on
			for _, d := range list {
				if d.Kind == source.Class {
					a.lostMembers(file, d, lost)
				}
			}
		}
	}
	delete(lost, "default")
	return lost
}

func (a *scriptAPI) lostMembers(file string, d *source.Decl, lost map[string]bool) {
	now := a.now.Module(file)
	for _, member := range d.Members {
		if member.Kind != source.Method {
			continue
		}
		if now == nil || !slices.ContainsFunc(now.Decls[d.Name], func(n *source.Decl) bool {
			return slices.ContainsFunc(n.Members, func(m *source.Decl) bool { return m.Name == member.Name })
		}) {
			lost[member.Name] = true
		}
	}
}

// callers reports untyped code: plain JavaScript where no configuration has it checked, and the scripts of Vue and Svelte
// components that are not in TypeScript.
func (a *scriptAPI) callers() error {
	lost := a.lostExports()
	if len(lost) == 0 {
		return nil
	}
	files, err := a.named(lost)
	if err != nil {
		return err
	}
	for _, p := range keysOf(files) {
		if err := a.pass.Context.Err(); err != nil {
			return err
		}
		if source.IsTest(p) || source.IsDoc(p) || isMock(p) || skipped(p) {
			continue
		}
		var f *source.File
		switch path.Ext(p) {
		case ".js", ".jsx", ".mjs", ".cjs":
			f = a.after.file(p)
		case ".vue", ".svelte", ".astro", ".html", ".ejs", ".hbs":
			f = a.embedded(p)
		}
		if f != nil && f.Errors == 0 && !a.now.ChecksJS(p) && !strings.Contains(string(f.Text[:min(len(f.Text), 500)]), "@ts-check") {
			a.untyped(f, lost)
		}
	}
	return nil
}

var (
	scriptOpen  = lazy.New(`(?i)<script\b([^>]*)>`)
	scriptClose = lazy.New(`(?i)</script\s*>`)
	typedScript = lazy.New(`lang\s*=\s*["']?tsx?\b|\bsrc\s*=`)
)

// embedded is the script inside of a component or a page, with its lines where they stand there.
func (a *scriptAPI) embedded(p string) *source.File {
	text, err := a.after.text(p)
	if err != nil || len(text) > branch.MaxFile/4 {
		return nil
	}
	blank := []byte(regexp.MustCompile(`[^\n]`).ReplaceAllString(asciiLength(text), " "))
	found := false
	for _, open := range scriptOpen.FindAllSubmatchIndex(text, 20) {
		end := scriptClose.FindIndex(text[open[1]:])
		if end == nil || typedScript.Match(text[open[2]:open[3]]) {
			continue
		}
		copy(blank[open[1]:], text[open[1]:open[1]+end[0]])
		found = true
	}
	if !found {
		return nil
	}
	f, err := source.Parse(strings.TrimSuffix(p, path.Ext(p))+".js", blank)
	if err != nil {
		return nil
	}
	f.Path = p
	return f
}

// asciiLength is a text of the same length in bytes with one character a byte.
func asciiLength(text []byte) string {
	out := make([]byte, len(text))
	for i, c := range text {
		out[i] = min(c, 0x7f)
	}
	return string(out)
}

// lostExport says that a module which an import of a file means had a name before and does not have it now.
func (a *scriptAPI) lostExport(from, specifier, name string) (was *tsapi.Symbol, ok bool) {
	before, _ := a.old.Resolve(from, specifier)
	if before == "" {
		return nil, false
	}
	was, state := a.old.Lookup(before, name)
	if state != tsapi.Found {
		return nil, false
	}
	after, inside := a.now.Resolve(from, specifier)
	if after == "" {
		return was, inside
	}
	_, state = a.now.Lookup(after, name)
	return was, state == tsapi.Gone
}

func (a *scriptAPI) untyped(f *source.File, lost map[string]bool) {
	seen := map[string]bool{}
	tell := func(line int, name, text string, was *tsapi.Symbol) {
		if seen[name] {
			return
		}
		seen[name] = true
		at, before, _ := a.removedAt(was.File, was.Line)
		a.pass.Report(detectors.Finding{
			Severity: detectors.Blocker, Path: f.Path, Line: line, Symbol: name,
			Message:  text + "; the branch removed it from " + path.Base(was.File),
			Why:      "No type checker reads this file: the name is undefined, or the module does not load, when it runs.",
			Fix:      "Follow the change here, or keep exporting the old name beside the new one.",
			Related:  []detectors.Related{{Path: at, Line: before, Message: "the branch removed " + name + " here"}},
			Evidence: []string{name, text},
		})
	}
	for _, imp := range f.Imports {
		for _, n := range imp.Names {
			if lost[n.Name] {
				if was, ok := a.lostExport(f.Path, imp.Path, n.Name); ok {
					tell(imp.Span.Line, n.Name, "still imports "+n.Name+" from "+imp.Path, was)
				}
			}
		}
	}
	bound := tsapi.Read(f).Imports
	member := func(receiver, name string, in *source.Decl, line int) {
		e, ok := bound[receiver]
		if !ok || e.Target != "*" || !lost[name] || shadowed(in, receiver) {
			return
		}
		if was, ok := a.lostExport(f.Path, e.From, name); ok {
			tell(line, name, "still uses "+receiver+"."+name, was)
		}
	}
	for _, acc := range f.Accesses {
		if !acc.Write && !acc.Key {
			member(acc.Receiver, acc.Name, acc.In, acc.Span.Line)
		}
	}
	for _, c := range f.Calls {
		member(c.Receiver, c.Name, c.In, c.Span.Line)
	}
}
