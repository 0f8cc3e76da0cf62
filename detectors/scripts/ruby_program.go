package scripts

// Rake tasks and Ruby scripts that people start by hand.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// rubyNull are the rows of a model without a value in a column, kept under a name or updated at once.
	rubyNull    = lazy.New(`(?:^\s*(\w+)\s*=\s*|\b)([A-Z][\w:]*)\.where\(\s*(\w+):\s*nil\s*\)(?:\.update_all\b(.*)|\s*$)`)
	rubyNamed   = lazy.New(`(?:^|[\s(=])(\w+)\.update_all\b(.*)`)
	rubyExecute = lazy.New(`\.execute\(?\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|<<[~-]?["']?([A-Z_]+))`)
	rubyAsks    = lazy.New(`find_or_create_by|find_or_initialize_by|create_or_find_by|first_or_create|upsert|exists\?|unique_by|skip_duplicates|on_duplicate|\.where\.missing|next if|unless .*\.(any|exist|present)|left_joins|insert_all\b|find_by`)
)

// rubyProgram reads the writes of a Ruby program, wherever it lies; nil when there are none.
func rubyProgram(p, text string) *script {
	s := &script{path: p, text: text, downPath: p, runner: byHandProgram}
	if f, err := source.Parse(p, []byte(text)); err == nil && f != nil {
		for _, o := range rowOperations(f) {
			if o.do == inserts {
				o.guarded = o.guarded || rubyAsks.MatchString(text)
				o.random = strings.Contains(text, "SecureRandom")
			}
			s.up = append(s.up, o)
		}
		s.up = append(s.up, driftsIn(f)...)
	}
	lines := strings.Split(text, "\n")
	named := map[string][]string{}
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		at := operation{line: i + 1, last: i + 1, text: normalise(line)}
		if m := rubyNull.FindStringSubmatch(line); m != nil && m[1] != "" && m[4] == "" {
			named[m[1]] = m
		} else if m != nil && m[4] != "" {
			s.up = append(s.up, fillsNull(at, m, m[4])...)
		} else if m := rubyNamed.FindStringSubmatch(line); m != nil && named[m[1]] != nil {
			s.up = append(s.up, fillsNull(at, named[m[1]], m[2])...)
		}
		if m := rubyExecute.FindStringSubmatch(line); m != nil {
			sql := m[1] + m[2]
			if m[3] != "" {
				for _, l := range lines[i+1:] {
					if strings.TrimSpace(l) == m[3] {
						break
					}
					sql += l + "\n"
				}
			}
			ops, _ := readSQL(sql, i+1)
			s.up = append(s.up, ops...)
		}
	}
	if len(s.up) == 0 {
		return nil
	}
	slices.SortStableFunc(s.up, func(a, b operation) int { return a.line - b.line })
	return s
}

// fillsNull is an update_all of the rows that a where of rubyNull keeps; empty when it sets another column than that one.
func fillsNull(at operation, where []string, sets string) []operation {
	at.do, at.unfilled, at.table, at.columns = updates, true, pluralTable(where[2]), updatedNames(sets)
	if len(at.columns) != 1 || at.columns[0] != fold(where[3]) {
		return nil
	}
	return one(at)
}
