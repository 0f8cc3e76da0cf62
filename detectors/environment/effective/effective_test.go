package effective

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// treeOf is a tree of the files of an archive.
func treeOf(files []txtar.File) *Tree {
	texts := map[string][]byte{}
	var paths []string
	for _, f := range files {
		texts[f.Name] = f.Data
		paths = append(paths, f.Name)
	}
	return NewTree(paths, func(p string) ([]byte, error) {
		if text, ok := texts[p]; ok {
			return text, nil
		}
		return nil, errors.New("no such file")
	})
}

// show prints a configuration as the cases in testdata expect it: one line a unit, variables with state and place below.
func show(c Configuration) string {
	var b strings.Builder
	for _, u := range c.Units {
		env := string(u.Environment)
		if env == "" {
			env = "everywhere"
		}
		fmt.Fprintf(&b, "%s %s of %s in %s", u.Kind, u.Name, u.Root, env)
		if u.Code != "" {
			fmt.Fprintf(&b, ", code %s", u.Code)
		}
		if u.Image != "" {
			fmt.Fprintf(&b, ", image %s", u.Image)
		}
		if u.Open {
			fmt.Fprintf(&b, ", open: %s", u.Why)
		}
		b.WriteString("\n")
		for _, name := range u.Names() {
			v := u.Variables[name]
			fmt.Fprintf(&b, "  %s %s %s:%d\n", name, v.State, v.At.Path, v.At.Line)
		}
		for _, key := range slices.Sorted(maps.Keys(u.Keys)) {
			v := u.Keys[key]
			fmt.Fprintf(&b, "  key %s %s %s:%d\n", key, v.State, v.At.Path, v.At.Line)
		}
		for _, g := range u.Gaps {
			fmt.Fprintf(&b, "  gap %s at %s:%d, stops %v\n", g.Name, g.At.Path, g.At.Line, g.Stops)
		}
		for _, r := range u.References {
			if r.Dangling() {
				fmt.Fprintf(&b, "  dangling %s %s %s at %s:%d\n", r.Kind, r.Name, r.Key, r.At.Path, r.At.Line)
			}
		}
	}
	for _, p := range c.Problems {
		fmt.Fprintf(&b, "problem %s: %s\n", p.Path, p.Reason)
	}
	return b.String()
}

func TestLoad(t *testing.T) {
	cases, _ := filepath.Glob("testdata/*.txtar")
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var files []txtar.File
			want := -1
			for i, f := range archive.Files {
				if f.Name == "want" {
					want = i
				} else {
					files = append(files, f)
				}
			}
			got := show(Load(t.Context(), treeOf(files), Settings{}))
			if os.Getenv("UPDATE") != "" {
				files = append(files, txtar.File{Name: "want", Data: []byte(got)})
				archive.Files = files
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[want].Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
