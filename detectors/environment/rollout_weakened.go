package environment

import (
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/delivery"
)

// RolloutWeakened reports a deploy file that lost, on the branch, what keeps a bad release from reaching everybody: its
// gradual strategy, a probe, the way back, an approval, a check.
var RolloutWeakened = &detectors.Detector{
	ID:    "environment/rollout-weakened",
	Title: "A deployment lost its canary, probe, rollback, approval or check",
	Run:   runRolloutWeakened,
}

func runRolloutWeakened(pass *detectors.Pass) error {
	changed := deployFiles(pass)
	if len(changed) == 0 {
		return detectors.ErrNotApplicable
	}
	base, head, files, err := bothSides(pass, changed)
	if err != nil {
		return err
	}
	w := &weakened{pass: pass, base: base, head: head, files: files}
	for _, key := range slices.Sorted(maps.Keys(base)) {
		was, is := base[key], head[key]
		switch {
		case !was.touches(files) && !is.touches(files):
		case is == nil && strings.HasPrefix(key, "budget/"):
			w.budget(was)
		case is == nil && strings.HasPrefix(key, "job/"):
			w.jobGone(was)
		case is == nil && strings.HasPrefix(key, "workload/") && !was.any(isWhole):
			if is = w.defined(key); is != nil {
				w.compare(was, is)
			}
		case is == nil && strings.HasPrefix(key, "workload/") || is != nil && was.any(isWhole) && !is.any(isWhole):
			// it is gone, or defined elsewhere
		case is != nil:
			w.compare(was, is)
		}
	}
	w.bare()
	return nil
}

// defined is a workload whose guard is gone and that itself stands in a folder which the branch did not change, nil without
// one.
func (w *weakened) defined(key string) *rolled {
	name := path.Base(key)
	naming, err := w.pass.Source.Naming(w.pass.Context, name)
	if err != nil {
		return nil
	}
	for _, p := range naming[name] {
		if ext := path.Ext(p); ext != ".yaml" && ext != ".yml" || aside(p) || !forProduction(p) {
			continue
		}
		text, err := w.pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		units, err := delivery.Read(p, text)
		if err != nil {
			continue
		}
		for _, u := range units {
			if u.Key == key && !u.Partial {
				r := &rolled{key: key, parts: []delivery.Unit{u}}
				r.merge()
				return r
			}
		}
	}
	return nil
}

func isWhole(u delivery.Unit) bool { return !u.Partial }

// weakened is one comparison of both sides.
type weakened struct {
	pass       *detectors.Pass
	base, head rollouts
	files      map[string]bool
}

// compare judges each guard that the base had.
func (w *weakened) compare(was, is *rolled) {
	if is.any(func(u delivery.Unit) bool { return w.hidesMore(u) }) {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(was.guards)) {
		old := was.guards[id]
		now, explicit := is.guards[id]
		level := now.Level
		if !explicit {
			level = implicit(old.Guard, is)
		}
		if old.Level <= level || w.kept(old, was, is) {
			continue
		}
		if old.Kind == delivery.Capacity && (level > 1 || old.Level < 2 && level > 0) {
			continue
		}
		w.report(is, old, now, explicit)
	}
}

// implicit is the level of a guard that is not written: instance by instance is what tools do by themselves.
func implicit(g delivery.Guard, is *rolled) int {
	byChart := strings.HasPrefix(is.key, "values/")
	switch {
	case byChart:
		return g.Level // the chart's own default is not seen
	case g.Kind == delivery.Gradual && g.Key == "" && !commanded(is.key) && !strings.HasPrefix(is.key, "resource/"):
		return 1
	case g.Kind == delivery.Gradual && g.Key == "" && strings.HasPrefix(is.key, "resource/aws_ecs"):
		return 1
	case g.Kind == delivery.Capacity && g.What == "minReplicas":
		return g.Level // without an autoscaler the number stands elsewhere
	}
	return 0
}

// commanded says whether a unit is a list of commands: a job or a script.
func commanded(key string) bool {
	return strings.HasPrefix(key, "job/") || strings.HasPrefix(key, "script/")
}

// kept says whether something else stands in a guard's place.
func (w *weakened) kept(old placed, was, is *rolled) bool {
	for id, g := range is.guards {
		_, before := was.guards[id]
		switch {
		case g.Kind != old.Kind || g.Level == 0:
		case g.Kind == delivery.Gradual && g.Level >= old.Level && g.Key != old.Key:
			return true
		case g.Kind == delivery.Probe && !before: // another container's name, or a startup probe instead of a liveness probe
			return true
		case g.Kind == delivery.Rollback && !before:
			return true
		case g.Kind == delivery.Check && g.Key != old.Key && !before:
			return true
		}
	}
	switch old.Kind {
	case delivery.Gradual:
		return is.any(func(u delivery.Unit) bool { return u.Waits })
	case delivery.Probe:
		_, container, named := strings.Cut(old.Key, "/")
		gone := named && was.hasContainer(container) && !is.hasContainer(container)
		return gone || w.movedProbe(old.path)
	case delivery.Approval:
		return w.approvedBefore(is, 0) || !is.any(func(u delivery.Unit) bool { return u.Deploys })
	case delivery.Check, delivery.Rollback:
		if w.scripted(old, is) {
			return true
		}
		if _, all := was.guards[string(delivery.Rollback)+"/atomic"]; all && old.What == "--wait" && is.guards[string(delivery.Rollback)+"/atomic"].Level == 0 {
			return true // told of --atomic, which waits as well
		}
		return (commanded(is.key) || strings.HasPrefix(is.key, "resource/helmfile/")) && (w.inWorkflow(old) || !w.stillDeploys(old.path))
	case delivery.Budget, delivery.Capacity:
	}
	return false
}

// scripted says whether a script that the job runs has the guard, or one of its kind, now.
func (w *weakened) scripted(old placed, is *rolled) bool {
	for _, part := range is.parts {
		for _, s := range part.Steps {
			if s.Script == "" {
				continue
			}
			text, err := w.pass.Branch.ReadHead(s.Script)
			if err != nil || text == nil {
				continue
			}
			units, err := delivery.Read(s.Script, text)
			if err != nil {
				continue
			}
			for _, u := range units {
				if slices.ContainsFunc(u.Guards, func(g delivery.Guard) bool { return g.Kind == old.Kind && g.Level > 0 }) {
					return true
				}
			}
		}
	}
	return false
}

func (r *rolled) hasContainer(name string) bool {
	return r.any(func(u delivery.Unit) bool {
		return slices.ContainsFunc(u.Images, func(i delivery.Image) bool { return i.Container == name })
	})
}

// movedProbe says whether another kind of file got a probe while this one lost it: a HEALTHCHECK that went from the
// Dockerfile into the Compose file, or the other way round.
func (w *weakened) movedProbe(from string) bool {
	docker := strings.HasPrefix(path.Base(from), "Dockerfile")
	for key, is := range w.head {
		if docker == strings.HasPrefix(key, "image/") || !is.touches(w.files) {
			continue
		}
		for id, g := range is.guards {
			if g.Kind != delivery.Probe || g.Level == 0 {
				continue
			}
			if was := w.base[key]; was == nil || was.guards[id].Level == 0 {
				return true
			}
		}
	}
	return false
}

// approvedBefore says whether a job that has to succeed before waits for an approval.
func (w *weakened) approvedBefore(is *rolled, depth int) bool {
	if depth > 8 {
		return false
	}
	for _, u := range is.parts {
		for _, need := range u.Needs {
			r := w.head[path.Dir(is.key)+"/"+need]
			if r == nil {
				continue
			}
			for _, g := range r.guards {
				if g.Kind == delivery.Approval {
					return true
				}
			}
			if w.approvedBefore(r, depth+1) {
				return true
			}
		}
	}
	return false
}

// inWorkflow says whether another job of the same file has the guard now.
func (w *weakened) inWorkflow(old placed) bool {
	for _, is := range w.head {
		if g, ok := is.guards[string(old.Kind)+"/"+old.Key]; ok && g.Level >= old.Level && (g.path == old.path || w.files[g.path]) {
			return true
		}
	}
	return false
}

// stillDeploys says whether a file's jobs still bring something to an environment.
func (w *weakened) stillDeploys(p string) bool {
	for _, is := range w.head {
		if is.any(func(u delivery.Unit) bool { return u.Path == p && u.Deploys }) {
			return true
		}
	}
	return false
}

// hidesMore says whether a part takes more from where it is not seen than at the base: a template's include that stands
// for keys of its own, not for the value of the key above.
func (w *weakened) hidesMore(u delivery.Unit) bool {
	f := w.pass.Branch.File(u.Path)
	if f == nil {
		return false
	}
	if u.Open {
		return true
	}
	text, err := f.After()
	if err != nil || !strings.Contains(string(text), "{{") {
		return false
	}
	above := ""
	for i, line := range strings.Split(string(text), "\n") {
		action := strings.HasPrefix(strings.TrimSpace(line), "{{")
		if action && f.Touched(i+1) && (strings.Contains(line, "toYaml") || strings.Contains(line, "include ") || strings.Contains(line, "tpl ")) &&
			(!strings.HasSuffix(above, ":") || strings.HasSuffix(above, "Probe:")) {
			return true
		}
		if !action && strings.TrimSpace(line) != "" {
			above = strings.TrimSpace(line)
		}
	}
	return false
}

// jobGone judges the checks and the ways back of a job that the branch removed from a pipeline which still deploys.
func (w *weakened) jobGone(was *rolled) {
	for _, id := range slices.Sorted(maps.Keys(was.guards)) {
		old := was.guards[id]
		if old.Kind != delivery.Check && old.Kind != delivery.Rollback || old.Key != "smoke" && old.Key != "step" {
			continue
		}
		if w.inWorkflow(old) || !w.stillDeploys(old.path) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(w.head)) {
			if is := w.head[key]; is.any(func(u delivery.Unit) bool { return u.Path == old.path && u.Deploys && !u.Open }) {
				w.report(is, old, placed{}, false)
				break
			}
		}
	}
}

// place is where the head lacks the guard: the line that turns it off, the file that had it, or the unit.
func (w *weakened) place(is *rolled, old, now placed, explicit bool) (string, int) {
	if explicit {
		return now.path, now.Line
	}
	u := is.whole()
	for _, part := range is.parts {
		if f := w.pass.Branch.File(part.Path); f != nil && f.Status != branch.Deleted && (part.Path == old.path || f.OldPath == old.path) {
			return part.Path, part.Line
		}
	}
	return u.Path, u.Line
}
