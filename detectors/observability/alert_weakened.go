package observability

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/observability/metrics"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// AlertWeakened reports alerts that the branch deletes without replacement while their metric is still exported, and ones
// that lose their threshold or their waiting time.
var AlertWeakened = &detectors.Detector{
	ID:    "observability/alert-weakened",
	Title: "An alert is deleted, or loses its threshold or waiting time",
	Run:   runAlertWeakened,
}

func runAlertWeakened(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	files := l.ruleFiles()
	if len(files) == 0 {
		return cmpErr(pass.Context.Err(), detectors.ErrNotApplicable)
	}
	var now []*monitors.Alert
	for _, r := range files {
		now = append(now, r.is()...)
	}
	for _, r := range files {
		for _, was := range r.was() {
			if is := alertNamed(r.is(), was.Name); is != nil {
				if what, why := weaker(was, is); what != "" {
					pass.Report(detectors.Finding{
						Severity: detectors.Warning, Path: r.change.Path, Line: is.Line, EndLine: is.EndLine, Symbol: is.Name,
						Message: fmt.Sprintf("the alert %s loses %s", is.Name, what), Why: why,
						Fix:      "Keep it, or say in the annotations why the alert is right without it.",
						Evidence: []string{was.Name, what},
						Related:  []detectors.Related{{Path: r.change.Path, Line: is.Line, Message: fmt.Sprintf("was: %s", clip(was.Expr+" for "+was.For))}},
					})
				}
				continue
			}
			l.deletedAlert(r, was, now)
		}
	}
	return pass.Context.Err()
}

// weaker says what an alert lost, "" for nothing.
func weaker(was, is *monitors.Alert) (what, why string) {
	switch {
	case was.For != "" && was.For != "0s" && was.For != "0m" && is.For == "" && was.Expr == is.Expr:
		return "its waiting time (for: " + was.For + ")", "Every short blip wakes somebody, and an alert that cries wolf is muted before the night it matters."
	case compares(was.Expr) && !compares(is.Expr) && sameMetrics(was.Expr, is.Expr) && !strings.Contains(is.Expr, "absent"):
		return "its threshold", "Without a comparison the expression is true whenever the metric exists: the alert fires for ever, and somebody mutes it."
	}
	for _, part := range alertParts {
		if part.name != "summary" && part.name != "owner" && part.in(was) && !part.in(is) {
			return "its " + part.name, "Without a " + part.name + ", " + part.why + "."
		}
	}
	return "", ""
}

// compares says whether a query compares outside of selectors and strings.
func compares(query string) bool {
	depth := 0
	var quote rune
	for _, c := range query {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case depth == 0 && (c == '<' || c == '>' || c == '='):
			return true
		}
	}
	return strings.Contains(query, " unless ")
}

// sameMetrics says whether two queries name a metric in common.
func sameMetrics(a, b string) bool {
	first, _ := monitors.PromQL(a)
	second, _ := monitors.PromQL(b)
	return slices.ContainsFunc(first, func(s monitors.Selector) bool {
		return slices.ContainsFunc(second, func(o monitors.Selector) bool { return s.Metric == o.Metric })
	})
}

// deletedAlert reports an alert that is gone while the code of this repository exports its metric and no alert asks for it.
func (l *lookup) deletedAlert(r ruleFile, was *monitors.Alert, now []*monitors.Alert) {
	selectors, _ := monitors.PromQL(was.Expr)
	if len(selectors) == 0 || slices.ContainsFunc(now, func(a *monitors.Alert) bool { return a.Name == was.Name || sameMetrics(was.Expr, a.Expr) }) {
		return
	}
	name := selectors[0].Metric
	if l.watched(was.Name, selectors) {
		return
	}
	exporter, line := l.exporter(name)
	if exporter == "" {
		return
	}
	path, at := r.change.Path, r.change.NewLine(was.Line)
	if r.change.Status == branch.Deleted {
		at = 0
	}
	l.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: path, Line: at, Symbol: was.Name,
		Message:  fmt.Sprintf("the alert %s is deleted, and no other one asks for %s, which is still exported", was.Name, name),
		Why:      "What it told of can still happen, and from now on nobody is told.",
		Fix:      "Keep the alert, replace it by one on an objective, or say in the commit why nobody has to know.",
		Evidence: []string{was.Name, name},
		Related:  []detectors.Related{{Path: exporter, Line: line, Message: name + " is still exported here"}},
	})
}

// watched says whether another alert of the work tree has the name or asks for one of the metrics.
func (l *lookup) watched(name string, selectors []monitors.Selector) bool {
	words := []string{name}
	for _, s := range selectors {
		words = append(words, s.Metric)
	}
	found, err := l.pass.Source.Naming(l.pass.Context, words...)
	if err != nil {
		return true
	}
	for _, w := range words {
		for _, p := range found[w] {
			d := l.monitor(p, false)
			if d == nil {
				continue
			}
			for _, a := range d.Asked {
				if a.Acts && slices.ContainsFunc(selectors, func(s monitors.Selector) bool { return s.Metric == a.Metric }) {
					return true
				}
			}
			if alertNamed(d.Alerts, name) != nil {
				return true
			}
		}
	}
	return false
}

// exporter is the place in the code that declares a metric by a query's name, "" for none.
func (l *lookup) exporter(name string) (string, int) {
	base := name
	for _, suffix := range []string{"_bucket", "_sum", "_count", "_total"} {
		base = strings.TrimSuffix(base, suffix)
	}
	parts := strings.Split(base, "_")
	words := []string{name, base}
	for i := 1; i < len(parts) && i < 3; i++ {
		tail := strings.Join(parts[i:], "_")
		words = append(words, tail, tail+"_total")
	}
	for _, w := range append(words, strings.ReplaceAll(base, "_", "."), strings.ReplaceAll(strings.TrimSuffix(base, "_seconds"), "_", ".")) {
		for _, p := range l.naming(w) {
			if source.LanguageOf(p) == "" || isOffline(p) {
				continue
			}
			f := l.read(p)
			if f == nil {
				continue
			}
			list, err := metrics.Declared(f, l.constants(f, false))
			if err != nil {
				return "", 0
			}
			for _, m := range list {
				if !m.Open && m.Is(name) {
					return p, m.Span.Line
				}
			}
		}
	}
	return "", 0
}
