package source

import "testing"

func TestPaths(t *testing.T) {
	type kind string
	const (
		test, example, doc, product kind = "test", "example", "doc", "product"
	)
	for path, want := range map[string]kind{
		"user_test.go":                        test,
		"app/test_user.py":                    test,
		"app/user_test.py":                    test,
		"conftest.py":                         test,
		"src/user.test.ts":                    test,
		"src/user.spec.tsx":                   test,
		"src/User.stories.tsx":                test,
		"src/__tests__/user.ts":               test,
		"src/__mocks__/api.js":                test,
		"tests/user.py":                       test,
		"Test/User.cs":                        test,
		"pkg/testdata/user.json":              test,
		"fixtures/user.json":                  test,
		"e2e/login.ts":                        test,
		"cypress/support/commands.js":         test,
		"src/test/java/UserTest.java":         test,
		"src/main/java/UserServiceTest.kt":    test,
		"spec/models/user_spec.rb":            test,
		"src/contest.py":                      product,
		"src/latest/user.ts":                  product,
		"src/testimonials/list.tsx":           product,
		"src/attest.go":                       product,
		"src/inspect.ts":                      product,
		"src/specification/parse.go":          product,
		"src/Fastest.java":                    product,
		"examples/basic/main.go":              example,
		"demo/app.py":                         example,
		"src/main/java/com/example/Shop.java": product,
		"examples/a/src/main/java/x/A.java":   example,
		"src/democracy/vote.py":               product,
		"recipes/nginx/app.py":                example,
		"src/app/recipes/page.tsx":            product,
		"recipes/migrations/0001_initial.py":  product,
		"samples/models.py":                   product,
		"examples/recipes/models.py":          example,
		"demo/migrations/0001_initial.py":     example,
		"app/models/samples/sample.rb":        product,
		"src/examples/app.py":                 example,
		"README.md":                           doc,
		"docs/guide.py":                       doc,
		"guide.rst":                           doc,
		"src/docstring.py":                    product,
		"src/billing/resample/resampler.go":   product,
	} {
		got := product
		switch {
		case IsTest(path):
			got = test
		case IsExample(path):
			got = example
		case IsDoc(path):
			got = doc
		}
		if got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for path, want := range map[string]Language{
		"a.go": Go, "a.ts": TypeScript, "a.tsx": TypeScript, "a.mts": TypeScript, "a.d.ts": TypeScript, "a.js": JavaScript,
		"a.jsx": JavaScript, "a.cjs": JavaScript, "a.py": Python, "a.PY": Python, "a.pyi": Python, "a.md": "", "Makefile": "", "go": "",
	} {
		if got := LanguageOf(path); got != want {
			t.Errorf("LanguageOf(%q) = %q, want %q", path, got, want)
		}
	}
}
