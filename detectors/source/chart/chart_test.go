package chart

import (
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// memory is a repository in a txtar archive.
type memory map[string]string

func (m memory) Has(p string) bool { _, ok := m[p]; return ok }

func (m memory) Below(dir string) []string {
	var list []string
	for p := range m {
		if strings.HasPrefix(p, dir+"/") {
			list = append(list, p)
		}
	}
	sort.Strings(list)
	return list
}

func (m memory) Read(p string) ([]byte, error) {
	text, ok := m[p]
	if !ok {
		return nil, os.ErrNotExist
	}
	return []byte(text), nil
}

// TestRender renders the chart "c" of each archive in testdata. "values.yaml" at its top are the values over the
// chart's own, "want" the documents, "misses" a line for each value that is used and not there.
func TestRender(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m := memory{}
			for _, f := range a.Files {
				m[f.Name] = string(f.Data)
			}
			c, err := Read(m, "c")
			if err != nil {
				t.Fatal(err)
			}
			values, err := ParseValues([]byte(m["values.yaml"]))
			if err != nil {
				t.Fatal(err)
			}
			r, err := c.Render(t.Context(), values)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, d := range r.Documents {
				got.WriteString("# " + d.Path + "\n")
				for line := range strings.Lines(d.Text) {
					if strings.TrimSpace(line) != "" {
						got.WriteString(strings.TrimRight(line, " \n") + "\n")
					}
				}
				if n := strings.Count(d.Text, "\n") + 1; len(d.Lines) != n && d.Text != "" {
					t.Errorf("%s: %d places for %d lines", d.Path, len(d.Lines), n)
				}
			}
			if got.String() != m["want"] {
				t.Errorf("rendered:\n%s\nwanted:\n%s", got.String(), m["want"])
			}
			var misses []string
			for _, miss := range r.Misses {
				line := miss.Path + " " + filepath.Base(miss.At.Path) + ":" + string(rune('0'+miss.At.Line%10))
				if miss.Stops {
					line += " stops"
				}
				misses = append(misses, line)
			}
			if want := strings.Fields(strings.ReplaceAll(strings.TrimSpace(m["misses"]), " ", "·")); !slices.Equal(misses, unfold(want)) {
				t.Errorf("misses %q, wanted %q", misses, unfold(want))
			}
			if strings.Contains(m["unsure"], "yes") != r.Unsure {
				t.Errorf("unsure is %v (%s)", r.Unsure, r.Why)
			}
		})
	}
}

func unfold(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.ReplaceAll(s, "·", " "))
	}
	return out
}

// A hostile chart ends in bounded time and says why.
func TestHostileTemplates(t *testing.T) {
	for name, text := range map[string]string{
		"nested loops":     `{{ range until 10000 }}{{ range until 10000 }}x{{ end }}{{ end }}`,
		"empty loops":      `{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}`,
		"huge repeat":      `{{ repeat 2000000000 "ab" }}`,
		"wide format":      `{{ printf "%2000000000d" 1 }}`,
		"doubling text":    `{{ $x := "aaaaaaaaaaaaaaaa" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ len $x }}`,
		"doubling list":    `{{ $x := list "a" }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}{{ len $x }}`,
		"doubling map":     `{{ $x := dict "a" "b" }}{{ range until 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toYaml $x }}`,
		"doubling json":    `{{ $x := dict "a" "b" }}{{ range until 50 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toJson $x }}`,
		"doubling merge":   `{{ $x := dict "a" "b" }}{{ range until 50 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ len (merge $x $x) }}`,
		"map in itself":    `{{ $x := dict "a" "b" }}{{ $_ := set $x "self" $x }}{{ toYaml $x }}`,
		"doubling set":     `{{ $x := dict "a" "b" }}{{ range until 50 }}{{ $y := dict "a" $x }}{{ $_ := set $y "b" $x }}{{ $x = $y }}{{ end }}`,
		"endless include":  `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`,
		"endless template": `{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
		"endless tpl":      `{{ define "a" }}{{ tpl "{{ include \"a\" . }}" . }}{{ end }}{{ include "a" . }}`,
		"replace":          `{{ $x := repeat 10000 "a" }}{{ range until 10 }}{{ $x = replace "a" "aaaaaaaaaa" $x }}{{ end }}{{ len $x }}`,
		"quoting":          `{{ $x := "\"" }}{{ range until 60 }}{{ $x = quote $x }}{{ end }}{{ len $x }}`,
		"indent":           `{{ $x := repeat 10000 "\n" }}{{ range until 60 }}{{ $x = indent 200 $x }}{{ end }}`,
		"parentheses":      `{{ ` + strings.Repeat("(", 100000) + `1` + strings.Repeat(")", 100000) + ` }}`,
		"blocks":           strings.Repeat(`{{ if true }}`, 15000) + strings.Repeat(`{{ end }}`, 15000),
		"unclosed":         `{{ if`,
		"no arguments":     `{{ first }}{{ join }}{{ default }}{{ required }}{{ index }}{{ toYaml }}{{ get }}{{ tpl }}{{ printf }}{{ eq }}{{ ternary }}{{ quote }}{{ trunc }}{{ merge }}{{ dig }}{{ trimSuffix }}`,
		"few arguments":    `{{ eq 1 }}{{ dig "a" }}{{ get 1 }}{{ set 1 }}{{ until }}{{ trunc 1 }}{{ repeat 1 }}{{ contains "a" }}{{ replace "a" }}{{ index "a" 1 }}{{ splitList "," }}`,
		"pattern":          `{{ regexMatch "(((((((((a*)*)*)*)*)*)*)*)*)*b" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }}`,
	} {
		t.Run(name, func(t *testing.T) {
			m := memory{"c/Chart.yaml": "name: c\n", "c/templates/a.yaml": text}
			start := time.Now()
			c, err := Read(m, "c")
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Render(t.Context(), nil)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the reason has several lines: %v", err)
			}
		})
	}
}

func TestHostileValues(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "*" + string(c-1) + "]\n"
	}
	for name, text := range map[string]string{
		"aliases": bomb, "large": strings.Repeat("# x\n", 400000), "deep": strings.Repeat("[", 3000) + strings.Repeat("]", 3000),
		"broken": "a: [", "itself": "a: &a\n  b: *a\n", "list": "- a\n",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := ParseValues([]byte(text))
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			if err == nil && name != "itself" {
				t.Error("no reason given")
			}
		})
	}
}

// A chart whose subcharts name each other ends.
func TestCyclicDependencies(t *testing.T) {
	m := memory{
		"c/Chart.yaml": "name: c\ndependencies:\n  - {name: d, repository: \"file://../d\"}\n",
		"d/Chart.yaml": "name: d\ndependencies:\n  - {name: c, repository: \"file://../c\"}\n",
	}
	if _, err := Read(m, "c"); err != nil {
		t.Fatal(err)
	}
}
