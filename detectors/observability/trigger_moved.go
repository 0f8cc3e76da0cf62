package observability

import (
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// A handler that the branch gives another name or another file is not new. Only lines that the branch took away count:
// a handler copied from a sibling is new all the same.

// minTelling is the length from which a line is more than a brace or a return.
const minTelling = 12

// linesRemoved are the lines of source that the branch took away, white space folded; short ones say nothing.
func linesRemoved(pass *detectors.Pass) map[string]bool {
	lines := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Added || f.Binary || f.TooLarge || f.Generated || source.LanguageOf(f.Path) == "" {
			continue
		}
		text, err := f.Before()
		if err != nil {
			continue // what cannot be read only takes away the excuse of having moved
		}
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if line = folded(line); len(line) >= minTelling && f.Removed(number) {
				lines[line] = true
			}
		}
	}
	return lines
}

// moved says whether most of the trigger's lines were taken away elsewhere.
func (t *trigger) moved(removed map[string]bool) bool {
	known, total := 0, 0
	for line := range strings.Lines(string(t.file.Text[t.span.Start:t.span.End])) {
		if line = folded(line); len(line) < minTelling {
			continue
		}
		total++
		if removed[line] {
			known++
		}
	}
	return total > 2 && known*10 >= total*7
}

func folded(line string) string { return strings.Join(strings.Fields(line), " ") }

// triggersBefore are the keys of the triggers that the changed files had at the base, deleted files included.
func (l *lookup) triggersBefore(changed []side) map[string]bool {
	keys := map[string]bool{}
	for _, c := range changed {
		if c.base != nil {
			for _, t := range l.triggersIn(c.base) {
				keys[t.key()] = true
			}
		}
	}
	return keys
}

// isNew says whether the branch adds the trigger; one that only moved is not.
func (t *trigger) isNew(f *branch.File, before map[string]bool) bool {
	if before[t.key()] {
		return false
	}
	line := t.span.Line
	if t.reg != nil {
		line = t.reg.Span.Line
	}
	return f.Touched(line) || f.Touched(t.span.Line)
}
