package observability

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// endlessByHand is a time-out that is switched off on purpose: nought or none, as the libraries of each language spell it.
var endlessByHand = map[string]*lazy.Regexp{
	"csharp":     lazy.New(`\bTimeout\s*=\s*(?:System\.Threading\.)?Timeout\.Infinite\w*|\bTimeout\s*=\s*TimeSpan\.MaxValue`),
	"java":       lazy.New(`(?i)\b(?:set)?(?:call|read|connect|request|socket|response)?Timeout\(\s*(?:0|Duration\.ZERO)\s*[,)]`),
	"kotlin":     lazy.New(`(?i)\b(?:set)?(?:call|read|connect|request|socket|response)?Timeout(?:Millis)?(?:\(\s*(?:0|Duration\.ZERO)\s*[,)]|\s*=\s*(?:0\b|HttpTimeout\w*\.INFINITE\w*|Long\.MAX_VALUE))`),
	"python":     lazy.New(`\btimeout\s*=\s*None\b|ClientTimeout\(\s*total\s*=\s*(?:None|0)\b`),
	"javascript": lazy.New(`\b(?:headersTimeout|bodyTimeout|timeout)\s*:\s*0\b|\bsetTimeout\(\s*0\s*\)`),
	"php":        lazy.New(`CURLOPT_TIMEOUT(?:_MS)?\s*(?:,|=>)\s*0\b|['"](?:timeout|connect_timeout)['"]\s*=>\s*0\b|\btimeout\(\s*0\s*\)`),
	"ruby":       lazy.New(`\b(?:open_|read_|write_)?timeout\s*(?:=|:)\s*(?:nil|0)\b`),
	"go":         lazy.New(`\bTimeout:\s*0,`),
}

// clientLike is code that talks to others.
var clientLike = lazy.New(`(?i)https?\b|httpx|aiohttp|requests\.|fetch|axios|\bgot\b|undici|guzzle|curl|faraday|okhttp|resttemplate|webclient|restclient|HttpTimeout`)

// switchedOff reports the time-outs that the branch switches off in code that talks to others.
func (l *lookup) switchedOff(s side) {
	re := endlessByHand[family(s.head.Lang)]
	if re == nil || browser(s.head) {
		return
	}
	for _, at := range re.FindAllStringIndex(string(s.head.Text), 10) {
		line := 1 + strings.Count(string(s.head.Text[:at[0]]), "\n")
		text := strings.TrimSpace(string(s.head.Text[at[0]:at[1]]))
		if !s.new(line) || commented(s.head, at[0]) || !clientLike.Match(vicinityOf(s.head, at[0])) || s.base != nil && strings.Contains(string(s.base.Text), text) {
			continue
		}
		l.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: s.change.Path, Line: line, Symbol: text,
			Message:  fmt.Sprintf("a time-out is switched off (%s)", text),
			Why:      "When the other side hangs, this call hangs with it: workers and connections are used up one by one, and the service stops without an error in any log.",
			Fix:      "Give it the longest time that the caller can live with.",
			Evidence: []string{text},
		})
		return
	}
}

func commented(f *source.File, offset int) bool {
	for _, c := range f.Comments {
		if c.Span.Start <= offset && c.Span.End > offset {
			return true
		}
	}
	return false
}

// vicinityOf is the code around a place, as far as a call may reach.
func vicinityOf(f *source.File, offset int) []byte {
	return f.Text[max(0, offset-400):min(len(f.Text), offset+200)]
}
