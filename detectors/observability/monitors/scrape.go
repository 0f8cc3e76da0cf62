package monitors

import (
	"strings"

	"flightpoll/detectors/source/document"
)

// Scrape is what a ServiceMonitor or PodMonitor asks for.
type Scrape struct {
	Kind, Name string
	// Ports are the names of the ports that it scrapes, Selector the labels that it selects by.
	Ports    []Named
	Selector []Named
}

// Named is a name with its line, and for a label its value.
type Named struct {
	Name, Value string
	Line        int
}

// Scrapes are the ServiceMonitors and PodMonitors of a manifest.
func Scrapes(text []byte) []Scrape {
	if len(text) > maxYAML || !strings.Contains(string(text), "Monitor") {
		return nil
	}
	var list []Scrape
	for _, n := range parse(text) {
		kind := n.Text("kind")
		if kind != "ServiceMonitor" && kind != "PodMonitor" {
			continue
		}
		s := Scrape{Kind: kind, Name: n.Text("metadata", "name")}
		for _, key := range []string{"endpoints", "podMetricsEndpoints"} {
			if of := n.Get("spec", key); of != nil {
				for _, e := range of.Items {
					if p := e.Get("port"); p != nil && plainName(p.Value) {
						s.Ports = append(s.Ports, Named{Name: p.Value, Line: p.Line})
					}
				}
			}
		}
		for _, p := range n.Get("spec", "selector", "matchLabels").Entries() {
			s.Selector = append(s.Selector, Named{p.Key, p.Value.Value, p.Line})
		}
		list = append(list, s)
	}
	return list
}

// Exposed is a Service, or a workload's pods, with the names of its ports.
type Exposed struct {
	Kind, Name string
	Ports      []Named
	Labels     []Named
}

// Exposes are the Services and workloads of a manifest.
func Exposes(text []byte) []Exposed {
	if len(text) > maxYAML || !strings.Contains(string(text), "ports:") {
		return nil
	}
	var list []Exposed
	for _, n := range parse(text) {
		e := Exposed{Kind: n.Text("kind"), Name: n.Text("metadata", "name")}
		labels := n.Get("metadata", "labels")
		if e.Kind == "Service" {
			e.ports(n.Get("spec", "ports"))
		} else if workloadKinds[e.Kind] != "" {
			pod := n.Get("spec", "template")
			labels = pod.Get("metadata", "labels")
			if of := pod.Get("spec", "containers"); of != nil {
				for _, c := range of.Items {
					e.ports(c.Get("ports"))
				}
			}
		}
		for _, p := range labels.Entries() {
			e.Labels = append(e.Labels, Named{p.Key, p.Value.Value, p.Line})
		}
		if len(e.Ports) > 0 {
			list = append(list, e)
		}
	}
	return list
}

func (e *Exposed) ports(n *document.Node) {
	if n == nil {
		return
	}
	for _, i := range n.Items {
		if name := i.Get("name"); name != nil && name.Value != "" {
			e.Ports = append(e.Ports, Named{Name: name.Value, Line: name.Line})
		}
	}
}

// ScrapeJobs are the names of the jobs in a configuration of Prometheus.
func ScrapeJobs(text []byte) []Workload {
	if len(text) > maxYAML || !strings.Contains(string(text), "scrape_configs") {
		return nil
	}
	var list []Workload
	for _, n := range parse(text) {
		if of := n.Get("scrape_configs"); of != nil {
			for _, i := range of.Items {
				if name := i.Get("job_name"); name != nil && plainName(name.Value) {
					list = append(list, Workload{"scrape job", name.Value, name.Line})
				}
			}
		}
	}
	return list
}
