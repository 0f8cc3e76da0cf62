package delivery

// Kubernetes manifests, Argo Rollouts, Flagger, Knative and Cloud Run services.

import (
	"path"
	"strconv"
	"strings"
)

var workloadKinds = map[string]bool{"Deployment": true, "StatefulSet": true, "DaemonSet": true, "Rollout": true, "DeploymentConfig": true}

func kubernetes(p string, docs []*node, templated bool) []Unit {
	var units []Unit
	for _, d := range docs {
		if len(d.items) > 0 {
			units = append(units, operations(p, d)...)
			continue
		}
		if d.text("kind") == "List" {
			for _, item := range d.list("items") {
				units = append(units, manifest(p, item, templated)...)
			}
			continue
		}
		units = append(units, manifest(p, d, templated)...)
	}
	return units
}

func manifest(p string, d *node, templated bool) []Unit {
	kind, name := d.text("kind"), d.text("metadata", "name")
	if kind == "" || d.text("apiVersion") == "" {
		return nil
	}
	// A template's name is one of its chart's.
	scope := ""
	if templated {
		scope = path.Dir(p) + "/"
	}
	u := Unit{Key: "workload/" + scope + name, Title: kind + " " + name, Line: d.line}
	if strings.HasPrefix(name, "TPL") {
		u.Title = kind
	}
	switch {
	case workloadKinds[kind]:
		u.strategy(kind, d.get("spec"))
		u.pod(d.get("spec", "template"), templated)
		return []Unit{u}
	case kind == "CronJob" || kind == "Job":
		template := d.get("spec", "template")
		if kind == "CronJob" {
			template = d.get("spec", "jobTemplate", "spec", "template")
		}
		u.pod(template, templated)
		u.Guards, u.Serves, u.Ends = nil, false, true
		return []Unit{u}
	case kind == "HelmRelease" || kind == "Application" && strings.Contains(d.text("apiVersion"), "argoproj"):
		return application(p, kind, d)
	case kind == "Service" && strings.Contains(d.text("apiVersion"), "serving.knative.dev"):
		u.knative(d)
		return []Unit{u}
	case kind == "Canary" && strings.Contains(d.text("apiVersion"), "flagger"):
		target := d.text("spec", "targetRef", "name")
		if target == "" {
			return nil
		}
		u.Key, u.Title, u.Partial = "workload/"+scope+target, "Canary "+name, true
		if analysis := d.get("spec", "analysis"); analysis != nil && d.text("spec", "skipAnalysis") != "true" {
			f, _ := d.get("spec").field("analysis")
			u.add(Gradual, "flagger", "Flagger's canary", 2, f.line)
		}
		return []Unit{u}
	case kind == "PodDisruptionBudget":
		u.Key, u.Selects = "budget/"+scope+name, labels(d.get("spec", "selector", "matchLabels"))
		u.add(Budget, "", "PodDisruptionBudget "+strings.TrimPrefix(name, "TPL"), 1, d.line)
		return []Unit{u}
	case kind == "HorizontalPodAutoscaler":
		target := d.text("spec", "scaleTargetRef", "name")
		if low, err := strconv.Atoi(d.text("spec", "minReplicas")); err == nil && target != "" {
			f, _ := d.get("spec").field("minReplicas")
			u.Key, u.Partial = "workload/"+scope+target, true
			u.add(Capacity, "", "minReplicas", low, f.line)
			return []Unit{u}
		}
	}
	return nil
}

// strategy reads how instances are replaced.
func (u *Unit) strategy(kind string, spec *node) {
	key := "strategy"
	if kind == "StatefulSet" || kind == "DaemonSet" {
		key = "updateStrategy"
	}
	f, ok := spec.field(key)
	if d, has := spec.field("progressDeadlineSeconds"); has && !d.value.null {
		u.add(Rollback, "deadline", "progressDeadlineSeconds", 1, d.line)
	}
	if !ok || f.value.null {
		return
	}
	s := f.value
	switch {
	case kind == "Rollout" && s.get("canary") != nil:
		level := 1
		for _, step := range s.list("canary", "steps") {
			if pause, ok := step.field("pause"); ok && pause.value.get("duration") == nil {
				u.add(Approval, "pause", "the pause that waits for a person", 1, pause.line)
			}
			if w, err := strconv.Atoi(step.text("setWeight")); step.get("pause") != nil || step.get("analysis") != nil || err == nil && w < 100 {
				level = 2
			}
			if a, ok := step.field("analysis"); ok {
				u.add(Rollback, "analysis", "the analysis that takes a bad canary back", 1, a.line)
			}
		}
		u.add(Gradual, "", "the canary steps", level, f.line)
		if a, ok := s.get("canary").field("analysis"); ok {
			u.add(Rollback, "analysis", "the analysis that takes a bad canary back", 1, a.line)
		}
	case kind == "Rollout" && s.get("blueGreen") != nil:
		u.add(Gradual, "", "the blue-green strategy", 2, f.line)
		if a, ok := s.get("blueGreen").field("prePromotionAnalysis"); ok {
			u.add(Rollback, "analysis", "the analysis before promotion", 1, a.line)
		}
		if a, ok := s.get("blueGreen").field("autoPromotionEnabled"); ok && a.value.value == "false" {
			u.add(Approval, "pause", "the promotion by a person", 1, a.line)
		}
	case s.text("type") == "Recreate" || s.text("type") == "OnDelete":
		u.add(Gradual, "", "the rolling update", 0, f.line)
	case s.text("rollingUpdate", "maxUnavailable") == "100%" && s.text("rollingUpdate", "maxSurge") != "100%":
		m, _ := s.get("rollingUpdate").field("maxUnavailable")
		u.add(Gradual, "", "the rolling update", 0, m.line)
	default:
		if r := strings.TrimSuffix(s.text("type"), "Update"); r == "Rolling" || s.get("rollingUpdate") != nil {
			u.add(Gradual, "", "the rolling update", 1, f.line)
		}
	}
}

var probeNames = []string{"readinessProbe", "livenessProbe", "startupProbe"}

// pod reads a template's containers, labels and volumes.
func (u *Unit) pod(template *node, templated bool) {
	u.Labels = labels(template.get("metadata", "labels"))
	spec := template.get("spec")
	u.Partial = true
	for i, c := range spec.list("containers") {
		name := c.text("name")
		if name == "" {
			name = strconv.Itoa(i)
		}
		if image, ok := c.field("image"); ok && image.value.value != "" {
			u.Partial = false
			u.Images = append(u.Images, imageOf(name, image.value.value, image.line))
		}
		u.Serves = u.Serves || len(c.list("ports")) > 0
		for _, probe := range probeNames {
			if f, ok := c.field(probe); ok {
				level := 1
				if f.value.null && !templated {
					level = 0 // an overlay takes it away
				}
				u.add(Probe, probe+"/"+name, probe+" of container "+plain(name), level, f.line)
			}
		}
	}
	for _, v := range spec.list("volumes") {
		u.Waits = u.Waits || v.get("persistentVolumeClaim") != nil || v.get("hostPath") != nil
	}
}

// plain leaves out the placeholder of a template's action.
func plain(name string) string {
	if strings.HasPrefix(name, "TPL") {
		return "of the chart"
	}
	return name
}

func (u *Unit) knative(d *node) {
	template := d.get("spec", "template")
	u.pod(template, false)
	u.Serves = true
	shares, most := 0, 0
	line := d.line
	for _, t := range d.list("spec", "traffic") {
		if n, err := strconv.Atoi(t.text("percent")); err == nil && n > 0 {
			shares++
			most = max(most, n)
			line = t.line
		}
	}
	// A split that has come past its half is about to end anyway.
	switch {
	case shares > 1:
		u.add(Gradual, "", "the traffic split", 2, line)
	case most == 100:
		u.add(Gradual, "", "the traffic split", 1, line)
	}
	for _, at := range []*node{d.get("metadata", "annotations"), template.get("metadata", "annotations")} {
		for _, f := range at.entries() {
			if strings.HasSuffix(f.key, "minScale") || strings.HasSuffix(f.key, "min-scale") {
				n, _ := strconv.Atoi(f.value.value)
				u.add(Capacity, "", path.Base(f.key), n, f.line)
			}
		}
	}
}

func (n *node) entries() []field {
	if n == nil {
		return nil
	}
	return n.fields
}

func labels(n *node) map[string]string {
	m := map[string]string{}
	for _, f := range n.entries() {
		m[f.key] = f.value.value
	}
	return m
}
