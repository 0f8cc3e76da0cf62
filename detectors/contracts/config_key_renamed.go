package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// ConfigKeyRenamed finds configuration files, charts and documents that still set a key which the program reads under another
// name now.
var ConfigKeyRenamed = &detectors.Detector{
	ID:    "contracts/config-key-renamed",
	Title: "A configuration file still sets a key that the branch renamed in the program",
	Run:   runConfigKeys,
}

func runConfigKeys(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	type pair struct{ old, new configKey }
	var pairs []pair
	var living []configKey
	known := map[string]bool{} // every string at the head of the changed files: an alias, a fallback
	ran := false
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		now := after.file(f.Path)
		if now == nil {
			continue
		}
		keys := configKeys(now)
		living = append(living, keys...)
		for _, s := range now.Strings {
			known[s.Value] = true
		}
		if f.Status == branch.Added {
			continue
		}
		old := before.file(cmpOr(f.OldPath, f.Path))
		if old == nil {
			continue
		}
		ran = true
		lost, added := withoutKeys(configKeys(old), keys), withoutKeys(keys, configKeys(old))
		for _, l := range lost {
			if i := successorOf(l, lost, added); i >= 0 {
				pairs = append(pairs, pair{l, added[i]})
			}
		}
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, p := range pairs {
		name := p.old.dotted()
		if told[name] || known[name] || slices.ContainsFunc(living, func(k configKey) bool { return slices.Equal(k.path, p.old.path) }) {
			continue
		}
		told[name] = true
		if err := reportKey(pass, after, p.old, p.new); err != nil {
			return err
		}
	}
	return nil
}

func withoutKeys(a, b []configKey) []configKey {
	return slices.DeleteFunc(slices.Clone(a), func(k configKey) bool {
		return slices.ContainsFunc(b, func(o configKey) bool { return slices.Equal(o.path, k.path) })
	})
}

// successorOf is the key that is read by the same getter and differs in one step; where one is gone and one is new, that one.
func successorOf(l configKey, lost, added []configKey) int {
	found := -1
	for i, a := range added {
		if a.call != l.call {
			continue
		}
		differ := 0
		if len(a.path) == len(l.path) {
			for j := range a.path {
				if a.path[j] != l.path[j] {
					differ++
				}
			}
		}
		if differ == 1 || len(lost) == 1 && len(added) == 1 {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

func reportKey(pass *detectors.Pass, at side, old, now configKey) error {
	last := old.path[len(old.path)-1]
	spelled := []string{last, old.dotted()}
	filled := strings.HasPrefix(old.call, "class ")
	if filled { // a framework takes several spellings
		for _, name := range []string{kebab(last), strings.ReplaceAll(kebab(last), "-", "_"), upperFirst(last)} {
			spelled = append(spelled, name, strings.Join(append(slices.Clone(old.path[:len(old.path)-1]), name), "."))
		}
	}
	variables := variablesFor(old)
	if filled {
		spelled = append(spelled, variables...)
	}
	naming, err := pass.Source.Naming(pass.Context, spelled...)
	if err != nil {
		return err
	}
	var files []string
	for _, name := range spelled {
		files = append(files, naming[name]...)
	}
	slices.Sort(files)
	files = slices.Compact(files)
	var found []detectors.Finding
	for i, p := range files {
		if i >= 2*maxCandidates || skipped(p) || p == now.file {
			continue
		}
		if source.LanguageOf(p) != "" {
			if f := at.file(p); f != nil && declares(p) && slices.ContainsFunc(configKeys(f), func(k configKey) bool { return slices.Equal(k.path, old.path) }) {
				return nil // somebody else still reads it
			}
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile {
			continue
		}
		line, name := 0, old.dotted()
		if filled && !prose(p) {
			for _, v := range variables {
				if line = lineHolding(string(text), v); line > 0 {
					name = v
					break
				}
			}
		}
		if filled && line == 0 && !settingsFile(p) {
			continue
		}
		if line == 0 {
			line = setsKey(p, string(text), old.path)
		}
		if line == 0 && (prose(p) || path.Ext(p) == ".sh") {
			line = lineHolding(string(text), old.dotted())
		}
		if changed := pass.Branch.File(p); line == 0 || setsKey(p, string(text), now.path) > 0 || changed != nil && changed.Touched(line) {
			continue
		}
		story := fmt.Sprintf("renamed %s to %s", old.dotted(), now.dotted())
		found = append(found, detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: name,
			Message:  fmt.Sprintf("still sets %s; the branch %s", name, story),
			Why:      "Nothing reads the old key any more: the program runs on its default, and no error says so.",
			Fix:      "Rename the key here too, or read both for a release and log a warning for the old one.",
			Related:  []detectors.Related{{Path: now.file, Line: now.line, Message: "the branch " + story + " here"}},
			Evidence: []string{old.dotted(), now.dotted()},
		})
	}
	for _, f := range found {
		pass.Report(f)
	}
	return nil
}

// variablesFor are the names of environment variables by which a framework fills a key: Spring, Micronaut and Quarkus write
// app.mail.retryCount as APP_MAIL_RETRYCOUNT or APP_MAIL_RETRY_COUNT, .NET writes Mail:RetryCount as Mail__RetryCount.
func variablesFor(k configKey) []string {
	var short, long, net []string
	for _, step := range k.path {
		plain := strings.ToUpper(strings.NewReplacer("-", "", "_", "").Replace(step))
		short, net = append(short, plain), append(net, upperFirst(step))
		long = append(long, strings.ToUpper(strings.ReplaceAll(underscore(step), "-", "_")))
	}
	list := []string{strings.Join(short, "_"), strings.Join(long, "_"), strings.Join(net, "__"), strings.ToUpper(strings.Join(net, "__"))}
	slices.Sort(list)
	return slices.Compact(list)
}

// lineHolding is the first line that holds a name that is no part of a longer one.
func lineHolding(text, name string) int {
	line := 0
	for row := range strings.Lines(text) {
		line++
		if namesWhole(row, name) {
			return line
		}
	}
	return 0
}
