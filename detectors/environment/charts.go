package environment

// Helm charts: values that a template uses and an environment's values files do not have.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// charts are the folders with a Chart.yaml.
func (l *ledger) charts() []string {
	var list []string
	for p := range l.layout.all {
		if path.Base(p) == "Chart.yaml" && !aside(p) {
			list = append(list, path.Dir(p))
		}
	}
	slices.Sort(list)
	return list
}

var (
	chartValue = lazy.New(`\$?\.Values\.([\w.]+)`)
	// forgiving are the words that make a missing value harmless on their line.
	forgiving  = lazy.New(`\|\s*default\b|\bdefault\s|\bcoalesce\b|\bhasKey\b|\bdig\b|\bget\b|\{\{-?\s*(if|else if|with|range|and|or|not)\b|\bempty\b|\bternary\b|\band\b|\bor\b`)
	opensBlock = lazy.New(`\{\{-?\s*(if|with|range|define|block)\b([^}]*)`)
	endsBlock  = lazy.New(`\{\{-?\s*end\b`)
	elseBlock  = lazy.New(`\{\{-?\s*else\b`)
)

func (m *missing) charted() {
	charts := m.charts()
	for _, f := range m.pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || !strings.Contains(f.Path, "templates/") {
			continue
		}
		for _, chart := range charts {
			if strings.HasPrefix(f.Path, chart+"/templates/") || chart == "." && strings.HasPrefix(f.Path, "templates/") {
				m.template(f, chart)
			}
		}
	}
}

// template judges the values that the branch's lines of one template use.
func (m *missing) template(f *branch.File, chart string) {
	text, err := f.After()
	if err != nil {
		return
	}
	var blocks []string // the conditions of the blocks around the line
	for i, line := range strings.Split(string(text), "\n") {
		if f.Touched(i+1) && !forgiving.MatchString(line) {
			for _, v := range chartValue.FindAllStringSubmatch(line, -1) {
				if !guarded(blocks, v[1]) {
					m.chartKey(Reference{Name: strings.TrimSuffix(v[1], "."), Path: f.Path, Line: i + 1, FailFast: strings.Contains(line, "required")}, chart)
				}
			}
		}
		for _, b := range opensBlock.FindAllStringSubmatch(line, -1) {
			blocks = append(blocks, b[2])
		}
		if elseBlock.MatchString(line) && len(blocks) > 0 {
			blocks[len(blocks)-1] = ""
		}
		for range endsBlock.FindAllString(line, -1) {
			blocks = blocks[:max(0, len(blocks)-1)]
		}
	}
}

// guarded says whether a block around asks for the value or for something above it.
func guarded(blocks []string, value string) bool {
	for _, b := range blocks {
		for _, v := range chartValue.FindAllStringSubmatch(b, -1) {
			asked := strings.TrimSuffix(v[1], ".")
			if value == asked || strings.HasPrefix(value, asked+".") || strings.HasSuffix(asked, ".enabled") && strings.HasPrefix(value, strings.TrimSuffix(asked, "enabled")) {
				return true
			}
		}
	}
	return false
}

func (m *missing) chartKey(r Reference, chart string) {
	if m.reported["chart "+r.Name] {
		return
	}
	k := strings.ToLower(r.Name)
	base := document{}
	for _, name := range []string{"values.yaml", "values.yml"} {
		for key, e := range m.documentOf(path.Join(chart, name)) {
			base[key] = e
		}
	}
	if _, ok := base[k]; ok {
		return
	}
	// A value below a mapping that is empty in values.yaml, or handed down to a subchart, is meant to come from outside.
	family := m.chartFamily(chart)
	var have, lack []Environment
	for _, env := range m.layout.environments(family) {
		if _, ok := m.effective(family, env)[k]; ok {
			have = append(have, env)
		} else {
			lack = append(lack, env)
		}
	}
	if len(lack) == 0 && len(have) > 0 || len(base) == 0 && len(have) == 0 || len(have) == 0 && len(lack) == 0 && openParent(base, k) {
		return
	}
	m.reported["chart "+r.Name] = true
	f := detectors.Finding{
		Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
		Why:      "The template renders an empty text for a value that is not there, without an error.",
		Fix:      fmt.Sprintf("Give %s a value in values.yaml, or in the values of each environment.", r.Name),
		Evidence: []string{r.Name, chart},
		Related:  []detectors.Related{{Path: path.Join(chart, "values.yaml"), Message: "the chart's defaults lack it"}},
	}
	where := "no values file has it"
	if len(have) > 0 {
		where = fmt.Sprintf("it is set for %s and absent for %s", join(have), join(lack))
		for _, env := range lack {
			for _, p := range m.layout.files(family, env) {
				f.Related = append(f.Related, detectors.Related{Path: p, Message: fmt.Sprintf("%s lacks it", env)})
			}
		}
	}
	f.Message = fmt.Sprintf("The template uses .Values.%s and %s", r.Name, where)
	m.pass.Report(f)
}

// openParent says whether a value stands below a key that the chart's defaults leave empty on purpose ({}, null).
func openParent(base document, k string) bool {
	for i := strings.LastIndexByte(k, '.'); i > 0; i = strings.LastIndexByte(k[:i], '.') {
		if e, ok := base[k[:i]]; ok {
			for other := range base {
				if strings.HasPrefix(other, k[:i]+".") {
					return false
				}
			}
			return e.line > 0
		}
	}
	return false
}

// chartFamily is the family of values files that belongs to a chart: beside it, or anywhere with the chart's keys.
func (m *missing) chartFamily(chart string) string {
	best := ""
	for _, family := range sortedFamilies(m.layout.families) {
		if !strings.Contains(path.Base(family), "values") {
			continue
		}
		if strings.HasPrefix(family, strings.TrimPrefix(chart+"/", "./")) || path.Dir(chart) != "." && strings.HasPrefix(family, path.Dir(chart)+"/") && best == "" || best == "" && len(m.charts()) == 1 {
			best = family
			if strings.HasPrefix(family, chart+"/") {
				break
			}
		}
	}
	return best
}
