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
