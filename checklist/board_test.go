package checklist

import (
	"strings"
	"testing"

	"flightpoll/detectors"
)

// TestVerdictOfAStation has what stands at a station as words: severities of findings (waived ones behind a ~) and
// states of items.
func TestVerdictOfAStation(t *testing.T) {
	cases := []struct {
		stands string
		want   Verdict
	}{
		{"", VerdictGo},
		{"note warning", VerdictGo},
		{"blocker", VerdictNoGo},
		{"~blocker", VerdictGo},
		{"~blocker blocker", VerdictNoGo},
		{"open", VerdictHold},
		{"open go", VerdictHold},
		{"go n/a waived", VerdictGo},
		{"no-go", VerdictNoGo},
		{"open no-go", VerdictNoGo},
		{"blocker open", VerdictNoGo},
		{"~blocker warning open", VerdictHold},
	}
	for _, c := range cases {
		st, waivers := station(c.stands)
		if got := verdict(st, waivers); got != c.want {
			t.Errorf("%q is %s, want %s", c.stands, got, c.want)
		}
	}
}

func TestScore(t *testing.T) {
	cases := []struct {
		// stands is what stands at each of the five stations, in the order of the poll.
		stands  [5]string
		weights [5]int
		want    int
		verdict Verdict
	}{
		{[5]string{}, [5]int{27, 21, 18, 17, 17}, 100, VerdictGo},
		{[5]string{"blocker"}, [5]int{27, 21, 18, 17, 17}, 73, VerdictNoGo},
		{[5]string{"open go"}, [5]int{27, 21, 18, 17, 17}, 86, VerdictHold},
		{[5]string{"open"}, [5]int{27, 21, 18, 17, 17}, 73, VerdictHold},
		{[5]string{"", "go go open"}, [5]int{1, 1, 1, 1, 1}, 93, VerdictHold},
		{[5]string{"", "", "open" + strings.Repeat(" go", 999)}, [5]int{1, 1, 1, 1, 1}, 99, VerdictHold},
		{[5]string{"blocker", "blocker", "no-go", "blocker", "blocker"}, [5]int{27, 21, 18, 17, 17}, 0, VerdictNoGo},
		{[5]string{"blocker"}, [5]int{0, 50, 0, 0, 0}, 100, VerdictNoGo},
		{[5]string{"blocker"}, [5]int{33, 33, 33, 0, 0}, 66, VerdictNoGo},
	}
	for _, c := range cases {
		var list []Station
		for i, stands := range c.stands {
			st, waivers := station(stands)
			st.Weight, st.Verdict = c.weights[i], verdict(st, waivers)
			list = append(list, st)
		}
		if got := score(list); got != c.want {
			t.Errorf("%q by %v: %d, want %d", c.stands, c.weights, got, c.want)
		}
		if got := worst(list); got != c.verdict {
			t.Errorf("%q: %s, want %s", c.stands, got, c.verdict)
		}
	}
}

func station(stands string) (Station, map[string]Waiver) {
	st, waivers := Station{}, map[string]Waiver{}
	for i, word := range strings.Fields(stands) {
		id := string(rune('a' + i%26))
		switch sev := detectors.Severity(strings.TrimPrefix(word, "~")); {
		case sev.Rank() <= detectors.Note.Rank():
			st.Findings = append(st.Findings, detectors.Finding{Fingerprint: id, Severity: sev})
			if strings.HasPrefix(word, "~") {
				waivers[id] = Waiver{Target: id}
			}
		default:
			st.Items = append(st.Items, Item{State: State(word)})
		}
	}
	return st, waivers
}
