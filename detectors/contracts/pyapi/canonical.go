package pyapi

// Annotations and values in one spelling.

import (
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

func before(text, mark string) string {
	head, _, _ := strings.Cut(text, mark)
	return strings.TrimSpace(head)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// publicMember says that a class offers a name to others: no leading underscore, or a protocol's method.
func publicMember(name string) bool {
	return !strings.HasPrefix(name, "_") || protocol[name]
}

// protocol are the special methods that a language construct calls and that a class is used by.
var protocol = map[string]bool{
	"__call__": true, "__enter__": true, "__exit__": true, "__aenter__": true, "__aexit__": true, "__iter__": true,
	"__aiter__": true, "__next__": true, "__anext__": true, "__len__": true, "__getitem__": true, "__setitem__": true,
	"__delitem__": true, "__contains__": true, "__await__": true,
}

var (
	optional = lazy.New(`\bOptional\[([^\[\]]*(?:\[[^\[\]]*\])?[^\[\]]*)\]`)
	union    = lazy.New(`\bUnion\[([^\[\]]*)\]`)
	modules  = lazy.New(`\b(typing|typing_extensions|t|collections\.abc|abc|collections)\.`)
	builtins = lazy.New(`\b(List|Dict|Set|Tuple|FrozenSet|Type)\b`)
)

// canonical writes an annotation or a value in one of the ways in which it may be written.
func canonical(text string) string {
	text = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\n', '\t', '"', '\'':
			return -1
		}
		return r
	}, text)
	if len(text) > 1000 {
		return text
	}
	text = modules.ReplaceAllString(text, "")
	text = builtins.ReplaceAllStringFunc(text, strings.ToLower)
	for range 4 {
		text = optional.ReplaceAllString(text, "$1|None")
		text = union.ReplaceAllStringFunc(text, func(s string) string {
			return strings.ReplaceAll(s[len("Union["):len(s)-1], ",", "|")
		})
	}
	if !strings.ContainsAny(text, "[](){},") && strings.Contains(text, "|") {
		parts := strings.Split(text, "|")
		slices.Sort(parts)
		text = strings.Join(slices.Compact(parts), "|")
	}
	return strings.ReplaceAll(text, ",]", "]")
}
