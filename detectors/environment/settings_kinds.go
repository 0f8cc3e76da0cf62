package environment

// Which values of a document a field's type refuses.

import (
	"strings"

	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

var (
	filledIn  = lazy.New(`[$%]\{|\{\{|%\(|<%|^\$|^!`)
	oldSwitch = lazy.New(`^(?i:yes|no|on|off|y|n)$`)
)

// refusal says what a field takes, where its reader certainly refuses a value; empty where it takes it, or may.
func refusal(n *document.Node, field shapeField) string {
	if n.Kind == document.Null || n.Kind == "" || n.Tag != "" || n.Scalar() && filledIn.MatchString(n.Value) {
		return ""
	}
	lax := field.lang == source.Python
	switch field.typ {
	case references.Int:
		switch {
		case n.Kind == document.Number:
			if strings.Contains(n.Value, ".") && !strings.HasSuffix(n.Value, ".0") {
				return "a whole number"
			}
		case n.Kind == document.String && lax && integer.MatchString(n.Value):
		default:
			return "a whole number"
		}
	case references.Float:
		if n.Kind != document.Number && (n.Kind != document.String || !lax || !decimal.MatchString(n.Value)) {
			return "a number"
		}
	case references.Bool:
		if n.Kind != document.Boolean && (field.lang == source.Rust || !oldSwitch.MatchString(n.Value)) && (!lax || !lenient.MatchString(n.Value)) {
			return "true or false"
		}
	case references.Text:
		if !n.Scalar() || field.lang == source.Rust && n.Kind != document.String {
			return "a text"
		}
	case references.List:
		if n.Scalar() && field.lang != source.Python {
			return "a list"
		}
	default:
	}
	return ""
}

// written is what a value is, in words and without the value.
func written(n *document.Node) string {
	switch n.Kind {
	case document.Number:
		return "a number"
	case document.Boolean:
		return "true or false"
	case document.List:
		return "a list"
	case document.Object:
		return "a table"
	}
	return "a text"
}
