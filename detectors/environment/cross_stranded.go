package environment

// Values that production certainly cannot use, whatever the other environments have: the machine itself, a sandbox, a test key, an empty
// text, a switch for developers.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var (
	testKey     = lazy.New(`^["']?(sk|pk|rk)_test_|^["']?whsec_test|^["']?TEST-\d{6,}`)
	sandboxHost = lazy.New(`(?i)://(?:[^@/\s]*@)?(?:[\w.-]*[.-])?sandbox[.-][\w.-]+`)
)

// stranded reports what production certainly cannot use: the machine itself, a sandbox, a test key.
func (l *crossing) stranded(f *branch.File, at member, s setting, before []setting) bool {
	finding := detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: s.line, Symbol: inFormat(f.Path, s.key),
		Fix: fmt.Sprintf("Give %s the value of production.", s.key),
	}
	switch {
	case s.value == "" && l.emptied(at, s, before):
		finding.Message = fmt.Sprintf("%s of production is empty now; it had a value, and other environments have one", s.key)
		finding.Why = "What reads it in production finds an empty text, which most code takes for a setting."
		finding.Evidence = []string{s.key, "emptied"}
	case s.value == "":
		return false
	case debugKey.MatchString(lastKey(s.key)) && yes.MatchString(s.value) && !slices.ContainsFunc(before, func(o setting) bool { return o.key == s.key && yes.MatchString(o.value) }):
		finding.Message = fmt.Sprintf("%s is switched on for production", s.key)
		finding.Why = "Whoever meets an error there is shown the program's insides, and most programs run slower with it."
		finding.Fix = fmt.Sprintf("Leave %s off for production.", s.key)
		finding.Evidence = []string{s.key, "debug"}
	case hostKey.MatchString(s.key) && developers.MatchString("/"+s.value) && !sandboxHost.MatchString(s.value) && (l.elsewhereReal(at, s.key) || wasReal(before, s.key) || l.copied(at, s, before)):
		finding.Message = fmt.Sprintf("%s of production points at the machine itself, and nothing else of it does", s.key)
		if l.elsewhereReal(at, s.key) {
			finding.Message = fmt.Sprintf("%s of production points at the machine itself, while other environments name a host", s.key)
		}
		finding.Why = "Nothing listens there in production; a developer's setting went along."
		finding.Evidence = []string{s.key, "localhost"}
	case sandboxHost.MatchString(s.value):
		finding.Message = fmt.Sprintf("%s of production points at a sandbox", s.key)
		finding.Why = "What a sandbox answers is not real: nothing is charged, sent or kept."
		finding.Evidence = []string{s.key, "sandbox"}
	case testKey.MatchString(s.value):
		finding.Message = fmt.Sprintf("%s of production holds a key for tests", s.key)
		finding.Why = "The provider answers as in a test: nothing is charged, sent or kept."
		finding.Evidence = []string{s.key, "test key"}
	default:
		return false
	}
	l.pass.Report(finding)
	return true
}

// debugKey are switches that show what goes on inside; yes are the words that turn them on.
var (
	debugKey = lazy.New(`(?i)^(app_?|flask_?|django_?|rails_?|express_?)?debug(_?mode)?$|^consider_all_requests_local$|^display_errors$`)
	yes      = lazy.New(`(?i)^["']?(true|1|yes|on)["']?,?$`)
)

// emptied says whether production had a value for the key, and another deployed environment has one.
func (l *crossing) emptied(at member, s setting, before []setting) bool {
	filled := func(o setting) bool { return o.key == s.key && o.value != "" }
	host := func(o setting) bool { return filled(o) && hostLike.MatchString(o.value) }
	if !slices.ContainsFunc(before, filled) || secretKey.MatchString(s.key) && !slices.ContainsFunc(before, host) || l.opens(at.path, s.line) {
		return false
	}
	for _, other := range l.scopes(at.family) {
		if other.environment != at.environment && other.environment.Deployed() && slices.ContainsFunc(other.settings, filled) {
			return true
		}
	}
	return false
}

// elsewhereReal says whether another deployed environment gives the key a host of its own.
func (l *crossing) elsewhereReal(at member, key string) bool {
	for _, other := range l.scopes(at.family) {
		if other.environment == at.environment || !other.environment.Deployed() {
			continue
		}
		for _, s := range other.settings {
			if s.key == key && hostLike.MatchString(s.value) && !developers.MatchString("/"+s.value) {
				return true
			}
		}
	}
	return false
}

// copied says whether production takes over a developer's address of its own machine word for word, where none of its other settings
// points there and one names a host.
func (l *crossing) copied(at member, s setting, before []setting) bool {
	if slices.ContainsFunc(before, func(o setting) bool { return developers.MatchString("/" + o.value) }) {
		return false
	}
	named := slices.ContainsFunc(before, func(o setting) bool { return hostKey.MatchString(o.key) && hostLike.MatchString(o.value) })
	return named && slices.ContainsFunc(l.scopes(at.family), func(other scope) bool {
		return (other.environment == Development || other.environment == Local) && slices.ContainsFunc(other.settings, s.same)
	})
}

// wasReal says whether the base's file gave the key a host.
func wasReal(before []setting, key string) bool {
	return slices.ContainsFunc(before, func(s setting) bool {
		return s.key == key && hostLike.MatchString(s.value) && !developers.MatchString("/"+s.value)
	})
}

// opens says whether the line after one stands deeper: a key without a value of its own begins a mapping there.
func (l *crossing) opens(p string, line int) bool {
	lines := l.text(p)
	if line < 1 || line >= len(lines) {
		return false
	}
	deep := func(text string) int { return len(text) - len(strings.TrimLeft(text, " \t")) }
	return deep(lines[line]) > deep(lines[line-1]) || strings.HasPrefix(strings.TrimSpace(lines[line]), "- ")
}
