package branch

// What opening a branch costs against git's own merge-base and diff, in a repository of the size that design.md names.

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

var (
	benchFiles   = flag.Int("bench.files", 30_000, "files of the repository that BenchmarkOpen makes")
	benchCommits = flag.Int("bench.commits", 120_000, "commits of the repository that BenchmarkOpen makes")
	benchDir     = flag.String("bench.dir", "", "an existing work tree to open in place of a made one")
)

// BenchmarkOpen reports how many times longer Open takes than git merge-base and git diff -U0 one after the other:
// x-trees compares two commits, x-worktree the merge base with the work tree, which is what Open answers.
func BenchmarkOpen(b *testing.B) {
	dir := *benchDir
	if dir == "" {
		dir = b.TempDir()
		makeLarge(b, dir, *benchFiles, *benchCommits)
	}
	target := "main"
	if opened, err := Open(context.Background(), Options{Dir: dir}); err != nil {
		b.Fatal(err)
	} else {
		target = opened.TargetTip
		b.Logf("%d files, %d commits, +%d -%d", len(opened.Files), len(opened.Commits), opened.Additions, opened.Deletions)
	}
	run := func(args ...string) []byte {
		cmd := exec.CommandContext(b.Context(), "git", args...) // #nosec G204 -- our own arguments
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		return out
	}
	var ours, trees, worktree time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := Open(context.Background(), Options{Dir: dir}); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		start = time.Now()
		base := string(run("merge-base", target, "HEAD")[:40])
		between := time.Since(start)
		run("diff", "-U0", base, "HEAD")
		trees += time.Since(start)
		start = time.Now()
		run("diff", "-U0", base)
		worktree += between + time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(trees), "x-trees")
	b.ReportMetric(float64(ours)/float64(worktree), "x-worktree")
}

// makeLarge makes a repository with a history of one-file commits on main and a branch of ten commits that
// changes 100 files.
func makeLarge(b *testing.B, dir string, files, commits int) {
	b.Helper()
	git := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(b.Context(), "git", args...) // #nosec G204 -- our own arguments
		cmd.Dir = dir
		return cmd
	}
	if out, err := git("init", "-q", "-b", "main").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	imports := git("fast-import", "--quiet")
	pipe, err := imports.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	imports.Stderr = os.Stderr
	if err := imports.Start(); err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(pipe, 1<<20)
	name := func(i int) string { return fmt.Sprintf("service%02d/package%02d/file%d.go", i%30, i/30%50, i) }
	text := func(i, version int) string {
		s := fmt.Sprintf("package file%d\n\n// Version %d.\n", i, version)
		for n := range 40 {
			s += fmt.Sprintf("func F%d() int { return %d }\n", n, n*i)
		}
		return s
	}
	put := func(i, version int) {
		s := text(i, version)
		_, _ = fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", name(i), len(s), s)
	}
	commit := func(ref string, n int) {
		_, _ = fmt.Fprintf(w, "commit refs/heads/%s\ncommitter Dana Dev <dana@example.com> %d +0000\ndata 7\nChange\n\n", ref, 1_600_000_000+n*60)
	}
	for n := range commits {
		commit("main", n)
		if n == 0 {
			for i := range files {
				put(i, 0)
			}
			continue
		}
		put(n*7919%files, n)
	}
	_, _ = fmt.Fprint(w, "reset refs/heads/feature\nfrom refs/heads/main\n\n")
	for n := range 10 {
		commit("feature", commits+n)
		for i := range 10 {
			put((n*10+i)*311%files, commits+n)
		}
	}
	commit("main", commits+20)
	put(1, commits+20)
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := pipe.Close(); err != nil {
		b.Fatal(err)
	}
	if err := imports.Wait(); err != nil {
		b.Fatal(err)
	}
	if out, err := git("checkout", "-q", "feature").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
}
