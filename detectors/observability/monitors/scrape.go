package monitors

import "strings"

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
		kind := textOf(n.get("kind"))
		if kind != "ServiceMonitor" && kind != "PodMonitor" {
			continue
		}
		s := Scrape{Kind: kind, Name: textOf(n.get("metadata").get("name"))}
		for _, key := range []string{"endpoints", "podMetricsEndpoints"} {
			if of := n.get("spec").get(key); of != nil {
				for _, e := range of.items {
					if p := e.get("port"); p != nil && plainName(p.text) {
						s.Ports = append(s.Ports, Named{Name: p.text, Line: p.line})
					}
				}
			}
		}
		for _, p := range n.get("spec").get("selector").get("matchLabels").pairs() {
			s.Selector = append(s.Selector, Named{p.name, p.value.text, p.line})
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
		e := Exposed{Kind: textOf(n.get("kind")), Name: textOf(n.get("metadata").get("name"))}
		labels := n.get("metadata").get("labels")
		if e.Kind == "Service" {
			e.ports(n.get("spec").get("ports"))
		} else if workloadKinds[e.Kind] != "" {
			pod := n.get("spec").get("template")
			labels = pod.get("metadata").get("labels")
			if of := pod.get("spec").get("containers"); of != nil {
				for _, c := range of.items {
					e.ports(c.get("ports"))
				}
			}
		}
		for _, p := range labels.pairs() {
			e.Labels = append(e.Labels, Named{p.name, p.value.text, p.line})
		}
		if len(e.Ports) > 0 {
			list = append(list, e)
		}
	}
	return list
}

func (e *Exposed) ports(n *node) {
	if n == nil {
		return
	}
	for _, i := range n.items {
		if name := i.get("name"); name != nil && name.text != "" {
			e.Ports = append(e.Ports, Named{Name: name.text, Line: name.line})
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
		if of := n.get("scrape_configs"); of != nil {
			for _, i := range of.items {
				if name := i.get("job_name"); name != nil && plainName(name.text) {
					list = append(list, Workload{"scrape job", name.text, name.line})
				}
			}
		}
	}
	return list
}
