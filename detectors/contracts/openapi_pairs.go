package contracts

import (
	"bytes"
	"path"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// A specPair is one OpenAPI document that the branch changed, itself or by one of its files.
type specPair struct {
	specRoot
	oldText, nowText []byte
	// a and b are both texts without what is the same; nil where no path item differs.
	a, b []byte
	// affected are the sections that differ in themselves or in what they refer to; nil where that cannot be told.
	affected map[string]bool
	// problem says why the document could not be read.
	problem error
}

type specPairsKey struct{}

// specPairsOf are the changed documents of a branch; they are found once.
func specPairsOf(pass *detectors.Pass) ([]*specPair, error) {
	return source.Shared(pass.Source, specPairsKey{}, func() ([]*specPair, error) {
		roots, err := openapiRoots(pass)
		if err != nil {
			return nil, err
		}
		var list []*specPair
		for _, root := range roots {
			if err := pass.Context.Err(); err != nil {
				return nil, err
			}
			if p := pairOf(pass, root); p != nil {
				list = append(list, p)
			}
		}
		return list, nil
	})
}

// pairOf is nil for a document that the branch did not change.
func pairOf(pass *detectors.Pass, root specRoot) *specPair {
	now := &specReader{at: side{pass.Branch, pass.Source, false}}
	old := &specReader{at: side{pass.Branch, pass.Source, true}}
	p := &specPair{specRoot: root}
	if p.nowText, p.problem = now.text(root.now); p.problem != nil {
		return p.unlessMissing()
	}
	graph := graphOf(now.text, root.now, p.nowText)
	changed := func(path string) bool { return pass.Branch.File(path) != nil }
	if graph != nil && !slices.ContainsFunc(now.files, changed) {
		return nil
	}
	if p.oldText, p.problem = old.text(root.old); p.problem != nil {
		return p.unlessMissing()
	}
	if graph == nil && bytes.Equal(p.oldText, p.nowText) && (!leadsOut.Match(p.nowText) || !namesChanged(pass, p.nowText)) {
		return nil
	}
	p.a, p.b, p.affected = narrow(graphOf(old.text, root.old, p.oldText), graph, p.oldText, p.nowText)
	return p
}

// namesChanged says whether a document names a file that the branch changes.
func namesChanged(pass *detectors.Pass, text []byte) bool {
	return slices.ContainsFunc(pass.Branch.Files, func(f *branch.File) bool {
		return bytes.Contains(text, []byte(path.Base(f.Path))) || f.OldPath != "" && bytes.Contains(text, []byte(path.Base(f.OldPath)))
	})
}

func (p *specPair) unlessMissing() *specPair {
	if ignoreMissing(p.problem) == nil {
		return nil
	}
	return p
}
