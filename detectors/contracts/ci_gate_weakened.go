package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// CIGateWeakened finds checks for breaking changes that the branch took out of CI or made toothless.
var CIGateWeakened = &detectors.Detector{
	ID:    "contracts/ci-gate-weakened",
	Title: "A check for breaking changes was removed from CI or no longer stops anything",
	Run:   runCIGates,
}

func runCIGates(pass *detectors.Pass) error {
	ran := false
	for _, f := range pass.Branch.Files {
		p := cmpOr(f.OldPath, f.Path)
		switch {
		case f.Binary || f.TooLarge:
		case waivers.MatchString(path.Base(p)):
			ran = true
			waived(pass, f)
		case f.Status == branch.Added:
		case pipeline(p) || path.Base(p) == "package.json" || gateScript.MatchString(p):
			ran = true
		case gateConfig.MatchString(path.Base(p)):
			ran = true
			configWeakened(pass, f)
		}
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	old := side{pass.Branch, pass.Source, true}.gates()
	if len(old) == 0 {
		return nil
	}
	now := side{pass.Branch, pass.Source, false}.gates()
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

// gates lists the checks of every pipeline file, and of the scripts that those call.
func (s side) gates() []ciGate {
	var list []ciGate
	var queue []string
	for _, p := range s.paths() {
		if (pipeline(p) || path.Base(p) == "package.json") && !strings.Contains(p, "node_modules/") {
			queue = append(queue, p)
		}
	}
	seen := map[string]bool{}
	for i := 0; i < len(queue) && i < maxPipelines; i++ {
		p := queue[i]
		if seen[p] {
			continue
		}
		seen[p] = true
		if text, err := s.text(p); err == nil && len(text) < 1<<20 {
			list = append(list, gatesIn(p, string(text))...)
			queue = append(queue, s.scriptsIn(p, string(text))...)
		}
	}
	return list
}

// maxPipelines bounds the files that are read for what CI runs.
const maxPipelines = 600

var scriptWord = lazy.New(`(?:\./|[\w.-]+/)[\w./-]+|[\w-]+\.(?:sh|bash|py|rb|js|mjs|ts|ps1|pl)\b`)

// scriptsIn are the scripts of the repository that a pipeline's text names: relative to the root, or to where it stands.
func (s side) scriptsIn(p, text string) []string {
	var list []string
	for row := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(row), "#") || len(row) > 1000 {
			continue
		}
		for _, word := range scriptWord.FindAllString(row, 10) {
			for _, at := range []string{path.Clean(word), path.Join(path.Dir(p), word)} {
				switch ext := path.Ext(at); {
				case !slices.Contains([]string{"", ".sh", ".bash", ".py", ".rb", ".js", ".mjs", ".ts", ".ps1", ".pl"}, ext), strings.HasPrefix(at, ".."), !s.exists(at):
				case !slices.Contains(list, at):
					list = append(list, at)
				}
			}
		}
	}
	return list[:min(len(list), 30)]
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

// gateScript are files that pipelines run: a gate may stand in one of them.
var gateScript = lazy.New(`\.(?:sh|bash|ps1)$|(^|/)(?:scripts?|tools?|hack|bin|build|ci)/[\w-]+$`)

var gateConfig = lazy.New(`^(buf\.ya?ml|\.?oasdiff.*|\.?graphql-inspector.*|graphql\.config\.\w+)$`)

// waivers are the files in which the tools keep the breaks that they let pass (oasdiff, japicmp and revapi, .NET's package
// validation, api-extractor's sibling tools).
var waivers = lazy.New(`(?i)^[\w.-]*(?:err|error|warn|warnings?|breaking)[-_.]?(?:ignores?|allow(?:list|ed)?|exceptions?)[\w.-]*$|^CompatibilitySuppressions\.xml$|^\.?(?:revapi|japicmp)[\w-]*\.(?:json|ya?ml|xml)$`)

// waived tells of breaks that the branch has the tools let pass.
func waived(pass *detectors.Pass, f *branch.File) {
	after, err := f.After()
	if err != nil || f.Status == branch.Deleted {
		return
	}
	var first string
	count, at := 0, 0
	for i, row := range strings.Split(string(after), "\n") {
		row = strings.TrimSpace(row)
		if !f.Touched(i+1) || len(row) < 8 || strings.HasPrefix(row, "#") || strings.HasPrefix(row, "//") || strings.HasPrefix(row, "<!--") || strings.HasPrefix(row, "<?") {
			continue
		}
		if count == 0 {
			first, at = row, i+1
		}
		count++
	}
	if count == 0 {
		return
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: at, Symbol: path.Base(f.Path), Evidence: []string{"waiver", first},
		Message: fmt.Sprintf("the list of breaks that the check lets pass grew by %d", count),
		Why:     "What stands here breaks those who use the contract, and the check says nothing of it, also after this branch.",
		Fix:     "Keep the contract compatible; where it has to break, say who was told, and take the line out again after the release.",
	})
}

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
	old, now := documentOf(before), documentOf(after)
	was, is := old.Get("breaking"), now.Get("breaking")
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
		for _, item := range flatten(is.Get(list)) {
			if !slices.ContainsFunc(flatten(was.Get(list)), func(t *document.Node) bool { return t.Value == item.Value }) {
				tell(item.Line, list+" grew by "+item.Value)
			}
		}
	}
	strict := []string{"WIRE", "WIRE_JSON", "PACKAGE", "FILE"}
	rank := func(t *document.Node) int {
		best := -1
		for _, item := range flatten(t.Get("use")) {
			best = max(best, slices.Index(strict, item.Value))
		}
		return best
	}
	if a, b := rank(was), rank(is); a >= 0 && b >= 0 && b < a {
		tell(is.Get("use").Line, strict[a]+" became "+strict[b])
	}
}

// flatten lists the scalars below a node.
func flatten(t *document.Node) []*document.Node {
	if t == nil {
		return nil
	}
	var list []*document.Node
	if t.Value != "" && len(t.Items)+len(t.Pairs) == 0 {
		list = append(list, t)
	}
	for _, item := range t.Items {
		list = append(list, flatten(item)...)
	}
	for _, m := range t.Pairs {
		list = append(list, flatten(m.Value)...)
	}
	return list
}
