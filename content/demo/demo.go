// Package demo makes the sample repository of `flightpoll demo`: an online shop in Go and TypeScript whose branch fails
// in each of the five ways, and does some things right.
package demo

import (
	"context"
	"crypto/ed25519"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/tools/txtar"
)

//go:embed shop.txtar
var shop []byte

// Branch is the sample's branch under review.
const Branch = "loyalty-points"

// The sample's owner and its policy; the key is made anew for each sample and lies beside the repository.
const (
	ownerName    = "Dana Reyes"
	ownerAddress = "dana@lantern.example"
	policyText   = "version: 1\nrepository: 5d0c6d1e-demo-4a8e-9b57-lanternbooks\ntarget: main\n"
)

// Repo says where a sample lies.
type Repo struct {
	// Dir is the repository, Branch the branch that is checked out, Key the private key file beside it.
	Dir, Branch, Key string
	// Hint is a line for whoever sees it first.
	Hint string
}

// Create makes the sample in dir, which is empty or not there yet.
func Create(ctx context.Context, dir string) (Repo, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Repo{}, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Repo{}, err
	}
	if len(entries) > 0 {
		return Repo{}, fmt.Errorf("%s is not empty; name an empty folder", dir)
	}
	r := Repo{
		Dir: filepath.Join(dir, "shop"), Branch: Branch, Key: filepath.Join(dir, "demo-key"),
		Hint: "A sample: W walks the questions, w waives, s signs (throw-away key).",
	}
	if err := os.MkdirAll(r.Dir, 0o750); err != nil {
		return Repo{}, err
	}
	public, err := writeKey(r.Key)
	if err != nil {
		return Repo{}, err
	}
	return r, build(ctx, r, public)
}

// build lays the commits out, main first and then one for each step of the branch.
func build(ctx context.Context, r Repo, public string) error {
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"},
		{"config", "user.name", ownerName}, {"config", "user.email", ownerAddress},
		{"config", "gpg.format", "ssh"}, {"config", "user.signingkey", r.Key}, {"config", "commit.gpgsign", "false"},
		{"config", "core.hooksPath", "/dev/null"},
	} {
		if err := git(ctx, r.Dir, 0, args...); err != nil {
			return err
		}
	}
	archive := txtar.Parse(shop)
	for i, step := range []string{"main", "1", "2", "3", "4"} {
		if i == 1 {
			if err := git(ctx, r.Dir, 0, "switch", "-q", "-c", Branch); err != nil {
				return err
			}
		}
		if i == 0 {
			signer := fmt.Sprintf("%s namespaces=\"flightpoll/author\" %s\n", ownerAddress, public)
			for path, text := range map[string]string{".readiness/policy.yaml": policyText, ".readiness/allowed_signers": signer} {
				if err := write(r.Dir, path, []byte(text)); err != nil {
					return err
				}
			}
		}
		message := ""
		for _, f := range archive.Files {
			at, path, _ := strings.Cut(f.Name, "/")
			switch {
			case at != step:
			case path == "COMMIT":
				message = string(f.Data)
			default:
				if err := write(r.Dir, path, f.Data); err != nil {
					return err
				}
			}
		}
		if err := git(ctx, r.Dir, i, "add", "-A"); err != nil {
			return err
		}
		if err := git(ctx, r.Dir, i, "commit", "-q", "-m", message); err != nil {
			return err
		}
	}
	return nil
}

func write(dir, path string, text []byte) error {
	full := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if strings.HasPrefix(string(text), "#!") {
		mode = 0o755
	}
	return os.WriteFile(full, text, mode)
}

// writeKey makes an ed25519 key pair in OpenSSH's format and returns the public line.
func writeKey(path string) (string, error) {
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", err
	}
	block, err := ssh.MarshalPrivateKey(key, "flightpoll demo, a throw-away key")
	if err != nil {
		return "", err
	}
	sshPub, err := ssh.NewPublicKey(pub)
	if err != nil {
		return "", err
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(sshPub)))
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		return "", err
	}
	return line, os.WriteFile(path+".pub", []byte(line+" flightpoll demo\n"), 0o600)
}

// git runs git in dir with a date of its own for each step, so that every sample has the same history; the owner's
// own configuration stays out of it.
func git(ctx context.Context, dir string, step int, args ...string) error {
	when := time.Date(2026, 3, 2, 10+step, 0, 0, 0, time.UTC).Format(time.RFC3339)
	cmd := exec.CommandContext(ctx, "git", args...) //nolint:gosec // the arguments are this package's own
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_DATE="+when, "GIT_COMMITTER_DATE="+when)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("making the sample: git %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}
