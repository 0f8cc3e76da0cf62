package monitors

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// walk reads one YAML or JSON document.
type walk struct {
	doc  *Document
	json bool
	// in is what the queries below belong to; acts as in Asked; base is what is added to lines of an embedded text.
	in   string
	acts bool
	base int
	deep int
}

// queryKeys hold a query wherever a document is one that watches.
var queryKeys = words("expr expression query q rawQuery rawSql promql metricsQuery seriesQuery metricName metric_name definition errorQuery totalQuery error_query total_query error_ratio_query ratio_query metric errorRatioQuery threshold_query")

// certainKeys are those of them that nothing else uses.
var certainKeys = words("expr metricsQuery seriesQuery error_query total_query error_ratio_query errorQuery totalQuery")

// kinds are documents by what Kubernetes and its kin call them.
var kinds = map[string]string{
	"PrometheusRule": AlertRule, "VMRule": AlertRule, "GrafanaAlertRuleGroup": AlertRule, "AlertPolicy": SLO, "SLO": SLO, "SLI": SLO,
	"ServiceLevelObjective": SLO, "PrometheusServiceLevel": SLO, "ScaledObject": Scaler, "ScaledJob": Scaler, "HorizontalPodAutoscaler": Scaler,
	"GrafanaDashboard": Dashboard, "DatadogMonitor": Monitor, "AnalysisTemplate": Monitor, "ClusterAnalysisTemplate": Monitor, "MetricTemplate": Monitor, "Canary": Monitor,
}

// document classifies a tree and reads its queries.
func (w *walk) document(n *node, depth int) {
	if n == nil || depth > 3 {
		return
	}
	kind := ""
	for _, r := range n.get("Resources").pairs() {
		if strings.HasPrefix(textOf(r.value.get("Type")), "AWS::CloudWatch::") {
			w.note(Monitor)
			w.in, w.acts = r.name, true
			w.formation(r.value, 0)
		}
	}
	switch {
	case kinds[textOf(n.get("kind"))] != "":
		kind = kinds[textOf(n.get("kind"))]
	case n.get("slos") != nil && n.get("service") != nil:
		kind = SLO
	case n.get("panels") != nil || n.get("widgets") != nil || n.get("dashboard") != nil && w.json || n.get("rows") != nil && n.get("templating") != nil:
		kind = Dashboard
	case n.get("groups") != nil && len(n.get("groups").items) > 0 && n.get("groups").items[0].get("rules") != nil:
		kind = AlertRule
	case n.get("query") != nil && n.get("message") != nil && n.get("options") != nil:
		kind = Monitor
	}
	if kind != "" {
		w.note(kind)
		w.acts = kind != Dashboard
		w.queries(n, 0, true)
		return
	}
	w.queries(n, 0, false)
}

// formation reads the metrics of an alarm of CloudFormation.
func (w *walk) formation(n *node, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	for _, p := range n.keys {
		if p.name == "MetricName" && p.value.text != "" {
			w.doc.Asked = append(w.doc.Asked, Asked{Metric: p.value.text, Line: p.value.line + w.base, In: w.in, Acts: true})
		}
		w.formation(p.value, depth+1)
	}
	for _, i := range n.items {
		w.formation(i, depth+1)
	}
}

func (w *walk) note(kind string) {
	if w.doc.Kind == "" || w.doc.Kind == Rules {
		w.doc.Kind = kind
	}
}

func textOf(n *node) string {
	if n == nil {
		return ""
	}
	return n.text
}

// queries reads what stands below a node; sure says that the document is one that watches, else only the keys that
// nothing else uses hold a query.
func (w *walk) queries(n *node, depth int, sure bool) {
	if n == nil || depth > maxDepth {
		return
	}
	outer := *w
	defer func() { w.in, w.acts = outer.in, outer.acts }()
	w.enter(n)
	for _, p := range n.keys {
		v := p.value
		switch {
		case v.text != "" && (queryKeys[p.name] && sure || certainKeys[p.name] && n.looksWatching()):
			w.note(Dashboard)
			w.doc.ask(v.text, v.line+w.base, w.in, w.acts)
		case v.text != "" && p.name == "replacement" && textOf(n.get("target_label"))+textOf(n.get("targetLabel")) == "__name__":
			w.doc.Recorded = append(w.doc.Recorded, v.text)
		case v.text != "" && strings.Contains(v.text, "\n") && w.deep == 0 && embedded.MatchString(v.text):
			w.embed(v)
		default:
			w.queries(v, depth+1, sure)
		}
	}
	for _, i := range n.items {
		w.queries(i, depth+1, sure)
	}
}

// looksWatching says whether a mapping with an expression is a rule, a target or a query of a metrics adapter.
func (n *node) looksWatching() bool {
	for _, p := range n.keys {
		switch p.name {
		case "alert", "record", "for", "legendFormat", "refId", "datasource", "metricsQuery", "resources", "error_query", "total_query", "errorQuery", "totalQuery", "error_ratio_query", "annotations":
			return true
		}
	}
	return false
}

// enter takes the name of what the queries below belong to, and keeps rules.
func (w *walk) enter(n *node) {
	if a := alertOf(n); a != nil {
		a.Line, a.EndLine = a.Line+w.base, a.EndLine+w.base
		w.doc.Alerts = append(w.doc.Alerts, a)
		w.note(AlertRule)
		w.in, w.acts = a.Name, true
		return
	}
	if record := textOf(n.get("record")); record != "" && n.get("expr") != nil {
		w.doc.Recorded = append(w.doc.Recorded, record)
		w.note(Rules)
		w.in, w.acts = record, false
		return
	}
	for _, key := range []string{"title", "name"} {
		if t := textOf(n.get(key)); t != "" && len(t) < 120 && (n.get("targets") != nil || n.get("objective") != nil || n.get("indicator") != nil || n.get("query") != nil) {
			w.in = t
			return
		}
	}
}

// embedded is a text that is itself a document: a ConfigMap's dashboard or rules.
var embedded = lazy.New(`^\s*(?:\{|groups:|apiVersion:|- name:|version:)`)

func (w *walk) embed(v *node) {
	for _, n := range parse([]byte(v.text)) {
		inner := &walk{doc: w.doc, json: true, base: w.base + v.line - 1, deep: 1}
		inner.document(n, 1)
	}
}
