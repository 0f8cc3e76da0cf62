package checklist_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// TestMain lets the test binary be another program that answers: FLIGHTPOLL_ANSWER_IN names the repository, and every
// saved answer is told on standard output before the next one is given.
func TestMain(m *testing.M) {
	if dir := os.Getenv("FLIGHTPOLL_ANSWER_IN"); dir != "" {
		os.Exit(answerOnAndOn(dir))
	}
	os.Exit(m.Run())
}

func answerOnAndOn(dir string) int {
	t := &testing.T{}
	s := session(t, dir, detectors.Result{})
	rounds := 1_000_000
	if n := os.Getenv("FLIGHTPOLL_ROUNDS"); n != "" {
		_, _ = fmt.Sscan(n, &rounds)
	}
	for i := range rounds {
		note := fmt.Sprintf("%s %d", os.Getenv("FLIGHTPOLL_NAME"), i)
		if err := s.Answer(rehearsed, checklist.NA, checklist.Evidence{}, note); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(note)
	}
	return 0
}

func program(t *testing.T, dir, name string, rounds int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self) //nolint:gosec // the test binary itself
	cmd.Env = append(os.Environ(), "FLIGHTPOLL_ANSWER_IN="+dir, "FLIGHTPOLL_NAME="+name, fmt.Sprint("FLIGHTPOLL_ROUNDS=", rounds))
	cmd.Stderr = os.Stderr
	return cmd
}

func TestKilledWhileAnsweringLosesNoSavedAnswer(t *testing.T) {
	dir := migration(t)
	for round := range 5 {
		cmd := program(t, dir, fmt.Sprint("round", round), 1_000_000)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		saved := ""
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			saved = lines.Text()
			if n == 20+round {
				must(t, cmd.Process.Kill())
			}
		}
		_ = cmd.Wait() // it was killed
		s := session(t, dir, detectors.Result{})
		item, _ := s.Item(rehearsed)
		if item.Answer == nil {
			t.Fatal("no answer is left")
		}
		var name string
		var told, kept int
		_, _ = fmt.Sscanf(saved, "%s %d", &name, &told)
		_, _ = fmt.Sscanf(item.Answer.Note, "%s %d", &name, &kept)
		if kept < told || kept > told+1 {
			t.Errorf("%q was saved, %q is there", saved, item.Answer.Note)
		}
		must(t, s.Answer(rehearsed, checklist.NA, checklist.Evidence{}, "after"))
	}
}

func TestTwoProgramsAtOnceLoseNothing(t *testing.T) {
	dir := migration(t)
	const rounds = 40
	var wg sync.WaitGroup
	for _, name := range []string{"one", "two", "three"} {
		cmd := program(t, dir, name, rounds)
		wg.Go(func() {
			if out, err := cmd.Output(); err != nil {
				t.Errorf("%s: %v %s", name, err, out)
			}
		})
	}
	wg.Wait()
	logs, _ := filepath.Glob(filepath.Join(dir, ".git/flightpoll/*.jsonl"))
	if len(logs) != 1 {
		t.Fatalf("there are %d logs: %v", len(logs), logs)
	}
	text, err := os.ReadFile(logs[0])
	must(t, err)
	for _, name := range []string{"one", "two", "three"} {
		if n := strings.Count(string(text), `"note":"`+name+" "); n != rounds {
			t.Errorf("%d answers of %s are left of %d", n, name, rounds)
		}
	}
}

func TestALogThatIsNotWhole(t *testing.T) {
	cases := []struct {
		name string
		// spoil changes the log's text, in which one answer (go) stands.
		spoil func(string) string
		want  checklist.State
	}{
		{"as it is", func(s string) string { return s }, checklist.Go},
		{"a torn last line", func(s string) string { return s + s[:len(s)/2] }, checklist.Go},
		{"a last line without its end", func(s string) string {
			return s + strings.TrimSuffix(strings.Replace(s, `"state":"go"`, `"state":"n/a"`, 1), "\n")
		}, checklist.Go},
		{"a torn first line", func(s string) string { return s[:len(s)/2] }, checklist.Open},
		{"a broken line between", func(s string) string { return "{\"type\":\n\x00\x00\n" + s }, checklist.Go},
		{"what a newer version wrote", func(s string) string { return s + `{"type":"delegate","target":"migration-rehearsed"}` + "\n" }, checklist.Go},
		{"an answer without one", func(s string) string { return s + `{"type":"answer","target":"migration-rehearsed"}` + "\n" }, checklist.Go},
		{"nothing", func(string) string { return "" }, checklist.Open},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := migration(t)
			must(t, session(t, dir, detectors.Result{}).Answer(rehearsed, checklist.Go, ran, ""))
			logs, _ := filepath.Glob(filepath.Join(dir, ".git/flightpoll/*.jsonl"))
			text, err := os.ReadFile(logs[0])
			must(t, err)
			spoilt := c.spoil(string(text))
			must(t, os.WriteFile(logs[0], []byte(spoilt), 0o600))

			s := session(t, dir, detectors.Result{})
			if item, _ := s.Item(rehearsed); item.State != c.want {
				t.Errorf("the item is %s, want %s", item.State, c.want)
			}
			must(t, s.Answer(rehearsed, checklist.NoGo, checklist.Evidence{}, ""))
			if item, _ := session(t, dir, detectors.Result{}).Item(rehearsed); item.State != checklist.NoGo {
				t.Errorf("after the repair the item is %s", item.State)
			}
			after, err := os.ReadFile(logs[0])
			must(t, err)
			whole := spoilt[:strings.LastIndex(spoilt, "\n")+1]
			if !strings.HasPrefix(string(after), whole) || !strings.HasSuffix(string(after), "}\n") {
				t.Errorf("the log was\n%s\nand became\n%s", spoilt, after)
			}
		})
	}
}

func TestAnOverlargeLogIsRefused(t *testing.T) {
	dir := migration(t)
	must(t, session(t, dir, detectors.Result{}).Answer(rehearsed, checklist.Go, ran, ""))
	logs, _ := filepath.Glob(filepath.Join(dir, ".git/flightpoll/*.jsonl"))
	must(t, os.Truncate(logs[0], 40<<20))
	_, err := checklist.OpenSession(open(t, dir), checklist.SessionOptions{By: me})
	if err == nil || !strings.Contains(err.Error(), "larger than 32 MB") {
		t.Errorf("got %v", err)
	}
}

func TestReloadReadsWhatAnotherProgramWrote(t *testing.T) {
	dir := migration(t)
	first, second := session(t, dir, detectors.Result{}), session(t, dir, detectors.Result{})
	if changed, err := first.Reload(); changed || err != nil {
		t.Fatalf("nothing was written, and Reload says %v, %v", changed, err)
	}
	must(t, second.Answer(rehearsed, checklist.Go, ran, ""))
	if changed, err := first.Reload(); !changed || err != nil {
		t.Fatalf("Reload says %v, %v", changed, err)
	}
	if item, _ := first.Item(rehearsed); item.State != checklist.Go {
		t.Errorf("the item is %s", item.State)
	}
}

func TestTheAnswersBelongToTheBranch(t *testing.T) {
	state := func(t *testing.T, dir string) checklist.State {
		item, _ := session(t, dir, detectors.Result{}).Item(rehearsed)
		return item.State
	}
	cases := []struct {
		name string
		do   func(t *testing.T, dir string) string
		want checklist.State
	}{
		{"a rename keeps them", func(t *testing.T, dir string) string {
			git(t, dir, "branch", "-m", "change", "renamed")
			return dir
		}, checklist.Go},
		{"a branch deleted and made again has none", func(t *testing.T, dir string) string {
			git(t, dir, "switch", "-q", "--detach")
			git(t, dir, "branch", "-q", "-D", "change")
			git(t, dir, "switch", "-q", "-c", "change")
			return dir
		}, checklist.Open},
		{"another branch has none", func(t *testing.T, dir string) string {
			git(t, dir, "switch", "-q", "-c", "other")
			return dir
		}, checklist.Open},
		{"a worktree shares them", func(t *testing.T, dir string) string {
			git(t, dir, "switch", "-q", "main")
			tree := filepath.Join(t.TempDir(), "tree")
			git(t, dir, "worktree", "add", "-q", tree, "change")
			return tree
		}, checklist.Go},
		{"a detached HEAD goes by its commit", func(t *testing.T, dir string) string {
			git(t, dir, "switch", "-q", "--detach")
			must(t, session(t, dir, detectors.Result{}).Answer(rehearsed, checklist.NoGo, checklist.Evidence{}, ""))
			return dir
		}, checklist.NoGo},
		{"an id that is no file name is not one", func(t *testing.T, dir string) string {
			git(t, dir, "config", "branch.change.flightpoll", "../../../../etc/passwd")
			return dir
		}, checklist.Open},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := migration(t)
			must(t, session(t, dir, detectors.Result{}).Answer(rehearsed, checklist.Go, ran, ""))
			dir = c.do(t, dir)
			if got := state(t, dir); got != c.want {
				t.Errorf("the item is %s, want %s", got, c.want)
			}
		})
	}
}
