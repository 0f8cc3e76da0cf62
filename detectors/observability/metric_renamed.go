package observability

import (
	"path"
	"slices"
	"strings"
	"sync"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/metrics"
	"flightpoll/detectors/source"
)

// MetricRenamed reports metrics that the branch renames, removes or takes a label from while an alert, a dashboard, an
// objective, a scaler or a run book still asks for what was.
//
//	Name: "orders_total" -> Name: "orders_accepted_total"   // the alert's expr: rate(orders_total[5m]) never fires again
var MetricRenamed = &detectors.Detector{
	ID:    "observability/metric-renamed",
	Title: "An alert or dashboard asks for a metric that the branch renames or removes",
	Run:   runMetricRenamed,
}

// goneMetric is a metric that the base had and the head has not, or one that lost a label.
type goneMetric struct {
	*metrics.Metric
	// names are those that a query may use.
	names []string
	// successor is what the variable holds now, nil for none; label is what it lost when the metric itself is still there.
	successor *metrics.Metric
	label     string
	// literal says that only a text of this name is gone, and no declaration was read.
	literal bool
	side    side
	// kept says whether another file still declares it, once somebody asked.
	kept *bool
}

// isKept asks declaredElsewhere once.
func (l *lookup) isKept(g *goneMetric) bool {
	if g.kept == nil {
		kept := l.declaredElsewhere(g)
		g.kept = &kept
	}
	return *g.kept
}

func runMetricRenamed(pass *detectors.Pass) error {
	changed, unread := bothSides(pass)
	if len(changed) == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	gone, err := l.goneMetrics(changed)
	if err != nil {
		return err
	}
	if len(gone) == 0 {
		return unread
	}
	return cmpErr(l.stillAsked(gone), unread)
}

// cmpErr is the first error that is one.
func cmpErr(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// goneMetrics compares what the changed files declare on both sides.
func (l *lookup) goneMetrics(changed []side) ([]*goneMetric, error) {
	var (
		was []*goneMetric
		is  []*metrics.Metric
	)
	successors := map[string]*metrics.Metric{}
	for _, s := range changed {
		if s.head != nil && aboutMetrics.Match(s.head.Text) {
			list, err := metrics.Declared(s.head, l.constants(s.head, false))
			if err != nil {
				return nil, err
			}
			for _, m := range list {
				is = append(is, m)
				if m.Holder != "" {
					successors[path.Dir(s.change.Path)+" "+m.Holder] = m
				}
			}
		}
		if s.base == nil || !aboutMetrics.Match(s.base.Text) {
			continue
		}
		list, err := metrics.Declared(s.base, l.constants(s.base, true))
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			was = append(was, &goneMetric{Metric: m, names: m.Queried(), side: s})
		}
	}
	var gone []*goneMetric
	for _, w := range was {
		still := slices.IndexFunc(is, func(m *metrics.Metric) bool { return sameMetric(w.Metric, m) })
		if still < 0 {
			w.successor = successors[path.Dir(w.side.change.Path)+" "+w.Holder]
			gone = append(gone, w)
			continue
		}
		for _, label := range w.Labels {
			if l.keepsLabel(w.Metric, label, is) || slices.ContainsFunc(gone, func(g *goneMetric) bool { return g.label == label && sameMetric(g.Metric, w.Metric) }) {
				continue
			}
			lost := *w
			lost.label, lost.successor = label, is[still]
			gone = append(gone, &lost)
		}
	}
	return append(gone, l.goneLiterals(changed, gone)...), nil
}

// keepsLabel says whether one of the declarations of a metric has a label, or may have it.
func (l *lookup) keepsLabel(w *metrics.Metric, label string, is []*metrics.Metric) bool {
	return slices.ContainsFunc(is, func(m *metrics.Metric) bool {
		return sameMetric(w, m) && (m.Labels == nil || slices.Contains(m.Labels, label))
	})
}

// sameMetric says whether two declarations are of one metric.
func sameMetric(a, b *metrics.Metric) bool {
	for _, n := range a.Exported() {
		if slices.Contains(b.Exported(), n) {
			return true
		}
	}
	return a.Open && !b.Open && b.Is("x_"+a.Name) || a.Open && strings.HasSuffix(b.Name, "_"+a.Name) || b.Open && strings.HasSuffix(a.Name, "_"+b.Name)
}

// constants are those of a file and, where it does not have one, of the others in its folder, on one side.
func (l *lookup) constants(f *source.File, base bool) metrics.Constants {
	own := metrics.ConstantsOf(f)
	beside := sync.OnceValue(func() metrics.Constants { return metrics.ConstantsOf(l.folderOf(f, base)...) })
	return func(name string) (string, bool) {
		if v, ok := own(name); ok {
			return v, true
		}
		return beside()(name)
	}
}

// folderOf are the other files of the folder in the same language.
func (l *lookup) folderOf(f *source.File, base bool) []*source.File {
	var files []*source.File
	paths, err := l.pass.Branch.HeadPaths()
	if base {
		paths, err = l.pass.Branch.BasePaths()
	}
	if err != nil {
		return files
	}
	for _, p := range paths {
		if len(files) > 40 {
			break
		}
		if p == f.Path || family(source.LanguageOf(p)) != family(f.Lang) || source.IsTest(p) || path.Dir(p) != path.Dir(f.Path) {
			continue
		}
		read := l.pass.Source.Head
		if base {
			read = l.pass.Source.Base
		}
		if other, err := read(p); err == nil {
			files = append(files, other)
		}
	}
	return files
}

// declaredElsewhere says whether another file of the work tree still declares the metric, or spells out its whole name.
func (l *lookup) declaredElsewhere(w *goneMetric) bool {
	if w.literal {
		return slices.ContainsFunc(l.naming(w.Name), func(p string) bool { return source.LanguageOf(p) != "" && !isOffline(p) })
	}
	words := w.Exported()
	tail := w.Name[strings.LastIndexAny(w.Name, ".")+1:]
	if parts := strings.Split(tail, "_"); len(parts) > 2 {
		words = append(words, strings.Join(parts[1:], "_"), strings.Join(parts[2:], "_"))
	}
	for i, word := range append(words, tail) {
		for _, p := range l.naming(word) {
			if source.LanguageOf(p) == "" || isOffline(p) || l.monitor(p, false) != nil {
				continue
			}
			f := l.read(p)
			if f == nil {
				continue
			}
			if w.label != "" && slices.ContainsFunc(l.pass.Branch.Files, func(b *branch.File) bool { return b.Path == p }) {
				continue // already compared
			}
			if w.label == "" && i < len(w.Exported()) && slices.ContainsFunc(f.Strings, func(s *source.String) bool {
				return s.Value == w.Name || !w.Prefixed() && slices.Contains(w.Exported(), s.Value)
			}) {
				return true
			}
			list, err := metrics.Declared(f, l.constants(f, false))
			if err == nil && slices.ContainsFunc(list, func(m *metrics.Metric) bool {
				return sameMetric(w.Metric, m) && (w.label == "" || m.Labels == nil || slices.Contains(m.Labels, w.label))
			}) {
				return true
			}
		}
	}
	return false
}

// metricLike is a text that may be a metric's name: parts joined by underscores or dots.
var metricLike = lazy.New(`^[a-z][a-z0-9]*(?:[_.][a-z0-9]+)+$`)

// aboutMetrics is a word of a file that has to do with metrics.
var aboutMetrics = lazy.New(`(?i)metric|prometheus|prom-client|histogram|statsd|otel|telemetry|gauge|counter|meter|yabeda|datadog|cloudwatch`)

// goneLiterals are texts that look like metrics' names, that the branch takes out of files about metrics, and that no code
// holds any more: what a repository's own wrapper declares.
func (l *lookup) goneLiterals(changed []side, declared []*goneMetric) []*goneMetric {
	now := map[string]bool{}
	for _, s := range changed {
		if s.head != nil {
			for _, t := range s.head.Strings {
				now[t.Value] = true
			}
		}
	}
	var list []*goneMetric
	for _, s := range changed {
		if s.base == nil || !aboutMetrics.Match(s.base.Text) {
			continue
		}
		for _, t := range s.base.Strings {
			if len(list) >= 60 || len(t.Value) < 8 || now[t.Value] || t.Interpolated || !s.change.Removed(t.Span.Line) && s.head != nil || !metricLike.MatchString(t.Value) {
				continue
			}
			if slices.ContainsFunc(declared, func(g *goneMetric) bool { return g.Name == t.Value || strings.HasSuffix(g.Name, "_"+t.Value) }) {
				continue
			}
			now[t.Value] = true
			flat := strings.ReplaceAll(t.Value, ".", "_")
			list = append(list, &goneMetric{
				Metric: &metrics.Metric{Name: t.Value, Kind: "", Span: t.Span}, names: []string{flat, flat + "_total", flat + "_bucket", t.Value},
				literal: true, side: s,
			})
		}
	}
	return list
}
