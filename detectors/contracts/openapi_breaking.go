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

// maxSpecFindings bounds the findings about one document.
const maxSpecFindings = 12

// reportSpec tells each change once, with the operations that it reaches.
func reportSpec(pass *detectors.Pass, root specRoot, changes checker.Changes, seen map[string]bool) {
	say := checker.NewDefaultLocalizer()
	groups := map[string][]checker.Change{}
	var order []string
	for _, c := range changes {
		if c.GetLevel() < checker.WARN || c.GetLevel() == checker.INVALID || inverted(c) {
			continue
		}
		key := c.GetId() + "\x00" + symbolOf(c) + "\x00" + string(specSeverity(c))
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c)
	}
	quiet := announcesBreak(pass.Branch)
	told := 0
	for _, key := range order {
		list := groups[key]
		c := list[0]
		var operations []string
		for _, g := range list {
			if op := strings.TrimSpace(g.GetOperation() + " " + g.GetPath()); op != "" && !slices.Contains(operations, op) {
				operations = append(operations, op)
			}
		}
		if len(operations) == 0 {
			operations = []string{root.now}
		}
		// The same document is often kept in two formats; it is told once.
		same, mine := key+"\x00"+operations[0], path.Base(root.now)+"\x00"+key
		if seen[same] && !seen[mine] || told >= maxSpecFindings {
			continue
		}
		seen[same], seen[mine] = true, true
		told++
		f := detectors.Finding{
			Severity: specSeverity(c), Path: root.now, Symbol: symbolOf(c),
			Message:  fmt.Sprintf("%s: %s", join(operations, 2), plain(c.GetUncolorizedText(say))),
			Why:      "Clients built against the document as it was send or expect something else.",
			Fix:      "Add the new beside the old and mark the old one deprecated, or publish a new version of the interface.",
			Evidence: []string{c.GetId(), symbolOf(c), operations[0]},
		}
		if quiet {
			f.Severity = detectors.Note
		}
		locate(pass.Branch, c, &f)
		pass.Report(f)
	}
}

// inverted says that a change is no break because its request is one that the server sends: a webhook's receivers are free
// to ignore what is added and have to notice only what is taken away.
func inverted(c checker.Change) bool {
	return strings.HasPrefix(c.GetPath(), "webhook:") && !strings.Contains(c.GetId(), "removed")
}

var (
	errorStatus = regexp.MustCompile(`["'\x60](4\d\d|5\d\d|4XX|5XX|default)["'\x60]`)
	wholeRange  = regexp.MustCompile(`2147483647|2147483648|9\.?22337203685`)
	widened     = regexp.MustCompile(`enum-value-added|any-of-added|one-of-added`)
)

// specSeverity is warning for what clients notice at once, note for what may be: values added to answers, changes of
// error answers, limits of an integer's own size.
func specSeverity(c checker.Change) detectors.Severity {
	id, text := c.GetId(), c.GetUncolorizedText(checker.NewDefaultLocalizer())
	switch {
	case widened.MatchString(id) && strings.HasPrefix(id, "response"),
		strings.HasPrefix(id, "response") && errorStatus.MatchString(text),
		wholeRange.MatchString(text),
		c.GetLevel() == checker.WARN && !strings.Contains(id, "removed"):
		return detectors.Note
	}
	return detectors.Warning
}

// locate sets where a change stands: where oasdiff says, else at the first changed line that names it.
func locate(b *branch.Branch, c checker.Change, f *detectors.Finding) {
	if at := c.GetRevisionSource(); at != nil && at.File != "" {
		f.Path, f.Line = path.Clean(at.File), at.Line
	} else if at := c.GetBaseSource(); at != nil && b.File(path.Clean(at.File)) != nil {
		f.Path = path.Clean(at.File)
		if file := b.File(f.Path); at.Line > 0 {
			f.Line = hunkAt(file, at.Line)
		}
	}
	file := b.File(f.Path)
	if f.Line > 0 || file == nil {
		return
	}
	before, err := file.Before()
	if err != nil {
		return
	}
	after, err := file.After()
	if err != nil {
		return
	}
	for _, h := range file.Hunks() {
		for i := range h.NewLines {
			if strings.Contains(lineOf(after, h.NewStart+i), f.Symbol) {
				f.Line = h.NewStart + i
				return
			}
		}
		for i := range h.OldLines {
			if strings.Contains(lineOf(before, h.OldStart+i), f.Symbol) {
				f.Line = max(1, h.NewStart)
				return
			}
		}
	}
}

// plain takes the quotes of code off a text of oasdiff.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("`", `"`, "'", `"`).Replace(text)), " ")
}

// symbolOf is the name that a change is about: the first of its arguments that is one.
func symbolOf(c checker.Change) string {
	for _, a := range c.GetArgs() {
		text := strings.Trim(strings.TrimSpace(fmt.Sprint(a)), "'`\"")
		switch text {
		case "", "query", "path", "header", "cookie", "string", "object", "integer", "number", "array", "boolean":
			continue
		}
		if !strings.ContainsAny(text, " ") {
			return text[strings.LastIndexByte(text, '/')+1:]
		}
	}
	return cmp.Or(c.GetOperationId(), c.GetPath())
}
