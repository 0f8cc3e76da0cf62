package checklist

import (
	"strings"

	"flightpoll/detectors"
)

// raiseUndecided asks what the program cannot know: one item for each thing that a pattern's detectors could not decide.
// Detectors that stopped at the same obstacle ask one question together, under the first one's id.
func raiseUndecided(c *change, outcomes []detectors.Outcome) []Item {
	if len(c.files) == 0 {
		return nil
	}
	covers := map[string]bool{}
	c.coverBehaviour(covers)
	var items []Item
	at := map[string]int{}
	for _, o := range outcomes {
		if o.Outcome != detectors.Undecided {
			continue
		}
		pattern, name, _ := strings.Cut(o.ID, "/")
		obstacle := pattern + "\x00" + o.Reason
		if i, ok := at[obstacle]; ok {
			items[i].RaisedBy = append(items[i].RaisedBy, o.ID)
			items[i].Question = undecidedQuestion(items[i].RaisedBy, o.Reason)
			continue
		}
		at[obstacle] = len(items)
		items = append(items, Item{
			ID: "inconclusive-" + pattern + "-" + name, Pattern: detectors.Pattern(pattern),
			Question: undecidedQuestion([]string{o.ID}, o.Reason), Short: strings.ReplaceAll(name, "-", " ") + "?",
			RaisedBy: []string{o.ID}, Evidence: TextEvidence, Covers: sorted(covers), Guide: o.ID, State: Open,
		})
	}
	return items
}

func undecidedQuestion(ids []string, reason string) string {
	return "The program could not decide " + strings.Join(ids, ", ") + " (" + reason + "). How was it checked by hand?"
}
