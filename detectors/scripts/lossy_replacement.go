package scripts

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// LossyReplacement reports a column or table that is dropped and made anew, under the same or another name, without its
// rows being carried over: what a generator writes where a rename or another type was meant.
var LossyReplacement = &detectors.Detector{
	ID:    "scripts/lossy-replacement",
	Title: "A column or table is replaced, and what it held is lost",
	Run:   quoting(runLossy),
}

func runLossy(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		if !s.runner.tracked || s.file.Status != branch.Added {
			continue
		}
		for i, o := range s.up {
			if o.do != removes || o.object != "column" && o.object != "table" || !c.existed(o.table) || o.template || tablesMade(s.up[:i])[o.table] {
				continue
			}
			by, ok := c.replacement(o)
			if !ok {
				continue
			}
			f := detectors.Finding{
				Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: cmp.Or(o.name, o.table),
				Message:  fmt.Sprintf("%s is dropped and %s is added empty in its place (%s)", o.subject(), by.subject(), s.runner.name),
				Why:      "Whatever the old one held is gone after the deployment, and no way back brings it again.",
				Fix:      "Rename it in place, or add the new one, copy the values, and drop the old one in a later release.",
				Evidence: []string{o.text, by.text},
			}
			pass.Report(f)
			break
		}
	}
	return nil
}

// replacement is what the branch makes in the place of a dropped column or table, when nothing carries the values over.
func (c *changes) replacement(o operation) (operation, bool) {
	for _, other := range c.scripts {
		if other.file.Status != branch.Added || !other.runner.tracked {
			continue
		}
		for _, by := range other.up {
			if by.do != makes || by.object != o.object || by.template || o.object == "column" && by.table != o.table || o.object == "table" && by.table == o.table {
				continue
			}
			before, after := cmp.Or(o.name, o.table), cmp.Or(by.name, by.table)
			if before != after && !alike(before, after) && !c.codeRenames(before, after) {
				continue
			}
			if c.carries(o, before, after) {
				return operation{}, false
			}
			return by, true
		}
	}
	return operation{}, false
}

// alike says whether two names mean the same thing: one ends in the other, or they begin alike.
func alike(a, b string) bool {
	x, y := strings.ReplaceAll(a, "_", ""), strings.ReplaceAll(b, "_", "")
	if len(x) > len(y) {
		x, y = y, x
	}
	shared := 0
	for shared < len(x) && x[shared] == y[shared] {
		shared++
	}
	if shared >= 6 && shared*4 >= len(x)*3 {
		return true
	}
	return len(x) >= 4 && (strings.HasSuffix(y, x) || strings.HasPrefix(y, x) && len(y)-len(x) <= 6)
}

// carries says whether the branch copies the values, or does something that cannot be read and may copy them.
func (c *changes) carries(o operation, before, after string) bool {
	for _, s := range c.scripts {
		for _, step := range s.up {
			switch {
			case step.do == opaque, step.do == alters && step.object == "rename" && step.table == o.table:
				return true
			case step.do == updates && step.table == o.table && o.object == "column":
				if before == after || strings.Contains(strings.ToLower(step.text), before) || slices.Contains(step.columns, after) {
					return true
				}
			case step.do == inserts && (o.object == "table" || step.table != o.table) && strings.Contains(strings.ToLower(step.text), o.table):
				return true
			}
		}
	}
	return false
}

// codeRenames says whether the branch's code puts the one name where the other stood: a line at the base is the line at
// the head but for the name.
func (c *changes) codeRenames(before, after string) bool {
	for _, f := range c.pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.Generated || f.TooLarge {
			continue
		}
		old, err1 := f.Before()
		now, err2 := f.After()
		if err1 != nil || err2 != nil || len(old) > 1<<20 {
			continue
		}
		lines := map[string]bool{}
		for _, l := range strings.Split(string(now), "\n") {
			lines[strings.Join(strings.Fields(l), " ")] = true
		}
		for _, form := range []func(string) string{same, camel, pascal} {
			was, is := form(before), form(after)
			if len(was) < 3 {
				continue
			}
			word := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(was) + `\b`)
			for _, l := range strings.Split(string(old), "\n") {
				if !word.MatchString(l) {
					continue
				}
				turned := strings.Join(strings.Fields(l), " ")
				for line := range lines {
					if line != turned && len(line) > len(is) && strings.EqualFold(word.ReplaceAllString(turned, is), line) {
						return true
					}
				}
			}
		}
	}
	return false
}

func same(name string) string { return name }

// camel and pascal are a column's name as object mappers write it.
func camel(name string) string {
	p := pascal(name)
	if p == "" {
		return p
	}
	return strings.ToLower(p[:1]) + p[1:]
}

func pascal(name string) string {
	var b strings.Builder
	for _, part := range strings.Split(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
