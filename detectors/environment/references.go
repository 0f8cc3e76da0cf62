package environment

// What code reads from its environment, and whether it can do without.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Reference is one read of a variable or of a configuration key.
type Reference struct {
	Name string
	Path string
	Line int
	// Optional: the read has a default, or the code deals with its absence.
	Optional bool
	// FailFast: the program refuses to start without it.
	FailFast bool
	// LocalDefault: the default is one for a developer's machine (localhost, a sandbox).
	LocalDefault bool
	// Key says that Name is a key of structured configuration ("session.idle_timeout"), not a variable.
	Key bool
	// Binding says that the name comes from a platform's bindings (env.NAME of a Worker) rather than from the process.
	Binding bool
}

var developers = lazy.New(`(?i)["'/@](localhost|127\.0\.0\.1|0\.0\.0\.0)\b|host\.docker\.internal|//(mailhog|minio|redis|postgres|db)\b|//[\w.-]*sandbox`)

// localDefault says whether the text right at a read gives a default that only works on a developer's machine.
func localDefault(text string, start, end int) bool {
	if start < 0 || end > len(text) || start > end {
		return false
	}
	tail := text[end:min(len(text), end+160)]
	if i := strings.Index(tail, "\n\n"); i >= 0 {
		tail = tail[:i]
	}
	if lines := strings.SplitN(tail, "\n", 4); len(lines) > 3 {
		tail = strings.Join(lines[:3], "\n")
	}
	return developers.MatchString(text[start:end] + tail)
}

var variableName = lazy.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// wrapper is a function of the repository that reads the variable which it is given.
type wrapper struct {
	name string
	// key is the index of the argument with the name, fallback the one of the default, -1 without one.
	key, fallback int
	// optional: it says whether the variable is there; required: it fails when it is not.
	optional, required bool
}

// readReferences finds all references in one file. wrappers are the repository's own readers; lookup resolves a constant
// of another file by its name, empty when it is not known.
func readReferences(p string, text []byte, wrappers []wrapper, lookup func(string) string) []Reference {
	if !understood(p) {
		return sound(p, readTextReferences(p, string(text)))
	}
	f, err := source.Parse(p, text)
	if err != nil || f == nil {
		return nil
	}
	return referencesOf(f, wrappers, lookup)
}

// understood says whether the syntax of a path's language is read for references; the other languages are read as text.
func understood(p string) bool {
	switch source.LanguageOf(p) {
	case source.Go, source.Python, source.TypeScript, source.JavaScript:
		return true
	default:
		return false
	}
}

// referencesOf finds all references in a parsed file; see readReferences.
func referencesOf(f *source.File, wrappers []wrapper, lookup func(string) string) []Reference {
	r := &reader{File: f, wrappers: wrappers, lookup: lookup}
	switch f.Lang {
	case source.Go:
		r.golang()
	case source.Python:
		r.python()
	case source.TypeScript, source.JavaScript:
		r.javascript()
	default: // by the words that these languages read the environment with
		return sound(f.Path, readTextReferences(f.Path, string(f.Text)))
	}
	r.wrapped()
	return sound(f.Path, r.refs)
}

// sound keeps the references whose names can be names.
func sound(p string, refs []Reference) []Reference {
	kept := refs[:0]
	for _, r := range refs {
		if r.Key || variableName.MatchString(r.Name) && len(r.Name) > 1 {
			r.Path = p
			kept = append(kept, r)
		}
	}
	// What a file tests or replaces in one place it does not need in another.
	soft := map[string]bool{}
	for _, r := range kept {
		soft[r.Name] = soft[r.Name] || r.Optional
	}
	for i := range kept {
		kept[i].Optional = kept[i].Optional || soft[kept[i].Name]
	}
	return kept
}

// reader collects the references of one parsed file.
type reader struct {
	*source.File
	wrappers []wrapper
	lookup   func(string) string
	refs     []Reference
}

func (r *reader) add(name string, s source.Span, optional, failFast bool) {
	if name != "" {
		r.refs = append(r.refs, Reference{Name: name, Line: s.Line, Optional: optional, FailFast: failFast,
			LocalDefault: optional && localDefault(string(r.Text), s.Start, s.End)})
	}
}

// nameOf is the variable that an argument names: a literal, or a constant of this file or another. Empty is dynamic.
func (r *reader) nameOf(a source.Arg) string {
	if a.IsString {
		return a.Str
	}
	name := a.Text
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	if !variableName.MatchString(name) {
		return ""
	}
	if v := constantIn(r.File, name); v != "" || r.lookup == nil {
		return v
	}
	return r.lookup(name)
}

// constantIn is the string that a file gives to a constant, empty without one.
func constantIn(f *source.File, name string) string {
	for _, d := range f.Decls {
		if d.Name == name && (d.Kind == source.Const || d.Kind == source.Var || d.Kind == source.EnumValue) {
			v := d.Default
			if len(v) > 2 && strings.ContainsRune("\"'`", rune(v[0])) && v[len(v)-1] == v[0] && !strings.ContainsAny(v[1:len(v)-1], "\"'`$") {
				return v[1 : len(v)-1]
			}
		}
	}
	return ""
}

// wrapped finds calls of the repository's own readers.
func (r *reader) wrapped() {
	if len(r.wrappers) == 0 {
		return
	}
	for _, c := range r.Calls {
		for _, w := range r.wrappers {
			if c.Name != w.name || len(c.Args) <= w.key || c.Args[w.key].Keyword != "" {
				continue
			}
			name := r.nameOf(c.Args[w.key])
			if !variableName.MatchString(name) || strings.ToUpper(name) != name {
				continue
			}
			optional := w.optional || w.fallback >= 0 && len(c.Args) > w.fallback || r.handled(c.Span)
			r.add(name, c.Span, optional, w.required)
		}
	}
}

var (
	before = lazy.New(`(["']?[dD]efault\w*["']?\s*[:=]\s*|[fF]allback\w*["']?\s*[:=]\s*|!!|\bBoolean\(|\bbool\(|\bif\s*\(?|\belif\s+|&&|\|\||\bin\s|\bnot\s|\bor\s|\band\s|\breturn\s+!|\?\s*|\bunless\s+)\s*$`)
	after  = lazy.New(`^\s*(\)?\s*\?\?|\)?\s*\|\||\?\.|\)?\s*===?|\)?\s*!==?|\s*&&|\s*\?\s|\)?\s+or\s|\)?\s+if\s|\s+is\s+(not\s+)?None|\)?\s+in\s|\)\s*\{|\.unwrap_or|\.ok\(\)|\.is_ok|\.is_err|\)\s*:)`)
	fails  = lazy.New(`(?i)\b(throw|panic|log\.Fatal|Fatalf?|os\.Exit|process\.exit|sys\.exit|raise|exit\(|abort|fail|missing|required|not set|must be set)`)
)

// handled says whether the code around a read deals with the absence of a value: a fallback, a comparison, a condition.
// A condition that only stops the program does not count.
func (r *reader) handled(s source.Span) bool {
	from, to := max(0, s.Start-60), min(len(r.Text), s.End+40)
	if s.Start < 0 || s.End > len(r.Text) || s.Start > s.End {
		return false
	}
	head, tail := string(r.Text[from:s.Start]), string(r.Text[s.End:to])
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		head = head[i+1:]
	}
	if after.MatchString(tail) || before.MatchString(head) || strings.HasSuffix(strings.TrimRight(head, " ("), "!") {
		return !r.stops(s)
	}
	return false
}

// stops says whether the statements right behind a span end the program or return an error.
func (r *reader) stops(s source.Span) bool {
	rest := string(r.Text[s.End:min(len(r.Text), s.End+220)])
	first, after, _ := strings.Cut(rest, "\n")
	if strings.Contains(first, "??") || strings.Contains(first, " or ") || strings.Contains(first, "||") && !fails.MatchString(first) {
		return false
	}
	next, _, _ := strings.Cut(after, "\n")
	return fails.MatchString(first) || fails.MatchString(next)
}
