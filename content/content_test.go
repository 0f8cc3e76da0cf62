package content_test

import (
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/checklist"
	"flightpoll/content"
	"flightpoll/detectors"
	"flightpoll/detectors/all"
)

func TestEverythingHasItsPage(t *testing.T) {
	var want []string
	for _, p := range detectors.Patterns {
		want = append(want, string(p))
	}
	for _, d := range all.Detectors {
		want = append(want, d.ID)
	}
	items, err := checklist.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		want = append(want, i.Guide)
	}
	for _, id := range want {
		page, ok := content.Guide(id)
		if !ok {
			t.Errorf("content/guides/%s.md is missing", id)
			continue
		}
		if !strings.HasPrefix(page, "# ") || strings.Count(page, "\n") < 5 {
			t.Errorf("content/guides/%s.md: expected a title and some sentences", id)
		}
	}
}

func TestItemsNameDetectorsThatExist(t *testing.T) {
	items, err := checklist.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		for _, glob := range i.When.Detectors {
			found := false
			for _, d := range all.Detectors {
				found = found || doublestar.MatchUnvalidated(glob, d.ID)
			}
			if !found {
				t.Errorf("item %s: no detector is called %s", i.ID, glob)
			}
		}
	}
}

func TestNoPageForWhatIsNotThere(t *testing.T) {
	for _, id := range []string{"", "nothing", "../items", "contracts/../contracts", "/contracts"} {
		if _, ok := content.Guide(id); ok {
			t.Errorf("there is a page for %q", id)
		}
	}
}
