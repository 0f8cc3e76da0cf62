package environment

// The calls by which SDKs evaluate a flag, and the keys that they are given.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// use is one evaluation of a flag.
type use struct {
	key  string
	path string
	line int
	// sdk is the service or library that is asked ("openfeature"), or "own" for the repository's own reader.
	sdk string
	// served: the call ends at an SDK, whose flags may live in a service.
	served bool
	// call is the function that evaluates it; kind the type that it asks for, empty where the call does not say.
	call, kind string
	// fallback is the text of the default that the call gives, empty without one.
	fallback string
}

var (
	flagImport = lazy.New(`(?i)(openfeature|open[-_.]?feature|unleash|launchdarkly|ldclient|growthbook|flipt|flagsmith|flipper|posthog|go-feature-flag|gofeatureflag|configcat|statsig|splitio|flagd|pennant|featuremanagement|feature_management|waffle|devcycle)`)
	// flagReceiver is what a client of flags is called; a bare "client" is one only beside an import.
	flagReceiver = lazy.New(`(?i)(^|[._$>:@])_?(feature_?)?(flags?|toggles?|features?|unleash|ld(client)?|growthbook|gb|flipt|flipper|flagsmith|posthog|open_?feature|statsig|fm|featureflags?|feature_?management)_?(client|service|manager|provider|api|store)?(\(\)|\.getClient\(.*\)|\.get_client\(.*\))?$`)
	flagKey      = lazy.New(`^[A-Za-z0-9][\w.:/-]{0,100}$`)
)

// asking says of a call's folded name whether it evaluates a flag, and as which type. Weak ones are words of many APIs
// and need a receiver that speaks of flags; bare ones are those of command lines too, and need the SDK.
type asking struct {
	kind       string
	weak, bare bool
}

// askings are the calls of the SDKs: lower case, without underscores, "get", "fetch", "use", "async", "details" and "ctx".
var askings = map[string]asking{
	"booleanvalue": {kind: "boolean"}, "boolvalue": {kind: "boolean"}, "stringvalue": {kind: "string"}, "numbervalue": {kind: "number"},
	"integervalue": {kind: "number"}, "intvalue": {kind: "number"}, "floatvalue": {kind: "number"}, "doublevalue": {kind: "number"}, "objectvalue": {kind: "object"}, "structvalue": {kind: "object"},
	"booleanflagvalue": {kind: "boolean"}, "stringflagvalue": {kind: "string"}, "numberflagvalue": {kind: "number"}, "objectflagvalue": {kind: "object"}, "booleanflag": {kind: "boolean"},
	"variation": {}, "boolvariation": {kind: "boolean"}, "stringvariation": {kind: "string"}, "intvariation": {kind: "number"}, "numbervariation": {kind: "number"},
	"float64variation": {kind: "number"}, "floatvariation": {kind: "number"}, "doublevariation": {kind: "number"}, "jsonvariation": {kind: "object"}, "jsonvaluevariation": {kind: "object"},
	"isenabled": {kind: "boolean"}, "isfeatureenabled": {kind: "boolean"}, "featureenabled": {kind: "boolean"}, "enabled": {kind: "boolean", weak: true}, "variant": {weak: true},
	"flag": {weak: true}, "feature": {weak: true}, "featureison": {kind: "boolean"}, "ison": {kind: "boolean"}, "isoff": {kind: "boolean"}, "isfeatureon": {kind: "boolean"},
	"featurevalue": {}, "featureflag": {}, "featureflagenabled": {kind: "boolean"}, "featureflagvariantkey": {}, "featureflagpayload": {}, "flagenabled": {kind: "boolean"},
	"checkgate": {kind: "boolean"}, "gate": {kind: "boolean", weak: true}, "treatment": {}, "evaluateboolean": {kind: "boolean"}, "evaluatevariant": {},
	"active": {kind: "boolean", weak: true}, "inactive": {kind: "boolean", weak: true}, "flagisactive": {kind: "boolean"}, "switchisactive": {kind: "boolean"}, "waffleflag": {kind: "boolean"}, "waffleswitch": {kind: "boolean"},
	"featuregate": {kind: "boolean"}, "toggle": {kind: "boolean", weak: true}, "hasfeature": {kind: "boolean"}, "evalfeature": {},
	"boolean": {kind: "boolean", weak: true, bare: true}, "string": {kind: "string", weak: true, bare: true}, "int": {kind: "number", weak: true, bare: true}, "float": {kind: "number", weak: true, bare: true},
	"booleanfeatureflag": {kind: "boolean"}, "stringfeatureflag": {kind: "string"}, "numberfeatureflag": {kind: "number"}, "isfeatureactive": {kind: "boolean"},
}

// hooks keep their "use" where the rest of the name alone is a common word.
var hooks = map[string]bool{"useflag": true, "usefeature": true, "usevariant": true, "usegate": true, "getvariant": true, "getfeature": true}

// askingOf finds what a call asks.
func askingOf(name string) (asking, bool) {
	folded := strings.ToLower(strings.TrimRight(strings.ReplaceAll(name, "_", ""), "?!"))
	strong := hooks[folded]
	for _, end := range []string{"async", "ctx", "details", "detail", "withcontext"} {
		rest := strings.TrimSuffix(folded, end)
		if end == "details" && rest != folded && !strings.HasSuffix(rest, "value") { // getBooleanDetails asks for a value
			for _, start := range []string{"get", "fetch", "use", ""} {
				if typed := strings.TrimPrefix(rest, start) + "value"; askingExists(typed) {
					rest = typed
					break
				}
			}
		}
		folded = rest
	}
	for _, start := range []string{"getsuspense", "usesuspense", "get", "fetch", "use"} {
		if rest := strings.TrimPrefix(folded, start); rest != folded && askings[rest] != (asking{}) || askingExists(rest) && rest != folded {
			folded = rest
			break
		}
	}
	a, ok := askings[folded]
	a.weak = a.weak && !strong
	return a, ok
}

func askingExists(name string) bool { _, ok := askings[name]; return ok }

// sdkOf is the flag library that a file imports, empty without one.
func sdkOf(file *source.File) string {
	for _, i := range file.Imports {
		if name := sdkNamed(i.Path); name != "" {
			return name
		}
		for _, n := range i.Names {
			if strings.HasPrefix(i.Path, "@") || !strings.HasPrefix(i.Path, ".") {
				if name := sdkNamed(n.Name); name != "" {
					return name
				}
			}
		}
	}
	return ""
}

// sdkNamed is the flag library that a module or a receiver names, empty without one.
func sdkNamed(text string) string {
	name := strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(flagImport.FindString(text)))
	return strings.Replace(name, "ldclient", "launchdarkly", 1)
}

// keyWords are the names of arguments and properties that hold a flag's key.
var keyWords = []string{"flagKey", "flag_key", "FlagKey", "key", "Key", "flag", "feature", "featureKey", "name", "toggle_name", "feature_name", "flag_name"}

// keyOf is the key that a call is given, and the index of its argument; empty when it is not written out. at is the
// argument of the repository's own reader, -1 for an SDK's call, whose key is the first or, behind a context, second.
func (f *flags) keyOf(file *source.File, c *source.Call, at int) (string, int) {
	for i, a := range c.Args {
		if at >= 0 && a.Keyword == "" && i != at || at < 0 && a.Keyword == "" && i > 1 || a.Keyword != "" && !slices.Contains(keyWords, a.Keyword) && at < 0 {
			continue
		}
		if key := f.text(file, a); flagKey.MatchString(key) {
			return key, i
		}
		for _, o := range file.Objects {
			if o.Span.Start < a.Span.Start || o.Span.End > a.Span.End {
				continue
			}
			for _, k := range o.Keys {
				if slices.Contains(keyWords, k.Name) {
					if key := f.resolve(file, k.Value); flagKey.MatchString(key) {
						return key, i
					}
				}
			}
			break
		}
		if i == 0 && at < 0 && a.Keyword == "" && (a.IsString || strings.Contains(a.Text, "`")) {
			break // a first argument that is text is the key, even when it is none that is known
		}
	}
	return "", -1
}

// text is the string that an argument stands for, empty when it is dynamic.
func (f *flags) text(file *source.File, a source.Arg) string {
	if a.IsString {
		return a.Str
	}
	return f.resolve(file, a.Text)
}

var (
	conversion = lazy.New(`^(?:string|str|String|Symbol)\((.*)\)$`)
	constant   = lazy.New(`^[&*]?(?:[A-Za-z_]\w*(?:\.|::|\?\.|->))*[A-Za-z_]\w*$`)
)

// resolve is the string behind an expression: a literal, a constant, a member of an enum or of an object of constants.
func (f *flags) resolve(file *source.File, text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 2 && strings.ContainsRune("\"'`", rune(text[0])) && text[len(text)-1] == text[0] && !strings.ContainsAny(text[1:len(text)-1], "\"'`${") {
		return text[1 : len(text)-1]
	}
	if len(text) > 1 && text[0] == ':' && variableName.MatchString(text[1:]) {
		return text[1:] // a Ruby symbol
	}
	if m := conversion.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	for _, end := range []string{".value", ".Value", ".key", ".name", ".to_s", ".as_str()", ".getKey()", ".key()", ".String()", ".toString()", "()"} {
		text = strings.TrimSuffix(text, end)
	}
	if !constant.MatchString(text) {
		return ""
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".:?>-&*", r) })
	name, owner := parts[len(parts)-1], ""
	if len(parts) > 1 {
		owner = parts[len(parts)-2]
	}
	if v := valueIn(file, owner, name); v != "" {
		return v
	}
	if len(name) < 3 || owner == "" && strings.ToLower(name[:1]) == name[:1] {
		return "" // a variable or a parameter
	}
	return f.elsewhere(file, owner, name)
}

// valueIn is the string that a file gives to a constant, to an enum's member or to an object's key.
func valueIn(file *source.File, owner, name string) string {
	for _, d := range file.Decls {
		if d.Name != name || d.Kind != source.Const && d.Kind != source.Var && d.Kind != source.EnumValue && d.Kind != source.Field {
			continue
		}
		if owner != "" && d.Parent != nil && d.Parent.Name != owner {
			continue
		}
		v := strings.TrimPrefix(d.Default, "(")
		if strings.HasPrefix(v, ":") && variableName.MatchString(v[1:]) {
			return v[1:]
		}
		if len(v) > 2 && strings.ContainsRune("\"'`", rune(v[0])) {
			if i := strings.IndexByte(v[1:], v[0]); i > 0 && !strings.ContainsAny(v[1:i+1], "$") {
				return v[1 : i+1]
			}
		}
		if d.Parent != nil && d.Parent.Kind == source.Enum && v == "" && file.Lang == source.CSharp {
			return d.Name
		}
	}
	if owner == "" {
		return ""
	}
	for _, o := range file.Objects {
		if o.Name != owner {
			continue
		}
		for _, k := range o.Keys {
			if v := strings.TrimSpace(k.Value); k.Name == name && len(v) > 2 && strings.ContainsRune("\"'`", rune(v[0])) && strings.IndexByte(v[1:], v[0]) > 0 {
				return v[1 : 1+strings.IndexByte(v[1:], v[0])]
			}
		}
	}
	return ""
}

// elsewhere looks a constant up in the other files that name it, in its own language.
func (f *flags) elsewhere(file *source.File, owner, name string) string {
	id := owner + "." + name
	if v, ok := f.constants[id]; ok {
		return v
	}
	f.constants[id] = ""
	naming, err := f.pass.Source.Naming(f.pass.Context, name)
	if err != nil {
		return ""
	}
	paths := naming[name]
	for _, p := range paths[:min(len(paths), 40)] {
		if p == file.Path || !readable(p) {
			continue
		}
		if other, err := f.pass.Source.Head(p); err == nil && other != nil && (other.Lang == file.Lang || owner != "") {
			if v := valueIn(other, owner, name); v != "" {
				f.constants[id] = v
				return v
			}
		}
	}
	return ""
}
