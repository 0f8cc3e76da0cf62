package metrics

import (
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// Metric is one metric that a file declares, or for StatsD sends.
type Metric struct {
	// Name is as the code composes it: "kitchen_orders_total", "orders.placed". With Open its beginning is not known (a
	// namespace from a parameter): Name is then the known end.
	Name string
	Open bool
	// Kind is "counter", "gauge", "histogram", "summary", "timer" or what the library calls it, in lower case.
	Kind string
	// Unit is the unit that the declaration gives, "" for none.
	Unit string
	// Labels are those of the declaration, nil where it does not list them.
	Labels []string
	// Holder is the variable or field that is given the metric, "" for none.
	Holder string
	Span   source.Span

	style string
	// whole says that the name has the prefix of the file's client.
	whole bool
}

// suffixes are what exporters put behind the name of a distribution.
var suffixes = []string{"_bucket", "_sum", "_count", "_max", "_created"}

// Exported are the names under which the metric may be asked for, the most usual first; histograms also go by
// _bucket, _sum and _count, see Is.
func (m *Metric) Exported() []string {
	flat := strings.NewReplacer(".", "_", "-", "_", "/", "_", " ", "_").Replace(m.Name)
	counter := m.Kind == "counter" || m.Kind == "counted"
	switch m.style {
	case "python":
		return m.python(flat)
	case "micrometer":
		name := flat
		if m.Kind == "timer" || m.Kind == "timed" || m.Kind == "longtasktimer" {
			name = ending(flat, "seconds")
		} else if m.Unit != "" {
			name = ending(flat, m.Unit)
		}
		if counter || m.Kind == "functioncounter" {
			name = ending(strings.TrimSuffix(name, "_total"), "total")
		}
		return names(name, m.Name)
	case "opentelemetry":
		unit := units[m.Unit]
		full := ending(flat, unit)
		if counter {
			return names(ending(strings.TrimSuffix(full, "_total"), "total"), ending(flat, "total"), full, flat, m.Name)
		}
		return names(full, flat, m.Name)
	case "suffixed":
		return names(flat, ending(flat, "total"))
	case "yabeda":
		full := ending(flat, m.Unit)
		return names(full, ending(full, "total"), flat)
	case "exact":
		return names(m.Name)
	case "statsd":
		return names(m.Name, flat, ending(flat, "total"))
	}
	name, _, _ := strings.Cut(m.Name, "{")
	return names(name)
}

// python is the rule of prometheus_client: a unit and _total are added to the name.
func (m *Metric) python(flat string) []string {
	full := ending(flat, m.Unit)
	switch m.Kind {
	case "counter":
		return names(ending(strings.TrimSuffix(full, "_total"), "total"), full)
	case "info":
		return names(ending(full, "info"))
	}
	return names(full)
}

// units are OpenTelemetry's units as its Prometheus exporters write them.
var units = map[string]string{
	"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "min": "minutes", "h": "hours", "d": "days",
	"By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes", "kBy": "kilobytes", "MBy": "megabytes",
	"Cel": "celsius", "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams", "Hz": "hertz", "%": "percent", "1": "ratio",
}

func ending(name, suffix string) string {
	if suffix == "" || strings.HasSuffix(name, "_"+suffix) {
		return name
	}
	return name + "_" + suffix
}

// names keeps each name once.
func names(list ...string) []string {
	var once []string
	for _, n := range list {
		if n != "" && !slices.Contains(once, n) {
			once = append(once, n)
		}
	}
	return once
}

// Is says whether a query's name means this metric.
func (m *Metric) Is(name string) bool {
	for _, e := range m.Exported() {
		if m.fits(name, e) {
			return true
		}
		if m.Kind == "counter" || m.Kind == "gauge" {
			continue
		}
		for _, s := range suffixes {
			if m.fits(name, e+s) {
				return true
			}
		}
	}
	return false
}

// Prefixed says that the client may put a prefix before the name which the code does not show (StatsD's namespace).
func (m *Metric) Prefixed() bool {
	return m.style == "statsd" && !m.whole && strings.ContainsAny(m.Name, "._")
}

func (m *Metric) fits(name, exported string) bool {
	return name == exported || (m.Open || m.Prefixed()) && (strings.HasSuffix(name, "_"+exported) || strings.HasSuffix(name, "."+exported))
}

// Queried are the names that a query may use for the metric: Exported, and those with the suffixes of a distribution.
func (m *Metric) Queried() []string {
	var list []string
	for _, e := range m.Exported() {
		list = append(list, e)
		if m.Kind != "counter" && m.Kind != "gauge" {
			for _, s := range suffixes {
				list = append(list, e+s)
			}
		}
	}
	return list
}
