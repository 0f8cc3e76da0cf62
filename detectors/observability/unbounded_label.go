package observability

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// UnboundedLabel reports labels of metrics that the branch adds and whose values have no end.
//
//	promauto.NewCounterVec(opts, []string{"method", "user_id"})   // a time series for each user
//	requests.WithLabelValues(r.URL.Path).Inc()
var UnboundedLabel = &detectors.Detector{
	ID:    "observability/unbounded-label",
	Title: "A metric gets a label whose values have no end",
	Run:   runUnboundedLabel,
}

//go:embed labels.yaml
var labelsYAML []byte

// labelRules is labels.yaml.
type labelRules struct {
	Names     pattern            `yaml:"names"`
	Values    pattern            `yaml:"values"`
	Declares  map[string]pattern `yaml:"declares"`
	Positions pattern            `yaml:"positions"`
	Objects   pattern            `yaml:"objects"`
	Pairs     map[string]pairs   `yaml:"pairs"`
}

var labelling = sync.OnceValues(func() (*labelRules, error) {
	r := &labelRules{}
	if err := yaml.Unmarshal(labelsYAML, r); err != nil {
		return nil, fmt.Errorf("labels.yaml: %w", err)
	}
	return r, nil
})

// label is one unbounded label in a file: of a metric's declaration, or at a call that fills it.
type label struct {
	// name is the label, or the value's text where the place gives no name; value is what it gets, where that says it.
	name   string
	value  string
	metric string
	span   source.Span
	declares,
	named bool
}

func (b *label) key() string { return fmt.Sprint(b.metric, " ", b.name, " ", b.value, " ", b.declares) }

func runUnboundedLabel(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	rules, err := labelling()
	if err != nil {
		return err
	}
	changed, unread := bothSides(pass)
	if len(changed) == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	declared := map[string]bool{}
	var uses []func()
	for _, c := range changed {
		if c.head == nil {
			continue
		}
		before := map[string]bool{}
		if c.base != nil {
			for _, b := range l.labelsIn(rules, c.base) {
				before[b.key()] = true
			}
		}
		for _, b := range l.labelsIn(rules, c.head) {
			if before[b.key()] || !c.new(b.span.Line) {
				continue
			}
			before[b.key()] = true
			if b.declares {
				declared[b.metric] = true
				pass.Report(l.labelFinding(rules, c.head, b))
				continue
			}
			uses = append(uses, func() {
				if !declared[b.metric] {
					pass.Report(l.labelFinding(rules, c.head, b))
				}
			})
		}
	}
	for _, report := range uses {
		report()
	}
	return cmpErr(pass.Context.Err(), unread)
}

// labelsIn finds the unbounded labels of one file.
func (l *lookup) labelsIn(rules *labelRules, f *source.File) []*label {
	modules := l.words.Modules[family(f.Lang)].Metric
	list := l.listedOrPaired(rules, f)
	for _, c := range f.Calls {
		switch {
		case rules.Declares[family(f.Lang)].match(c.Name) && importsAny(f, modules):
			for _, s := range labelNames(f, c) {
				if rules.Names.match(snake(s.Value)) {
					list = append(list, &label{name: s.Value, metric: givenTo(f, c), span: s.Span, declares: true, named: true})
				}
			}
		case c.Name == "WithAttributes" && (c.Receiver == "metric" || strings.HasSuffix(strings.ToLower(c.Receiver), "metric")):
			for _, s := range stringsIn(f, c.Span) {
				if rules.Names.match(snake(s.Value)) {
					list = append(list, &label{name: s.Value, span: s.Span, named: true})
				}
			}
		default:
			list = append(list, l.filled(rules, f, c)...)
		}
	}
	return list
}

// filled finds the unbounded labels that a call fills in.
func (l *lookup) filled(rules *labelRules, f *source.File, c *source.Call) []*label {
	byPosition := rules.Positions.match(c.Name) && c.Receiver != ""
	keyed := rules.Objects.match(c.Name) && c.Receiver != "" && slices.ContainsFunc(c.Args, func(a source.Arg) bool {
		return a.Keyword == "labels" || a.Keyword == "tags" || a.Keyword == "attributes"
	})
	metered := byPosition || keyed || rules.Objects.match(c.Name) && c.Receiver != "" && (l.words.classify(f, c).has(metered) || isInstrument(f, c.Receiver) || c.Name == "With" || c.Name == "GetMetricWith")
	if !metered && len(c.Args) > 1 && c.Args[0].IsString && sendsStatsD.MatchString(c.Name) {
		metered = importsAny(f, statsdModules)
	}
	metric := lastOf(c.Receiver)
	if stopped := stopsTimer(f, c); stopped != "" {
		metered, metric = true, stopped
	}
	if !metered {
		return nil
	}
	var list []*label
	if byPosition {
		for _, a := range c.Args {
			switch {
			case a.IsString || strings.HasPrefix(a.Text, "{"):
			case a.Keyword != "" && rules.Names.match(snake(a.Keyword)):
				list = append(list, &label{name: a.Keyword, metric: metric, span: a.Span, named: true})
			case rules.endless(value(a)):
				list = append(list, &label{name: value(a), metric: metric, span: a.Span})
			case rules.holdsEndless(f, c, value(a)) != "":
				list = append(list, &label{name: value(a), value: rules.holdsEndless(f, c, value(a)), metric: metric, span: a.Span})
			}
		}
	}
	for _, o := range f.Objects {
		if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End || strings.HasPrefix(c.Name, "With") && !strings.HasSuffix(o.Type, "Labels") {
			continue
		}
		for _, k := range o.Keys {
			if constant(k.Value) || k.Child != nil {
				continue
			}
			if name := strings.Trim(k.Name, "\"'`"); rules.Names.match(snake(name)) {
				list = append(list, &label{name: name, metric: metric, span: k.Span, named: true})
			} else if rules.endless(k.Value) {
				list = append(list, &label{name: name, value: strings.TrimSpace(k.Value), metric: metric, span: k.Span})
			} else if held := rules.holdsEndless(f, c, k.Value); held != "" {
				list = append(list, &label{name: name, value: held, metric: metric, span: k.Span})
			}
		}
	}
	for _, s := range stringsIn(f, c.Span) { // statsd: "user_id:" + id
		if name, rest, ok := strings.Cut(s.Value, ":"); ok && (rest == "" || s.Interpolated || strings.HasPrefix(rest, "%")) && rules.Names.match(snake(name)) {
			list = append(list, &label{name: name, metric: metric, span: s.Span, named: true})
		}
	}
	return list
}

// holdsEndless is the value without end that a local variable was given, "" for none.
func (r *labelRules) holdsEndless(f *source.File, c *source.Call, name string) string {
	if name = strings.TrimLeft(strings.TrimSpace(name), "$@"); !plainVariable.MatchString(name) {
		return ""
	}
	if d := assignedBefore(f, c, name); d != nil && r.endless(d.text) {
		return d.text
	}
	return ""
}

var plainVariable = lazy.New(`^[A-Za-z_]\w*$`)

var (
	// statsdModules are clients of StatsD, whose variables may have any name; sendsStatsD are their calls.
	statsdModules = []string{"github.com/DataDog/datadog-go", "github.com/cactus/go-statsd-client", "github.com/smira/go-statsd", "gopkg.in/alexcesaro/statsd", "hot-shots", "datadog", "statsd", "com.timgroup.statsd"}
	sendsStatsD   = lazy.New(`^(?i:incr|increment|decr|decrement|count|gauge|timing|histogram|distribution|set|timer|time)\w{0,6}$`)
)

// value is an argument's text without its keyword.
func value(a source.Arg) string {
	text := strings.TrimSpace(a.Text)
	if rest, ok := strings.CutPrefix(text, a.Keyword); ok && a.Keyword != "" {
		if rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "==") {
			return strings.TrimSpace(rest[1:])
		}
	}
	return text
}

// constant says whether a value is a literal.
func constant(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || strings.ContainsRune("\"'0123456789", rune(text[0])) && !strings.Contains(text, "+") || strings.HasPrefix(text, "`") && !strings.Contains(text, "${")
}

// labelNames are the strings that a metric's constructor lists as its labels.
func labelNames(f *source.File, c *source.Call) []*source.String {
	if f.Lang == source.Go {
		if len(c.Args) == 0 {
			return nil
		}
		return stringsIn(f, c.Args[len(c.Args)-1].Span)
	}
	for i, a := range c.Args {
		if f.Lang == source.Python && (a.Keyword == "labelnames" || a.Keyword == "" && i == 2) {
			return stringsIn(f, a.Span)
		}
	}
	for _, o := range f.Objects {
		if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
			continue
		}
		for _, k := range o.Keys {
			if k.Name == "labelNames" {
				return stringsIn(f, k.Span)
			}
		}
	}
	return nil
}

func stringsIn(f *source.File, span source.Span) []*source.String {
	var list []*source.String
	for _, s := range f.Strings {
		if s.Span.Start >= span.Start && s.Span.End <= span.End {
			list = append(list, s)
		}
	}
	return list
}

// givenTo is the variable or field that a call's value is given to, "" for none.
func givenTo(f *source.File, c *source.Call) string {
	name := ""
	for _, d := range f.Decls {
		if (d.Kind == source.Var || d.Kind == source.Const || d.Kind == source.Field) && d.Span.Start <= c.Span.Start && d.Span.End >= c.Span.End {
			name = d.Name
		}
	}
	return name
}

// snake writes userId, UserID, user-id and user.id as user_id.
func snake(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case r == '-' || r == '.' || r == ' ':
			b.WriteByte('_')
			lower = false
			continue
		case unicode.IsUpper(r) && lower:
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func lastOf(receiver string) string {
	ids := identifiers(receiver)
	if len(ids) == 0 {
		return ""
	}
	return ids[len(ids)-1]
}

// labelFinding words one label, with the other side: where it is filled, or where the metric is declared.
func (l *lookup) labelFinding(rules *labelRules, f *source.File, b *label) detectors.Finding {
	metric := b.metric
	if metric == "" {
		metric = "a metric"
	}
	message := fmt.Sprintf("%s gets the label %s, whose values have no end", metric, b.name)
	if b.value != "" {
		message = fmt.Sprintf("%s gets %s as the value of the label %s, which has no end", metric, clip(b.value), b.name)
	} else if !b.named {
		message = fmt.Sprintf("%s gets %s as a label's value, which has no end", metric, clip(b.name))
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: b.span.Line, EndLine: b.span.EndLine, Symbol: b.name,
		Message:  message,
		Why:      "Each value makes a time series of its own: memory and bill of the metrics' server grow with every user, and queries time out when they are needed.",
		Fix:      "Use a closed set (method, outcome, route template, error class), and put the id into the log line or the span.",
		Evidence: []string{b.metric, b.name}, Related: l.otherSide(rules, f, b),
	}
}

// otherSide is one place that fills a declared label, or the place that declares a filled one.
func (l *lookup) otherSide(rules *labelRules, f *source.File, b *label) []detectors.Related {
	if len(b.metric) < 3 {
		return nil
	}
	for _, p := range closest(f.Path, append([]string{f.Path}, l.naming(b.metric)...), manyNames) {
		other := l.read(p)
		if other == nil || family(other.Lang) != family(f.Lang) {
			continue
		}
		for _, c := range other.Calls {
			fills := rules.Positions.match(c.Name) || rules.Objects.match(c.Name)
			switch {
			case b.declares && fills && lastOf(c.Receiver) == b.metric:
				return []detectors.Related{{Path: p, Line: c.Span.Line, Message: "fills the label here"}}
			case !b.declares && rules.Declares[family(f.Lang)].match(c.Name) && givenTo(other, c) == b.metric:
				return []detectors.Related{{Path: p, Line: c.Span.Line, Message: b.metric + " is declared here"}}
			}
		}
	}
	return nil
}
