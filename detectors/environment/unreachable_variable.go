package environment

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// UnreachableVariable reports a variable that the branch starts to read where no environment can ever give it: in code that a bundler
// ships to browsers without the prefix which it lets through, or in Laravel's application code once the configuration is cached.
var UnreachableVariable = &detectors.Detector{
	ID:    "environment/unreachable-variable",
	Title: "A variable is read where it can never be given",
	Run:   runUnreachable,
}

// bundled is a bundler that replaces the variables of its prefixes when it builds and leaves nothing of the others.
type bundled struct {
	// tool is the dependency that a package.json has, and what people call it; not are dependencies beside which the rule does not hold.
	tool, name string
	not        []string
	// code are the paths that it bundles; marked, where set, is a text of the files.
	code   *lazy.Regexp
	marked *lazy.Regexp
	read   *lazy.Regexp
	// prefixes are let through, and so are the names that the tool gives itself.
	prefixes []string
	own      map[string]bool
	// configs are the beginnings of the names of its configuration files, which may let more through.
	configs []string
	// custom is the setting of those files that gives other prefixes.
	custom *lazy.Regexp
}

var (
	processRead = lazy.New(`\bprocess\.env\.([A-Z][A-Z0-9_]+)|\bprocess\.env\[["']([A-Z][A-Z0-9_]+)["']\]`)
	metaRead    = lazy.New(`\bimport\.meta\.env\.([A-Z][A-Z0-9_]+)|\bimport\.meta\.env\[["']([A-Z][A-Z0-9_]+)["']\]`)
	scriptFile  = lazy.New(`\.(m|c)?(ts|js)x?$|\.vue$|\.svelte$`)
	sourceFile  = lazy.New(`(^|/)src/.*\.(m|c)?(ts|js)x?$|(^|/)src/.*\.vue$`)
	nodeNames   = wordSet("NODE_ENV PUBLIC_URL")
)

var bundlers = []bundled{
	{tool: "next", name: "Next.js", code: scriptFile, marked: lazy.New(`^\s*(?:/\*[^*]*\*/\s*|//[^\n]*\n\s*)*["']use client["']`), read: processRead, prefixes: []string{"NEXT_PUBLIC_"}, own: wordSet("NODE_ENV NEXT_RUNTIME __NEXT_ROUTER_BASEPATH"), configs: []string{"next.config."}},
	{tool: "vite", name: "Vite", not: []string{"astro", "nuxt"}, code: scriptFile, read: metaRead, prefixes: []string{"VITE_"}, own: wordSet("MODE BASE_URL PROD DEV SSR LEGACY VITEST TAURI_DEBUG STORYBOOK"), configs: []string{"vite.config.", "electron.vite.config.", "svelte.config.", "wxt.config."}, custom: lazy.New(`envPrefix\s*:\s*(\[[^\]]*\]|["'][^"']*["'])`)},
	{tool: "react-scripts", name: "Create React App", code: sourceFile, read: processRead, prefixes: []string{"REACT_APP_"}, own: nodeNames, configs: []string{"craco.config.", "config-overrides."}},
	{tool: "@vue/cli-service", name: "Vue CLI", code: sourceFile, read: processRead, prefixes: []string{"VUE_APP_"}, own: wordSet("NODE_ENV BASE_URL"), configs: []string{"vue.config."}},
	{tool: "expo", name: "Expo", code: lazy.New(`\.(ts|js)x?$`), marked: lazy.New(`from ["'](react-native|expo(-[\w-]+)?(/[\w-]+)?)["']`), read: processRead, prefixes: []string{"EXPO_PUBLIC_"}, own: wordSet("NODE_ENV EXPO_OS"), configs: []string{"app.config.", "babel.config.", "metro.config."}},
}

func runUnreachable(pass *detectors.Pass) error {
	seen := false
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	u := &unreachable{ledger: l, reported: map[string]bool{}}
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || aside(f.Path) {
			continue
		}
		added := f.AddedText()
		switch {
		case path.Ext(f.Path) == ".php" && strings.Contains(string(added), "env("):
			seen = true
			u.laravel(f)
		case scriptFile.MatchString(f.Path) && (strings.Contains(string(added), "process.env") || strings.Contains(string(added), "import.meta.env")):
			seen = true
			u.bundle(f)
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

type unreachable struct {
	*ledger
	reported map[string]bool
}

// above is the nearest file of a name in the folders above a path, empty without one.
func (u *unreachable) above(p, name string) string {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		if at := path.Join(dir, name); u.layout.all[at] {
			return at
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

// bundle judges the reads on the branch's lines of a file that a bundler ships.
func (u *unreachable) bundle(f *branch.File) {
	manifest := u.above(f.Path, "package.json")
	if manifest == "" {
		return
	}
	text := strings.Join(u.text(manifest), "\n")
	depends := func(name string) bool { return strings.Contains(text, `"`+name+`"`) }
	lines := u.text(f.Path)
	for _, b := range bundlers {
		base := path.Base(f.Path)
		if !depends(b.tool) || slices.ContainsFunc(b.not, depends) || !b.code.MatchString(f.Path) || strings.Contains(base, ".config.") || strings.Contains(base, "+api.") || strings.Contains(base, ".server.") || strings.Contains(base, ".d.ts") ||
			b.marked != nil && !b.marked.MatchString(strings.Join(lines, "\n")) {
			continue
		}
		let, ok := u.letThrough(b, path.Dir(manifest))
		if !ok {
			return
		}
		for i, line := range lines {
			if !f.Touched(i+1) || comment.MatchString(line) {
				continue
			}
			for _, m := range b.read.FindAllStringSubmatch(line, 8) {
				name := m[1] + m[2]
				u.builtWithout(f, name, i+1, b.prefixes)
				if b.own[name] || u.reported[name] || slices.ContainsFunc(b.prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) || let(name) {
					continue
				}
				u.reported[name] = true
				u.pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: f.Path, Line: i + 1, Symbol: name,
					Message:  fmt.Sprintf("%s is read in code that %s ships to clients, and only variables named %s... get there", name, b.name, strings.Join(b.prefixes, "... or ")),
					Why:      "It is undefined in every environment, however often it is set, and nothing says so when the code is built.",
					Fix:      fmt.Sprintf("Name it %s%s where clients may know it, or read it on the server.", b.prefixes[0], name),
					Evidence: []string{name, b.tool},
					Related:  []detectors.Related{{Path: manifest, Message: "depends on " + b.tool}},
				})
			}
		}
	}
}

// builtWithout reports a variable that the bundler lets through and that the image's build is not given, unlike the others.
func (u *unreachable) builtWithout(f *branch.File, name string, line int, prefixes []string) {
	prefixed := func(name string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	if u.reported[name] || !prefixed(name) {
		return
	}
	for _, base := range []string{"Dockerfile", "Containerfile"} {
		image := u.above(f.Path, base)
		if image == "" {
			continue
		}
		given := map[string]bool{}
		builds := false
		for _, text := range u.text(image) {
			if m := argumentName.FindStringSubmatch(text); m != nil && prefixed(m[1]) {
				given[m[1]] = true
			}
			builds = builds || buildsInImage.MatchString(text)
		}
		if !builds || len(given) < 2 || given[name] || u.inEnvFile(name) {
			continue
		}
		u.reported[name] = true
		u.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: name,
			Message:  fmt.Sprintf("%s is read here, and %s, which builds this code, takes %d other such variables as arguments and not this one", name, image, len(given)),
			Why:      "The bundler writes the value in while the image is built: what the container is given later comes too late.",
			Fix:      fmt.Sprintf("Add ARG %s and ENV %s to %s before the build, and give it where the image is built.", name, name, image),
			Evidence: []string{name, image},
			Related:  []detectors.Related{{Path: image, Message: "takes the others as arguments"}},
		})
	}
}

var (
	argumentName  = lazy.New(`^\s*ARG\s+([A-Z][A-Z0-9_]*)`)
	buildsInImage = lazy.New(`\bRUN\b.*\b(build|generate|export)\b`)
)

// inEnvFile says whether an env file that the build copies gives the name.
func (u *unreachable) inEnvFile(name string) bool {
	return slices.ContainsFunc(u.head().unitEvidence(name), func(e evidence) bool { return strings.HasPrefix(path.Base(e.path), ".env") })
}

// letThrough says which other names the tool's configuration lets through; ok is false where it has prefixes of its own.
func (u *unreachable) letThrough(b bundled, dir string) (let func(string) bool, ok bool) {
	var configs []string
	for p := range u.layout.all {
		base := path.Base(p)
		if path.Dir(p) == dir && slices.ContainsFunc(b.configs, func(c string) bool { return strings.HasPrefix(base, c) }) {
			configs = append(configs, strings.Join(u.text(p), "\n"))
		}
	}
	for _, c := range configs {
		if b.custom != nil && b.custom.MatchString(c) || strings.Contains(c, "EnvironmentPlugin") || strings.Contains(c, "dotenv-webpack") || strings.Contains(c, "loadEnv(") && strings.Contains(c, "define") {
			return nil, false
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(configs, func(c string) bool { return wordIn(c, name) })
	}, true
}

var (
	envCall     = lazy.New(`(?:^|[^\w>:$])env\(\s*['"]([A-Z][A-Z0-9_]*)['"]`)
	cacheConfig = lazy.New(`\bartisan\s+(?:[\w:-]+\s+)?["']?(config:cache|optimize)\b`)
)

// laravel judges env() outside of the configuration files: once they are cached, it gives nothing there.
func (u *unreachable) laravel(f *branch.File) {
	artisan := u.above(f.Path, "artisan")
	rest := strings.TrimPrefix(f.Path, strings.TrimPrefix(path.Dir(artisan)+"/", "./"))
	if artisan == "" {
		if composer := u.above(f.Path, "composer.json"); composer != "" {
			rest = strings.TrimPrefix(f.Path, strings.TrimPrefix(path.Dir(composer)+"/", "./"))
		}
	}
	if strings.HasPrefix(rest, "config/") || strings.HasPrefix(rest, "tests/") || !strings.HasPrefix(rest, "app/") && !strings.HasPrefix(rest, "routes/") && !strings.HasPrefix(rest, "resources/") && !strings.HasPrefix(rest, "database/") && !strings.HasPrefix(rest, "src/") && !strings.HasPrefix(rest, "modules/") {
		return
	}
	deploy, line := u.caches()
	if deploy == "" {
		return
	}
	for i, text := range u.text(f.Path) {
		if !f.Touched(i+1) || comment.MatchString(text) || strings.HasPrefix(strings.TrimSpace(text), "*") {
			continue
		}
		for _, m := range envCall.FindAllStringSubmatch(text, 8) {
			if u.reported[m[1]] {
				continue
			}
			u.reported[m[1]] = true
			u.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: i + 1, Symbol: m[1],
				Message:  fmt.Sprintf("%s is read by env() outside of config/, and %s caches the configuration", m[1], deploy),
				Why:      "With a cached configuration the .env file is not loaded, so that env() gives nothing there; it works on machines without the cache only.",
				Fix:      fmt.Sprintf("Read %s in a file below config/, and ask config() for it here.", m[1]),
				Evidence: []string{m[1], "cached configuration"},
				Related:  []detectors.Related{{Path: deploy, Line: line, Message: "caches the configuration"}},
			})
		}
	}
}

// caches is where a deployment caches Laravel's configuration.
func (u *unreachable) caches() (string, int) {
	naming, err := u.pass.Source.Naming(u.pass.Context, "artisan")
	if err != nil {
		return "", 0
	}
	for _, p := range naming["artisan"] {
		if docEnding.MatchString(p) || aside(p) {
			continue
		}
		for i, line := range u.text(p) {
			if cacheConfig.MatchString(line) && !comment.MatchString(line) {
				return p, i + 1
			}
		}
	}
	return "", 0
}
