package contracts

// What the reviews of published packages share, whatever their language.

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A packageReview is both sides of a branch, and what it says of its own breaks.
type packageReview struct {
	pass          *detectors.Pass
	before, after side
	// quiet: the branch says that it breaks; notes is what it adds to change logs.
	quiet bool
	notes string
}

func reviewOf(pass *detectors.Pass) packageReview {
	return packageReview{
		pass: pass, before: side{pass.Branch, pass.Source, true}, after: side{pass.Branch, pass.Source, false},
		quiet: announcesBreak(pass.Branch) || versionRaised(pass.Branch), notes: changelogs(pass.Branch),
	}
}

// productChanged says that a file was there before and is code of the given languages that a product consists of.
func productChanged(f *branch.File, languages ...source.Language) bool {
	p := oldPath(f)
	return f.Status != branch.Added && slices.Contains(languages, source.LanguageOf(p)) && !f.Vendored && !f.Generated && !f.TooLarge &&
		!source.IsTest(p) && !source.IsExample(p) && !source.IsDoc(p)
}

func oldPath(f *branch.File) string {
	if f.OldPath != "" {
		return f.OldPath
	}
	return f.Path
}

var versionLine = lazy.New(`(?m)^\s*"?_*version_*"?\s*[:=]\s*["']?v?(\d+)\.(\d+)`)

// versionRaised says that a manifest or an __init__ got a new major version, or below 1.0 a new minor one.
func versionRaised(b *branch.Branch) bool {
	for _, f := range b.Files {
		switch path.Base(f.Path) {
		case "pyproject.toml", "setup.cfg", "setup.py", "__init__.py", "_version.py", "__version__.py", "version.py", "package.json":
		default:
			continue
		}
		x, y := versionIn(f.Before), versionIn(f.After)
		if x != nil && y != nil && (x[1] != y[1] || x[1] == "0" && x[2] != y[2]) {
			return true
		}
	}
	return false
}

func versionIn(read func() ([]byte, error)) []string {
	text, err := read()
	if err != nil {
		return nil
	}
	return versionLine.FindStringSubmatch(string(text))
}

var changelogFile = lazy.New(`(?i)(^|/)(changelogs?|changes|changelog\.d|newsfragments|news|history|whatsnew|whats_new|release[-_]?notes?|upgrad\w*|migrat\w*|\.changeset)([^/]*\.(md|mdx|rst|txt|adoc)|/[^/]+)?$`)

// changelogs are the lines that the branch adds to files that tell people of changes.
func changelogs(b *branch.Branch) string {
	var text strings.Builder
	for _, f := range b.Files {
		if f.Status == branch.Deleted || !changelogFile.MatchString(f.Path) || source.LanguageOf(f.Path) != "" {
			continue
		}
		content, err := f.After()
		if err != nil {
			continue
		}
		for i, line := range strings.Split(string(content), "\n") {
			if f.Touched(i + 1) {
				text.WriteString(line + "\n")
			}
		}
	}
	return text.String()
}

// told says that a change log of the branch names a symbol.
func (r *packageReview) told(symbol string) bool {
	name := symbol[strings.LastIndexByte(symbol, '.')+1:]
	return len(name) > 2 && regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).MatchString(r.notes)
}

// named lists the files that name one of the words, those that everybody names left out.
func (r *packageReview) named(words map[string]bool) (map[string]bool, error) {
	files := map[string]bool{}
	naming, err := r.pass.Source.Naming(r.pass.Context, keysOf(words)...)
	if err != nil {
		return nil, err
	}
	for _, list := range naming {
		if len(list) > maxNamed {
			continue
		}
		for _, p := range list {
			files[p] = true
		}
	}
	return files, nil
}

// sideFiles is one side of a repository as the readers of modules see it. What the branch did not change is read once for
// both sides.
type sideFiles struct {
	at      side
	changed map[string]bool
}

func filesOf(at side) sideFiles {
	changed := map[string]bool{}
	for _, f := range at.branch.Files {
		changed[f.Path], changed[f.OldPath] = true, true
	}
	return sideFiles{at, changed}
}

// File is a file's source, nil for what is not there.
func (s sideFiles) File(file string) *source.File {
	if s.at.base && !s.changed[file] {
		return side{s.at.branch, s.at.source, false}.file(file)
	}
	return s.at.file(file)
}

// Exists says whether a path is there.
func (s sideFiles) Exists(file string) bool { return s.at.exists(file) }

// Paths are all paths, sorted.
func (s sideFiles) Paths() []string { return s.at.paths() }

// Text is a file's content, nil for what is not there.
func (s sideFiles) Text(file string) []byte {
	if !s.at.exists(file) {
		return nil
	}
	text, err := s.at.text(file)
	if err != nil {
		return nil
	}
	return text
}
