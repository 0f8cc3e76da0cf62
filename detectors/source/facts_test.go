package source

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the facts that are read into testdata")

// TestFacts reads the source files of testdata/*.txtar and compares what they say with the file "facts" beside each:
// <name>.facts.
func TestFacts(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { compareFacts(t, path) })
	}
}

func compareFacts(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range archive.Files {
		want[f.Name] = string(f.Data)
	}
	written := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".facts") {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			file, err := Parse(f.Name, f.Data)
			if err != nil {
				t.Fatal(err)
			}
			got := render(file)
			written.Files = append(written.Files, f, txtar.File{Name: f.Name + ".facts", Data: []byte(got)})
			if diff := cmp.Diff(strings.Split(want[f.Name+".facts"], "\n"), strings.Split(got, "\n")); diff != "" && !*update {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(written), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// render lists a file's facts, one a line.
func render(f *File) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if f.Package != "" {
		line("package %s", f.Package)
	}
	if f.Errors > 0 {
		line("errors %d", f.Errors)
	}
	for _, i := range f.Imports {
		var names []string
		for _, n := range i.Names {
			names = append(names, strings.TrimSuffix(n.Name+" as "+n.Alias, " as "))
		}
		line("%d import %q%s%s", i.Span.Line, i.Path, optional(" as ", i.Alias), optional(" names ", strings.Join(names, ", ")))
	}
	for _, d := range f.Decls {
		line("%s%s", indent(d), renderDecl(d))
	}
	for _, c := range f.Calls {
		var args []string
		for _, a := range c.Args {
			text := a.Text
			if a.IsFunc {
				text = fmt.Sprintf("func@%d", a.Span.Line)
			}
			args = append(args, optional("", a.Keyword)+eq(a.Keyword)+clip(text))
		}
		line("%d call%s%s %s | %s(%s)%s", c.Span.Line, flagged(c.New, "new"), flagged(c.Awaited, "await"), clip(c.Receiver), c.Name,
			strings.Join(args, ", "), in(c.In))
	}
	for _, a := range f.Accesses {
		line("%d access%s%s %s | %s%s", a.Span.Line, flagged(a.Key, "key"), flagged(a.Write, "write"), clip(a.Receiver), a.Name, in(a.In))
	}
	for _, o := range f.Objects {
		var keys []string
		for _, k := range o.Keys {
			text := k.Name + "=" + clip(k.Value)
			if k.Child != nil {
				text = fmt.Sprintf("%s={%d keys}", k.Name, len(k.Child.Keys))
			}
			keys = append(keys, text)
		}
		line("%d object%s%s {%s}%s%s", o.Span.Line, optional(" name ", o.Name), optional(" type ", o.Type), strings.Join(keys, ", "),
			flagged(o.Spread, "spread"), in(o.In))
	}
	for _, s := range f.Strings {
		line("%d string%s %q%s", s.Span.Line, flagged(s.Interpolated, "interpolated"), s.Value, in(s.In))
	}
	for _, c := range f.Comments {
		line("%d comment %q", c.Span.Line, c.Text)
	}
	for _, c := range f.Catches {
		line("%d %s", c.Span.Line, renderCatch(c))
	}
	return b.String()
}

func renderDecl(d *Decl) string {
	s := fmt.Sprintf("%d %s %s", d.Span.Line, d.Kind, d.Name)
	s += optional(" receiver ", d.Receiver)
	if d.Kind == Function || d.Kind == Method {
		var params []string
		for _, p := range d.Params {
			params = append(params, p.Name+optional(": ", p.Type)+optional(" = ", p.Default)+flagged(p.Optional, "optional")+
				flagged(p.Variadic, "variadic")+flagged(p.KeywordVariadic, "keywords")+
				flagged(p.KeywordOnly, "keyword-only")+flagged(p.PositionalOnly, "positional-only"))
		}
		s += "(" + strings.Join(params, ", ") + ")" + optional(" -> ", strings.Join(d.Results, ", "))
	}
	s += optional(" : ", d.Type) + optional(" = ", clip(d.Default)) + optional(" wire ", d.Wire)
	s += flagged(d.WireSet, "wire-set") + flagged(d.Exported, "exported") + flagged(d.Optional, "optional") +
		flagged(d.Embedded, "embedded") + flagged(d.Async, "async") + optional(" bases ", strings.Join(d.Bases, ", "))
	for _, c := range d.Decorators {
		s += " @" + c.Full()
	}
	if d.Doc != "" {
		s += fmt.Sprintf(" doc %q", d.Doc)
	}
	if d.Body.End > 0 {
		s += fmt.Sprintf(" body %d-%d", d.Body.Line, d.Body.EndLine)
	}
	return s
}

func renderCatch(c *Catch) string {
	s := c.Kind + optional(" ", strings.Join(c.Types, "|")) + optional(" as ", c.Name)
	s += flagged(c.Empty, "empty") + flagged(c.Rethrows, "rethrows") + flagged(c.UsesError, "uses-error")
	s += optional(" returns ", c.Returns) + optional(" comment ", c.Comment)
	for _, call := range c.Calls {
		s += " calls " + call.Full()
	}
	if c.Try.End > 0 {
		s += fmt.Sprintf(" try %d-%d", c.Try.Line, c.Try.EndLine)
	}
	if c.Body.End > 0 {
		s += fmt.Sprintf(" body %d-%d", c.Body.Line, c.Body.EndLine)
	}
	return s + in(c.In)
}

func indent(d *Decl) string {
	s := ""
	for p := d.Parent; p != nil; p = p.Parent {
		s += "  "
	}
	return s
}

func optional(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func eq(keyword string) string { return optional("", strings.Repeat("=", min(1, len(keyword)))) }

func flagged(is bool, name string) string {
	if is {
		return " " + name
	}
	return ""
}

func in(d *Decl) string {
	if d == nil {
		return ""
	}
	return " in " + d.Name
}

func clip(text string) string {
	if len(text) > 40 {
		return text[:37] + "..."
	}
	return text
}
