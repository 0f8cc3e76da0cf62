package environment

// The places that say which version of a runtime is used: version files, toolchains, lists of dependencies, images,
// pipelines and platforms.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// pin is one place that says which version of a runtime is used.
type pin struct {
	runtime string
	// version is compared to as many parts as the runtime's releases differ by: "22", "3.12".
	version string
	path    string
	line    int
	// least: any later version will do as well.
	least bool
	// runs: production runs on it: the last stage of an image, a platform's runtime. tries: a pipeline does.
	runs, tries bool
}

// runtimes are the names that people give to a runtime in keys, versions' files and tools.
var runtimes = map[string]string{
	"node": "Node.js", "nodejs": "Node.js", "node_js": "Node.js", "python": "Python", "py": "Python", "golang": "Go", "go": "Go", "ruby": "Ruby", "rvm": "Ruby", "rb": "Ruby",
	"java": "Java", "jdk": "Java", "php": "PHP", "dotnet": ".NET", "dotnetcore": ".NET", "rust": "Rust", "elixir": "Elixir", "erlang": "Erlang", "otp": "Erlang", "bun": "Bun", "deno": "Deno",
}

// oneNumber are the runtimes whose releases differ by their first number.
var oneNumber = wordSet(`node.js java .net erlang deno`)

// pinLine is a form in which a line of some files names a version: by groups "runtime" and "version", or of a fixed runtime.
type pinLine struct {
	files         *lazy.Regexp
	line          *lazy.Regexp
	runtime       string
	least, serves bool
}

const versionOf = `["'=v]*(\d+(?:\.\d+)*)`

// pinLines are those forms. A tool more is a line more.
var pinLines = []pinLine{
	{files: lazy.New(`^\.(nvmrc|node-version)$`), line: lazy.New(`^\s*v?(\d+(?:\.\d+)*)\s*$`), runtime: "Node.js"},
	{files: lazy.New(`^\.python-version$|^runtime\.txt$`), line: lazy.New(`^\s*(?:python-)?(\d+(?:\.\d+)*)\s*$`), runtime: "Python"},
	{files: lazy.New(`^\.ruby-version$`), line: lazy.New(`^\s*(?:ruby-)?(\d+(?:\.\d+)*)\s*$`), runtime: "Ruby"},
	{files: lazy.New(`^\.go-version$`), line: lazy.New(`^\s*(?:go)?(\d+(?:\.\d+)*)\s*$`), runtime: "Go"},
	{files: lazy.New(`^\.java-version$`), line: lazy.New(`^\s*(?:1\.)?(\d+(?:\.\d+)*)\s*$`), runtime: "Java"},
	{files: lazy.New(`^\.sdkmanrc$`), line: lazy.New(`^\s*java\s*=\s*(\d+(?:\.\d+)*)`), runtime: "Java"},
	{files: lazy.New(`^system\.properties$`), line: lazy.New(`^java\.runtime\.version\s*=\s*(\d+)`), runtime: "Java", serves: true},
	{files: lazy.New(`^\.tool-versions$`), line: lazy.New(`^\s*(nodejs|node|python|golang|go|ruby|php|elixir|erlang|rust|bun|deno|dotnet|dotnet-core)\s+v?(\d+(?:\.\d+)*)`)},
	{files: lazy.New(`^\.tool-versions$`), line: lazy.New(`^\s*java\s+(?:[a-z]+-)*(\d+(?:\.\d+)*)`), runtime: "Java"},
	{files: lazy.New(`^\.?mise(\.\w+)?\.toml$`), line: lazy.New(`^\s*(nodejs|node|python|golang|go|ruby|php|elixir|erlang|rust|bun|deno|java)\s*=\s*(?:\{\s*version\s*=\s*)?["'](?:[a-z]+-)*(\d+(?:\.\d+)*)`)},
	{files: lazy.New(`^go\.(mod|work)$`), line: lazy.New(`^go\s+(\d+\.\d+)`), runtime: "Go", least: true},
	{files: lazy.New(`^rust-toolchain(\.toml)?$`), line: lazy.New(`^\s*(?:channel\s*=\s*)?["']?(\d+\.\d+)(?:\.\d+)?["']?\s*$`), runtime: "Rust"},
	{files: lazy.New(`^Cargo\.toml$`), line: lazy.New(`^\s*rust-version\s*=\s*` + versionOf), runtime: "Rust", least: true},
	{files: lazy.New(`^Gemfile$`), line: lazy.New(`^\s*ruby\s+["'](\d+(?:\.\d+)*)["']`), runtime: "Ruby"},
	{files: lazy.New(`^pyproject\.toml$`), line: lazy.New(`^\s*(?:requires-python|python)\s*=\s*["']\s*(?:>=|\^|~=|~)\s*(\d+\.\d+)`), runtime: "Python", least: true},
	{files: lazy.New(`^mix\.exs$`), line: lazy.New(`\belixir:\s*"~>\s*(\d+\.\d+)`), runtime: "Elixir", least: true},
	{files: lazy.New(`^composer\.json$`), line: lazy.New(`^\s*"php"\s*:\s*"(?:\^|~|>=)\s*(\d+\.\d+)`), runtime: "PHP", least: true},
	{files: lazy.New(`^global\.json$`), line: lazy.New(`^\s*"version"\s*:\s*"(\d+)\.`), runtime: ".NET"},
	{files: lazy.New(`\.(cs|fs)proj$|^Directory\.Build\.props$`), line: lazy.New(`<TargetFramework>net(\d+)\.\d+[^<]*<`), runtime: ".NET"},
	{files: lazy.New(`^build\.gradle(\.kts)?$`), line: lazy.New(`\bjvmToolchain\(\s*(\d+)\s*\)|JavaLanguageVersion\.of\(\s*["']?(\d+)`), runtime: "Java", least: true},
	{files: lazy.New(`^build\.gradle(\.kts)?$`), line: lazy.New(`\bsourceCompatibility\s*=?\s*(?:JavaVersion\.VERSION_|["'])?(?:1[._])?(\d+)`), runtime: "Java", least: true},
	{files: lazy.New(`^pom\.xml$`), line: lazy.New(`<(?:java\.version|maven\.compiler\.(?:release|source)|release)>(?:1\.)?(\d+)<`), runtime: "Java", least: true},
	{files: lazy.New(`^netlify\.toml$`), line: lazy.New(`^\s*(NODE|PYTHON|GO|RUBY|PHP)_VERSION\s*=\s*["']v?(\d+(?:\.\d+)*)`), serves: true},
	{files: lazy.New(`\.tf$`), line: lazy.New(`^\s*(?:runtime|python_version|node_version|dotnet_version)\s*=\s*"(nodejs|python|java|ruby|dotnet|go)(\d+(?:\.\d+)*)`), serves: true},
}

// imageRuntimes are images whose tag is the version of a runtime, by the image's last name.
var imageRuntimes = map[string]string{
	"node": "Node.js", "python": "Python", "golang": "Go", "ruby": "Ruby", "php": "PHP", "openjdk": "Java", "eclipse-temurin": "Java", "amazoncorretto": "Java", "zulu-openjdk": "Java",
	"liberica-openjdk-alpine": "Java", "ibm-semeru-runtimes": "Java", "elixir": "Elixir", "erlang": "Erlang", "rust": "Rust", "bun": "Bun", "deno": "Deno", "sdk": ".NET", "aspnet": ".NET", "runtime": ".NET",
	"nodejs": "Node.js", "java": "Java", "go": "Go", "dotnet": ".NET",
}

var (
	imageTag    = lazy.New(`^v?(?:open-)?(\d+(?:\.\d+)*)`)
	imageJDK    = lazy.New(`(?:jdk|temurin|corretto|openjdk|jre|java)-?(\d+)`)
	imageErlang = lazy.New(`-erlang-(\d+)`)
	distroless  = lazy.New(`distroless/(nodejs|java|python)(\d+(?:\.\d+)?)`)
	ubiImage    = lazy.New(`/ubi\d+/(nodejs|python|ruby|php|openjdk|go)-?(\d+)`)
	lambdaName  = lazy.New(`^(nodejs|python|java|ruby|dotnet|go|php)(\d+(?:\.\d+)*)`)
)

// imagePins are the runtimes that an image's name and tag speak of, with their versions.
func imagePins(text string) (list [][2]string) {
	text = strings.ToLower(strings.Trim(text, `"'`))
	if m := distroless.FindStringSubmatch(text); m != nil {
		return [][2]string{{runtimes[m[1]], m[2]}}
	}
	if m := ubiImage.FindStringSubmatch(text); m != nil {
		if m[1] == "openjdk" {
			m[1] = "java"
		}
		return [][2]string{{runtimes[m[1]], packed(m[1], m[2])}}
	}
	name, _, _ := strings.Cut(text, "@")
	at := strings.LastIndexByte(name, ':')
	if at <= strings.LastIndexByte(name, '/') {
		return nil
	}
	name, tag := name[:at], name[at+1:]
	last := path.Base(name)
	switch last {
	case "gradle", "maven", "sbt":
		if m := imageJDK.FindStringSubmatch(tag); m != nil {
			return [][2]string{{"Java", m[1]}}
		}
		return nil
	case "sdk", "aspnet", "runtime", "dotnet":
		if !strings.Contains(name, "dotnet") {
			return nil
		}
	case "go", "nodejs", "java":
		if !strings.Contains(name, "cimg/") && !strings.Contains(name, "lambda/") && !strings.Contains(name, "devcontainers/") {
			return nil
		}
	}
	m := imageTag.FindStringSubmatch(tag)
	if imageRuntimes[last] == "" || m == nil {
		return nil
	}
	list = append(list, [2]string{imageRuntimes[last], m[1]})
	if m := imageErlang.FindStringSubmatch(tag); m != nil {
		list = append(list, [2]string{"Erlang", m[1]})
	}
	return list
}

// packed takes a version without dots apart: python312 is 3.12.
func packed(name, digits string) string {
	if strings.Contains(digits, ".") || len(digits) < 2 || oneNumber[strings.ToLower(runtimes[name])] {
		return digits
	}
	return digits[:1] + "." + digits[1:]
}

// pinning says whether a path may pin a runtime.
func pinning(p string) bool {
	base := path.Base(p)
	if ciPath.MatchString(p) {
		return path.Ext(p) == ".yml" || path.Ext(p) == ".yaml"
	}
	if aside(p) || developersFile(p) {
		return false
	}
	return base == "package.json" || imageFile(base) || platformFile.MatchString(base) || slices.ContainsFunc(pinLines, func(f pinLine) bool { return f.files.MatchString(base) })
}

var (
	dockerBase   = lazy.New(`(?i)^(dockerfile|containerfile)([.-][\w.-]+)?$|\.dockerfile$`)
	platformFile = lazy.New(`(?i)^(app|render|serverless|template|\.platform\.app|(docker-)?compose[\w.-]*)\.ya?ml$`)
)

func imageFile(base string) bool { return dockerBase.MatchString(base) }

// pinsIn are the pins of one file.
func pinsIn(p, text string) []pin {
	r := &pinReader{path: p}
	base := path.Base(p)
	switch {
	case base == "package.json":
		r.manifest(text)
	case imageFile(base):
		r.stages(text)
	case ciPath.MatchString(p), platformFile.MatchString(base):
		r.documents(text)
	default:
		for _, form := range pinLines {
			if form.files.MatchString(base) {
				r.lines(text, form)
			}
		}
	}
	slices.SortStableFunc(r.list, func(a, b pin) int { return a.line - b.line })
	return r.list
}

// pinReader collects the pins of one file.
type pinReader struct {
	path string
	list []pin
}

func (r *pinReader) add(runtime, version string, line int, least, runs bool) {
	if runtime == "Java" {
		version = strings.TrimPrefix(version, "1.")
	}
	parts := strings.Split(version, ".")
	n := 2
	if oneNumber[strings.ToLower(runtime)] {
		n = 1
	}
	if runtime == "" || len(parts) < n || parts[0] == "" {
		return
	}
	r.list = append(r.list, pin{runtime: runtime, version: strings.Join(parts[:n], "."), path: r.path, line: line, least: least, runs: runs, tries: ciPath.MatchString(r.path)})
}

func (r *pinReader) lines(text string, form pinLine) {
	for i, line := range strings.Split(text, "\n") {
		m := form.line.FindStringSubmatch(strings.TrimRight(line, "\r"))
		switch {
		case m == nil:
		case form.runtime != "":
			r.add(form.runtime, strings.Join(m[1:], ""), i+1, form.least, form.serves)
		default:
			name := strings.ToLower(strings.ReplaceAll(m[1], "-", ""))
			r.add(runtimes[name], m[2], i+1, form.least, form.serves)
		}
	}
}

// manifest reads the engines and Volta's pins of a package.json.
func (r *pinReader) manifest(text string) {
	doc, err := document.JSON(r.path, []byte(text))
	if err != nil {
		return
	}
	if e, ok := doc.Get("engines").Pair("node"); ok {
		if m := engineNode.FindStringSubmatch(e.Value.Value); m != nil {
			r.add("Node.js", m[2], e.Line, strings.HasPrefix(m[1], ">="), false)
		}
	}
	if v, ok := doc.Get("volta").Pair("node"); ok {
		r.add("Node.js", v.Value.Value, v.Line, false, false)
	}
}

var (
	engineNode = lazy.New(`^\s*([~^]|>=|=)?\s*v?(\d+)(?:\.[\dx]+)*\s*$`)
	fromImage  = lazy.New(`(?i)^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?`)
	argument   = lazy.New(`(?i)^\s*ARG\s+(\w+)=["']?([^"'\s]+)`)
)

// stages reads every stage of an image's file; production runs the last, and the stage that it is made from.
func (r *pinReader) stages(text string) {
	arguments, named := map[string]string{}, map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if m := argument.FindStringSubmatch(line); m != nil && len(named) == 0 {
			arguments[m[1]] = m[2]
		}
		m := fromImage.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		image := m[1]
		if named[strings.ToLower(image)] {
			continue
		}
		for name, value := range arguments {
			image = strings.NewReplacer("${"+name+"}", value, "$"+name, value).Replace(image)
		}
		named[strings.ToLower(m[2])] = true
		for k := range r.list {
			r.list[k].runs = false
		}
		for _, found := range imagePins(image) {
			r.add(found[0], found[1], i+1, false, true)
		}
	}
}

var (
	versionKey = lazy.New(`(?i)^(node|nodejs|python|go|ruby|java|jdk|php|dotnet|elixir|otp|bun|deno)[-_]version$`)
	matrixKey  = lazy.New(`(?i)^(node|nodejs|python|py|go|ruby|java|jdk|php|dotnet|elixir|otp|rust)([-_]?versions?)?$`)
	exactTag   = lazy.New(`^v?(\d+(?:\.\d+)*)(?:\.[xX*])?$`)
	azureTask  = lazy.New(`(?i)^(?:Use)?(Node|Python|Go|Ruby|DotNet|Java)(?:Tool|Version|ToolInstaller)?@\d`)
	travisKeys = wordSet(`node_js python go rvm jdk php elixir`)
)

// documents reads a pipeline, a Compose file or a platform's: by keys, wherever they stand.
func (r *pinReader) documents(text string) {
	docs, err := document.YAML(r.path, []byte(text))
	if err != nil {
		return
	}
	for _, d := range docs {
		r.walk(d, "", 0)
	}
}

func (r *pinReader) walk(n *document.Node, parent string, depth int) {
	if n == nil || depth > 24 {
		return
	}
	if m := azureTask.FindStringSubmatch(n.Text("task")); m != nil {
		for _, key := range []string{"versionSpec", "version"} {
			if v, ok := n.Get("inputs").Pair(key); ok {
				r.exact(runtimes[strings.ToLower(m[1])], v.Value, v.Line)
			}
		}
	}
	for _, p := range n.Pairs {
		name := strings.ToLower(p.Key)
		switch m := versionKey.FindStringSubmatch(p.Key); {
		case m != nil:
			r.exact(runtimes[strings.ToLower(m[1])], p.Value, p.Line)
			continue
		case parent == "matrix" && matrixKey.MatchString(p.Key) && len(p.Value.Items) > 0:
			r.exact(runtimes[strings.ToLower(matrixKey.FindStringSubmatch(p.Key)[1])], p.Value, p.Line)
			continue
		case depth == 0 && travisKeys[name] && path.Base(r.path) == ".travis.yml":
			r.exact(runtimes[name], p.Value, p.Line)
			continue
		case name == "image" || name == "name" && parent == "image" || name == "container" && p.Value.Scalar():
			for _, found := range imagePins(p.Value.Value) {
				r.add(found[0], found[1], p.Line, false, !ciPath.MatchString(r.path))
			}
		case name == "runtime" && p.Value.Scalar():
			if m := lambdaName.FindStringSubmatch(p.Value.Value); m != nil {
				r.add(runtimes[m[1]], packed(m[1], m[2]), p.Line, false, true)
			}
		case name == "type" && p.Value.Scalar() && strings.HasPrefix(path.Base(r.path), ".platform"):
			if kind, version, ok := strings.Cut(p.Value.Value, ":"); ok {
				r.add(runtimes[kind], version, p.Line, false, true)
			}
		}
		r.walk(p.Value, name, depth+1)
	}
	for _, item := range n.Items {
		r.walk(item, parent, depth+1)
	}
}

// exact adds a version, or each of a list of them, that is written out.
func (r *pinReader) exact(runtime string, n *document.Node, line int) {
	if n == nil {
		return
	}
	if m := exactTag.FindStringSubmatch(strings.TrimSpace(n.Value)); m != nil && n.Scalar() {
		r.add(runtime, m[1], max(line, 1), false, false)
	}
	for _, item := range n.Items {
		if item.Scalar() {
			r.exact(runtime, item, item.Line)
		}
	}
}
