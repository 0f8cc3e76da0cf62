package monitors

import "strings"

// Alert is one alert rule.
type Alert struct {
	Name, Expr, For string
	// Group is the rule group, "" where it has no name.
	Group string
	// Labels and Annotations are by their names; a value from a template is its text.
	Labels, Annotations map[string]string
	Line, EndLine       int
}

// alertOf reads a mapping as a rule of Prometheus or Loki, or as one that Grafana provisions; nil for anything else.
func alertOf(n *node) *Alert {
	a := &Alert{Labels: map[string]string{}, Annotations: map[string]string{}, Line: n.line, For: textOf(n.get("for"))}
	switch {
	case textOf(n.get("alert")) != "" && n.get("expr") != nil:
		a.Name, a.Expr = n.get("alert").text, strings.TrimSpace(n.get("expr").text)
	case textOf(n.get("title")) != "" && n.get("condition") != nil && n.get("data") != nil:
		a.Name = n.get("title").text
		for _, q := range n.get("data").items {
			if e := q.get("model").get("expr"); e != nil {
				a.Expr = strings.TrimSpace(e.text)
			}
		}
	default:
		return nil
	}
	for _, part := range []struct {
		key  string
		into map[string]string
	}{{"labels", a.Labels}, {"annotations", a.Annotations}} {
		if of := n.get(part.key); of != nil {
			for _, p := range of.keys {
				part.into[p.name] = p.value.text
			}
		}
	}
	a.EndLine = n.last()
	return a
}
