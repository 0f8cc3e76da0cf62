package contracts

// Names that nothing sends to any more.

import (
	"fmt"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// reportSilent tells of the subscribers of a name to which the branch took the only publisher away.
func reportSilent(pass *detectors.Pass, after side, gone topicUse) error {
	naming, err := pass.Source.Naming(pass.Context, gone.name)
	if err != nil {
		return err
	}
	var deaf []topicUse
	for i, p := range naming[gone.name] {
		if i >= maxCandidates || skipped(p) || source.IsTest(p) || source.IsDoc(p) || prose(p) || isMock(p) {
			continue
		}
		for _, u := range topicsIn(after, p) {
			if u.name != gone.name || !u.meant(gone.beside) || gone.network && !u.network {
				continue
			}
			if u.constant != "" && u.dir == bothEnds {
				if u.dir, u.beside, err = endsOf(pass, after, u); err != nil {
					return err
				}
			}
			switch {
			case u.dir == publishes:
				return nil
			case u.dir == subscribes && !slices.ContainsFunc(deaf, func(d topicUse) bool { return d.path == p }):
				deaf = append(deaf, u)
			}
		}
	}
	changed := pass.Branch.File(gone.path)
	if changed == nil {
		for _, f := range pass.Branch.Files {
			if f.OldPath == gone.path {
				changed = f
			}
		}
	}
	at, line := gone.path, 1
	if changed != nil {
		at, line = changed.Path, max(1, changed.NewLine(gone.line))
	}
	for _, u := range deaf {
		if f := pass.Branch.File(u.path); f != nil && f.Touched(u.line) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: u.path, Line: u.line, Symbol: gone.name,
			Message:  fmt.Sprintf("still listens on %q; the branch removed what sends to it", gone.name),
			Why:      "Nothing fails: the handler waits for something that does not come any more.",
			Fix:      "Take this handler away with its publisher, or listen on what took the place of the name.",
			Related:  []detectors.Related{{Path: at, Line: line, Message: fmt.Sprintf("the branch no longer sends to %q here", gone.name)}},
			Evidence: []string{gone.name, "removed"},
		})
	}
	return nil
}
