package contracts

// What tests in Python put in the place of the real thing: unittest.mock, pytest's monkeypatch, pytest-mock.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

type patches struct {
	*pythonAPI
	loss *pythonLoss
	file *source.File
	seen map[string]bool
}

var (
	patchCall  = lazy.New(`^((unittest\.)?mock\.|(class_|module_|session_|package_)?mocker\.)?patch$`)
	objectCall = lazy.New(`(^|\.)(patch\.object|monkeypatch\.(setattr|delattr)|mp\.(setattr|delattr)|mocker\.spy|patch\.multiple)$`)
	assertCall = lazy.New(`^assert_(called_with|called_once_with|any_call|awaited_with|awaited_once_with|any_await)$`)
)

func (p *patches) report() {
	bound := pythonImports(p.file)
	for _, c := range p.file.Calls {
		if len(c.Args) == 0 || c.Args[0].Keyword != "" || lax(c) || onPurpose(p.file, c.Span.Line) {
			continue
		}
		full := c.Full()
		switch first := c.Args[0]; {
		case first.IsString && patchCall.MatchString(full):
			if !p.target(c, first.Str) {
				p.assertions(c, first.Str)
			}
		case !objectCall.MatchString(full):
		case first.IsString && strings.HasSuffix(full, ".multiple"):
			for _, arg := range c.Args[1:] {
				if arg.Keyword != "" {
					p.target(c, first.Str+"."+arg.Keyword)
				}
			}
		case first.IsString:
			p.target(c, first.Str)
		case len(c.Args) > 1 && c.Args[1].IsString && p.loss.gone[c.Args[1].Str]:
			at := &source.Access{Receiver: first.Text, Name: c.Args[1].Str, In: c.In, Span: c.Span}
			if was, ok := p.unreadable(p.loss, p.file, bound, at); ok {
				p.tell(c.Span.Line, at.Name, "patches "+at.Name+" of "+first.Text, was)
			}
		}
	}
}

// lax says that a call makes the name where there is none.
func lax(c *source.Call) bool {
	return slices.ContainsFunc(c.Args, func(a source.Arg) bool {
		return a.Keyword == "create" && a.Text != "False" && !strings.HasSuffix(a.Text, "=False") || a.Keyword == "raising" && strings.HasSuffix(a.Text, "False")
	})
}

// target reports a dotted path of which a part was there before and is gone.
func (p *patches) target(c *source.Call, dotted string) bool {
	if len(dotted) > 200 || !pythonPath.MatchString(dotted) {
		return false
	}
	names := strings.Split(dotted, ".")
	if !slices.ContainsFunc(names, func(n string) bool { return p.loss.gone[n] }) {
		return false
	}
	for n := 2; n <= len(names); n++ {
		path := strings.Join(names[:n], ".")
		was, state, parts := p.loss.old.Resolve(p.file.Path, path)
		if state != pyapi.Found || parts == 0 {
			return false
		}
		if _, state, now := p.loss.now.Resolve(p.file.Path, path); state == pyapi.Gone ||
			now == 0 && parts > 0 && !p.loss.now.Knows(p.file.Path, strings.Join(names[:parts], ".")) {
			p.tell(c.Span.Line, names[n-1], "patches "+dotted, was)
			return true
		}
	}
	return false
}

func (p *patches) tell(line int, symbol, text string, was *pyapi.Member) {
	if p.seen[symbol] {
		return
	}
	p.seen[symbol] = true
	at, lineBefore, _ := p.place(pyapi.Breakage{Old: was})
	fix := "Patch what the code under test uses now."
	if to := p.movedTo(was); to != "" {
		fix = "Patch it where the code under test takes it from now; it stands in " + to + "."
	}
	p.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p.file.Path, Line: line, Symbol: symbol,
		Message:  text + ", but the branch removed " + symbol + " from " + path.Base(was.File),
		Why:      "Nothing checks the name before the test runs; then it fails, or, where it is made anew, stands in for nothing.",
		Fix:      fix,
		Related:  []detectors.Related{{Path: at, Line: lineBefore, Message: "the branch removed " + symbol + " here"}},
		Evidence: []string{symbol, text},
	})
}

// assertions reports calls that a test expects of a stand-in without a specification, and that the real one refuses now.
func (p *patches) assertions(c *source.Call, dotted string) {
	last := lastOf(dotted)
	if !p.loss.resigned[last] || slices.ContainsFunc(c.Args[1:], func(a source.Arg) bool {
		return a.Keyword == "" || a.Keyword == "autospec" || a.Keyword == "spec" || a.Keyword == "spec_set" || a.Keyword == "new"
	}) {
		return
	}
	was, before, parts := p.loss.old.Resolve(p.file.Path, dotted)
	now, after, _ := p.loss.now.Resolve(p.file.Path, dotted)
	if before != pyapi.Found || after != pyapi.Found || parts == 0 || was.Kind != now.Kind {
		return
	}
	old, ok := p.loss.old.Callable(was)
	params, also := p.loss.now.Callable(now)
	name, in := p.standIn(c)
	if !ok || !also || name == "" {
		return
	}
	if p.inspected(name, in, last, old, params, now) {
		return
	}
	for _, check := range p.file.Calls {
		if check.Receiver != name || !assertCall.MatchString(check.Name) || in != nil && check.In != in {
			continue
		}
		passed := pyapi.PassedBy(check.Args)
		why := pyapi.Complaint(params, passed)
		if why == "" || pyapi.Complaint(old, passed) != "" {
			continue
		}
		p.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p.file.Path, Line: check.Span.Line, Symbol: last,
			Message:  "expects a call of " + dotted + " that it refuses since the branch: it " + why,
			Why:      "The stand-in takes any call, so the test is green on one that raises TypeError in production.",
			Fix:      "Pass autospec=True to patch, and expect what " + last + " takes now.",
			Related:  []detectors.Related{{Path: now.File, Line: now.Line, Message: "the branch changed what " + last + " takes here"}},
			Evidence: []string{dotted, why},
		})
		return
	}
}

var (
	boundBehind = lazy.New(`^\s*as\s+([A-Za-z_]\w*)`)
	boundBefore = lazy.New(`([A-Za-z_][\w.]*)\s*=\s*$`)
)

// standIn is the name that a patched stand-in has in the test, and the function in which it has it (nil for anywhere).
func (p *patches) standIn(c *source.Call) (name string, in *source.Decl) {
	text := string(p.file.Text)
	if m := boundBehind.FindStringSubmatch(text[c.Span.End:min(len(text), c.Span.End+100)]); m != nil {
		return m[1], c.In
	}
	if m := boundBefore.FindStringSubmatch(text[max(0, c.Span.Start-100):c.Span.Start]); m != nil {
		return m[1], c.In
	}
	for _, d := range p.file.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		// The decorator next to the function gives the first argument.
		given := 0
		for _, deco := range slices.Backward(d.Decorators) {
			replaces := len(deco.Args) > 1 && deco.Args[1].Keyword == "" || slices.ContainsFunc(deco.Args, func(a source.Arg) bool { return a.Keyword == "new" })
			if deco.Span.Start == c.Span.Start {
				params := d.Params
				if d.Kind == source.Method && len(params) > 0 {
					params = params[1:]
				}
				if given < len(params) {
					return params[given].Name, d
				}
				return "", nil
			}
			if strings.Contains(deco.Full(), "patch") && !replaces {
				given++
			}
		}
	}
	return "", nil
}
