package review

// Upgrade guides, and which of them are about a version that is not released yet.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// guide is a document that tells what to do when a version breaks something. Dir is what it covers: the folder of its package.
type guide struct {
	path, dir, text string
	line            int
}

var (
	guideName    = lazy.New(`(?i)(?:^|/)(?:upgrad(?:e|es|ing)|migrat(?:ion|ions|ing)|breaking[-_]?changes)(?:[-_ ]?(?:guide|notes|to|from))?(?:[-_ ./]?v?\d[\w.-]*)?\.(?:md|mdx|rst|txt|adoc)$|(?:^|/)docs?/(?:\w+/)?(?:upgrading|upgrade|migration|migrations)/[^/]+\.(?:md|mdx|rst)$`)
	versionText  = lazy.New(`(?i)(?:^|[^\w.])v?(\d+\.(?:\d+|x)(?:\.(?:\d+|x))?)\b`)
	guideVersion = lazy.New(`(?i)(?:^|[-_/v])(\d+(?:[._]\d+|[._]x)*)\.\w+$`)
	coming       = lazy.New(`(?i)\bunreleased|\bupcoming|\bnext\b|\bnot (?:yet )?released|\bTBD\b|\bTBA\b|-dev\b|\bin development`)
)

// currentGuides are the guides that have a part about what is not released yet.
func currentGuides(pass *detectors.Pass) ([]guide, error) {
	b := pass.Branch
	paths, err := b.HeadPaths()
	if err != nil {
		return nil, err
	}
	var list []guide
	var pending []string
	known := false
	for _, p := range paths {
		if !guideName.MatchString(p) || source.IsTest(p) || source.IsExample(p) || strings.Contains("/"+p, "/node_modules/") || strings.Contains("/"+p, "/vendor/") || len(list) >= maxListings {
			continue
		}
		text, err := b.ReadHead(p)
		if err != nil || len(text) > maxDocumentSize {
			continue
		}
		if !known {
			pending, known = pendingVersions(pass, paths), true
		}
		line := currentPart(p, string(text), pending)
		if line == 0 && wantsBreaks(b, p) {
			line = 1
		}
		if line > 0 {
			dir := path.Dir(p)
			for slices.Contains([]string{"docs", "doc", "upgrading", "upgrade", "migration", "migrations", "guide", "guides"}, strings.ToLower(path.Base(dir))) {
				dir = path.Dir(dir)
			}
			list = append(list, guide{path: p, dir: dir, text: string(text), line: line})
		}
	}
	return list, nil
}

// collectsBreaks is a sentence by which whatever breaks is written down.
var collectsBreaks = lazy.New(`(?i)\b(?:breaks?|breaking|incompatible|removals?|removed|backwards?)\b`)

// wantsBreaks says whether a document that leads the repository sends what breaks to a guide, by its name.
func wantsBreaks(b *branch.Branch, guide string) bool {
	for _, p := range append(slices.Clone(leading), reviewRules...) {
		text, err := b.ReadBase(p)
		if err != nil || len(text) > maxDocumentSize {
			continue
		}
		for _, rule := range passagesOf(string(text)) {
			for sentence := range strings.SplitSeq(rule.text, ". ") {
				if strings.Contains(sentence, path.Base(guide)) && collectsBreaks.MatchString(sentence) {
					return true
				}
			}
		}
	}
	return false
}

// currentPart is the line at which a guide begins to speak of a version that is not released, 0 for none.
func currentPart(p, text string, pending []string) int {
	if m := guideVersion.FindStringSubmatch(p); m != nil {
		if slices.ContainsFunc(pending, func(v string) bool { return sameVersion(v, strings.ReplaceAll(m[1], "_", ".")) }) {
			return 1
		}
		return 0
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		m := heading.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		if coming.MatchString(m[2]) {
			return n
		}
		versions := versionText.FindAllStringSubmatch(m[2], 4)
		if len(versions) == 0 {
			continue
		}
		last := versions[len(versions)-1][1]
		if slices.ContainsFunc(pending, func(v string) bool { return sameVersion(v, last) }) {
			return n
		}
	}
	return 0
}

// sameVersion says whether two versions are the same as far as both go; x stands for any.
func sameVersion(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] && !strings.EqualFold(x[i], "x") && !strings.EqualFold(y[i], "x") {
			return false
		}
	}
	for _, rest := range [][]string{x[min(len(x), len(y)):], y[min(len(x), len(y)):]} {
		for _, part := range rest {
			if part != "0" && !strings.EqualFold(part, "x") {
				return false
			}
		}
	}
	return true
}

// pendingVersions are versions that the repository prepares: headings of the change log that say so, aliases of the main branch,
// versions of manifests that are before a release.
func pendingVersions(pass *detectors.Pass, paths []string) []string {
	b := pass.Branch
	var list []string
	for _, p := range paths {
		if strings.Count(p, "/") > 2 || !changeLog.MatchString(p) {
			continue
		}
		text, err := b.ReadHead(p)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text[:min(len(text), 20000)])) {
			if m := versionText.FindStringSubmatch(line); m != nil && coming.MatchString(line) && (strings.HasPrefix(line, "#") || strings.HasPrefix(line, "[") || len(line) < 60) {
				list = append(list, m[1])
			}
		}
	}
	for _, file := range []string{"composer.json", "package.json", "pyproject.toml", "Cargo.toml", "pom.xml", "gradle.properties", "build.gradle", "build.gradle.kts", "setup.cfg"} {
		text, err := b.ReadHead(file)
		if err != nil {
			continue
		}
		for _, m := range preRelease.FindAllSubmatch(text, 10) {
			list = append(list, string(m[1]))
		}
	}
	return list
}

var preRelease = lazy.New(`(?i)(?:"dev-(?:main|master)"\s*:\s*"|\bversion["']?\s*[:=>]\s*["']?)v?(\d+\.(?:\d+|x)(?:\.\d+)?)(?:-dev|-SNAPSHOT|-alpha|-beta|-rc|-next|-pre|\.dev|a\d|b\d|rc\d)`)
