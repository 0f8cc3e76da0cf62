package environment

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// LockDrift reports a list of dependencies that the branch changed without the lock file beside it.
var LockDrift = &detectors.Detector{
	ID:    "environment/lock-drift",
	Title: "Dependencies changed, the lock file did not",
	Run:   runLockDrift,
}

// locks are the lock files of each manifest, by the manifest's name.
var locks = map[string][]string{
	"package.json":   {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"},
	"pyproject.toml": {"poetry.lock", "uv.lock", "pdm.lock"},
	"Pipfile":        {"Pipfile.lock"},
	"Cargo.toml":     {"Cargo.lock"},
	"Gemfile":        {"Gemfile.lock"},
	"composer.json":  {"composer.lock"},
	"go.mod":         {"go.sum"},
}

func runLockDrift(pass *detectors.Pass) error {
	seen := false
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	for _, f := range pass.Branch.Files {
		names := locks[path.Base(f.Path)]
		if names == nil || f.Status != branch.Modified || f.Binary || f.TooLarge || f.Vendored || aside(f.Path) {
			continue
		}
		seen = true
		before, err := f.Before()
		if err != nil {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		lock := lockOf(f.Path, names, paths)
		if lock == "" || pass.Branch.File(lock) != nil {
			continue
		}
		text, err := pass.Branch.ReadHead(lock)
		if err != nil {
			continue
		}
		changed := changedDependency(path.Base(f.Path), before, after, string(text))
		if changed == "" {
			continue
		}
		line := 1
		for i, l := range strings.Split(string(after), "\n") {
			if f.Touched(i+1) && strings.Contains(l, changed) {
				line = i + 1
				break
			}
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: changed,
			Message:  fmt.Sprintf("%s changed here and %s did not", changed, lock),
			Why:      "An install that keeps to the lock file stops, and one that does not takes other versions than the ones that were tested.",
			Fix:      fmt.Sprintf("Run the package manager once and commit %s.", lock),
			Evidence: []string{changed, lock},
			Related:  []detectors.Related{{Path: lock, Message: "is as at the base"}},
		})
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// lockOf is the nearest lock file in the manifest's folder or above it.
func lockOf(p string, names, paths []string) string {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		for _, name := range names {
			if lock := path.Join(dir, name); slices.Contains(paths, lock) {
				return lock
			}
		}
		if dir == "." || path.Base(p) == "go.mod" {
			return ""
		}
	}
}

// changedDependency is a dependency that was added or got another version and that the lock file cannot have in that form,
// empty when there is none.
func changedDependency(manifest string, before, after []byte, lock string) string {
	old, now := dependencies(manifest, before), dependencies(manifest, after)
	if old == nil || now == nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		version := now[name]
		was, had := old[name]
		if had && was == version || strings.HasPrefix(version, "workspace:") || strings.HasPrefix(version, "catalog:") || strings.HasPrefix(version, "file:") || strings.HasPrefix(version, "link:") {
			continue
		}
		if asLocked(lock, name, version) || manifest == "Cargo.toml" && (had || strings.Contains(lock, `"`+name+`"`)) {
			continue
		}
		return name
	}
	return ""
}

// asLocked says whether a lock file already answers for a dependency in the form that the manifest now asks for: in the words
// of npm and bun, yarn, pnpm, Bundler and go.sum.
func asLocked(lock, name, version string) bool {
	for _, form := range []string{`"` + name + `": "` + version + `"`, name + "@" + version, name + "@npm:" + version, name + " " + version} {
		if strings.Contains(lock, form) {
			return true
		}
	}
	for _, key := range []string{name + ":", "'" + name + "':"} {
		for rest := lock; ; {
			_, after, ok := strings.Cut(rest, " "+key+"\n")
			if !ok {
				break
			}
			line, _, _ := strings.Cut(after, "\n")
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "specifier: "); ok && strings.Trim(value, `"'`) == version {
				return true
			}
			rest = after
		}
	}
	return false
}

var (
	gemLine     = lazy.New(`(?m)^\s*gem\s+["']([\w.-]+)["'](.*)$`)
	requireLine = lazy.New(`(?m)^\s*(?:require\s+)?([\w.~-]+\.[\w.-]+/[\w./~-]+)\s+(v\S+)`)
	pythonName  = lazy.New(`^[\w.-]+`)
)

// dependencies are what a manifest asks for, by name; nil when it cannot be read.
func dependencies(manifest string, text []byte) map[string]string {
	if len(text) > maxConfig {
		return nil
	}
	list := map[string]string{}
	switch manifest {
	case "package.json", "composer.json":
		var doc map[string]json.RawMessage
		if json.Unmarshal(text, &doc) != nil {
			return nil
		}
		for _, key := range []string{"dependencies", "devDependencies", "optionalDependencies", "require", "require-dev"} {
			var part map[string]string
			if json.Unmarshal(doc[key], &part) == nil {
				for name, version := range part {
					if name != "php" && !strings.HasPrefix(name, "ext-") {
						list[name] = version
					}
				}
			}
		}
	case "Gemfile":
		for _, m := range gemLine.FindAllStringSubmatch(string(text), -1) {
			list[m[1]] = strings.TrimSpace(m[2])
		}
	case "go.mod":
		for _, m := range requireLine.FindAllStringSubmatch(string(text), -1) {
			list[m[1]] = m[2]
		}
	default:
		var doc map[string]any
		if _, err := toml.Decode(string(text), &doc); err != nil {
			return nil
		}
		for _, at := range [][]string{{"dependencies"}, {"dev-dependencies"}, {"build-dependencies"}, {"workspace", "dependencies"}, {"packages"}, {"dev-packages"}, {"tool", "poetry", "dependencies"}, {"tool", "poetry", "dev-dependencies"}} {
			if part, ok := lookup(doc, at).(map[string]any); ok {
				for name, v := range part {
					if table, ok := v.(map[string]any); ok && (table["path"] != nil || table["workspace"] != nil) || name == "python" {
						continue
					}
					list[name] = fmt.Sprint(v)
				}
			}
		}
		add := func(v any) {
			items, _ := v.([]any)
			for _, item := range items {
				if s, ok := item.(string); ok {
					list[pythonName.FindString(s)] = s
				}
			}
		}
		add(lookup(doc, []string{"project", "dependencies"}))
		for _, at := range [][]string{{"project", "optional-dependencies"}, {"dependency-groups"}} {
			if groups, ok := lookup(doc, at).(map[string]any); ok {
				for _, v := range groups {
					add(v)
				}
			}
		}
	}
	return list
}

// lookup is the value below the keys of a TOML document.
func lookup(doc map[string]any, key []string) any {
	var v any = doc
	for _, k := range key {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}
