package delivery

// Platforms: fly.toml, render.yaml, railway, App Engine, CloudFormation and SAM, and Terraform's resources of the same.

import (
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/source/document"
)

func platform(p string, docs []*document.Node) []Unit {
	var units []Unit
	base := path.Base(p)
	for _, d := range docs {
		switch {
		case strings.HasPrefix(base, "fly.") && strings.HasSuffix(base, ".toml"):
			units = append(units, fly(p, d))
		case base == "render.yaml" || base == "render.yml":
			for _, s := range d.Blocks("services") {
				u := Unit{Key: "render/" + s.Text("name"), Title: "service " + s.Text("name"), Line: s.Line, Serves: true}
				u.present(s, Probe, "healthCheckPath")
				units = append(units, u)
			}
		case strings.HasPrefix(base, "railway."):
			u := Unit{Key: "railway/" + p, Title: "the service", Line: 1, Serves: true}
			u.present(d.Get("deploy"), Probe, "healthcheckPath")
			units = append(units, u)
		case base == "app.yaml" && d.Get("runtime") != nil:
			u := Unit{Key: "appengine/" + p, Title: "the application", Line: 1, Serves: true}
			u.present(d, Probe, "readiness_check")
			u.present(d, Probe, "liveness_check")
			units = append(units, u)
		case d.Get("Resources") != nil:
			units = append(units, cloudformation(d)...)
		}
	}
	for i := range units {
		units[i].Path = p
	}
	return units
}

// present adds a guard that is there with its key.
func (u *Unit) present(n *document.Node, kind Kind, key string) {
	if f, ok := n.Pair(key); ok && f.Value.Kind != document.Null {
		u.add(kind, key, key, 1, f.Line)
	}
}

func fly(p string, d *document.Node) Unit {
	u := Unit{Key: "fly/" + p, Title: "the application", Line: 1, Serves: true}
	if s, ok := d.Get("deploy").Pair("strategy"); ok {
		u.add(Gradual, "", "strategy = "+strconv.Quote(s.Value.Value), map[string]int{"immediate": 0, "rolling": 1, "canary": 2, "bluegreen": 2}[s.Value.Value], s.Line)
	}
	if f, ok := d.Get("experimental").Pair("auto_rollback"); ok {
		level := 1
		if f.Value.Value == "false" {
			level = 0
		}
		u.add(Rollback, "auto_rollback", "auto_rollback", level, f.Line)
	}
	checks := func(at *document.Node, keys ...string) {
		for _, k := range keys {
			if f, ok := at.Pair(k); ok {
				u.add(Probe, "checks", "health checks", 1, f.Line)
				return
			}
		}
	}
	checks(d, "checks")
	checks(d.Get("http_service"), "checks", "http_checks")
	for _, s := range d.Blocks("services") {
		checks(s, "http_checks", "tcp_checks")
	}
	for _, s := range append(d.Blocks("services"), d.Get("http_service")) {
		if f, ok := s.Pair("min_machines_running"); ok {
			n, _ := strconv.Atoi(f.Value.Value)
			u.add(Capacity, "", "min_machines_running", n, f.Line)
		}
	}
	return u
}

func cloudformation(d *document.Node) []Unit {
	var units []Unit
	for _, f := range d.Get("Resources").Entries() {
		properties := f.Value.Get("Properties")
		u := Unit{Key: "resource/" + f.Key, Title: f.Key, Line: f.Line}
		switch f.Value.Text("Type") {
		case "AWS::ECS::Service":
			u.breaker(properties.Get("DeploymentConfiguration", "DeploymentCircuitBreaker"), "Enable", "Rollback", "DeploymentCircuitBreaker")
		case "AWS::ECS::TaskDefinition":
			for _, c := range properties.Blocks("ContainerDefinitions") {
				if h, ok := c.Pair("HealthCheck"); ok {
					u.add(Probe, "HealthCheck/"+c.Text("Name"), "HealthCheck of container "+c.Text("Name"), 1, h.Line)
				}
				if i, ok := c.Pair("Image"); ok && i.Value.Scalar() && i.Value.Value != "" {
					u.Images = append(u.Images, imageOf(c.Text("Name"), i.Value.Value, i.Line))
				}
			}
		case "AWS::Serverless::Function":
			if t, ok := properties.Get("DeploymentPreference").Pair("Type"); ok {
				level := 2
				if t.Value.Value == "AllAtOnce" || properties.Text("DeploymentPreference", "Enabled") == "false" {
					level = 0
				}
				u.add(Gradual, "", "DeploymentPreference", level, t.Line)
			}
			if a, ok := properties.Get("DeploymentPreference").Pair("Alarms"); ok {
				u.add(Rollback, "alarms", "the alarms that take a roll-out back", 1, a.Line)
			}
		case "AWS::CodeDeploy::DeploymentGroup":
			u.present(properties, Rollback, "AutoRollbackConfiguration")
		default:
			continue
		}
		units = append(units, u)
	}
	return units
}

// breaker reads ECS's deployment circuit breaker in either spelling.
func (u *Unit) breaker(n *document.Node, enable, rollback, what string) {
	if n == nil {
		return
	}
	level := 1
	if n.Text(enable) == "false" || n.Text(rollback) == "false" {
		level = 0
	}
	if n.Text(rollback) != "" {
		u.add(Rollback, "breaker", what, level, n.Line)
	} else {
		u.add(Rollback, "breaker-stop", what, level, n.Line)
	}
}

func terraform(p string, d *document.Node) []Unit {
	var units []Unit
	for _, kind := range d.Get("resource").Entries() {
		for _, f := range kind.Value.Entries() {
			u := Unit{Key: "resource/" + kind.Key + "/" + f.Key, Title: kind.Key + "." + f.Key, Path: p, Line: f.Line}
			r := f.Value
			switch kind.Key {
			case "aws_ecs_service":
				u.breaker(r.Get("deployment_circuit_breaker"), "enable", "rollback", "deployment_circuit_breaker")
				u.minimum(r, "deployment_minimum_healthy_percent")
			case "aws_codedeploy_deployment_group":
				u.enabled(r, Rollback, "auto_rollback_configuration")
				if c, ok := r.Pair("deployment_config_name"); ok {
					level := 2
					if strings.Contains(c.Value.Value, "AllAtOnce") {
						level = 0
					}
					u.add(Gradual, "", "deployment_config_name", level, c.Line)
				}
			case "aws_ecs_task_definition":
				units = append(units, task(p, u.Key, r.List("container_definitions"))...)
				continue
			case "aws_lb_target_group", "aws_alb_target_group":
				u.enabled(r, Probe, "health_check")
			case "aws_autoscaling_group":
				if f, ok := r.Pair("instance_refresh"); ok {
					u.add(Gradual, "", "instance_refresh", 1, f.Line)
				}
			case "kubernetes_deployment", "kubernetes_deployment_v1", "kubernetes_stateful_set", "kubernetes_stateful_set_v1":
				u.Serves = true
				for _, c := range r.Blocks("spec", "template", "spec", "container") {
					for _, probe := range []string{"readiness_probe", "liveness_probe", "startup_probe"} {
						if f, ok := c.Pair(probe); ok {
							u.add(Probe, probe+"/"+c.Text("name"), probe, 1, f.Line)
						}
					}
					if i, ok := c.Pair("image"); ok && i.Value.Value != "" {
						u.Images = append(u.Images, imageOf(c.Text("name"), i.Value.Value, i.Line))
					}
				}
			case "google_cloud_run_service", "google_cloud_run_v2_service":
				for _, at := range [][]string{{"template", "spec", "containers"}, {"template", "containers"}} {
					for _, c := range r.Blocks(at...) {
						for _, probe := range []string{"startup_probe", "liveness_probe"} {
							u.present(c, Probe, probe)
						}
						if i, ok := c.Pair("image"); ok && i.Value.Value != "" {
							u.Images = append(u.Images, imageOf("", i.Value.Value, i.Line))
						}
					}
				}
				if len(r.Blocks("traffic")) > 1 {
					u.add(Gradual, "", "the traffic split", 2, r.Blocks("traffic")[0].Line)
				}
			case "helm_release":
				u.enabled(r, Rollback, "atomic")
			default:
				continue
			}
			units = append(units, u)
		}
	}
	return units
}

// enabled adds a block or a switch that is there and not off.
func (u *Unit) enabled(n *document.Node, kind Kind, key string) {
	f, ok := n.Pair(key)
	if !ok {
		return
	}
	level := 1
	if f.Value.Value == "false" || f.Value.Text("enabled") == "false" {
		level = 0
	}
	u.add(kind, key, key, level, f.Line)
}

// minimum adds a share of instances that stays up.
func (u *Unit) minimum(n *document.Node, key string) {
	if f, ok := n.Pair(key); ok {
		if v, err := strconv.Atoi(f.Value.Value); err == nil {
			u.add(Gradual, "", key, min(v, 1), f.Line)
		}
	}
}
