package record

// What is trusted: policy, signers and revocations, all from the tip of the target, never from what is judged.

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"flightpoll/checklist/policy"
	"flightpoll/detectors/branch"
)

// RevokedSigners names the keys that count no more: public keys one a line, or a key revocation list (ssh-keygen -k).
const RevokedSigners = ".readiness/revoked_signers"

// krlMagic begins a key revocation list.
const krlMagic = "SSHKRL\n\x00"

// trust is what the target says.
type trust struct {
	target  branch.Target
	policy  policy.Policy
	signers []allowed
	revoked []byte
	// repository is the policy's id, or the first commit.
	repository string
	warnings   []string
}

// findTrust finds the target and reads what it trusts. Where the target's policy names another target, that one counts.
func findTrust(ctx context.Context, r *repository, o VerifyOptions) (trust, error) {
	target, err := branch.FindTarget(ctx, branch.Options{Dir: o.Dir, Base: o.Base})
	if err != nil {
		return trust{}, err
	}
	t, err := r.trustAt(ctx, target)
	if err != nil {
		return trust{}, err
	}
	if named := t.policy.Target; o.Base == "" && named != "" && named != target.Name {
		if target, err = branch.FindTarget(ctx, branch.Options{Dir: o.Dir, Target: named}); err != nil {
			return trust{}, err
		}
		if t, err = r.trustAt(ctx, target); err != nil {
			return trust{}, err
		}
	}
	if t.signers == nil {
		return t, fmt.Errorf("%w: %s has no %s: run flightpoll init in a change of its own and land it first", ErrNotSetUp, clean(target.Ref), policy.Signers)
	}
	t.repository, err = r.repositoryID(ctx, t.policy, t.target.Tip)
	return t, err
}

// trustAt reads the files of one target. Without allowed_signers its signers are nil.
func (r *repository) trustAt(ctx context.Context, target branch.Target) (trust, error) {
	t := trust{target: target, policy: policy.Default()}
	c, err := r.commit(target.Tip)
	if err != nil {
		return t, err
	}
	text, found, err := r.file(c.tree, policy.Path, maxSigners)
	if err != nil {
		return t, unreadable(target, policy.Path, err)
	}
	if found {
		name := fmt.Sprintf("%s:%s", clean(target.Ref), policy.Path)
		if t.policy, t.warnings, err = policy.Parse(name, text); err != nil {
			return t, err
		}
	}
	text, found, err = r.file(c.tree, policy.Signers, maxSigners)
	if err != nil {
		return t, unreadable(target, policy.Signers, err)
	}
	if found {
		if t.signers, err = parseSigners(text); err != nil {
			return t, fmt.Errorf("%s:%w", clean(target.Ref), err)
		}
	}
	if t.revoked, _, err = r.file(c.tree, RevokedSigners, maxSigners); err != nil {
		return t, unreadable(target, RevokedSigners, err)
	}
	return t, r.checkRevoked(ctx, target, t.revoked)
}

func unreadable(target branch.Target, path string, err error) error {
	return fmt.Errorf("%s of the target %s cannot be read: %w", path, clean(target.Ref), err)
}

// checkRevoked makes sure that the list of revoked keys can be read: one that cannot would revoke nobody.
func (r *repository) checkRevoked(_ context.Context, target branch.Target, text []byte) error {
	if bytes.HasPrefix(text, []byte(krlMagic)) {
		if _, err := exec.LookPath(sshKeygen); err != nil {
			return unreadable(target, RevokedSigners, err)
		}
		return nil
	}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if _, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line)); err != nil {
			return unreadable(target, RevokedSigners, fmt.Errorf("line %d is no public key", i+1))
		}
	}
	return nil
}

// isRevoked says whether the target's list holds a key.
func (t trust) isRevoked(ctx context.Context, public ssh.PublicKey) (bool, error) {
	if bytes.HasPrefix(t.revoked, []byte(krlMagic)) {
		return inKRL(ctx, t.revoked, public)
	}
	for line := range strings.SplitSeq(string(t.revoked), "\n") {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err == nil && bytes.Equal(key.Marshal(), public.Marshal()) { // checkRevoked has read every line
			return true, nil
		}
	}
	return false, nil
}

// inKRL asks ssh-keygen -Q: 0 is not revoked.
func inKRL(ctx context.Context, list []byte, public ssh.PublicKey) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	dir, err := os.MkdirTemp("", "flightpoll-revoked-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	krl, key := filepath.Join(dir, "krl"), filepath.Join(dir, "key.pub")
	if err := os.WriteFile(krl, list, 0o600); err != nil {
		return false, err
	}
	if err := os.WriteFile(key, ssh.MarshalAuthorizedKey(public), 0o600); err != nil {
		return false, err
	}
	cmd := exec.CommandContext(ctx, sshKeygen, "-Q", "-f", krl, key) // #nosec G204 -- our own files
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return false, nil
	case bytes.Contains(out, []byte("REVOKED")):
		return true, nil
	}
	return false, fmt.Errorf("%s cannot be read by ssh-keygen -Q: %s", RevokedSigners, clean(strings.TrimSpace(string(out))))
}
