// Package record writes, signs and verifies the readiness file: an in-toto Statement about the code of a branch,
// the report and the answers beside it, and one detached signature a signer.
//
// Verification reads git objects only, never the work tree, takes policy and signers from the tip of the target,
// and refuses whatever it does not know.
package record

import (
	"context"
	"time"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
	"flightpoll/checklist/report"
	"flightpoll/detectors/branch"
)

// Dir is where records lie, below the repository's root.
const Dir = ".readiness/records"

// Draft is a record that is not signed yet.
type Draft struct {
	// Folder is Dir/<date>-<branch>.
	Folder string
	// Statement, ReportJSON and Markdown are the bytes of readiness.json, report.json and readiness.md.
	Statement, ReportJSON, Markdown []byte
}

// Build writes nothing: it makes the bytes that a signature would stand on. Where the branch already carries a
// record of this very code by the same answers (another role signs next), the draft is that record.
func Build(b *branch.Branch, p policy.Policy, board checklist.Board, r report.Report, now time.Time) (*Draft, error) {
	return build(b, p, board, r, now)
}

// SignOptions say who signs in which role.
type SignOptions struct {
	// Role is the part of the namespace after "flightpoll/": author, reviewer ...
	Role string
	// Key is a private or public key file; empty means git's user.signingkey (gpg.format and gpg.ssh.* respected),
	// then the one key of a running ssh-agent.
	Key string
	// Principal is who signs, an address; empty means git's user.email.
	Principal string
	// Passphrase is asked when a key file is encrypted; prompt names the file.
	Passphrase func(prompt string) ([]byte, error)
	// Commit makes a commit that adds the record only.
	Commit bool
}

// Signed says what Sign wrote.
type Signed struct {
	Folder, Signature, Principal, Role, Fingerprint string
	// Commit is the id of the commit, empty without one.
	Commit string
	// VerifyCommand is a shell line by which OpenSSH itself verifies the signature.
	VerifyCommand string
	// Warnings say what verify would hold against the signature as the target stands: a key that it does not list ...
	Warnings []string
}

// KeyInfo describes the key that Sign would take.
type KeyInfo struct {
	// Source is "file", "agent" or "ssh-keygen" (for sk and PKCS#11 keys); Comment and Fingerprint as ssh-keygen -l says.
	Source, Path, Type, Comment, Fingerprint string
	// NeedsPassphrase and NeedsTouch say what the engineer will be asked for.
	NeedsPassphrase, NeedsTouch bool
}

// FindKey says which key Sign would take, without signing.
func FindKey(ctx context.Context, b *branch.Branch, o SignOptions) (KeyInfo, error) {
	return findKey(ctx, b, o)
}

// Sign writes the draft with a signature below the repository's root: everything atomically, so that a kill at any
// moment leaves either the old record or the new one. It refuses a dirty tree. With Commit it reads the bytes back from
// git and compares.
func Sign(ctx context.Context, b *branch.Branch, d *Draft, o SignOptions) (Signed, error) {
	return sign(ctx, b, d, o)
}

// VerifyOptions say what to verify.
type VerifyOptions struct {
	Dir string
	// Rev is the commit to judge, empty for HEAD; Base the target's ref, empty to find it.
	Rev, Base string
	// Now is the verifier's clock.
	Now time.Time
}

// Verification is the answer of Verify.
type Verification struct {
	// Covered is the whole answer; Outcome one of the names of tamper.md ("covered", "stale", "bad signature" ...).
	Covered bool   `json:"covered"`
	Outcome string `json:"outcome"`
	// Sentence says it to a person, with the files named where it is stale.
	Sentence string   `json:"sentence"`
	Folder   string   `json:"record"`
	Signers  []Signer `json:"signers"`
	Stale    []string `json:"stale"`
	Warnings []string `json:"warnings"`
}

// Signer is one valid signature.
type Signer struct {
	Principal   string `json:"principal"`
	Role        string `json:"role"`
	Fingerprint string `json:"fingerprint"`
	Present     bool   `json:"present"`
}

// Verify judges a commit. The error is for what could not be judged at all (exit status 2): no repository, a shallow
// clone, not set up on the base.
func Verify(ctx context.Context, o VerifyOptions) (Verification, error) { return verify(ctx, o) }
