package record

// Judges one signature: form, arithmetic, then trust.

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// signature is one whose form and arithmetic are right; who it is by is not settled yet.
type signature struct {
	path, name string
	role       string
	public     ssh.PublicKey
	present    bool
}

// readSignature checks form, namespace and arithmetic of one signature file over a statement.
func readSignature(ctx context.Context, path, name string, text, statement []byte) (signature, error) {
	s, err := parseSignature(text)
	if err != nil {
		return signature{}, refuse(Malformed, "%s cannot be read: %s", clean(path), clean(err.Error()))
	}
	out := signature{path: path, name: name, public: s.PublicKey}
	role, ours := strings.CutPrefix(s.Namespace, namespacePrefix)
	if !ours || !roleName.MatchString(role) || !strings.HasPrefix(name, role+"-") {
		return out, refuse(WrongNamespace, "%s is signed in the namespace %s, which is not that of its role", clean(path), clean(s.Namespace))
	}
	out.role = role
	if s.HashAlgorithm != sshsig.HashSHA512 && s.HashAlgorithm != sshsig.HashSHA256 {
		return out, refuse(Malformed, "%s uses the hash %s", clean(path), clean(string(s.HashAlgorithm)))
	}
	if out.present, err = signs(ctx, s, statement); err != nil {
		return out, refuse(BadSignature, "%s is no signature of the %s beside it: one of them was changed", clean(path), statementFile)
	}
	return out, nil
}

// trusted says who made a signature, by the target's signers and the verifier's clock.
func (t trust) trusted(ctx context.Context, s signature, now time.Time) (Signer, error) {
	fingerprint := ssh.FingerprintSHA256(s.public)
	if revoked, err := t.isRevoked(ctx, s.public); err != nil {
		return Signer{}, err
	} else if revoked {
		return Signer{}, refuse(Revoked, "%s is by the key %s, which %s revokes", clean(s.path), fingerprint, RevokedSigners)
	}
	refusals := []error{}
	for _, line := range t.signers {
		if !bytes.Equal(line.public.Marshal(), s.public.Marshal()) {
			continue
		}
		who := ""
		for _, p := range line.principals {
			if line.is(p) && signatureFile(s.role, p) == s.name {
				who = p
			}
		}
		switch {
		case line.authority:
			refusals = append(refusals, refuse(Refused, "%s: allowed_signers:%d lists its key as a certificate authority, which is not supported", clean(s.path), line.line))
		case who == "" && line.wild():
			refusals = append(refusals, refuse(Refused, "%s: allowed_signers:%d names its signer by a wildcard only, so nobody in particular signed", clean(s.path), line.line))
		case who == "":
			refusals = append(refusals, refuse(Untrusted, "%s is by a key of %s, who is not the signer that its name says", clean(s.path), some(line.principals, 3)))
		case !line.allows(s.role):
			refusals = append(refusals, refuse(RoleNotAllowed, "%s may not sign as %s (allowed_signers:%d)", clean(who), s.role, line.line))
		case !line.after.IsZero() && now.Before(line.after):
			refusals = append(refusals, refuse(Untrusted, "the key of %s is not valid before %s", clean(who), line.after.Format(time.DateOnly)))
		case !line.before.IsZero() && now.After(line.before):
			refusals = append(refusals, refuse(Expired, "the key of %s is not valid since %s, whatever the record says of its time", clean(who), line.before.Format(time.DateOnly)))
		default:
			if t.policy.Require.Presence && !s.present {
				return Signer{}, refuse(Refused, "%s was made without touching a key, which the target's policy asks for (presence)", clean(s.path))
			}
			return Signer{Principal: who, Role: s.role, Fingerprint: fingerprint, Present: s.present}, nil
		}
	}
	if len(refusals) > 0 {
		return Signer{}, refusals[0]
	}
	return Signer{}, refuse(Untrusted, "%s is by the key %s, which %s does not list", clean(s.path), fingerprint, clean(t.target.Ref)+":.readiness/allowed_signers")
}

// enough counts the signers of each role that the policy asks for; one key under two names counts once.
func (t trust) enough(list []Signer) error {
	need := t.policy.Require.Signers
	if len(need) == 0 {
		need = map[string]int{"author": 1}
	}
	doubled := ""
	have := map[string]int{}
	seen := map[string]string{}
	for _, s := range list {
		if first, known := seen[s.Fingerprint]; known && first != s.Principal {
			doubled = fmt.Sprintf(" (%s and %s sign by one key, which counts once)", clean(first), clean(s.Principal))
			continue
		}
		seen[s.Fingerprint] = s.Principal
		have[s.Role]++
	}
	for _, role := range slices.Sorted(maps.Keys(need)) {
		if have[role] < need[role] {
			return refuse(NotEnough, "%d of %d signatures as %s%s", have[role], need[role], clean(role), doubled)
		}
	}
	return nil
}
