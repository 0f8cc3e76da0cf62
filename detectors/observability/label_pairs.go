package observability

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/metrics"
	"flightpoll/detectors/source"
)

// pairs is how a language's libraries take labels as pairs of a name and a value.
type pairs struct {
	Call     pattern `yaml:"call"`
	Receiver pattern `yaml:"receiver"`
	// Inside is the receiver of the call that records the value, where the pair counts only inside of one.
	Inside pattern `yaml:"inside"`
}

// listedOrPaired finds the unbounded labels that a declaration lists in the languages whose constructors labels.yaml does
// not name, and those that are given as pairs.
func (l *lookup) listedOrPaired(rules *labelRules, f *source.File) []*label {
	var list []*label
	if !rules.Declares[family(f.Lang)].set() && aboutMetrics.Match(f.Text) {
		declared, err := metrics.Declared(f, nil)
		if err != nil {
			return nil
		}
		for _, m := range declared {
			for _, name := range m.Labels {
				if rules.Names.match(snake(name)) {
					list = append(list, &label{name: name, metric: m.Holder, span: m.Span, declares: true, named: true})
				}
			}
		}
	}
	rule, ok := rules.Pairs[string(f.Lang)]
	if !ok {
		return list
	}
	for _, c := range f.Calls {
		if !rule.Call.match(c.Name) || rule.Receiver.set() && !rule.Receiver.match(c.Receiver) {
			continue
		}
		macro := f.Lang == source.Rust && c.Name != "new"
		if rule.Inside.set() && !macro && !records(rule, f, c) {
			continue
		}
		metric := ""
		for _, a := range c.Args {
			if a.IsString && metric == "" && (macro || c.Name == "counter" || c.Name == "timer") {
				metric = a.Str
			}
		}
		for i, a := range c.Args {
			if macro {
				if m := arrow.FindStringSubmatch(a.Text); m != nil && rules.Names.match(snake(m[1])) && !constant(m[2]) {
					list = append(list, &label{name: m[1], metric: metric, span: a.Span, named: true})
				}
				continue
			}
			if !a.IsString || i+1 >= len(c.Args) || c.Args[i+1].IsString || constant(c.Args[i+1].Text) {
				continue
			}
			if given := c.Args[i+1]; rules.Names.match(snake(a.Str)) || rules.endless(given.Text) {
				list = append(list, &label{name: a.Str, metric: metric, span: a.Span, named: true})
			}
		}
	}
	return list
}

// arrow is a label of Rust's metrics macros.
var arrow = lazy.New(`^"([\w.-]+)"\s*=>\s*(.+)$`)

// records says whether a pair stands in a call that records a value.
func records(rule pairs, f *source.File, c *source.Call) bool {
	for _, outer := range f.Calls {
		if outer.Span.Start > c.Span.Start || outer.Span.End < c.Span.End {
			continue
		}
		switch strings.ToLower(outer.Name) {
		case "add", "record", "increment", "observe", "set":
			if rule.Inside.match(outer.Receiver) || isInstrument(f, outer.Receiver) {
				return true
			}
		}
	}
	return false
}

// instrument is the type of a field or variable that records values.
var instrument = lazy.New(`^(?:I?(?:Counter|Histogram|UpDownCounter|Gauge|Summary)|(?:Long|Double)(?:Counter|Histogram|Gauge|UpDownCounter)|ObservableGauge|Timer|DistributionSummary)(?:<|$)`)

// isInstrument says whether a file declares what a call goes to as an instrument: Counter<long> _rejected.
func isInstrument(f *source.File, receiver string) bool {
	name := lastIdentifier(receiver)
	if routerVariable.MatchString(name) && bytes.Contains(f.Text, []byte(name+" ")) && makes.Match(f.Text) && regexp.MustCompile(`\b`+name+`\s*(?::\s*\w+\s*)?(?:,\s*\w+\s*)?:?=[^\n]*`+makesInstrument).Match(f.Text) {
		return true
	}
	return slices.ContainsFunc(f.Decls, func(d *source.Decl) bool { return d.Name == name && instrument.MatchString(d.Type) })
}

// makesInstrument are OpenTelemetry's makers of what records values.
const makesInstrument = `(?i:\.create_?(?:counter|histogram|up_?down_?counter|gauge|observable)|\.(?:int64|float64|u64|f64)_?(?:counter|histogram|gauge|updowncounter))`

var makes = lazy.New(makesInstrument)

// endless says whether a value, or a part of what it is put together from, has no end.
func (r *labelRules) endless(text string) bool {
	text = strings.TrimSpace(text)
	if r.Values.match(text) {
		return true
	}
	for _, part := range joins.Split(text, 8) {
		if part = strings.Trim(part, " ()"); part != text && r.Values.match(part) {
			return true
		}
	}
	for _, m := range holes.FindAllStringSubmatch(text, 8) {
		if r.Values.match(strings.TrimSpace(m[1])) {
			return true
		}
	}
	return false
}

var (
	joins = lazy.New(`\s\+\s|\|\||\?\?|\?:`)
	// holes are the values inside of a text: ${...}, {...} of Python and C#, #{...}.
	holes = lazy.New(`\{([^{}]+)\}`)
)

// stopsTimer is the metric of a timer that a plain call stops: const stop = seconds.startTimer(...); stop({path}).
func stopsTimer(f *source.File, c *source.Call) string {
	if c.Receiver != "" || !bytes.Contains(f.Text, []byte("startTimer")) {
		return ""
	}
	for _, m := range startedTimer.FindAllSubmatch(f.Text, 20) {
		if string(m[1]) == c.Name {
			return lastIdentifier(string(m[2]))
		}
	}
	return ""
}

var startedTimer = lazy.New(`\b(\w+)\s*=\s*([\w.$]+)\.startTimer\(`)
