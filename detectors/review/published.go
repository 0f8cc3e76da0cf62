package review

// Which package that others install a file belongs to, and which names it offers them.

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// published is a package that others install, by its manifest.
type published struct {
	dir, name, version, manifest string
}

// manifestKind is how one ecosystem says that a folder is such a package.
type manifestKind struct {
	languages []source.Language
	// file are the manifest's names; "*" stands for anything.
	file []string
	// says has to be in the manifest, not what keeps it from being one.
	says, not *lazy.Regexp
	name      *lazy.Regexp
	version   *lazy.Regexp
}

var manifestKinds = []manifestKind{
	{[]source.Language{source.TypeScript, source.JavaScript}, []string{"package.json"}, lazy.New(`"(?:version|main|module|exports|types|files|bin|publishConfig)"\s*:`), lazy.New(`"private"\s*:\s*true`), lazy.New(`"name"\s*:\s*"([^"]+)"`), lazy.New(`"version"\s*:\s*"([^"]+)"`)},
	{[]source.Language{source.Python}, []string{"pyproject.toml", "setup.cfg", "setup.py"}, lazy.New(`(?m)^\s*name\s*=`), lazy.New(`Private ::|package-mode\s*=\s*false`), lazy.New(`(?m)^\s*name\s*=\s*["']?([\w.-]+)`), lazy.New(`(?m)^\s*version\s*=\s*["']?(\d[\w.-]*)`)},
	{[]source.Language{source.Rust}, []string{"Cargo.toml"}, lazy.New(`(?m)^\[package\]`), lazy.New(`(?m)^publish\s*=\s*false`), lazy.New(`(?m)^name\s*=\s*"([^"]+)"`), lazy.New(`(?m)^version\s*=\s*"([^"]+)"`)},
	{[]source.Language{source.PHP}, []string{"composer.json"}, lazy.New(`"name"\s*:\s*"[^"]+/[^"]+"`), lazy.New(`"type"\s*:\s*"project"`), lazy.New(`"name"\s*:\s*"([^"]+)"`), lazy.New(`(?m)^\s*"version"\s*:\s*"([^"]+)"`)},
	{[]source.Language{source.Ruby}, []string{"*.gemspec"}, lazy.New(`Gem::Specification`), lazy.New(`allowed_push_host.*(?:internal|private)`), lazy.New(`\.name\s*=\s*["']([^"']+)`), lazy.New(`\.version\s*=\s*["'](\d[^"']*)`)},
	{[]source.Language{source.Go}, []string{"go.mod"}, lazy.New(`(?m)^module\s`), lazy.New(`^\x00`), lazy.New(`(?m)^module\s+"?([^\s"]+)`), lazy.New(`^\x00()`)},
	{[]source.Language{source.Java, source.Kotlin}, []string{"pom.xml", "build.gradle", "build.gradle.kts"}, lazy.New(`maven-publish|<distributionManagement>|nexus-publish|central-publishing|java-library|com\.vanniktech\.maven\.publish`), lazy.New(`org\.springframework\.boot'|spring-boot-maven-plugin`), lazy.New(`<artifactId>([^<]+)|^\x00`), lazy.New(`(?m)^\s*version\s*=\s*["'](\d[^"']*)|^\s{0,4}<version>(\d[^<]*)`)},
	{[]source.Language{source.CSharp}, []string{"*.csproj"}, lazy.New(`<PackageId>|<GeneratePackageOnBuild>\s*true|<IsPackable>\s*true|<PackageVersion>`), lazy.New(`<IsPackable>\s*false`), lazy.New(`<PackageId>([^<]+)`), lazy.New(`<(?:Package)?Version>(\d[^<]*)`)},
}

// publishedOf is the package that a file of the base belongs to, nil where others install none.
func publishedOf(b *branch.Branch, p string) *published {
	language := source.LanguageOf(p)
	if language == "" || privatePath.MatchString(p) || source.IsTest(p) || source.IsExample(p) || source.IsDoc(p) {
		return nil
	}
	paths, err := b.BasePaths()
	if err != nil {
		return nil
	}
	for _, k := range manifestKinds {
		if !slices.Contains(k.languages, language) {
			continue
		}
		for dir := path.Dir(p); ; dir = path.Dir(dir) {
			for _, file := range k.in(dir, paths) {
				text, err := b.ReadBase(file)
				if err != nil {
					continue
				}
				if !k.says.Match(text) || k.not.Match(text) {
					return nil
				}
				if file == path.Join(dir, "go.mod") && !importable(b, dir, paths) {
					return nil
				}
				found := &published{dir: dir, manifest: file, name: path.Base(dir)}
				if m := k.name.FindSubmatch(text); m != nil && len(m[1]) > 0 {
					found.name = string(m[1])
				}
				if m := k.version.FindSubmatch(text); m != nil {
					found.version = string(slices.Concat(m[1:]...))
				}
				return found
			}
			if dir == "." || dir == "/" {
				break
			}
		}
	}
	return nil
}

var (
	goPackage = lazy.New(`(?m)^package (\w+)`)
	asideOf   = lazy.New(`(?i)(?:^|/)(?:_?examples?|tools?|hack|scripts?|testdata|docs?|e2e|tests?|internal)/`)
)

// importable says whether a Go module is there for others to import: it has a package at its root that is no program, or no program
// outside of its examples and tools.
func importable(b *branch.Branch, dir string, paths []string) bool {
	program := false
	for _, p := range paths {
		if path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") || dir != "." && !strings.HasPrefix(p, dir+"/") {
			continue
		}
		if path.Dir(p) == dir {
			if text, err := b.ReadBase(p); err == nil {
				if m := goPackage.FindSubmatch(text); m != nil {
					return string(m[1]) != "main"
				}
			}
		}
		program = program || path.Base(p) == "main.go" && !asideOf.MatchString(p)
	}
	return !program
}

// privatePath are parts of a package that are there for itself.
var privatePath = lazy.New(`(?i)(?:^|/)(?:internals?|private|cmd|scripts?|tools?|benchmarks?|migrations)/|(?:^|/)_\w+(?:\.\w+)?(?:/|$)`)

// in are the manifests in a folder.
func (k manifestKind) in(dir string, paths []string) []string {
	var list []string
	for _, name := range k.file {
		full := path.Join(dir, name)
		if ending, ok := strings.CutPrefix(name, "*"); ok {
			prefix := dir + "/"
			if dir == "." {
				prefix = ""
			}
			at, _ := slices.BinarySearch(paths, prefix)
			for _, p := range paths[at:] {
				if !strings.HasPrefix(p, prefix) {
					break
				}
				if path.Dir(p) == dir && strings.HasSuffix(p, ending) {
					list = append(list, p)
				}
			}
			continue
		}
		if _, ok := slices.BinarySearch(paths, full); ok {
			list = append(list, full)
		}
	}
	return list
}

// stable says that the package promises not to break (Semantic Versioning 2.0.0, 4); an unknown version counts.
func (p *published) stable() bool {
	return !strings.HasPrefix(p.version, "0.")
}

// offered are the names that a file offers others, with the lines: what is declared at the top, and the members of types as
// "Type.member".
func offered(f *source.File) map[string]int {
	found := map[string]int{}
	if f.Lang == source.Go && f.Package == "main" {
		return found
	}
	for _, d := range f.Decls {
		if !d.Exported || d.Name == "" || strings.HasPrefix(d.Name, "_") || strings.Contains(d.Doc, "@internal") || d.Kind == source.Field && f.Lang != source.Go {
			continue
		}
		name, seen := d.Name, true
		for p := d.Parent; p != nil; p = p.Parent {
			seen = seen && p.Exported && !strings.HasPrefix(p.Name, "_") && !strings.Contains(p.Doc, "@internal") && p.Kind != source.Function && p.Kind != source.Method
			name = p.Name + "." + name
		}
		if d.Parent == nil && d.Receiver != "" {
			seen = seen && capital(d.Receiver)
			name = d.Receiver + "." + name
		}
		if seen && !constructor.MatchString(d.Name) {
			found[name] = d.Span.Line
		}
	}
	return found
}

var constructor = regexp.MustCompile(`^(?:__\w+|constructor|initialize)$`)

func capital(name string) bool { return name != "" && strings.ToUpper(name[:1]) == name[:1] }

// versionParts are the numbers of a version.
func versionParts(version string) []int {
	var list []int
	for part := range strings.SplitSeq(strings.TrimLeft(version, "vV^~= "), ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		list = append(list, n)
	}
	return list
}
