package environment

// Names of buckets, queues, accounts and parameters that say which environment they belong to, where a file's other names do so in
// the same way.

import (
	"slices"
	"strings"

	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

var (
	plainName = lazy.New(`^[A-Za-z0-9_./:@-]{4,200}$`)
	// takenOver are keys whose value is another environment's on purpose: what is promoted, copied or restored from there.
	takenOver = lazy.New(`(?i)artifact|source|promot|replica|backup|mirror|upstream|from|shared|peer|image|registry|repository|schema|tag|label|branch|ref|version|tier|class|size|log_?level`)
)

// otherNamed is the environment that a name in the value says, when it is not the file's own: the file has another name that is made
// in the same way with its own word (shop-prd-raw beside shop-stg-digest).
func (l *crossing) otherNamed(s setting, at member) (Environment, string) {
	if takenOver.MatchString(s.key) || allowedKey.MatchString(lastKey(s.key)) || !plainName.MatchString(s.value) || strings.Contains(s.value, "://") {
		return Everywhere, ""
	}
	labels := nameLabels(s.value)
	position, found := -1, Everywhere
	for i, label := range labels {
		env, ok := effective.Known(label)
		switch {
		case !ok || env == Testing || env == Local || env == Preview || label == "live":
		case env == at.environment:
			return Everywhere, ""
		case position < 0:
			position, found = i, env
		}
	}
	if position < 0 || len(labels) < 2 {
		return Everywhere, ""
	}
	alike := 0
	for _, other := range l.scopes(at.family) {
		if other.environment != at.environment {
			continue
		}
		for _, o := range other.settings {
			if o.value != s.value && o.key != s.key && madeAlike(nameLabels(o.value), labels, position, at.environment) {
				alike++
			}
		}
	}
	if alike == 0 || position == 0 && alike < 2 {
		return Everywhere, ""
	}
	return found, labels[position]
}

// nameLabels are the words of a name, in lower case.
func nameLabels(value string) []string {
	return strings.FieldsFunc(strings.ToLower(value), func(c rune) bool { return strings.ContainsRune(".-_/:@", c) })
}

// madeAlike says whether a name begins as the other one and has the environment's word in its place.
func madeAlike(own, other []string, position int, env Environment) bool {
	if len(own) <= position || !slices.Equal(own[:position], other[:position]) {
		return false
	}
	e, ok := effective.Known(own[position])
	return ok && e == env
}
