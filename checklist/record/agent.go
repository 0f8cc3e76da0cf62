package record

// Keys in a running ssh-agent.

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// agentTimeout bounds finding keys; signing may wait for a touch or a confirmation.
const (
	agentTimeout     = 5 * time.Second
	agentSignTimeout = 2 * time.Minute
)

// agentKeys are the keys of one agent; none where there is no agent.
type agentKeys struct {
	conn    net.Conn
	signers []ssh.Signer
}

// dialAgent asks the agent of SSH_AUTH_SOCK which keys it has. No agent, or one that does not answer, has none.
func dialAgent() *agentKeys {
	a := &agentKeys{}
	path := os.Getenv("SSH_AUTH_SOCK")
	if path == "" {
		return a
	}
	dialer := net.Dialer{Timeout: agentTimeout}
	conn, err := dialer.DialContext(context.Background(), "unix", path)
	if err != nil {
		return a
	}
	a.conn = conn
	_ = conn.SetDeadline(time.Now().Add(agentTimeout))
	signers, err := agent.NewClient(conn).Signers()
	_ = conn.SetDeadline(time.Time{})
	if err != nil {
		return a
	}
	for _, s := range signers {
		if _, isCertificate := s.PublicKey().(*ssh.Certificate); !isCertificate {
			a.signers = append(a.signers, s)
		}
	}
	return a
}

func (a *agentKeys) close() {
	if a.conn != nil {
		_ = a.conn.Close()
	}
}

// find is the agent's key with this public half.
func (a *agentKeys) find(public ssh.PublicKey) (key, bool) {
	for _, s := range a.signers {
		if bytes.Equal(s.PublicKey().Marshal(), public.Marshal()) {
			return a.key(s), true
		}
	}
	return key{}, false
}

// only is the agent's key when it has exactly one; several are an error that names them.
func (a *agentKeys) only() (key, bool, error) {
	switch len(a.signers) {
	case 0:
		return key{}, false, nil
	case 1:
		return a.key(a.signers[0]), true, nil
	}
	names := make([]string, 0, len(a.signers))
	for _, s := range a.signers {
		names = append(names, strings.TrimSpace(ssh.FingerprintSHA256(s.PublicKey())+" "+comment(s)))
	}
	return key{}, true, fmt.Errorf("the agent holds %d keys (%s): choose one by --key FILE.pub or git's user.signingkey", len(names), some(names, 5))
}

func (a *agentKeys) key(s ssh.Signer) key {
	return key{
		info: describe(s.PublicKey(), fromAgent, "", comment(s)), public: s.PublicKey(),
		sign: func(ctx context.Context, message []byte, namespace string) ([]byte, error) {
			_ = a.conn.SetDeadline(time.Now().Add(agentSignTimeout))
			stop := context.AfterFunc(ctx, func() { _ = a.conn.SetDeadline(time.Now()) })
			defer stop()
			return armored(s, message, namespace)
		},
	}
}

// comment is what the agent calls a key.
func comment(s ssh.Signer) string {
	if k, ok := s.PublicKey().(*agent.Key); ok {
		return k.Comment
	}
	return ""
}
