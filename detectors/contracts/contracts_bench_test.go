package contracts_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/scenario"
	"flightpoll/detectors/source"
)

// BenchmarkBranch measures the station on a branch of 30 files in a repository of 10,000: the cost has to follow the change.
// Reading the branch itself is not counted, the index of names is.
func BenchmarkBranch(b *testing.B) {
	dir := b.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	shape := func(i int, key string) string {
		return fmt.Sprintf("export interface Thing%d {\n  id: string;\n  %s: string;\n  placedAt: string;\n  unit%d: number;\n}\n", i, key, i)
	}
	for i := range 10_000 {
		write(fmt.Sprintf("packages/p%d/src/f%d.ts", i%100, i), shape(i, "trackingCode")+fmt.Sprintf("export const load%d = (id: string) => fetch(`/things/%d/${id}`);\n", i, i))
	}
	scenario.Git(b, dir, "init", "-q", "-b", "main")
	scenario.Git(b, dir, "add", "-A")
	scenario.Git(b, dir, "commit", "-q", "-m", "Base")
	scenario.Git(b, dir, "checkout", "-q", "-b", "change")
	for i := range 30 {
		write(fmt.Sprintf("packages/p%d/src/f%d.ts", i%100, i), shape(i, "trackingNumber"))
	}
	scenario.Git(b, dir, "commit", "-q", "-a", "-m", "Change")
	for b.Loop() {
		b.StopTimer()
		opened, err := branch.Open(b.Context(), branch.Options{Dir: dir, Base: "main"})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		detectors.Run(b.Context(), detectors.Input{Branch: opened, Source: source.New(opened)}, station, nil)
	}
}
