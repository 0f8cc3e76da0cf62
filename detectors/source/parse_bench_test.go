package source

import (
	"bytes"
	"path"
	"testing"

	"golang.org/x/tools/txtar"
)

// BenchmarkParse reads the sources of testdata, repeated to some 100 kB a file; b.SetBytes gives MB/s by language.
func BenchmarkParse(b *testing.B) {
	for archive, name := range map[string]string{
		"go": "user.go", "typescript": "a.ts", "shapes": "models.py", "schemas": "zod.ts",
	} {
		a, err := txtar.ParseFile(path.Join("testdata", archive+".txtar"))
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range a.Files {
			if f.Name != name {
				continue
			}
			text := bytes.Repeat(append(f.Data, '\n'), 100_000/len(f.Data))
			b.Run(name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if _, err := Parse(name, text); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
