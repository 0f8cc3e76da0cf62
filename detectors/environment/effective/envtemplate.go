package effective

// Templates of env files that a roll-out fills in: env.j2 of Ansible, .env.ctmpl of consul-template, .env.erb, and .env.tpl whose values
// are references to a store.

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// KindEnvTemplate is the kind of a unit that is a template of an env file.
const KindEnvTemplate = "env template"

// placeholder is what a template's value takes from elsewhere: {{ x }}, <%= x %>, op://vault/item, ref+vault://.
var placeholder = lazy.New(`\{\{.*\}\}|<%=|\bop://|\bref\+\w+://|\$\{\w+\}|vault:`)

// envTemplate says whether a path may be a template of an env file.
func envTemplate(p string) bool {
	base := strings.ToLower(path.Base(p))
	ext := path.Ext(base)
	if !slices.Contains([]string{".j2", ".ctmpl", ".tpl", ".tmpl", ".erb", ".template", ".gotmpl"}, ext) {
		return false
	}
	stem := strings.TrimSuffix(base, ext)
	if strings.HasPrefix(base, "_") || notConfiguration(path.Dir(p)) { // a helper of a chart
		return false
	}
	return stem == "env" || strings.HasSuffix(stem, ".env") || strings.HasPrefix(stem, ".env") || strings.HasPrefix(stem, "env.") || strings.HasSuffix(stem, "-env") || strings.HasSuffix(stem, "_env")
}

func loadEnvTemplates(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		if !envTemplate(p) || ctx.Err() != nil {
			continue
		}
		if text, ok := t.peek(p); !ok || !placeholder.MatchString(text) {
			continue
		}
		base := namedUnit(KindEnvTemplate, p)
		needs := t.templated(p, &base)
		if path.Ext(p) != ".j2" || base.Environment != Everywhere {
			units = append(units, base)
			continue
		}
		inventories := t.ansible(path.Dir(p))
		if len(inventories) == 0 {
			units = append(units, base)
			continue
		}
		for _, e := range slices.SortedFunc(maps.Keys(inventories), Environment.Compare) {
			units = append(units, inventories[e].fill(t, base, e, needs))
		}
	}
	return units
}

// ansibleName is a plain variable in a template's value: no filter, no attribute.
var ansibleName = lazy.New(`\{\{-?\s*([a-z]\w*)\s*-?\}\}`)

// templated reads the lines of a template; needs are the names that its values take, with their places.
func (t *Tree) templated(p string, u *Unit) (needs map[string]Place) {
	needs = map[string]Place{}
	text, err := t.Read(p)
	if err != nil {
		return needs
	}
	guarded := 0
	for i, row := range strings.Split(string(text), "\n") {
		row = strings.TrimSpace(row)
		if strings.HasPrefix(row, "{%") || strings.HasPrefix(row, "{{") || strings.HasPrefix(row, "<%") {
			if strings.Contains(row, "for ") || strings.Contains(row, "range ") {
				u.open("a loop of the template writes more")
			}
			guarded += opensBlock(row)
			continue
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(row, "export "), "=")
		if !ok || !envName(name) || i > maxLines {
			continue
		}
		at := Place{p, i + 1}
		v := set(strings.Trim(value, `"'`), at)
		if placeholder.MatchString(value) {
			v = elsewhere(at)
			for _, m := range ansibleName.FindAllStringSubmatch(value, 5) {
				if guarded <= 0 {
					needs[m[1]] = at
				}
			}
		}
		u.Variables[name] = v
	}
	return needs
}

var (
	blockStart = lazy.New(`\{%-?\s*(if|for)\b|\{\{-?\s*(if|range|with|key_exists)\b|<%-?\s*(if|unless)\b`)
	blockEnd   = lazy.New(`\{%-?\s*end|\{\{-?\s*end|<%-?\s*end`)
)

// opensBlock is by how many blocks a line of a template goes in.
func opensBlock(row string) int {
	return len(blockStart.FindAllString(row, 4)) - len(blockEnd.FindAllString(row, 4))
}
