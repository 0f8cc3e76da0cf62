package lazy

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestWordsNeeded(t *testing.T) {
	for _, c := range []struct {
		expression string
		want       words
	}{
		{`(?:GET|POST) /v\d+`, words{{[]string{"GET", "POST"}, false}, {[]string{" /v"}, false}}},
		{`(?i)\bcreate\s+table\b`, words{{[]string{"create"}, true}, {[]string{"table"}, true}}},
		{`a+(b|)c?`, words{{[]string{"a"}, false}}},
		{`(?:abc)?d*`, nil},
		{`[xyz]\d{2,}`, nil},
		{`^import`, nil},
		{`(?m)^import`, words{{[]string{"import"}, false}}},
		{`(?:first|\d+)`, nil},
	} {
		if got := neededBy(c.expression); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s needs %v, want %v", c.expression, got, c.want)
		}
	}
}

// FuzzSameAsRegexp holds that an expression finds what Go's own finds, however it comes to its answer.
func FuzzSameAsRegexp(f *testing.F) {
	for _, expression := range []string{
		`(?:GET|POST) /v\d+`, `(?i)skip|know`, `(?i:Create)\s+TABLE`, `(?m)^\s*(a|bc)d$`, `x{0}y`, `(?s).*end`, `^start`, `(|a)b`, `[aA]b|c`, `(?i)straße`, ``,
	} {
		for _, text := range []string{
			"GET /v2", "POST /x", "create\n table", "CREATE TABLE", "\u212anow", "\u017fkip", "STRASSE STRAßE straẞe", " ad\n bcd\n", "start to end", "", "aB", "\xff\xfe",
		} {
			f.Add(expression, text)
		}
	}
	f.Fuzz(func(t *testing.T, expression, text string) {
		plain, err := regexp.Compile(expression)
		if err != nil || len(text) > 1<<12 {
			return
		}
		ours := New(expression)
		if got, want := ours.FindAllStringSubmatchIndex(text, -1), plain.FindAllStringSubmatchIndex(text, -1); !reflect.DeepEqual(got, want) {
			t.Errorf("%q in %q: %v, want %v", expression, text, got, want)
		}
		if got, want := ours.Match([]byte(text)), plain.MatchString(text); got != want {
			t.Errorf("%q matches %q: %v, want %v", expression, text, got, want)
		}
		if got, want := ours.ReplaceAllString(text, "<$0>"), plain.ReplaceAllString(text, "<$0>"); got != want {
			t.Errorf("%q replaced in %q: %q, want %q", expression, text, got, want)
		}
	})
}

// BenchmarkAbsentPhrase asks a file of 100 KB for a phrase that it does not hold, as most detectors do with most files.
func BenchmarkAbsentPhrase(b *testing.B) {
	text := strings.Repeat("    'books_permissions' => 'Permissions of this book: :name',\n", 1600)
	const expression = `(?m)\b(?:raise|throw)\s+(?:new\s+)?\w+(?:Error|Exception)\s*\(`
	b.Run("words", func(b *testing.B) {
		ours := New(expression)
		for b.Loop() {
			ours.MatchString(text)
		}
	})
	b.Run("automaton", func(b *testing.B) {
		plain := regexp.MustCompile(expression)
		for b.Loop() {
			plain.MatchString(text)
		}
	})
}
