package record

// What Sign refuses, what it writes, and what it notices about the commit.

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flightpoll/checklist"
)

func TestSignRefuses(t *testing.T) {
	cases := []struct {
		name     string
		do       func(f *fixture) checklist.Board
		want     error
		mentions string
	}{
		{"a verdict that is not go", func(f *fixture) checklist.Board {
			b := f.board()
			b.Verdict = checklist.VerdictHold
			return b
		}, ErrHold, "hold"},
		{"a changed file", func(f *fixture) checklist.Board {
			f.write("cart.go", "package shop\n")
			return f.board()
		}, ErrDirty, "cart.go"},
		{"a new file", func(f *fixture) checklist.Board {
			f.write("new.go", "package shop\n")
			return f.board()
		}, ErrDirty, "new.go"},
		{"a branch without changes", func(f *fixture) checklist.Board {
			f.git("reset", "-q", "--hard", "main")
			return f.board()
		}, ErrNothing, "--base"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			board := c.do(f)
			b := f.open()
			_, err := Sign(context.Background(), b, f.build(b, board), SignOptions{Key: f.key("dana")})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.mentions) {
				t.Errorf("%v", err)
			}
			if names := foldersOnDisk(f.root); len(names) > 0 {
				t.Errorf("written all the same: %v", names)
			}
		})
	}
}

func TestSignRefusesCodeThatMoved(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := f.open()
	d := f.build(b, f.board())
	f.write("price.go", "package shop\n\nvar Price = 9\n")
	f.commit("Meanwhile")
	if _, err := Sign(context.Background(), b, d, SignOptions{Key: f.key("dana")}); !errors.Is(err, ErrMoved) {
		t.Errorf("%v", err)
	}
}

// A second role adds a signature to the very same bytes, on another day and another clone.
func TestCoSignature(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.onMain("Four eyes", func() { f.requires("signers: {author: 1, reviewer: 1}") })
	f.git("rebase", "-q", "main")
	first := f.sign("dana", dana, "author")
	f.expect(NotEnough, "reviewer")
	before := f.read(first.Folder + "/" + statementFile)

	board := f.board()
	f.elsewhere()
	f.git("merge", "-q", "--no-edit", "main")
	f.now = f.now.Add(26 * time.Hour)
	b := f.open()
	d, err := Existing(context.Background(), b, f.policy(), f.now)
	f.must(err)
	if d == nil {
		t.Fatal("the record of this code is not found")
	}
	second, err := Sign(context.Background(), b, d, SignOptions{Role: "reviewer", Key: f.key("rex"), Principal: rex, Commit: true})
	f.must(err)
	if second.Folder != first.Folder || f.read(first.Folder+"/"+statementFile) != before {
		t.Errorf("another record: %s after %s", second.Folder, first.Folder)
	}
	if v := f.expect(Covered, dana, rex); len(v.Signers) != 2 {
		t.Errorf("%+v", v.Signers)
	}
	if d := f.build(f.open(), board); d.Folder != first.Folder || string(d.Statement) != before {
		t.Error("the same answers give another draft")
	}
	f.write("price.go", "package shop\n\nvar Price = 9\n")
	f.commit("More")
	if d, err := Existing(context.Background(), f.open(), f.policy(), f.now); d != nil || err != nil {
		t.Errorf("a stale record is offered: %v", err)
	}
}

// Signing again as the same one replaces one's own signature, and for new code one's own record.
func TestSignAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.sign("dana", dana, "author")
	again := f.sign("dana", dana, "author")
	if again.Signature != first.Signature || again.Commit == "" {
		t.Errorf("%+v after %+v", again, first)
	}
	f.expect(Covered)
	f.write("price.go", "package shop\n\nvar Price = 2\n")
	f.commit("Raise the price")
	third := f.sign("dana", dana, "author")
	f.expect(Covered)
	if names := foldersOnDisk(f.root); len(names) != 1 || Dir+"/"+names[0] != third.Folder {
		t.Errorf("folders %v, signed in %s", names, third.Folder)
	}
	if out := f.git("status", "--porcelain"); out != "" {
		t.Errorf("not everything was committed: %s", out)
	}
}

// A principal that no file name can hold as it is still signs, and verify knows it.
func TestOddPrincipals(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"Dana@Example.com", "dana/x@example.com", "dána@example.com", "..@example.com", strings.Repeat("d", 100) + "@example.com"} {
		name := signatureFile("author", who)
		if !signatureName.MatchString(name) || checkName(name, name, knownFile(name)) != nil {
			t.Errorf("%q gives the name %q", who, name)
		}
	}
	f := newFixture(t)
	f.onMain("Odd", func() {
		f.write(".readiness/allowed_signers", AllowedSignerLine("Dana/X@Example.com", f.public("dana"), "author"))
	})
	f.sign("dana", "Dana/X@Example.com", "author")
	f.expect(Covered, "Dana/X@Example.com")
	for _, bad := range []string{"*@example.com", "a b@example.com", "a,b@example.com", "a\nb@example.com"} {
		b := f.open()
		if _, err := Sign(context.Background(), b, f.build(b, f.board()), SignOptions{Key: f.key("dana"), Principal: bad}); err == nil {
			t.Errorf("%q signs", bad)
		}
	}
}

// Row 32: whatever alters or drops the record on its way into the commit is noticed and said.
func TestCommitIsReadBack(t *testing.T) {
	hook := func(name, script string) func(f *fixture) {
		return func(f *fixture) {
			f.must(os.MkdirAll(filepath.Join(f.root, ".git/hooks"), 0o750))
			f.must(os.WriteFile(filepath.Join(f.root, ".git/hooks", name), []byte("#!/bin/sh\n"+script+"\n"), 0o700)) // #nosec G306 -- a hook
		}
	}
	cases := []struct {
		name     string
		do       func(f *fixture)
		mentions string // empty: nothing is lost
	}{
		{"nothing in the way", func(*fixture) {}, ""},
		{"an ignore rule", func(f *fixture) {
			f.write(".gitignore", ".readiness/\n*.sig\n*.json\n")
			f.commit("Ignore")
		}, ""},
		{"line ends by configuration", func(f *fixture) { f.git("config", "core.autocrlf", "true") }, ""},
		{"a clean filter, ident and line ends", func(f *fixture) {
			f.write(".gitattributes", "*.json filter=upper ident text eol=crlf\n*.sig filter=upper text eol=crlf\n")
			f.commit("Attributes")
			f.git("config", "filter.upper.clean", "tr a-z A-Z")
		}, ""},
		{"a filter by the repository's own attributes", func(f *fixture) {
			f.must(os.MkdirAll(filepath.Join(f.root, ".git/info"), 0o750))
			f.must(os.WriteFile(filepath.Join(f.root, ".git/info/attributes"), []byte(Dir+"/** filter=upper\n"), 0o600))
			f.git("config", "filter.upper.clean", "tr a-z A-Z")
		}, "differs"},
		{"a hook that reformats", hook("pre-commit", `for f in .readiness/records/*/readiness.json; do echo >>$f; git add -f $f; done`), "differs"},
		{"a hook that drops a file", hook("pre-commit", `git rm -q --cached .readiness/records/*/report.json`), "missing"},
		{"a hook that changes code", hook("pre-commit", `echo >>price.go; git add price.go`), "price.go"},
		{"a hook that refuses", hook("pre-commit", `exit 1`), "not committed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			c.do(f)
			b := f.open()
			s, err := Sign(context.Background(), b, f.build(b, f.board()), SignOptions{Key: f.key("dana"), Commit: true})
			if c.mentions == "" {
				f.must(err)
				f.expect(Covered)
				if list := f.git("show", "--name-only", "--format=", s.Commit); strings.Contains(list, ".go") {
					t.Errorf("the commit holds more than the record:\n%s", list)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.mentions) {
				t.Errorf("%v", err)
			}
		})
	}
}

// A record that was not committed is signed on, not made anew.
func TestUncommittedRecordIsFoundByBuild(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.signBoard(f.board(), SignOptions{Key: f.key("dana")})
	f.expect(None)
	d := f.build(f.open(), f.board())
	if d.Folder != s.Folder {
		t.Errorf("%s after %s", d.Folder, s.Folder)
	}
	f.sign("dana", dana, "author")
	f.expect(Covered)
}

func TestSignWarnsOfWhatVerifyWillSay(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.sign("eve", eve, "author")
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "does not list") {
		t.Errorf("%v", s.Warnings)
	}
}

func TestReadAndShow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.sign("dana", dana, "author")
	folder := filepath.Join(f.root, s.Folder)
	for _, path := range []string{folder, filepath.Join(folder, statementFile)} {
		text, err := Show(context.Background(), path)
		if err != nil || !bytes.HasPrefix(text, []byte(f.read(s.Folder+"/"+markdownFile))) || !bytes.Contains(text, []byte("holds")) {
			t.Errorf("%v\n%s", err, text)
		}
	}
	newest, err := Newest(f.root)
	if err != nil || newest != folder {
		t.Errorf("%s %v", newest, err)
	}
	rec, err := Read(folder)
	f.must(err)
	paths := []string{}
	for _, e := range rec.Statement.Predicate.Delta.Entries {
		paths = append(paths, e.Path)
	}
	if !slices.Equal(paths, []string{"cart.go", "price.go"}) || rec.Statement.Predicate.Commits != 2 {
		t.Errorf("%+v", rec.Statement.Predicate)
	}
}

// The subject is what git itself calls the tree without the records.
func TestSubjectIsTheTreeWithoutRecords(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tree := f.git("rev-parse", "HEAD^{tree}")
	s := f.sign("dana", dana, "author")
	rec, err := Read(filepath.Join(f.root, s.Folder))
	f.must(err)
	if got := rec.Statement.Subject[0].Digest.GitTree; got != tree {
		t.Errorf("%s, expected %s", got, tree)
	}
	r, err := openRepository(context.Background(), f.root)
	f.must(err)
	defer r.close()
	c, err := r.commit(f.git("rev-parse", "HEAD"))
	f.must(err)
	if got, err := r.pruned(c.tree); err != nil || got != tree {
		t.Errorf("pruned %s %v, expected %s", got, err, tree)
	}
}
