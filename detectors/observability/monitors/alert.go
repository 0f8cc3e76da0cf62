package monitors

import (
	"strings"

	"flightpoll/detectors/source/document"
)

// Alert is one alert rule.
type Alert struct {
	Name, Expr, For string
	// Group is the rule group, "" where it has no name.
	Group string
	// Labels and Annotations are by their names; a value from a template is its text.
	Labels, Annotations map[string]string
	Line, EndLine       int
}

// alarmOf reads an alarm of CloudFormation, and a monitor of Datadog as a manifest or as JSON; nil for anything else.
func alarmOf(name string, n *document.Node) *Alert {
	a := &Alert{Name: name, Labels: map[string]string{}, Annotations: map[string]string{}, Line: n.Line, EndLine: n.LastLine()}
	text, tags := "", ""
	switch {
	case n.Text("Type") == "AWS::CloudWatch::Alarm":
		text = WholeText(n.Get("Properties", "AlarmDescription"))
		if n.Get("Properties", "AlarmActions") != nil {
			a.Labels["receiver"] = "AlarmActions"
		}
	case n.Text("kind") == "DatadogMonitor":
		a.Name, text, tags = n.Text("metadata", "name"), n.Text("spec", "message"), WholeText(n.Get("spec", "tags"))
		a.Labels["receiver"] = receives.FindString(text)
	case n.Text("query") != "" && n.Get("message") != nil && n.Get("options") != nil:
		a.Name, text, tags = n.Text("name"), n.Text("message"), WholeText(n.Get("tags"))
		a.Labels["receiver"] = receives.FindString(text)
	default:
		return nil
	}
	a.Annotations["message"], a.Annotations["runbook"] = text, guides.FindString(text)
	a.Labels["team"], a.Labels["severity"] = owns.FindString(tags), severe.FindString(tags)
	return a
}

// alertOf reads a mapping as a rule of Prometheus or Loki, or as one that Grafana provisions; nil for anything else.
func alertOf(n *document.Node) *Alert {
	a := &Alert{Labels: map[string]string{}, Annotations: map[string]string{}, Line: n.Line, For: n.Text("for")}
	switch {
	case n.Text("alert") != "" && n.Get("expr") != nil:
		a.Name, a.Expr = n.Get("alert").Value, strings.TrimSpace(n.Get("expr").Value)
	case n.Text("title") != "" && n.Get("condition") != nil && n.Get("data") != nil:
		a.Name = n.Get("title").Value
		for _, q := range n.List("data") {
			if e := q.Get("model", "expr"); e != nil {
				a.Expr = strings.TrimSpace(e.Value)
			}
		}
	default:
		return nil
	}
	for _, part := range []struct {
		key  string
		into map[string]string
	}{{"labels", a.Labels}, {"annotations", a.Annotations}} {
		if of := n.Get(part.key); of != nil {
			for _, p := range of.Pairs {
				part.into[p.Key] = p.Value.Value
			}
		}
	}
	a.EndLine = n.LastLine()
	return a
}
