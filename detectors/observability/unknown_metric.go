package observability

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/metrics"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// UnknownMetric reports alerts, objectives and panels of the branch that ask for a metric which nothing exports, or filter by a
// label which the metric does not have, where the other metrics of the same name space are known to the code.
//
//	expr: rate(downlink_frame_failures_total[5m]) > 0.5      # the code has downlink.frame.rejected.count
var UnknownMetric = &detectors.Detector{
	ID:    "observability/unknown-metric",
	Title: "A new alert or panel asks for a metric or label that nothing exports",
	Run:   runUnknownMetric,
}

// exporters are beginnings of metrics that come from outside of the repository, and whole names of such.
var exporters = lazy.New(`^(?:up$|ALERTS|scrape_|node_|kube_|container_|kubelet_|machine_|cadvisor_|go_|process_|promhttp_|prometheus_|alertmanager_|jvm_|probe_|pg_|postgres|mysql_|redis_|memcached_|nginx_|envoy_|istio_|traefik_|haproxy_|caddy_|aws_|azure_|gcp_|stackdriver_|rabbitmq_|kafka_|etcd_|apiserver_|workqueue_|rest_client_|controller_runtime_|coredns_|argocd_|certmanager_|cert_manager_|loki_|tempo_|grpc_|rpc_|http_|https_|otelcol_|traces_|systemd_|windows_|mongodb_|elasticsearch_|celery_|flower_|sidekiq_|puma_|ruby_|python_|nodejs_|dotnet_|aspnetcore_|kestrel_|hikaricp_|tomcat_|logback_|system_|disk_|spring_|resilience4j_|executor_|jdbc_|cache_|erlang_|beam_|db_|gen_ai_|vault_|consul_|nomad_|cloudwatch_|bull|slo:|sli:|keda_|velero_|ceph_|minio_|snmp_|if[A-Z])`)

// outsideLabels are labels that scraping and aggregation add.
var outsideLabels = lazy.New(`^(?:job|instance|namespace|pod|service|container|cluster|env|environment|region|zone|app|node|le|quantile|endpoint|prometheus|replica|stage|tenant|host|hostname|team|severity|deployment|version|__.*|exported_.*|kubernetes_.*|k8s_.*|app_.*|otel_.*|service_.*|label_.*)$`)

func runUnknownMetric(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	read := false
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if f.Status == branch.Deleted || f.Binary || f.Vendored || f.TooLarge || source.LanguageOf(f.Path) != "" || source.IsDoc(f.Path) {
			continue
		}
		now := l.monitor(f.Path, false)
		if now == nil {
			continue
		}
		read = true
		var before *monitors.Document
		if f.Status != branch.Added {
			before = l.monitor(f.Path, true)
		}
		l.askedAnew(f, before, now)
	}
	if !read {
		return cmpErr(pass.Context.Err(), detectors.ErrNotApplicable)
	}
	return pass.Context.Err()
}

// askedAnew judges the queries that a document adds.
func (l *lookup) askedAnew(f *branch.File, before, now *monitors.Document) {
	done := map[string]bool{}
	for _, a := range now.Asked {
		if done[a.Metric] || !f.Touched(a.Line) || !prometheusName.MatchString(a.Metric) || exporters.MatchString(a.Metric) || slices.Contains(now.Recorded, a.Metric) ||
			before != nil && slices.ContainsFunc(before.Asked, func(b monitors.Asked) bool { return b.Metric == a.Metric && slices.Equal(b.Labels, a.Labels) }) {
			continue
		}
		done[a.Metric] = true
		place := "the " + now.Kind
		if a.In != "" {
			place = a.In
		}
		if !l.exported(a.Metric) {
			known := l.knownBeside(now, a.Metric)
			other := l.otherUnit(a.Metric)
			if known == "" && other.file == nil || l.recordedSomewhere(a.Metric) {
				continue
			}
			fix := fmt.Sprintf("Ask for the name that the code has, as the query for %s does, or add the metric.", known)
			var related []detectors.Related
			if other.file != nil {
				fix = "Ask for the name in the unit that the code exports, or change both."
				related = []detectors.Related{{Path: other.file.Path, Line: other.line, Message: "measures it in another unit"}}
			}
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: a.Line, Symbol: a.Metric,
				Message:  fmt.Sprintf("%s asks for %s, which nothing in the repository exports or records", place, a.Metric),
				Why:      "A query for a metric that is not there is empty: the alert never fires, the panel stays blank, and both look like peace.",
				Fix:      fix,
				Evidence: []string{a.Metric, a.In}, Related: related,
			})
			continue
		}
		if label := l.foreignLabel(a); label != "" {
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: a.Line, Symbol: label,
				Message:  fmt.Sprintf("%s selects %s by the label %s, which the metric does not have", place, a.Metric, label),
				Why:      "A filter by a label that is not there matches nothing: the alert never fires, the panel stays blank.",
				Fix:      "Select by a label that the code gives, or add the label.",
				Evidence: []string{a.Metric, label, a.In},
			})
		}
	}
}

var prometheusName = lazy.New(`^[a-z][a-z0-9]{2,}(?:_[a-z0-9]+){2,}$`)

// unitSuffix is what exporters and units put behind a name.
var unitSuffix = lazy.New(`_(?:bucket|sum|count|total|created|max|min|info|seconds|milliseconds|bytes|ratio|percent)$`)

// exported says whether code spells the metric out, whole or by its end, with underscores, dots or dashes; an end of one
// word counts in files about metrics only.
func (l *lookup) exported(metric string) bool {
	for stem := metric; ; stem = unitSuffix.ReplaceAllString(stem, "") {
		parts := strings.Split(stem, "_")
		for i := range parts {
			tail := strings.Join(parts[i:], "_")
			for _, word := range []string{tail, strings.ReplaceAll(tail, "_", "."), strings.ReplaceAll(tail, "_", "-"), camel(parts[i:])} {
				if len(word) < 4 {
					continue
				}
				for _, p := range l.naming(word) {
					if l.spells(p, word, len(parts)-i == 1) {
						return true
					}
				}
			}
		}
		if !unitSuffix.MatchString(stem) {
			return false
		}
	}
}

// rareUnit is a unit that exporters give to no name by themselves; setsUnit is code that chooses one.
var (
	rareUnit = lazy.New(`_(?:minutes|hours|days|millis|ms|kilobytes|megabytes|kb|mb)$`)
	setsUnit = lazy.New(`(?i)base_?unit|\bunit\s*[:=(]|set_?unit|with_?unit|timeunit\.(?:minutes|hours|days)`)
)

// otherUnit is where code declares the metric under the name without its unit, and chooses no unit itself: exporters then
// add the base unit.
func (l *lookup) otherUnit(metric string) spot {
	stem := rareUnit.ReplaceAllString(metric, "")
	if stem == metric || !strings.Contains(stem, "_") {
		return spot{}
	}
	found := spot{}
	for _, word := range []string{stem, strings.ReplaceAll(stem, "_", ".")} {
		for _, p := range l.naming(word) {
			f := l.read(p)
			if f == nil || !aboutMetrics.Match(f.Text) {
				continue
			}
			if setsUnit.Match(f.Text) {
				return spot{}
			}
			for _, s := range f.Strings {
				if s.Value == word && found.file == nil {
					found = spot{f, s.Span.Line}
				}
			}
		}
	}
	return found
}

// spells says whether a file may declare a metric by a word; strict asks for code about metrics that has it in a name.
func (l *lookup) spells(p, word string, strict bool) bool {
	if source.IsDoc(p) || strings.HasSuffix(strings.ToLower(p), ".md") || l.monitor(p, false) != nil && source.LanguageOf(p) == "" {
		return false
	}
	if !strict {
		return true
	}
	text, err := l.pass.Branch.ReadHead(p)
	if err != nil || !aboutMetrics.Match(text) {
		return false
	}
	f := l.read(p)
	return f == nil || slices.ContainsFunc(f.Strings, func(s *source.String) bool {
		return nameLike.MatchString(s.Value) && mentions(strings.NewReplacer("_", " ", ".", " ", "-", " ").Replace(s.Value), []string{word})
	}) || regexp.MustCompile(`:`+regexp.QuoteMeta(word)+`\b|\b`+regexp.QuoteMeta(word)+`\s*[:=(]`).Match(text)
}

// nameLike is a text that may be a name or a part of one.
var nameLike = lazy.New(`^[^\s,;]+$`)

// camel joins words as camelCase.
func camel(parts []string) string {
	name := parts[0]
	for _, p := range parts[1:] {
		if p != "" {
			name += strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return name
}

// knownBeside is another metric of the same name space that the document, or one beside it, asks for and that code exports;
// "" for none.
func (l *lookup) knownBeside(d *monitors.Document, metric string) string {
	space := metric[:strings.IndexByte(metric, '_')+1]
	look := func(d *monitors.Document) string {
		for _, a := range d.Asked {
			if a.Metric != metric && strings.HasPrefix(a.Metric, space) && prometheusName.MatchString(a.Metric) && l.exported(a.Metric) {
				return a.Metric
			}
		}
		return ""
	}
	if known := look(d); known != "" {
		return known
	}
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return ""
	}
	read := 0
	for _, p := range paths {
		if p == d.Path || !monitors.Candidate(p) || !monitorPath.MatchString(p) || source.LanguageOf(p) != "" || read >= 20 {
			continue
		}
		read++
		if other := l.monitor(p, false); other != nil {
			if known := look(other); known != "" {
				return known
			}
		}
	}
	return ""
}

// recordedSomewhere says whether a recording rule makes the metric.
func (l *lookup) recordedSomewhere(metric string) bool {
	return slices.ContainsFunc(l.naming(metric), func(p string) bool {
		d := l.monitor(p, false)
		return d != nil && slices.Contains(d.Recorded, metric)
	})
}

// foreignLabel is a label that a query filters by and that no declaration of the metric lists, "" for none or where a
// declaration does not list its labels.
func (l *lookup) foreignLabel(a monitors.Asked) string {
	var have []string
	found := false
	for _, word := range []string{a.Metric, unitSuffix.ReplaceAllString(a.Metric, ""), strings.ReplaceAll(unitSuffix.ReplaceAllString(a.Metric, ""), "_", ".")} {
		for _, p := range l.naming(word) {
			if source.LanguageOf(p) == "" || source.IsTest(p) {
				continue
			}
			f := l.read(p)
			if f == nil {
				return ""
			}
			list, err := metrics.Declared(f, l.constants(f, false))
			if err != nil {
				return ""
			}
			for _, m := range list {
				if !m.Is(a.Metric) {
					continue
				}
				if m.Labels == nil || m.Open {
					return ""
				}
				found, have = true, append(have, m.Labels...)
			}
		}
	}
	if !found || len(have) == 0 {
		return ""
	}
	for _, label := range a.Labels {
		if !outsideLabels.MatchString(label) && !slices.ContainsFunc(have, func(h string) bool { return strings.NewReplacer(".", "_", "-", "_").Replace(h) == label }) {
			return label
		}
	}
	return ""
}
