package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// CIGateWeakened finds checks for breaking changes that the branch took out of CI or made toothless.
var CIGateWeakened = &detectors.Detector{
	ID:    "contracts/ci-gate-weakened",
	Title: "A check for breaking changes was removed from CI or no longer stops anything",
	Run:   runCIGates,
}

func runCIGates(pass *detectors.Pass) error {
	ran := false
	var old []ciGate
	for _, f := range pass.Branch.Files {
		p := cmpOr(f.OldPath, f.Path)
		switch {
		case f.Binary || f.TooLarge || f.Status == branch.Added:
		case pipeline(p) || path.Base(p) == "package.json":
			if before, err := f.Before(); err == nil {
				found := gatesIn(p, string(before))
				ran = ran || pipeline(p)
				old = append(old, found...)
			}
		case gateConfig.MatchString(path.Base(p)):
			ran = true
			configWeakened(pass, f)
		}
	}
	if !ran && len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	if len(old) == 0 {
		return nil
	}
	now, err := gatesNow(pass)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, g := range old {
		left := slices.DeleteFunc(slices.Clone(now), func(n ciGate) bool { return n.tool != g.tool })
		firm := slices.ContainsFunc(left, func(n ciGate) bool { return n.weak == "" })
		if told[g.tool] || firm || g.weak != "" && len(left) > 0 {
			continue
		}
		told[g.tool] = true
		reportGate(pass, g, left)
	}
	return nil
}

// gatesNow lists the gates of every pipeline file as it is now.
func gatesNow(pass *detectors.Pass) ([]ciGate, error) {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	var list []ciGate
	for _, p := range paths {
		if !pipeline(p) && path.Base(p) != "package.json" || strings.Contains(p, "node_modules/") {
			continue
		}
		if text, err := pass.Branch.ReadHead(p); err == nil {
			list = append(list, gatesIn(p, string(text))...)
		}
	}
	return list, nil
}

func reportGate(pass *detectors.Pass, g ciGate, left []ciGate) {
	f := detectors.Finding{
		Severity: detectors.Blocker, Path: g.path, Symbol: g.tool,
		Message:  fmt.Sprintf("the branch takes %s out of CI", g.tool),
		Why:      "It was what stops a breaking change before it is merged; from now on nothing does, for anybody.",
		Fix:      "Put the check back. If it fails on this branch, waive that one break where it is found, with a reason and a date.",
		Evidence: []string{g.tool},
	}
	if g.tool == "contract check" {
		f.Severity = detectors.Warning
	}
	if len(left) > 0 {
		f.Path, f.Line = left[0].path, left[0].line
		f.Message = fmt.Sprintf("a failure of %s stops nothing any more (%s)", g.tool, left[0].weak)
		f.Evidence = append(f.Evidence, left[0].weak)
	} else if file := fileThatWas(pass.Branch, g.path); file != nil {
		f.Path, f.Line = file.Path, file.NewLine(g.line)
	}
	pass.Report(f)
}

func fileThatWas(b *branch.Branch, p string) *branch.File {
	for _, f := range b.Files {
		if cmpOr(f.OldPath, f.Path) == p {
			return f
		}
	}
	return nil
}

var gateConfig = lazy.New(`^(buf\.ya?ml|\.?oasdiff.*|\.?err-ignore.*|\.?graphql-inspector.*|graphql\.config\.\w+)$`)

// configWeakened compares the configuration of a gate: exceptions that grew, a weaker rule set, a section that is gone.
func configWeakened(pass *detectors.Pass, f *branch.File) {
	before, err := f.Before()
	if err != nil || !strings.HasPrefix(path.Base(f.Path), "buf.") {
		return
	}
	after, err := f.After()
	if err != nil || after == nil {
		return
	}
	old, now := parseDocument(before), parseDocument(after)
	was, is := old.get("breaking"), now.get("breaking")
	if was == nil {
		return
	}
	tell := func(line int, what string) {
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: "breaking", Evidence: []string{what},
			Message: "the breaking-change rules are weaker now: " + what,
			Why:     "What they no longer look at can break without anybody noticing, also after this branch.",
			Fix:     "Except only the one file and rule that has to break, and take the exception back after the merge.",
		})
	}
	if is == nil {
		tell(1, "the section breaking is gone")
		return
	}
	for _, list := range []string{"ignore", "except", "ignore_only"} {
		for _, item := range flatten(is.get(list)) {
			if !slices.ContainsFunc(flatten(was.get(list)), func(t *tree) bool { return t.value == item.value }) {
				tell(item.line, list+" grew by "+item.value)
			}
		}
	}
	strict := []string{"WIRE", "WIRE_JSON", "PACKAGE", "FILE"}
	rank := func(t *tree) int {
		best := -1
		for _, item := range flatten(t.get("use")) {
			best = max(best, slices.Index(strict, item.value))
		}
		return best
	}
	if a, b := rank(was), rank(is); a >= 0 && b >= 0 && b < a {
		tell(is.get("use").line, strict[a]+" became "+strict[b])
	}
}

// flatten lists the scalars below a node.
func flatten(t *tree) []*tree {
	if t == nil {
		return nil
	}
	var list []*tree
	if t.value != "" && len(t.items)+len(t.keys) == 0 {
		list = append(list, t)
	}
	for _, item := range t.items {
		list = append(list, flatten(item)...)
	}
	for _, m := range t.keys {
		list = append(list, flatten(m.tree)...)
	}
	return list
}
