package environment

// Names that deploying files ask their surroundings for: ${X} in a Compose file or a template of a server's configuration, ARG X
// of an image. What nothing gives is empty where the files are used.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var (
	interpolated  = lazy.New(`(^|[^$\\])\$\{([A-Z][A-Z0-9_]+)(:?[-?+=][^}]*)?\}`)
	buildArgument = lazy.New(`^\s*ARG\s+([A-Z][A-Z0-9_]+)\s*$`)
	// builders are the arguments that BuildKit itself gives.
	builders      = lazy.New(`^(TARGET|BUILD)(ARCH|OS|PLATFORM|VARIANT|KIT_)|^(BUILD|GIT|VCS|COMMIT|SOURCE)_|^(VERSION|REVISION|COMMIT|TAG|SHA)$|_(VERSION|SHA|TAG|COMMIT)$`)
	serverConfig  = lazy.New(`(?i)\.(conf|ini|cnf|cfg)\.(template|tmpl|tpl)$|\.template$|(^|/)templates?/[^/]+\.conf$`)
	exampleName   = lazy.New(`(?i)example|sample|\.dist$`)
	containerFile = lazy.New(`(?i)(^|/)(dockerfile|containerfile)([.-][\w.-]+)?$|\.dockerfile$`)
)

// interpolation is one name that a file asks for.
type interpolation struct {
	name string
	line int
	// optional: the file has a default for it. stops: what reads the file ends with an error without it.
	optional, stops bool
}

// interpolations are the names that a deploying file asks for; nil for a file of another kind.
func interpolations(p, text string) []interpolation {
	image, project := containerFile.MatchString(p), composeFile(p)
	if !image && !project && !serverConfig.MatchString(p) {
		return nil
	}
	var list []interpolation
	for i, line := range strings.Split(text, "\n") {
		if len(list) > 300 || comment.MatchString(line) {
			continue
		}
		if image {
			if m := buildArgument.FindStringSubmatch(line); m != nil && !builders.MatchString(m[1]) {
				list = append(list, interpolation{name: m[1], line: i + 1})
			}
			continue
		}
		for _, m := range interpolated.FindAllStringSubmatch(line, 20) {
			operator := strings.TrimLeft(m[3], ":")
			list = append(list, interpolation{name: m[2], line: i + 1, optional: operator != "" && operator[0] != '?', stops: operator != "" && operator[0] == '?'})
		}
	}
	return list
}

// interpolated judges the names that the branch lets a deploying file ask for, where the others that it asks for are given.
func (m *missing) interpolated() {
	for _, f := range m.pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || aside(f.Path) || developersFile(f.Path) || exampleName.MatchString(path.Base(f.Path)) {
			continue
		}
		if env := deployEnvironment(f.Path); env != Everywhere && !env.Deployed() {
			continue
		}
		after, err := f.After()
		if err != nil || len(after) > maxConfig {
			continue
		}
		now := interpolations(f.Path, string(after))
		if len(now) < 2 {
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		m.asks(f, interpolations(f.Path, string(before)), now)
	}
}

func (m *missing) asks(f *branch.File, before, now []interpolation) {
	was, soft := map[string]bool{}, map[string]bool{}
	for _, i := range before {
		was[i.name] = true
	}
	for _, i := range now {
		soft[i.name] = soft[i.name] || i.optional
	}
	var open []interpolation
	var names, siblings []string
	for _, i := range now {
		switch {
		case slices.Contains(names, i.name) || soft[i.name] || platform(i.name):
		case was[i.name]:
			names, siblings = append(names, i.name), append(siblings, i.name)
		case f.Touched(i.line):
			names, open = append(names, i.name), append(open, i)
		}
	}
	if len(open) == 0 || len(siblings) < 2 {
		return
	}
	naming, err := m.pass.Source.Naming(m.pass.Context, names...)
	if err != nil {
		return
	}
	known, where := 0, ""
	for _, name := range siblings {
		if p := m.giver(f.Path, name, naming[name]); p != "" {
			known++
			where = p
		}
	}
	if known < 2 || known*4 < len(siblings)*3 {
		return
	}
	for _, i := range open {
		if m.reported[i.name] || m.giver(f.Path, i.name, naming[i.name]) != "" {
			continue
		}
		m.reported[i.name] = true
		finding := detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: i.line, Symbol: i.name,
			Message:  fmt.Sprintf("%s is asked for here and given nowhere, unlike %d of %d other variables of this file (for example in %s)", i.name, known, len(siblings), where),
			Why:      "An empty text stands in its place wherever the file is used, until somebody sets it by hand.",
			Fix:      fmt.Sprintf("Give %s where the others are, or a default here.", i.name),
			Evidence: []string{i.name, f.Path},
			Related:  []detectors.Related{{Path: where, Message: "gives the others"}},
		}
		if i.stops {
			finding.Why = "Whoever uses the file stops with an error, until somebody sets it by hand."
		}
		m.pass.Report(finding)
	}
}

// giver is a file that gives a name to the one that asks for it: an example or an env file, a pipeline, a manifest, a script.
// Empty where all that name it only ask.
func (m *missing) giver(asking, name string, paths []string) string {
	for _, p := range paths {
		if docEnding.MatchString(p) || p == asking && !composeFile(p) || asidePath.MatchString(p) {
			continue
		}
		for i, line := range m.text(p) {
			if !strings.Contains(line, name) || !wordIn(line, name) || comment.MatchString(line) || buildArgument.MatchString(line) {
				continue
			}
			if composeFile(p) && (composeFile(asking) || strings.Contains(line, "${"+name)) {
				if containerFile.MatchString(asking) {
					return p
				}
				continue
			}
			if ciPath.MatchString(p) || givingOf(line, name, m.following(p, i)) == given || strings.Contains(line, name+"=") || strings.Contains(line, "--"+name) {
				return p
			}
		}
	}
	return ""
}

var plainUse = lazy.New(`\$([A-Z][A-Z0-9_]+)\b|\$\{([A-Z][A-Z0-9_]+)(:?\?[^}]*)?\}`)

// usedBeside is a use of a variable in the commands of a GitLab pipeline or in a template of a server's configuration, which
// have no default for it.
func (m *missing) usedBeside(name string) (Reference, bool) {
	naming, err := m.pass.Source.Naming(m.pass.Context, name)
	if err != nil {
		return Reference{}, false
	}
	for _, p := range naming[name] {
		if !strings.Contains(path.Base(p), ".gitlab-ci.") && !serverConfig.MatchString(p) || aside(p) {
			continue
		}
		for i, line := range m.text(p) {
			if comment.MatchString(line) || !strings.Contains(line, "$"+name) && !strings.Contains(line, "${"+name) || strings.Contains(line, "${"+name+":-") || strings.Contains(line, "${"+name+"-") || strings.Contains(line, "if:") {
				continue
			}
			for _, use := range plainUse.FindAllStringSubmatch(line, 20) {
				if use[1] == name || use[2] == name {
					return Reference{Name: name, Path: p, Line: i + 1}, true
				}
			}
		}
	}
	return Reference{}, false
}
