package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A layout knows the modules that builds of the JVM and of .NET compile: Gradle and Maven modules, projects of a solution.
// Two files of one module, or of two that depend on each other, are compiled together: the compiler tells of a type that
// changed. Files of modules that know nothing of each other only share the serialised form.
type layout struct {
	side    side
	modules map[string]string          // by folder, the module's own folder; "-" for none
	named   map[string][]string        // by module, those that its build file names
	all     map[string]map[string]bool // by family, the folders of all modules
}

func newLayout(at side) *layout {
	return &layout{side: at, modules: map[string]string{}, named: map[string][]string{}, all: map[string]map[string]bool{}}
}

// family tells languages apart that one compiler sees together.
func family(p string) string {
	switch source.LanguageOf(p) {
	case source.Java, source.Kotlin:
		return "jvm"
	case source.CSharp:
		return "dotnet"
	default:
		return ""
	}
}

func isBuildFile(kind, name string) bool {
	if kind == "dotnet" {
		return strings.HasSuffix(name, ".csproj")
	}
	return name == "pom.xml" || name == "build.gradle" || name == "build.gradle.kts"
}

// folders are the folders of a family's modules.
func (l *layout) folders(kind string) map[string]bool {
	if known, ok := l.all[kind]; ok {
		return known
	}
	found := map[string]bool{}
	for _, p := range l.side.paths() {
		if isBuildFile(kind, path.Base(p)) {
			found[path.Dir(p)] = true
		}
	}
	l.all[kind] = found
	return found
}

// module is the folder of the module that compiles a file, "" when there is none.
func (l *layout) module(p string) string {
	kind := family(p)
	if kind == "" {
		return ""
	}
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		if l.folders(kind)[dir] {
			return dir
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

// together says whether two files are compiled with knowledge of each other; known is false where that cannot be told.
func (l *layout) together(a, b string) (yes, known bool) {
	if l != nil && l.side.apart(a, b) {
		return false, true
	}
	if l == nil || family(a) == "" || family(a) != family(b) {
		return false, false
	}
	x, y := l.module(a), l.module(b)
	if x == "" || y == "" {
		return false, false
	}
	return x == y || l.reaches(family(a), x, y) || l.reaches(family(a), y, x), true
}

// maxBuildFiles bounds how many build files are read to follow dependencies.
const maxBuildFiles = 60

// reaches says whether a module depends on another one, through others as well.
func (l *layout) reaches(kind, from, to string) bool {
	seen := map[string]bool{from: true}
	queue := []string{from}
	for n := 0; n < len(queue) && n < maxBuildFiles; n++ {
		for _, next := range l.dependencies(kind, queue[n]) {
			if next == to {
				return true
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

var buildWord = lazy.New(`[A-Za-z0-9_][A-Za-z0-9_.-]*`)

// dependencies are the modules that a module's build file names by the last part of their folder.
func (l *layout) dependencies(kind, module string) []string {
	if known, ok := l.named[module]; ok {
		return known
	}
	words := map[string]bool{}
	for _, p := range l.side.below(module) {
		if !isBuildFile(kind, path.Base(p)) {
			continue
		}
		text, err := l.side.text(p)
		if err != nil {
			continue
		}
		for _, word := range buildWord.FindAllString(string(text), -1) {
			words[word] = true
			if kind == "jvm" { // projects.feature.mailApi stands for :feature:mail-api
				words[kebab(word[strings.LastIndexByte(word, '.')+1:])] = true
			}
			words[strings.TrimSuffix(word, ".csproj")] = true
		}
	}
	var list []string
	for folder := range l.folders(kind) {
		if folder != module && words[path.Base(folder)] {
			list = append(list, folder)
		}
	}
	slices.Sort(list)
	l.named[module] = list
	return list
}

func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
