package scripts

// Splitting SQL text into statements, with the line of each, whatever the dialect.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// maxStatements and maxStatement bound what is read of one file: statements, and bytes of one.
const (
	maxStatements = 4000
	maxStatement  = 64 << 10
)

// statement is the text of one SQL statement and the line of its first word, counting from 1.
type statement struct {
	text string
	line int
}

// split cuts text at the semicolons that are outside of quotes, dollar quotes, comments and BEGIN ATOMIC bodies. Comments
// are blanked. It never fails; an unclosed quote runs to the end.
func split(text string) []statement {
	s := splitter{text: text, line: 1, delimiter: ";"}
	for s.at < len(s.text) && len(s.found) < maxStatements {
		s.step()
	}
	s.cut()
	return s.found
}

type splitter struct {
	text      string
	at, line  int
	delimiter string
	current   strings.Builder
	start     int
	found     []statement
}

func (s *splitter) step() {
	rest := s.text[s.at:]
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"), c == '#' && s.lineStart():
		s.skip(lineLength(rest))
	case strings.HasPrefix(rest, "/*"):
		s.skip(spanOf(rest[2:], "*/") + 2)
		s.current.WriteByte(' ')
	case c == '\'' || c == '"' || c == '`':
		s.take(quoted(rest))
	case c == '$' && dollarTag(rest) != "":
		tag := dollarTag(rest)
		s.take(len(tag) + spanOf(rest[len(tag):], tag))
	case (c == '\\' || c == '.') && s.lineStart():
		s.skip(lineLength(rest)) // a command of psql or sqlite3
	case s.lineStart() && len(rest) > 10 && strings.EqualFold(rest[:10], "delimiter "):
		line := rest[:lineLength(rest)]
		if d := strings.TrimSpace(line[10:]); d != "" {
			s.delimiter = d
		}
		s.skip(len(line))
	case s.lineStart() && isGo(rest):
		s.cut()
		s.skip(lineLength(rest))
	case strings.HasPrefix(rest, s.delimiter):
		if s.insideBody() {
			s.take(len(s.delimiter))
			return
		}
		s.cut()
		s.at += len(s.delimiter)
	default:
		s.take(1)
	}
}

// take keeps n bytes of the text, skip drops them; both count lines.
func (s *splitter) take(n int) {
	piece := s.text[s.at : s.at+n]
	if s.start == 0 && strings.TrimSpace(piece) != "" {
		s.start = s.line
	}
	s.current.WriteString(piece)
	s.skip(n)
}

func (s *splitter) skip(n int) {
	s.line += strings.Count(s.text[s.at:s.at+n], "\n")
	s.at += n
}

func (s *splitter) cut() {
	if text := strings.TrimSpace(s.current.String()); text != "" && len(text) <= maxStatement {
		s.found = append(s.found, statement{text: text, line: s.start})
	}
	s.current.Reset()
	s.start = 0
}

// bodied starts a statement whose body holds statements of its own between BEGIN and END.
var bodied = lazy.New(`(?is)^create\s+(or\s+\S+\s+)?(definer\s*=\s*\S+\s+)?(temp\w*\s+)?(trigger|procedure|function|event)\b.*\bbegin\b`)

// insideBody says whether the semicolon just read is one inside of such a body.
func (s *splitter) insideBody() bool {
	text := strings.TrimSpace(s.current.String())
	if len(text) > maxStatement || strings.Contains(text, "$") || !bodied.MatchString(text) {
		return false
	}
	return len(text) < 3 || !strings.EqualFold(text[len(text)-3:], "end")
}

func (s *splitter) lineStart() bool {
	before := strings.TrimRight(s.text[:s.at], " \t")
	return before == "" || strings.HasSuffix(before, "\n")
}

// isGo recognises SQL Server's batch separator, alone on its line.
func isGo(rest string) bool {
	return strings.EqualFold(strings.TrimSpace(rest[:lineLength(rest)]), "go")
}

func lineLength(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}

// spanOf is the length up to and including end, or to the end of the text.
func spanOf(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// quoted is the length of the quoted run that text starts with; a doubled quote stays inside.
func quoted(text string) int {
	q := text[0]
	for i := 1; i < len(text); i++ {
		if text[i] != q {
			continue
		}
		if i+1 < len(text) && text[i+1] == q {
			i++
			continue
		}
		return i + 1
	}
	return len(text)
}

// dollarTag is the $tag$ that text starts with, empty without one.
func dollarTag(text string) string {
	for i := 1; i < len(text) && i < 64; i++ {
		c := text[i]
		if c == '$' {
			return text[:i+1]
		}
		if c != '_' && (c < '0' || c > '9' || i == 1) && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
	}
	return ""
}
