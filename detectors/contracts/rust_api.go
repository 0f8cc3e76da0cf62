package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// RustAPI finds public items that the branch took out of a library crate, and the crates of other workspaces in the repository
// that still name them, which Cargo does not build together with it.
var RustAPI = &detectors.Detector{
	ID:    "contracts/rust-api",
	Title: "A public item of a Rust library is gone",
	Run:   runRustAPI,
}

// rustItem is one public item: a type, function, trait or constant, or a member of a type (owner is its name then).
type rustItem struct {
	owner, name string
	kind        source.Kind
	path        string
	line        int
}

func (i rustItem) String() string {
	if i.owner == "" {
		return i.name
	}
	return i.owner + "::" + i.name
}

func runRustAPI(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	old, now := map[string][]rustItem{}, map[string][]rustItem{}
	crates := map[string]*crate{}
	for _, f := range pass.Branch.Files {
		if source.LanguageOf(f.Path) != source.Rust || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		c := after.crateOf(f.Path)
		if c == nil || !c.library || !strings.Contains(f.Path, "src/") {
			continue
		}
		crates[c.dir] = c
		if f.Status != branch.Added {
			old[c.dir] = append(old[c.dir], publicItems(before.file(cmpOr(f.OldPath, f.Path)))...)
		}
		if f.Status != branch.Deleted {
			now[c.dir] = append(now[c.dir], publicItems(after.file(f.Path))...)
		}
	}
	if len(crates) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, dir := range keysOf(crates) {
		var gone []rustItem
		for _, o := range old[dir] {
			same := func(n rustItem) bool { return n.owner == o.owner && n.name == o.name }
			parent := func(g rustItem) bool { return g.owner == "" && g.name == o.owner }
			if !slices.ContainsFunc(now[dir], same) && !slices.ContainsFunc(gone, same) && !slices.ContainsFunc(gone, parent) {
				gone = append(gone, o)
			}
		}
		if err := reportRustItems(pass, after, crates[dir], gone); err != nil {
			return err
		}
	}
	return nil
}

// publicItems are the items of a file that are `pub` all the way up.
func publicItems(f *source.File) []rustItem {
	if f == nil {
		return nil
	}
	var list []rustItem
	for _, d := range f.Decls {
		if !d.Exported || d.Name == "" {
			continue
		}
		item := rustItem{name: d.Name, kind: d.Kind, path: f.Path, line: d.Span.Line}
		if p := d.Parent; p != nil && p.Kind != source.Type {
			item.owner = p.Name
		} else if d.Kind == source.Method {
			item.owner = d.Receiver
		}
		list = append(list, item)
	}
	return list
}

func reportRustItems(pass *detectors.Pass, after side, c *crate, gone []rustItem) error {
	var untold []rustItem
	for i, item := range gone {
		if i >= maxBreaks {
			break
		}
		naming, err := pass.Source.Naming(pass.Context, item.name, c.ident())
		if err != nil {
			return err
		}
		found := false
		for j, p := range naming[item.name] {
			if j >= maxCandidates || !slices.Contains(naming[c.ident()], p) || !after.apart(p, c.dir+"/src/lib.rs") || skipped(p) {
				continue
			}
			f := after.file(p)
			if f == nil {
				continue
			}
			line := item.usedIn(f, c.ident())
			if changed := pass.Branch.File(p); line == 0 || changed != nil && changed.Touched(line) {
				continue
			}
			found = true
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: p, Line: line, Symbol: item.name,
				Message:  fmt.Sprintf("still uses %s of the crate %s; the branch removed it", item, c.name),
				Why:      "This crate is built in a workspace of its own: it no longer compiles once it takes the new version.",
				Fix:      "Follow the change here, or keep the item as a deprecated one until the crate has followed.",
				Related:  []detectors.Related{{Path: item.path, Line: item.line, Message: item.String() + " was public here"}},
				Evidence: []string{c.name, item.String()},
			})
		}
		if !found && item.kind != source.Method {
			untold = append(untold, item)
		}
	}
	if len(untold) == 0 || !c.published || announcesBreak(pass.Branch) || after.released(path.Join(c.dir, "Cargo.toml")) {
		return nil
	}
	var names []string
	for _, item := range untold {
		names = append(names, item.String())
	}
	severity, manifest := detectors.Note, path.Join(c.dir, "Cargo.toml")
	var related []detectors.Related
	review := reviewOf(pass)
	lib := crateRoot(after, c.dir)
	if c.registered && !review.quiet && slices.ContainsFunc(untold, func(i rustItem) bool { return i.owner == "" && offeredBy(i.path, i.name, lib) && !review.told(i.name) }) {
		severity = detectors.Warning
		related = []detectors.Related{{Path: manifest, Message: "the version stays " + c.version}}
	}
	pass.Report(detectors.Finding{
		Severity: severity, Path: untold[0].path, Line: 1, Symbol: untold[0].name, Related: related,
		Message:  fmt.Sprintf("the crate %s no longer has the public %s, and its version stays %s", c.name, join(names, 4), c.version),
		Why:      "Whoever depends on the crate from elsewhere no longer compiles with the next version.",
		Fix:      "Deprecate the item first, or raise the version as Cargo's rules for breaking changes say.",
		Evidence: append([]string{c.name}, names...),
	})
	return nil
}

// usedIn is the first line of another crate's file that names the item, 0 for none.
func (i rustItem) usedIn(f *source.File, name string) int {
	want := cmpOr(i.owner, i.name)
	imported := 0
	for _, imp := range f.Imports {
		if imp.Path != name && !strings.HasPrefix(imp.Path, name+"::") {
			continue
		}
		for _, n := range imp.Names {
			if n.Name == want {
				imported = imp.Span.Line
			}
		}
	}
	of := func(receiver string) bool {
		last := receiver[strings.LastIndexByte(receiver, ':')+1:]
		return last == want && (imported > 0 || strings.HasPrefix(receiver, name+"::"))
	}
	if i.owner == "" {
		for _, c := range f.Calls {
			if c.Name == i.name && (c.Receiver == name || strings.HasPrefix(c.Receiver, name+"::")) {
				return c.Span.Line
			}
		}
		return imported
	}
	for _, c := range f.Calls {
		if c.Name == i.name && of(c.Receiver) {
			return c.Span.Line
		}
	}
	for _, a := range f.Accesses {
		if a.Name == i.name && !a.Key && of(a.Receiver) {
			return a.Span.Line
		}
	}
	for _, o := range f.Objects {
		if of(o.Type) {
			for _, k := range o.Keys {
				if k.Name == i.name {
					return k.Span.Line
				}
			}
		}
	}
	return 0
}
