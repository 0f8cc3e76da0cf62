package tui

// What a frame and a key cost; more than 16 ms would be seen.

import (
	"fmt"
	"testing"

	"flightpoll/detectors"
)

func BenchmarkView(b *testing.B) {
	m := polledModel(b, newShop(b).fixedBackend(), Options{Theme: "dark"}, 100, 30)
	press(m, "j")
	for b.Loop() {
		m.View()
	}
}

func BenchmarkKeyAt2000Findings(b *testing.B) {
	m := polledModel(b, newShop(b).fixedBackend(manyEnds(2000)...), Options{Theme: "dark"}, 100, 30)
	keys := []string{"j", "j", "j", "k", "]", "["}
	for i := 0; b.Loop(); i++ {
		_, _ = m.Update(keyPress(keys[i%len(keys)]))
		m.View()
	}
}

// manyEnds are n findings of one detector.
func manyEnds(n int) []detectors.Done {
	end := detectors.Done{Outcome: detectors.Outcome{ID: "contracts/stale-mock", Outcome: detectors.Ran}}
	for i := range n {
		f := fixedFindings()[1]
		f.Line, f.Fingerprint = i+1, fmt.Sprintf("%016x", i)
		end.Findings = append(end.Findings, f)
	}
	return []detectors.Done{end}
}
