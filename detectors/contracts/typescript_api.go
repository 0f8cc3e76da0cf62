package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/tsapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// TypeScriptAPI finds incompatible changes of what the entry points of a published package offer, and in any repository the
// code that still takes what a module no longer exports where no type checker looks.
var TypeScriptAPI = &detectors.Detector{
	ID:    "contracts/typescript-api",
	Title: "What a TypeScript or JavaScript package exports changed incompatibly",
	Run:   runTypeScriptAPI,
}

func runTypeScriptAPI(pass *detectors.Pass) error {
	if !slices.ContainsFunc(pass.Branch.Files, scriptChanged) {
		return detectors.ErrNotApplicable
	}
	a := newScriptAPI(pass)
	for _, dir := range a.publishedDirs() {
		if err := a.published(dir); err != nil {
			return err
		}
	}
	return a.callers()
}

func scriptChanged(f *branch.File) bool {
	return productChanged(f, source.TypeScript, source.JavaScript) && !isMock(oldPath(f))
}

type scriptAPI struct {
	packageReview
	old, now *tsapi.Tree
}

func newScriptAPI(pass *detectors.Pass) *scriptAPI {
	r := reviewOf(pass)
	r.quiet = r.quiet || changesetRaises(pass.Branch)
	return &scriptAPI{packageReview: r, old: tsapi.NewTree(filesOf(r.before)), now: tsapi.NewTree(filesOf(r.after))}
}

var changesetRaise = lazy.New(`(?m)^["']?[@\w/.-]+["']?\s*:\s*["']?major`)

// changesetRaises says that a changeset of the branch raises a major version (github.com/changesets/changesets).
func changesetRaises(b *branch.Branch) bool {
	return slices.ContainsFunc(b.Files, func(f *branch.File) bool {
		if !strings.HasPrefix(f.Path, ".changeset/") || f.Status == branch.Deleted {
			return false
		}
		text, err := f.After()
		return err == nil && changesetRaise.Match(text)
	})
}

// forOthers says whether a package below a private workspace is published at all: it is built before others take it, or
// says where to, what of it, under which licence or with which notes; one that does not is for its neighbours only.
func (a *scriptAPI) forOthers(dir string, m *tsapi.Manifest) bool {
	root := a.old.Manifest(".")
	if dir == "." || root == nil || !root.Private {
		return true
	}
	if built.MatchString(m.Main+" "+m.ModuleFile+" "+m.Types+" "+m.Typings+" "+string(m.Exports)) || len(m.PublishConfig) > 0 || len(m.Files) > 0 || m.License != "" || len(m.Repository) > 0 {
		return true
	}
	return slices.ContainsFunc(append(a.before.below(dir), a.before.below(".changeset")...), func(p string) bool {
		base := strings.ToLower(path.Base(p))
		return strings.HasPrefix(base, "readme") || strings.HasPrefix(base, "changelog") || strings.HasPrefix(base, "licen") || strings.HasPrefix(p, ".changeset/")
	})
}

// built are the folders that a build writes.
var built = lazy.New(`\b(?:dist|build|lib|esm|cjs|out)/`)

// publishedDirs are the folders of published packages that the branch changes.
func (a *scriptAPI) publishedDirs() []string {
	dirs := map[string]bool{}
	for _, f := range a.pass.Branch.Files {
		if !scriptChanged(f) {
			continue
		}
		for dir := path.Dir(oldPath(f)); ; dir = path.Dir(dir) {
			if a.before.exists(path.Join(dir, "package.json")) {
				if m := a.old.Manifest(dir); m != nil && m.Published() && a.forOthers(dir, m) && !private(dir) && !sideFolders.MatchString(dir) {
					dirs[dir] = true
				}
				break
			}
			if dir == "." {
				break
			}
		}
	}
	return keysOf(dirs)
}

func (a *scriptAPI) published(dir string) error {
	changed := map[string]bool{}
	for _, f := range a.pass.Branch.Files {
		if scriptChanged(f) {
			changed[oldPath(f)] = true
		}
	}
	manifest := a.old.Manifest(dir)
	seen := map[string]bool{}
	var list []tsapi.Break
	for _, entry := range a.old.Entries(dir) {
		now := ""
		for _, e := range a.now.Entries(dir) {
			if e.Sub == entry.Sub {
				now = e.File
			}
		}
		if now == "" {
			continue // how the package is laid out changed as a whole
		}
		c := &tsapi.Comparison{Old: a.old, New: a.now, Direction: a.direction(entry.File)}
		for _, name := range a.old.Names(entry.File) {
			if err := a.pass.Context.Err(); err != nil {
				return err
			}
			old, state := a.old.Lookup(entry.File, name)
			if state != tsapi.Found || unstableName.MatchString(name) {
				continue
			}
			is, state := a.now.Lookup(now, name)
			if state == tsapi.Unknown || state == tsapi.Found && !changed[old.File] || state == tsapi.Gone && len(changed) == 0 {
				continue
			}
			key := old.File + "\x00" + name
			if seen[key] {
				continue
			}
			seen[key] = true
			if state == tsapi.Gone {
				is = nil
			}
			broken := c.Compare(name, old, is)
			if is == nil && !changed[old.File] { // what went away is the way out of the package
				broken[0].File, broken[0].Line = entry.File, a.old.Module(entry.File).Exports[name].Line
			}
			list = append(list, broken...)
		}
	}
	if unstablePackage.MatchString(manifest.Name) {
		for i := range list {
			list[i].Soft = true
		}
	}
	a.report(manifest.Name, list)
	return nil
}

var unstableName = lazy.New(`^(_|unstable_|experimental_|UNSAFE_|INTERNAL_|\$\$)|_(INTERNAL|DO_NOT_USE)`)

// unstablePackage are packages that promise nothing by their name.
var unstablePackage = lazy.New(`(^|[/-])(experimental|unstable|canary|alpha|internal|internals)($|[/-])`)

var (
	inputName  = lazy.New(`(Options|Opts|Config|Configuration|Props|Params|Parameters|Input|Args|Arguments|Request|Settings|Init)$`)
	outputName = lazy.New(`(Result|Results|Response|Output|State|Payload|Return|Info|Event|Context)$`)
)

// direction tells by the signatures that an entry point offers whether users pass a type in or get it.
func (a *scriptAPI) direction(entry string) func(string) (bool, bool) {
	taken, given := map[string]bool{}, map[string]bool{}
	word := regexp.MustCompile(`[A-Za-z_$][\w$]*`)
	note := func(into map[string]bool, text string) {
		for _, w := range word.FindAllString(text, 50) {
			into[w] = true
		}
	}
	sign := func(d *source.Decl) {
		for _, p := range d.Params {
			note(taken, p.Type)
		}
		for _, r := range d.Results {
			note(given, r)
		}
	}
	for _, name := range a.old.Names(entry) {
		s, state := a.old.Lookup(entry, name)
		if state != tsapi.Found {
			continue
		}
		for _, d := range s.Decls {
			sign(d)
			if d.Kind == source.Class {
				for _, m := range d.Members {
					sign(m)
				}
			}
		}
	}
	return func(name string) (input, output bool) {
		return taken[name] || inputName.MatchString(name), given[name] || outputName.MatchString(name) && !taken[name]
	}
}

// report puts what happened to one exported name into one finding.
func (a *scriptAPI) report(pkg string, list []tsapi.Break) {
	severe := func(b tsapi.Break) bool {
		return !b.Soft && !b.Deprecated && !a.quiet && !a.told(b.Symbol)
	}
	list = slices.DeleteFunc(list, func(b tsapi.Break) bool { return b.Internal })
	var order []string
	grouped := map[string][]tsapi.Break{}
	for _, b := range list {
		key := b.Symbol
		if grouped[key] == nil {
			order = append(order, key)
		}
		grouped[key] = append(grouped[key], b)
	}
	slices.SortStableFunc(order, func(x, y string) int {
		return boolOrder(slices.ContainsFunc(grouped[x], severe), slices.ContainsFunc(grouped[y], severe))
	})
	for _, key := range order[:min(len(order), maxBreaks)] {
		all := grouped[key]
		slices.SortStableFunc(all, func(x, y tsapi.Break) int { return boolOrder(severe(x), severe(y)) })
		f := detectors.Finding{Severity: detectors.Note, Symbol: key}
		var texts []string
		for _, b := range all {
			if severe(b) {
				f.Severity = detectors.Warning
			}
			if !slices.Contains(texts, b.Text) {
				texts = append(texts, b.Text)
			}
			f.Evidence = append(f.Evidence, b.Text)
		}
		f.Path, f.Line = all[0].File, all[0].Line
		if all[0].Removed {
			f.Path, f.Line, f.Related = a.removedAt(all[0].File, all[0].Line)
		}
		f.Message = fmt.Sprintf("%s of %s %s", key, pkg, join(texts, 3))
		if all[0].Deprecated {
			f.Message += ", after a deprecation"
		}
		if f.Severity == detectors.Warning {
			f.Related = append(f.Related, notRaised(a.pass, f.Path)...)
		}
		f.Why = "Whoever installs " + pkg + " no longer compiles, or gets undefined at run time, with the next release."
		f.Fix = "Keep the old form beside the new one and mark it @deprecated, or announce the break and raise the major version."
		a.pass.Report(f)
	}
}

// removedAt is where a hunk took an old line away.
func (a *scriptAPI) removedAt(file string, line int) (string, int, []detectors.Related) {
	for _, f := range a.pass.Branch.Files {
		if oldPath(f) == file {
			at := f.NewLine(line)
			return f.Path, at, []detectors.Related{{Path: f.Path, Line: at, Message: fmt.Sprintf("it stood here before, at line %d", line)}}
		}
	}
	return file, 0, nil
}
