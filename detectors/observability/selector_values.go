package observability

import (
	"fmt"
	"slices"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/metrics"
	"flightpoll/detectors/source"
)

// Values of labels that code spells out, and that a query selects by.

// labelValue is a value that a call gives to a label of the metric that an expression holds; label is empty where the place
// does not name it.
type labelValue struct {
	holder, label, value string
	span                 source.Span
}

var literalValue = lazy.New("^[\"'`]([\\w./-]{2,})[\"'`]$")

// recordedValues are the label values of a file that are spelled out.
func recordedValues(rules *labelRules, f *source.File) []labelValue {
	var list []labelValue
	for _, c := range f.Calls {
		byPosition := rules.Positions.match(c.Name)
		if !byPosition && !rules.Objects.match(c.Name) || c.Receiver == "" {
			continue
		}
		holder := lastOf(c.Receiver)
		if c.Name == "counter" || c.Name == "timer" || c.Name == "gauge" || c.Name == "increment" || c.Name == "incr" {
			if len(c.Args) > 0 && c.Args[0].IsString {
				holder = c.Args[0].Str
			}
		}
		for i, a := range c.Args {
			if !a.IsString || len(a.Str) < 2 {
				continue
			}
			switch {
			case byPosition:
				list = append(list, labelValue{holder: holder, value: a.Str, span: a.Span})
			case i > 1 && i%2 == 0 && c.Args[i-1].IsString && holder == c.Args[0].Str:
				list = append(list, labelValue{holder, c.Args[i-1].Str, a.Str, a.Span})
			}
		}
		for _, o := range f.Objects {
			if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
				continue
			}
			for _, k := range o.Keys {
				if m := literalValue.FindStringSubmatch(k.Value); m != nil {
					list = append(list, labelValue{holder, k.Name, m[1], k.Span})
				}
			}
		}
	}
	return list
}

// valuesGone reports queries that select a metric by a value which no code gives it any more.
func (l *lookup) valuesGone(s side) error {
	if s.base == nil || !aboutMetrics.Match(s.base.Text) {
		return nil
	}
	rules, err := labelling()
	if err != nil {
		return err
	}
	var now []labelValue
	if s.head != nil {
		now = recordedValues(rules, s.head)
	}
	done := map[string]bool{}
	for _, v := range recordedValues(rules, s.base) {
		if slices.ContainsFunc(now, func(n labelValue) bool { return n.value == v.value }) || done[v.holder+v.value] || !s.change.Removed(v.span.Line) && s.head != nil {
			continue
		}
		done[v.holder+v.value] = true
		if s.head != nil && slices.ContainsFunc(s.head.Strings, func(t *source.String) bool { return t.Value == v.value }) {
			continue
		}
		m := l.heldMetric(s.base, v.holder)
		if m == nil || l.givenElsewhere(s, v) {
			continue
		}
		for _, p := range l.naming(v.value) {
			d := l.monitor(p, false)
			if d == nil {
				continue
			}
			for _, a := range d.Asked {
				if !m.Is(a.Metric) || !selectsValue(a.Values, v) {
					continue
				}
				l.pass.Report(staleFinding(s.change.Path, s.change.NewLine(v.span.Line), v.value, fmt.Sprintf("the value %q of a label of %s", v.value, a.Metric), d, a))
				break
			}
		}
	}
	return nil
}

func selectsValue(values map[string][]string, v labelValue) bool {
	for label, list := range values {
		if (v.label == "" || v.label == label) && slices.Contains(list, v.value) {
			return true
		}
	}
	return false
}

// heldMetric is the metric that a variable of a file holds, declared in the file or where the name is, nil for none.
func (l *lookup) heldMetric(f *source.File, holder string) *metrics.Metric {
	if len(holder) < 3 {
		return nil
	}
	files := []*source.File{f}
	for _, p := range closest(f.Path, l.naming(holder), manyNames) {
		if other := l.read(p); other != nil && family(other.Lang) == family(f.Lang) {
			files = append(files, other)
		}
	}
	for _, file := range files {
		list, err := metrics.Declared(file, l.constants(file, false))
		if err != nil {
			return nil
		}
		for _, m := range list {
			if m.Holder == holder || m.Name == holder {
				return m
			}
		}
	}
	return nil
}

// givenElsewhere says whether another file that uses the holder still spells the value out.
func (l *lookup) givenElsewhere(s side, v labelValue) bool {
	users := l.naming(v.holder)
	return slices.ContainsFunc(l.naming(v.value), func(p string) bool {
		return p != s.change.Path && source.LanguageOf(p) != "" && slices.Contains(users, p)
	})
}
