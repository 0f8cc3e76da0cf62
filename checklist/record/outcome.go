package record

// The outcomes of verification and the errors of signing, each with its sentence.

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The outcomes of Verify.
const (
	Covered          = "covered"
	None             = "none"
	Stale            = "stale"
	Malformed        = "malformed"
	Refused          = "refused"
	BadSignature     = "bad signature"
	WrongNamespace   = "wrong namespace"
	RoleNotAllowed   = "role not allowed"
	Untrusted        = "untrusted signer"
	Revoked          = "revoked"
	Expired          = "expired"
	OtherRepository  = "other repository"
	OtherTarget      = "other target"
	NotEnough        = "not enough signers"
	WaiverNotAllowed = "waiver not allowed"
)

// Errors of Sign that callers tell apart.
var (
	// ErrHold says that the verdict is not go.
	ErrHold = errors.New("not signed: the verdict is not go")
	// ErrDirty says that the work tree differs from HEAD.
	ErrDirty = errors.New("not signed: the work tree is not clean")
	// ErrNothing says that the branch changes nothing.
	ErrNothing = errors.New("not signed: the branch changes nothing against its target: commit something, or name the target with --base")
	// ErrMoved says that the code is not what the draft speaks of.
	ErrMoved = errors.New("not signed: the code changed since the checklist was put together: run it again")
	// ErrAltered says that git holds other bytes than were signed.
	ErrAltered = errors.New("the commit does not hold the bytes that were signed")
	// ErrNotSetUp says that the target has no allowed_signers.
	ErrNotSetUp = errors.New("not set up on the base")
)

// refusal is a judgement against a record: an outcome with its sentence.
type refusal struct {
	outcome, sentence string
}

func (e *refusal) Error() string { return e.outcome + ": " + e.sentence }

// refuse makes a refusal; names in the arguments must have been cleaned.
func refuse(outcome, format string, args ...any) error {
	return &refusal{outcome, fmt.Sprintf(format, args...)}
}

// clean is text from a repository as one line that a terminal shows as it is: quoted when it holds control
// characters, line breaks, characters that reorder text, or bytes that are not UTF-8; cut at 200 characters.
func clean(s string) string {
	if utf8.RuneCountInString(s) > 200 {
		s = string([]rune(s)[:199]) + "…"
	}
	odd := func(c rune) bool { return c == utf8.RuneError || !unicode.IsPrint(c) }
	if utf8.ValidString(s) && strings.IndexFunc(s, odd) < 0 {
		return s
	}
	return strconv.QuoteToASCII(s)
}

// cleanAll cleans a list.
func cleanAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}

// some names a few of a list: "a, b, c and 4 more".
func some(list []string, most int) string {
	if len(list) <= most {
		return strings.Join(cleanAll(list), ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(cleanAll(list[:most]), ", "), len(list)-most)
}
