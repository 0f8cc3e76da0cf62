package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// A releaseFile is a kind of file in which a published package says its version.
type releaseFile struct {
	name      *regexp.Regexp
	version   *regexp.Regexp
	languages []source.Language
	// up is how many folders above the file the package begins; -1 for what a lib folder stands in.
	up int
	// private marks a package that nobody installs.
	private string
	// evidence is what has to stand in the file for a package that others install, nil for nothing more.
	evidence *regexp.Regexp
}

var releaseFiles = []releaseFile{
	{regexp.MustCompile(`^Cargo\.toml$`), regexp.MustCompile(`^version\s*=\s*"(\d[^"]*)"`), []source.Language{source.Rust}, 0, "publish = false", nil},
	{regexp.MustCompile(`^version\.rb$`), regexp.MustCompile(`\bVERSION\s*=\s*["'](\d[^"']*)["']`), []source.Language{source.Ruby}, -1, "", nil},
	{regexp.MustCompile(`\.gemspec$`), regexp.MustCompile(`\.version\s*=\s*["'](\d[^"']*)["']`), []source.Language{source.Ruby}, 0, "", nil},
	{regexp.MustCompile(`^pom\.xml$`), regexp.MustCompile(`^\s*<version>(\d[^<]*)</version>`), []source.Language{source.Java, source.Kotlin}, 0, "<maven.deploy.skip>true", nil},
	{regexp.MustCompile(`^build\.gradle(?:\.kts)?$`), regexp.MustCompile(`^\s*version\s*=?\s*["'](\d[^"']*)["']`), []source.Language{source.Java, source.Kotlin}, 0, "", regexp.MustCompile(`maven-publish|java-library|publishing\s*\{`)},
	{regexp.MustCompile(`^gradle\.properties$`), regexp.MustCompile(`^\s*(?:version|VERSION_NAME)\s*=\s*(\d\S*)`), []source.Language{source.Java, source.Kotlin}, 0, "", nil},
	{regexp.MustCompile(`\.csproj$`), regexp.MustCompile(`<(?:Version|VersionPrefix|PackageVersion)>(\d[^<]*)</`), []source.Language{source.CSharp}, 0, "<IsPackable>false", regexp.MustCompile(`<(?:PackageId|GeneratePackageOnBuild|PackageVersion|PackageTags|IsPackable|PackageReadmeFile|PackageLicenseExpression|Authors)>`)},
	{regexp.MustCompile(`^composer\.json$`), regexp.MustCompile(`^\s*"version"\s*:\s*"(\d[^"]*)"`), []source.Language{source.PHP}, 0, `"type": "project"`, nil},
}

// releaseOf is the kind of a file, nil for none.
func releaseOf(p string) *releaseFile {
	base := path.Base(p)
	for i := range releaseFiles {
		if releaseFiles[i].name.MatchString(base) {
			return &releaseFiles[i]
		}
	}
	return nil
}

// root is the folder of the package whose version a file says.
func (r *releaseFile) root(p string) string {
	dir := path.Dir(p)
	if r.up >= 0 {
		return dir
	}
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if path.Base(d) == "lib" {
			return path.Dir(d)
		}
	}
	return dir
}

// versionOn reads the package's version on one side; a package that nobody installs has none.
func versionOn(at side, p string, r *releaseFile) packageVersion {
	text, err := at.text(p)
	if err != nil || r.private != "" && strings.Contains(string(text), r.private) || r.evidence != nil && !r.evidence.Match(text) {
		return packageVersion{}
	}
	inside := 0 // of a Maven parent, dependency or plugin
	for i, row := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(p, ".xml") {
			for _, tag := range []string{"parent", "dependencies", "dependencyManagement", "build", "profiles", "reporting"} {
				if strings.Contains(row, "<"+tag+">") {
					inside++
				}
				if strings.Contains(row, "</"+tag+">") {
					inside--
				}
			}
		}
		if m := r.version.FindStringSubmatch(row); m != nil && inside == 0 {
			return packageVersion{p, m[1], i + 1}
		}
	}
	return packageVersion{}
}

// laterVersion says that a version comes after another one by its numbers, and that both are of releases.
func laterVersion(old, now string) bool {
	if strings.ContainsAny(old+now, "-+") {
		return false
	}
	return slices.Compare(numbers(now), numbers(old)) > 0
}
