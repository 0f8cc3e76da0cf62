package contracts

// What tests in JavaScript and TypeScript put in the place of the real thing: jest, vitest, sinon.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts/tsapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	mockModule = lazy.New(`^(jest|vi|vitest)\.(mock|doMock|unstable_mockModule|setMock)$`)
	spyMember  = lazy.New(`^((jest|vi|vitest)\.(spyOn|replaceProperty)|(sinon|sandbox)\.(stub|spy|replace))$`)
	importText = lazy.New("^import\\(\\s*[\"'`]([^\"'`]+)[\"'`]\\s*\\)$")
)

// scriptPatches reads the tests that name what modules no longer export.
func scriptPatches(pass *detectors.Pass) error {
	a := newScriptAPI(pass)
	lost := a.lostExports()
	if len(lost) == 0 {
		return nil
	}
	files, err := a.named(lost)
	if err != nil {
		return err
	}
	for _, p := range keysOf(files) {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		lang := source.LanguageOf(p)
		if lang != source.TypeScript && lang != source.JavaScript {
			continue
		}
		text, err := a.after.text(p)
		if err != nil || !mentionsMocks.Match(text) {
			continue
		}
		if f := a.after.file(p); f != nil && f.Errors == 0 {
			a.mocks(f, lost)
		}
	}
	return nil
}

var mentionsMocks = lazy.New(`\b(jest|vi|vitest|sinon|sandbox)\s*\.\s*\w`)

func (a *scriptAPI) mocks(f *source.File, lost map[string]bool) {
	seen := map[string]bool{}
	tell := func(line int, name, text, file string, before int) {
		if seen[name] {
			return
		}
		seen[name] = true
		at, line0, _ := a.removedAt(file, before)
		a.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: name,
			Message:  text + ", but the branch removed " + name + " from " + path.Base(file),
			Why:      "The stand-in gives a name that nothing takes any more, and the test shows nothing about what runs instead.",
			Fix:      "Stand in for what the code under test imports now; spread the original so that the rest stays real.",
			Related:  []detectors.Related{{Path: at, Line: line0, Message: "the branch removed " + name + " here"}},
			Evidence: []string{name, text},
		})
	}
	bound := tsapi.Read(f).Imports
	for _, c := range f.Calls {
		if len(c.Args) < 1 {
			continue
		}
		switch full := c.Full(); {
		case onPurpose(f, c.Span.Line):
		case mockModule.MatchString(full):
			a.mockedModule(f, c, lost, tell)
		case spyMember.MatchString(full) && len(c.Args) > 1 && c.Args[1].IsString && lost[c.Args[1].Str]:
			a.spied(f, c, bound, tell)
		}
	}
}

var saysGone = lazy.New(`(?i)\b(delet|remov|no longer|legacy|gone|tripwire|must not)`)

// onPurpose says that the comment above a line tells that what follows is about something gone.
func onPurpose(f *source.File, line int) bool {
	return slices.ContainsFunc(f.Comments, func(c *source.Comment) bool {
		return c.Span.EndLine < line && line-c.Span.EndLine <= 3 && saysGone.MatchString(c.Text)
	})
}

// mockedModule reads `vi.mock("./module", () => ({ name: ... }))`.
func (a *scriptAPI) mockedModule(f *source.File, c *source.Call, lost map[string]bool, tell func(int, string, string, string, int)) {
	specifier := c.Args[0].Str
	if m := importText.FindStringSubmatch(c.Args[0].Text); m != nil {
		specifier = m[1]
	} else if !c.Args[0].IsString {
		return
	}
	before, _ := a.old.Resolve(f.Path, specifier)
	if before == "" {
		return
	}
	if after, inside := a.now.Resolve(f.Path, specifier); after == "" && inside {
		tell(c.Span.Line, strings.TrimSuffix(path.Base(specifier), path.Ext(specifier)), "stands in for the module "+specifier, before, 1)
		return
	}
	if len(c.Args) < 2 || slices.ContainsFunc(c.Args, func(arg source.Arg) bool { return strings.Contains(arg.Text, "virtual: true") }) {
		return
	}
	factory := c.Args[1].Span
	var outer *source.Object
	for _, o := range f.Objects {
		if factory.Start <= o.Span.Start && o.Span.End <= factory.End && (outer == nil || o.Span.Start <= outer.Span.Start && o.Span.End >= outer.Span.End) {
			outer = o
		}
	}
	if outer == nil {
		return
	}
	for _, k := range outer.Keys {
		if !lost[k.Name] {
			continue
		}
		if was, ok := a.lostExport(f.Path, specifier, k.Name); ok {
			tell(k.Span.Line, k.Name, "stands in for "+k.Name+" of "+specifier, was.File, was.Line)
		}
	}
}

// spied reads `jest.spyOn(module, "name")` and `jest.spyOn(Class.prototype, "name")`.
func (a *scriptAPI) spied(f *source.File, c *source.Call, bound map[string]tsapi.Export, tell func(int, string, string, string, int)) {
	name := c.Args[1].Str
	object, prototype := strings.CutSuffix(c.Args[0].Text, ".prototype")
	e, ok := bound[object]
	if !ok || shadowed(c.In, object) {
		return
	}
	if e.Target == "*" {
		if was, ok := a.lostExport(f.Path, e.From, name); ok && !prototype {
			tell(c.Span.Line, name, "spies on "+name+" of "+e.From, was.File, was.Line)
		}
		return
	}
	was, before := classMember(a.old, f.Path, e, name)
	if was == nil || before == 0 {
		return
	}
	if now, after := classMember(a.now, f.Path, e, name); now != nil && after == 0 {
		tell(c.Span.Line, name, "spies on "+name+" of "+object, was.File, before)
	}
}

// classMember finds the class that an import brings in; line is where it has the member, 0 when it surely has none, and the
// class is nil when that cannot be told.
func classMember(t *tsapi.Tree, from string, e tsapi.Export, name string) (class *tsapi.Symbol, line int) {
	file, _ := t.Resolve(from, e.From)
	if file == "" {
		return nil, 0
	}
	s, state := t.Lookup(file, e.Target)
	if state != tsapi.Found || len(s.Decls) != 1 || s.Decls[0].Kind != source.Class || s.Module == nil {
		return nil, 0
	}
	member, whole := t.Member(s, name)
	switch {
	case member != nil:
		return s, member.Span.Line
	case whole:
		return s, 0
	}
	return nil, 0
}
