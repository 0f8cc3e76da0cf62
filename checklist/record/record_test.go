package record

import (
	"os/exec"
	"strings"
	"testing"
)

func TestSignedRecordVerifies(t *testing.T) {
	f := newFixture(t)
	s := f.sign("dana", dana, "author")
	v := f.expect(Covered, "dana@example.com (author)")
	if v.Folder != s.Folder || len(v.Signers) != 1 || v.Signers[0].Fingerprint != s.Fingerprint {
		t.Errorf("signed %+v, verified %+v", s, v)
	}
	if len(s.Warnings) > 0 {
		t.Errorf("warnings for a listed signer: %v", s.Warnings)
	}
	if out := f.git("status", "--porcelain"); out != "" {
		t.Errorf("not everything was committed: %s", out)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", s.VerifyCommand) // #nosec G204 -- the line under test
	cmd.Dir = f.root
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), `Good "flightpoll/author" signature for dana@example.com`) {
		t.Errorf("%s\n%s%v", s.VerifyCommand, out, err)
	}
}
