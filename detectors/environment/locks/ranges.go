package locks

// Whether a locked version is one that a requirement allows, in the notations that npm, Cargo, Composer, RubyGems, pub, Hex,
// Helm, Terraform and pip share (https://docs.npmjs.com/cli/v6/using-npm/semver).

import (
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

// version is up to four numbers; known is how many of them were written.
type version struct {
	parts [4]int
	known int
	// before: it is a pre-release.
	before bool
}

var versionText = lazy.New(`^[vV=]*(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:\.(\d+))?([-+.\w]*)$`)

func parseVersion(text string) (v version, ok bool) {
	m := versionText.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return v, false
	}
	for i, part := range m[1:5] {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		v.parts[i], v.known = n, i+1
	}
	v.before = strings.HasPrefix(m[5], "-")
	return v, true
}

func (v version) compare(o version) int {
	for i, n := range v.parts {
		if n != o.parts[i] {
			if n < o.parts[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// below is the first version past those that keep the first n numbers.
func (v version) past(n int) version {
	o := version{known: 4}
	copy(o.parts[:], v.parts[:n])
	o.parts[n-1]++
	return o
}

var clause = lazy.New(`(\^|~>|~=|~|>=|<=|!=|==|=|>|<)?\s*([vV]?\d[\w.*+-]*|\*|[xX])`)

// allows says whether a requirement allows a locked version; known is false where either is in a notation of its own. plain
// is what a bare version stands for: "=" or "^".
func allows(requirement, locked, plain string) (yes, known bool) {
	at, ok := parseVersion(locked)
	if !ok || at.before || strings.ContainsAny(requirement, ":/#@") {
		return false, false
	}
	requirement = strings.TrimSpace(requirement)
	if requirement == "" || requirement == "*" || requirement == "latest" || requirement == "any" {
		return requirement != "latest", requirement != "latest"
	}
	for _, either := range strings.Split(strings.ReplaceAll(requirement, "||", "|"), "|") {
		fits := true
		if low, high, ok := strings.Cut(either, " - "); ok {
			either = ">=" + low + " <=" + high
		}
		clauses := clause.FindAllStringSubmatch(either, 20)
		if len(clauses) == 0 || strings.TrimSpace(strings.NewReplacer(",", "", "(", "", ")", "", `"`, "").Replace(clause.ReplaceAllString(either, ""))) != "" {
			return false, false
		}
		for _, c := range clauses {
			if c[2] == "*" || c[2] == "x" || c[2] == "X" {
				continue
			}
			want, ok := parseVersion(c[2])
			if !ok || want.before {
				return false, false
			}
			operator := c[1]
			if operator == "" {
				operator = plain
			}
			fits = fits && want.fits(operator, at)
		}
		if fits {
			return true, true
		}
	}
	return false, true
}

// fits judges one clause.
func (v version) fits(operator string, at version) bool {
	order := at.compare(v)
	within := func(n int) bool { return order >= 0 && at.compare(v.past(n)) < 0 }
	switch operator {
	case "^":
		n := 1
		for n < v.known && v.parts[n-1] == 0 {
			n++
		}
		return within(n)
	case "~":
		return within(min(v.known, 2))
	case "~>", "~=":
		return within(max(v.known-1, 1))
	case ">=":
		return order >= 0
	case ">":
		return order > 0
	case "<=":
		return order <= 0 || at.compare(v.past(v.known)) < 0
	case "<":
		return order < 0
	case "!=":
		return order != 0
	}
	return within(v.known) && v.known > 0
}
