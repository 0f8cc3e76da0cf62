package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	rustWrapper = lazy.New(`^(?:Option|Box|Arc|Rc|Cow)<(?:'\w+,\s*)?(.*)>$`)
	rustNumbers = []string{"i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64"}
)

// rustKind is the serialised kind of a type of Rust or PHP, "" where the text does not say.
func rustKind(typ string) valueKind {
	t := strings.TrimSpace(strings.TrimPrefix(typ, "?"))
	for m := rustWrapper.FindStringSubmatch(t); m != nil; m = rustWrapper.FindStringSubmatch(t) {
		t = m[1]
	}
	switch {
	case slices.Contains(rustNumbers, t):
		return kindNumber
	case t == "String" || t == "&str" || t == "&'static str" || t == "str" || t == "string":
		return kindString
	case t == "bool":
		return kindBool
	case t == "int" || t == "float":
		return kindNumber
	case strings.HasPrefix(t, "Vec<") || strings.HasPrefix(t, "HashSet<") || strings.HasPrefix(t, "BTreeSet<") || strings.HasPrefix(t, "["):
		return kindArray
	case strings.HasPrefix(t, "HashMap<") || strings.HasPrefix(t, "BTreeMap<") || t == "object":
		return kindObject
	}
	return ""
}

// rustTypeName is the one type that a Rust type's text is about: "Line" for Option<Vec<Line>>.
func rustTypeName(typ string) string {
	t := strings.TrimSpace(typ)
	for {
		inner, ok := strings.CutPrefix(t, "Vec<")
		if m := rustWrapper.FindStringSubmatch(t); m != nil {
			t = m[1]
		} else if ok {
			t = strings.TrimSuffix(inner, ">")
		} else {
			break
		}
	}
	return t[strings.LastIndexByte(t, ':')+1:]
}
