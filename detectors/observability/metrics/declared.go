package metrics

import (
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Constants gives the value of a constant by its name, for names that are put together; ok is false for what is no
// constant text.
type Constants func(name string) (value string, ok bool)

// Declared are the metrics that a file declares, in source order. A name that cannot be composed is left out.
func Declared(f *source.File, constants Constants) ([]*Metric, error) {
	all, err := libraries()
	if err != nil {
		return nil, err
	}
	r := &reader{file: f, constants: constants}
	var list []*Metric
	for _, l := range all {
		if !l.serves(f) {
			continue
		}
		switch {
		case l.Type.Regexp != nil:
			list = append(list, r.literals(l)...)
			continue
		case l.Object.Regexp != nil:
			list = append(list, r.keyed(l)...)
			continue
		}
		list = append(list, r.calls(l)...)
	}
	return list, nil
}

// reader reads one file.
type reader struct {
	file      *source.File
	constants Constants
}

// literals are the options that declare by themselves: prometheus.CounterOpts{...}.
func (r *reader) literals(l *library) []*Metric {
	var list []*Metric
	for _, o := range r.file.Objects {
		groups := l.Type.find(o.Type)
		if groups == nil {
			continue
		}
		m := &Metric{style: l.Style, Span: o.Span, Kind: kind(l, groups)}
		if !r.compose(m, l.Name, func(key string) string { return keyOf(o, key) }) {
			continue
		}
		for _, c := range r.file.Calls {
			if c.Span.Start <= o.Span.Start && c.Span.End >= o.Span.End && strings.Contains(c.Name, "New") && len(c.Args) > 0 {
				m.Labels = r.listed(c.Args[len(c.Args)-1].Span)
				if m.Kind == "" {
					m.Kind = kindOfCall(c.Name)
				}
			}
		}
		m.Holder = r.holder(o.Span)
		list = append(list, m)
	}
	return list
}

// calls are the constructors and, for StatsD, the senders.
func (r *reader) calls(l *library) []*Metric {
	var list []*Metric
	for _, c := range r.file.Calls {
		groups := l.Call.find(c.Name)
		if groups == nil || l.Receiver.find(c.Receiver) == nil || len(c.Args) == 0 && !l.named() {
			continue
		}
		m := &Metric{style: l.Style, Span: c.Span, Kind: kind(l, groups)}
		if m.Kind == "" {
			m.Kind = kindOfCall(c.Receiver)
		}
		if !r.compose(m, l.Name, func(key string) string { return r.given(c, key) }) {
			continue
		}
		if l.Style == "statsd" {
			if prefix := r.prefix(); prefix != "" {
				m.Name, m.whole = prefix+"."+m.Name, true
			}
		}
		if l.Style == "yabeda" {
			m.Name = r.group(c) + m.Name
		}
		if unit, _, ok := r.text(r.given(c, l.Unit)); ok {
			m.Unit = unit
		}
		for _, key := range l.Labels {
			if span, ok := r.spanOf(c, key); ok {
				m.Labels = r.listed(span)
			}
		}
		m.Holder = r.holder(c.Span)
		if m.Labels == nil {
			m.Labels = r.filled(m, c)
		}
		list = append(list, m)
	}
	return list
}

// clientPrefix is the prefix that a file gives its client of StatsD.
var clientPrefix = lazy.New(`(?i)\b(?:prefix|namespace)["']?\s*(?::|=>?)\s*["']([\w.]+?)\.?["']|WithNamespace\("([\w.]+?)\.?"\)`)

// prefix is what the file's client of StatsD puts before each name, "" where the file does not say it.
func (r *reader) prefix() string {
	if m := clientPrefix.FindSubmatch(r.file.Text); m != nil {
		return string(m[1]) + string(m[2])
	}
	return ""
}

// keyed are the metrics that are named by a key of an object or by a keyword.
func (r *reader) keyed(l *library) []*Metric {
	var list []*Metric
	add := func(value string, span source.Span) {
		if m := wrappedText.FindStringSubmatch(strings.TrimSpace(value)); m != nil {
			list = append(list, &Metric{Name: m[1], style: l.Style, Span: span})
		}
	}
	for _, o := range r.file.Objects {
		for _, k := range o.Keys {
			if l.Object.MatchString(strings.Trim(k.Name, "\"'`:")) {
				add(k.Value, k.Span)
			}
		}
	}
	for _, c := range r.file.Calls {
		for _, a := range c.Args {
			if a.Keyword != "" && l.Object.MatchString(a.Keyword) {
				add(a.Text, a.Span)
			}
		}
	}
	return list
}

// wrappedText is a literal, maybe in a call that makes a pointer of it.
var wrappedText = lazy.New(`^(?:[\w.]+\()?["']([\w./-]{3,})["']\)?$`)

func kind(l *library, groups []string) string {
	if len(groups) > 1 && groups[1] != "" {
		k := strings.ToLower(groups[1])
		switch {
		case strings.HasPrefix(k, "incr"), strings.HasPrefix(k, "decr"), k == "count", k == "floatcounter":
			return "counter"
		case k == "updowncounter", k == "up_down_counter":
			return "gauge"
		case k == "timing":
			return "timer"
		}
		return k
	}
	return l.Kind
}

// kindOfCall reads a kind from a name: Counter, NewGaugeVec, IntCounter.
func kindOfCall(name string) string {
	for _, k := range []string{"Counter", "Gauge", "Histogram", "Summary", "Timer"} {
		if strings.Contains(name, k) {
			return strings.ToLower(k)
		}
	}
	return ""
}

// compose puts a name together from its parts. An absent part is none; an unknown first part leaves the name open.
func (r *reader) compose(m *Metric, parts []string, value func(key string) string) bool {
	for i, key := range parts {
		text := value(key)
		if text == "" || text == `""` || text == "''" {
			continue
		}
		part, open, ok := r.text(text)
		switch last := i == len(parts)-1; {
		case !ok && last:
			return false
		case !ok:
			m.Open, m.Name = true, ""
			continue
		case open:
			m.Open, m.Name = true, strings.TrimPrefix(part, "_")
			continue
		case last && part == "":
			return false
		}
		if m.Name != "" && part != "" {
			m.Name += "_"
		}
		m.Name += part
	}
	return len(m.Name) > 2 && value(parts[len(parts)-1]) != "" && plain(m.Name)
}

// plain says whether a name is one: letters, digits and the marks that libraries allow.
func plain(name string) bool {
	name, _, _ = strings.Cut(name, "{")
	for _, c := range name {
		if c != '_' && c != '.' && c != '-' && c != ':' && c != '/' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return name != ""
}

// given is the text of what a call is given: "#0" is a position, "a|b" the first that is there, else a keyword, a key of
// an options literal, or a call behind it in a chain (`.setUnit("s")`, metric.WithUnit("s")).
func (r *reader) given(c *source.Call, key string) string {
	if key == "" {
		return ""
	}
	for _, k := range strings.Split(key, "|") {
		if position, ok := strings.CutPrefix(k, "#"); ok {
			n, _ := strconv.Atoi(position)
			if n < len(c.Args) && c.Args[n].Keyword == "" {
				return c.Args[n].Text
			}
			continue
		}
		for _, a := range c.Args {
			if a.Keyword == k {
				return a.Text
			}
		}
		for _, o := range r.file.Objects {
			if o.Span.Start >= c.Span.Start && o.Span.End <= c.Span.End {
				if v := keyOf(o, k); v != "" {
					return v
				}
			}
		}
		for _, other := range r.file.Calls {
			inside := other.Span.Start > c.Span.Start && other.Span.End <= c.Span.End
			behind := other.Span.Start == c.Span.Start && other.Span.End > c.Span.End
			if other.Name == k && (inside || behind) && len(other.Args) == 1 {
				return other.Args[0].Text
			}
		}
	}
	return ""
}

func keyOf(o *source.Object, key string) string {
	for _, k := range o.Keys {
		if strings.Trim(k.Name, `"'`) == key {
			return k.Value
		}
	}
	return ""
}

// spanOf is the place of what given gives.
func (r *reader) spanOf(c *source.Call, key string) (source.Span, bool) {
	if position, ok := strings.CutPrefix(key, "#"); ok {
		n, _ := strconv.Atoi(position)
		if n < len(c.Args) && c.Args[n].Keyword == "" {
			return c.Args[n].Span, true
		}
		return source.Span{}, false
	}
	for _, a := range c.Args {
		if a.Keyword == key {
			return a.Span, true
		}
	}
	for _, o := range r.file.Objects {
		if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
			continue
		}
		for _, k := range o.Keys {
			if k.Name == key {
				return k.Span, true
			}
		}
	}
	for _, o := range r.file.Calls { // .labelNames("a", "b") behind a builder
		if o.Span.Start == c.Span.Start && o.Span.End > c.Span.End && o.Name == key && len(o.Args) > 0 {
			span := o.Args[0].Span
			span.End = o.Args[len(o.Args)-1].Span.End
			return span, true
		}
	}
	return source.Span{}, false
}

// listed are the strings and symbols of a list.
func (r *reader) listed(span source.Span) []string {
	var list []string
	for _, s := range r.file.Strings {
		if s.Span.Start >= span.Start && s.Span.End <= span.End && !s.Interpolated {
			list = append(list, s.Value)
		}
	}
	if list == nil && r.file.Lang == source.Ruby && span.End <= len(r.file.Text) {
		text := strings.NewReplacer("labels:", "", "%i[", "", "[", "", "]", "", ",", " ", ":", "").Replace(string(r.file.Text[span.Start:span.End]))
		list = strings.Fields(text)
	}
	return list
}

// holder is the variable or field that what stands in the span is given to.
func (r *reader) holder(span source.Span) string {
	name := ""
	for _, d := range r.file.Decls {
		if (d.Kind == source.Var || d.Kind == source.Const || d.Kind == source.Field) && d.Name != "_" && d.Span.Start <= span.Start && d.Span.End >= span.End {
			name = d.Name
		}
	}
	if name != "" {
		return name
	}
	for _, o := range r.file.Objects {
		for _, k := range o.Keys {
			if k.Span.Start <= span.Start && k.Span.End >= span.End && o.Span.Start < span.Start {
				name = k.Name
			}
		}
	}
	if name == "" { // rejected, err := meter.Int64Counter(...)
		before := string(r.file.Text[:span.Start])
		if m := givenName.FindStringSubmatch(before[strings.LastIndexByte(before, '\n')+1:]); m != nil {
			name = m[1]
		}
	}
	return name
}

// givenName is the first name that stands before an assigned value.
var givenName = lazy.New(`(?:^|[\s.>$@])(\w+)(?:\s*,\s*\w+)*\s*:?=\s*(?:\w+\()?$`)

// group is the prefix that Yabeda's group gives, with its underscore.
func (r *reader) group(c *source.Call) string {
	prefix := ""
	for _, g := range r.file.Calls {
		if g.Name == "group" && g.Receiver == "" && g.Span.Start < c.Span.Start && g.Span.End >= c.Span.End && len(g.Args) > 0 && g.Args[0].IsString {
			prefix = g.Args[0].Str + "_"
		}
	}
	return prefix
}
