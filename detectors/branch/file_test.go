package branch

// Changed files of every kind: names, modes, sides, hunks and marks.

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkHunks fails unless both sides are the same outside the hunks, in order.
func checkHunks(t *testing.T, f *File) {
	t.Helper()
	before, err := f.Before()
	if err != nil {
		t.Fatal(err)
	}
	after, err := f.After()
	if err != nil {
		t.Fatal(err)
	}
	old, now := bytes.SplitAfter(before, []byte("\n")), bytes.SplitAfter(after, []byte("\n"))
	o, n := 0, 0
	for _, h := range append(f.Hunks(), Hunk{OldStart: len(old) + 1, OldLines: 1, NewStart: len(now) + 1, NewLines: 1}) {
		from, to := h.OldStart-1, h.NewStart-1
		if h.OldLines == 0 {
			from++
		}
		if h.NewLines == 0 {
			to++
		}
		if !bytes.Equal(bytes.Join(old[o:from], nil), bytes.Join(now[n:to], nil)) {
			t.Fatalf("%q: the lines before %+v differ", f.Path, h)
		}
		o, n = from+h.OldLines, to+h.NewLines
	}
	checkText(t, f.AddedText(), now, f.Touched)
	checkText(t, f.RemovedText(), old, f.Removed)
}

// checkText fails unless a text is those of the lines that the branch changed.
func checkText(t *testing.T, text []byte, lines [][]byte, changed func(line int) bool) {
	t.Helper()
	var want []byte
	for i, line := range lines {
		if changed(i + 1) {
			want = append(want, line...)
		}
	}
	if !bytes.Equal(text, want) {
		t.Fatalf("the changed lines are %.200q, want %.200q", text, want)
	}
}

func TestHunksCoverEveryDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same every time
	words := []string{"", "}", "x", "diff --git a/x b/x", "@@ -1 +1 @@", "--- a/x", "+++ b/x", "\\ No newline at end of file", "Binary files a and b differ", strings.Repeat("long ", 40_000)}
	text := func() string {
		var lines []string
		for range random.IntN(40) {
			lines = append(lines, words[random.IntN(len(words))])
		}
		return strings.Join(lines, "\n")
	}
	base, changed := map[string]string{}, map[string]string{}
	for i := range 60 {
		base[fmt.Sprintf("f%02d", i)] = text()
		changed[fmt.Sprintf("f%02d", i)] = text()
	}
	r := feature(t, base)
	r.write(changed)
	r.commit("Two")
	b := r.open()
	if len(b.Files) < 55 {
		t.Fatalf("%d files", len(b.Files))
	}
	added, removed := 0, 0
	for _, f := range b.Files {
		checkHunks(t, f)
	}
	for line := range strings.Lines(r.git("diff", "--numstat", "main", "HEAD")) {
		var a, d int
		if _, err := fmt.Sscanf(line, "%d\t%d", &a, &d); err != nil {
			t.Fatal(err)
		}
		added, removed = added+a, removed+d
	}
	if b.Additions != added || b.Deletions != removed {
		t.Errorf("+%d -%d, git says +%d -%d", b.Additions, b.Deletions, added, removed)
	}
}

func TestTouchedRange(t *testing.T) {
	r := feature(t, map[string]string{"a": tenLines})
	r.write(map[string]string{"a": "1\n2\nthree\n4\n5\n7\n8\n9\n10\n"}) // 3 changed, 6 removed
	r.commit("Two")
	f := r.open().File("a")
	cases := []struct {
		first, last int
		want        bool
	}{{1, 2, false}, {3, 3, true}, {1, 9, true}, {4, 5, false}, {5, 6, true}, {6, 9, false}, {5, 5, false}, {4, 6, true}}
	for _, c := range cases {
		if got := f.TouchedRange(c.first, c.last); got != c.want {
			t.Errorf("TouchedRange(%d, %d) = %v", c.first, c.last, got)
		}
	}
	if !f.Removed(6) || !f.Removed(3) || f.Removed(5) || f.Removed(7) {
		t.Error("removed lines are wrong")
	}
}

func TestOddNamesAndModes(t *testing.T) {
	r := feature(t, map[string]string{"exec.sh": "#!/bin/sh\n", "README": "a\n", "to-link": "text\n", "link": "->README", "out": "->/etc/passwd", "gone": "x\n"})
	names := []string{"new\nline", "tab\t", "bad\xff\xfeutf8", "quo\"te", " lead", "readme", "esc\x1b[31m", "über", "-n", ":(top)x", "*"}
	files := map[string]string{"to-link": "->README", "link": "now a file\n", "out": "->/etc/shadow"}
	for _, name := range names {
		files[name] = "one\n"
	}
	r.write(files)
	if err := os.Chmod(filepath.Join(r.dir, "exec.sh"), 0o700); err != nil { // #nosec G302 -- a script
		t.Fatal(err)
	}
	for _, state := range []string{"uncommitted", "committed"} {
		if state == "committed" {
			r.commit("Two")
		}
		b := r.open()
		for _, name := range names {
			f := b.File(name)
			if f == nil || f.Status != Added || len(f.Hunks()) != 1 {
				t.Errorf("%s %q: %+v", state, name, f)
				continue
			}
			if data, err := f.After(); string(data) != "one\n" {
				t.Errorf("%s %q: %q, %v", state, name, data, err)
			}
			if data, err := b.ReadHead(name); string(data) != "one\n" {
				t.Errorf("%s %q: read %q, %v", state, name, data, err)
			}
		}
		check := func(path string, oldMode, newMode uint32, before, after string) {
			t.Helper()
			f := b.File(path)
			if f == nil || f.OldMode != oldMode || f.NewMode != newMode || f.Status != Modified {
				t.Errorf("%s %s: %+v", state, path, f)
				return
			}
			was, _ := f.Before()
			is, _ := f.After()
			if string(was) != before || string(is) != after {
				t.Errorf("%s %s: %q then %q", state, path, was, is)
			}
		}
		check("exec.sh", 0o100644, 0o100755, "#!/bin/sh\n", "#!/bin/sh\n")
		check("to-link", 0o100644, 0o120000, "text\n", "README")
		check("link", 0o120000, 0o100644, "README", "now a file\n")
		check("out", 0o120000, 0o120000, "/etc/passwd", "/etc/shadow")
	}
}

func TestSubmodulesHaveNoContent(t *testing.T) {
	inner := newRepo(t, map[string]string{"x": "1\n"})
	r := feature(t, map[string]string{"a": "1\n"})
	r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "file://"+inner.dir, "lib")
	r.commit("Add lib")
	b := r.open()
	if got, want := listing(b), "added .gitmodules\nadded lib"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	lib := b.File("lib")
	if data, err := lib.After(); lib.NewMode != 0o160000 || data != nil || err != nil || len(lib.Hunks()) != 0 {
		t.Errorf("%+v: %q, %v", lib, data, err)
	}
	if paths, _ := b.HeadPaths(); strings.Join(paths, " ") != ".gitmodules a" {
		t.Errorf("paths %q", paths)
	}
	(&repo{t, filepath.Join(r.dir, "lib")}).write(map[string]string{"x": "2\n"})
	if dirty := r.open().Dirty(); len(dirty) != 0 {
		t.Errorf("dirty %v", dirty[0].Path)
	}
}

func TestMarks(t *testing.T) {
	minified := strings.Repeat("var a=1;function b(){return a};", 200)
	cases := []struct {
		path, text string
		want       string
	}{
		{"main.go", "package main\n", ""},
		{"gen.go", "// Copyright\n\n// Code generated by x. DO NOT EDIT.\n\npackage x\n", "generated"},
		{"gen.py", "# Code generated by x. DO NOT EDIT.\n", "generated"},
		{"gen.ts", "/**\n * @generated by protoc\n */\n", "generated"},
		{"about.md", "Files say Code generated by x. DO NOT EDIT. at the top.\n", ""},
		{"mail.txt", "write to someone@generated.example\n", ""},
		{"api/x.pb.go", "package x\n", "generated"},
		{"go.sum", "x\n", "generated"},
		{"web/package-lock.json", "{}\n", "generated"},
		{"Cargo.lock", "x\n", "generated"},
		{"app.min.js", "x\n", "generated"},
		{"app.js", minified, "generated"},
		{"long.py", minified, ""},
		{"vendor/x/y.go", "package y\n", "vendored"},
		{"a/third_party/y.c", "int x;\n", "vendored"},
		{"vendor.go", "package x\n", ""},
		{"pixel.png", "\x89PNG\x00\x00", "binary"},
		{"late.bin", strings.Repeat("x", 9000) + "\x00", ""},
		{"huge.json", strings.Repeat("0123456789abcde\n", MaxFile/16+1), "large"},
		{"huge.bin", strings.Repeat("\x00", MaxFile+1), "large"},
		{"forced.txt", "text\n", "binary"},
		{"stored.psd", "pointer\n", "binary"},
		{"schema.go", "package schema\n", "generated"},
		{"ours/vendor/z.go", "package z\n", ""},
		{"ext/z.go", "package z\n", "vendored"},
	}
	attributes := "forced.txt -diff\n*.psd filter=lfs diff=lfs -text\nschema.go linguist-generated=true\nours/** -linguist-vendored\next/** linguist-vendored\n"
	files := map[string]string{}
	for _, c := range cases {
		files[c.path] = c.text
	}
	r := feature(t, map[string]string{".gitattributes": attributes})
	r.write(files)
	for _, state := range []string{"uncommitted", "committed"} {
		if state == "committed" {
			r.commit("Two")
		}
		b := r.open()
		for _, c := range cases {
			f := b.File(c.path)
			if f == nil {
				t.Errorf("%s %s is not there", state, c.path)
				continue
			}
			var got []string
			for name, is := range map[string]bool{"generated": f.Generated, "vendored": f.Vendored, "binary": f.Binary, "large": f.TooLarge} {
				if is {
					got = append(got, name)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s %s: got %q, want %q", state, c.path, got, c.want)
			}
			if data, err := f.After(); c.want == "large" != (err != nil) || err == nil && string(data) != c.text {
				t.Errorf("%s %s: %d bytes, %v", state, c.path, len(data), err)
			}
		}
	}
	r.git("switch", "-qc", "next")
	for _, c := range cases {
		if err := os.Remove(filepath.Join(r.dir, c.path)); err != nil {
			t.Fatal(err)
		}
	}
	r.commit("Remove all")
	for _, f := range r.open(Options{Base: "feature"}).Files {
		if f.Status != Deleted || f.TooLarge != strings.HasPrefix(f.Path, "huge") || f.Path == "gen.go" && !f.Generated {
			t.Errorf("%+v", f)
		}
	}
}

func TestManyRenamesAreFound(t *testing.T) {
	files := map[string]string{}
	for i := range 300 {
		files[fmt.Sprintf("old/file%d.txt", i)] = fmt.Sprintf("%s%d\n", tenLines, i)
	}
	r := feature(t, files)
	r.git("mv", "old", "new")
	r.write(map[string]string{"new/file7.txt": tenLines + "7\nmore\n"})
	r.commit("Move")
	for _, f := range r.open().Files {
		if f.Status != Renamed || f.OldPath != strings.Replace(f.Path, "new/", "old/", 1) && f.Path != "new/file7.txt" {
			t.Errorf("%+v", f)
		}
	}
}
