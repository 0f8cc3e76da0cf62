package delivery

// Pipelines whose steps are one list: each of them is one unit, as every step waits for the one before.

import (
	"path"
	"strings"

	"flightpoll/detectors/source/document"
)

// whole is a pipeline that is one unit.
func whole(p string, d *document.Node) Unit {
	u := job(p, "pipeline", d.Line)
	u.Title = "pipeline " + path.Base(p)
	return u
}

// cloudBuild: a step runs its image's program, or its entry point, with arguments.
func cloudBuild(p string, d *document.Node) []Unit {
	u := whole(p, d)
	for _, s := range d.List("steps") {
		u.step(s.Text("id"), "", s.Text("name"), s)
		u.lines(s.Get("script"))
		program := s.Text("entrypoint")
		if program == "" {
			program = path.Base(strings.Split(s.Text("name"), ":")[0])
		}
		if args := s.Get("args"); args != nil && program != "" {
			u.run(append([]string{program}, names(args)...), s.Line, 0)
		}
	}
	return []Unit{u}
}

// containerSteps: Drone and Woodpecker, where a step is a container with commands, or a plugin with settings.
func containerSteps(p string, d *document.Node) []Unit {
	u := whole(p, d)
	steps := d.List("steps")
	for _, key := range []string{"steps", "pipeline"} {
		for _, f := range d.Get(key).Entries() {
			steps = append(steps, f.Value)
		}
	}
	for _, s := range steps {
		u.step(s.Text("name"), "", s.Text("image"), s)
		u.lines(s.Get("commands"))
		if s.Get("commands") == nil && s.Get("settings") != nil && deployUses.MatchString(s.Text("image")) {
			u.brought(s.Line)
		}
	}
	return []Unit{u}
}

// buildkite: what stands behind a wait or a block runs after what stands before it.
func buildkite(p string, d *document.Node) []Unit {
	u := whole(p, d)
	for _, s := range d.List("steps") {
		if b, ok := s.Pair("block"); ok {
			u.add(Approval, "manual", "block: "+short(b.Value.Value), 1, b.Line)
		}
		for _, inner := range append([]*document.Node{s}, s.List("steps")...) {
			u.step(inner.Text("label"), "", "commands", inner)
			u.lines(inner.Get("command"))
			u.lines(inner.Get("commands"))
		}
	}
	return []Unit{u}
}

// phases: the scripts of a file's phases in their order; a phase that is no script hands the build to a provider.
func phases(keys ...string) func(string, *document.Node) []Unit {
	return func(p string, d *document.Node) []Unit {
		u := whole(p, d)
		for _, key := range keys {
			n := d.Get(key)
			if key == "deploy" && n != nil {
				u.brought(n.Line)
				continue
			}
			u.lines(n)
		}
		return []Unit{u}
	}
}

// buildspec: AWS CodeBuild.
func buildspec(p string, d *document.Node) []Unit {
	u := whole(p, d)
	for _, phase := range []string{"install", "pre_build", "build", "post_build"} {
		u.lines(d.Get("phases", phase, "commands"))
	}
	return []Unit{u}
}

// appspec: AWS CodeDeploy runs the hooks of a machine in this order; what starts the application brings out the code.
func appspec(p string, d *document.Node) []Unit {
	u := whole(p, d)
	u.Title, u.Deploys = "deployment "+path.Base(p), true
	for _, hook := range []string{"BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"} {
		for _, s := range d.List("hooks", hook) {
			if script := s.Text("location"); script != "" {
				u.Steps = append(u.Steps, Step{Script: path.Join(path.Dir(p), script), Line: s.Line})
			}
			if hook == "ApplicationStart" {
				u.Steps = append(u.Steps, Step{Line: s.Line})
			}
			if hook == "ValidateService" {
				u.add(Check, "smoke", "the hook ValidateService", 1, s.Line)
			}
		}
	}
	return []Unit{u}
}

// semaphore: blocks one after the other.
func semaphore(p string, d *document.Node) []Unit {
	u := whole(p, d)
	for _, b := range d.List("blocks") {
		for _, j := range b.List("task", "jobs") {
			u.step(j.Text("name"), "", "commands", j)
			u.lines(j.Get("commands"))
		}
	}
	return []Unit{u}
}
