package environment

// Where code evaluates feature flags: through an SDK, or through the repository's own wrapper of one.

import (
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"regexp"
	"slices"
)

// use is one evaluation of a flag.
type use struct {
	key  string
	path string
	line int
	// sdk: the file imports a flag SDK.
	sdk bool
	// call is the function that evaluates it.
	call string
}

var (
	flagImport = lazy.New(`(?i)openfeature|open-feature|unleash|launchdarkly|ldclient|growthbook|flipt|flagsmith|flipper|posthog|go-feature-flag|gofeatureflag|configcat|statsig|splitio|flagd`)
	flagCall   = lazy.New(`^(get_?(boolean|string|integer|float|object|number)_?(value|details)|(Boolean|String|Int|Float|Object)Value(Details)?|get(Boolean|String|Number|Object)(Value|Details)|is_?enabled|isEnabled|IsEnabled|IsFeatureEnabled|is_?feature_?enabled|isFeatureEnabled|(bool|string|int|json|float64)?[vV]ariation(Detail)?|(Bool|String|Int|JSON|Float64)Variation(Ctx)?|use(Boolean|String|Number)?Flag(Value|Details|Enabled)?|useFeature(IsOn|Flag|Value|FlagEnabled)?|isOn|feature_enabled|getFeatureValue|checkGate|check_gate|EvaluateBoolean|evaluateBoolean|hasFeature)$`)
	flagKey    = lazy.New(`^[A-Za-z][\w.:/-]{1,80}$`)
	looksUp    = lazy.New(`(?i)\b(flags?|toggles?|features?)\s*(\.get\(|\[|\.isEnabled\(|\?\.\[)`)
)

// learn finds the repository's own wrappers: a function that looks its argument up among flags.
func (f *flags) learn() {
	naming, err := f.pass.Source.Naming(f.pass.Context, "flags", "features", "toggles", "isEnabled", "is_enabled", "get_boolean_value", "getBooleanValue", "BooleanValue", "BoolVariation", "unleash")
	if err != nil {
		return
	}
	var paths []string
	for _, list := range naming {
		paths = append(paths, list...)
	}
	slices.Sort(paths)
	paths = slices.DeleteFunc(slices.Compact(paths), func(p string) bool { return !understood(p) || aside(p) })
	for _, p := range paths[:min(len(paths), maxDefinitions)] {
		file, err := f.pass.Source.Head(p)
		if err != nil || file == nil {
			continue
		}
		sdk := importsFlags(file)
		for _, d := range file.Decls {
			if d.Kind != source.Function && d.Kind != source.Method || len(d.Params) == 0 || d.Body.End-d.Body.Start > 1500 || d.Body.End > len(file.Text) || d.Body.End <= d.Body.Start {
				continue
			}
			body := string(file.Text[d.Body.Start:d.Body.End])
			for i, param := range d.Params {
				if param.Name == "" || i > 1 {
					continue
				}
				uses := regexp.MustCompile(`[(\[]\s*(?:\w+,\s*)?` + regexp.QuoteMeta(param.Name) + `\s*[\],)]`)
				if at := uses.FindStringIndex(body); at != nil && (looksUp.MatchString(body) || sdk && callsFlag(file, d)) {
					f.wrappers[d.Name] = i
					break
				}
			}
		}
	}
}

func importsFlags(file *source.File) bool {
	return slices.ContainsFunc(file.Imports, func(i *source.Import) bool { return flagImport.MatchString(i.Path) })
}

func callsFlag(file *source.File, d *source.Decl) bool {
	return slices.ContainsFunc(file.Calls, func(c *source.Call) bool {
		return c.Span.Start >= d.Body.Start && c.Span.End <= d.Body.End && flagCall.MatchString(c.Name)
	})
}

// usesIn are the evaluations in one file. Calls with an SDK's names count where the file imports an SDK, where the
// receiver says so, or where the repository's own client is imported.
func (f *flags) usesIn(p string, file *source.File) []use {
	var list []use
	sdk := importsFlags(file)
	for _, c := range file.Calls {
		index, own := f.wrappers[c.Name]
		known := flagCall.MatchString(c.Name) && (sdk || flagReceiver.MatchString(c.Receiver) || f.importsClient(file, c.Receiver))
		if !own && !known {
			continue
		}
		for i, a := range c.Args {
			if own && i != index || i > 1 {
				continue
			}
			key := ""
			if a.IsString {
				key = a.Str
			} else if variableName.MatchString(a.Text) {
				key = constantIn(file, a.Text)
			}
			if flagKey.MatchString(key) {
				list = append(list, use{key: key, path: p, line: c.Span.Line, sdk: sdk, call: c.Name})
				break
			}
		}
	}
	return list
}

var flagReceiver = lazy.New(`(?i)(^|\.|_)(flags?|toggles?|features?|unleash|ld(client)?|growthbook|gb|flipt|flipper|flagsmith|posthog|openfeature|statsig|featureflags?)(client|service|manager|provider)?$`)

// importsClient says whether the receiver is imported from a module of the repository that speaks of flags.
func (f *flags) importsClient(file *source.File, receiver string) bool {
	for _, i := range file.Imports {
		if !flagPath.MatchString(i.Path) {
			continue
		}
		for _, n := range i.Names {
			if n.Name == receiver || n.Alias == receiver {
				return true
			}
		}
	}
	return false
}

// introduced are the evaluations on lines of the branch.
func (f *flags) introduced() []use {
	var list []use
	for _, file := range f.pass.Branch.Files {
		if file.Status == branch.Deleted || !understood(file.Path) || aside(file.Path) || file.Generated || file.Vendored || file.TooLarge {
			continue
		}
		parsed, err := f.pass.Source.Head(file.Path)
		if err != nil || parsed == nil {
			continue
		}
		for _, u := range f.usesIn(file.Path, parsed) {
			if file.Touched(u.line) {
				list = append(list, u)
			}
		}
	}
	return list
}

// users are the evaluations of a flag anywhere at the head.
func (f *flags) users(key string) []use {
	naming, err := f.pass.Source.Naming(f.pass.Context, key)
	if err != nil {
		return nil
	}
	var list []use
	for _, p := range naming[key] {
		if !understood(p) || aside(p) {
			continue
		}
		if file, err := f.pass.Source.Head(p); err == nil && file != nil {
			for _, u := range f.usesIn(p, file) {
				if u.key == key {
					list = append(list, u)
				}
			}
		}
	}
	return list
}
