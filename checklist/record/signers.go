package record

// The allowed signers file (ssh-keygen(1), ALLOWED SIGNERS): who may sign, in which role, from when to when.

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// maxSigners is the largest allowed_signers file in bytes.
const maxSigners = 1 << 20

// allowed is one line of the file.
type allowed struct {
	line       int
	principals []string
	public     ssh.PublicKey
	// namespaces is the list of patterns, nil without the option.
	namespaces    []string
	authority     bool
	after, before time.Time
}

// parseSigners reads the file. A line that cannot be read is an error: it may be a restriction.
func parseSigners(text []byte) ([]allowed, error) {
	list := []allowed{}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		a, err := parseSigner(line)
		if err != nil {
			return nil, fmt.Errorf(".readiness/allowed_signers:%d: %w", i+1, err)
		}
		a.line = i + 1
		list = append(list, a)
	}
	return list, nil
}

// parseSigner reads "principals [options] keytype base64 [comment]".
func parseSigner(line string) (allowed, error) {
	first, rest, err := word(line)
	if err != nil {
		return allowed{}, err
	}
	a := allowed{principals: strings.Split(first, ",")}
	public, _, options, more, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil || len(bytes.TrimSpace(more)) > 0 {
		return allowed{}, errors.New("expected: principals [options] key-type base64-key [comment]")
	}
	a.public = public
	seen := map[string]bool{}
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		name = strings.ToLower(name)
		if seen[name] {
			return allowed{}, fmt.Errorf("the option %s stands twice", name)
		}
		seen[name] = true
		value, err := unquote(value)
		if err != nil {
			return allowed{}, err
		}
		switch name {
		case "cert-authority":
			a.authority = true
		case "namespaces":
			a.namespaces = strings.Split(value, ",")
		case "valid-after":
			a.after, err = parseTime(value)
		case "valid-before":
			a.before, err = parseTime(value)
		default:
			return allowed{}, fmt.Errorf("the option %s is not known", clean(name))
		}
		if err != nil {
			return allowed{}, err
		}
	}
	return a, nil
}

// word cuts the first word off, which may be quoted.
func word(line string) (first, rest string, err error) {
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		first, rest, ok = strings.Cut(quoted, `"`)
		if !ok {
			return "", "", errors.New("a quote is not closed")
		}
		return first, strings.TrimSpace(rest), nil
	}
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return "", "", errors.New("expected: principals [options] key-type base64-key [comment]")
	}
	return line[:end], strings.TrimSpace(line[end:]), nil
}

func unquote(value string) (string, error) {
	inner, ok := strings.CutPrefix(value, `"`)
	if !ok {
		return value, nil
	}
	if inner, ok = strings.CutSuffix(inner, `"`); !ok {
		return "", errors.New("a quote is not closed")
	}
	return inner, nil
}

// parseTime reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, in UTC with a Z behind it, else in local time.
func parseTime(value string) (time.Time, error) {
	text, zone := value, time.Local
	if cut, ok := strings.CutSuffix(value, "Z"); ok {
		text, zone = cut, time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(text) == len(layout) {
			if t, err := time.ParseInLocation(layout, text, zone); err == nil {
				return t, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%s is no time: expected YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z for UTC", clean(value))
}

// is says whether a principal stands on the line as itself. Patterns match nobody: only a certificate could say who it is.
func (a allowed) is(principal string) bool {
	for _, p := range a.principals {
		if p == principal {
			return isPrincipal(p)
		}
	}
	return false
}

// wild says whether the line names anybody by a pattern.
func (a allowed) wild() bool {
	return strings.ContainsAny(strings.Join(a.principals, ","), "*?!")
}

// allows says whether the line lets its key sign in a role. Without the namespaces option that is author.
func (a allowed) allows(role string) bool {
	if a.namespaces == nil {
		return role == "author"
	}
	found := false
	for _, pattern := range a.namespaces {
		negated := strings.HasPrefix(pattern, "!")
		if matchPattern(strings.TrimPrefix(pattern, "!"), namespacePrefix+role) {
			if negated {
				return false
			}
			found = true
		}
	}
	return found
}

// matchPattern is OpenSSH's match_pattern: * stands for anything, ? for one character.
func matchPattern(pattern, s string) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// AllowedSignerLine is a line of allowed_signers, with its line break, that lets a key sign in these roles; in none
// means as author.
func AllowedSignerLine(principal string, public ssh.PublicKey, roles ...string) string {
	if len(roles) == 0 {
		roles = []string{"author"}
	}
	namespaces := make([]string, len(roles))
	for i, role := range roles {
		namespaces[i] = namespacePrefix + role
	}
	return fmt.Sprintf("%s namespaces=%q %s", principal, strings.Join(namespaces, ","), ssh.MarshalAuthorizedKey(public))
}
