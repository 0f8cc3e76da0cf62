package environment

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// CrossEnvironmentValue reports a value of one environment's file that points at a host of another environment.
var CrossEnvironmentValue = &detectors.Detector{
	ID:    "environment/cross-environment-value",
	Title: "A setting of one environment points at another environment",
	Run:   runCross,
}

// developers are hosts of a developer's machine, and sandboxes.
var developers = lazy.New(`(?i)["'/@](localhost|127\.0\.0\.1|0\.0\.0\.0)\b|host\.docker\.internal|//(mailhog|minio|redis|postgres|db)\b|//[\w.-]*sandbox`)

func runCross(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	seen := false
	for _, f := range pass.Branch.Files {
		member, ok := l.layout.members[f.Path]
		if !ok || f.Status == branch.Deleted || f.Binary || f.TooLarge || !member.environment.Deployed() {
			continue
		}
		seen = true
		l.crossing(f, member)
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

var (
	assignment = lazy.New(`^\s*-?\s*(?:export\s+)?["']?([\w.\-]+)["']?\s*[:=]\s*(.+)$`)
	hostLike   = lazy.New(`(?i)(?:[a-z][a-z0-9+.\-]*://(?:[^@/\s]*@)?)?((?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z][a-z0-9\-]+|localhost|127\.0\.0\.1)`)
	hostKey    = lazy.New(`(?i)(host|url|uri|endpoint|addr|address|server|dsn|broker|origin|domain|bucket|database|db)`)
	allowedKey = lazy.New(`(?i)(bind|listen|cors|allow|trusted|sidecar|proxy|exporter|statsd|agent|health|probe|smtp_helo|image|repository|registry|docs?|schema|redirect)`)
)

// crossing looks at the lines that the branch wrote in a file of one environment.
func (l *ledger) crossing(f *branch.File, at member) {
	lines := l.text(f.Path)
	keys := keysByLine(f.Path, lines)
	for i, line := range lines {
		m := l.assigned(line, keys[i+1])
		if m == nil || !f.Touched(i+1) || comment.MatchString(line) || !hostKey.MatchString(lastPart(m[1])) || allowedKey.MatchString(lastPart(m[1])) {
			continue
		}
		if at.environment == Production && developers.MatchString("/"+strings.Trim(m[2], `"' `)) && l.elsewhereReal(at, m[1]) {
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: i + 1, Symbol: m[1],
				Message:  fmt.Sprintf("%s of production points at the machine itself, while other environments name a host", m[1]),
				Why:      "Nothing listens there in production; a developer's setting went along.",
				Fix:      fmt.Sprintf("Give %s the host of production.", m[1]),
				Evidence: []string{m[1], "localhost"},
			})
			continue
		}
		other, word := l.otherEnvironment(m[2], at)
		if other == Everywhere {
			continue
		}
		finding := detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: i + 1, Symbol: m[1],
			Message:  fmt.Sprintf("%s of %s points at a host of %s (%s in its name)", m[1], at.environment, other, word),
			Why:      fmt.Sprintf("What runs in %s then reads and writes what belongs to %s.", at.environment, other),
			Fix:      fmt.Sprintf("Point %s at the host of %s, or say in the file why the two share it.", m[1], at.environment),
			Evidence: []string{m[1], string(at.environment), string(other)},
		}
		if other == Production || at.environment == Production {
			finding.Severity = detectors.Blocker
		}
		if l.wasThere(f, m[1], m[2]) {
			continue
		}
		l.pass.Report(finding)
	}
}

// elsewhereReal says whether another deployed environment gives the key a host of its own.
func (l *ledger) elsewhereReal(at member, key string) bool {
	for _, other := range l.layout.families[at.family] {
		if other.environment == at.environment || !other.environment.Deployed() {
			continue
		}
		lines := l.text(other.path)
		keys := keysByLine(other.path, lines)
		for i, line := range lines {
			if m := l.assigned(line, keys[i+1]); m != nil && m[1] == key && hostLike.MatchString(m[2]) && !developers.MatchString("/"+strings.Trim(m[2], `"' `)) {
				return true
			}
		}
	}
	return false
}

// wasThere says whether the base's file had the same value for the key already, on another line.
func (l *ledger) wasThere(f *branch.File, key, value string) bool {
	text, err := f.Before()
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	keys := keysByLine(f.Path, lines)
	for i, line := range lines {
		if m := l.assigned(strings.TrimRight(line, "\r"), keys[i+1]); m != nil && m[1] == key && m[2] == value {
			return true
		}
	}
	return false
}

// keysByLine are the whole keys of a structured document ("seatmap.base-url") by their lines, nil where it is none.
func keysByLine(p string, lines []string) map[int]string {
	list, err := readTree(p, []byte(strings.Join(lines, "\n")))
	if err != nil {
		return nil
	}
	keys := map[int]string{}
	for _, e := range list {
		if !e.parent && !strings.Contains(e.key, "[") {
			keys[e.line] = e.key
		}
	}
	return keys
}

// lastPart is a key without what stands above it.
func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// assigned takes a line apart into key and value; key is the whole one where it ends as the line's does.
func (l *ledger) assigned(line, key string) []string {
	m := assignment.FindStringSubmatch(line)
	if m != nil && strings.HasSuffix(key, "."+m[1]) {
		m[1] = key
	}
	return m
}

// otherEnvironment is the environment that a host's labels name, when it is not the file's own. A host that names both,
// or that is shared by files of several environments, says nothing.
func (l *ledger) otherEnvironment(value string, at member) (Environment, string) {
	value = strings.Trim(strings.TrimSpace(value), `"',`)
	m := hostLike.FindStringSubmatch(value)
	if m == nil {
		return Everywhere, ""
	}
	host := strings.ToLower(m[1])
	if host == "localhost" || host == "127.0.0.1" {
		return Everywhere, ""
	}
	found, word := Everywhere, ""
	for _, label := range strings.FieldsFunc(host, func(c rune) bool { return c == '.' || c == '-' }) {
		env, ok := effective.Known(label)
		if !ok || env == Testing || env == Local || env == Preview || label == "live" || label == "stage" || label == "acc" {
			continue
		}
		if env == at.environment {
			return Everywhere, ""
		}
		// ".dev" and ".app" are also endings of public names.
		if label == "dev" && strings.HasSuffix(host, ".dev") && strings.Count(host, ".dev") == 1 && !strings.Contains(host, "dev.") && !strings.Contains(host, "-dev") {
			continue
		}
		found, word = env, label
	}
	if found == Development && at.environment == Preview {
		return Everywhere, ""
	}
	if found != Everywhere && l.ownHabit(at) {
		return found, word
	}
	return Everywhere, ""
}

// ownHabit says whether the file's environment has hosts of its own name, here or in the files beside it: only then is
// a host with another's name out of place.
func (l *ledger) ownHabit(at member) bool {
	for _, other := range l.layout.families[at.family] {
		for _, line := range l.text(other.path) {
			m := assignment.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			h := hostLike.FindStringSubmatch(m[2])
			if h == nil {
				continue
			}
			for _, label := range strings.FieldsFunc(strings.ToLower(h[1]), func(c rune) bool { return c == '.' || c == '-' }) {
				if env, ok := effective.Known(label); ok && env == other.environment {
					return true
				}
			}
		}
	}
	return false
}
