package contracts

// Tests that replaced a function before the branch changed it: whether anything else still runs the real one.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	hookName  = lazy.New(`^(?:use[A-Z]\w*|[A-Z]\w*|\w*(?:Hook|Component|Provider|Middleware|Logger|log|main|setup|init\w*))$`)
	givesBack = lazy.New(`\breturn\b|=>\s*[^{\s]`)
)

// maxMockingTests bounds the tests that are read for one changed function.
const maxMockingTests = 60

func plainFunction(f *source.File, d *source.Decl) bool {
	ext := path.Ext(f.Path)
	return !d.Async && ext != ".tsx" && ext != ".jsx" && !hookName.MatchString(d.Name) && givesBack.Match(f.Text[d.Span.Start:d.Span.End])
}

// olderTests adds the tests that the branch left alone and that may replace a changed function.
func (s side) olderTests(pass *detectors.Pass, changed []changedFunction, tests map[string][]changedFunction) error {
	for _, fn := range changed {
		if !fn.plain {
			continue
		}
		stem := moduleStemOf(fn.path)
		naming, err := pass.Source.Naming(pass.Context, stem, fn.last())
		if err != nil {
			return err
		}
		list := slices.Concat(naming[stem], naming[fn.last()])
		if len(list) > maxNamed {
			continue
		}
		for i, p := range list {
			if i >= maxMockingTests {
				break
			}
			if source.IsTest(p) && source.LanguageOf(p) != "" && !slices.Contains(tests[p], fn) {
				tests[p] = append(slices.Clone(tests[p]), fn)
			}
		}
	}
	return nil
}

// moduleStemOf is the word by which imports name a file.
func moduleStemOf(p string) string {
	stem := strings.TrimSuffix(path.Base(p), path.Ext(p))
	if stem == "index" || stem == "__init__" || stem == "mod" {
		return path.Base(path.Dir(p))
	}
	return stem
}

// reachedByTests says whether a test imports the function's module, or one that imports it, and does not replace the function.
// What cannot be read counts as one.
func (s side) reachedByTests(pass *detectors.Pass, fn changedFunction) (bool, error) {
	if !fn.plain {
		return true, nil
	}
	around := []string{fn.path}
	for i := 0; i < len(around) && i < 12; i++ {
		stem := moduleStemOf(around[i])
		naming, err := pass.Source.Naming(pass.Context, stem)
		if err != nil {
			return false, err
		}
		if len(naming[stem]) > maxNamed {
			return true, nil
		}
		for _, p := range naming[stem] {
			if source.LanguageOf(p) == "" || p == around[i] {
				continue
			}
			f := s.file(p)
			if f == nil {
				if source.IsTest(p) {
					return true, nil
				}
				continue
			}
			if !s.takesFrom(f, around[i]) {
				continue
			}
			switch {
			case !source.IsTest(p):
				if !slices.Contains(around, p) {
					around = append(around, p)
				}
			case !s.alwaysReplaces(f, fn):
				return true, nil
			}
		}
	}
	return false, nil
}

// takesFrom says that a file imports or requires another one.
func (s side) takesFrom(f *source.File, from string) bool {
	for _, imp := range f.Imports {
		paths := []string{imp.Path}
		if f.Lang == source.Python {
			for _, n := range imp.Names {
				paths = append(paths, strings.TrimSuffix(imp.Path, ".")+"."+n.Name)
			}
		}
		if slices.ContainsFunc(paths, func(p string) bool { return slices.Contains(s.module(f, p), from) }) {
			return true
		}
	}
	return slices.ContainsFunc(f.Calls, func(c *source.Call) bool {
		return (c.Name == "require" || c.Name == "import" || c.Name == "importActual" || c.Name == "requireActual") && len(c.Args) > 0 && c.Args[0].IsString && slices.Contains(s.module(f, c.Args[0].Str), from)
	})
}

// alwaysReplaces says that no test of a file sees the real function.
func (s side) alwaysReplaces(f *source.File, fn changedFunction) bool {
	mine := slices.DeleteFunc(s.replacements(f), func(r replacement) bool { return !r.of(fn) })
	if len(mine) == 0 {
		return false
	}
	if f.Lang != source.Python {
		return !slices.ContainsFunc(f.Calls, func(c *source.Call) bool {
			return strings.HasSuffix(c.Name, "Actual") || c.Name == "unmock" || c.Name == "mockRestore" || c.Name == "restoreAllMocks"
		})
	}
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || !strings.HasPrefix(d.Name, "test") {
			continue
		}
		replaced := slices.ContainsFunc(mine, func(r replacement) bool {
			inside := r.span.Start >= d.Span.Start && r.span.End <= d.Span.End
			on := func(x *source.Decl) bool {
				return x != nil && slices.ContainsFunc(x.Decorators, func(c *source.Call) bool { return c.Span.Start == r.span.Start })
			}
			return inside || on(d) || on(d.Parent)
		})
		if !replaced {
			return false
		}
	}
	return true
}
