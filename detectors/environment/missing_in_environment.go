package environment

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/environment/references"
)

// MissingInEnvironment reports a name that one environment has and another lacks, where the branch brought that about.
var MissingInEnvironment = &detectors.Detector{
	ID:    "environment/missing-in-environment",
	Title: "A name is set in one environment and absent in another",
	Run:   runMissing,
}

func runMissing(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, _ := l.code()
	m := &missing{ledger: l, asked: asked, reported: map[string]bool{}}
	m.moduleKeys()
	m.codeSettings()
	if !l.concerns(asked) || len(l.layout.families) == 0 && len(l.head().groups) == 0 {
		if len(m.reported) > 0 {
			return nil
		}
		return detectors.ErrNotApplicable
	}
	if err := m.variables(); err != nil {
		return err
	}
	for _, r := range m.asked.introduced {
		m.services(r)
	}
	m.configuration()
	m.gaps()
	m.workflowSecrets()
	return m.unread()
}

// missing is one run over all kinds of names.
type missing struct {
	*ledger
	asked    *asked
	reported map[string]bool
}

// variables judges the variables that the branch starts to read, and those that it sets or stops to set somewhere.
func (m *missing) variables() error {
	interest := map[string]Reference{}
	renamed, err := m.staleRenames(m.asked)
	if err != nil {
		return err
	}
	for _, r := range m.asked.introduced {
		if _, told := renamed[r.Name]; !told && !r.Key && !platform(r.Name) { // what is renamed, environment/renamed-variable tells
			interest[r.Name] = r
		}
	}
	for name, at := range m.changedNames() {
		if _, ok := interest[name]; !ok && !platform(name) && renamed[name].now.Name == "" {
			interest[name] = at
		}
	}
	var names []string
	for name := range interest {
		names = append(names, name)
	}
	slices.Sort(names)
	names = names[:min(len(names), 200)]
	found, code, err := m.find(m.pass.Context, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		need, ok := m.asked.needed(name)
		if r := interest[name]; !ok && (r.LocalDefault || r.Makeshift) {
			need, ok = r, true
		}
		for _, p := range code[name] {
			if ok {
				break
			}
			for _, r := range m.headReferences(p) {
				if r.Name == name && !r.Optional {
					need, ok = r, true
				}
			}
		}
		if !ok {
			need, ok = m.usedBeside(name)
		}
		if ok {
			m.variable(name, interest[name], need, found[name])
		}
	}
	return nil
}

// variable compares the environments of each family that knows the name.
func (m *missing) variable(name string, at, need Reference, found []evidence) {
	families := map[string]bool{}
	for _, e := range found {
		if e.family != "" && e.kind == configFile && e.giving != named {
			families[e.family] = true
		}
	}
	for _, family := range sortedKeys(families) {
		covered, everywhere := covers(m.concerning(family, found))
		if everywhere {
			continue
		}
		envs := m.environmentsOf(family)
		var have, lack []Environment
		for _, env := range envs {
			if covered[env] {
				have = append(have, env)
			} else if env.Deployed() || env == Development {
				lack = append(lack, env)
			}
		}
		if len(have) == 0 || len(lack) == 0 || m.baseGives(family, name) {
			continue
		}
		// Between developers' own environments a difference says little; and one that only production has is a secret of it.
		if !slices.ContainsFunc(lack, Environment.Deployed) && !slices.ContainsFunc(have, Environment.Deployed) {
			continue
		}
		if !slices.ContainsFunc(lack, Environment.Deployed) {
			continue
		}
		lack = slices.DeleteFunc(lack, func(e Environment) bool {
			return !e.Deployed() || !m.mirrors(family, have, e, name) && (!need.LocalDefault && !need.Makeshift || !m.closed(family, e)) && !m.plainlyMissed(family, have, e, need)
		})
		if own := m.layout.members[need.Path].environment; own != Everywhere && references.Placeholders(need.Path) {
			lack = slices.DeleteFunc(lack, func(e Environment) bool { return e != own }) // only there is it asked for
		}
		if len(lack) == 0 {
			continue
		}
		m.report(name, at, need, family, have, lack, found)
		return
	}
}

// concerning leaves out what tells nothing of a unit: the units of other services, and the project that a developer starts on
// one machine, where the unit is another tool's.
func (m *missing) concerning(family string, found []evidence) []evidence {
	g := m.head().groups[family]
	if g == nil {
		return found
	}
	var own *effective.Unit
	for _, u := range g.units {
		own = u
	}
	var list []evidence
	for _, e := range found {
		switch {
		case e.unit == nil || e.family == family:
		case own.Kind == effective.KindDotenv && e.unit.Kind == own.Kind:
			if e.unit.Root != own.Root {
				continue
			}
		case e.unit.Kind == own.Kind, e.environment == Everywhere:
			continue
		}
		list = append(list, e)
	}
	return list
}

func (m *missing) report(name string, at, need Reference, family string, have, lack []Environment, found []evidence) {
	if m.reported[name] {
		return
	}
	m.reported[name] = true
	f := detectors.Finding{
		Severity: detectors.Warning, Path: at.Path, Line: at.Line, Symbol: name,
		Why:      fmt.Sprintf("The code at %s needs it and has no default, so %s runs without it.", need.Path, join(lack)),
		Fix:      fmt.Sprintf("Set %s for %s as well, or give the code a default that is right there.", name, join(lack)),
		Evidence: append([]string{name}, strings.Fields(join(lack))...),
	}
	if need.LocalDefault || need.Makeshift {
		f.Why = fmt.Sprintf("The default at %s is one for a developer's machine, and %s takes it without a word.", need.Path, join(lack))
	}
	if need.FailFast && slices.Contains(lack, Production) {
		f.Severity = detectors.Blocker
	}
	var has, without []string
	for _, e := range found {
		if e.family == family && slices.Contains(have, e.environment) && e.giving != named {
			has = append(has, e.path)
		}
	}
	for _, env := range lack {
		without = append(without, m.filesOf(family, env)...)
	}
	m.lackingPlaces(&f, need, without)
	f.Message = fmt.Sprintf("%s is set for %s (%s) and absent for %s (%s)", name, join(have), short(has), join(lack), short(without))
	m.pass.Report(f)
}

// lackingPlaces points at the read, where the branch wrote it, else at what has to be mended: the first file that lacks the name.
// A file that gives the name as it should is told in the message and is no place of the finding.
func (m *missing) lackingPlaces(f *detectors.Finding, need Reference, without []string) {
	slices.Sort(without)
	without = slices.Compact(without)
	if kind := fileKindOf(f.Path); kind != codeFile && !references.Script(f.Path) && !slices.Contains(without, f.Path) {
		if i := slices.IndexFunc(without, func(p string) bool { return m.layout.all[p] }); i >= 0 {
			f.Path, f.Line = without[i], 1
		}
	}
	for _, p := range without {
		if p != f.Path {
			f.Related = append(f.Related, detectors.Related{Path: p, Message: "lacks it"})
		}
	}
	if need.Path != "" && need.Path != f.Path {
		f.Related = append(f.Related, detectors.Related{Path: need.Path, Line: need.Line, Message: "reads it"})
	}
}

func join(list []Environment) string {
	var words []string
	for _, e := range list {
		words = append(words, string(e))
	}
	return strings.Join(words, " and ")
}

func short(paths []string) string {
	slices.Sort(paths)
	paths = slices.Compact(paths)
	if len(paths) > 2 {
		return fmt.Sprintf("%s and %d more files", paths[0], len(paths)-1)
	}
	return strings.Join(paths, ", ")
}

func sortedKeys(set map[string]bool) []string {
	var list []string
	for k := range set {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
