package monitors

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// alarmKind is how a provider of Terraform spells what an alert has; empty where it has none.
type alarmKind struct {
	// query holds what it asks for, receiver whom it tells, text what the person reads; severity, labels and runbook as in
	// Prometheus.
	query, receiver, text, severity, labels, runbook string
}

// alarmKinds are the resources of Terraform that wake somebody.
var alarmKinds = map[string]alarmKind{
	"datadog_monitor":                                {query: "query", receiver: "message", text: "message", severity: "priority", labels: "tags"},
	"aws_cloudwatch_metric_alarm":                    {query: "metric_name", receiver: "alarm_actions", text: "alarm_description", labels: "tags"},
	"aws_cloudwatch_composite_alarm":                 {query: "alarm_rule", receiver: "alarm_actions", text: "alarm_description", labels: "tags"},
	"google_monitoring_alert_policy":                 {receiver: "notification_channels", text: "documentation", severity: "severity", labels: "user_labels"},
	"azurerm_monitor_metric_alert":                   {receiver: "action", text: "description", severity: "severity", labels: "tags"},
	"newrelic_nrql_alert_condition":                  {query: "nrql", text: "description", runbook: "runbook_url"},
	"newrelic_alert_condition":                       {text: "name", runbook: "runbook_url"},
	"signalfx_detector":                              {query: "program_text", text: "description"},
	"opsgenie_alert_policy":                          {text: "message", severity: "priority"},
	"checkly_check":                                  {receiver: "alert_channel_subscription"},
	"azurerm_monitor_activity_log_alert":             {receiver: "action", text: "description"},
	"azurerm_monitor_smart_detector_alert_rule":      {receiver: "action_group", text: "description", severity: "severity"},
	"azurerm_monitor_scheduled_query_rules_alert_v2": {receiver: "action", text: "description", severity: "severity"},
}

var (
	// receives is somebody in a text: Datadog's @handle, or a variable that says so by its name.
	receives = lazy.New(`(?:^|[\s"'{(,}])@[\w-]+|(?i)(?:local|var|module|data)\.[\w.]*(?:notif|notify|page|oncall|on_call|slack|channel|receiver|handle|recipient|contact|escalat)\w*`)
	// guides is a run book in a text, or a variable that says so by its name.
	guides = lazy.New(`(?i)run_?-?\s?books?|play_?-?books?|https?://[\w.-]*(?:wiki|docs?|notion|confluence)[\w./-]*`)
	// owns is a tag or label of a team, severe one of a severity.
	owns   = lazy.New(`(?i)\b(?:team|owner|squad|service_owner)\b\s*["']?\s*[:=]`)
	severe = lazy.New(`(?i)\b(?:severity|priority|urgency)\b\s*["']?\s*[:=]|\bsev-?[0-9]\b`)
)

// alarms reads the alerts of a Terraform text, with locals of the same text put in.
func (d *Document) alarms(text string) {
	root, err := document.HCL(d.Path, []byte(text))
	if err != nil {
		return
	}
	for kind, spelt := range alarmKinds {
		for _, r := range root.Get("resource", kind).Entries() {
			d.Alerts = append(d.Alerts, spelt.alert(r))
		}
	}
	for _, g := range root.Get("resource", "grafana_rule_group").Entries() {
		for _, rule := range g.Value.Blocks("rule") {
			d.Alerts = append(d.Alerts, grafanaRule(g.Key, rule))
		}
	}
}

func (k alarmKind) alert(r document.Pair) *Alert {
	a := &Alert{Name: r.Key, Line: r.Line, EndLine: r.Value.LastLine(), Labels: map[string]string{}, Annotations: map[string]string{}}
	written := func(key string) string {
		if key == "" {
			return ""
		}
		return WholeText(r.Value.Get(key))
	}
	a.Expr = written(k.query)
	text, labels := written(k.text), written(k.labels)
	set := func(into map[string]string, key, value string) {
		if strings.TrimSpace(value) != "" {
			into[key] = value
		}
	}
	set(a.Annotations, "message", text)
	set(a.Annotations, "runbook", guides.FindString(text)+written(k.runbook))
	set(a.Labels, "severity", written(k.severity)+severe.FindString(labels))
	set(a.Labels, "team", owns.FindString(labels))
	switch to := written(k.receiver); {
	case k.receiver == k.text:
		set(a.Labels, "receiver", receives.FindString(to))
	case r.Value.Get(k.receiver) != nil && strings.TrimSpace(to) == "":
		set(a.Labels, "receiver", strings.Repeat("x", len(r.Value.Get(k.receiver).Items))) // a list of references
	default:
		set(a.Labels, "receiver", to)
	}
	if r.Value.Text("actions_enabled") == "false" || r.Value.Text("enabled") == "false" {
		delete(a.Labels, "receiver")
	}
	return a
}

func grafanaRule(group string, rule *document.Node) *Alert {
	a := &Alert{Name: rule.Text("name"), Group: group, For: rule.Text("for"), Line: rule.Line, EndLine: rule.LastLine(), Labels: map[string]string{}, Annotations: map[string]string{}}
	for key, into := range map[string]map[string]string{"labels": a.Labels, "annotations": a.Annotations} {
		for _, p := range rule.Get(key).Entries() {
			into[p.Key] = WholeText(p.Value)
		}
	}
	return a
}

// Alarm says whether a resource of Terraform wakes somebody, by its kind.
func Alarm(kind string) bool {
	_, known := alarmKinds[kind]
	return known || kind == "grafana_rule_group"
}

// WholeText is all that a node says, in its values and expressions.
func WholeText(n *document.Node) string {
	var b strings.Builder
	left := 200
	var write func(n *document.Node)
	write = func(n *document.Node) {
		if left--; n == nil || left < 0 {
			return
		}
		b.WriteString(n.Value + n.Expr)
		for _, p := range n.Pairs {
			b.WriteString(p.Key + "=")
			write(p.Value)
			b.WriteByte(' ')
		}
		for _, i := range n.Items {
			write(i)
			b.WriteByte(' ')
		}
	}
	write(n)
	return b.String()
}
