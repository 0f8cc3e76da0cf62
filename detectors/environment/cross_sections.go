package environment

// Files that hold several environments, each in a section of its own: build profiles, stages, contexts.

import (
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
)

// sectionDepth is how deep an environment's name may stand in a key.
const sectionDepth = 3

// sectioned judges the sections of a changed file; false where it has none of two environments.
func (l *crossing) sectioned(f *branch.File) bool {
	if fileKindOf(f.Path) != configFile || !structured(f.Path) && !composeFile(f.Path) || aside(f.Path) {
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

func sortedMembers(list map[member][]setting) []member {
	var members []member
	for m := range list {
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.family+"\x00"+a.word, b.family+"\x00"+b.word) })
	return members
}
