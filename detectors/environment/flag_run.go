package environment

// What the detectors of feature flags share: the definitions on both sides of the branch, and the code that evaluates them.

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// flags is one run: what is defined, and which functions of the repository evaluate a flag.
type flags struct {
	pass *detectors.Pass
	// now are the definitions at the head, before those of the base in files that the branch changes.
	now, before []*manifest
	// broken are changed files that defined flags before and do not parse any more.
	broken map[string]string

	readers    map[string][]flagReader
	learned    map[string]bool
	registries map[string]*manifest
	constants  map[string]string
	uses       map[*source.File][]use
	known      map[string][]use
}

// flagsKey is that of the flags of a branch: of one that speaks of flags, or, always, of any.
type flagsKey struct{ always bool }

// newFlags reads the definitions and learns the repository's own readers, once for all detectors; nothing of it, unless
// always is set, for a branch whose files do not speak of flags.
func newFlags(pass *detectors.Pass, always bool) (*flags, error) {
	f, err := source.Shared(pass.Source, flagsKey{always}, func() (*flags, error) {
		f, err := readFlags(pass, always)
		return f, cmp.Or(err, pass.Context.Err())
	})
	if err != nil {
		return nil, err
	}
	return f.forDetector(pass), nil
}

// forDetector shares what was learnt and read, and keeps what a detector notes while it asks its own.
func (f *flags) forDetector(pass *detectors.Pass) *flags {
	own := *f
	own.pass = pass
	own.constants, own.uses, own.known = maps.Clone(f.constants), maps.Clone(f.uses), map[string][]use{}
	return &own
}

func readFlags(pass *detectors.Pass, always bool) (*flags, error) {
	head, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	f := &flags{pass: pass, broken: map[string]string{}, readers: map[string][]flagReader{}, learned: map[string]bool{}, registries: map[string]*manifest{},
		constants: map[string]string{}, uses: map[*source.File][]use{}, known: map[string][]use{}}
	if !always && !speaksOfFlags(pass.Branch.Files) {
		return f, nil
	}
	hinted := map[string]bool{}
	naming, err := pass.Source.Naming(pass.Context, flagWords...)
	if err != nil {
		return nil, err
	}
	for _, paths := range naming {
		for _, p := range paths {
			hinted[p] = true
		}
	}
	f.learn(head)
	f.now = manifests(head, pass.Settings.FlagManifests, hinted, f.learned, func(p string) []byte { text, _ := pass.Branch.ReadHead(p); return text })
	for _, id := range sortedRegistries(f.registries) {
		f.now = append(f.now, f.registries[id])
	}
	f.registeredFlags()
	for _, file := range pass.Branch.Files {
		old := file.Path
		if file.OldPath != "" {
			old = file.OldPath
		}
		if file.Status == branch.Added || !candidate(old, hinted) && !f.learned[old] && !slices.Contains(pass.Settings.FlagManifests, old) && !wordedBefore(file, old) {
			continue
		}
		text, err := file.Before()
		if err != nil {
			continue
		}
		found, _ := readManifests(old, text, f.learned[old] || slices.Contains(pass.Settings.FlagManifests, old))
		f.before = append(f.before, found...)
		if after, err := file.After(); err == nil && len(found) > 0 && file.Status != branch.Deleted {
			if _, err := readManifests(file.Path, after, false); err != nil {
				f.broken[file.Path] = err.Error()
			}
		}
	}
	for id := range f.registries {
		p, name, _ := strings.Cut(id, "#")
		if pass.Branch.File(p) == nil {
			continue
		}
		if file, err := pass.Source.Base(p); err == nil && file != nil {
			if m := registryOf(file, name, f); m != nil {
				f.before = append(f.before, m)
			}
		}
	}
	return f, nil
}

// switching are words of which one stands in every file that defines, evaluates or imports flags.
var switching = lazy.New(`(?i)flag|feature|toggle|experiment|switch|enabled|\bison\b|is_on|\bon\?|variation|rollout|flipper|unleash|\bgates?\b`)

// speaksOfFlags says whether any changed file, on either side, may have to do with flags.
func speaksOfFlags(files []*branch.File) bool {
	for _, file := range files {
		if file.Generated || file.Vendored || file.TooLarge || !readable(file.Path) && !flagEnd.MatchString(file.Path) && !strings.HasSuffix(file.Path, ".tf") {
			continue
		}
		if switching.MatchString(file.Path) || switching.MatchString(file.OldPath) {
			return true
		}
		if text, err := file.After(); err == nil && switching.Match(text) {
			return true
		}
		if text, err := file.Before(); err == nil && switching.Match(text) {
			return true
		}
	}
	return false
}

// wordedBefore says whether a changed file held a definition's word before the branch.
func wordedBefore(file *branch.File, p string) bool {
	if !flagEnd.MatchString(p) || aside(p) || file.TooLarge {
		return false
	}
	text, err := file.Before()
	if err != nil || len(text) > maxConfig {
		return false
	}
	return slices.ContainsFunc(flagWords, func(w string) bool {
		return strings.Contains(string(text), `"`+w+`"`) || strings.Contains(string(text), w+":")
	})
}

func sortedRegistries(m map[string]*manifest) []string {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return sortedKeys(set)
}

// sorted are a manifest's flags by key.
func (m *manifest) sorted() []*flag {
	set := map[string]bool{}
	for k := range m.flags {
		set[k] = true
	}
	var list []*flag
	for _, k := range sortedKeys(set) {
		list = append(list, m.flags[k])
	}
	return list
}

// definitions are a flag's at the head, with their files.
func (f *flags) definitions(key string) []*manifest {
	return slices.DeleteFunc(slices.Clone(f.now), func(m *manifest) bool { return !m.defines(key) })
}

// defines says whether a manifest has the key, or a key that a wildcard or another spelling of it stands for.
func (m *manifest) defines(key string) bool { return m.flags[key] != nil }

// was is a flag's definition before the branch in the file that now has it, nil for a new one or an unchanged file.
func (f *flags) was(m *manifest, key string) *flag {
	for _, old := range f.before {
		if old.flags[key] != nil && old.environment == m.environment {
			return old.flags[key]
		}
	}
	return nil
}

// existed says whether the flag was defined anywhere before the branch.
func (f *flags) existed(key string) bool {
	for _, old := range f.before {
		if old.flags[key] != nil {
			return true
		}
	}
	for _, m := range f.now {
		if m.flags[key] != nil && f.pass.Branch.File(m.path) == nil {
			return true
		}
	}
	return false
}

// changed says whether the branch adds the definition or makes it another.
func (f *flags) changed(m *manifest, d *flag) bool {
	if f.pass.Branch.File(m.path) == nil {
		return false
	}
	old := f.was(m, d.key)
	return old == nil || old.shape != d.shape
}

// paths are the files that define flags.
func (f *flags) paths() []string {
	var list []string
	for _, m := range f.now {
		list = append(list, m.path)
	}
	return list
}

// one names a kind with its article.
func one(kind string) string {
	if kind == "object" || kind == "integer" {
		return "an " + kind
	}
	return "a " + kind
}
