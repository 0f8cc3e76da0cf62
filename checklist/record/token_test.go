package record

// A FIDO key in software, to make signatures with and without a touch
// (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.u2f).

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"io"

	"golang.org/x/crypto/ssh"
)

const tokenApplication = "ssh:"

// newToken is the fixture's token: the same one each time.
func newToken(f *fixture) *token {
	f.t.Helper()
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, private.Public().(ed25519.PublicKey), tokenApplication}))
	f.must(err)
	return &token{public: public, private: private}
}

// Sign signs as a token does: over the application, the flags, a counter and the message.
func (k *token) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	application, message := sha256.Sum256([]byte(tokenApplication)), sha256.Sum256(data)
	rest := append([]byte{k.flags}, binary.BigEndian.AppendUint32(nil, 7)...)
	blob := append(append(append([]byte(nil), application[:]...), rest...), message[:]...)
	return &ssh.Signature{Format: k.public.Type(), Blob: ed25519.Sign(k.private, blob), Rest: rest}, nil
}

// token replaces the signature by one of the token with these flags.
func (f *fixture) token(s Signed, flags byte) {
	f.t.Helper()
	k := newToken(f)
	k.flags = flags
	signature, err := armored(k, []byte(f.read(s.Folder+"/readiness.json")), "flightpoll/author")
	f.must(err)
	f.write(s.Signature, string(signature))
	f.commit("Sign with the token")
}
