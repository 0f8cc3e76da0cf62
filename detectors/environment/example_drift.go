package environment

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// ExampleDrift reports a variable that the branch starts to read and sets for environments, and that the example file, which
// otherwise lists every variable, does not have.
var ExampleDrift = &detectors.Detector{
	ID:    "environment/example-drift",
	Title: "The example file lacks a variable that the code needs",
	Run:   runExampleDrift,
}

func runExampleDrift(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, changed := l.code()
	if changed == 0 {
		return detectors.ErrNotApplicable
	}
	samples := l.samples()
	if len(samples) == 0 {
		return detectors.ErrNotApplicable
	}
	var names []string
	for _, r := range asked.introduced {
		if !r.Key && !r.Binding && !r.Optional && !platform(r.Name) && !customary(r) {
			names = append(names, r.Name)
		}
	}
	var gone []string
	for _, r := range asked.removed {
		if !r.Key {
			gone = append(gone, r.Name)
		}
	}
	found, code, err := l.find(pass.Context, append(slices.Clone(names), gone...))
	if err != nil {
		return err
	}
	for _, r := range asked.introduced {
		if slices.Contains(names, r.Name) {
			l.lacking(asked, r, found[r.Name], samples)
		}
	}
	for _, r := range asked.removed {
		if r.Key || len(code[r.Name]) > 0 {
			continue
		}
		for _, e := range found[r.Name] {
			if e.kind == sampleFile && pass.Branch.File(e.path) == nil {
				pass.Report(detectors.Finding{
					Severity: detectors.Note, Path: e.path, Line: e.line, Symbol: r.Name,
					Message:  fmt.Sprintf("%s is still in the example file, and nothing reads it any more", r.Name),
					Why:      "Whoever sets the program up looks for a value that has no use.",
					Fix:      fmt.Sprintf("Take %s out of %s.", r.Name, e.path),
					Evidence: []string{r.Name, "unread"},
				})
			}
		}
	}
	return nil
}

// samples are the names that each example file of the head lists, by path.
func (l *ledger) samples() map[string]map[string]bool {
	list := map[string]map[string]bool{}
	for p := range l.layout.all {
		base := path.Base(p)
		if fileKindOf(p) != sampleFile || !strings.HasPrefix(base, ".env") && !strings.HasSuffix(base, ".env") && !strings.HasPrefix(base, "env.") || asidePath.MatchString(p) {
			continue
		}
		names := map[string]bool{}
		for _, e := range readLines([]byte(strings.Join(l.text(p), "\n"))) {
			names[e.key] = true
		}
		if len(names) >= 2 {
			list[p] = names
		}
	}
	return list
}

// setUp are the files that set a checkout up; copies is a command there that makes a file from another.
var (
	setUp  = lazy.New(`(?i)(^|/)(bin|scripts?|tools)/[^/]+$|\.(sh|bash)$|(^|/)(makefile|justfile|taskfile\.ya?ml|package\.json|composer\.json|dockerfile[^/]*|devcontainer\.json)$`)
	copies = lazy.New(`\b(cp|copy|install|mv|ln|FileUtils\.cp|copyFileSync|copy2?)\b`)
)

// copied says whether a pipeline or a script of the head makes the settings from an example file.
func (l *ledger) copied(example string) bool {
	for p := range l.layout.all {
		if !ciPath.MatchString(p) && !setUp.MatchString(p) {
			continue
		}
		for _, line := range l.text(p) {
			if strings.Contains(line, path.Base(example)) && copies.MatchString(line) && !comment.MatchString(line) {
				return true
			}
		}
	}
	return false
}

// developersKind says whether a unit that is bound to no environment may be a developer's own.
func developersKind(kind string) bool {
	switch kind {
	case effective.KindCompose, effective.KindDotenv, effective.KindSettings, effective.KindSections, effective.KindStep, effective.KindPipeline, effective.KindDevContainer:
		return true
	}
	return false
}

// lacking judges one new variable that is declared somewhere. One that is declared nowhere is undeclared-variable's.
func (l *ledger) lacking(asked *asked, r Reference, found []evidence, samples map[string]map[string]bool) {
	peers := map[string]bool{}
	var where evidence
	for _, e := range found {
		if e.kind == sampleFile {
			return
		}
		if e.kind != configFile || e.giving == named {
			continue
		}
		// What a developer's own set-up gives needs no example.
		if e.unit == nil || !e.environment.Deployed() && (e.environment != Everywhere || developersKind(e.unit.Kind)) || e.unit.Kind == effective.KindCompose && e.environment == Everywhere {
			return
		}
		where = e
		for _, name := range e.unit.Names() {
			if name != r.Name && !asked.fresh(name) {
				peers[name] = true
			}
		}
	}
	if where.unit == nil {
		return
	}
	for _, name := range asked.siblings {
		peers[name] = true
	}
	best, most := "", 0
	for _, p := range slices.Sorted(maps.Keys(samples)) {
		dir := path.Dir(p)
		if dir != "." && !strings.HasPrefix(r.Path, dir+"/") {
			continue
		}
		n := 0
		for name := range peers {
			if samples[p][name] {
				n++
			}
		}
		if n > most {
			best, most = p, n
		}
	}
	if best == "" || most < 3 && (most < 2 || most < len(peers) || !r.FailFast || !l.copied(best)) || most*10 < len(peers)*8 || samples[best][r.Name] {
		return
	}
	l.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
		Message:  fmt.Sprintf("%s is read here and set in %s, and %s, which has %d of the %d other variables, lacks it", r.Name, where.path, best, most, len(peers)),
		Why:      "Every new set-up, and every pipeline that copies the example, starts without it.",
		Fix:      fmt.Sprintf("Add %s to %s, with a value that is right for a developer's machine or none.", r.Name, best),
		Evidence: []string{r.Name, best},
		Related:  []detectors.Related{{Path: best, Message: "lists the others"}, {Path: where.path, Line: where.line, Message: "sets it"}},
	})
}
