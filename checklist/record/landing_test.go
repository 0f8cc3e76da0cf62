package record

// A record stays good through everything that does not change the change: amended messages, rebases, merges of the
// target, and each way to land.

import (
	"strings"
	"testing"
	"time"
)

// elsewhere is a commit on main that the branch does not touch.
func (f *fixture) elsewhere() {
	f.t.Helper()
	f.onMain("Elsewhere", func() { f.write("docs/guide.md", "# Guide\n\nMore.\n") })
}

// sameFile is a commit on main in a file that the branch changes too, where both merge.
func (f *fixture) sameFile() {
	f.t.Helper()
	f.onMain("Same file", func() { f.write("cart.go", "// Package shop sells.\npackage shop\n\n// more\n\nvar Cart = 1\n") })
}

func TestRecordSurvives(t *testing.T) {
	landed := VerifyOptions{Rev: "main"}
	cases := []struct {
		name    string
		do      func(f *fixture)
		with    VerifyOptions
		outcome string
	}{
		{name: "an amended message", outcome: Covered, do: func(f *fixture) {
			f.git("commit", "-q", "--amend", "-m", "Other words")
		}},
		{name: "a target that moved", outcome: Covered, do: func(f *fixture) { f.elsewhere() }},
		{name: "a target that moved in the same file", outcome: Covered, do: func(f *fixture) { f.sameFile() }},
		{name: "a rebase onto a target that moved elsewhere", outcome: Covered, do: func(f *fixture) {
			f.elsewhere()
			f.git("rebase", "-q", "main")
		}},
		{name: "a merge of the target that moved elsewhere", outcome: Covered, do: func(f *fixture) {
			f.elsewhere()
			f.git("merge", "-q", "--no-edit", "main")
		}},
		{name: "not a merge of the target that moved in the same file", outcome: Stale, do: func(f *fixture) {
			f.onMain("Same file", func() { f.write("cart.go", "package shop\n\nvar Cart = 2\n\nvar Other = 1\n") })
			f.git("merge", "-q", "-X", "theirs", "--no-edit", "main")
		}},
		{name: "squashed commits", outcome: Covered, do: func(f *fixture) {
			f.git("reset", "-q", "--soft", "main")
			f.git("commit", "-q", "-m", "All at once")
		}},
		{name: "the merge that GitHub checks out", outcome: Covered, do: func(f *fixture) {
			f.elsewhere()
			f.git("switch", "-q", "--detach", "main")
			f.git("merge", "-q", "--no-ff", "-m", "Merge pull request", "feature/cart")
		}},
		{name: "the merge that GitHub checks out, both in one file", outcome: Covered, do: func(f *fixture) {
			f.onMain("Same file", func() { f.write("cart.go", "// Package shop sells.\n\n\n\n\npackage shop\n\nvar Cart = 1\n") })
			f.git("switch", "-q", "--detach", "main")
			f.git("merge", "-q", "--no-ff", "-m", "Merge pull request", "-X", "ours", "feature/cart")
		}, with: VerifyOptions{}},
		{name: "landing by fast-forward", outcome: Covered, with: landed, do: func(f *fixture) {
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--ff-only", "feature/cart")
		}},
		{name: "landing by merge", outcome: Covered, with: landed, do: func(f *fixture) {
			f.elsewhere()
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--no-ff", "-m", "Land", "feature/cart")
		}},
		{name: "landing by squash", outcome: Covered, with: landed, do: func(f *fixture) {
			f.elsewhere()
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--squash", "feature/cart")
			f.git("commit", "-q", "-m", "Land at once")
		}},
		{name: "landing by rebase", outcome: Covered, with: landed, do: func(f *fixture) {
			f.elsewhere()
			f.git("rebase", "-q", "main")
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--ff-only", "feature/cart")
		}},
		{name: "its own expiry, once landed", outcome: Covered, with: VerifyOptions{Rev: "main", Now: time.Now().Add(400 * 24 * time.Hour)}, do: func(f *fixture) {
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--no-ff", "-m", "Land", "feature/cart")
		}},
		{name: "the branch's head, once landed by merge", outcome: Covered, with: VerifyOptions{Rev: "feature/cart"}, do: func(f *fixture) {
			f.elsewhere()
			f.git("merge", "-q", "--no-edit", "main")
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--no-ff", "-m", "Land", "feature/cart")
		}},
		{name: "not other commits after landing", outcome: Stale, with: landed, do: func(f *fixture) {
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--squash", "feature/cart")
			f.git("commit", "-q", "-m", "Land at once")
			f.write("late.go", "package shop\n")
			f.commit("Late")
		}},
		{name: "not a landing merge with something slipped in", outcome: Stale, with: landed, do: func(f *fixture) {
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--no-ff", "--no-commit", "feature/cart")
			f.write("evil.go", "package shop\n")
			f.commit("Land")
		}},
		{name: "not the target as it was before", outcome: None, with: VerifyOptions{Rev: "main~1"}, do: func(f *fixture) {
			f.git("switch", "-q", "main")
			f.git("merge", "-q", "--no-ff", "-m", "Land", "feature/cart")
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.sign("dana", dana, "author")
			c.do(f)
			f.expectOf(c.with, c.outcome)
		})
	}
}

// A later branch's record does not cover what an earlier one changed, and both are told apart.
func TestSecondBranchHasItsOwnRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sign("dana", dana, "author")
	nextBranch(f)
	f.expect(None)
	s := f.sign("dana", dana, "author")
	if v := f.expect(Covered); v.Folder != s.Folder {
		t.Errorf("covered by %s, signed in %s", v.Folder, s.Folder)
	}
	f.git("switch", "-q", "main")
	f.git("merge", "-q", "--squash", "feature/next")
	f.git("commit", "-q", "-m", "Land the next")
	f.expect(Covered)
}

// A branch on top of a branch carries two records.
func TestStackedBranch(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.sign("dana", dana, "author")
	f.git("switch", "-q", "-c", "feature/stacked")
	f.write("stacked.go", "package shop\n")
	f.commit("Stack")
	f.expect(Stale, "stacked.go")
	second := f.sign("dana", dana, "author")
	if first.Folder == second.Folder {
		t.Fatalf("both are %s", first.Folder)
	}
	if v := f.expect(Covered); v.Folder != second.Folder {
		t.Errorf("covered by %s", v.Folder)
	}
	f.read(first.Folder + "/" + statementFile) // the record below is left alone
}

// Several merge bases: the record says which one it was made against.
func TestCrissCrossMerges(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.elsewhere()
	left, right := f.git("rev-parse", "main"), f.git("rev-parse", "feature/cart")
	f.git("merge", "-q", "-m", "Take main in", left)
	f.git("switch", "-q", "main")
	f.git("merge", "-q", "-m", "Take the branch in", right)
	f.git("switch", "-q", "feature/cart")
	f.write("price.go", "package shop\n\nvar Price = 3\n")
	f.commit("Price again")
	if n := len(f.open().MergeBases); n != 2 {
		t.Fatalf("%d merge bases", n)
	}
	s := f.sign("dana", dana, "author")
	f.expect(Covered)
	f.restate(s, func(st *Statement) { st.Predicate.Base = right[:39] + "0" })
	if v, err := f.tryVerify(VerifyOptions{}); err == nil {
		t.Errorf("a record that names no merge base: %+v", v)
	}
}

// A clone without the merge base cannot tell, and says what to fetch.
func TestShallowClone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sign("dana", dana, "author")
	whole := f.root
	f.root = t.TempDir()
	f.git("clone", "-q", "--depth", "1", "--no-single-branch", "--branch", "feature/cart", "file://"+whole, ".")
	_, err := f.tryVerify(VerifyOptions{})
	if err == nil || !strings.Contains(err.Error(), "depth") {
		t.Errorf("a shallow clone: %v", err)
	}
	f.git("fetch", "-q", "--unshallow")
	f.expect(Covered)
}

func TestNotSetUpOnTheBase(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.onMain("Nobody", func() { f.git("rm", "-q", ".readiness/allowed_signers") })
	_, err := f.tryVerify(VerifyOptions{})
	if err == nil || !strings.Contains(err.Error(), "flightpoll init") {
		t.Errorf("without signers: %v", err)
	}
}
