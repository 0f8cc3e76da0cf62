package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// outcomeWithoutMillis is a detector's outcome in a record.
type outcomeWithoutMillis struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

func writeJSON(w io.Writer, r Report, millis bool) error {
	var value any = r
	if !millis {
		list := make([]outcomeWithoutMillis, 0, len(r.Detectors))
		for _, o := range r.Detectors {
			list = append(list, outcomeWithoutMillis{o.ID, o.Outcome, o.Reason})
		}
		value = struct {
			Report
			Detectors []outcomeWithoutMillis `json:"detectors"`
		}{r, list}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return fmt.Errorf("cannot write the JSON report: %w", err)
	}
	_, err := w.Write(escapeUnseen(out.Bytes()))
	return err
}

// escapeUnseen writes the characters that a terminal obeys or that hide as \uXXXX, which means the same in JSON:
// beyond ASCII they stand within strings only.
func escapeUnseen(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\n' || !unseen(r):
			out = append(out, text[:n]...)
		case r > 0xffff:
			const top, low, high = 0x10000, 0xdc00, 0xd800
			out = fmt.Appendf(out, `\u%04x\u%04x`, high+(r-top)>>10, low+(r-top)&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[n:]
	}
	return out
}
