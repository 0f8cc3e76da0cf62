package environment

// Files that hold several environments, each in a section of its own: build profiles, stages, contexts.

import (
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// sectionDepth is how deep an environment's name may stand in a key.
const sectionDepth = 3

// sectioned judges the sections of a changed file; false where it has none of two environments.
func (l *crossing) sectioned(f *branch.File) bool {
	if !pipelineOfJobs.MatchString(f.Path) && (fileKindOf(f.Path) != configFile || !structured(f.Path) && !composeFile(f.Path) || aside(f.Path)) {
		return false
	}
	now := bySection(f.Path, l.settingsOf(f.Path))
	families := map[string]map[Environment]bool{}
	for at := range now {
		if families[at.family] == nil {
			families[at.family] = map[Environment]bool{}
		}
		families[at.family][at.environment] = true
	}
	before := bySection(f.Path, settingsBefore(f))
	seen := false
	for at, settings := range now {
		if len(families[at.family]) > 1 {
			l.sections[at.family] = append(l.sections[at.family], scope{f.Path, at.environment, settings})
		}
	}
	for _, at := range sortedMembers(now) {
		if len(families[at.family]) < 2 || !at.environment.Deployed() {
			continue
		}
		seen = true
		l.judge(f, at, now[at], before[at])
	}
	return seen
}

// bySection sorts settings by the environment that their keys stand below; the others are left out. The keys are those within the
// section.
func bySection(p string, settings []setting) map[member][]setting {
	if pipelineOfJobs.MatchString(p) {
		return byJob(p, settings)
	}
	list := map[member][]setting{}
	for _, s := range settings {
		parts := strings.Split(s.key, ".")
		for i, part := range parts[:min(len(parts)-1, sectionDepth)] {
			env, ok := effective.Known(strings.TrimPrefix(part, "%"))
			if !ok || env == Testing {
				continue
			}
			at := member{path: p, environment: env, word: part, family: p + "\x00" + strings.Join(parts[:i], ".")}
			inner := s
			inner.key = strings.Join(parts[i+1:], ".")
			list[at] = append(list[at], inner)
			break
		}
	}
	return list
}

// pipelineOfJobs are the pipelines whose jobs say which environment they deploy to.
var pipelineOfJobs = lazy.New(`(^|/)\.gitlab-ci[\w.-]*\.ya?ml$|(^|/)\.github/workflows/[^/]+\.ya?ml$`)

var jobVariable = lazy.New(`^(?:jobs\.)?([\w-]+)\.(?:variables|env|steps\[\d+\]\.env)\.(\w+)$`)

// byJob sorts the variables of jobs by the environment that each job deploys to.
func byJob(p string, settings []setting) map[member][]setting {
	of := map[string]Environment{}
	for _, s := range settings {
		job, ok := strings.CutSuffix(strings.TrimSuffix(strings.TrimPrefix(s.key, "jobs."), ".name"), ".environment")
		if env, known := effective.Known(s.value); ok && known && !strings.Contains(job, ".") {
			of[job] = env
		}
	}
	list := map[member][]setting{}
	for _, s := range settings {
		m := jobVariable.FindStringSubmatch(s.key)
		if m == nil || of[m[1]] == Everywhere || of[m[1]] == Testing {
			continue
		}
		s.key = m[2]
		at := member{path: p, environment: of[m[1]], word: m[1], family: p + "\x00jobs"}
		list[at] = append(list[at], s)
	}
	return list
}

func sortedMembers(list map[member][]setting) []member {
	var members []member
	for m := range list {
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.family+"\x00"+a.word, b.family+"\x00"+b.word) })
	return members
}
