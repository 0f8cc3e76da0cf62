package contracts

// Packages that the branch breaks without a word about their version.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A releasedPackage is a manifest that says a version, and its kind.
type releasedPackage struct {
	kind    *releaseFile
	path    string
	version packageVersion
}

var (
	collects     = lazy.New(`(?im)^(?:#+\s*|=+\s*|\*\*)?\[?(?:unreleased|next|upcoming|head|master|main|trunk|in development|wip)\b`)
	releaseTool  = lazy.New(`(?i)(^|/)(release-please[\w.-]*|\.release-please[\w.-]*|\.releaserc[\w.]*|release\.config\.\w+|\.changeset/config\.json|gitversion\.yml|nbgv|version\.json|\.versionrc\w*|\.bumpversion\.cfg|cliff\.toml|jreleaser\.ya?ml|release-drafter\.yml|release-plz\.toml|\.chachalog|newsfragments)$`)
	unpublished  = lazy.New(`(?m)^\s*publish\s*=\s*false|"private"\s*:\s*true|<IsPackable>\s*false`)
	headedBy     = lazy.New(`(?m)^(?:#+\s*|=+\s*|\*\*|\s*<version>)?\[?[vV]?(\d+\.\d+(?:\.\d+)*)`)
	builtVersion = lazy.New(`(?i)semantic-release|MinVer|Nerdbank\.GitVersioning|jgitver|axion-release|nebula\.release|versioning-plugin|\$\{revision\}`)
)

// untouchedReleases are the packages of which the branch changes code and whose version it leaves: a released one from 1.0.0 on,
// in a repository that keeps no list of what the next release will have, leaves the version to no tool, and is told of nothing
// in a change log.
func untouchedReleases(pass *detectors.Pass, after side) []releasedPackage {
	if announcesBreak(pass.Branch) || addsChangeset(pass.Branch) || changelogs(pass.Branch) != "" {
		return nil
	}
	folders := map[string]map[source.Language]bool{}
	for _, f := range pass.Branch.Files {
		lang := source.LanguageOf(f.Path)
		if releaseOf(f.Path) != nil {
			return nil // it speaks of versions itself
		}
		if lang == "" || f.Status == branch.Added || f.Vendored || f.Generated || !declares(f.Path) || unoffered.MatchString(f.Path) {
			continue
		}
		for dir := path.Dir(f.Path); ; dir = path.Dir(dir) {
			if folders[dir] == nil {
				folders[dir] = map[source.Language]bool{}
			}
			folders[dir][lang] = true
			if dir == "." || dir == "/" {
				break
			}
		}
	}
	var list []releasedPackage
	for _, p := range after.paths() {
		kind := releaseOf(p)
		if kind == nil || source.IsTest(p) || source.IsExample(p) || len(list) >= 8 {
			continue
		}
		dir := kind.root(p)
		if !slices.ContainsFunc(kind.languages, func(l source.Language) bool { return folders[dir][l] }) || slices.ContainsFunc(list, func(m releasedPackage) bool { return m.kind.root(m.path) == dir }) {
			continue
		}
		v := versionOn(after, p, kind)
		if n := numbers(v.version); len(n) < 2 || n[0] < 1 || strings.ContainsAny(v.version, "-+") || !installed(after, p) || !recorded(after, dir, v.version) {
			continue
		}
		list = append(list, releasedPackage{kind, p, v})
	}
	if len(list) == 0 || slices.ContainsFunc(after.paths(), func(p string) bool {
		if releaseTool.MatchString(p) {
			return true
		}
		if !changelogFile.MatchString(p) || strings.Count(p, "/") > 2 {
			return false
		}
		text, err := after.text(p)
		return err == nil && collects.Match(text[:min(len(text), 4000)])
	}) {
		return nil
	}
	return list
}

// installed says that a manifest is of a package which others install: it is a library's by its kind, or says where it is
// published.
func installed(at side, p string) bool {
	text, err := at.text(p)
	if err != nil || builtVersion.Match(text) || unpublished.Match(text) {
		return false
	}
	switch path.Base(p) {
	case "pom.xml":
		return strings.Contains(string(text), "<distributionManagement>") || strings.Contains(string(text), "maven-gpg-plugin") || strings.Contains(string(text), "central-publishing") || strings.Contains(string(text), "nexus-staging")
	case "composer.json":
		return strings.Contains(string(text), `"type": "library"`) || !strings.Contains(string(text), `"type"`) && strings.Contains(string(text), `"license"`)
	case "gradle.properties":
		return false
	}
	return true
}

// recorded says that the newest entry of the package's change log is that of the version: what the branch changes belongs to the next one.
// Where no such list is kept, the version may well be raised by whoever releases.
func recorded(at side, dir, version string) bool {
	for _, p := range append(at.below(dir), at.below(".")...) {
		if !changelogFile.MatchString(p) {
			continue
		}
		text, err := at.text(p)
		if err != nil {
			continue
		}
		if m := headedBy.FindSubmatch(text[:min(len(text), 4000)]); m != nil && string(m[1]) == version {
			return true
		}
	}
	return false
}
