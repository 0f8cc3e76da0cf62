package environment

// Terraform: variables without a default that an environment's tfvars file does not set.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// terraformVariables are the variables of one .tf file: name to the line of those without a default, zero for the others.
func terraformVariables(p string, text []byte) (list map[string]int) {
	list = map[string]int{}
	defer func() { _ = recover() }() // what the parser cannot take declares nothing
	file, diags := hclsyntax.ParseConfig(text, p, hcl.InitialPos)
	if diags.HasErrors() || file == nil {
		return list
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return list
	}
	for _, b := range body.Blocks {
		if b.Type != "variable" || len(b.Labels) != 1 {
			continue
		}
		list[b.Labels[0]] = b.TypeRange.Start.Line
		if _, has := b.Body.Attributes["default"]; has {
			list[b.Labels[0]] = 0
		}
	}
	return list
}

var assigned = lazy.New(`(?m)^\s*"?(\w+)"?\s*[=:]`)

// assignedIn are the variables that a tfvars file sets.
func assignedIn(lines []string) map[string]int {
	set := map[string]int{}
	depth := 0
	for i, line := range lines {
		if m := assigned.FindStringSubmatch(line); m != nil && depth == 0 && set[m[1]] == 0 {
			set[m[1]] = i + 1
		}
		depth += strings.Count(line, "{") + strings.Count(line, "[") - strings.Count(line, "}") - strings.Count(line, "]")
		if strings.HasSuffix(strings.TrimSpace(line), "{") && depth == 1 && i == 0 {
			depth = 0 // tfvars.json
		}
	}
	return set
}

func (m *missing) terraform() {
	var families []string
	for _, family := range sortedFamilies(m.layout.families) {
		if strings.HasSuffix(family, "tfvars") || strings.HasSuffix(family, "tfvars.json") {
			families = append(families, family)
		}
	}
	if len(families) == 0 {
		return
	}
	for _, f := range m.pass.Branch.Files {
		if f.Status == branch.Deleted || path.Ext(f.Path) != ".tf" || f.TooLarge || aside(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		before, _ := f.Before()
		old := terraformVariables(f.Path, before)
		now := terraformVariables(f.Path, text)
		for _, name := range sortedLines(now) {
			line := now[name]
			was, existed := old[name]
			if line > 0 && (!existed || was == 0) && !m.moved(name, f.Path) {
				m.terraformVariable(Reference{Name: name, Path: f.Path, Line: line}, families)
			}
		}
	}
}

// moved says whether the variable stood in another file of the module before.
func (m *missing) moved(name, p string) bool {
	for _, f := range m.pass.Branch.Files {
		if f.Path != p && path.Dir(f.Path) == path.Dir(p) && path.Ext(f.Path) == ".tf" && f.Status != branch.Added {
			if text, err := f.Before(); err == nil && terraformVariables(f.Path, text)[name] > 0 {
				return true
			}
		}
	}
	return false
}

// terraformVariable compares the environments' files of the module that declares the variable.
func (m *missing) terraformVariable(r Reference, families []string) {
	module := m.module(path.Dir(r.Path))
	for _, family := range families {
		var have, lack []Environment
		known := 0
		sets := map[Environment]map[string]int{}
		for _, env := range m.layout.environments(family) {
			sets[env] = map[string]int{}
			for _, p := range append(slices.Clone(m.layout.bases[family]), m.layout.files(family, env)...) {
				for name, line := range assignedIn(m.text(p)) {
					sets[env][name] = line
					if _, ok := module[name]; ok {
						known++
					}
				}
			}
			if sets[env][r.Name] > 0 {
				have = append(have, env)
			} else {
				lack = append(lack, env)
			}
		}
		if known == 0 || len(lack) == 0 || m.given(r, module, sets) {
			continue
		}
		m.reportTerraform(r, family, have, lack)
		return
	}
}

// module are the variables of all .tf files in a folder at the head.
func (m *missing) module(dir string) map[string]int {
	all := map[string]int{}
	for p := range m.layout.all {
		if path.Dir(p) == dir && path.Ext(p) == ".tf" {
			if text, err := m.pass.Branch.ReadHead(p); err == nil && len(text) < maxConfig {
				for name, line := range terraformVariables(p, text) {
					all[name] = line
				}
			}
		}
	}
	return all
}

// given says whether the variable comes from elsewhere: -var, TF_VAR_, an automatic file; or whether the module leaves
// other required variables out of the files as well, so that a store must give them.
func (m *missing) given(r Reference, module map[string]int, sets map[Environment]map[string]int) bool {
	naming, err := m.pass.Source.Naming(m.pass.Context, r.Name, "TF_VAR_"+r.Name)
	if err != nil || len(naming["TF_VAR_"+r.Name]) > 0 {
		return true
	}
	for _, p := range naming[r.Name] {
		if path.Ext(p) == ".tf" || m.layout.members[p].path != "" {
			continue
		}
		if base := path.Base(p); base == "terraform.tfvars" || strings.HasSuffix(base, ".auto.tfvars") {
			return true
		}
		for _, line := range m.text(p) {
			if strings.Contains(line, "-var") && wordIn(line, r.Name) {
				return true
			}
		}
	}
	others, absent := 0, 0
	for name, line := range module {
		if name == r.Name || line == 0 {
			continue
		}
		others++
		set := false
		for _, s := range sets {
			set = set || s[name] > 0
		}
		if !set {
			absent++
		}
	}
	return others > 0 && absent*2 > others
}

func (m *missing) reportTerraform(r Reference, family string, have, lack []Environment) {
	f := detectors.Finding{
		Severity: detectors.Blocker, Path: r.Path, Line: r.Line, Symbol: r.Name,
		Message:  fmt.Sprintf("The Terraform variable %s has no default, and the tfvars of %s do not set it", r.Name, join(lack)),
		Why:      fmt.Sprintf("terraform plan for %s stops with \"No value for required variable\", or waits for somebody to type one.", join(lack)),
		Fix:      fmt.Sprintf("Set %s in the tfvars of each environment, or give it a default.", r.Name),
		Evidence: []string{r.Name, join(lack)},
	}
	if len(have) == 0 {
		f.Severity = detectors.Warning
	}
	for _, env := range have {
		for _, p := range m.layout.files(family, env) {
			f.Related = append(f.Related, detectors.Related{Path: p, Line: assignedIn(m.text(p))[r.Name], Message: fmt.Sprintf("sets it for %s", env)})
		}
	}
	for _, env := range lack {
		for _, p := range m.layout.files(family, env) {
			f.Related = append(f.Related, detectors.Related{Path: p, Message: fmt.Sprintf("%s lacks it", env)})
		}
	}
	m.pass.Report(f)
}

func sortedLines(set map[string]int) []string {
	var list []string
	for k := range set {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
