package delivery

// Compose services, Dockerfiles and Helm values.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// compose reads the services of a file that runs somewhere for longer than a developer's day: one that restarts or
// says how it is deployed.
func compose(p string, docs []*node) []Unit {
	var units []Unit
	for _, d := range docs {
		for _, f := range d.get("services").entries() {
			s := f.value
			u := Unit{Key: "compose/" + path.Dir(p) + "/" + f.key, Title: "service " + f.key, Line: f.line}
			restart := s.text("restart")
			u.Deploys = restart != "" && restart != "no" || s.get("deploy") != nil
			u.Serves = len(s.list("ports")) > 0 || len(s.list("expose")) > 0
			u.Partial = s.get("image") == nil && s.get("build") == nil
			u.Open = s.get("extends") != nil
			if image, ok := s.field("image"); ok && image.value.value != "" {
				u.Images = append(u.Images, imageOf("", image.value.value, image.line))
			}
			if h, ok := s.field("healthcheck"); ok {
				level := 1
				if h.value.text("disable") == "true" || h.value.text("test") == "NONE" || len(h.value.list("test")) > 0 && h.value.list("test")[0].value == "NONE" {
					level = 0
				}
				u.add(Probe, "healthcheck", "healthcheck", level, h.line)
			}
			if update := s.get("deploy", "update_config"); update != nil {
				at, _ := s.get("deploy").field("update_config")
				if update.text("failure_action") == "rollback" {
					u.add(Rollback, "failure_action", "failure_action: rollback", 1, at.line)
				}
				level := 1
				if update.text("parallelism") == "0" {
					level = 0
				}
				u.add(Gradual, "", "the update one by one", level, at.line)
			}
			units = append(units, u)
		}
	}
	return units
}

var (
	fromLine   = lazy.New(`(?i)^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$`)
	healthLine = lazy.New(`(?i)^\s*HEALTHCHECK\s+(.*)$`)
)

func dockerfile(p string, text []byte) []Unit {
	u := Unit{Key: "image/" + p, Title: "image of " + p, Path: p, Line: 1, Serves: true}
	stages := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimRight(line, "\r")
		if m := fromLine.FindStringSubmatch(line); m != nil {
			if !stages[strings.ToLower(m[1])] && m[1] != "scratch" {
				u.Images = append(u.Images, imageOf("", m[1], i+1))
			}
			if m[2] != "" {
				stages[strings.ToLower(m[2])] = true
			}
		}
		if m := healthLine.FindStringSubmatch(line); m != nil {
			level := 1
			if strings.EqualFold(strings.TrimSpace(m[1]), "none") {
				level = 0
			}
			u.add(Probe, "healthcheck", "HEALTHCHECK", level, i+1)
		}
	}
	return []Unit{u}
}

var (
	budgetKey  = lazy.New(`(?i)^(pdb|podDisruptionBudget)$`)
	gradualKey = lazy.New(`(?i)^(canary|flagger|rollouts?|argoRollouts?|progressiveDelivery|blueGreen)$`)
	// tagKey are the keys of values and parameters that hold an image's tag.
	tagKey     = lazy.New(`(?i)(^|[._-])image[._-]?(tag|version)$`)
	imageText  = lazy.New(`^[\w.-]+(/[\w.-]+)*(:[\w.-]+|@sha256:\w+)$`)
	strategies = lazy.New(`(?i)^(strategy|updateStrategy|deploymentStrategy|rolloutStrategy)$`)
)

// values reads the switches of a chart: what its templates make of them is theirs, so that only an express off counts as
// lost and only an express on as given.
func values(p string, docs []*node, chart string) []Unit {
	u := Unit{Key: "values/" + chartRoot(p), Title: "chart " + chartRoot(p), Line: 1, Partial: true}
	var walk func(n *node, at string, depth int)
	walk = func(n *node, at string, depth int) {
		if depth > 6 {
			return
		}
		for _, f := range n.entries() {
			on, off := f.value.text("enabled") == "true", f.value.text("enabled") == "false"
			level := 1
			if off {
				level = 0
			}
			line := f.line
			if e, ok := f.value.field("enabled"); ok {
				line = e.line
			}
			key := at + "." + f.key
			switch {
			case budgetKey.MatchString(f.key) && (on || off):
				u.add(Budget, key, strings.TrimPrefix(key, "."), level, line)
			case gradualKey.MatchString(f.key) && (on || off):
				u.add(Gradual, key, strings.TrimPrefix(key, "."), 2*level, line)
			case strategies.MatchString(f.key) && f.value.text("type") != "":
				t, _ := f.value.field("type")
				if t.value.value == "Recreate" || t.value.value == "OnDelete" {
					u.add(Gradual, key, "the rolling update", 0, t.line)
				} else {
					u.add(Gradual, key, "the rolling update", 1, t.line)
				}
			case (f.key == "readinessProbe" || f.key == "livenessProbe" || f.key == "startupProbe") && (off || len(f.value.fields) > 0 || f.value.null):
				if f.value.null {
					level = 0
				}
				u.add(Probe, key, strings.TrimPrefix(key, "."), level, line)
			case f.key == "image" && len(f.value.fields) > 0:
				u.image(f.value, key, chart)
			case f.value.scalar && tagKey.MatchString(key) && f.value.value != "":
				u.Images = append(u.Images, Image{Container: key, Name: chart, Tag: f.value.value, Whole: chart + ":" + f.value.value, Line: f.line})
			case f.value.scalar && f.key == "image" && imageText.MatchString(f.value.value):
				u.Images = append(u.Images, imageOf(key, f.value.value, f.line))
			default:
				walk(f.value, key, depth+1)
			}
		}
	}
	for _, d := range docs {
		walk(d, "", 0)
	}
	return []Unit{u}
}

// image reads the image of a chart's values; an overlay that only gives a tag means the chart's own.
func (u *Unit) image(n *node, key, chart string) {
	name := chart
	for _, k := range []string{"repository", "name"} {
		if v := n.text(k); v != "" {
			name = v
			break
		}
	}
	f, ok := n.field("tag")
	digest := n.text("digest")
	if !ok || f.value.value == "" && digest == "" {
		return
	}
	u.Images = append(u.Images, Image{Container: key, Name: name, Tag: f.value.value, Digest: digest, Whole: name + ":" + f.value.value, Line: f.line})
}

// chartRoot is the folder that a values file belongs to.
func chartRoot(p string) string { return path.Dir(p) }
