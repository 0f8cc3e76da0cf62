package observability

import (
	"bytes"
	"fmt"
	"path"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/languages/shell"
)

// Requests of shell scripts that wait for ever, where those of the scripts beside them have an end.

// asksOut is one request in a script.
type asksOut struct {
	text    string
	name    string
	line    int
	bounded bool
}

var (
	boundsShell = map[string]*lazy.Regexp{
		"curl": lazy.New(`(?:^|\s)(?:--max-time|-[a-zA-Z]*m\s*\d|-m$|--speed-time|-K|--config)|\$\{?\w*(?i:opts|options|flags|args)`),
		"wget": lazy.New(`(?:^|\s)(?:--timeout|--read-timeout|-T)|\$\{?\w*(?i:opts|options|flags|args)`),
	}
	endsByItself = lazy.New(`\btimeout\s+(?:-\S+\s+)*[\d$"]`)
)

// shellRequests are the requests of a script, nil for what is no script.
func shellRequests(p string, text []byte) []asksOut {
	if !shellLike(p) || !bytes.Contains(text, []byte("curl")) && !bytes.Contains(text, []byte("wget")) {
		return nil
	}
	file := shell.File(p, string(text))
	if file == nil {
		return nil
	}
	var list []asksOut
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		whole := shellText(text, call)
		name := path.Base(call.Args[0].Lit())
		if re := boundsShell[name]; re != nil {
			list = append(list, asksOut{whole, name, int(call.Pos().Line()), re.MatchString(whole) || endsByItself.MatchString(whole)}) //nolint:gosec // a line of a file within the size that is read
		}
		return true
	})
	return list
}

// shellWaits reports the requests that the branch adds to scripts without an end.
func shellWaits(pass *detectors.Pass) error {
	var l *lookup
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.Generated || f.Vendored || f.TooLarge || !shellLike(f.Path) || source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		for _, a := range shellRequests(f.Path, text) {
			if a.bounded || !f.Touched(a.line) {
				continue
			}
			if l == nil {
				if l, err = newLookup(pass); err != nil {
					return err
				}
			}
			beside, line := l.boundedScript(f, a.name)
			if beside == "" {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: a.line, Symbol: a.name,
				Message:  fmt.Sprintf("%s is called without a time-out; the calls in %s have one", a.name, beside),
				Why:      "When the other side hangs, the script hangs with it, and nothing says that it has not finished.",
				Fix:      fmt.Sprintf("Give it the longest time that it may take, as in %s:%d.", beside, line),
				Evidence: []string{a.name, a.text},
			})
			break
		}
	}
	return pass.Context.Err()
}

// boundedScript is a script of the repository whose requests all have an end, where no script but the changed one has another;
// "" for none.
func (l *lookup) boundedScript(f *branch.File, name string) (string, int) {
	found, line := "", 0
	for _, p := range closest(f.Path, l.naming(name), manyNames) {
		if l.added(p) {
			continue
		}
		text, err := l.pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		for _, a := range shellRequests(p, text) {
			switch {
			case a.name != name || p == f.Path && f.Touched(a.line):
			case !a.bounded:
				return "", 0
			case found == "":
				found, line = p, a.line
			}
		}
	}
	return found, line
}
