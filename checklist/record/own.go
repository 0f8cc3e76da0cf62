package record

// One's own line of allowed_signers, and what verify would say of one's own signature.

import (
	"bytes"
	"context"
	"errors"
	"time"

	"flightpoll/checklist/policy"
	"flightpoll/detectors/branch"
)

// OwnSigner is the line of allowed_signers, with its line break, for the key that Sign would take, in these roles. It
// asks for no passphrase. principal is git's user.email.
func OwnSigner(ctx context.Context, b *branch.Branch, keyPath string, roles ...string) (who, line string, err error) {
	o := SignOptions{Key: keyPath}
	ring := newKeyring(o)
	defer ring.close()
	k, err := ring.locate(ctx, b, o)
	if err != nil {
		return "", "", err
	}
	if who, err = principal(b, ""); err != nil {
		return "", "", err
	}
	return who, AllowedSignerLine(who, k.public, roles...), nil
}

// foresee says what the target, as it stands, holds against a signature that was just made.
func (r *repository) foresee(ctx context.Context, b *branch.Branch, k key, o SignOptions) []string {
	t, err := r.trustAt(ctx, branch.Target{Name: b.Target, Ref: b.BaseRef, Tip: b.TargetTip})
	if err != nil {
		return []string{"verify will not count this signature: " + err.Error()}
	}
	if t.signers == nil {
		return []string{clean(b.BaseRef) + " has no " + policy.Signers + ", so verify cannot count this signature yet: run flightpoll init in a change of its own"}
	}
	for _, line := range t.signers {
		if bytes.Equal(line.public.Marshal(), k.public.Marshal()) && line.is(o.Principal) && line.allows(o.Role) {
			return nil
		}
	}
	s := signature{path: signatureFile(o.Role, o.Principal), name: signatureFile(o.Role, o.Principal), role: o.Role, public: k.public}
	_, err = t.trusted(ctx, s, time.Now())
	var against *refusal
	if errors.As(err, &against) {
		return []string{"verify will not count this signature: " + against.sentence}
	}
	return nil
}
