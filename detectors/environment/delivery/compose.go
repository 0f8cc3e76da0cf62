package delivery

// Compose services, Dockerfiles and Helm values.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// compose reads the services of a file that runs somewhere for longer than a developer's day: one that restarts or
// says how it is deployed.
func compose(p string, docs []*document.Node) []Unit {
	var units []Unit
	for _, d := range docs {
		for _, f := range d.Get("services").Entries() {
			s := f.Value
			u := Unit{Key: "compose/" + path.Dir(p) + "/" + f.Key, Title: "service " + f.Key, Line: f.Line}
			restart := s.Text("restart")
			u.Deploys = restart != "" && restart != "no" || s.Get("deploy") != nil
			u.Serves = len(s.List("ports")) > 0 || len(s.List("expose")) > 0
			u.Partial = s.Get("image") == nil && s.Get("build") == nil
			u.Open = s.Get("extends") != nil
			if image, ok := s.Pair("image"); ok && image.Value.Value != "" {
				u.Images = append(u.Images, imageOf("", image.Value.Value, image.Line))
			}
			if h, ok := s.Pair("healthcheck"); ok {
				level := 1
				if h.Value.Text("disable") == "true" || h.Value.Text("test") == "NONE" || len(h.Value.List("test")) > 0 && h.Value.List("test")[0].Value == "NONE" {
					level = 0
				}
				u.add(Probe, "healthcheck", "healthcheck", level, h.Line)
			}
			if update := s.Get("deploy", "update_config"); update != nil {
				at, _ := s.Get("deploy").Pair("update_config")
				if update.Text("failure_action") == "rollback" {
					u.add(Rollback, "failure_action", "failure_action: rollback", 1, at.Line)
				}
				level := 1
				if update.Text("parallelism") == "0" {
					level = 0
				}
				u.add(Gradual, "", "the update one by one", level, at.Line)
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
func values(p string, docs []*document.Node, chart string) []Unit {
	u := Unit{Key: "values/" + chartRoot(p), Title: "chart " + chartRoot(p), Line: 1, Partial: true}
	var walk func(n *document.Node, at string, depth int)
	walk = func(n *document.Node, at string, depth int) {
		if depth > 6 {
			return
		}
		for _, f := range n.Entries() {
			on, off := f.Value.Text("enabled") == "true", f.Value.Text("enabled") == "false"
			level := 1
			if off {
				level = 0
			}
			line := f.Line
			if e, ok := f.Value.Pair("enabled"); ok {
				line = e.Line
			}
			key := at + "." + f.Key
			switch {
			case budgetKey.MatchString(f.Key) && (on || off):
				u.add(Budget, key, strings.TrimPrefix(key, "."), level, line)
			case gradualKey.MatchString(f.Key) && (on || off):
				u.add(Gradual, key, strings.TrimPrefix(key, "."), 2*level, line)
			case strategies.MatchString(f.Key) && f.Value.Text("type") != "":
				t, _ := f.Value.Pair("type")
				if t.Value.Value == "Recreate" || t.Value.Value == "OnDelete" {
					u.add(Gradual, key, "the rolling update", 0, t.Line)
				} else {
					u.add(Gradual, key, "the rolling update", 1, t.Line)
				}
			case (f.Key == "readinessProbe" || f.Key == "livenessProbe" || f.Key == "startupProbe") && (off || len(f.Value.Pairs) > 0 || f.Value.Kind == document.Null):
				if f.Value.Kind == document.Null {
					level = 0
				}
				u.add(Probe, key, strings.TrimPrefix(key, "."), level, line)
			case f.Key == "image" && len(f.Value.Pairs) > 0:
				u.image(f.Value, key, chart)
			case f.Value.Scalar() && tagKey.MatchString(key) && f.Value.Value != "":
				u.Images = append(u.Images, Image{Container: key, Name: chart, Tag: f.Value.Value, Whole: chart + ":" + f.Value.Value, Line: f.Line})
			case f.Value.Scalar() && f.Key == "image" && imageText.MatchString(f.Value.Value):
				u.Images = append(u.Images, imageOf(key, f.Value.Value, f.Line))
			default:
				walk(f.Value, key, depth+1)
			}
		}
	}
	for _, d := range docs {
		walk(d, "", 0)
	}
	return []Unit{u}
}

// image reads the image of a chart's values; an overlay that only gives a tag means the chart's own.
func (u *Unit) image(n *document.Node, key, chart string) {
	name := chart
	for _, k := range []string{"repository", "name"} {
		if v := n.Text(k); v != "" {
			name = v
			break
		}
	}
	f, ok := n.Pair("tag")
	digest := n.Text("digest")
	if !ok || f.Value.Value == "" && digest == "" {
		return
	}
	u.Images = append(u.Images, Image{Container: key, Name: name, Tag: f.Value.Value, Digest: digest, Whole: name + ":" + f.Value.Value, Line: f.Line})
}

// chartRoot is the folder that a values file belongs to.
func chartRoot(p string) string { return path.Dir(p) }
