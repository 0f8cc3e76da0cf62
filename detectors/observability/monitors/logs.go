package monitors

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// LogText is a text for which a document searches the logs.
type LogText struct {
	Text string
	// Pattern says that it is a regular expression.
	Pattern bool
	Line    int
}

var (
	// lineFilter is LogQL's |= "text" and |~ "pattern", labelFilter what stands behind a parser: | json | event="text".
	lineFilter  = lazy.New("\\|([=~])\\s*[\"'`]([^\"'`]+)[\"'`]")
	labelFilter = lazy.New(`\|\s*(?:event|msg|message|error|code)\s*=\s*"([^"]+)"`)
	// filterPattern is CloudWatch's: a quoted term, or { $.event = "text" }.
	filterPattern = lazy.New(`(?i)^\s*["']?(?:filter_?)?pattern["']?\s*[:=]\s*(.+)$`)
	jsonTerm      = lazy.New(`\$\.[\w.]+\s*=\s*\\?["']?%?([^"'\\%}]+)`)
	quotedTerm    = lazy.New(`\\"([^"\\]+)\\"|'"([^"]+)"'|"'([^']+)'"`)
	// logsQuery is Datadog's: logs("service:x \"text\"").
	logsQuery = lazy.New(`\blogs\((.+)`)
	// fieldTerm is @event:text.
	fieldTerm = lazy.New(`@[\w.]+:"?([\w.-]{6,})`)
)

// LogTexts are the texts that the queries of a document search the logs for, longer than five characters.
func LogTexts(text string) []LogText {
	var list []LogText
	number := 0
	add := func(found string, pattern bool) {
		if found = strings.TrimSpace(found); len(found) > 5 {
			list = append(list, LogText{found, pattern, number})
		}
	}
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		for _, m := range lineFilter.FindAllStringSubmatch(strings.ReplaceAll(line, `\"`, `"`), -1) {
			add(strings.TrimPrefix(m[2], "(?i)"), m[1] == "~")
		}
		for _, m := range labelFilter.FindAllStringSubmatch(strings.ReplaceAll(line, `\"`, `"`), -1) {
			add(m[1], false)
		}
		rest := ""
		if m := filterPattern.FindStringSubmatch(line); m != nil {
			rest = m[1]
		} else if m := logsQuery.FindStringSubmatch(line); m != nil {
			rest = m[1]
		}
		if rest == "" {
			continue
		}
		for _, m := range jsonTerm.FindAllStringSubmatch(rest, -1) {
			add(m[1], false)
		}
		for _, m := range quotedTerm.FindAllStringSubmatch(rest, -1) {
			add(m[1]+m[2]+m[3], false)
		}
		for _, m := range fieldTerm.FindAllStringSubmatch(rest, -1) {
			add(m[1], false)
		}
	}
	return list
}
