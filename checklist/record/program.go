package record

// Keys that only a program can use: ssh-keygen for FIDO tokens, whatever gpg.ssh.program names (as git calls it).

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const sshKeygen = "ssh-keygen"

// byProgram is a key that a program signs with. An empty path means a key of which only the public half is known.
func (ring *keyring) byProgram(_ context.Context, public ssh.PublicKey, comment, path string) (key, error) {
	program := cmp.Or(ring.program, sshKeygen)
	if _, err := exec.LookPath(expand(program)); err != nil {
		return key{}, fmt.Errorf("%s is needed to sign with this key: %w", clean(program), err)
	}
	return key{
		info: describe(public, fromProgram, path, comment), public: public,
		sign: func(ctx context.Context, message []byte, namespace string) ([]byte, error) {
			return signByProgram(ctx, expand(program), public, path, message, namespace)
		},
	}, nil
}

// signByProgram runs `PROGRAM -Y sign -n NAMESPACE -f KEY FILE` as git does and reads FILE.sig.
func signByProgram(ctx context.Context, program string, public ssh.PublicKey, path string, message []byte, namespace string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "flightpoll-sign-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, statementFile)
	if err := os.WriteFile(file, message, 0o600); err != nil {
		return nil, err
	}
	args := []string{"-Y", "sign", "-n", namespace, "-f", path}
	if path == "" {
		path = filepath.Join(dir, "key.pub")
		if err := os.WriteFile(path, ssh.MarshalAuthorizedKey(public), 0o600); err != nil {
			return nil, err
		}
		args = []string{"-Y", "sign", "-n", namespace, "-f", path, "-U"}
	}
	cmd := exec.CommandContext(ctx, program, append(args, file)...) // #nosec G204 -- the engineer's own git configuration
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("%s did not sign with %s: %s", clean(program), ssh.FingerprintSHA256(public), clean(cmp.Or(lines[len(lines)-1], err.Error())))
	}
	return os.ReadFile(file + ".sig") // #nosec G304 -- below the folder made above
}

// askPublicHalf asks ssh-keygen for the public half of a key that is not encrypted.
func askPublicHalf(ctx context.Context, path string) (ssh.PublicKey, string, bool) {
	ctx, cancel := context.WithTimeout(ctx, agentTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, sshKeygen, "-y", "-P", "", "-f", path) // #nosec G204 -- the file that the engineer names
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return nil, "", false
	}
	return parsePublic(out)
}
