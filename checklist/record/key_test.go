package record

// Which key signs, and by what.

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// startAgent runs a real ssh-agent with some keys.
func startAgent(f *fixture, keys ...string) {
	f.t.Helper()
	dir, err := os.MkdirTemp("", "fp") // the path of a socket is short
	f.must(err)
	f.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "agent")
	cmd := exec.CommandContext(f.t.Context(), "ssh-agent", "-D", "-a", socket) // #nosec G204 -- the test's own
	f.must(cmd.Start())
	f.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var conn net.Conn
	for range 1000 {
		if conn, err = (&net.Dialer{}).DialContext(f.t.Context(), "unix", socket); err == nil {
			break
		}
		f.must(exec.CommandContext(f.t.Context(), "true").Run())
	}
	f.must(err)
	defer func() { _ = conn.Close() }()
	client := agent.NewClient(conn)
	for _, name := range keys {
		text, err := os.ReadFile(f.key(name))
		f.must(err)
		raw, err := ssh.ParseRawPrivateKey(text)
		f.must(err)
		f.must(client.Add(agent.AddedKey{PrivateKey: raw, Comment: name + "'s"}))
	}
	f.t.Setenv("SSH_AUTH_SOCK", socket)
}

// keygen makes a key as a person would.
func (f *fixture) keygen(name string, args ...string) {
	f.t.Helper()
	args = append([]string{"-q", "-C", name, "-f", f.key(name)}, args...)
	out, err := exec.CommandContext(f.t.Context(), "ssh-keygen", args...).CombinedOutput() // #nosec G204 -- the test's own
	if err != nil {
		f.t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
}

func TestAgentSigns(t *testing.T) {
	f := newFixture(t)
	startAgent(f, "dana")
	s := f.signBoard(f.board(), SignOptions{Commit: true})
	f.expect(Covered, dana)
	info, err := FindKey(context.Background(), f.open(), SignOptions{})
	f.must(err)
	if info.Source != "agent" || info.Comment != "dana's" || info.Fingerprint != s.Fingerprint || info.NeedsPassphrase {
		t.Errorf("%+v", info)
	}
}

func TestAgentWithSeveralKeys(t *testing.T) {
	f := newFixture(t)
	startAgent(f, "eve", "dana")
	_, err := FindKey(context.Background(), f.open(), SignOptions{})
	if err == nil || !strings.Contains(err.Error(), "dana's") || !strings.Contains(err.Error(), "--key") {
		t.Errorf("%v", err)
	}
	f.must(os.Remove(f.key("dana")))
	f.signBoard(f.board(), SignOptions{Key: f.key("dana") + ".pub", Commit: true}) // the private half is in the agent only
	f.expect(Covered)
}

func TestGitSaysWhichKey(t *testing.T) {
	cases := []struct {
		name   string
		config func(f *fixture) [][2]string
	}{
		{"a path", func(f *fixture) [][2]string {
			return [][2]string{{"gpg.format", "ssh"}, {"user.signingkey", f.key("dana")}}
		}},
		{"a public key's path", func(f *fixture) [][2]string {
			return [][2]string{{"gpg.format", "ssh"}, {"user.signingkey", f.key("dana") + ".pub"}}
		}},
		{"a literal key", func(f *fixture) [][2]string {
			return [][2]string{{"gpg.format", "ssh"}, {"user.signingkey", "key::" + string(ssh.MarshalAuthorizedKey(f.public("dana")))}}
		}},
		{"a command", func(f *fixture) [][2]string {
			return [][2]string{{"gpg.format", "ssh"}, {"gpg.ssh.defaultKeyCommand", "echo key::$(cat " + f.key("dana") + ".pub)"}}
		}},
		{"a program", func(f *fixture) [][2]string {
			program := filepath.Join(f.keys, "program")
			f.must(os.WriteFile(program, []byte("#!/bin/sh\nexec ssh-keygen \"$@\"\n"), 0o700)) // #nosec G306 -- a program
			return [][2]string{{"gpg.format", "ssh"}, {"user.signingkey", f.key("dana")}, {"gpg.ssh.program", program}}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			startAgent(f, "eve", "dana")
			for _, kv := range c.config(f) {
				f.git("config", kv[0], kv[1])
			}
			f.signBoard(f.board(), SignOptions{Commit: true})
			f.expect(Covered, dana)
		})
	}
}

func TestPassphrase(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.must(os.Remove(f.key("dana")))
	f.keygen("dana", "-t", "ed25519", "-N", "secret")
	f.onMain("New key", func() { f.write(".readiness/allowed_signers", f.signersFile()) })
	f.git("rebase", "-q", "main")

	b := f.open()
	info, err := FindKey(context.Background(), b, SignOptions{Key: f.key("dana")})
	if err != nil || !info.NeedsPassphrase {
		t.Fatalf("%+v %v", info, err)
	}
	o := SignOptions{Key: f.key("dana"), Commit: true}
	if _, err := Sign(context.Background(), b, f.build(b, f.board()), o); err == nil || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("without a terminal: %v", err)
	}
	o.Passphrase = func(string) ([]byte, error) { return []byte("wrong"), nil }
	if _, err := Sign(context.Background(), b, f.build(b, f.board()), o); !errors.Is(err, ErrPassphrase) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if names := foldersOnDisk(f.root); len(names) > 0 {
		t.Errorf("something was written: %v", names)
	}
	o.Passphrase = func(string) ([]byte, error) { return []byte("secret"), nil }
	f.signBoard(f.board(), o)
	f.expect(Covered)
}

func TestOtherKeyTypes(t *testing.T) {
	for _, kind := range [][]string{{"-t", "rsa", "-b", "2048"}, {"-t", "ecdsa"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}} {
		t.Run(strings.Join(kind, " "), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.must(os.Remove(f.key("dana")))
			f.keygen("dana", append(kind, "-N", "")...)
			f.onMain("New key", func() { f.write(".readiness/allowed_signers", f.signersFile()) })
			f.git("rebase", "-q", "main")
			f.sign("dana", dana, "author")
			f.expect(Covered)
		})
	}
}

// A token's signature counts with its touch, and without it where the policy does not ask.
func TestTokenPresence(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags byte
	}{{"touched", 1}, {"not touched", 0}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.onMain("Token", func() {
				f.write(".readiness/allowed_signers", AllowedSignerLine(dana, newToken(f).PublicKey(), "author"))
			})
			f.git("rebase", "-q", "main")
			f.token(f.sign("dana", dana, "author"), c.flags)
			v := f.expect(Covered)
			if v.Signers[0].Present != (c.flags == 1) {
				t.Errorf("%+v", v.Signers)
			}
		})
	}
}
