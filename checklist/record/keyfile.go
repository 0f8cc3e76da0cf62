package record

// Keys in files: private ones, with or without a passphrase, and public ones whose private half is elsewhere.

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// maxKeyFile is the largest key file in bytes.
const maxKeyFile = 64 << 10

// ErrPassphrase says that a passphrase does not open the key: asking again may help.
var ErrPassphrase = errors.New("wrong passphrase")

// file is the key at a path, private or public.
func (ring *keyring) file(ctx context.Context, path string) (key, error) {
	path = expand(path)
	text, err := readKeyFile(path)
	if err != nil {
		return key{}, err
	}
	if public, comment, ok := parsePublic(text); ok {
		return ring.publicFile(ctx, path, public, comment)
	}
	return ring.privateFile(ctx, path, text)
}

func readKeyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the key %s cannot be read: %w", clean(path), err)
	case info.IsDir() || info.Size() > maxKeyFile:
		return nil, fmt.Errorf("%s is no key file", clean(path))
	}
	text, err := os.ReadFile(path) // #nosec G304 -- the file that the engineer names
	if err != nil {
		return nil, fmt.Errorf("the key %s cannot be read: %w", clean(path), err)
	}
	return text, nil
}

func parsePublic(text []byte) (ssh.PublicKey, string, bool) {
	if bytes.Contains(text, []byte("PRIVATE KEY")) {
		return nil, "", false
	}
	public, comment, _, _, err := ssh.ParseAuthorizedKey(text)
	return public, comment, err == nil
}

// publicFile is the key whose public half is at a path: in the agent, beside it, or where gpg.ssh.program has it.
func (ring *keyring) publicFile(ctx context.Context, path string, public ssh.PublicKey, comment string) (key, error) {
	if ring.program != "" {
		return ring.byProgram(ctx, public, comment, path)
	}
	if k, ok := ring.agent.find(public); ok {
		k.info.Path = path
		return k, nil
	}
	if private, ok := strings.CutSuffix(path, ".pub"); ok {
		if text, err := readKeyFile(private); err == nil {
			return ring.privateFile(ctx, private, text)
		}
	}
	return key{}, fmt.Errorf("the private half of %s is neither in the agent nor beside it: ssh-add it, or name the private key file", clean(path))
}

// privateFile is a private key in any form that OpenSSH writes.
func (ring *keyring) privateFile(ctx context.Context, path string, text []byte) (key, error) {
	raw, err := ssh.ParseRawPrivateKey(text)
	if err == nil && ring.program == "" {
		return opened(path, raw)
	}
	public, comment, found := publicHalf(ctx, path, text, err)
	if !found {
		if err == nil {
			err = errors.New("its public half is not known")
		}
		return key{}, fmt.Errorf("%s is no SSH key that can sign: %w", clean(path), err)
	}
	if ring.program != "" || isSecurityKey(public) {
		return ring.byProgram(ctx, public, comment, path)
	}
	if k, ok := ring.agent.find(public); ok {
		k.info.Path = path
		return k, nil
	}
	var locked *ssh.PassphraseMissingError
	if !errors.As(err, &locked) {
		return key{}, fmt.Errorf("%s is no SSH key that can sign: %w", clean(path), err)
	}
	k := key{info: describe(public, fromFile, path, comment), public: public}
	k.info.NeedsPassphrase = true
	k.sign = func(_ context.Context, message []byte, namespace string) ([]byte, error) {
		signer, err := ring.unlock(path, text)
		if err != nil {
			return nil, err
		}
		return armored(signer, message, namespace)
	}
	return k, nil
}

// publicHalf is the public key of a private one that could not be read without help.
func publicHalf(ctx context.Context, path string, text []byte, err error) (ssh.PublicKey, string, bool) {
	if beside, err := readKeyFile(path + ".pub"); err == nil {
		if public, comment, ok := parsePublic(beside); ok {
			return public, comment, true
		}
	}
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) && locked.PublicKey != nil {
		return locked.PublicKey, "", true
	}
	if signer, err := ssh.ParsePrivateKey(text); err == nil {
		return signer.PublicKey(), "", true
	}
	return askPublicHalf(ctx, path)
}

// opened is a key that needs nothing more.
func opened(path string, raw any) (key, error) {
	signer, err := ssh.NewSignerFromKey(raw)
	if err != nil {
		return key{}, fmt.Errorf("%s is no SSH key that can sign: %w", clean(path), err)
	}
	comment := ""
	if beside, err := readKeyFile(path + ".pub"); err == nil {
		_, comment, _ = parsePublic(beside)
	}
	return key{
		info: describe(signer.PublicKey(), fromFile, path, comment), public: signer.PublicKey(),
		sign: func(_ context.Context, message []byte, namespace string) ([]byte, error) {
			return armored(signer, message, namespace)
		},
	}, nil
}

// unlock asks for the passphrase.
func (ring *keyring) unlock(path string, text []byte) (ssh.Signer, error) {
	if ring.passphrase == nil {
		return nil, fmt.Errorf("the key %s has a passphrase: ssh-add it, or sign in a terminal", clean(path))
	}
	secret, err := ring.passphrase(clean(path))
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKeyWithPassphrase(text, secret)
	clear(secret)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, fmt.Errorf("%w for %s: nothing was signed, try again", ErrPassphrase, clean(path))
	} else if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", clean(path), err)
	}
	return signer, nil
}

// armored signs a message as ssh-keygen -Y sign does.
func armored(signer ssh.Signer, message []byte, namespace string) ([]byte, error) {
	s, err := sshsig.Sign(bytes.NewReader(message), signer, sshsig.HashSHA512, namespace)
	if err != nil {
		return nil, fmt.Errorf("the key %s did not sign: %w", ssh.FingerprintSHA256(signer.PublicKey()), err)
	}
	return sshsig.Armor(s), nil
}
