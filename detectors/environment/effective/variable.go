package effective

// A variable, and the questions that can be asked about its value.

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// State says how a unit is given a variable.
type State string

// The states.
const (
	// Set: it has a value here.
	Set State = "set"
	// Empty: it is set to the empty text.
	Empty State = "empty"
	// Default: an interpolation's default gives it a value (${X:-d}) that the deploying environment may replace.
	Default State = "default"
	// Elsewhere: its value comes from a store (secretKeyRef, an external secret, a platform's secret).
	Elsewhere State = "elsewhere"
	// Passed: it is handed on from whatever deploys, by its own or another name, without a default.
	Passed State = "passed"
)

// Variable is one name that a unit is given. Its value never leaves the package.
type Variable struct {
	State State
	// At is the line that decides; Via are the places that it was taken through (the overlay that refers to a ConfigMap, the
	// service that names an env_file), outermost first.
	At  Place
	Via []Place
	// From are the names of the variables that its value is interpolated from.
	From []string
	// Must says that deploying fails where it is not given (${X:?}).
	Must bool
	// Written is the kind of value that a structured file writes (a document.Kind), empty for variables, which are texts.
	Written document.Kind
	value   string
}

// set is a variable with a value; empty text is Empty.
func set(value string, at Place) Variable {
	v := Variable{State: Set, At: at, value: value}
	if value == "" {
		v.State = Empty
	}
	return v
}

// elsewhere is a variable whose value a store holds.
func elsewhere(at Place) Variable { return Variable{State: Elsewhere, At: at} }

// passed is a variable that the deploying environment gives.
func passed(at Place, from ...string) Variable { return Variable{State: Passed, At: at, From: from} }

// Given says whether a process certainly finds some value: set, a default, or from a store.
func (v Variable) Given() bool { return v.State == Set || v.State == Default || v.State == Elsewhere }

// Known says whether there is a value to ask about.
func (v Variable) Known() bool { return v.State == Set || v.State == Default }

// Kind is the type of a value.
type Kind string

// The kinds. Unknown is that of a value which is not here.
const (
	Unknown  Kind = ""
	Bool     Kind = "bool"
	Int      Kind = "int"
	Number   Kind = "number"
	URL      Kind = "url"
	Duration Kind = "duration"
	Text     Kind = "text"
)

var durationText = lazy.New(`^\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d)([\d.]+(ns|us|µs|ms|s|m|h))*$`)

// Kind is the type that the value looks like.
func (v Variable) Kind() Kind {
	if !v.Known() || v.value == "" {
		return Unknown
	}
	switch strings.ToLower(v.value) {
	case "true", "false", "yes", "no", "on", "off":
		return Bool
	}
	if _, err := strconv.ParseInt(v.value, 10, 64); err == nil {
		return Int
	}
	if _, err := strconv.ParseFloat(v.value, 64); err == nil {
		return Number
	}
	if durationText.MatchString(v.value) {
		if _, err := time.ParseDuration(v.value); err == nil || strings.HasSuffix(v.value, "d") {
			return Duration
		}
	}
	if u, err := url.Parse(v.value); err == nil && u.Scheme != "" && u.Host != "" {
		return URL
	}
	return Text
}

// Host is the host of a value that is an address ("https://u:p@api.example.com:8443/x", "db.example.com:5432"), in lower
// case and without port or credentials; empty for everything else.
func (v Variable) Host() string {
	if !v.Known() {
		return ""
	}
	value := v.value
	if !strings.Contains(value, "://") {
		if strings.ContainsAny(value, " /@=,;") || !strings.ContainsAny(value, ".:") {
			if value != "localhost" {
				return ""
			}
		}
		value = "x://" + value
	}
	u, err := url.Parse(value)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if !hostName.MatchString(host) {
		return ""
	}
	return host
}

var hostName = lazy.New(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)*([a-z][a-z0-9-]*|\d+)$|^[0-9a-f:]+$`)

// Same says whether two variables are given the same value; false where either value is not here.
func (v Variable) Same(other Variable) bool {
	return v.Known() && other.Known() && v.value == other.value
}

// Matches says whether the value fits an expression, for questions that the methods above do not answer.
func (v Variable) Matches(e interface{ MatchString(string) bool }) bool {
	return v.Known() && e.MatchString(v.value)
}

// String shows the state and never the value, so that no format prints it by mistake.
func (v Variable) String() string { return string(v.State) }

// GoString is String for %#v.
func (v Variable) GoString() string { return "effective.Variable{" + string(v.State) + "}" }

// Names is the environment that the value names ("production", "prod"), false for another text.
func (v Variable) Names() (Environment, bool) {
	if !v.Known() {
		return Everywhere, false
	}
	return Known(v.value)
}

// Is says whether the value is a text, letter by letter.
func (v Variable) Is(text string) bool { return v.Known() && v.value == text }
