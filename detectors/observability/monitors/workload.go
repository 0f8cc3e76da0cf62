package monitors

import "strings"

// Workload is something that runs and that somebody may watch.
type Workload struct {
	// Kind is "service" (Compose), "deployment", "job" (CronJob) in the words of people; Name is its own.
	Kind, Name string
	Line       int
}

// workloadKinds are what Kubernetes runs.
var workloadKinds = map[string]string{
	"Deployment": "deployment", "StatefulSet": "deployment", "DaemonSet": "deployment", "CronJob": "cron job", "CronWorkflow": "cron job", "Rollout": "deployment",
}

// Workloads are the services of a Compose file and the workloads of Kubernetes manifests.
func Workloads(text []byte) []Workload {
	if len(text) > maxYAML {
		return nil
	}
	var list []Workload
	for _, n := range parse(text) {
		if kind := workloadKinds[n.Text("kind")]; kind != "" {
			if name := n.Get("metadata", "name"); name != nil && plainName(name.Value) {
				list = append(list, Workload{kind, name.Value, name.Line})
			}
			continue
		}
		services := n.Get("services")
		if services == nil {
			continue
		}
		for _, p := range services.Pairs {
			if (p.Value.Get("image") != nil || p.Value.Get("build") != nil) && plainName(p.Key) {
				list = append(list, Workload{"service", p.Key, p.Line})
			}
		}
	}
	return list
}

// plainName says whether a name is spelt out, and no template's.
func plainName(name string) bool {
	return len(name) > 2 && !strings.ContainsAny(name, "{}$ ") && name != "x"
}
