package source

import (
	"path"
	"strings"
)

// testFolders are the folders that hold tests, fixtures and mocks by the habit of some language or tool.
var testFolders = words(`test tests testing testdata testutil testutils testhelpers test-data test_data __tests__ __test__
	__mocks__ __fixtures__ __snapshots__ spec specs fixture fixtures mock mocks e2e cypress playwright integration-tests
	integration_tests unit-tests unit_tests cassettes golden goldens stubs fakes`)

var exampleFolders = words(`example examples _examples sample samples demo demos tutorial tutorials playground quickstart
	quickstarts getting-started cookbook recipes`)

// trades are folders of examples at a repository's top whose words are also what programs are about: below a folder of the program's own code
// (src/app/recipes) they say nothing.
var trades = words(`recipes cookbook samples sample tutorials tutorial playground`)

// codeFolders are the folders that a program's own code stands in.
var codeFolders = words(`src app apps lib internal pkg cmd server api web frontend backend client services components pages routes controllers models features modules domain`)

var docFolders = words(`doc docs documentation wiki`)

// appFiles are the files of a Django app beside its migrations, which give an app that is called after its trade away.
var appFiles = words(`models.py views.py admin.py apps.py serializers.py`)

// docEndings are the endings of documents.
var docEndings = words(`.md .mdx .markdown .rst .adoc .asciidoc`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// packages are the folders below which the JVM's languages have packages (src/main/java/com/example/demo), whose names say
// nothing of what a file is for.
var packages = []string{"src/main/java/", "src/main/kotlin/", "src/main/scala/", "src/main/groovy/"}

// below says whether one of a path's folders is in the set.
func below(p string, set map[string]bool) bool {
	p = strings.ToLower(p)
	for _, at := range packages {
		if i := strings.Index(p, at); i == 0 || i > 0 && p[i-1] == '/' {
			p = p[:i+len(at)] + path.Base(p)
		}
	}
	for folder := range strings.SplitSeq(path.Dir(p), "/") {
		if set[folder] {
			return true
		}
	}
	return false
}

func isTest(p string) bool {
	if below(p, testFolders) {
		return true
	}
	base := strings.ToLower(path.Base(p))
	stem := strings.TrimSuffix(base, path.Ext(base))
	if stem == "conftest" || strings.HasPrefix(base, "test_") && path.Ext(base) == ".py" {
		return true
	}
	for _, end := range []string{"_test", ".test", ".spec", "_spec", ".stories", ".cy", ".mock", "_mock", ".fixture", "-test", ".e2e", ".e2e-spec", ".tests", ".tftest"} {
		if strings.HasSuffix(stem, end) {
			return true
		}
	}
	original := strings.TrimSuffix(path.Base(p), path.Ext(p)) // UserServiceTest.java, UserSpec.kt
	switch path.Ext(p) {
	case ".t", ".feature", ".robot", ".bats":
		return true
	case ".java", ".kt", ".cs", ".php", ".scala", ".groovy", ".swift", ".fs", ".vb", ".hs", ".dart":
		return strings.HasSuffix(original, "Test") || strings.HasSuffix(original, "Tests") || strings.HasSuffix(original, "Spec")
	}
	return false
}

func isExample(p string) bool {
	if !below(p, exampleFolders) {
		return false
	}
	if isAppOfTrade(strings.ToLower(p)) {
		return false
	}
	inCode := false
	for folder := range strings.SplitSeq(path.Dir(strings.ToLower(p)), "/") {
		if exampleFolders[folder] && (!inCode || !trades[folder]) {
			return true
		}
		inCode = inCode || codeFolders[folder]
	}
	return false
}

// isAppOfTrade says whether a path is that of a Django app which is called after its trade: recipes/migrations/0001_initial.py.
func isAppOfTrade(p string) bool {
	if path.Ext(p) != ".py" {
		return false
	}
	dir, base := path.Split(p)
	dir = path.Clean(dir)
	if path.Base(dir) == "migrations" {
		dir = path.Dir(dir)
	} else if !appFiles[base] {
		return false
	}
	return trades[path.Base(dir)] && !below(dir, exampleFolders)
}

func isDoc(p string) bool {
	return docEndings[strings.ToLower(path.Ext(p))] || below(p, docFolders)
}
