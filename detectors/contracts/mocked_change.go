package contracts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// MockedChange finds tests that replace the very function whose behaviour the branch changes, where no test calls it:
// they pass whatever it does.
var MockedChange = &detectors.Detector{
	ID:    "contracts/mocked-change",
	Title: "The tests replace the function that the branch changed",
	Run:   runMockedChange,
}

func runMockedChange(pass *detectors.Pass) error {
	after := side{pass.Branch, pass.Source, false}
	changed := changedFunctions(pass)
	if len(changed) == 0 {
		return detectors.ErrNotApplicable
	}
	tests := map[string][]changedFunction{}
	for _, f := range pass.Branch.Files {
		if source.IsTest(f.Path) && f.Status != branch.Deleted && !f.Binary && !f.TooLarge && !f.Generated && !f.Vendored {
			tests[f.Path] = changed
		}
	}
	if err := after.olderTests(pass, changed, tests); err != nil {
		return err
	}
	for _, p := range keysOf(tests) {
		file, f := after.file(p), pass.Branch.File(p)
		if file == nil {
			continue
		}
		told := map[string]bool{}
		for _, r := range after.replacements(file) {
			fresh := f != nil && f.Touched(r.line)
			for _, fn := range tests[p] {
				if !r.of(fn) || told[fn.key()] {
					continue
				}
				run, err := after.runByTests(pass, fn, fresh)
				if err != nil {
					return err
				}
				if run {
					continue
				}
				told[fn.key()] = true
				pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: p, Line: r.line, Symbol: fn.name, Evidence: []string{fn.path, fn.name},
					Message: fmt.Sprintf("the test replaces %s, which the branch changes, and no test calls the real one", fn.name),
					Why:     "It passes whatever the changed function does: a mistake in it reaches production with green tests.",
					Fix:     "Let the test call the real function, and replace only what it calls outside the program (network, clock, database).",
					Related: []detectors.Related{{Path: fn.path, Line: fn.line, Message: fn.name + " was changed here"}},
				})
			}
		}
	}
	return pass.Context.Err()
}

// runByTests says whether a test calls the real function. A replacement that was there before the branch is only told of where
// no test runs the code around it either.
func (s side) runByTests(pass *detectors.Pass, fn changedFunction, fresh bool) (bool, error) {
	called, err := s.calledByTests(pass, fn)
	if err != nil || called || fresh {
		return called, err
	}
	return s.reachedByTests(pass, fn)
}

// changedFunction is one whose body is another one at the head.
type changedFunction struct {
	path, name string
	line       int
	// plain: it computes what it returns, without waiting for anything and without being a part of a user interface.
	plain bool
}

func (c changedFunction) key() string { return c.path + "\x00" + c.name }

// last is the name without the class it belongs to.
func (c changedFunction) last() string { return c.name[strings.LastIndexByte(c.name, '.')+1:] }

// outward are calls by which a function talks to what stands outside the program: replacing it is what mocks are for.
var outward = lazy.New(`(?i)^(?:requests|undici|superagent|needle|ky|faraday|httparty|net::http|restclient|typhoeus|httpx|aiohttp|urllib\w*|axios|got|http|https|boto3|smtplib|redis|subprocess|fs|socket|os)\.|(?:^|\.)(?:\w*fetch|urlopen|\w*client|\w*session|cursor|connection|db|prisma|knex|repo\w*|\w*repository|\w*queue|producer|publisher|mailer|stripe|s3|sqs)\.\w+$|(?:^|\.)(?:fetch|request|urlopen|execute\w*|query|commit|publish|sendmail|send_?\w*|open|readFile\w*|writeFile\w*|connect|sleep|filter|objects\.\w+|save|upsert|insert\w*|delete)$`)

// changedFunctions are those of the program that the branch gave another body, without those that talk to the outside.
func changedFunctions(pass *detectors.Pass) []changedFunction {
	var list []changedFunction
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || !declares(f.Path) || f.Generated || f.Vendored || f.Binary || f.TooLarge {
			continue
		}
		lang := source.LanguageOf(f.Path)
		if lang != source.Python && lang != source.TypeScript && lang != source.JavaScript && lang != source.Ruby {
			continue
		}
		now, err := pass.Source.Head(f.Path)
		if err != nil {
			continue
		}
		old, err := pass.Source.Base(cmpOr(f.OldPath, f.Path))
		if err != nil {
			continue
		}
		for _, d := range now.Decls {
			if d.Kind != source.Function && d.Kind != source.Method && !givenFunction(d) || d.Body.End <= d.Body.Start || !f.TouchedRange(d.Span.Line, d.Span.EndLine) {
				continue
			}
			name := d.Name
			if d.Parent != nil {
				if d.Parent.Kind != source.Class {
					continue
				}
				name = d.Parent.Name + "." + name
			}
			before := functionNamed(old, name)
			if before == nil || sameCode(old, before, now, d) || talksOutside(now, d) {
				continue
			}
			list = append(list, changedFunction{path: f.Path, name: name, line: d.Span.Line, plain: lang != source.Ruby && plainFunction(now, d)})
		}
	}
	return list
}

// sameCode says whether two bodies differ in white space and comments only.
func sameCode(f *source.File, a *source.Decl, g *source.File, b *source.Decl) bool {
	code := func(f *source.File, d *source.Decl) string {
		text := []byte(string(f.Text[d.Body.Start:d.Body.End]))
		for _, c := range f.Comments {
			for i := max(c.Span.Start, d.Body.Start); i < min(c.Span.End, d.Body.End); i++ {
				text[i-d.Body.Start] = ' '
			}
		}
		if d.Doc != "" {
			text = []byte(strings.Replace(string(text), d.Doc, "", 1))
		}
		return strings.Join(strings.Fields(string(text)), "")
	}
	return code(f, a) == code(g, b)
}

func talksOutside(f *source.File, d *source.Decl) bool {
	return slices.ContainsFunc(f.Calls, func(c *source.Call) bool {
		if c.Name == "filter" && f.Lang != source.Python { // of a list, not of a table
			return false
		}
		return c.Span.Start >= d.Body.Start && c.Span.End <= d.Body.End && outward.MatchString(c.Full())
	})
}

// calledByTests says whether a test calls the real function, by its own name.
func (s side) calledByTests(pass *detectors.Pass, fn changedFunction) (bool, error) {
	naming, err := pass.Source.Naming(pass.Context, fn.last())
	if err != nil {
		return false, err
	}
	for _, p := range naming[fn.last()] {
		if !source.IsTest(p) {
			continue
		}
		f := s.file(p)
		if f == nil {
			return true, nil // not read: it may
		}
		if s.calls(f, fn) {
			return true, nil
		}
	}
	return false, nil
}

// calls says whether a test file calls the function where it is not replaced.
func (s side) calls(f *source.File, fn changedFunction) bool {
	replaced := slices.DeleteFunc(s.replacements(f), func(r replacement) bool { return !r.of(fn) })
	inTest := func(d *source.Decl) bool {
		return d != nil && slices.ContainsFunc(replaced, func(r replacement) bool {
			if r.span.Start >= d.Span.Start && r.span.End <= d.Span.End {
				return true
			}
			return slices.ContainsFunc(d.Decorators, func(c *source.Call) bool { return c.Span.Start == r.span.Start })
		})
	}
	for _, c := range f.Calls {
		if c.Name != fn.last() {
			continue
		}
		if f.Lang == source.Python {
			if !inTest(c.In) {
				return true
			}
			continue
		}
		if f.Lang == source.Ruby {
			if !slices.ContainsFunc(replaced, func(r replacement) bool { return r.span.Start <= c.Span.Start && c.Span.End <= r.span.End }) {
				return true
			}
			continue
		}
		// A module's mock holds for the whole file, unless the real one is asked for.
		if len(replaced) == 0 || strings.Contains(c.Receiver, "actual") || strings.Contains(c.Receiver, "Actual") {
			return true
		}
	}
	return false
}
