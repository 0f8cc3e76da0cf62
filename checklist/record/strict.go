package record

// JSON as strictly as a signed document needs it: two readers must never understand it differently.

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep objects and lists may nest.
const maxDepth = 32

// checkJSON refuses duplicate keys, keys that differ by case only, data behind the document, text that is not
// UTF-8, and what is too large or too deep.
func checkJSON(text []byte) error {
	if len(text) > maxStatement {
		return refuse(Malformed, "readiness.json is larger than %d MB", maxStatement>>20)
	}
	if !utf8.Valid(text) {
		return refuse(Malformed, "readiness.json is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := checkValue(d, 0); err != nil {
		return asMalformed(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(Malformed, "readiness.json holds data behind the document")
	}
	return nil
}

func asMalformed(err error) error {
	var judged *refusal
	if errors.As(err, &judged) {
		return err
	}
	return refuse(Malformed, "readiness.json is not JSON: %s", clean(err.Error()))
}

// checkValue reads one value.
func checkValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth >= maxDepth {
		return refuse(Malformed, "readiness.json nests deeper than %d", maxDepth)
	}
	seen := map[string]string{}
	for d.More() {
		if open == '{' {
			t, err := d.Token()
			if err != nil {
				return err
			}
			key, _ := t.(string)
			folded := strings.ToLower(key)
			if first, twice := seen[folded]; twice {
				return refuse(Malformed, "readiness.json holds the keys %s and %s in one object", clean(first), clean(key))
			}
			seen[folded] = key
		}
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing bracket
	return err
}
