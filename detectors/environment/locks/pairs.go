package locks

// Which lock files stand beside which list of dependencies.

import (
	"path"
	"slices"
	"strings"
)

// manager is a list of dependencies with its locks.
type manager struct {
	// names are the list's file names; an entry that begins with a dot is an ending.
	names []string
	locks []string
	// reads gives the dependencies of a list's text, nil when it cannot be read.
	reads func(text []byte) map[string]string
	// near: the lock stands in the list's own folder, never above it.
	near bool
}

// managers are the package managers whose locks are known. One more is a line and, where its list has a form of its own,
// a reader.
var managers = []manager{
	{names: []string{"package.json"}, locks: []string{"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"}, reads: npm},
	{names: []string{"composer.json"}, locks: []string{"composer.lock"}, reads: composer},
	{names: []string{"pyproject.toml"}, locks: []string{"poetry.lock", "uv.lock", "pdm.lock"}, reads: pyproject},
	{names: []string{"Pipfile"}, locks: []string{"Pipfile.lock"}, reads: pipfile},
	{names: []string{"requirements.in"}, locks: []string{"requirements.txt"}, reads: requirements, near: true},
	{names: []string{"Cargo.toml"}, locks: []string{"Cargo.lock"}, reads: cargo},
	{names: []string{"Gemfile"}, locks: []string{"Gemfile.lock"}, reads: gemfile},
	{names: []string{"go.mod"}, locks: []string{"go.sum"}, reads: modules, near: true},
	{names: []string{"mix.exs"}, locks: []string{"mix.lock"}, reads: mix},
	{names: []string{"pubspec.yaml"}, locks: []string{"pubspec.lock"}, reads: pubspec},
	{names: []string{"Podfile"}, locks: []string{"Podfile.lock"}, reads: podfile, near: true},
	{names: []string{"Chart.yaml"}, locks: []string{"Chart.lock"}, reads: chart, near: true},
	{names: []string{".csproj", ".fsproj"}, locks: []string{"packages.lock.json"}, reads: project, near: true},
	{names: []string{".tf"}, locks: []string{".terraform.lock.hcl"}, reads: providers, near: true},
	{names: []string{"build.gradle", "build.gradle.kts"}, locks: []string{"gradle.lockfile"}, reads: gradle, near: true},
}

func managerOf(p string) *manager {
	base := path.Base(p)
	for i, m := range managers {
		if slices.ContainsFunc(m.names, func(n string) bool { return n == base || n[0] == '.' && strings.HasSuffix(base, n) }) {
			return &managers[i]
		}
	}
	return nil
}

// Lists says whether a path is a list of dependencies whose lock files are known.
func Lists(p string) bool { return managerOf(p) != nil }

// ManagerLocks says whether a path is a lock file of any known manager.
func ManagerLocks(p string) bool {
	base := path.Base(p)
	return base != "requirements.txt" && slices.ContainsFunc(managers, func(m manager) bool { return slices.Contains(m.locks, base) })
}

// Of is the lock file of a list among paths: the nearest in the list's folder or, where the manager has workspaces, above
// it; empty without one.
func Of(list string, paths []string) string {
	m := managerOf(list)
	if m == nil {
		return ""
	}
	for dir := path.Dir(list); ; dir = path.Dir(dir) {
		for _, name := range m.locks {
			if lock := path.Join(dir, name); slices.Contains(paths, lock) {
				return lock
			}
		}
		if dir == "." || m.near {
			return ""
		}
	}
}

// Dependencies are what a list asks for, by name, with the requirement as the lock would have to answer it; nil when the
// list cannot be read.
func Dependencies(list string, text []byte) map[string]string {
	m := managerOf(list)
	if m == nil || len(text) > maxText {
		return nil
	}
	return m.reads(text)
}

// maxText is the size in bytes past which a list is not read.
const maxText = 1 << 20
