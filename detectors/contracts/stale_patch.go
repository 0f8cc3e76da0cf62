package contracts

import (
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// StalePatch finds tests that put a stand-in in the place of a name which the branch removed, and stand-ins that tests assert
// to be called in a way which the real thing no longer takes.
var StalePatch = &detectors.Detector{
	ID:    "contracts/stale-patch",
	Title: "A test stands in for a name that is gone",
	Run: func(pass *detectors.Pass) error {
		python := slices.ContainsFunc(pass.Branch.Files, pythonChanged)
		script := slices.ContainsFunc(pass.Branch.Files, scriptChanged)
		if !python && !script {
			return detectors.ErrNotApplicable
		}
		if python {
			if err := pythonPatches(pass); err != nil {
				return err
			}
		}
		if script {
			return scriptPatches(pass)
		}
		return nil
	},
}

// pythonPatches reads the tests that name what Python modules lost.
func pythonPatches(pass *detectors.Pass) error {
	a := newPythonAPI(pass)
	l := lossOf(a)
	words := map[string]bool{}
	for _, lost := range []map[string]bool{l.gone, l.resigned} {
		for word := range lost {
			words[word] = true
		}
	}
	if len(words) == 0 {
		return nil
	}
	files, err := a.named(words)
	if err != nil {
		return err
	}
	for _, p := range keysOf(files) {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if source.LanguageOf(p) != source.Python {
			continue
		}
		if f := a.after.file(p); f != nil && f.Errors == 0 {
			(&patches{pythonAPI: a, loss: l, file: f, seen: map[string]bool{}}).report()
		}
	}
	return nil
}
