package checklist

import (
	"math"
	"slices"

	"flightpoll/detectors"
)

// defaultWeights are the shares of the five patterns among the outages of the incident study.
var defaultWeights = map[detectors.Pattern]int{
	detectors.Contracts: 27, detectors.Environment: 21, detectors.Scripts: 18, detectors.Observability: 17, detectors.Review: 17,
}

// DefaultWeight is a pattern's weight where the policy gives none.
func DefaultWeight(p detectors.Pattern) int { return defaultWeights[p] }

// board puts the poll together from what was found, raised, answered and waived.
func (s *Session) board() Board {
	b := Board{Waivers: s.activeWaivers()}
	for _, p := range detectors.Patterns {
		st := Station{Pattern: p, Weight: s.weight(p)}
		for _, f := range s.result.Findings {
			if f.Pattern == p {
				st.Findings = append(st.Findings, f)
			}
		}
		for _, i := range s.raised {
			if i.Pattern == p {
				st.Items = append(st.Items, s.settle(i))
			}
		}
		st.Nothing = len(st.Findings) == 0 && len(st.Items) == 0
		st.Verdict = verdict(st, b.Waivers)
		b.Stations = append(b.Stations, st)
	}
	b.Verdict = worst(b.Stations)
	b.Score = score(b.Stations)
	return b
}

func (s *Session) weight(p detectors.Pattern) int {
	if w, ok := s.opts.Weights[p]; ok {
		return w
	}
	return defaultWeights[p]
}

func (s *Session) item(id string) (Item, bool) {
	i := slices.IndexFunc(s.raised, func(i Item) bool { return i.ID == id })
	if i < 0 {
		return Item{}, false
	}
	return s.settle(s.raised[i]), true
}

// settle gives a raised item its state: waived, as answered, or open. An answer that spoke for other content than
// what stands there now leaves it open, and is shown as stale.
func (s *Session) settle(i Item) Item {
	if w, ok := s.waiverOf(i.ID); ok {
		i.State = Waived
		i.Answer = &Answer{State: Waived, Evidence: Evidence{Kind: i.Evidence}, By: w.By, At: w.At, Covers: i.Covers,
			ScopeSHA256: i.ScopeSHA256, Reason: w.Reason, Until: w.Until}
		return i
	}
	a, ok := s.state.answers[i.ID]
	switch {
	case !ok:
	case a.ScopeSHA256 != i.ScopeSHA256:
		i.Stale = &a
	default:
		i.State, i.Answer = a.State, &a
	}
	return i
}

// waiverOf is the waiver of an item's id or a fingerprint that holds today.
func (s *Session) waiverOf(target string) (Waiver, bool) {
	if w, ok := s.state.waivers[target]; ok && w.Until >= s.today() {
		return w, true
	}
	for _, w := range s.opts.Standing {
		if w.Target == target && w.Until >= s.today() {
			return w, true
		}
	}
	return Waiver{}, false
}

// activeWaivers are the ones that hold for something on this branch, the policy's own included.
func (s *Session) activeWaivers() map[string]Waiver {
	active := map[string]Waiver{}
	for _, i := range s.raised {
		if w, ok := s.waiverOf(i.ID); ok {
			active[i.ID] = w
		}
	}
	for _, f := range s.result.Findings {
		if w, ok := s.waiverOf(f.Fingerprint); ok {
			active[f.Fingerprint] = w
		} else if s.opts.Ignore != nil {
			if w, ok := s.opts.Ignore(f); ok {
				active[f.Fingerprint] = w
			}
		}
	}
	return active
}

// verdict of one station: no-go with an open blocker or an item answered no-go, else hold with an open item, else go.
func verdict(st Station, waivers map[string]Waiver) Verdict {
	v := VerdictGo
	for _, f := range st.Findings {
		if _, waived := waivers[f.Fingerprint]; f.Severity == detectors.Blocker && !waived {
			return VerdictNoGo
		}
	}
	for _, i := range st.Items {
		switch i.State {
		case NoGo:
			return VerdictNoGo
		case Open:
			v = VerdictHold
		default:
		}
	}
	return v
}

var verdictRank = map[Verdict]int{VerdictGo: 0, VerdictHold: 1, VerdictNoGo: 2}

func worst(list []Station) Verdict {
	v := VerdictGo
	for _, st := range list {
		if verdictRank[st.Verdict] > verdictRank[v] {
			v = st.Verdict
		}
	}
	return v
}

// score is 100 times the weighted mean of go = 1, hold = the share of its items answered, no-go = 0, rounded down, so
// that a question left open never ends at 100.
func score(list []Station) int {
	var sum, weights float64
	for _, st := range list {
		w := float64(st.Weight)
		weights += w
		switch st.Verdict {
		case VerdictGo:
			sum += w
		case VerdictHold:
			sum += w * answered(st.Items)
		default:
		}
	}
	if weights == 0 {
		return 0
	}
	const rounding = 1e-9
	return int(math.Floor(100*sum/weights + rounding))
}

// answered is the share of items that are not open.
func answered(items []Item) float64 {
	n := 0
	for _, i := range items {
		if i.State != Open {
			n++
		}
	}
	return float64(n) / float64(len(items))
}
