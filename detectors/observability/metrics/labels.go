package metrics

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Labels of libraries that take them where a value is recorded, and not where the metric is declared: Micrometer's tags,
// OpenTelemetry's attributes, StatsD's tags, the pairs of Rust's macros.

var (
	// pairedKey makes a label of its first argument: attribute.String("reason", r), Tag.of("reason", r).
	pairedKey = lazy.New(`(?:^|\.)attribute\.(?:String|Int|Int64|Bool|Float64|Stringer|StringSlice|Key)$|(?:^|\.)(?:Tag|Tags|KeyValues?|Attributes|ImmutableTag)\.(?:of|put)$|(?:^|\.)AttributeKey\.\w+Key$|^KeyValuePair|(?:^|[.:])KeyValue\.new$`)
	// chained are calls behind a builder that add labels.
	chained = lazy.New(`^(?:tag|tags)$`)
	// records are calls on an instrument that record a value.
	records = lazy.New(`^(?:add|record|Add|Record|set|increment|observe)$`)
	// heldElsewhere is an argument that may hold any labels.
	heldElsewhere = lazy.New(`(?i)^[&*]?(?:\.\.\.)?[\w.$]*(?:tags?|labels?|attr\w*|dimensions|options|opts|attributes)(?:\.\.\.)?(?:\(\))?$|\.\.\.\w|\*\*\w`)
	arrowLabel    = lazy.New(`^"([\w.-]+)"\s*=>`)
	taggedText    = lazy.New(`^([\w.-]+):`)
)

// filled are the labels that a metric is given where its values are recorded, nil where they are not all spelled out.
func (r *reader) filled(m *Metric, c *source.Call) []string {
	switch m.style {
	case "micrometer", "statsd":
		return r.recorded(m, r.chain(c), 1)
	case "opentelemetry":
		var uses []*source.Call
		for _, use := range r.file.Calls {
			if m.Holder != "" && records.MatchString(use.Name) && strings.TrimLeft(use.Receiver[strings.LastIndexAny(use.Receiver, ".>:")+1:], "$@") == strings.TrimLeft(m.Holder, "$@") {
				uses = append(uses, use)
			}
		}
		return r.recorded(m, uses, 0)
	case "plain":
		if r.file.Lang == source.Rust && slices.ContainsFunc(c.Args, func(a source.Arg) bool { return arrowLabel.MatchString(a.Text) }) {
			return r.recorded(m, []*source.Call{c}, 1)
		}
	}
	return nil
}

// chain is a call with those behind it that add labels to it.
func (r *reader) chain(c *source.Call) []*source.Call {
	list := []*source.Call{c}
	for _, o := range r.file.Calls {
		if o.Span.Start == c.Span.Start && o.Span.End > c.Span.End && chained.MatchString(o.Name) {
			list = append(list, o)
		}
	}
	return list
}

// recorded are the labels in the arguments of calls, of the first from one on; nil when one of them is held elsewhere.
func (r *reader) recorded(m *Metric, calls []*source.Call, from int) []string {
	if len(calls) == 0 {
		return nil
	}
	labels := []string{}
	keep := func(name string) {
		if name != "" && plain(name) && !slices.Contains(labels, name) {
			labels = append(labels, name)
		}
	}
	for n, c := range calls {
		args := c.Args
		if n == 0 {
			args = args[min(from, len(args)):]
		}
		for i, a := range args {
			switch {
			case a.IsFunc:
			case heldElsewhere.MatchString(strings.TrimSpace(a.Text)):
				return nil
			case m.style == "micrometer" && a.IsString && i%2 == 0:
				keep(a.Str)
			case r.file.Lang == source.Rust:
				if g := arrowLabel.FindStringSubmatch(a.Text); g != nil {
					keep(g[1])
				}
			}
			r.inside(m, a.Span, keep)
		}
	}
	return labels
}

// inside are the labels that an argument spells out.
func (r *reader) inside(m *Metric, span source.Span, keep func(string)) {
	for _, c := range r.file.Calls {
		if c.Span.Start < span.Start || c.Span.End > span.End || !pairedKey.MatchString(strings.ReplaceAll(c.Full(), "::", ".")) {
			continue
		}
		for i, a := range c.Args {
			if a.IsString && i%2 == 0 {
				keep(a.Str)
			}
		}
	}
	for _, o := range r.file.Objects {
		if o.Span.Start >= span.Start && o.Span.End <= span.End {
			for _, k := range o.Keys {
				keep(strings.Trim(k.Name, "\"'`"))
			}
		}
	}
	if m.style != "statsd" {
		return
	}
	for _, s := range r.file.Strings {
		if s.Span.Start >= span.Start && s.Span.End <= span.End {
			if g := taggedText.FindStringSubmatch(s.Value); g != nil {
				keep(g[1])
			}
		}
	}
}
