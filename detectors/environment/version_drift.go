package environment

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// VersionDrift reports a runtime whose version the branch changed in one place and not in another that agreed with it
// before, or that it brings in with another version than the rest of the repository has.
var VersionDrift = &detectors.Detector{
	ID:    "environment/version-drift",
	Title: "A runtime's version changed in one place and not in the others",
	Run:   runVersionDrift,
}

// move is a pin that the branch changed.
type move struct {
	pin
	was string
}

func runVersionDrift(pass *detectors.Pass) error {
	var moved []move
	var fresh []pin
	seen := false
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Deleted || !pinning(f.Path) {
			continue
		}
		after, err := f.After()
		if err != nil || len(after) > maxConfig {
			continue
		}
		now := pinsIn(f.Path, string(after))
		seen = seen || len(now) > 0 || f.Status == branch.Modified
		var old []pin
		if before, err := f.Before(); err == nil && f.Status != branch.Added {
			old = pinsIn(f.Path, string(before))
		}
		for _, p := range now {
			was, ok := samePlace(old, now, p)
			switch {
			case !f.Touched(p.line):
			case !ok:
				fresh = append(fresh, p)
			case was.version != p.version && !slices.ContainsFunc(now, func(o pin) bool { return !o.runs && p.tries && o.runtime == p.runtime && o.version == was.version }):
				moved = append(moved, move{p, was.version})
			}
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	if len(moved)+len(fresh) == 0 {
		return nil
	}
	d := &drift{pass: pass, all: allPins(pass), reported: map[string]bool{}}
	for _, m := range moved {
		d.moved(m, moved)
	}
	for _, p := range fresh {
		d.fresh(p, fresh)
	}
	return nil
}

// drift is one comparison of all pins at the head.
type drift struct {
	pass     *detectors.Pass
	all      []pin
	reported map[string]bool
}

// moved reports the places that agreed with a pin before and were left behind: at the one that production runs on, where
// there is one, else at the pin.
func (d *drift) moved(m move, moves []move) {
	var left []pin
	for _, o := range d.all {
		if o.runtime != m.runtime || o.path == m.path && (o.line == m.line || !dockerBase.MatchString(path.Base(o.path))) || !together(o.path, m.path) {
			continue
		}
		if slices.ContainsFunc(moves, func(x move) bool { return x.path == o.path && x.line == o.line }) {
			continue
		}
		alsoNew := o.tries && slices.ContainsFunc(d.all, func(x pin) bool { return x.path == o.path && x.runtime == o.runtime && x.version == m.version })
		agreed := o.version == m.was && (!o.least || m.least || !older(o.version, m.version))
		outrun := m.least && !o.least && older(o.version, m.version) && !older(o.version, m.was) && !o.tries
		if (agreed && (!m.least || older(o.version, m.version)) || outrun) && !alsoNew {
			left = append(left, o)
		}
	}
	if len(left) == 0 {
		return
	}
	behind := left[0]
	for _, o := range left {
		if o.runs && !behind.runs {
			behind = o
		}
	}
	key := m.runtime + behind.path + strconv.Itoa(behind.line)
	if d.reported[key] {
		return
	}
	d.reported[key] = true
	finding := detectors.Finding{
		Severity: detectors.Warning, Path: m.path, Line: m.line, Symbol: m.runtime,
		Message:  fmt.Sprintf("%s went from %s to %s here; %s still says %s", m.runtime, m.was, m.version, behind.path, behind.version),
		Why:      "What is tested with one version then runs with another one.",
		Fix:      fmt.Sprintf("Change %s to %s as well, or say why they differ.", behind.path, m.version),
		Evidence: []string{m.runtime, m.was, m.version},
	}
	if !behind.runs {
		for _, o := range left {
			finding.Related = append(finding.Related, detectors.Related{Path: o.path, Line: o.line, Message: fmt.Sprintf("%s %s", o.runtime, o.version)})
		}
		d.report(finding)
		return
	}
	// Of the places that moved, the one nearest to what runs says most.
	near := m
	for _, x := range moves {
		if x.runtime == m.runtime && x.version == m.version && nearness(x.pin, behind) < nearness(near.pin, behind) {
			near = x
		}
	}
	finding.Path, finding.Line = behind.path, behind.line
	finding.Message = fmt.Sprintf("What runs stays on %s %s, while %s went from %s to %s", m.runtime, behind.version, near.path, m.was, m.version)
	if near.path == behind.path {
		finding.Message = fmt.Sprintf("The stage that runs stays on %s %s, while the one before it went from %s to %s", m.runtime, behind.version, m.was, m.version)
	}
	finding.Fix = fmt.Sprintf("Change it to %s as well, or say why they differ.", m.version)
	finding.Related = []detectors.Related{{Path: near.path, Line: near.line, Message: fmt.Sprintf("%s %s", near.runtime, near.version)}}
	d.report(finding)
}

// report quotes the line that a finding stands on: people know a version by how its file writes it.
func (d *drift) report(f detectors.Finding) {
	if text, err := d.pass.Branch.ReadHead(f.Path); err == nil {
		if line := strings.TrimSpace(lineOfText(text, f.Line)); line != "" && len(line) < 100 {
			f.Message += fmt.Sprintf(" (%s)", strings.TrimSpace(strings.SplitN(line, "\n", 2)[0]))
		}
	}
	d.pass.Report(f)
}

// nearness orders places by how much they say about what runs: its own file, a list or version file, a pipeline.
func nearness(p, behind pin) int {
	switch {
	case p.path == behind.path:
		return 0
	case !p.tries:
		return 1
	}
	return 2
}

// fresh reports a new place that production runs on and that names another version than what the repository is built and
// tested with, where all of that agrees.
func (d *drift) fresh(p pin, added []pin) {
	if !p.runs || p.least {
		return
	}
	var with pin
	for _, o := range d.all {
		if o.runtime != p.runtime || o.runs || !together(o.path, p.path) || slices.Contains(added, o) && o.path != p.path {
			continue
		}
		switch {
		case o.path == p.path && p.runtime != "Java" && p.runtime != ".NET":
			continue
		case o.version == p.version || o.least && !older(p.version, o.version):
			return
		case with.version != "" && with.version != o.version && !o.least:
			return // they do not agree among themselves
		case o.tries && with.version == "" || !o.tries:
			with = o
		}
	}
	if with.version == "" || with.tries {
		return
	}
	d.report(detectors.Finding{
		Severity: detectors.Warning, Path: p.path, Line: p.line, Symbol: p.runtime,
		Message:  fmt.Sprintf("%s %s is new here; %s says %s", p.runtime, p.version, with.path, with.version),
		Why:      "What is tested with one version then runs with another one.",
		Fix:      fmt.Sprintf("Name %s here, or say why they differ.", with.version),
		Evidence: []string{p.runtime, p.version, with.version},
		Related:  []detectors.Related{{Path: with.path, Line: with.line, Message: fmt.Sprintf("%s %s", with.runtime, with.version)}},
	})
}

// samePlace is the pin that the base had in the place of one: of the same runtime and the same count from the top.
func samePlace(old, now []pin, p pin) (pin, bool) {
	n := 0
	for _, o := range now {
		if o == p {
			break
		}
		if o.runtime == p.runtime {
			n++
		}
	}
	for _, o := range old {
		if o.runtime != p.runtime {
			continue
		}
		if n == 0 {
			return o, true
		}
		n--
	}
	return pin{}, false
}

// together says whether two files speak of the same program: one lies above the other, or in the pipeline.
func together(a, b string) bool {
	above := func(x, y string) bool {
		dir := path.Dir(x)
		return dir == "." || dir == path.Dir(y) || strings.HasPrefix(y, dir+"/") || ciPath.MatchString(x)
	}
	return above(a, b) || above(b, a)
}

// allPins are those of every file at the head.
func allPins(pass *detectors.Pass) []pin {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []pin
	read := 0
	for _, p := range paths {
		if !pinning(p) || read >= 400 {
			continue
		}
		read++
		if text, err := pass.Branch.ReadHead(p); err == nil && len(text) <= maxConfig {
			list = append(list, pinsIn(p, string(text))...)
		}
	}
	slices.SortStableFunc(list, func(a, b pin) int { return cmp.Or(strings.Compare(a.path, b.path), a.line-b.line) })
	return list
}

// older says whether a version comes before another one.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}
