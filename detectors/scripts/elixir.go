package scripts

// Jobs, tasks and scripts in Elixir, by their calls of Ecto's Repo.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	elixirRuns  = lazy.New(`use\s+(Oban\.Worker|Mix\.Task|Quantum|GenServer)\b`)
	elixirWhole = lazy.New(`\bRepo\.(update_all|delete_all)\(\s*"?([A-Za-z][\w.]*)"?\s*(?:,([^\n]*))?\)?`)
	elixirPiped = lazy.New(`^\s*(?:from\(\s*\w+\s+in\s+)?"?([A-Z][\w.]*)"?\)?\s*\|>\s*\w*\.?Repo\.(update_all|delete_all)\(([^\n]*)`)
	elixirAdds  = lazy.New(`\bRepo\.insert(?:_all)?!?\(\s*(?:%)?([A-Z][\w.]*)([^\n]*)`)
	elixirAsks  = lazy.New(`on_conflict|get_by|exists\?|Repo\.one|insert_or_update`)
	elixirInc   = lazy.New(`\binc:\s*\[\s*(\w+)`)
)

// readElixir reads a program of Elixir, nil for other files.
func readElixir(p, text string) *script {
	r := byHandProgram
	switch {
	case elixirRuns.MatchString(text), jobDir.MatchString(p):
		r = byClock
	case path.Ext(p) == ".exs" && (programPath.MatchString(p) || scriptPath(p)), strings.Contains(p, "mix/tasks/"):
	default:
		return nil
	}
	s := &script{path: p, text: text, downPath: p, runner: r}
	for i, line := range strings.Split(text, "\n") {
		o := operation{line: i + 1, last: i + 1, text: normalise(line)}
		verb, model, rest := "", "", ""
		if m := elixirPiped.FindStringSubmatch(line); m != nil {
			verb, model, rest = m[2], m[1], m[3]
		} else if m := elixirWhole.FindStringSubmatch(line); m != nil && m[2] != "from" && m[2] != "query" && strings.ToLower(m[2][:1]) != m[2][:1] {
			verb, model, rest = m[1], m[2], m[3]
		} else if m := elixirAdds.FindStringSubmatch(line); m != nil {
			o.do, o.as, o.guarded = inserts, lastName(m[1]), elixirAsks.MatchString(text)
			o.table = tableOf(o.as)
			s.up = append(s.up, o)
			continue
		}
		if verb == "" {
			continue
		}
		o.as, o.whole, o.do = lastName(model), true, deletes
		o.table = tableOf(o.as)
		if verb == "update_all" {
			o.do = updates
			if m := elixirInc.FindStringSubmatch(rest); m != nil {
				o.selfReferring, o.columns = true, []string{m[1]}
			}
		}
		s.up = append(s.up, o)
	}
	if len(s.up) == 0 {
		return nil
	}
	return s
}

func lastName(module string) string { return module[strings.LastIndexByte(module, '.')+1:] }
