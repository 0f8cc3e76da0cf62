package environment

// Whether the hosts of an environment are named after it, so that one with another's name is out of place.

import (
	"strings"

	"flightpoll/detectors/environment/effective"
)

// ownHabit says whether the file's environment has hosts of its own name, here or in the files beside it: only then is
// a host with another's name out of place.
func (l *crossing) ownHabit(at member) bool {
	for _, other := range l.scopes(at.family) {
		for _, s := range other.settings {
			h := hostLike.FindStringSubmatch(s.value)
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

// wordless says whether the environment's other hosts are those of another one without its word: api.example beside
// api.staging.example.
func (l *crossing) wordless(at member, word string) bool {
	own := map[string]string{}
	for _, mine := range l.scopes(at.family) {
		if mine.environment == at.environment {
			for _, s := range mine.settings {
				if h := hostLike.FindStringSubmatch(s.value); h != nil {
					own[s.key] = strings.ToLower(h[1])
				}
			}
		}
	}
	for _, other := range l.scopes(at.family) {
		if other.environment == at.environment {
			continue
		}
		for _, s := range other.settings {
			h := hostLike.FindStringSubmatch(s.value)
			if h == nil || own[s.key] == "" {
				continue
			}
			host := strings.ToLower(h[1])
			for _, piece := range []string{word + ".", word + "-", "." + word, "-" + word} {
				if strings.Contains(host, piece) && strings.Replace(host, piece, "", 1) == own[s.key] {
					return true
				}
			}
		}
	}
	return false
}
