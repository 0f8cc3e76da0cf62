package contracts

import (
	"strings"

	"flightpoll/detectors/lazy"
)

var memberPath = lazy.New(`(^|[^\w.])\.?([A-Za-z_][\w]*(?:\[\])?)\.([A-Za-z_]\w*)\b`)

// indexed is a member read by its key: row[:start], row["start"].
var indexed = lazy.New(`\b([A-Za-z_]\w*)\[\s*(?::|["'])([A-Za-z_]\w*)["']?\s*\]`)

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
		members := memberPath.FindAllStringSubmatch(row, -1)
		for _, m := range indexed.FindAllStringSubmatch(row, -1) {
			members = append(members, []string{"", "", m[1], m[2]})
		}
		for _, m := range members {
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
