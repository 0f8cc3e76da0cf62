package checklist

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
)

// changesBehaviour says whether a changed file may change what runs: not a document, not a test, not a list of
// dependencies, not a picture, not an editor's or git's own setting. A branch without any such file raises no item.
func changesBehaviour(f *branch.File) bool {
	return !isDocument(f.Path) && !isTest(f.Path) && !isDependencyList(f.Path) && !isHousekeeping(f.Path)
}

var documentEnds = []string{".md", ".mdx", ".markdown", ".rst", ".adoc", ".asciidoc", ".txt", ".org", ".pdf", ".docx",
	".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".drawio", ".puml"}

// isDocument takes .txt as a document too, except for the ones that programs read by name.
func isDocument(p string) bool {
	name := strings.ToLower(path.Base(p))
	if isDependencyList(p) || name == "cmakelists.txt" || name == "robots.txt" {
		return false
	}
	if slices.Contains(documentEnds, path.Ext(name)) {
		return true
	}
	stem := strings.TrimSuffix(name, path.Ext(name))
	if slices.Contains([]string{"license", "licence", "copying", "notice", "authors", "contributors", "changelog", "readme"}, stem) {
		return true
	}
	return inFolder(p, "docs", "doc", "documentation", ".changeset", "newsfragments", "changelog.d")
}

// isTest knows tests by the naming rules of the languages' own runners.
func isTest(p string) bool {
	name := strings.ToLower(path.Base(p))
	stem := strings.TrimSuffix(name, path.Ext(name))
	switch {
	case strings.HasSuffix(stem, "_test"), strings.HasSuffix(stem, "_spec"), strings.HasPrefix(name, "test_"),
		strings.HasSuffix(stem, ".test"), strings.HasSuffix(stem, ".spec"), strings.HasSuffix(stem, ".stories"),
		strings.HasPrefix(name, "conftest."), strings.HasSuffix(name, ".snap"), strings.HasSuffix(name, ".golden"):
		return true
	case strings.HasSuffix(path.Base(p), "Test.java"), strings.HasSuffix(path.Base(p), "Tests.cs"), strings.HasSuffix(path.Base(p), "Test.kt"), strings.HasSuffix(path.Base(p), "Test.php"):
		return true
	}
	return inFolder(p, "test", "tests", "__tests__", "__mocks__", "__snapshots__", "spec", "specs", "testdata", "fixtures",
		"e2e", "mocks", "cypress", "playwright")
}

var dependencyLists = []string{"go.mod", "go.sum", "go.work", "go.work.sum", "package.json", "package-lock.json",
	"npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "bun.lock", "bun.lockb", "deno.lock",
	"pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock", "pipfile", "pipfile.lock", "setup.cfg", "constraints.txt",
	"cargo.toml", "cargo.lock", "gemfile", "gemfile.lock", "composer.json", "composer.lock", "pom.xml", "build.gradle",
	"build.gradle.kts", "gradle.lockfile", "libs.versions.toml", "mix.exs", "mix.lock", "packages.lock.json",
	"directory.packages.props", ".terraform.lock.hcl", "flake.lock", "renovate.json", "dependabot.yml"}

// isDependencyList knows manifests and lock files of the package managers.
func isDependencyList(p string) bool {
	name := strings.ToLower(path.Base(p))
	return slices.Contains(dependencyLists, name) ||
		strings.HasPrefix(name, "requirements") && strings.HasSuffix(name, ".txt") || inFolder(p, "requirements") && strings.HasSuffix(name, ".txt")
}

// isHousekeeping knows what only editors, git, review and flightpoll itself read.
func isHousekeeping(p string) bool {
	switch strings.ToLower(path.Base(p)) {
	case ".gitignore", ".gitattributes", ".gitmodules", ".editorconfig", ".mailmap", "codeowners", ".prettierrc", ".prettierignore",
		".eslintignore", ".dockerignore", ".git-blame-ignore-revs":
		return true
	}
	return inFolder(p, ".readiness", ".vscode", ".idea", ".claude", ".cursor") || strings.HasPrefix(p, ".github/ISSUE_TEMPLATE/")
}

// inFolder says whether one of the folders on the way to p has one of the names.
func inFolder(p string, names ...string) bool {
	folders := strings.Split(path.Dir(p), "/")
	return slices.ContainsFunc(folders, func(f string) bool { return slices.Contains(names, strings.ToLower(f)) })
}
