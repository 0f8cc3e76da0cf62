package locks

// The readers of lists of dependencies.

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"golang.org/x/mod/modfile"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// linked are requirements that a lock answers by the repository itself.
func linked(requirement string) bool {
	for _, start := range []string{"workspace:", "catalog:", "file:", "link:", "portal:", "./", "../"} {
		if strings.HasPrefix(requirement, start) {
			return true
		}
	}
	return false
}

func jsonLists(text []byte, keys ...string) map[string]string {
	var doc map[string]json.RawMessage
	if json.Unmarshal(text, &doc) != nil {
		return nil
	}
	list := map[string]string{}
	for _, key := range keys {
		var part map[string]string
		if json.Unmarshal(doc[key], &part) != nil {
			continue
		}
		for name, version := range part {
			if !linked(version) {
				list[name] = version
			}
		}
	}
	return list
}

func npm(text []byte) map[string]string {
	return jsonLists(text, "dependencies", "devDependencies", "optionalDependencies")
}

func composer(text []byte) map[string]string {
	list := jsonLists(text, "require", "require-dev")
	for name := range list {
		if !strings.Contains(name, "/") { // php and its extensions are the platform's
			delete(list, name)
		}
	}
	return list
}

var pythonName = lazy.New(`^[A-Za-z0-9][\w.-]*`)

// python takes a requirement of PEP 508 apart; names are compared as PEP 503 has it.
func python(list map[string]string, requirement string) {
	requirement, _, _ = strings.Cut(requirement, " #")
	if name := pythonName.FindString(requirement); name != "" {
		list[normal(name)] = strings.Join(strings.Fields(strings.TrimPrefix(requirement, name)), "")
	}
}

func normal(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}

func decoded(text []byte) map[string]any {
	var doc map[string]any
	if _, err := toml.Decode(string(text), &doc); err != nil {
		return nil
	}
	return doc
}

// below is the table under the keys of a TOML document, nil without one.
func below(doc map[string]any, keys ...string) map[string]any {
	for _, k := range keys {
		next, ok := doc[k].(map[string]any)
		if !ok {
			return nil
		}
		doc = next
	}
	return doc
}

// table adds the entries of a table of dependencies; of those that are tables only what a lock records counts.
func table(list map[string]string, part map[string]any, name func(string) string, recorded ...string) {
	for key, v := range part {
		settings, ok := v.(map[string]any)
		switch {
		case !ok:
			list[name(key)] = fmt.Sprint(v)
			continue
		case settings["path"] != nil || settings["workspace"] != nil:
			continue
		}
		var text []string
		for _, k := range recorded {
			if settings[k] != nil {
				text = append(text, fmt.Sprint(settings[k]))
			}
		}
		list[name(key)] = strings.Join(text, " ")
	}
}

func pyproject(text []byte) map[string]string {
	doc := decoded(text)
	if doc == nil {
		return nil
	}
	list := map[string]string{}
	poetry := []map[string]any{below(doc, "tool", "poetry", "dependencies"), below(doc, "tool", "poetry", "dev-dependencies")}
	for group := range below(doc, "tool", "poetry", "group") {
		poetry = append(poetry, below(doc, "tool", "poetry", "group", group, "dependencies"))
	}
	for _, part := range poetry {
		table(list, part, normal, "version", "git", "branch", "tag", "rev", "url", "extras", "markers", "python")
	}
	delete(list, "python")
	add := func(v any) {
		items, _ := v.([]any)
		for _, item := range items {
			if s, ok := item.(string); ok {
				python(list, s)
			}
		}
	}
	add(below(doc, "project")["dependencies"])
	add(below(doc, "tool", "uv")["dev-dependencies"])
	for _, groups := range []map[string]any{below(doc, "project", "optional-dependencies"), below(doc, "dependency-groups"), below(doc, "tool", "pdm", "dev-dependencies")} {
		for _, v := range groups {
			add(v)
		}
	}
	for name, v := range below(doc, "tool", "uv", "sources") {
		if settings, ok := v.(map[string]any); ok && (settings["workspace"] != nil || settings["path"] != nil) {
			delete(list, normal(name))
		}
	}
	return list
}

func pipfile(text []byte) map[string]string {
	doc := decoded(text)
	if doc == nil {
		return nil
	}
	list := map[string]string{}
	for _, key := range []string{"packages", "dev-packages"} {
		table(list, below(doc, key), normal, "version", "git", "ref", "extras", "markers")
	}
	return list
}

func requirements(text []byte) map[string]string {
	list := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '-' && !strings.Contains(line, "://") {
			python(list, line)
		}
	}
	return list
}

func cargo(text []byte) map[string]string {
	doc := decoded(text)
	if doc == nil {
		return nil
	}
	list := map[string]string{}
	same := func(name string) string { return name }
	parts := []map[string]any{below(doc, "workspace", "dependencies")}
	tables := []map[string]any{doc}
	for target := range below(doc, "target") {
		tables = append(tables, below(doc, "target", target))
	}
	for _, at := range tables {
		for _, key := range []string{"dependencies", "dev-dependencies", "build-dependencies"} {
			parts = append(parts, below(at, key))
		}
	}
	for _, part := range parts {
		for key, v := range part { // a renamed package is recorded by its own name
			if settings, ok := v.(map[string]any); ok {
				if name, ok := settings["package"].(string); ok {
					part[name] = v
					if name != key {
						delete(part, key)
					}
				}
			}
		}
		table(list, part, same, "version", "git", "branch", "tag", "rev")
	}
	return list
}

var (
	gemLine = lazy.New(`(?m)^\s*gem[\s(]+["']([\w.-]+)["']([^\n#]*)`)
	gemText = lazy.New(`^\s*,\s*["']([^"']+)["']`)
	gemFrom = lazy.New(`\b(git|github|gitlab|bitbucket|gist|ref|branch|tag|source)(?::|\s*=>)\s*["']([^"']+)["']`)
	gemPath = lazy.New(`\bpath(?::|\s*=>)`)
)

// gemfile takes of each gem its requirements and where it comes from: groups and when it is required are not locked.
func gemfile(text []byte) map[string]string {
	list := map[string]string{}
	for _, m := range gemLine.FindAllStringSubmatch(string(text), -1) {
		if gemPath.MatchString(m[2]) {
			continue
		}
		var parts []string
		rest := m[2]
		for {
			at := gemText.FindStringSubmatchIndex(rest)
			if at == nil {
				break
			}
			parts = append(parts, rest[at[2]:at[3]])
			rest = rest[at[1]:]
		}
		slices.SortFunc(parts, func(a, b string) int { return cmp.Compare(b, a) })
		for _, from := range gemFrom.FindAllStringSubmatch(rest, -1) {
			parts = append(parts, from[1]+" "+from[2])
		}
		list[m[1]] = strings.Join(parts, ", ")
	}
	return list
}

func modules(text []byte) map[string]string {
	file, err := modfile.ParseLax("go.mod", text, nil)
	if err != nil {
		return nil
	}
	list := map[string]string{}
	for _, r := range file.Require {
		list[r.Mod.Path] = r.Mod.Version
	}
	if file, err = modfile.Parse("go.mod", text, func(_, version string) (string, error) { return version, nil }); err == nil {
		for _, r := range file.Replace { // another module answers, or a folder
			delete(list, r.Old.Path)
		}
	}
	return list
}

// called finds the dependencies that a list of code names by calls: the name is the first group, the requirement the second.
func called(text []byte, call *lazy.Regexp) map[string]string {
	list := map[string]string{}
	for _, m := range call.FindAllStringSubmatch(string(text), 2000) {
		list[m[1]] = m[2]
	}
	return list
}

var (
	mixCall    = lazy.New(`\{:(\w+),\s*"([^"]*)"`)
	podCall    = lazy.New(`(?m)^\s*pod\s+["']([^"'/]+)(?:/[^"']*)?["'](?:\s*,\s*["']([^"']*)["'])?\s*$`)
	gradleCall = lazy.New(`(?m)^\s*(?:implementation|api|compileOnly|runtimeOnly|testImplementation|testRuntimeOnly|annotationProcessor|kapt|ksp)[\s(]+["']([\w.-]+:[\w.-]+):([\w.+-]+)["']`)
	nugetCall  = lazy.New(`<PackageReference\s+Include="([^"]+)"\s+Version="([^"$]+)"`)
)

func mix(text []byte) map[string]string     { return called(text, mixCall) }
func podfile(text []byte) map[string]string { return called(text, podCall) }
func gradle(text []byte) map[string]string  { return called(text, gradleCall) }
func project(text []byte) map[string]string { return called(text, nugetCall) }

func firstDocument(text []byte) *document.Node {
	docs, err := document.YAML("", text)
	if err != nil || len(docs) == 0 {
		return nil
	}
	return docs[0]
}

func pubspec(text []byte) map[string]string {
	doc := firstDocument(text)
	if doc == nil {
		return nil
	}
	list := map[string]string{}
	for _, key := range []string{"dependencies", "dev_dependencies"} {
		for _, p := range doc.Get(key).Entries() {
			if p.Value.Scalar() {
				list[p.Key] = p.Value.Value
			}
		}
	}
	return list
}

func chart(text []byte) map[string]string {
	doc := firstDocument(text)
	if doc == nil {
		return nil
	}
	list := map[string]string{}
	for _, d := range doc.List("dependencies") {
		if name := d.Text("name"); name != "" && !strings.HasPrefix(d.Text("repository"), "file:") {
			list[name] = d.Text("version")
		}
	}
	return list
}

func providers(text []byte) map[string]string {
	doc, err := document.HCL("", text)
	if err != nil {
		return nil
	}
	list := map[string]string{}
	for _, t := range doc.Blocks("terraform") {
		for _, p := range t.Get("required_providers").Entries() {
			if from := p.Value.Text("source"); from != "" {
				list[from] = p.Value.Text("version")
			}
		}
	}
	return list
}
