package contracts_test

import (
	"path/filepath"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts"
	"flightpoll/detectors/scenario"
)

// TestACopyOfADocumentIsARelatedPlace: one finding for both copies, with a line in each.
func TestACopyOfADocumentIsARelatedPlace(t *testing.T) {
	s, err := scenario.Read(filepath.Join("testdata", "openapi", "kept-twice.bad.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	res := detectors.Run(t.Context(), scenario.Open(t, s.Build(t)), []*detectors.Detector{contracts.OpenAPIBreaking}, nil)
	if len(res.Findings) != 1 {
		t.Fatalf("want one finding for both copies: %+v", res.Findings)
	}
	f := res.Findings[0]
	if f.Path != "api/openapi.yaml" || f.Line == 0 {
		t.Errorf("it stands at %s:%d", f.Path, f.Line)
	}
	copied := false
	for _, r := range f.Related {
		copied = copied || r.Path == "docs/site/openapi.json" && r.Line > 0
	}
	if !copied {
		t.Errorf("the copy is no related place: %+v", f.Related)
	}
}
