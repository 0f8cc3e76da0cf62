package contracts

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// OpenAPIBreaking finds what oasdiff calls a breaking change between both sides of an OpenAPI document.
var OpenAPIBreaking = &detectors.Detector{
	ID:    "contracts/openapi-breaking",
	Title: "An OpenAPI document changed in a way that breaks its clients",
	Run:   runOpenAPI,
}

const (
	// maxSpecs bounds the documents that are compared on one branch.
	maxSpecs = 20
	// maxSpecWords bounds the words of both sides that oasdiff is given: about 5 MB of each.
	maxSpecWords = 1_000_000
	// maxRetried is the size in bytes of both sides up to which a document that could not be loaded is loaded uncut.
	maxRetried = 2 << 20
)

func runOpenAPI(pass *detectors.Pass) error {
	pairs, err := specPairsOf(pass)
	if err != nil {
		return err
	}
	problems := []string(nil)
	report := specReport{told: map[string]*detectors.Finding{}}
	for _, p := range pairs {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		changes, err := p.compare(pass)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %.160s", p.now, strings.Join(strings.Fields(err.Error()), " ")))
			continue
		}
		if err := report.add(pass, p, changes); err != nil {
			return err
		}
	}
	for _, f := range readAtOnce(report.findings) {
		pass.Report(*f)
	}
	switch {
	case len(problems) > 0:
		return detectors.Inconclusive("%s", join(problems, 2))
	case len(pairs) == 0:
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
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || !describes(f.Path) {
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
		if len(roots) >= maxSpecs || !describes(p) || pass.Branch.File(p) != nil {
			continue
		}
		if text, err := pass.Branch.ReadHead(p); err == nil && isOpenAPI(p, text) && leadsOut.Match(text) {
			roots = append(roots, specRoot{p, p})
		}
	}
	return roots, nil
}

// leadsOut is a reference to another file.
var leadsOut = lazy.New(`\$ref["']?\s*:\s*["']?[^#"'\s]`)

// specChanges are the changes of one document that somebody may notice, with the document as it was.
type specChanges struct {
	base *openapi3.T
	list checker.Changes
}

// compare gives the breaking changes of one document.
func (p *specPair) compare(pass *detectors.Pass) (*specChanges, error) {
	if p.problem != nil {
		return nil, p.problem
	}
	if p.a == nil {
		return &specChanges{}, nil
	}
	if n := len(bytes.Fields(p.a)) + len(bytes.Fields(p.b)); n > maxSpecWords {
		return nil, errors.New("too much of the document differs to be compared in time")
	}
	read := func() (*specReader, *specReader) {
		return &specReader{at: side{pass.Branch, pass.Source, true}}, &specReader{at: side{pass.Branch, pass.Source, false}}
	}
	old, now := read()
	changes, err := compareTexts(pass.Context, old, now, p.specRoot, p.a, p.b)
	if err != nil && len(p.oldText)+len(p.nowText) <= maxRetried && pass.Context.Err() == nil {
		// What was cut off may have been needed after all: by an odd reference, or by a layout that was misread.
		old, now = read()
		changes, err = compareTexts(pass.Context, old, now, p.specRoot, p.oldText, p.nowText)
	}
	if err := ignoreMissing(err); err != nil || changes == nil {
		return &specChanges{}, err
	}
	return changes, nil
}

func compareTexts(ctx context.Context, old, now *specReader, root specRoot, a, b []byte) (*specChanges, error) {
	base, err := old.load(root.old, a)
	if err != nil {
		return nil, err
	}
	revision, err := now.load(root.now, b)
	if err != nil {
		return nil, err
	}
	changes, err := breaking(ctx, base, revision)
	return &specChanges{base.Spec, changes}, err
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
	changes = slices.DeleteFunc(checker.CheckBackwardCompatibilityUntilLevel(sunsetRules(), d, sources, checker.INFO), func(c checker.Change) bool {
		return c.GetLevel() < checker.WARN && !otherDefault(c) || c.GetLevel() == checker.INVALID || inverted(c) || renamedInPath(c, x.Spec, y.Spec) ||
			withoutDate(c) || earlier(c)
	})
	return append(changes, broughtForward(d, sources)...), nil
}
