package monitors

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
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
	// left is how many nodes may still be met: an alias is met again wherever it stands.
	left int
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
func (w *walk) document(n *document.Node, depth int) {
	if n == nil || depth > 3 {
		return
	}
	kind := ""
	for _, r := range n.Get("Resources").Entries() {
		if strings.HasPrefix(r.Value.Text("Type"), "AWS::CloudWatch::") {
			w.note(Monitor)
			w.in, w.acts = r.Key, true
			w.formation(r.Value)
			if a := alarmOf(r.Key, r.Value); a != nil {
				w.doc.Alerts = append(w.doc.Alerts, a)
			}
		}
	}
	switch {
	case kinds[n.Text("kind")] != "":
		kind = kinds[n.Text("kind")]
	case n.Get("slos") != nil && n.Get("service") != nil:
		kind = SLO
	case n.Get("panels") != nil || n.Get("widgets") != nil || n.Get("dashboard") != nil && w.json || n.Get("rows") != nil && n.Get("templating") != nil:
		kind = Dashboard
	case n.Get("groups") != nil && len(n.List("groups")) > 0 && n.List("groups")[0].Get("rules") != nil:
		kind = AlertRule
	case n.Get("query") != nil && n.Get("message") != nil && n.Get("options") != nil:
		kind = Monitor
	}
	if kind != "" {
		w.note(kind)
		if a := alarmOf("", n); a != nil {
			w.doc.Alerts = append(w.doc.Alerts, a)
		}
		w.acts = kind != Dashboard
		w.queries(n, true)
		return
	}
	w.queries(n, false)
}

// formation reads the metrics of an alarm of CloudFormation.
func (w *walk) formation(n *document.Node) {
	if w.left--; n == nil || w.left < 0 {
		return
	}
	for _, p := range n.Pairs {
		if p.Key == "MetricName" && p.Value.Value != "" {
			w.doc.Asked = append(w.doc.Asked, Asked{Metric: p.Value.Value, Line: p.Value.Line + w.base, In: w.in, Acts: true})
		}
		w.formation(p.Value)
	}
	for _, i := range n.Items {
		w.formation(i)
	}
}

func (w *walk) note(kind string) {
	if w.doc.Kind == "" || w.doc.Kind == Rules {
		w.doc.Kind = kind
	}
}

// queries reads what stands below a node; sure says that the document is one that watches, else only the keys that
// nothing else uses hold a query.
func (w *walk) queries(n *document.Node, sure bool) {
	if w.left--; n == nil || w.left < 0 {
		return
	}
	in, acts := w.in, w.acts
	defer func() { w.in, w.acts = in, acts }()
	w.enter(n)
	for _, p := range n.Pairs {
		v := p.Value
		switch {
		case v.Value != "" && (queryKeys[p.Key] && sure || certainKeys[p.Key] && looksWatching(n)):
			w.note(Dashboard)
			w.doc.ask(v.Value, v.TextLine()+w.base, w.in, w.acts)
		case v.Value != "" && p.Key == "replacement" && n.Text("target_label")+n.Text("targetLabel") == "__name__":
			w.doc.Recorded = append(w.doc.Recorded, v.Value)
		case v.Value != "" && strings.Contains(v.Value, "\n") && w.deep == 0 && embedded.MatchString(v.Value):
			w.embed(v)
		default:
			w.queries(v, sure)
		}
	}
	for _, i := range n.Items {
		w.queries(i, sure)
	}
}

// looksWatching says whether a mapping with an expression is a rule, a target or a query of a metrics adapter.
func looksWatching(n *document.Node) bool {
	for _, p := range n.Pairs {
		switch p.Key {
		case "alert", "record", "for", "legendFormat", "refId", "datasource", "metricsQuery", "resources", "error_query", "total_query", "errorQuery", "totalQuery", "error_ratio_query", "annotations":
			return true
		}
	}
	return false
}

// enter takes the name of what the queries below belong to, and keeps rules.
func (w *walk) enter(n *document.Node) {
	if a := alertOf(n); a != nil {
		a.Line, a.EndLine = a.Line+w.base, a.EndLine+w.base
		w.doc.Alerts = append(w.doc.Alerts, a)
		w.note(AlertRule)
		w.in, w.acts = a.Name, true
		return
	}
	if record := n.Text("record"); record != "" && n.Get("expr") != nil {
		w.doc.Recorded = append(w.doc.Recorded, record)
		w.note(Rules)
		w.in, w.acts = record, false
		return
	}
	for _, key := range []string{"title", "name"} {
		if t := n.Text(key); t != "" && len(t) < 120 && (n.Get("targets") != nil || n.Get("objective") != nil || n.Get("indicator") != nil || n.Get("query") != nil) {
			w.in = t
			return
		}
	}
}

// embedded is a text that is itself a document: a ConfigMap's dashboard or rules.
var embedded = lazy.New(`^\s*(?:\{|groups:|apiVersion:|- name:|version:)`)

func (w *walk) embed(v *document.Node) {
	for _, n := range parse([]byte(v.Value)) {
		inner := &walk{doc: w.doc, json: true, base: w.base + v.TextLine() - 1, deep: 1, left: w.left}
		inner.document(n, 1)
		w.left = inner.left
	}
}
