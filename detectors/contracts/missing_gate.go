package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// MissingGate finds interface descriptions that nothing in CI compares with what is released. A branch that brings the
// first one of its kind is the moment to say so; on any other it is worth a note.
var MissingGate = &detectors.Detector{
	ID:    "contracts/missing-gate",
	Title: "No check for breaking changes watches this contract",
	Run:   runMissingGate,
}

func runMissingGate(pass *detectors.Pass) error {
	changed := map[string]*branch.File{} // the first changed file of each kind
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		if text, err := f.After(); err == nil {
			if kind := contractKindOf(f.Path, text); kind != nil && changed[kind.name] == nil {
				changed[kind.name] = f
			}
		}
	}
	if len(changed) == 0 {
		return detectors.ErrNotApplicable
	}
	ci, err := readPipelines(pass)
	if err != nil {
		return err
	}
	if len(ci.runs) == 0 || ci.elsewhere {
		return detectors.ErrNotApplicable // CI lives somewhere else: what it checks is not to be seen from here
	}
	for _, kind := range contractKinds {
		f := changed[kind.name]
		if f == nil || ci.checks(kind) {
			continue
		}
		named, err := namedAnywhere(pass, kind)
		if err != nil {
			return err
		}
		if named {
			continue
		}
		first, err := firstOfKind(pass, kind, f)
		if err != nil {
			return err
		}
		severity := detectors.Note
		if first {
			severity = detectors.Warning
		}
		pass.Report(detectors.Finding{
			Severity: severity, Path: f.Path, Line: 1, Symbol: path.Base(f.Path), Evidence: []string{kind.name},
			Message: fmt.Sprintf("nothing in CI checks this %s contract for breaking changes", kind.name),
			Why:     "The first incompatible change will pass every test of this repository and break those who use the contract.",
			Fix:     fmt.Sprintf("Add a required step that compares it with the target branch: %s.", kind.try),
			Related: []detectors.Related{{Path: ci.runs[0], Message: "runs no such check"}},
		})
	}
	return nil
}

// pipelines is what is to be seen of a repository's CI.
type pipelines struct {
	// runs are the files that CI itself reads, gates what they and the scripts that they call check.
	runs  []string
	gates []ciGate
	// elsewhere: a part of CI is taken from another repository.
	elsewhere bool
}

// checks says whether a gate for the kind stands in CI, also a weak one (another detector tells of those).
func (c *pipelines) checks(kind contractKind) bool {
	return slices.ContainsFunc(c.gates, func(g ciGate) bool { return g.tool == "contract check" || slices.Contains(kind.gates, g.tool) })
}

func readPipelines(pass *detectors.Pass) (*pipelines, error) {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	ci := &pipelines{gates: side{pass.Branch, pass.Source, false}.gates()}
	for _, p := range paths {
		if !runsByItself(p) {
			continue
		}
		ci.runs = append(ci.runs, p)
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		for row := range strings.SplitSeq(string(text), "\n") {
			row = strings.TrimSpace(row)
			reused := strings.HasPrefix(row, "uses:") && strings.Contains(row, "/.github/workflows/") && !strings.Contains(row, "./")
			included := strings.HasPrefix(p, ".gitlab") && (strings.HasPrefix(row, "- project:") || strings.HasPrefix(row, "project:") || strings.HasPrefix(row, "- component:"))
			ci.elsewhere = ci.elsewhere || reused || included
		}
	}
	return ci, nil
}

// runsByItself says whether a service runs the file, which it does with no Makefile.
func runsByItself(p string) bool {
	base := strings.ToLower(path.Base(p))
	return strings.HasPrefix(p, ".github/workflows/") || strings.HasPrefix(p, ".circleci/") || strings.HasPrefix(p, ".buildkite/") ||
		slices.Contains([]string{".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml", "jenkinsfile", "cloudbuild.yaml",
			".woodpecker.yml", ".woodpecker.yaml", "appveyor.yml", ".appveyor.yml"}, base) ||
		strings.HasPrefix(p, ".forgejo/workflows/") || strings.HasPrefix(p, ".gitea/workflows/") || strings.HasPrefix(p, ".woodpecker/")
}

// namedAnywhere says whether a script, a test or a task names one of the tools: then the check may well be there.
func namedAnywhere(pass *detectors.Pass, kind contractKind) (bool, error) {
	found, err := pass.Source.Naming(pass.Context, kind.names...)
	if err != nil {
		return false, err
	}
	for _, list := range found {
		if slices.ContainsFunc(list, func(p string) bool { return !source.IsDoc(p) && path.Base(p) != "package-lock.json" }) {
			return true, nil
		}
	}
	return false, nil
}

// firstOfKind says whether the base had no contract of the kind.
func firstOfKind(pass *detectors.Pass, kind contractKind, f *branch.File) (bool, error) {
	if f.Status != branch.Added {
		return false, nil
	}
	paths, err := pass.Branch.BasePaths()
	if err != nil {
		return false, err
	}
	ext := strings.ToLower(path.Ext(f.Path))
	for _, p := range paths {
		other := strings.ToLower(path.Ext(p))
		same := other == ext || kind.name == "OpenAPI" && (other == ".json" || other == ".yaml" || other == ".yml") || kind.name == "GraphQL" && strings.HasPrefix(other, ".g")
		if !same || source.IsTest(p) || kind.name == "OpenAPI" && !mayDescribeAPI(p) {
			continue
		}
		if text, err := pass.Branch.ReadBase(p); err == nil {
			if k := contractKindOf(p, text); k != nil && k.name == kind.name {
				return false, nil
			}
		}
	}
	return true, nil
}

// mayDescribeAPI narrows the many YAML and JSON files of a repository to those whose name or folder speaks of an API.
func mayDescribeAPI(p string) bool {
	lower := strings.ToLower(p)
	for _, word := range []string{"openapi", "swagger", "api", "spec", "contract", "oas"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}
