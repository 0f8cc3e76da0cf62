package record

// Which key signs: the one that was named, the one that git signs with, the one in the agent, the usual file.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"flightpoll/detectors/branch"
)

// The places that a key may be in.
const (
	fromFile    = "file"
	fromAgent   = "agent"
	fromProgram = "ssh-keygen"
)

// usualKeys are tried below ~/.ssh in ssh's own order, after everything that was set up on purpose.
var usualKeys = []string{"id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"}

// key is a key with the way to sign by it. sign gives an armored SSHSIG over message.
type key struct {
	info   KeyInfo
	public ssh.PublicKey
	sign   func(ctx context.Context, message []byte, namespace string) ([]byte, error)
}

// keyring finds keys. Close ends its connection to the agent.
type keyring struct {
	agent      *agentKeys
	passphrase func(prompt string) ([]byte, error)
	// program signs with keys that git's configuration names, where gpg.ssh.program is set.
	program string
}

func findKey(ctx context.Context, b *branch.Branch, o SignOptions) (KeyInfo, error) {
	ring := newKeyring(o)
	defer ring.close()
	k, err := ring.locate(ctx, b, o)
	return k.info, err
}

func newKeyring(o SignOptions) *keyring {
	return &keyring{agent: dialAgent(), passphrase: o.Passphrase}
}

func (ring *keyring) close() { ring.agent.close() }

// locate is the key that Sign takes.
func (ring *keyring) locate(ctx context.Context, b *branch.Branch, o SignOptions) (key, error) {
	if o.Key != "" {
		return ring.file(ctx, o.Key)
	}
	if k, found, err := ring.configured(ctx, b); found || err != nil {
		return k, err
	}
	if k, found, err := ring.agent.only(); found || err != nil {
		return k, err
	}
	home, err := os.UserHomeDir()
	if err == nil {
		for _, name := range usualKeys {
			path := filepath.Join(home, ".ssh", name)
			if _, err := os.Stat(path); err == nil {
				return ring.file(ctx, path)
			}
		}
	}
	return key{}, errors.New("no key to sign with: give --key FILE, set git's user.signingkey, or make one with ssh-keygen -t ed25519")
}

// configured is the key that git would sign with, by user.signingkey and gpg.ssh.*; false when git signs by other means.
func (ring *keyring) configured(ctx context.Context, b *branch.Branch) (key, bool, error) {
	named := b.Config("user.signingkey")
	literal, isLiteral := literalKey(named)
	if b.Config("gpg.format") != "ssh" && !isLiteral {
		return key{}, false, nil
	}
	ring.program = b.Config("gpg.ssh.program")
	if named == "" {
		line := b.Config("gpg.ssh.defaultKeyCommand")
		if line == "" {
			return key{}, false, nil
		}
		out, err := exec.CommandContext(ctx, "sh", "-c", line).Output() // #nosec G204 -- the engineer's own git configuration
		if err != nil {
			return key{}, true, fmt.Errorf("gpg.ssh.defaultKeyCommand (%s) failed: %w", clean(line), err)
		}
		first, _, _ := strings.Cut(string(out), "\n")
		if literal, isLiteral = literalKey(strings.TrimSpace(first)); !isLiteral {
			return key{}, true, fmt.Errorf("gpg.ssh.defaultKeyCommand (%s) printed no public key", clean(line))
		}
	}
	if isLiteral {
		k, err := ring.literal(ctx, literal)
		return k, true, err
	}
	k, err := ring.file(ctx, named)
	return k, true, err
}

// literalKey is the public key that a setting holds itself instead of a path.
func literalKey(value string) (string, bool) {
	if rest, ok := strings.CutPrefix(value, "key::"); ok {
		return rest, true
	}
	return value, strings.HasPrefix(value, "ssh-") || strings.HasPrefix(value, "ecdsa-sha2-") || strings.HasPrefix(value, "sk-")
}

// literal is a key by its public half: in the agent, or wherever gpg.ssh.program has it.
func (ring *keyring) literal(ctx context.Context, line string) (key, error) {
	public, comment, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return key{}, fmt.Errorf("git's configuration names %s, which is no SSH public key: %w", clean(line), err)
	}
	if ring.program != "" {
		return ring.byProgram(ctx, public, comment, "")
	}
	if k, ok := ring.agent.find(public); ok {
		return k, nil
	}
	return key{}, fmt.Errorf("%s (%s) is not in the agent: ssh-add it, or give --key FILE", ssh.FingerprintSHA256(public), clean(comment))
}

// expand is a path with ~/ as git writes it.
func expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// describe is what people are told of a public key.
func describe(public ssh.PublicKey, source, path, comment string) KeyInfo {
	return KeyInfo{
		Source: source, Path: path, Type: public.Type(), Comment: clean(comment), Fingerprint: ssh.FingerprintSHA256(public),
		NeedsTouch: isSecurityKey(public),
	}
}

// isSecurityKey says whether a FIDO token holds the key (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.u2f).
func isSecurityKey(public ssh.PublicKey) bool { return strings.HasPrefix(public.Type(), "sk-") }
