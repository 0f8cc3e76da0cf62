package scripts

// Findings with the words of the script itself: the statement or the call that a finding is about stands in its message.

import (
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// maxQuoted bounds a quoted statement, in bytes; maxQuotedLines the lines that are taken together.
const (
	maxQuoted      = 140
	maxQuotedLines = 6
)

// quoting runs a detector so that each of its findings quotes the lines that it stands at, where its message does not yet say
// all of their names.
func quoting(run func(*detectors.Pass) error) func(*detectors.Pass) error {
	return func(pass *detectors.Pass) error {
		report := pass.Report
		defer func() { pass.Report = report }()
		pass.Report = func(f detectors.Finding) {
			if code := statementAt(pass, f); code != "" && !strings.Contains(f.Message, code) {
				f.Message += ": " + code
			}
			report(f)
		}
		return run(pass)
	}
}

// statementAt are the lines of a finding at the head, as one line.
func statementAt(pass *detectors.Pass, f detectors.Finding) string {
	if f.Line < 1 || f.Path == "" || path.Ext(f.Path) == ".json" {
		return ""
	}
	text, err := pass.Branch.ReadHead(f.Path)
	if err != nil || text == nil || len(text) > maxHandler {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if f.Line > len(lines) {
		return ""
	}
	last := min(max(f.Line, f.EndLine), f.Line+maxQuotedLines-1, len(lines))
	statement := lines[f.Line-1 : last]
	for len(statement) > 0 && onlyComment.MatchString(statement[0]) {
		statement = statement[1:]
	}
	code := strings.Join(strings.Fields(strings.Join(statement, " ")), " ")
	if len(code) < 3 || secretLike.MatchString(code) {
		return ""
	}
	if len(code) > maxQuoted {
		cut := strings.LastIndexByte(code[:maxQuoted], ' ')
		code = strings.ToValidUTF8(code[:max(cut, maxQuoted/2)], "") + " …"
	}
	return code
}

// onlyComment is a line that says nothing to who runs the script.
var onlyComment = lazy.New(`^\s*(--|//|#|\*|/\*)`)

// secretLike is a line that is not repeated anywhere.
var secretLike = lazy.New(`(?i)(password|passwd|secret|token|api_?key|private_?key)\w*["']?\s*[:=]\s*["'][^"'$ {]{6,}`)
