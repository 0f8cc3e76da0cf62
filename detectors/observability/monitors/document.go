package monitors

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// Document is one file that watches something.
type Document struct {
	Path string
	// Kind is what people call it: "alert rule", "dashboard", "SLO", "monitor", "scaler", "run book".
	Kind string
	// Asked are the metrics that its queries name.
	Asked []Asked
	// Alerts are its alert rules; Recorded are the names that its recording rules and relabellings make.
	Alerts   []*Alert
	Recorded []string
}

// Asked is a metric that a query names.
type Asked struct {
	Metric string
	// Labels are those the query filters by; Groups those that it groups by, where it names this metric only.
	Labels, Groups []string
	// Values are as in Selector.
	Values map[string][]string
	Line   int
	// In is the alert, panel or objective that asks, "" where it has no name.
	In string
	// Acts says that somebody is woken or something scales by it.
	Acts bool
}

// The kinds of document.
const (
	AlertRule = "alert rule"
	Dashboard = "dashboard"
	SLO       = "SLO"
	Monitor   = "monitor"
	Scaler    = "scaler"
	RunBook   = "run book"
	Rules     = "recording rule"
)

// Candidate says by the path alone whether a file may be such a document.
func Candidate(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml", ".json", ".jsonnet", ".libsonnet", ".tf", ".tpl", ".tmpl":
		return path.Base(p) != "package.json" && path.Base(p) != "tsconfig.json"
	case ".ts", ".py": // CDK
		return true
	case ".md", ".adoc", ".rst", ".mdx":
		return runBookPath.MatchString(p)
	}
	return false
}

var runBookPath = lazy.New(`(?i)run-?_?books?|playbook|on-?_?call|(?:^|/)(?:ops|operations|monitoring|observability|alerts?|alerting|incidents?)(?:[/.]|$)`)

// Read reads a document, nil for a file that watches nothing.
func Read(p string, text []byte) *Document {
	d := &Document{Path: p}
	switch strings.ToLower(path.Ext(p)) {
	case ".md", ".adoc", ".rst", ".mdx":
		d.Kind = RunBook
		d.prose(string(text))
		return d
	case ".jsonnet", ".libsonnet", ".tf", ".tpl", ".tmpl":
		d.source(string(text))
		if strings.EqualFold(path.Ext(p), ".tf") && d.Kind != "" {
			d.alarms(string(text))
		}
	case ".ts", ".py":
		d.cloudWatch(string(text))
	default:
		for _, n := range parse(text) {
			(&walk{doc: d, json: strings.HasSuffix(p, ".json"), left: maxVisits}).document(n, 0)
		}
		if d.Kind == "" && strings.Contains(string(text), "{{") && strings.Contains(string(text), "expr:") {
			d.source(string(text))
		}
	}
	if d.Kind == "" {
		return nil
	}
	return d
}

// inCode is code inside prose, between backquotes or in a fenced or indented block.
var inCode = lazy.New("`([^`\n]+)`")

// prose reads the metrics that a run book names as code.
func (d *Document) prose(text string) {
	fenced := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if fenced {
			d.ask(line, number, "", false)
			continue
		}
		for _, m := range inCode.FindAllString(line, -1) {
			d.ask(strings.Trim(m, "`"), number, "", false)
		}
	}
}

// lineComment is a comment of jsonnet and Terraform, alertLine names an alert.
var (
	lineComment = lazy.New(`^\s*(?://|#)`)
	// asksNothing is the head of a block of Terraform, or an attribute that people read.
	asksNothing = lazy.New(`^\s*(?:(?:resource|data|module|variable|output|provider)\s+"|(?:name|message|title|description|alarm_description|tags|escalation_message)\s*=)`)
	alertLine   = lazy.New(`\balert['"]?\s*[:=]\s*['"]?([\w-]+)`)
)

// alarmResource is a resource of Terraform that wakes somebody.
var alarmResource = lazy.New(`"(?:google_monitoring_alert_policy|azurerm_monitor_\w*alert\w*|newrelic_\w*alert_condition|signalfx_detector)"`)

// source reads jsonnet, Terraform and templates that are no YAML, line by line: queries stand inside strings.
func (d *Document) source(text string) {
	switch {
	case strings.Contains(text, "aws_cloudwatch_metric_alarm") || strings.Contains(text, "aws_cloudwatch_dashboard"):
		d.cloudWatch(text)
		return
	case strings.Contains(text, "datadog_service_level_objective"):
		d.Kind = SLO
	case strings.Contains(text, "datadog_monitor"):
		d.Kind = Monitor
	case alarmResource.MatchString(text):
		d.Kind = Monitor
	case strings.Contains(text, "alert:") || strings.Contains(text, "grafana_rule_group"):
		d.Kind = AlertRule
	case strings.Contains(text, "grafana") || strings.Contains(text, "dashboard") || strings.Contains(text, "expr"):
		d.Kind = Dashboard
	default:
		return
	}
	number, in := 0, ""
	for line := range strings.Lines(text) {
		number++
		if lineComment.MatchString(line) || asksNothing.MatchString(line) {
			continue
		}
		if m := alertLine.FindStringSubmatch(line); m != nil {
			in = m[1]
		}
		for _, query := range texts(line) {
			d.ask(query, number, in, d.Kind != Dashboard)
		}
	}
}

// cloudWatchName names a metric in Terraform and in CDK's constructs.
var cloudWatchName = lazy.New(`\b(?:metric_name|metricName|MetricName)["']?\s*[:=]\s*["']([\w./ -]+)["']`)

// cloudWatch reads alarms and dashboards of CloudWatch in Terraform and CDK, line by line.
func (d *Document) cloudWatch(text string) {
	if !strings.Contains(text, "aws_cloudwatch") && !strings.Contains(text, "aws-cloudwatch") {
		return
	}
	d.Kind = Monitor
	if !strings.Contains(text, "larm") {
		d.Kind = Dashboard
	}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if m := cloudWatchName.FindStringSubmatch(line); m != nil && !lineComment.MatchString(line) {
			d.Asked = append(d.Asked, Asked{Metric: m[1], Line: number, Acts: d.Kind == Monitor})
		}
	}
}

// texts are the string literals of a line of source with their quotes taken away; a line without one may itself be part of
// a longer text, and a template's value stands bare behind its key.
func texts(line string) []string {
	if m := bareValue.FindStringSubmatch(line); m != nil {
		return []string{m[1]}
	}
	var list []string
	s := &scanner{text: line}
	for s.pos < len(line) {
		if c := line[s.pos]; c == '"' || c == '\'' {
			list = append(list, strings.ReplaceAll(s.quoted(), `\"`, `"`))
			continue
		}
		s.pos++
	}
	if list == nil {
		return []string{line}
	}
	return list
}

// bareValue is a YAML key with an unquoted value.
var bareValue = lazy.New(`^[-\s]*(?:expr|query|metricsQuery|seriesQuery):\s*([^"'\s|>].*)$`)

// datadogQuery is a metric of a Datadog query with its filters and groups: avg(last_5m):sum:orders.placed{env:prod} by {reason}.
var datadogQuery = lazy.New(`(?:avg|sum|min|max|count|p\d\d):([A-Za-z][\w.]*)\{([^}]*)\}(?:\s*by\s*\{([^}]*)\})?`)

// tagNames are the names in a list of Datadog's tags: env:prod,!reason:x.
func tagNames(list string) []string {
	var names []string
	for tag := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, _, _ := strings.Cut(strings.Trim(tag, "!-() "), ":")
		if name != "" && name != "*" && name != "AND" && name != "OR" && name != "NOT" {
			names = append(names, name)
		}
	}
	return names
}

// ask reads a query.
func (d *Document) ask(query string, line int, in string, acts bool) {
	if m := datadogQuery.FindAllStringSubmatch(query, -1); m != nil {
		for _, g := range m {
			d.Asked = append(d.Asked, Asked{Metric: g[1], Labels: tagNames(g[2]), Groups: tagNames(g[3]), Line: line, In: in, Acts: acts})
		}
		return
	}
	selectors, groups := PromQL(query)
	alone := true
	for _, s := range selectors {
		alone = alone && s.Metric == selectors[0].Metric
	}
	for _, s := range selectors {
		a := Asked{Metric: s.Metric, Labels: s.Labels, Values: s.Values, Line: line + strings.Count(query[:min(s.Offset, len(query))], "\n"), In: in, Acts: acts}
		if alone {
			a.Groups = groups
		}
		d.Asked = append(d.Asked, a)
	}
}
