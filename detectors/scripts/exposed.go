package scripts

// Programs in Kotlin that write through the objects of Exposed: Permits.update({ Permits.id eq 1 }) { it[state] = ... }.

import "flightpoll/detectors/lazy"

var (
	exposedImport = lazy.New(`(?m)^import\s+org\.jetbrains\.exposed\.`)
	exposedMain   = lazy.New(`(?m)^(suspend\s+)?fun\s+main\s*\(`)
	exposedTable  = lazy.New(`^[A-Z]\w*$`)
	// exposedWhole is an update whose only function is the one that sets the columns.
	exposedWhole = lazy.New(`^\w+\.update\s*(\(\s*\))?\s*\{`)
	exposedSets  = lazy.New(`\bit\[\s*(?:\w+\.)?(\w+)\s*\]\s*=[^=]`)
)

// readExposed reads the updates of a program that change every row of a table, nil for other files.
func readExposed(p, text string) *script {
	if !exposedImport.MatchString(text) || !exposedMain.MatchString(text) {
		return nil
	}
	c := parseCode(p, text, "", "")
	if c == nil {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, runner: byHandProgram}
	for _, call := range c.Calls {
		body := string(c.Text[call.Span.Start:min(call.Span.End, len(c.Text))])
		if call.Name != "update" || !exposedTable.MatchString(call.Receiver) || !exposedWhole.MatchString(body) {
			continue
		}
		o := operation{do: updates, whole: true, table: call.Receiver, line: call.Span.Line, last: call.Span.EndLine, text: normalise(body)}
		for _, m := range exposedSets.FindAllStringSubmatch(body, 50) {
			o.columns = append(o.columns, fold(m[1]))
		}
		if len(o.columns) > 0 {
			s.up = append(s.up, o)
		}
	}
	if len(s.up) == 0 {
		return nil
	}
	return s
}
