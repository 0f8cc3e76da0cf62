package observability

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// maxMonitors bounds the documents that one run reads.
const maxMonitors = 200

// stillAsked reports the documents that ask for a metric that is gone, one finding for each document and metric.
func (l *lookup) stillAsked(gone []*goneMetric) error {
	documents, err := l.monitorsNaming(gone)
	if err != nil {
		return err
	}
	recorded := map[string]bool{}
	for _, d := range documents {
		for _, name := range d.Recorded {
			recorded[name] = true
		}
	}
	type told struct{ path, metric, label string }
	done := map[told]bool{}
	for _, d := range documents {
		for _, a := range d.Asked {
			if recorded[a.Metric] {
				continue
			}
			for _, g := range gone {
				key := told{d.Path, a.Metric, g.label}
				if !g.asked(a) || done[key] || l.isKept(g) {
					continue
				}
				done[key] = true
				l.pass.Report(g.finding(d, a))
				break
			}
		}
	}
	return nil
}

// asked says whether a query asks for what is gone.
func (g *goneMetric) asked(a monitors.Asked) bool {
	named := g.Is(a.Metric)
	if g.literal {
		named = slices.Contains(g.names, a.Metric)
	}
	if !named {
		return false
	}
	return g.label == "" || slices.Contains(a.Labels, g.label) || slices.Contains(a.Groups, g.label)
}

// monitorsNaming reads the documents of the work tree that name one of the metrics.
func (l *lookup) monitorsNaming(gone []*goneMetric) ([]*monitors.Document, error) {
	var words []string
	open := false
	for _, g := range gone {
		words = append(words, g.names...)
		open = open || g.Open || g.Prefixed()
	}
	slices.Sort(words)
	words = slices.Compact(words)
	found, err := l.pass.Source.Naming(l.pass.Context, words...)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, w := range words {
		paths = append(paths, found[w]...)
	}
	if open {
		all, err := l.pass.Branch.HeadPaths()
		if err != nil {
			return nil, err
		}
		paths = append(paths, slices.DeleteFunc(slices.Clone(all), func(p string) bool { return !monitorPath.MatchString(p) })...)
	}
	slices.Sort(paths)
	var list []*monitors.Document
	for _, p := range slices.Compact(paths) {
		if len(list) >= maxMonitors || l.pass.Context.Err() != nil {
			break
		}
		if d := l.monitor(p, false); d != nil {
			list = append(list, d)
		}
	}
	return list, l.pass.Context.Err()
}

// monitor reads one document, nil for none.
func (l *lookup) monitor(p string, base bool) *monitors.Document {
	if !monitors.Candidate(p) || source.IsTest(p) || source.IsExample(p) && !strings.Contains(p, "monitoring") {
		return nil
	}
	read := l.pass.Branch.ReadHead
	if base {
		read = l.pass.Branch.ReadBase
	}
	text, err := read(p)
	if err != nil {
		return nil
	}
	return monitors.Read(p, text)
}

// finding words one document that asks for a metric that is gone.
func (g *goneMetric) finding(d *monitors.Document, a monitors.Asked) detectors.Finding {
	what := "is no longer exported"
	line := g.side.change.NewLine(g.Span.Line)
	switch {
	case g.label != "":
		what = fmt.Sprintf("no longer has the label %s", g.label)
		line = g.successor.Span.Line
	case g.successor != nil:
		line = g.successor.Span.Line
		if now := g.successor.Exported()[0]; !g.successor.Open {
			what = "is now called " + now
		}
	}
	place := "the " + d.Kind + " " + d.Path
	if a.In != "" {
		place = fmt.Sprintf("%s in %s", a.In, d.Path)
	}
	severity := detectors.Warning
	if a.Acts && slices.Contains(g.names, a.Metric) && !g.Open && !g.literal && g.label == "" && d.Kind != monitors.RunBook {
		severity = detectors.Blocker
	}
	if g.side.change.Status == branch.Deleted {
		line = 0
	}
	symbol := a.Metric
	if g.label != "" {
		symbol = g.label
	}
	return detectors.Finding{
		Severity: severity, Path: g.side.change.Path, Line: line, Symbol: symbol,
		Message:  fmt.Sprintf("%s %s, and %s still asks for it", a.Metric, what, place),
		Why:      whyGone(d.Kind),
		Fix:      fmt.Sprintf("Change the query in %s together with the metric, or export both names for one release.", d.Path),
		Evidence: []string{a.Metric, g.label, d.Path},
		Related:  []detectors.Related{{Path: d.Path, Line: a.Line, Message: "asks for " + a.Metric}},
	}
}

func whyGone(kind string) string {
	switch kind {
	case monitors.AlertRule, monitors.Monitor:
		return "A query for a metric that is not there is empty, and an empty query never fires: the alert is off from this deployment on, and nothing says so."
	case monitors.SLO, monitors.Rules:
		return "The objective is computed from nothing from this deployment on: it looks fine, or vanishes, and nobody is told."
	case monitors.Scaler:
		return "The scaler gets no value from this deployment on and stops scaling."
	case monitors.RunBook:
		return "Whoever is woken at night follows the run book to a query that shows nothing."
	}
	return "The panel is empty from this deployment on, and whoever looks at it sees no data where there is trouble."
}
