package contracts

import (
	"regexp"
	"strings"
)

var memberPath = regexp.MustCompile(`(^|[^\w.])\.?([A-Za-z_][\w]*(?:\[\])?)\.([A-Za-z_]\w*)\b`)

// readMembers reads value.key pairs of a template or a shell script's filters, one record for each value.
func readMembers(file, text string) []*record {
	groups := map[string]*record{}
	var order []*record
	line := 0
	for row := range strings.Lines(text) {
		line++
		if len(row) > 2000 {
			continue
		}
		for _, m := range memberPath.FindAllStringSubmatch(row, -1) {
			name := strings.TrimSuffix(m[2], "[]")
			rec := groups[name]
			if rec == nil {
				rec = newRecord(formMember, file, line, name, file)
				groups[name] = rec
				order = append(order, rec)
			}
			rec.add(m[3], line, "", "")
		}
	}
	return order
}

var (
	pinnedName = regexp.MustCompile(`(?:@JsonProperty|@SerializedName|@SerialName|@Json|@JsonAlias|\[JsonPropertyName|\[JsonProperty|serde\s*\(\s*rename\b)[^"\n]{0,24}"([^"\n]+)"`)
	typeHead   = regexp.MustCompile(`\b(?:class|record|struct|interface|object)\s+([A-Z]\w*)`)
)

// readPinned reads the names that annotations fix in a language that source does not read (Jackson, Gson, Moshi,
// kotlinx.serialization, System.Text.Json, serde), one record for each class.
func readPinned(file, text string) []*record {
	var found []*record
	var cur *record
	line := 0
	for row := range strings.Lines(text) {
		line++
		if m := typeHead.FindStringSubmatch(row); m != nil && len(row) < 2000 {
			cur = newRecord(formType, file, line, m[1])
			found = append(found, cur)
		}
		for _, m := range pinnedName.FindAllStringSubmatch(row, -1) {
			if cur != nil && len(row) < 2000 {
				cur.add(m[1], line, "", "")
			}
		}
	}
	kept := found[:0]
	for _, r := range found {
		if len(r.keys) > 0 {
			kept = append(kept, r)
		}
	}
	return kept
}
