package environment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// TypeDiffers reports a value that is written in another way than the other environments write it, or that the code which
// reads it cannot take.
var TypeDiffers = &detectors.Detector{
	ID:    "environment/type-differs",
	Title: "A value has another type than the code or the other environments expect",
	Run:   runTypeDiffers,
}

func runTypeDiffers(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	head := l.head()
	t := &typeCheck{ledger: l, reported: map[string]bool{}}
	written := slices.ContainsFunc(pass.Branch.Files, func(f *branch.File) bool { return head.files[f.Path] && f.Status != branch.Deleted })
	asked, changed := l.code()
	if !written && changed == 0 && !slices.ContainsFunc(pass.Branch.Files, mayBeManifest) {
		return detectors.ErrNotApplicable
	}
	t.asked = asked
	t.anyTextTrue()
	t.manifestTexts()
	if !written {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(head.groups)) {
		g := head.groups[key]
		for _, env := range slices.SortedFunc(maps.Keys(g.units), Environment.Compare) {
			u := g.units[env]
			for _, name := range u.Names() {
				t.variable(g, env, name, u.Variables[name], false)
			}
			for _, name := range slices.Sorted(maps.Keys(u.Keys)) {
				t.variable(g, env, name, u.Keys[name], true)
			}
		}
	}
	return nil
}

type typeCheck struct {
	*ledger
	asked    *asked
	reported map[string]bool
	keyed    map[string][]references.Reference
}

// spelling is how a value is written, as far as readers tell it apart.
type spelling string

const (
	plainBool spelling = "true or false"
	wordBool  spelling = "a word such as on or enabled"
	whole     spelling = "a plain number"
	lasting   spelling = "a time with its unit"
	address   spelling = "an address with its scheme"
	bareHost  spelling = "a host without a scheme"
	other     spelling = ""
)

var (
	trueFalse  = lazy.New(`^(?i:true|false)$`)
	wordSwitch = lazy.New(`^(?i:on|off|yes|no|enabled?|disabled?|active|inactive)$`)
	goBool     = lazy.New(`^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$`)
	lenient    = lazy.New(`^(?i:1|0|t|f|y|n|true|false|on|off|yes|no)$`)
	integer    = lazy.New(`^\s*[+-]?\d[\d_]*\s*$`)
	decimal    = lazy.New(`^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$`)
)

func spellingOf(v effective.Variable) spelling {
	switch {
	case !v.Known() || v.State == effective.Default:
		return other
	case v.Matches(trueFalse):
		return plainBool
	case v.Matches(wordSwitch):
		return wordBool
	case v.Kind() == effective.Int:
		return whole
	case v.Kind() == effective.Duration:
		return lasting
	case v.Kind() == effective.URL:
		return address
	case v.Host() != "" && v.Host() != "localhost":
		return bareHost
	}
	return other
}

// clash says whether two spellings of one name are read as different things.
func clash(a, b spelling) bool {
	pair := func(x, y spelling) bool { return a == x && b == y || a == y && b == x }
	return pair(plainBool, wordBool) || pair(whole, lasting) || pair(address, bareHost)
}

// variable judges one name of one unit, where the branch wrote its value.
func (t *typeCheck) variable(g *group, env Environment, name string, v effective.Variable, key bool) {
	f := t.pass.Branch.File(v.At.Path)
	place := fmt.Sprintf("%s:%d", v.At.Path, v.At.Line)
	if f == nil || !f.Touched(v.At.Line) || t.reported[place+name] || !v.Known() || v.State == effective.Default {
		return
	}
	yaml := strings.HasSuffix(v.At.Path, ".yml") || strings.HasSuffix(v.At.Path, ".yaml")
	if r, expects, ok := t.refused(name, v); ok {
		t.reported[place+name] = true
		finding := detectors.Finding{
			Severity: detectors.Warning, Path: v.At.Path, Line: v.At.Line, Symbol: inFormat(v.At.Path, name),
			Message:  fmt.Sprintf("%s is set to what %s:%d cannot read: it takes %s", name, r.Path, r.Line, expects),
			Why:      "The conversion fails when the value is first read, which is at the start for most programs.",
			Fix:      fmt.Sprintf("Write %s, or let the code take what is written here.", expects),
			Evidence: []string{name, string(r.Type)},
			Related:  []detectors.Related{{Path: r.Path, Line: r.Line, Message: "reads it as " + string(r.Type)}},
		}
		if r.FailFast && (env == Production || env == Everywhere) {
			finding.Severity = detectors.Blocker
		}
		t.pass.Report(finding)
		return
	}
	if env == Everywhere {
		return
	}
	if key && t.written(g, env, name, v) {
		return
	}
	mine := spellingOf(v)
	if mine == other || key && yaml && mine == wordBool {
		return
	}
	for _, e := range slices.SortedFunc(maps.Keys(g.units), Environment.Compare) {
		u := g.units[e]
		their, ok := u.Variables[name]
		if key {
			their, ok = u.Keys[name]
		}
		if e == env || !ok || their.At == v.At || !clash(mine, spellingOf(their)) {
			continue
		}
		if g := t.pass.Branch.File(their.At.Path); g != nil && g.Touched(their.At.Line) && env.Compare(e) > 0 {
			continue // both are new: production's is the one to be named
		}
		t.reported[place+name] = true
		where := string(e)
		if e == Everywhere {
			where = "the base"
		}
		t.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: v.At.Path, Line: v.At.Line, Symbol: inFormat(v.At.Path, name),
			Message:  fmt.Sprintf("%s is %s for %s and %s for %s", name, mine, env, spellingOf(their), where),
			Why:      "One reader cannot take both: in one of the environments it fails, or silently takes something else.",
			Fix:      fmt.Sprintf("Write %s in the same way for %s and %s.", name, env, where),
			Evidence: []string{name, string(env), string(e), string(mine)},
			Related:  []detectors.Related{{Path: their.At.Path, Line: their.At.Line, Message: "written in another way for " + where}},
		})
		return
	}
}

// readers are the reads of a name; a key's are compared in the spelling of keys.
func (t *typeCheck) readers(name string) []references.Reference {
	list := t.asked.head[name]
	if t.keyed == nil {
		t.keyed = map[string][]references.Reference{}
		for asked, refs := range t.asked.head {
			for _, r := range refs {
				if r.Key {
					t.keyed[spelled(asked)] = append(t.keyed[spelled(asked)], r)
				}
			}
		}
	}
	if len(list) == 0 && strings.ContainsAny(name, ".:") {
		return t.keyed[spelled(name)]
	}
	return list
}

// refused finds a read that certainly cannot take the value.
func (t *typeCheck) refused(name string, v effective.Variable) (r references.Reference, expects string, ok bool) {
	if v.State == effective.Empty || v.Kind() == effective.Unknown {
		return r, "", false
	}
	for _, r := range t.readers(name) {
		lang := source.LanguageOf(r.Path)
		fits, what := true, ""
		switch {
		case r.Type == references.Int && (lang == source.Go || lang == source.Python || r.Key && (lang == source.CSharp || lang == source.Java || lang == source.Kotlin)):
			fits, what = v.Matches(integer), "a whole number"
		case r.Type == references.Float && (lang == source.Go || lang == source.Python || r.Key && (lang == source.CSharp || lang == source.Java || lang == source.Kotlin)):
			fits, what = v.Matches(decimal), "a number"
		case r.Type == references.Bool && lang == source.Go && !r.Optional:
			fits, what = v.Matches(goBool), "true or false"
		case r.Type == references.Bool && r.Key && lang == source.CSharp:
			fits, what = v.Matches(trueFalse), "true or false"
		case r.Type == references.Bool && lang == source.Python && r.FailFast:
			fits, what = v.Matches(lenient), "true or false"
		case r.Type == references.Duration && lang == source.Go:
			fits, what = v.Kind() == effective.Duration || v.Matches(zero), "a time with its unit (30s)"
		}
		if !fits {
			return r, what, true
		}
	}
	return r, "", false
}

var zero = lazy.New(`^0$`)
