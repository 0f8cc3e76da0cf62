package environment

// Gaps: a chart's value, a Terraform variable or a stage's parameter that the definition asks for and one environment does
// not give.

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
)

func (m *missing) gaps() {
	head := m.head()
	for _, key := range slices.Sorted(maps.Keys(head.groups)) {
		g := head.groups[key]
		if m.gapsTouched(g) {
			m.groupGaps(g, m.base().groups[key])
		}
	}
}

// gapsTouched says whether the branch changes a file that has to do with a group's gaps.
func (m *missing) gapsTouched(g *group) bool {
	for _, u := range g.units {
		if len(u.Gaps) == 0 {
			continue
		}
		for _, f := range m.pass.Branch.Files {
			if slices.Contains(u.Files, f.Path) || slices.Contains(u.Files, f.OldPath) || slices.ContainsFunc(u.Gaps, func(gap effective.Gap) bool { return f.Path == gap.At.Path || f.Path == gap.By.Path }) {
				return true
			}
		}
	}
	return false
}

// groupGaps judges the gaps that the branch opens in the environments of one unit. An environment that is new as a whole is
// left to itself.
func (m *missing) groupGaps(g, before *group) {
	if before == nil {
		return
	}
	opened := map[string]effective.Gap{}
	lacking := map[string][]Environment{}
	for _, env := range sortedEnvironments(g.units) {
		u, old := g.units[env], before.units[env]
		if old == nil || u.Open || elsewhereGiven(old) {
			continue
		}
		for _, gap := range u.Gaps {
			if slices.ContainsFunc(old.Gaps, func(o effective.Gap) bool { return o.Name == gap.Name }) || m.wasAsked(gap, old, u) {
				continue
			}
			if _, ok := opened[gap.Name]; !ok || gap.Stops {
				opened[gap.Name] = gap
			}
			if !slices.Contains(lacking[gap.Name], env) {
				lacking[gap.Name] = append(lacking[gap.Name], env)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(opened)) {
		m.gap(g, name, opened[name], lacking[name])
	}
}

// elsewhereGiven says whether a unit leaves out so much of what it needs that a store or a command line must give it.
func elsewhereGiven(u *effective.Unit) bool {
	absent, required := 0, 0
	roots := map[string]bool{}
	for _, gap := range u.Gaps {
		if !gap.Call {
			absent++
		}
		root, _, _ := strings.Cut(gap.Name, ".")
		roots[root] = true
	}
	for _, v := range u.Keys {
		if v.State != effective.Default {
			required++
		}
	}
	if u.Kind == effective.KindModule {
		return absent*2 > absent+required
	}
	return len(roots) > 2
}

// wasAsked says whether the gap is not the branch's doing: nothing of what asks or gives changed on it.
func (m *missing) wasAsked(gap effective.Gap, old, now *effective.Unit) bool {
	changed := func(p string) bool { return p != "" && m.pass.Branch.File(p) != nil }
	return !changed(gap.At.Path) && !changed(gap.By.Path) && !slices.ContainsFunc(slices.Concat(old.Files, now.Files), changed)
}

func (m *missing) gap(g *group, name string, gap effective.Gap, lack []Environment) {
	var have []Environment
	for _, env := range sortedEnvironments(g.units) {
		if env != Everywhere && !slices.ContainsFunc(g.units[env].Gaps, func(o effective.Gap) bool { return o.Name == name }) {
			have = append(have, env)
		}
	}
	u := g.units[lack[0]]
	bound := !slices.Contains(lack, Everywhere)
	kind := u.Kind
	switch {
	case m.reported["gap "+name], m.commanded(name, kind):
		return
	case kind == effective.KindRelease && len(have) == 0 && (openAbove(u, name) || len(u.Keys) == 0 || gap.Stops && !bound):
		return
	case bound && !slices.ContainsFunc(lack, Environment.Deployed) && len(have) == 0:
		return
	}
	m.reported["gap "+name] = true
	f := detectors.Finding{Severity: detectors.Warning, Path: gap.At.Path, Line: gap.At.Line, Symbol: name, Evidence: []string{name, g.units[lack[0]].Root, join(lack)}}
	if gap.Stops && (len(have) > 0 || gap.Call) {
		f.Severity = detectors.Blocker
	}
	m.gapWords(&f, kind, name, gap, have, lack)
	m.gapPlaces(&f, g, gap, lack)
	m.pass.Report(f)
}

func (m *missing) gapWords(f *detectors.Finding, kind, name string, gap effective.Gap, have, lack []Environment) {
	whom := join(lack)
	switch kind {
	case effective.KindModule:
		f.Message = fmt.Sprintf("The Terraform variable %s has no default, and the tfvars of %s do not set it", name, whom)
		f.Why = fmt.Sprintf("terraform plan for %s stops with \"No value for required variable\", or waits for somebody to type one.", whom)
		f.Fix = fmt.Sprintf("Set %s in the tfvars of each environment, or give it a default.", name)
		if gap.Call {
			f.Message = fmt.Sprintf("The Terraform module needs %s, and the call of %s does not pass it", name, whom)
			f.Why = "terraform plan stops with \"Missing required argument\"."
			f.Fix = fmt.Sprintf("Pass %s where the module is called, or give it a default.", name)
		}
	case effective.KindRelease:
		where := "no values file has it"
		if len(have) > 0 {
			where = fmt.Sprintf("it is set for %s and absent for %s", join(have), whom)
		} else if whom != "" {
			where = "no values file of " + whom + " has it"
		}
		f.Message = fmt.Sprintf("The template uses .Values.%s and %s", name, where)
		f.Why = "The template renders an empty text for a value that is not there, without an error."
		if gap.Stops {
			f.Why = "Rendering stops with an error, so that the release cannot be installed or upgraded."
		}
		f.Fix = fmt.Sprintf("Give %s a value in values.yaml, or in the values of each environment.", name)
	case effective.KindKamal:
		f.Message = fmt.Sprintf("The deploy file lists the secret %s, and .kamal/secrets does not give it", name)
		f.Why = "Deploying stops, as Kamal finds no such secret."
		f.Fix = fmt.Sprintf("Add %s to the file of secrets of each destination, or take it off the list.", name)
	case effective.KindEnvTemplate:
		f.Message = fmt.Sprintf("The template takes %s, which the variables of %s do not give", name, whom)
		f.Why = fmt.Sprintf("The play for %s stops, as the variable is undefined.", whom)
		f.Fix = fmt.Sprintf("Give %s a value in the variables of each environment, or a default.", name)
	case effective.KindStack:
		f.Message = fmt.Sprintf("The template's parameter %s has no default, and the parameters of %s do not give it", name, whom)
		f.Why = fmt.Sprintf("Deploying to %s stops with \"Parameters: [%s] must have values\".", whom, name)
		f.Fix = fmt.Sprintf("Give %s a value for each environment, or a default.", name)
	default:
		f.Message = fmt.Sprintf("The parameter %s is used here and has no value for the stage %s", name, whom)
		f.Why = fmt.Sprintf("Deploying to %s stops, as the variable cannot be resolved.", whom)
		f.Fix = fmt.Sprintf("Give %s a value for each stage, or a default.", name)
	}
}

// gapPlaces points at the line that the branch wrote, and at the files of both sides.
func (m *missing) gapPlaces(f *detectors.Finding, g *group, gap effective.Gap, lack []Environment) {
	touched := func(at effective.Place) bool {
		file := m.pass.Branch.File(at.Path)
		return file != nil && file.Status != branch.Deleted && file.Touched(at.Line)
	}
	if !touched(gap.At) {
		asks := detectors.Related{Path: gap.At.Path, Line: gap.At.Line, Message: "asks for it"}
		for _, env := range lack {
			for _, p := range g.units[env].Files {
				if file := m.pass.Branch.File(p); file != nil && file.Status != branch.Deleted && f.Path == gap.At.Path {
					f.Path, f.Line = p, 1
				}
			}
		}
		if touched(gap.By) {
			f.Path, f.Line = gap.By.Path, gap.By.Line
		}
		if f.Path != asks.Path {
			f.Related = append(f.Related, asks)
		}
	} else if gap.Call {
		f.Related = append(f.Related, detectors.Related{Path: gap.By.Path, Line: gap.By.Line, Message: "calls the module without it"})
	}
	for _, env := range lack {
		if env == Everywhere {
			for _, p := range g.units[env].Files {
				f.Related = append(f.Related, detectors.Related{Path: p, Message: "the chart's defaults lack it"})
			}
			continue
		}
		for _, p := range g.own(env) {
			f.Related = append(f.Related, detectors.Related{Path: p, Message: fmt.Sprintf("%s lacks it", env)})
		}
	}
}

// openAbove says whether a value stands below a key that the values leave empty on purpose ({}, null).
func openAbove(u *effective.Unit, name string) bool {
	for at := name; at != "."; {
		at = strings.TrimSuffix(at, path.Ext(at))
		if v, ok := u.Keys[at]; ok {
			return v.State == effective.Empty
		}
		if !strings.Contains(at, ".") {
			return false
		}
	}
	return false
}

// commanded says whether a command line, or a variable of the shell that runs it, gives the name.
func (m *missing) commanded(name, kind string) bool {
	last := lastKey(name)
	naming, err := m.pass.Source.Naming(m.pass.Context, last, "TF_VAR_"+last)
	if err != nil {
		return true
	}
	if kind == effective.KindModule && len(naming["TF_VAR_"+last]) > 0 {
		return true
	}
	for _, p := range naming[last] {
		if ext := path.Ext(p); ext == ".tf" || ext == ".tfvars" || ext == ".tpl" {
			continue
		}
		for _, line := range m.text(p) {
			if strings.Contains(line, "-var") && wordIn(line, last) || strings.Contains(line, "--set") && strings.Contains(line, name) || strings.Contains(line, "--param") && wordIn(line, last) {
				return true
			}
		}
	}
	return false
}

// sortedEnvironments are those of units, production first.
func sortedEnvironments(units map[Environment]*effective.Unit) []Environment {
	return slices.SortedFunc(maps.Keys(units), Environment.Compare)
}
