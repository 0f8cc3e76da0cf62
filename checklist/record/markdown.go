package record

// readiness.md: the record as people read it.

import (
	"bytes"
	"fmt"

	"flightpoll/checklist/report"
)

// markdown is the report as people read it.
func markdown(rep report.Report) ([]byte, error) {
	var out bytes.Buffer
	if err := report.Markdown(&out, rep); err != nil {
		return nil, fmt.Errorf("readiness.md cannot be written: %w", err)
	}
	return out.Bytes(), nil
}
