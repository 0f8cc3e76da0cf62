package scripts

// Migrations of yoyo: step("ALTER ...", "ALTER ... back") in Python, or pairs of SQL files beside them.

import "strings"

var yoyo = runner{name: "yoyo", tracked: true, atomic: true, reversible: true, switchOff: "__transactional__ = False"}

// readYoyo reads a migration, nil for other Python files.
func readYoyo(p, text string) *script {
	if !strings.Contains(text, "yoyo") || !strings.Contains(text, "step(") {
		return nil
	}
	c := parseCode(p, text, "", "")
	if c == nil {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: 1, runner: yoyo, hasDown: true}
	s.runner.atomic = !strings.Contains(text, "__transactional__ = False")
	steps, backs := 0, 0
	for _, call := range c.Calls {
		if call.Name != "step" || call.Receiver != "" && call.Receiver != "yoyo" {
			continue
		}
		steps++
		if a, ok := argument(call, 0, "apply"); ok {
			s.up = append(s.up, c.statements(a)...)
		}
		if a, ok := argument(call, 1, "rollback"); ok && a.Text != "None" {
			backs++
			s.down = append(s.down, c.statements(a)...)
		} else if s.downLine == 1 {
			s.downLine = call.Span.Line
		}
	}
	if steps == 0 {
		return nil
	}
	s.hasDown = backs > 0
	return s
}
