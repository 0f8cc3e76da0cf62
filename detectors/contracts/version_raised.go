package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// packageVersion is where a published package or an API description says which version it is.
type packageVersion struct {
	path, version string
	line          int
}

// versionLines find the version in each kind of manifest; the name of the file picks one.
var versionLines = map[string]*regexp.Regexp{
	"package.json":   regexp.MustCompile(`^\s*"version"\s*:\s*"(\d[^"]*)"`),
	"pyproject.toml": regexp.MustCompile(`^version\s*=\s*"(\d[^"]*)"`),
	"setup.cfg":      regexp.MustCompile(`^version\s*=\s*(\d\S*)`),
	"setup.py":       regexp.MustCompile(`\bversion\s*=\s*["'](\d[^"']*)["']`),
	"Cargo.toml":     regexp.MustCompile(`^version\s*=\s*"(\d[^"]*)"`),
}

// versionOf reads the version of a manifest; a private package has none.
func versionOf(p string, text []byte) (packageVersion, bool) {
	pattern := versionLines[path.Base(p)]
	if pattern == nil || strings.Contains(string(text), `"private": true`) || strings.Contains(string(text), "publish = false") {
		return packageVersion{}, false
	}
	for i, row := range strings.Split(string(text), "\n") {
		if m := pattern.FindStringSubmatch(row); m != nil {
			return packageVersion{p, m[1], i + 1}, true
		}
	}
	return packageVersion{}, false
}

// manifestOf is the nearest manifest above a file that has a version, on one side.
func (s side) manifestOf(p string) (packageVersion, bool) {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		for _, name := range []string{"package.json", "pyproject.toml", "setup.cfg", "setup.py", "Cargo.toml"} {
			if at := path.Join(dir, name); s.exists(at) {
				if text, err := s.text(at); err == nil {
					if v, ok := versionOf(at, text); ok {
						return v, true
					}
				}
			}
		}
		if dir == "." || dir == "/" {
			return packageVersion{}, false
		}
	}
}

// notRaised points at the version of the package that a file belongs to, where the branch breaks the package and does not
// say so by its version: neither the manifest nor a changeset nor a commit's mark.
func notRaised(pass *detectors.Pass, p string) []detectors.Related {
	if announcesBreak(pass.Branch) || addsChangeset(pass.Branch) {
		return nil
	}
	now, ok := side{pass.Branch, pass.Source, false}.manifestOf(p)
	if !ok {
		return nil
	}
	old := now
	if text, err := pass.Branch.ReadBase(now.path); err == nil {
		old, _ = versionOf(now.path, text)
	}
	if raised(old.version, now.version) {
		return nil
	}
	message := fmt.Sprintf("the version stays %s", now.version)
	if old.version != now.version {
		message = fmt.Sprintf("the version goes from %s to %s only", old.version, now.version)
	}
	return []detectors.Related{{Path: now.path, Line: now.line, Message: message}}
}

// raised says whether a version allows a break after another one (Semantic Versioning 2.0.0, 4 and 8): another major
// version, or before 1.0.0 another minor one.
func raised(old, now string) bool {
	a, b := numbers(old), numbers(now)
	if len(a) == 0 || len(b) == 0 || a[0] != b[0] {
		return true
	}
	return a[0] == 0 && len(a) > 1 && len(b) > 1 && a[1] != b[1]
}

func numbers(version string) []int {
	var list []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		list = append(list, n)
	}
	return list
}

// addsChangeset says whether the branch adds a note from which a release tool makes the version.
func addsChangeset(b *branch.Branch) bool {
	return slices.ContainsFunc(b.Files, func(f *branch.File) bool {
		if f.Status != branch.Added {
			return false
		}
		return strings.HasPrefix(f.Path, ".changeset/") || strings.HasPrefix(f.Path, ".changes/") || strings.Contains(f.Path, "/.changeset/")
	})
}
