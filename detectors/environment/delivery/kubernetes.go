package delivery

// Kubernetes manifests, Argo Rollouts, Flagger, Knative and Cloud Run services.

import (
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/source/document"
)

var workloadKinds = map[string]bool{"Deployment": true, "StatefulSet": true, "DaemonSet": true, "Rollout": true, "DeploymentConfig": true}

func kubernetes(p string, docs []*document.Node, templated bool) []Unit {
	var units []Unit
	for _, d := range docs {
		if len(d.Items) > 0 {
			units = append(units, operations(p, d)...)
			continue
		}
		if d.Text("kind") == "List" {
			for _, item := range d.List("items") {
				units = append(units, manifest(p, item, templated)...)
			}
			continue
		}
		units = append(units, manifest(p, d, templated)...)
	}
	return units
}

func manifest(p string, d *document.Node, templated bool) []Unit {
	kind, name := d.Text("kind"), d.Text("metadata", "name")
	if kind == "" || d.Text("apiVersion") == "" {
		return nil
	}
	// A template's name is one of its chart's.
	scope := ""
	if templated {
		scope = path.Dir(p) + "/"
	}
	u := Unit{Key: "workload/" + scope + name, Title: kind + " " + name, Line: d.Line}
	if strings.HasPrefix(name, "TPL") {
		u.Title = kind
	}
	switch {
	case workloadKinds[kind]:
		u.Wave = waveOf(d)
		u.strategy(kind, d.Get("spec"))
		u.pod(d.Get("spec", "template"), templated)
		return []Unit{u}
	case kind == "CronJob" || kind == "Job":
		template := d.Get("spec", "template")
		if kind == "CronJob" {
			template = d.Get("spec", "jobTemplate", "spec", "template")
		}
		u.pod(template, templated)
		u.Guards, u.Serves, u.Ends = nil, false, true
		u.hooked(d, template)
		return []Unit{u}
	case kind == "HelmRelease" || kind == "Application" && strings.Contains(d.Text("apiVersion"), "argoproj"):
		return application(p, kind, d)
	case kind == "Service" && strings.Contains(d.Text("apiVersion"), "serving.knative.dev"):
		u.knative(d)
		return []Unit{u}
	case kind == "Canary" && strings.Contains(d.Text("apiVersion"), "flagger"):
		target := d.Text("spec", "targetRef", "name")
		if target == "" {
			return nil
		}
		u.Key, u.Title, u.Partial = "workload/"+scope+target, "Canary "+name, true
		if analysis := d.Get("spec", "analysis"); analysis != nil && d.Text("spec", "skipAnalysis") != "true" {
			f, _ := d.Get("spec").Pair("analysis")
			u.add(Gradual, "flagger", "Flagger's canary", 2, f.Line)
		}
		return []Unit{u}
	case kind == "Service" && d.Text("apiVersion") == "v1":
		u.Key, u.Partial, u.Selects = "service/"+scope+name, true, labels(d.Get("spec", "selector"))
		return []Unit{u}
	case kind == "PodDisruptionBudget":
		u.Key, u.Selects = "budget/"+scope+name, labels(d.Get("spec", "selector", "matchLabels"))
		u.add(Budget, "", "PodDisruptionBudget "+strings.TrimPrefix(name, "TPL"), 1, d.Line)
		return []Unit{u}
	case kind == "HorizontalPodAutoscaler":
		target := d.Text("spec", "scaleTargetRef", "name")
		if low, err := strconv.Atoi(d.Text("spec", "minReplicas")); err == nil && target != "" {
			f, _ := d.Get("spec").Pair("minReplicas")
			u.Key, u.Partial = "workload/"+scope+target, true
			u.add(Capacity, "", "minReplicas", low, f.Line)
			return []Unit{u}
		}
	}
	return nil
}

// strategy reads how instances are replaced.
func (u *Unit) strategy(kind string, spec *document.Node) {
	key := "strategy"
	if kind == "StatefulSet" || kind == "DaemonSet" {
		key = "updateStrategy"
	}
	f, ok := spec.Pair(key)
	if d, has := spec.Pair("progressDeadlineSeconds"); has && d.Value.Kind != document.Null {
		u.add(Rollback, "deadline", "progressDeadlineSeconds", 1, d.Line)
	}
	if !ok || f.Value.Kind == document.Null {
		return
	}
	s := f.Value
	switch {
	case kind == "Rollout" && s.Get("canary") != nil:
		level := 1
		for _, step := range s.List("canary", "steps") {
			if pause, ok := step.Pair("pause"); ok && pause.Value.Get("duration") == nil {
				u.add(Approval, "pause", "the pause that waits for a person", 1, pause.Line)
			}
			if w, err := strconv.Atoi(step.Text("setWeight")); step.Get("pause") != nil || step.Get("analysis") != nil || err == nil && w < 100 {
				level = 2
			}
			if a, ok := step.Pair("analysis"); ok {
				u.add(Rollback, "analysis", "the analysis that takes a bad canary back", 1, a.Line)
			}
		}
		u.add(Gradual, "", "the canary steps", level, f.Line)
		if a, ok := s.Get("canary").Pair("analysis"); ok {
			u.add(Rollback, "analysis", "the analysis that takes a bad canary back", 1, a.Line)
		}
	case kind == "Rollout" && s.Get("blueGreen") != nil:
		u.add(Gradual, "", "the blue-green strategy", 2, f.Line)
		if a, ok := s.Get("blueGreen").Pair("prePromotionAnalysis"); ok {
			u.add(Rollback, "analysis", "the analysis before promotion", 1, a.Line)
		}
		if a, ok := s.Get("blueGreen").Pair("autoPromotionEnabled"); ok && a.Value.Value == "false" {
			u.add(Approval, "pause", "the promotion by a person", 1, a.Line)
		}
	case s.Text("type") == "Recreate" || s.Text("type") == "OnDelete":
		u.add(Gradual, "", "strategy "+s.Text("type"), 0, f.Line)
	case s.Text("rollingUpdate", "maxUnavailable") == "100%" && s.Text("rollingUpdate", "maxSurge") != "100%":
		m, _ := s.Get("rollingUpdate").Pair("maxUnavailable")
		u.add(Gradual, "", "the rolling update", 0, m.Line)
	default:
		if r := strings.TrimSuffix(s.Text("type"), "Update"); r == "Rolling" || s.Get("rollingUpdate") != nil {
			u.add(Gradual, "", "the rolling update", 1, f.Line)
		}
	}
}

var probeNames = []string{"readinessProbe", "livenessProbe", "startupProbe"}

// pod reads a template's containers, labels and volumes.
func (u *Unit) pod(template *document.Node, templated bool) {
	u.Labels = labels(template.Get("metadata", "labels"))
	spec := template.Get("spec")
	u.Partial = true
	for i, c := range spec.List("containers") {
		name := c.Text("name")
		if name == "" {
			name = strconv.Itoa(i)
		}
		if image, ok := c.Pair("image"); ok && image.Value.Value != "" {
			u.Partial = false
			u.Images = append(u.Images, imageOf(name, image.Value.Value, image.Line))
		}
		u.Serves = u.Serves || len(c.List("ports")) > 0
		u.Limited = u.Limited || c.Get("resources", "limits") != nil || c.Get("resources", "requests") != nil || templated && c.Get("resources") != nil
		for _, probe := range probeNames {
			if f, ok := c.Pair(probe); ok {
				level := 1
				if f.Value.Kind == document.Null && !templated {
					level = 0 // an overlay takes it away
				}
				u.add(Probe, probe+"/"+name, probe+" of container "+plain(name), level, f.Line)
			}
		}
	}
	for _, v := range spec.List("volumes") {
		u.Waits = u.Waits || v.Get("persistentVolumeClaim") != nil || v.Get("hostPath") != nil
	}
}

// plain leaves out the placeholder of a template's action.
func plain(name string) string {
	if strings.HasPrefix(name, "TPL") {
		return "of the chart"
	}
	return name
}

func (u *Unit) knative(d *document.Node) {
	template := d.Get("spec", "template")
	u.pod(template, false)
	u.Serves = true
	shares, most := 0, 0
	line := d.Line
	for _, t := range d.List("spec", "traffic") {
		if n, err := strconv.Atoi(t.Text("percent")); err == nil && n > 0 {
			shares++
			most = max(most, n)
			line = t.Line
		}
	}
	// A split that has come past its half is about to end anyway.
	switch {
	case shares > 1:
		u.add(Gradual, "", "the traffic split", 2, line)
	case most == 100:
		u.add(Gradual, "", "the traffic split", 1, line)
	}
	for _, at := range []*document.Node{d.Get("metadata", "annotations"), template.Get("metadata", "annotations")} {
		for _, f := range at.Entries() {
			if strings.HasSuffix(f.Key, "minScale") || strings.HasSuffix(f.Key, "min-scale") {
				n, _ := strconv.Atoi(f.Value.Value)
				u.add(Capacity, "", path.Base(f.Key), n, f.Line)
			}
		}
	}
}

func labels(n *document.Node) map[string]string {
	m := map[string]string{}
	for _, f := range n.Entries() {
		m[f.Key] = f.Value.Value
	}
	return m
}
