package record

// SSH signatures, read more strictly than ssh-keygen does
// (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig).

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

const (
	armorBegin = "-----BEGIN SSH SIGNATURE-----"
	armorEnd   = "-----END SSH SIGNATURE-----"
	// namespacePrefix and a role make the namespace of a signature.
	namespacePrefix = "flightpoll/"
	minRSABits      = 2048
)

// parseSignature reads one armored signature and nothing else.
func parseSignature(text []byte) (*sshsig.Signature, error) {
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) < 3 || lines[0] != armorBegin || lines[len(lines)-1] != armorEnd {
		return nil, errors.New("it is not one SSH SIGNATURE block")
	}
	body := lines[1 : len(lines)-1]
	for i, line := range body {
		if line == "" || len(line) > 76 || (i < len(body)-1 && len(line) != len(body[0])) {
			return nil, errors.New("its lines are not those of one SSH SIGNATURE block")
		}
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.Join(body, ""))
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	s, err := sshsig.ParseSignature(raw)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(s.Marshal(), raw) {
		return nil, errors.New("it is not encoded the one way that a signature is")
	}
	if _, isCertificate := s.PublicKey.(*ssh.Certificate); isCertificate {
		return nil, errors.New("it is by a certificate, which is not supported")
	}
	if crypto, ok := s.PublicKey.(ssh.CryptoPublicKey); ok {
		if key, ok := crypto.CryptoPublicKey().(*rsa.PublicKey); ok && key.N.BitLen() < minRSABits {
			return nil, fmt.Errorf("its RSA key has %d bits, fewer than %d", key.N.BitLen(), minRSABits)
		}
	}
	return s, nil
}

// signs says whether s is a signature of message by the key that it names. present says whether a token was touched;
// a key in a file has nothing to touch.
func signs(ctx context.Context, s *sshsig.Signature, message []byte) (present bool, err error) {
	err = sshsig.Verify(bytes.NewReader(message), s, s.PublicKey, s.HashAlgorithm, s.Namespace)
	if err == nil || !isSecurityKey(s.PublicKey) || touched(s) {
		return err == nil && isSecurityKey(s.PublicKey) && touched(s), err
	}
	// x/crypto takes no signature of a token that was not touched; such keys exist (ssh-keygen -O no-touch-required).
	return false, checkNoValidate(ctx, s, message)
}

// touched reads the user presence flag of a FIDO signature.
func touched(s *sshsig.Signature) bool {
	const userPresence = 1
	return len(s.Signature.Rest) > 0 && s.Signature.Rest[0]&userPresence != 0
}

// checkNoValidate asks ssh-keygen whether a signature holds, whoever it is by.
func checkNoValidate(ctx context.Context, s *sshsig.Signature, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	dir, err := os.MkdirTemp("", "flightpoll-verify-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "signature")
	if err := os.WriteFile(file, sshsig.Armor(s), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, sshKeygen, "-Y", "check-novalidate", "-n", s.Namespace, "-s", file) // #nosec G204 -- the namespace has been checked
	cmd.Stdin = bytes.NewReader(message)
	cmd.WaitDelay = time.Second
	return cmd.Run()
}
