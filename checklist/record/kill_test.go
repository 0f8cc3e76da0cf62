package record

// A process that is killed while it signs leaves the old record or the new one, whole.

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// killedSign names the repository in which the test's own binary signs until it is killed.
const killedSign = "FLIGHTPOLL_TEST_SIGN"

// signForever signs again and again, each time with another answer, so that each record replaces the one before.
func signForever() int {
	ctx := context.Background()
	b, err := branch.Open(ctx, branch.Options{Dir: os.Getenv(killedSign)})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for i := range 10_000 {
		board := checklist.Board{Verdict: checklist.VerdictGo, Score: i % 100}
		rep := report.New("test", b, board, detectors.Result{})
		d, err := Build(b, policy.Policy{Repository: "shop-1"}, board, rep, time.Now())
		if err == nil {
			_, err = Sign(ctx, b, d, SignOptions{Key: os.Getenv(killedSign) + "/../keys/dana"})
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("signed")
	}
	return 0
}

func TestKillDuringSign(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for round := range 12 {
		cmd := exec.CommandContext(t.Context(), os.Args[0]) // #nosec G204 G702 -- this very test
		cmd.Env = append(os.Environ(), killedSign+"="+f.root)
		out, err := cmd.StdoutPipe()
		f.must(err)
		f.must(cmd.Start())
		buffer := make([]byte, 4096)
		n, _ := out.Read(buffer) // from the first record on
		if !strings.HasPrefix(string(buffer[:n]), "signed") {
			t.Fatalf("%s", buffer[:n])
		}
		for range round { // and then a while more, another one each round
			_, _ = out.Read(buffer)
		}
		f.must(cmd.Process.Kill())
		_ = cmd.Wait()

		whole := 0
		for _, name := range foldersOnDisk(f.root) {
			folder := filepath.Join(f.root, Dir, name)
			rec, err := Read(folder)
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			for _, s := range Inspect(t.Context(), folder, rec) {
				if s.Problem != "" {
					t.Fatalf("round %d: %+v", round, s)
				}
				whole++
			}
		}
		if whole == 0 {
			t.Fatalf("round %d: neither the old nor the new record is there", round)
		}
	}
}
