package tui

// What keeps the record from being signed, each with the row that it stands on.

import (
	"flightpoll/checklist"
	"flightpoll/detectors"
)

// block is one reason why signing is refused; key is its row on the poll, "" for none.
type blocker struct {
	mark mark
	text string
	key  string
}

// blocking lists everything that has to be settled before signing.
func blocking(m *model) []blocker {
	var out []blocker
	t := m.theme
	for _, s := range m.snap.board.Stations {
		for i := range s.Findings {
			f := &s.Findings[i]
			if _, ok := m.snap.board.Waivers[f.Fingerprint]; !ok && f.Severity == detectors.Blocker {
				out = append(out, blocker{t.severityMark(f, false), clean(f.Message) + "  " + clean(f.Path), "f:" + f.Fingerprint})
			}
		}
		for i := range s.Items {
			it := &s.Items[i]
			if it.State == checklist.Open || it.State == checklist.NoGo {
				out = append(out, blocker{t.itemMark(it), clean(it.Question), "i:" + it.ID})
			}
		}
	}
	if m.snap.branch != nil {
		if n := len(m.snap.branch.Dirty()); n > 0 {
			out = append(out, blocker{mark{"!", "uncommitted", t.warn},
				plural(n, "file") + " not committed, first " + clean(m.snap.branch.Dirty()[0].Path) + ": commit, then R", ""})
		}
	}
	return out
}
