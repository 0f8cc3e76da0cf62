package environment

// In which order a release migrates and brings out its code, told by pipelines, scripts, playbooks and hooks.

import (
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/delivery"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// lateMigration is a pipeline whose every migration comes after a roll-out, by the order of steps and by what jobs need.
func lateMigration(pass *detectors.Pass) (p string, deploys, migrates int) {
	early := false
	var jobs, workloads []delivery.Unit
	for _, file := range releaseFiles(pass) {
		text, err := pass.Branch.ReadHead(file)
		if err != nil {
			continue
		}
		units, err := delivery.Read(file, text)
		if err != nil {
			continue
		}
		for i := range units {
			units[i].Steps = expanded(pass, units[i].Steps, 0)
			units[i].Deploys = units[i].Deploys || slices.ContainsFunc(units[i].Steps, func(s delivery.Step) bool { return !s.Migrates })
		}
		for _, u := range units {
			if strings.HasPrefix(u.Key, "workload/") && !u.Deploys {
				if u.Ends {
					jobs = append(jobs, u)
				} else if !u.Partial {
					workloads = append(workloads, u)
				}
				continue
			}
			for i, s := range u.Steps {
				if !s.Migrates {
					continue
				}
				line := rolledBefore(units, u, i)
				switch {
				case line > 0 && p == "":
					p, deploys, migrates = file, line, s.Line
				case line == 0 && (u.Deploys || precedes(units, u)):
					early = true
				}
			}
		}
	}
	for _, j := range jobs {
		for _, w := range workloads {
			if len(j.Steps) == 0 || around(j.Path) != around(w.Path) {
				continue
			}
			if early = early || j.Wave < w.Wave; j.Wave > w.Wave && p == "" {
				p, deploys, migrates = j.Path, j.Line, j.Steps[0].Line
			}
		}
	}
	if early {
		return "", 0, 0
	}
	return p, deploys, migrates
}

// maxReleaseFiles bounds the files that are asked for the order of a release.
const maxReleaseFiles = 300

// releaseFiles are the files of the head that may order a release: pipelines, scripts that deploy, playbooks, and manifests of jobs
// that are hooks.
func releaseFiles(pass *detectors.Pass) []string {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []string
	for _, p := range paths {
		if (ciPath.MatchString(p) || deployScript.MatchString(p) || delivery.Orders(p)) && delivery.Reads(p) && (ciPath.MatchString(p) || !asidePath.MatchString(p)) {
			list = append(list, p)
		}
	}
	list = list[:min(len(list), maxReleaseFiles)]
	naming, err := pass.Source.Naming(pass.Context, "helm.sh/hook", "argocd.argoproj.io/hook", "argocd.argoproj.io/sync-wave")
	if err != nil {
		return list
	}
	var hooks []string
	folders := map[string]bool{}
	for _, word := range slices.Sorted(maps.Keys(naming)) {
		for _, p := range naming[word] {
			if ext := path.Ext(p); (ext == ".yaml" || ext == ".yml") && !asidePath.MatchString(p) && !slices.Contains(list, p) && !slices.Contains(hooks, p) {
				hooks = append(hooks, p)
				folders[path.Dir(p)] = true
			}
		}
	}
	for _, p := range paths { // a workload beside a job of a later wave need not name one itself
		if ext := path.Ext(p); (ext == ".yaml" || ext == ".yml") && folders[path.Dir(p)] && !slices.Contains(hooks, p) {
			hooks = append(hooks, p)
		}
	}
	return append(list, hooks[:min(len(hooks), maxReleaseFiles)]...)
}

// deployScript are scripts that deploy by their names, also where no pipeline runs them.
var deployScript = lazy.New(`(?i)(^|/)(deploy|release|rollout|ship|upgrade)[\w-]*\.(sh|bash)$`)

// expanded puts the steps of the repository's scripts in the places where they are run.
func expanded(pass *detectors.Pass, steps []delivery.Step, depth int) []delivery.Step {
	var list []delivery.Step
	for _, s := range steps {
		if s.Script == "" {
			list = append(list, s)
			continue
		}
		text, err := pass.Branch.ReadHead(s.Script)
		if err != nil || text == nil || depth > 3 {
			continue
		}
		units, err := delivery.Read(s.Script, text)
		if !delivery.Reads(s.Script) || err != nil {
			continue
		}
		for _, u := range units {
			for _, inner := range expanded(pass, u.Steps, depth+1) {
				list = append(list, delivery.Step{Migrates: inner.Migrates, Line: s.Line})
			}
		}
	}
	return list
}

// rolledBefore is the line of a roll-out that certainly ends before a job's step, zero without one.
func rolledBefore(units []delivery.Unit, u delivery.Unit, step int) int {
	for _, s := range u.Steps[:step] {
		if !s.Migrates {
			return s.Line
		}
	}
	seen := map[string]bool{}
	var walk func(u delivery.Unit) int
	walk = func(u delivery.Unit) int {
		for _, need := range u.Needs {
			for _, other := range units {
				if seen[other.Key] || path.Base(other.Key) != need {
					continue
				}
				seen[other.Key] = true
				for _, s := range other.Steps {
					if !s.Migrates && !notProduction(other.Environment) {
						return s.Line
					}
				}
				if line := walk(other); line > 0 {
					return line
				}
			}
		}
		return 0
	}
	return walk(u)
}

// precedes says whether a job that brings out code waits for the unit.
func precedes(units []delivery.Unit, u delivery.Unit) bool {
	return slices.ContainsFunc(units, func(other delivery.Unit) bool {
		return other.Deploys && slices.Contains(other.Needs, path.Base(u.Key))
	})
}

// notProduction says whether a job's environment is a known one other than production.
func notProduction(environment string) bool {
	env := effective.EnvironmentOf(environment)
	return environment != "" && env != Production && (env == Staging || env == Preview || !env.Deployed())
}
