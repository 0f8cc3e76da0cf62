package environment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/locks"
)

// LockDrift reports a list of dependencies that the branch changed and its lock file does not answer for, and a lock file
// that the branch took away or that an install no longer keeps to.
var LockDrift = &detectors.Detector{
	ID:    "environment/lock-drift",
	Title: "Dependencies changed, the lock file did not",
	Run:   runLockDrift,
}

func runLockDrift(pass *detectors.Pass) error {
	seen := false
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	for _, f := range pass.Branch.Files {
		switch {
		case f.Binary || f.TooLarge || f.Vendored || aside(f.Path):
		case f.Status == branch.Deleted && locks.ManagerLocks(f.Path):
			seen = true
			lockGone(pass, f, paths)
		case f.Status == branch.Modified && locks.Lists(f.Path):
			seen = true
			listChanged(pass, f, paths)
		case f.Status == branch.Modified && installing(f.Path):
			seen = true
			lockIgnored(pass, f)
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

func listChanged(pass *detectors.Pass, f *branch.File, paths []string) {
	before, err := f.Before()
	if err != nil {
		return
	}
	after, err := f.After()
	if err != nil {
		return
	}
	lock := locks.Of(f.Path, paths)
	if lock == "" {
		return
	}
	text, err := pass.Branch.ReadHead(lock)
	if err != nil || len(text) == 0 {
		return
	}
	name := unanswered(locks.Dependencies(f.Path, before), locks.Dependencies(f.Path, after), locks.Read(lock, text, f.Path), pass.Branch.File(lock) != nil)
	if name == "" {
		return
	}
	line := 1
	for i, l := range strings.Split(string(after), "\n") {
		if f.Touched(i+1) && strings.Contains(l, name) {
			line = i + 1
			break
		}
	}
	message, state := fmt.Sprintf("%s changed here and %s did not", name, lock), "is as at the base"
	if pass.Branch.File(lock) != nil {
		message, state = fmt.Sprintf("%s is new here and %s, which this branch changes, does not know it", name, lock), "does not know it"
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: name, Message: message,
		Why:      "An install that keeps to the lock file stops, and one that does not takes other versions than the ones that were tested.",
		Fix:      fmt.Sprintf("Run the package manager once and commit %s.", lock),
		Evidence: []string{name, lock},
		Related:  []detectors.Related{{Path: lock, Message: state}},
	})
}

// unanswered is a dependency that was added or got another requirement and that the lock does not answer for, empty without
// one. A lock that the branch changed as well is only held to know the new names.
func unanswered(old, now map[string]string, lock *locks.Lock, locked bool) string {
	if old == nil || now == nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		requirement, was, had := now[name], old[name], false
		if _, had = old[name]; had && was == requirement {
			continue
		}
		switch {
		case locked && (had || lock.Knows(name)):
		case !locked && lock.Answers(name, requirement):
		default:
			return name
		}
	}
	return ""
}

// lockGone reports a lock file that was taken away while its list stays and no other lock took its place.
func lockGone(pass *detectors.Pass, f *branch.File, paths []string) {
	for _, p := range paths {
		if !locks.Lists(p) || locks.Of(p, append(slices.Clone(paths), f.Path)) != f.Path || locks.Of(p, paths) != "" {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: 1, Symbol: f.Path,
			Message:  fmt.Sprintf("This branch removes %s, and %s stays", f.Path, p),
			Why:      "Every build then chooses versions of its own, which nobody has tested together.",
			Fix:      "Keep the lock file, or put another package manager's in its place.",
			Evidence: []string{p, f.Path},
			Related:  []detectors.Related{{Path: f.Path, Message: "removed"}},
		})
		return
	}
}
