package effective

// Scripts that deploy to one environment each: deploy/staging.sh beside deploy/production.sh, the targets deploy-staging and
// deploy-production of a Makefile or justfile, the scripts of a package.json.

import (
	"context"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// target begins a recipe of a Makefile or a justfile.
var target = lazy.New(`^([A-Za-z][\w./-]*)\s*(?:[\w-]+\s*)*:(?:[^=]|$)`)

func loadDeployScripts(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		if ctx.Err() != nil {
			break
		}
		base := strings.ToLower(path.Base(p))
		switch {
		case notConfiguration(p):
		case base == "makefile" || base == "justfile" || path.Ext(base) == ".mk":
			if text, ok := t.peek(p); ok && mentionsTwo(text) {
				units = append(units, recipes(p, text)...)
			}
		case base == "package.json":
			if text, ok := t.peek(p); ok && mentionsTwo(text) && strings.Contains(text, "=") {
				units = append(units, t.packageScripts(p)...)
			}
		case path.Ext(base) == ".sh" || path.Ext(base) == ".bash" || path.Ext(base) == ".ps1":
			e, word, root := InPath(p)
			if word == "" || e == Testing {
				continue
			}
			if text, ok := t.peek(p); ok {
				name := path.Base(p)
				if _, in := InName(name); in != "" {
					name = strings.Replace(name, in, "*", 1)
				}
				units = append(units, deployUnit(name, root, p, e, 1, text)...)
			}
		}
	}
	return units
}

// deployUnit is what a script hands on, none where it hands on nothing.
func deployUnit(name, root, p string, e Environment, line int, text string) []Unit {
	u := Unit{Name: name, Kind: KindPipeline, Environment: e, Root: root, Files: []string{p}, Variables: map[string]Variable{}, At: Place{p, line}}
	lines := strings.Split(text, "\n")
	for _, variable := range commandVariables(text) {
		i := max(slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, variable) }), 0)
		u.Variables[variable] = elsewhere(Place{p, line + i})
	}
	if len(u.Variables) == 0 {
		return nil
	}
	return []Unit{u}
}

// recipes are the targets of a Makefile whose names say an environment.
func recipes(p, text string) []Unit {
	var units []Unit
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines) && i < maxLines; i++ {
		m := target.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		e, word := InName(strings.ReplaceAll(m[1], "/", "-"))
		if word == "" || e == Testing {
			continue
		}
		end := i + 1
		for end < len(lines) && (strings.HasPrefix(lines[end], "\t") || strings.HasPrefix(lines[end], " ")) {
			end++
		}
		units = append(units, deployUnit(path.Base(p)+" "+withoutWord(m[1], word), path.Dir(p), p, e, i+1, strings.Join(lines[i:end], "\n"))...)
	}
	return units
}

// packageScripts are the scripts of a package.json whose names say an environment.
func (t *Tree) packageScripts(p string) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		scripts := n.Get("scripts")
		if scripts == nil {
			continue
		}
		for _, pair := range scripts.Pairs {
			name := strings.ReplaceAll(pair.Key, ":", "-")
			if e, word := InName(name); word != "" && e != Testing && pair.Value != nil && pair.Value.Scalar() {
				units = append(units, deployUnit("script "+withoutWord(name, word), path.Dir(p), p, e, pair.Line, pair.Value.Value)...)
			}
		}
	}
	return units
}
