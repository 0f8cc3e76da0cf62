package contracts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// OpenAPIBreaking finds what oasdiff calls a breaking change between both sides of an OpenAPI document.
var OpenAPIBreaking = &detectors.Detector{
	ID:    "contracts/openapi-breaking",
	Title: "An OpenAPI document changed in a way that breaks its clients",
	Run:   runOpenAPI,
}

// maxSpecs bounds the documents that are compared on one branch.
const maxSpecs = 20

func runOpenAPI(pass *detectors.Pass) error {
	roots, err := openapiRoots(pass)
	if err != nil {
		return err
	}
	compared, problems := 0, []string(nil)
	seen := map[string]bool{}
	for _, root := range roots {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		changes, files, err := compareSpecs(pass, root)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %.160s", root.now, strings.Join(strings.Fields(err.Error()), " ")))
			continue
		}
		if files == nil {
			continue
		}
		compared++
		reportSpec(pass, root, changes, seen)
	}
	switch {
	case len(problems) > 0:
		return detectors.Inconclusive("%s", join(problems, 2))
	case compared == 0:
		return detectors.ErrNotApplicable
	}
	return nil
}

// A specRoot is one OpenAPI document: its path at the base and now.
type specRoot struct{ old, now string }

// openapiRoots are the documents that the branch may have changed: changed roots first, and where it changed other JSON or
// YAML files the roots that may be made of them.
func openapiRoots(pass *detectors.Pass) ([]specRoot, error) {
	var roots []specRoot
	fragments := false
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || !declares(f.Path) {
			continue
		}
		switch strings.ToLower(path.Ext(f.Path)) {
		case ".yaml", ".yml", ".json":
		default:
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		if isOpenAPI(f.Path, before) {
			if f.Status != branch.Deleted {
				roots = append(roots, specRoot{cmp.Or(f.OldPath, f.Path), f.Path})
			}
			continue
		}
		fragments = true
	}
	if !fragments {
		return roots, nil
	}
	naming, err := pass.Source.Naming(pass.Context, "openapi", "swagger")
	if err != nil {
		return nil, err
	}
	list := slices.Concat(naming["openapi"], naming["swagger"])
	slices.Sort(list)
	for _, p := range slices.Compact(list) {
		if len(roots) >= maxSpecs || !declares(p) || pass.Branch.File(p) != nil {
			continue
		}
		if text, err := pass.Branch.ReadHead(p); err == nil && isOpenAPI(p, text) && leadsOut.Match(text) {
			roots = append(roots, specRoot{p, p})
		}
	}
	return roots, nil
}

// leadsOut is a reference to another file.
var leadsOut = regexp.MustCompile(`\$ref["']?\s*:\s*["']?[^#"'\s]`)

// compareSpecs gives the breaking changes of one document and the files that it is made of; no files when none of them
// changed on the branch.
func compareSpecs(pass *detectors.Pass, root specRoot) (checker.Changes, []string, error) {
	now := &specReader{at: side{pass.Branch, pass.Source, false}}
	revision, err := now.load(root.now)
	if err != nil {
		return nil, nil, ignoreMissing(err)
	}
	if !slices.ContainsFunc(now.files, func(p string) bool { return pass.Branch.File(p) != nil }) {
		return nil, nil, nil
	}
	old := &specReader{at: side{pass.Branch, pass.Source, true}}
	base, err := old.load(root.old)
	if err != nil {
		return nil, nil, ignoreMissing(err)
	}
	changes, err := breaking(pass.Context, base, revision)
	return changes, now.files, err
}

// ignoreMissing takes a document that is not there on one side for one without changes.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errOutside) {
		return nil
	}
	return err
}

func breaking(ctx context.Context, base, revision *load.SpecInfo) (changes checker.Changes, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("oasdiff failed: %v", p)
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x, y := flat(base, revision)
	d, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), x, y)
	if err != nil {
		return nil, err
	}
	return checker.CheckBackwardCompatibility(checker.NewConfig(checker.GetAllChecks()), d, sources), nil
}
