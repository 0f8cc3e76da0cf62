package source

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"flightpoll/detectors/branch"
)

// TestHostile reads text that nobody writes by hand: it must end soon, and not in a panic.
func TestHostile(t *testing.T) {
	deep := func(open, middle, shut string) string {
		return strings.Repeat(open, 20_000) + middle + strings.Repeat(shut, 20_000)
	}
	wide := strings.Repeat("a: 1, ", 20_000)
	cases := map[string]string{
		"parentheses":     deep("(", "1", ")"),
		"unclosed":        strings.Repeat("(", 20_000),
		"brackets":        "x = " + deep("[", "", "]"),
		"objects":         "x = " + deep("{a:", "1", "}"),
		"calls":           deep("f(", "1", ")"),
		"chain":           "x" + strings.Repeat(".f(1)", 100_000),
		"members":         "x" + strings.Repeat(".a", 20_000),
		"wide object":     "x = {" + wide + "}",
		"wide call":       "f(" + strings.Repeat("1, ", 20_000) + "1)",
		"arrows":          strings.Repeat("() => ", 20_000) + "1",
		"classes":         deep("class A {", "", "}"),
		"catches":         deep("try {} catch (e) { ", "e", " }"),
		"excepts":         strings.Repeat("try:\n  f()\nexcept A as e:\n  pass\n", 20_000),
		"indents":         indents(1000),
		"schema":          "const s = " + strings.Repeat("z.object({a: ", 5_000) + "1" + strings.Repeat("})", 5_000),
		"quotes":          strings.Repeat(`"`, 20_001),
		"templates":       strings.Repeat("`${", 10_000),
		"invalid UTF-8":   "x = '\xff\xfe\x80'; function \xc3(a) {}\nclass \xf0\x28: pass",
		"byte order mark": "\ufeffx = 1",
		"empty":           "",
		"carriage":        "a\r\nb\rc",
		"decorators":      strings.Repeat("@a\n", 20_000) + "class A {}",
		"comments":        strings.Repeat("# a\n", 20_000) + "x = 1",
		"strings":         strings.Repeat("x = 'a'\n", 20_000),
	}
	for name, text := range cases {
		for _, path := range []string{"a.ts", "a.tsx", "a.js", "a.py", "a.go", "a.java", "a.kt", "a.cs", "a.rb", "a.php", "a.rs"} {
			t.Run(name+"/"+path, func(t *testing.T) {
				start := time.Now()
				if _, err := Parse(path, []byte(text)); err != nil {
					t.Log(err)
				}
				if d := time.Since(start); d > time.Second {
					t.Logf("took %s", d) // the time-out of the test run is the limit
				}
			})
		}
	}
}

func indents(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	return b.String() + strings.Repeat(" ", n) + "pass\n"
}

// Deep nesting ended the program in a parser's C code: nothing catches the end of that stack.
func TestNestingIsRefused(t *testing.T) {
	for _, p := range []string{"a.php", "a.ts", "a.py", "a.rb", "a.cs", "a.go"} {
		if _, err := Parse(p, []byte("<?php "+strings.Repeat("$(", 500_000))); err == nil || !strings.Contains(err.Error(), "nests deeper") {
			t.Errorf("%s: half a million parentheses give %v", p, err)
		}
	}
	if _, err := Parse("a.ts", []byte(strings.Repeat("f([{a: 1}]);\n", 10_000))); err != nil {
		t.Error(err)
	}
}

// A branch that brings very many nodes is read up to the bound; what comes after it says so.
func TestAllTreesTogetherAreBounded(t *testing.T) {
	s := newSource(nil)
	s.state.nodes.Store(maxTrees + 1)
	_, err := s.state.read(s.state.heads, "a.py", func(string) ([]byte, error) { return []byte("x = 1"), nil })
	if !errors.Is(err, errTrees) {
		t.Errorf("got %v", err)
	}
}

func TestRefused(t *testing.T) {
	if _, err := Parse("a.rs.txt", nil); !errors.Is(err, ErrUnknownLanguage) {
		t.Errorf("an unknown language gives %v", err)
	}
	if _, err := Parse("a.py", []byte("x = 1\x00")); err == nil || !strings.Contains(err.Error(), "binary") {
		t.Errorf("a NUL byte gives %v", err)
	}
	if _, err := Parse("a.py", make([]byte, branch.MaxFile+1)); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a huge file gives %v", err)
	}
}

// TestWithoutCgo builds the package as a static binary would have it.
func TestWithoutCgo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a test binary: left out with -short")
	}
	const inner = "FLIGHTPOLL_WITHOUT_CGO"
	if os.Getenv(inner) != "" {
		if _, err := Parse("a.py", []byte("x = 1")); !errors.Is(err, ErrNoGrammar) {
			t.Errorf("Python gives %v", err)
		}
		if f, err := Parse("a.go", []byte("package a\nfunc F() {}")); err != nil || len(f.Decls) != 1 {
			t.Errorf("Go gives %v, %v", f, err)
		}
		return
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-run", "^TestWithoutCgo$", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", inner+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"const {a, b: {c}} = f(x => { return {y: `z${w}`} })", "class A(B):\n  x: int = Field(alias='y')\n  def f(self): pass\n",
		"package a\nfunc (s *S[T]) F() { if err != nil { return err }; _ = f() }", "try { f() } catch { }", "export * from 'x'",
		"except (A, B) as e:", "z.object({a: z.string()}).extend({b: 1})", "<A b={c}>d & e</A>", "\xff", "@a()\nclass B {}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, path := range []string{"a.tsx", "a.ts", "a.js", "a.py", "a.go", "a.rb", "a.php", "a.rs"} {
			file, err := Parse(path, []byte(text))
			if err != nil {
				continue
			}
			for _, d := range file.Decls {
				if d.Span.Start < 0 || d.Span.End > len(text) || d.Span.Start > d.Span.End || d.Span.Line < 1 {
					t.Errorf("%s: %s has the span %+v", path, d.Name, d.Span)
				}
			}
		}
	})
}
