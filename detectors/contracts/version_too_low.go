package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// VersionTooLow finds packages that the branch gives a new version for a compatible change while it takes something public out
// of them: whoever asks for a compatible version gets it without asking.
var VersionTooLow = &detectors.Detector{
	ID:    "contracts/version-too-low",
	Title: "The new version of a package promises more than its public names keep",
	Run:   runVersionTooLow,
}

func runVersionTooLow(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	ran := false
	for _, m := range untouchedReleases(pass, after) {
		ran = true
		reportTooLow(pass, m.kind, m.path, m.version, m.version, before, after)
	}
	for _, f := range pass.Branch.Files {
		rule := releaseOf(f.Path)
		if rule == nil || f.Status != branch.Modified || source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		was, is := versionOn(before, f.Path, rule), versionOn(after, f.Path, rule)
		if was.version == "" || is.version == "" || was.version == is.version || raised(was.version, is.version) || !laterVersion(was.version, is.version) {
			continue
		}
		ran = true
		reportTooLow(pass, rule, f.Path, was, is, before, after)
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	return pass.Context.Err()
}

// reportTooLow tells what a package lost between two versions, or below one.
func reportTooLow(pass *detectors.Pass, rule *releaseFile, manifest string, was, is packageVersion, before, after side) {
	gone := lostPublic(pass, rule.root(manifest), rule.languages, before, after)
	if len(gone) == 0 || announcesBreak(pass.Branch) {
		return
	}
	var names []string
	for _, g := range gone {
		names = append(names, g.String())
	}
	first, what := gone[0], "is gone"
	steps := fmt.Sprintf("goes from %s to %s only", was.version, is.version)
	if was.version == is.version {
		steps = "stays " + is.version
	}
	if first.resigned {
		what = "takes other arguments"
	}
	at := pass.Branch.File(first.path)
	line := first.line
	if at == nil {
		at = fileThatWas(pass.Branch, first.path)
	}
	if at != nil {
		line = max(1, at.NewLine(first.line))
		first.path = at.Path
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: first.path, Line: line, Symbol: names[0],
		Message:  fmt.Sprintf("the version %s, and the public %s %s", steps, join(names, 4), what),
		Why:      "Whoever takes compatible versions by itself gets this one, and no longer builds or fails where the name is used.",
		Fix:      "Keep the old name as a deprecated one that calls the new, or raise the version as for a breaking change.",
		Related:  []detectors.Related{{Path: manifest, Line: is.line, Message: fmt.Sprintf("%s says compatible with %s", is.version, was.version)}},
		Evidence: append([]string{was.version, is.version}, names...),
	})
}

// A publicName is one name that users of a package can use; owner is the type that it belongs to.
type publicName struct {
	owner, name, path string
	line              int
	// needed and all count the parameters, those without a default and all of them; -1 for what is not called.
	needed, all int
	// resigned: it is still there, and takes other arguments.
	resigned bool
}

func (n publicName) String() string {
	if n.owner == "" {
		return n.name
	}
	return n.owner + "." + n.name
}

// callable says that calls of the old name still fit the new one by the number of their arguments.
func (n publicName) callable(now publicName) bool {
	return n.all < 0 || now.all < 0 || now.needed <= n.needed && now.all >= n.all
}

// unoffered are folders of a package that nobody outside of it uses.
var unoffered = lazy.New(`(?i)(^|/)(tests?|specs?|examples?|benches|benchmarks?|internals?|impl|private|generated|build|target|docs?|tools?|scripts?)/`)

// lostPublic lists what the changed files of a package offered before and no file of it that the branch touched offers now.
func lostPublic(pass *detectors.Pass, dir string, languages []source.Language, before, after side) []publicName {
	var old, now []publicName
	lib := crateRoot(before, dir)
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !slices.Contains(languages, source.LanguageOf(f.Path)) {
			continue
		}
		if p := cmpOr(f.OldPath, f.Path); f.Status != branch.Added && under(dir, p) && declares(p) && !unoffered.MatchString(p) {
			old = append(old, offered(before.file(p), lib)...)
		}
		if f.Status != branch.Deleted && under(dir, f.Path) {
			now = append(now, offered(after.file(f.Path), "")...)
		}
	}
	var gone []publicName
	for _, o := range old {
		same := func(n publicName) bool { return n.name == o.name && n.owner == o.owner }
		owned := func(n publicName) bool { return n.name == o.owner }
		if i := slices.IndexFunc(now, same); i >= 0 && !o.callable(now[i]) && timesIn(old, same) == 1 && timesIn(now, same) == 1 {
			o.resigned = true
			gone = append(gone, o)
			continue
		}
		if slices.ContainsFunc(now, same) || slices.ContainsFunc(gone, same) || slices.ContainsFunc(gone, owned) {
			continue
		}
		if o.owner != "" && !slices.ContainsFunc(now, owned) {
			continue // it may have moved with its type
		}
		gone = append(gone, o)
	}
	return gone
}

func timesIn(list []publicName, is func(publicName) bool) int {
	n := 0
	for _, o := range list {
		if is(o) {
			n++
		}
	}
	return n
}

// countParams counts the parameters without a default, and all of them; a variadic one takes any number.
func countParams(d *source.Decl) (needed, all int) {
	for _, p := range d.Params {
		switch {
		case p.Name == "self" || p.Name == "&self" || strings.HasSuffix(p.Type, "self") || strings.HasPrefix(p.Name, "&"):
			continue
		case p.Variadic || p.KeywordVariadic:
			all += 1000
			continue
		case !p.Optional && p.Default == "":
			needed++
		}
		all++
	}
	return needed, all
}

func under(dir, p string) bool { return dir == "." || strings.HasPrefix(p, dir+"/") }

// crateRoot is the text of a crate's root module, "" where there is none.
func crateRoot(at side, dir string) string {
	for _, p := range []string{path.Join(dir, "src/lib.rs")} {
		if at.exists(p) {
			if text, err := at.text(p); err == nil {
				return string(text)
			}
		}
	}
	return ""
}

// offered are the public functions, methods, types and constants of a file. For Rust lib is the crate's root: what it neither
// publishes as a module nor names again is not to be reached from outside.
func offered(f *source.File, lib string) []publicName {
	if f == nil {
		return nil
	}
	var list []publicName
	for _, d := range f.Decls {
		if !d.Exported || d.Name == "" || strings.HasPrefix(d.Name, "_") || d.Kind == source.Field && f.Lang == source.Ruby {
			continue
		}
		n := publicName{name: d.Name, path: f.Path, line: d.Span.Line, needed: -1, all: -1}
		if d.Kind == source.Function || d.Kind == source.Method {
			n.needed, n.all = countParams(d)
		}
		if p := d.Parent; p != nil {
			if !p.Exported && f.Lang != source.Ruby && f.Lang != source.Rust || d.Kind == source.EnumValue && f.Lang == source.Ruby {
				continue
			}
			n.owner = p.Name
		} else if d.Kind == source.Method {
			n.owner = d.Receiver
		}
		if f.Lang == source.Rust && lib != "" && !offeredBy(f.Path, cmpOr(n.owner, n.name), lib) {
			continue
		}
		list = append(list, n)
	}
	return list
}

// offeredBy says that a crate's root leads to a name of one of its modules.
func offeredBy(p, name, lib string) bool {
	stem := strings.TrimSuffix(path.Base(p), ".rs")
	if stem == "mod" {
		stem = path.Base(path.Dir(p))
	}
	if stem == "lib" || strings.Contains(lib, "pub mod "+stem) {
		return true
	}
	for row := range strings.SplitSeq(lib, ";") {
		row = strings.TrimSpace(row)
		if i := strings.LastIndex(row, "pub use "); i >= 0 && strings.Contains(row[i:], stem+"::") {
			if slices.Contains(identifiers(row[i:]), name) || strings.Contains(row[i:], "*") {
				return true
			}
		}
	}
	return false
}

// released says that the branch gives a package another version: version-too-low or the version itself tells then.
func (s side) released(manifest string) bool {
	r := releaseOf(manifest)
	if r == nil || s.branch.File(manifest) == nil {
		return false
	}
	was, is := versionOn(side{s.branch, s.source, true}, manifest, r), versionOn(s, manifest, r)
	return was.version != is.version
}
