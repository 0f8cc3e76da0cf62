package scripts

// Goose's migrations in Go: functions that are registered in init.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// gooseAdds is the registration with the names of both directions' functions; "nil" where there is no way back.
var gooseAdds = lazy.New(`\bgoose\.Add(?:Named)?Migration(NoTx)?(?:Context)?\(\s*(?:"[^"]*"\s*,\s*)?(\w+)\s*,\s*(\w+)\s*,?\s*\)`)

// readGooseGo reads the SQL that the two registered functions execute, nil for a file that registers none.
func readGooseGo(p, text string) *script {
	m := gooseAdds.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	c := parseCode(p, text, m[2], m[3])
	if c == nil {
		return nil
	}
	s := &script{path: p, text: text, runner: goose, downPath: p, downLine: max(1, c.starts["down"]), hasDown: c.starts["down"] > 0}
	s.runner.atomic = m[1] == ""
	for _, call := range c.Calls {
		if !strings.HasPrefix(call.Name, "Exec") && !strings.HasPrefix(call.Name, "Query") {
			continue
		}
		for _, a := range call.Args {
			if !a.IsString {
				continue
			}
			ops, unread := readSQL(a.Str, a.Span.Line)
			switch c.wayOf(call.Span) {
			case "up":
				s.up, s.unread = append(s.up, ops...), s.unread+unread
			case "down":
				s.down = append(s.down, ops...)
			}
		}
	}
	return s
}
