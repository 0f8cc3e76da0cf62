package environment

import (
	"fmt"
	"slices"
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
	ledger, err := newLedger(pass)
	if err != nil {
		return err
	}
	l := &crossing{ledger: ledger, settings: map[string][]setting{}, sections: map[string][]scope{}}
	seen := false
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge {
			continue
		}
		if pipelineOfJobs.MatchString(f.Path) {
			seen = l.sectioned(f) || seen
			continue
		}
		member, ok := l.layout.members[f.Path]
		if !ok {
			member, ok = moduleOf(f.Path)
		}
		if !ok {
			seen = l.sectioned(f) || seen
			continue
		}
		if member.environment.Deployed() {
			seen = true
			l.judge(f, member, l.settingsOf(f.Path), settingsBefore(f))
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

var (
	hostLike   = lazy.New(`(?i)(?:[a-z][a-z0-9+.\-]*://(?:[^@/\s]*@)?)?((?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z][a-z0-9\-]+|localhost|127\.0\.0\.1)`)
	hostKey    = lazy.New(`(?i)(host|url|uri|endpoint|addr|address|server|dsn|broker|origin|domain|bucket|database|db)`)
	allowedKey = lazy.New(`(?i)(bind|listen|cors|allow|trusted|sidecar|proxy|exporter|statsd|agent|health|probe|smtp_helo|image|repository|registry|docs?|schema|redirect)`)
)

// crossing is one run; settings are those of the files at the head, by path, sections those of files that hold several environments,
// by family.
type crossing struct {
	*ledger
	settings map[string][]setting
	sections map[string][]scope
}

// scope is what one file, or one section of a file, sets for an environment.
type scope struct {
	path        string
	environment Environment
	settings    []setting
}

// scopes are what the environments of a family set.
func (l *crossing) scopes(family string) []scope {
	if list, ok := l.sections[family]; ok {
		return list
	}
	var list []scope
	members := l.layout.families[family]
	if len(members) == 0 {
		members = l.layout.modules(family)
	}
	for _, m := range members {
		list = append(list, scope{m.path, m.environment, l.settingsOf(m.path)})
	}
	return list
}

// settingsOf are the settings of a file at the head.
func (l *crossing) settingsOf(p string) []setting {
	list, ok := l.settings[p]
	if !ok {
		list = settingsIn(p, strings.Join(l.text(p), "\n"))
		l.settings[p] = list
	}
	return list
}

// judge looks at the lines that the branch wrote in a file, or a section, of one environment.
func (l *crossing) judge(f *branch.File, at member, settings, before []setting) {
	for _, s := range settings {
		if !f.Touched(s.line) || allowedKey.MatchString(lastKey(s.key)) || slices.ContainsFunc(before, s.same) {
			continue
		}
		if at.environment == Production && l.stranded(f, at, s, before) {
			continue
		}
		other, word, what := Everywhere, "", "a host"
		if hostKey.MatchString(s.key) {
			other, word = l.otherEnvironment(s.value, at)
		}
		if other == Everywhere {
			what = "something"
			other, word = l.otherNamed(s, at)
		}
		if other == Everywhere {
			other, word = l.taken(s, at)
		}
		if other == Everywhere || l.shared(at, s.value, before) {
			continue
		}
		finding := detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: s.line, Symbol: inFormat(f.Path, s.key),
			Message:  fmt.Sprintf("%s of %s points at %s of %s (%s in its name)", s.key, at.environment, what, other, word),
			Why:      fmt.Sprintf("What runs in %s then reads and writes what belongs to %s.", at.environment, other),
			Fix:      fmt.Sprintf("Point %s at the host of %s, or say in the file why the two share it.", s.key, at.environment),
			Evidence: []string{s.key, string(at.environment), string(other)},
		}
		if other == Production || at.environment == Production {
			finding.Severity = detectors.Blocker
		}
		l.pass.Report(finding)
	}
}

// shared says whether the environment used the host, or the name, at the base already: in these settings, or in its other files.
func (l *crossing) shared(at member, value string, before []setting) bool {
	used := value
	if m := hostLike.FindStringSubmatch(value); m != nil {
		used = m[1]
	}
	if slices.ContainsFunc(before, func(s setting) bool { return wordIn(s.value, used) }) {
		return true
	}
	for _, other := range l.layout.families[at.family] {
		if other.environment != at.environment {
			continue
		}
		if text, err := l.pass.Branch.ReadBase(other.path); err == nil && len(text) <= maxConfig && wordIn(string(text), used) {
			return true
		}
	}
	return false
}

// otherEnvironment is the environment that a host's labels name, when it is not the file's own. A host that names both,
// or that is shared by files of several environments, says nothing.
func (l *crossing) otherEnvironment(value string, at member) (Environment, string) {
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
	if found != Everywhere && (l.ownHabit(at) || l.wordless(at, word)) {
		return found, word
	}
	return Everywhere, ""
}
