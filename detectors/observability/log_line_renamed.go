package observability

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// LogLineRenamed reports alerts and metric filters that search the logs for a line which the branch rewords or removes.
//
//	log.error("payment_capture_failed")  ->  log.error("capture_failed")
//	pattern = "{ $.event = \"payment_capture_failed\" }"      // matches nothing from now on
var LogLineRenamed = &detectors.Detector{
	ID:    "observability/log-line-renamed",
	Title: "An alert searches the logs for a line that the branch rewords or removes",
	Run:   runLogLineRenamed,
}

// logDocuments are words of documents that search logs.
var logDocuments = []string{"count_over_time", "bytes_over_time", "aws_cloudwatch_log_metric_filter", "AWS::Logs::MetricFilter", "FilterPattern", "filterPattern", "google_logging_metric", "log alert", "datadog_logs_metric", "azurerm_monitor_scheduled_query_rules_alert_v2", "FilterPattern.literal"}

// maxLogTexts bounds the texts that one run looks for.
const maxLogTexts = 200

func runLogLineRenamed(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	changed, unread := bothSides(pass)
	if len(changed) == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	var was, texts []loggedLine
	is := map[string]bool{}
	for _, s := range changed {
		if s.head != nil {
			for _, line := range loggedLines(s.head) {
				is[line.text] = true
			}
		}
	}
	for _, s := range changed {
		if s.base == nil {
			continue
		}
		for _, line := range loggedLines(s.base) {
			if is[line.text] {
				continue
			}
			line.side = s
			if line.logged = l.inLogCall(s.base, line.span); line.logged && len(was) < maxLogTexts {
				was = append(was, line)
			} else if !line.logged && len(texts) < maxLogTexts && (s.head == nil || s.change.Removed(line.span.Line)) {
				texts = append(texts, line) // EVENTS.failed, which a line logs elsewhere
			}
		}
	}
	if len(was)+len(texts) == 0 {
		return unread
	}
	var paths []string
	for _, w := range logDocuments {
		paths = append(paths, l.naming(w)...)
	}
	slices.Sort(paths)
	told := map[string]bool{}
	for i, p := range slices.Compact(paths) {
		if i >= maxMonitors || pass.Context.Err() != nil {
			break
		}
		if !monitors.Candidate(p) || source.IsTest(p) || source.IsDoc(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		for _, sought := range monitors.LogTexts(string(text)) {
			line, ok := gone(was, is, sought)
			if !ok && !sought.Pattern {
				line, ok = gone(slices.DeleteFunc(slices.Clone(texts), func(t loggedLine) bool { return t.text != sought.Text }), is, sought)
			}
			key := fmt.Sprint(p, sought.Line, sought.Text)
			if !ok || told[key] || l.loggedElsewhere(sought, changed) {
				continue
			}
			told[key] = true
			pass.Report(line.finding(p, sought))
		}
	}
	return cmpErr(pass.Context.Err(), unread)
}

// loggedLine is a text that code may log.
type loggedLine struct {
	text   string
	span   source.Span
	side   side
	logged bool
}

// loggedLines are the texts of a file that are long enough to be searched for.
func loggedLines(f *source.File) []loggedLine {
	var list []loggedLine
	for _, s := range f.Strings {
		if len(s.Value) >= 6 {
			list = append(list, loggedLine{text: s.Value, span: s.Span})
		}
	}
	return list
}

// inLogCall says whether a text stands in a call that logs.
func (l *lookup) inLogCall(f *source.File, span source.Span) bool {
	return slices.ContainsFunc(f.Calls, func(c *source.Call) bool {
		return c.Span.Start <= span.Start && c.Span.End >= span.End && l.words.classify(f, c).has(logged|plainLog|printed)
	})
}

// gone is a line of the base that a search found and that no line of the head answers any more.
func gone(was []loggedLine, is map[string]bool, sought monitors.LogText) (loggedLine, bool) {
	finds := func(text string) bool { return strings.Contains(text, sought.Text) }
	if sought.Pattern {
		re, err := regexp.Compile(sought.Text)
		if err != nil {
			return loggedLine{}, false
		}
		finds = re.MatchString
	}
	i := slices.IndexFunc(was, func(l loggedLine) bool { return finds(l.text) })
	if i < 0 {
		return loggedLine{}, false
	}
	for text := range is {
		if finds(text) {
			return loggedLine{}, false
		}
	}
	return was[i], true
}

// loggedElsewhere says whether a file that the branch does not change still has the text.
func (l *lookup) loggedElsewhere(sought monitors.LogText, changed []side) bool {
	if sought.Pattern {
		return false
	}
	return slices.ContainsFunc(l.naming(sought.Text), func(p string) bool {
		return deployed(p) && source.LanguageOf(p) != "" && !slices.ContainsFunc(changed, func(s side) bool { return s.change.Path == p })
	})
}

func (line loggedLine) finding(p string, sought monitors.LogText) detectors.Finding {
	at := 0
	if line.side.head != nil {
		at = line.side.change.NewLine(line.span.Line)
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: line.side.change.Path, Line: at, Symbol: clip(line.text),
		Message:  fmt.Sprintf("the log line %q is gone, and %s still searches the logs for %q", clip(line.text), p, clip(sought.Text)),
		Why:      "A search that matches nothing counts nothing: the alert is off from this deployment on, and nothing says so.",
		Fix:      fmt.Sprintf("Change the search in %s together with the line, or keep the text.", p),
		Evidence: []string{line.text, p},
		Related:  []detectors.Related{{Path: p, Line: sought.Line, Message: "searches for " + clip(sought.Text)}},
	}
}
