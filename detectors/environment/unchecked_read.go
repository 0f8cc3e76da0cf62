package environment

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
)

// UncheckedRead reports a variable that the branch reads past the one place which checks all others at the start.
var UncheckedRead = &detectors.Detector{
	ID:    "environment/unchecked-read",
	Title: "A variable is read past the checked configuration",
	Run:   runUnchecked,
}

func runUnchecked(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, changed := l.code()
	if changed == 0 {
		return detectors.ErrNotApplicable
	}
	var open []Reference
	var names []string
	for _, r := range asked.introduced {
		if unchecked(r) && configName.FindString(path.Base(r.Path)) == "" {
			open, names = append(open, r), append(names, r.Name)
		}
	}
	if len(open) == 0 {
		return nil
	}
	found, _, err := l.find(pass.Context, names)
	if err != nil {
		return err
	}
	stale, err := l.staleRenames(asked)
	if err != nil {
		return err
	}
	for _, r := range open {
		gate, checked := l.gate(asked, r)
		_, renamed := stale[r.Name]
		// What nothing declares is undeclared-variable's.
		if gate == "" || renamed || !declared(found[r.Name]) {
			continue
		}
		others := fmt.Sprintf("the %d other variables go through %s, which refuses to start without them", checked, gate)
		if checked == 1 {
			others = fmt.Sprintf("the other variable goes through %s, which refuses to start without it", gate)
		}
		why := "Where it is not set the program starts all the same and goes on with an empty value, which shows only when this line is reached."
		if verifyingKey.MatchString(r.Name) {
			why = "Where it is not set the program starts all the same with an empty key, and whatever anybody signs with an empty key is accepted."
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
			Message:  fmt.Sprintf("%s is read here as it comes; %s", r.Name, others),
			Why:      why,
			Fix:      fmt.Sprintf("Read %s in %s, and take it from there.", r.Name, gate),
			Evidence: []string{r.Name, "unchecked"},
			Related:  []detectors.Related{{Path: gate, Message: "checks the others"}},
		})
	}
	return nil
}

// verifyingKey are names of keys that signatures are checked with: an empty one lets everything in.
var verifyingKey = lazy.New(`(^|_)(HMAC|SIGN|SIGNING|SIGNATURE|WEBHOOK|JWT)_(\w+_)?(KEY|SECRET)$`)

// unchecked says whether a read neither deals with absence nor refuses it.
func unchecked(r Reference) bool {
	return !r.Key && !r.Binding && !r.Client && !r.Optional && !r.FailFast && !r.Default && !platform(r.Name) && upperName.MatchString(r.Name) && references.Parsed(r.Path) && !customary(r)
}

// gate is the file that checks the other variables of the package around a read, where nothing else reads any; empty without one.
// checked counts the variables.
func (l *ledger) gate(asked *asked, r Reference) (file string, checked int) {
	strict := map[string]map[string]bool{}
	home := l.packageOf(r.Path)
	past := 0
	for name, refs := range asked.head {
		for _, o := range refs {
			if asked.fresh(name) || o.Key || platform(name) || o.Path == "" || l.packageOf(o.Path) != home || !references.Parsed(o.Path) {
				continue
			}
			if f := l.pass.Branch.File(o.Path); f != nil && f.Status == branch.Added {
				continue
			}
			switch {
			case o.FailFast:
				if strict[o.Path] == nil {
					strict[o.Path] = map[string]bool{}
				}
				strict[o.Path][name] = true
			case unchecked(o):
				past++
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(strict)) {
		if len(strict[p]) > checked {
			file, checked = p, len(strict[p])
		}
	}
	total := 0
	for _, names := range strict {
		total += len(names)
	}
	if checked < 2 && (checked == 0 || !verifyingKey.MatchString(r.Name)) || past > 0 || checked*10 < total*8 || file == r.Path {
		return "", 0
	}
	return file, checked
}

// packageFiles are the files that make a folder a package of its own.
var packageFiles = strings.Fields(`package.json go.mod Cargo.toml pyproject.toml setup.py requirements.txt pom.xml build.gradle build.gradle.kts composer.json Gemfile mix.exs`)

// packageOf is the nearest folder above a path that is a package of its own, "." without one.
func (l *ledger) packageOf(p string) string {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		for _, m := range packageFiles {
			if l.layout.all[path.Join(dir, m)] {
				return dir
			}
		}
	}
	return "."
}
