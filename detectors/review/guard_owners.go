package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Guards that are people and programs: owners of what changes, and what brings dependencies up to date.

// owners finds product files of the branch that lose their owners on it.
func (g *guards) owners() error {
	touched := false
	at := ""
	for _, f := range g.pass.Branch.Files {
		if slices.Contains(ownerFiles, f.Path) && f.Status != branch.Added {
			touched, at = true, f.Path
		}
	}
	if !touched {
		return nil
	}
	g.ran = true
	was, err := readOwners(g.pass.Branch.ReadBase)
	if err != nil || was == nil {
		return err
	}
	now, err := readOwners(g.pass.Branch.ReadHead)
	if err != nil {
		return err
	}
	var lost []string
	for _, f := range g.pass.Branch.Files {
		if source.IsDoc(f.Path) || f.Generated || f.Vendored || f.Status == branch.Deleted || f.Status == branch.Added {
			continue
		}
		old := f.Path
		if f.OldPath != "" {
			old = f.OldPath
		}
		if before, narrow := was.of(old); len(before) > 0 && narrow {
			if after, still := now.of(f.Path); len(after) == 0 || !still {
				lost = append(lost, f.Path)
			}
		}
	}
	if len(lost) == 0 {
		g.ownedByPrograms(at, was, now)
		return nil
	}
	line := 0
	if f := g.pass.Branch.File(at); f.Status != branch.Deleted {
		line = firstLine(f)
	}
	g.report(at, line, lost[0], fmt.Sprintf("files that this branch changes lose their owners on it: %s", strings.Join(lost[:min(3, len(lost))], ", ")),
		"Nobody is asked to review them, in the very change that touches them.",
		"Keep the owners until the change is merged, and change them in a branch of its own.")
	return nil
}

// ownedByPrograms reports a changed file whose owners were people and are only programs now.
func (g *guards) ownedByPrograms(at string, was, now *ownerRules) {
	for _, f := range g.product {
		before, _ := was.of(f.Path)
		after, _ := now.of(f.Path)
		if len(before) == 0 || len(after) == 0 || slices.ContainsFunc(after, func(o string) bool { return !aProgram.MatchString(o) }) || !slices.ContainsFunc(before, func(o string) bool { return !aProgram.MatchString(o) }) {
			continue
		}
		rule, err := now.rules.Match(f.Path)
		if err != nil || rule == nil {
			continue
		}
		g.report(at, rule.LineNumber, rule.RawPattern(), fmt.Sprintf("%s, which this branch changes, is owned by %s only, a program", f.Path, strings.Join(after, " ")),
			"No person is asked to review it any more, in the very change that touches it.",
			"Keep a person or a team among the owners.")
		return
	}
}

// aProgram is an account that is no person's.
var aProgram = lazy.New(`(?i)^@(?:.*\[bot\]|.*[-_]bot|copilot\w*|claude\w*|codex\w*|cursor\w*|devin\w*|gemini\w*|dependabot|renovate|github-actions|mergify|coderabbit\w*|.*/bots?)$`)

// updates finds that nothing brings dependencies up to date any more.
func (g *guards) updates() error {
	tool := func(p string) bool {
		base := path.Base(p)
		return p == ".github/dependabot.yml" || p == ".github/dependabot.yaml" || base == "renovate.json" || base == "renovate.json5" || base == ".renovaterc" || base == ".renovaterc.json"
	}
	gone := ""
	for _, f := range g.pass.Branch.Files {
		if f.Status == branch.Deleted && tool(f.Path) {
			gone = f.Path
		}
	}
	if gone == "" {
		return nil
	}
	g.ran = true
	paths, err := g.pass.Branch.HeadPaths()
	if err != nil || slices.ContainsFunc(paths, tool) {
		return err
	}
	g.report(gone, 0, path.Base(gone), "nothing brings dependencies up to date any more",
		"Security fixes of libraries arrive when somebody thinks of them.",
		"Keep it, or put another tool in its place on this branch.")
	return nil
}
