package delivery

// Platforms: fly.toml, render.yaml, railway, App Engine, CloudFormation and SAM, and Terraform's resources of the same.

import (
	"path"
	"strconv"
	"strings"
)

func platform(p string, docs []*node) []Unit {
	var units []Unit
	base := path.Base(p)
	for _, d := range docs {
		switch {
		case strings.HasPrefix(base, "fly.") && strings.HasSuffix(base, ".toml"):
			units = append(units, fly(p, d))
		case base == "render.yaml" || base == "render.yml":
			for _, s := range d.list("services") {
				u := Unit{Key: "render/" + s.text("name"), Title: "service " + s.text("name"), Line: s.line, Serves: true}
				u.present(s, Probe, "healthCheckPath")
				units = append(units, u)
			}
		case strings.HasPrefix(base, "railway."):
			u := Unit{Key: "railway/" + p, Title: "the service", Line: 1, Serves: true}
			u.present(d.get("deploy"), Probe, "healthcheckPath")
			units = append(units, u)
		case base == "app.yaml" && d.get("runtime") != nil:
			u := Unit{Key: "appengine/" + p, Title: "the application", Line: 1, Serves: true}
			u.present(d, Probe, "readiness_check")
			u.present(d, Probe, "liveness_check")
			units = append(units, u)
		case d.get("Resources") != nil:
			units = append(units, cloudformation(d)...)
		}
	}
	for i := range units {
		units[i].Path = p
	}
	return units
}

// present adds a guard that is there with its key.
func (u *Unit) present(n *node, kind Kind, key string) {
	if f, ok := n.field(key); ok && !f.value.null {
		u.add(kind, key, key, 1, f.line)
	}
}

func fly(p string, d *node) Unit {
	u := Unit{Key: "fly/" + p, Title: "the application", Line: 1, Serves: true}
	if s, ok := d.get("deploy").field("strategy"); ok {
		u.add(Gradual, "", "strategy = "+strconv.Quote(s.value.value), map[string]int{"immediate": 0, "rolling": 1, "canary": 2, "bluegreen": 2}[s.value.value], s.line)
	}
	if f, ok := d.get("experimental").field("auto_rollback"); ok {
		level := 1
		if f.value.value == "false" {
			level = 0
		}
		u.add(Rollback, "auto_rollback", "auto_rollback", level, f.line)
	}
	checks := func(at *node, keys ...string) {
		for _, k := range keys {
			if f, ok := at.field(k); ok {
				u.add(Probe, "checks", "health checks", 1, f.line)
				return
			}
		}
	}
	checks(d, "checks")
	checks(d.get("http_service"), "checks", "http_checks")
	for _, s := range d.list("services") {
		checks(s, "http_checks", "tcp_checks")
	}
	for _, s := range append(d.list("services"), d.get("http_service")) {
		if f, ok := s.field("min_machines_running"); ok {
			n, _ := strconv.Atoi(f.value.value)
			u.add(Capacity, "", "min_machines_running", n, f.line)
		}
	}
	return u
}

func cloudformation(d *node) []Unit {
	var units []Unit
	for _, f := range d.get("Resources").entries() {
		properties := f.value.get("Properties")
		u := Unit{Key: "resource/" + f.key, Title: f.key, Line: f.line}
		switch f.value.text("Type") {
		case "AWS::ECS::Service":
			u.breaker(properties.get("DeploymentConfiguration", "DeploymentCircuitBreaker"), "Enable", "Rollback", "DeploymentCircuitBreaker")
		case "AWS::ECS::TaskDefinition":
			for _, c := range properties.list("ContainerDefinitions") {
				if h, ok := c.field("HealthCheck"); ok {
					u.add(Probe, "HealthCheck/"+c.text("Name"), "HealthCheck of container "+c.text("Name"), 1, h.line)
				}
				if i, ok := c.field("Image"); ok && i.value.scalar && i.value.value != "" {
					u.Images = append(u.Images, imageOf(c.text("Name"), i.value.value, i.line))
				}
			}
		case "AWS::Serverless::Function":
			if t, ok := properties.get("DeploymentPreference").field("Type"); ok {
				level := 2
				if t.value.value == "AllAtOnce" || properties.text("DeploymentPreference", "Enabled") == "false" {
					level = 0
				}
				u.add(Gradual, "", "DeploymentPreference", level, t.line)
			}
			if a, ok := properties.get("DeploymentPreference").field("Alarms"); ok {
				u.add(Rollback, "alarms", "the alarms that take a roll-out back", 1, a.line)
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
func (u *Unit) breaker(n *node, enable, rollback, what string) {
	if n == nil {
		return
	}
	level := 1
	if n.text(enable) == "false" || n.text(rollback) == "false" {
		level = 0
	}
	if n.text(rollback) != "" {
		u.add(Rollback, "breaker", what, level, n.line)
	} else {
		u.add(Rollback, "breaker-stop", what, level, n.line)
	}
}

func terraform(p string, docs []*node) []Unit {
	var units []Unit
	for _, d := range docs {
		for _, kind := range d.get("resource").entries() {
			for _, f := range kind.value.entries() {
				u := Unit{Key: "resource/" + kind.key + "/" + f.key, Title: kind.key + "." + f.key, Path: p, Line: f.line}
				r := f.value
				switch kind.key {
				case "aws_ecs_service":
					u.breaker(r.get("deployment_circuit_breaker"), "enable", "rollback", "deployment_circuit_breaker")
					u.minimum(r, "deployment_minimum_healthy_percent")
				case "aws_codedeploy_deployment_group":
					u.enabled(r, Rollback, "auto_rollback_configuration")
					if c, ok := r.field("deployment_config_name"); ok {
						level := 2
						if strings.Contains(c.value.value, "AllAtOnce") {
							level = 0
						}
						u.add(Gradual, "", "deployment_config_name", level, c.line)
					}
				case "aws_lb_target_group", "aws_alb_target_group":
					u.enabled(r, Probe, "health_check")
				case "aws_autoscaling_group":
					if f, ok := r.field("instance_refresh"); ok {
						u.add(Gradual, "", "instance_refresh", 1, f.line)
					}
				case "kubernetes_deployment", "kubernetes_deployment_v1", "kubernetes_stateful_set", "kubernetes_stateful_set_v1":
					u.Serves = true
					for _, c := range r.list("spec", "template", "spec", "container") {
						for _, probe := range []string{"readiness_probe", "liveness_probe", "startup_probe"} {
							if f, ok := c.field(probe); ok {
								u.add(Probe, probe+"/"+c.text("name"), probe, 1, f.line)
							}
						}
						if i, ok := c.field("image"); ok && i.value.value != "" {
							u.Images = append(u.Images, imageOf(c.text("name"), i.value.value, i.line))
						}
					}
				case "google_cloud_run_service", "google_cloud_run_v2_service":
					for _, at := range [][]string{{"template", "spec", "containers"}, {"template", "containers"}} {
						for _, c := range r.list(at...) {
							for _, probe := range []string{"startup_probe", "liveness_probe"} {
								u.present(c, Probe, probe)
							}
							if i, ok := c.field("image"); ok && i.value.value != "" {
								u.Images = append(u.Images, imageOf("", i.value.value, i.line))
							}
						}
					}
					if len(r.list("traffic")) > 1 {
						u.add(Gradual, "", "the traffic split", 2, r.list("traffic")[0].line)
					}
				case "helm_release":
					u.enabled(r, Rollback, "atomic")
				default:
					continue
				}
				units = append(units, u)
			}
		}
	}
	return units
}

// enabled adds a block or a switch that is there and not off.
func (u *Unit) enabled(n *node, kind Kind, key string) {
	f, ok := n.field(key)
	if !ok {
		return
	}
	level := 1
	if f.value.value == "false" || f.value.text("enabled") == "false" {
		level = 0
	}
	u.add(kind, key, key, level, f.line)
}

// minimum adds a share of instances that stays up.
func (u *Unit) minimum(n *node, key string) {
	if f, ok := n.field(key); ok {
		if v, err := strconv.Atoi(f.value.value); err == nil {
			u.add(Gradual, "", key, min(v, 1), f.line)
		}
	}
}
