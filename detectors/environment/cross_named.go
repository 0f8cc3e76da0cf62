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
	takenOver = lazy.New(`(?i)^(artifacts?|sources?|promot\w*|replicas?|backups?|mirrors?|upstream|from|shared|peers?|images?|registry|repository|schema|tags?|labels?|branch|ref|version|tier|class|size|level)$`)
)

// takesOver says whether a word of a key says so.
func takesOver(key string) bool {
	for part := range strings.FieldsFuncSeq(key, func(c rune) bool { return c == '.' || c == ':' || c == '[' || c == ']' }) {
		for _, w := range spellings(part) {
			if strings.Contains(w, "_") || strings.ToLower(w) == part {
				for word := range strings.SplitSeq(w, "_") {
					if takenOver.MatchString(word) {
						return true
					}
				}
			}
		}
	}
	return false
}

// otherNamed is the environment that a name in the value says, when it is not the file's own: the file has another name that is made
// in the same way with its own word (shop-prd-raw beside shop-stg-digest).
func (l *crossing) otherNamed(s setting, at member) (Environment, string) {
	if takesOver(s.key) || allowedKey.MatchString(lastKey(s.key)) || !plainName.MatchString(s.value) || strings.Contains(s.value, "://") {
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

// taken is the environment whose value stands here word for word, where that value carries the environment's name and not the file's own.
func (l *crossing) taken(s setting, at member) (Environment, string) {
	if takesOver(lastKey(s.key)) || len(s.value) < 6 || len(s.value) > 300 {
		return Everywhere, ""
	}
	for _, other := range l.scopes(at.family) {
		if other.environment == at.environment || !other.environment.Deployed() && other.environment != Development || other.environment == Preview {
			continue
		}
		if !slices.ContainsFunc(other.settings, func(o setting) bool { return o.key == s.key && o.value == s.value }) {
			continue
		}
		found := ""
		for _, label := range nameLabels(s.value) {
			switch env, ok := effective.Known(label); {
			case !ok:
			case env == at.environment:
				return Everywhere, ""
			case env == other.environment && found == "":
				found = label
			}
		}
		if found != "" && strings.ToLower(s.value) != found {
			return other.environment, found
		}
	}
	return Everywhere, ""
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
