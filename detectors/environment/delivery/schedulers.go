package delivery

// Schedulers and machines: Nomad's jobs, ECS task definitions, Kamal's deploy files, helmfiles, and units of systemd that run containers.

import (
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

var (
	nomadName    = lazy.New(`(?i)\.nomad(\.hcl)?$`)
	helmfileName = lazy.New(`(?i)(^|/)(helmfile([.-][\w-]+)?|helmfile\.d/[^/]+)\.ya?ml$`)
	kamalName    = lazy.New(`(^|/)config/deploy(\.[\w-]+)?\.ya?ml$`)
	ecsTaskName  = lazy.New(`(?i)(^|/)[^/]*(task[-_]?def|taskdef|container[-_]?def)[^/]*\.json$|(^|/)\.?(ecs|aws|deploy|infra)/([^/]+/)*[^/]+\.json$`)
	quadletName  = lazy.New(`\.container(\.j2)?$|\.service(\.j2)?$`)
)

// nomad reads the groups of a job file, each as one unit.
func nomad(p string, d *document.Node) []Unit {
	var units []Unit
	for _, job := range d.Get("job").Entries() {
		for _, group := range job.Value.Get("group").Entries() {
			u := Unit{Key: "nomad/" + job.Key + "/" + group.Key, Title: "group " + group.Key + " of job " + job.Key, Path: p, Line: group.Line, Serves: true, Ends: job.Value.Text("type") == "batch"}
			update := job.Value.Get("update")
			if own := group.Value.Get("update"); own != nil {
				update = own
			}
			u.nomadUpdate(update)
			services := group.Value.Blocks("service")
			for _, task := range group.Value.Get("task").Entries() {
				services = append(services, task.Value.Blocks("service")...)
				if i, ok := task.Value.Get("config").Pair("image"); ok && i.Value.Value != "" {
					u.Images = append(u.Images, imageOf(task.Key, i.Value.Value, i.Line))
				}
				if task.Value.Get("resources") != nil {
					u.Limited = true
				}
			}
			for _, s := range services {
				if c, ok := s.Pair("check"); ok {
					u.add(Probe, "check", "health check", 1, c.Line)
				}
			}
			units = append(units, u)
		}
	}
	return units
}

func (u *Unit) nomadUpdate(update *document.Node) {
	if update == nil {
		return
	}
	number := func(key string) (int, int) {
		f, _ := update.Pair(key)
		n, _ := strconv.Atoi(update.Text(key))
		return n, f.Line
	}
	if n, line := number("canary"); n > 0 {
		u.add(Gradual, "", "the canary", 2, line)
	} else if n, line := number("max_parallel"); n > 0 {
		u.add(Gradual, "", "the update one by one", 1, line)
	} else if _, ok := update.Pair("max_parallel"); ok {
		u.add(Gradual, "", "the update one by one", 0, line)
	}
	if f, ok := update.Pair("auto_revert"); ok {
		level := 1
		if f.Value.Value == "false" {
			level = 0
		}
		u.add(Rollback, "auto_revert", "auto_revert", level, f.Line)
	}
}

// helmfile reads what holds for all releases, and what each says itself.
func helmfile(p string, d *document.Node) []Unit {
	var units []Unit
	switches := func(u *Unit, n *document.Node) {
		if f, ok := n.Pair("atomic"); ok {
			u.add(Rollback, "atomic", "atomic", level(f.Value), f.Line)
		}
		if f, ok := n.Pair("wait"); ok {
			u.add(Check, "wait", "wait", level(f.Value), f.Line)
		}
	}
	if defaults := d.Get("helmDefaults"); defaults != nil || d.Get("releases") != nil {
		u := Unit{Key: "resource/helmfile/" + p, Title: "the helmfile's defaults", Path: p, Line: max(d.Line, 1), Ends: true, Deploys: true}
		switches(&u, defaults)
		units = append(units, u)
	}
	for _, r := range d.List("releases") {
		u := Unit{Key: "resource/helmfile/" + p + "/" + r.Text("name"), Title: "release " + r.Text("name"), Path: p, Line: r.Line, Ends: true}
		switches(&u, r)
		units = append(units, u)
	}
	return units
}

// level is 0 for a switch that is off.
func level(n *document.Node) int {
	if n.Value == "false" {
		return 0
	}
	return 1
}

// kamal reads a deploy file: the health check of its proxy, how many machines change at once, the images of accessories.
func kamal(p string, d *document.Node) []Unit {
	if d.Get("service") == nil || d.Get("servers") == nil && d.Get("image") == nil {
		return nil
	}
	u := Unit{Key: "resource/kamal/" + p, Title: "service " + d.Text("service"), Path: p, Line: 1, Serves: true, Partial: strings.Count(path.Base(p), ".") > 1}
	for _, at := range []*document.Node{d, d.Get("proxy")} {
		if f, ok := at.Pair("healthcheck"); ok {
			u.add(Probe, "healthcheck", "healthcheck", level(f.Value), f.Line)
		}
	}
	if f, ok := d.Get("boot").Pair("limit"); ok {
		u.add(Gradual, "", "the start of a few machines at a time", 1, f.Line)
	}
	units := []Unit{u}
	for _, f := range d.Get("accessories").Entries() {
		if i, ok := f.Value.Pair("image"); ok {
			a := Unit{Key: "accessory/" + p + "/" + f.Key, Title: "accessory " + f.Key, Path: p, Line: f.Line, Ends: true}
			a.Images = append(a.Images, imageOf("", i.Value.Value, i.Line))
			units = append(units, a)
		}
	}
	return units
}

// task reads the containers of an ECS task definition.
func task(p, key string, containers []*document.Node) []Unit {
	u := Unit{Key: key, Title: "task definition", Path: p, Line: 1, Serves: true}
	for _, c := range containers {
		name := c.Text("name")
		if i, ok := c.Pair("image"); ok && i.Value.Value != "" {
			u.Images = append(u.Images, imageOf(name, i.Value.Value, i.Line))
		}
		if h, ok := c.Pair("healthCheck"); ok {
			u.add(Probe, "healthCheck/"+name, "healthCheck of container "+name, 1, h.Line)
		}
	}
	if len(u.Images) == 0 {
		return nil
	}
	return []Unit{u}
}

var (
	quadletImage = lazy.New(`^Image=(\S+)`)
	unitStart    = lazy.New(`^ExecStart=.*\b(?:docker|podman)\b.*\brun\b`)
)

// quadlet reads the image that a unit of systemd runs.
func quadlet(p string, text []byte) []Unit {
	u := Unit{Key: "unit/" + p, Title: "unit " + path.Base(p), Path: p, Line: 1, Ends: true}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if m := quadletImage.FindStringSubmatch(line); m != nil {
			u.Images = append(u.Images, imageOf("", m[1], i+1))
		} else if unitStart.MatchString(line) {
			for _, word := range strings.Fields(line) {
				if fullImage.MatchString(word) {
					u.Images = append(u.Images, imageOf("", word, i+1))
				}
			}
		}
		if strings.HasPrefix(line, "HealthCmd=") {
			u.add(Probe, "HealthCmd", "HealthCmd", 1, i+1)
		}
	}
	if len(u.Images) == 0 {
		return nil
	}
	return []Unit{u}
}

// fullImage is a word of a command line that can only be an image: a registry or an owner, a name and a tag.
var fullImage = lazy.New(`^[\w.-]+(:\d+)?(/[\w.-]+)+:[\w][\w.-]*$`)

// imagesOf keeps the images that a command brings out by their whole names.
func (u *Unit) imagesOf(c []string, line int) {
	switch name := path.Base(c[0]); name {
	case "docker", "podman":
		if len(c) < 3 || c[1] != "run" && c[1] != "service" && (c[1] != "container" || c[2] != "run") {
			return
		}
	case "kubectl", "gcloud", "az", "fly", "flyctl", "nomad", "oc":
	default:
		return
	}
	for i, word := range c[1:] {
		if previous := c[i]; previous == "-v" || previous == "--volume" || previous == "--mount" {
			continue
		}
		if _, value, ok := strings.Cut(word, "="); ok {
			word = value
		}
		if fullImage.MatchString(word) {
			u.Images = append(u.Images, imageOf("", word, line))
		}
	}
}
