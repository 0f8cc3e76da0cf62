package observability

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

// Scripts of the shell that are jobs, and the functions that stand around them.

// shellTells are words of a function that tells somebody that a job ran or failed, beside its log.
var shellTells = lazy.New(`(?i)\.prom\b|push_?gateway|textfile|last_success|\bcurl\b|\bwget\b|statsd|hc-ping|healthchecks|sentry|cronitor|dogstatsd|datadog|slack|pagerduty|put-metric-data|metrics?\b`)

// script is a shell script: the functions it defines and the commands it calls, by name.
type script struct {
	path    string
	text    []byte
	defines map[string]*syntax.FuncDecl
	calls   map[string]bool
	// sources are the files that it reads in, by their last name.
	sources []string
}

func shellLike(p string) bool {
	switch path.Ext(p) {
	case ".sh", ".bash":
		return !strings.HasPrefix(p, ".github/")
	case "":
		return path.Dir(p) != "." && path.Base(p) != "Dockerfile" && path.Base(p) != "Makefile"
	}
	return false
}

// scriptAt reads a script of the work tree, nil for what is none.
func (l *lookup) scriptAt(p string) *script {
	text, err := l.pass.Branch.ReadHead(p)
	if err != nil {
		return nil
	}
	file := shell.File(p, string(text))
	if file == nil {
		return nil
	}
	s := &script{path: p, text: text, defines: map[string]*syntax.FuncDecl{}, calls: map[string]bool{}}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			if n.Name != nil {
				s.defines[n.Name.Value] = n
			}
		case *syntax.CallExpr:
			if len(n.Args) == 0 {
				break
			}
			name := n.Args[0].Lit()
			s.calls[path.Base(name)] = true
			if (name == "." || name == "source") && len(n.Args) > 1 {
				word := strings.Trim(shellText(text, n.Args[1]), `"'`)
				s.sources = append(s.sources, path.Base(word))
			}
		}
		return true
	})
	return s
}

// library finds the file of the work tree that a script reads in under a name, nil for none.
func (l *lookup) library(s *script, name string) *script {
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	for _, p := range paths {
		if path.Base(p) == name && p != s.path {
			return l.scriptAt(p)
		}
	}
	return nil
}

// scriptBeside judges a new script beside others.
func (l *lookup) scriptBeside(f *branch.File) {
	head := l.scriptAt(f.Path)
	if head == nil || len(head.calls) < 2 || shellTells.Match(withoutSources(head)) {
		return
	}
	type around struct {
		where string
		line  int
		kin   []string
	}
	found := map[string]*around{}
	kin := 0
	for _, p := range l.jobKin(f, shellLike) {
		sibling := l.scriptAt(p)
		if sibling == nil || len(sibling.calls) == 0 {
			continue
		}
		kin++
		for _, name := range sibling.sources {
			lib := l.library(sibling, name)
			if lib == nil {
				continue
			}
			for fn, decl := range lib.defines {
				if sibling.calls[fn] && shellTells.MatchString(shellText(lib.text, decl)) {
					if found[fn] == nil {
						found[fn] = &around{where: lib.path, line: int(decl.Pos().Line())} //nolint:gosec // a line of a file within the size that is read
					}
					if !slices.Contains(found[fn].kin, p) {
						found[fn].kin = append(found[fn].kin, p)
					}
				}
			}
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w := found[name]
		if head.calls[name] {
			return // it tells somebody
		}
		known := kin >= 2 || slices.Contains(head.sources, path.Base(w.where)) || l.scheduled(f.Path)
		if len(w.kin) != kin || !known || !jobWrapper.MatchString(name) {
			continue
		}
		l.pass.Report(unwrapped(f.Path, 1, path.Base(f.Path), name, w.where, kin, w.kin[0]))
		return
	}
}

// withoutSources is a script's text without the lines that read other files in.
func withoutSources(s *script) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(s.text) {
		trimmed := bytes.TrimSpace(line)
		if !bytes.HasPrefix(trimmed, []byte(". ")) && !bytes.HasPrefix(trimmed, []byte("source ")) && !bytes.HasPrefix(trimmed, []byte("#")) {
			b.Write(line)
		}
	}
	return b.Bytes()
}

// scheduled says whether a unit, a crontab or a manifest of the repository starts a file.
func (l *lookup) scheduled(p string) bool {
	for _, by := range l.naming(path.Base(p)) {
		switch path.Ext(by) {
		case ".service", ".timer", ".cron", ".yaml", ".yml":
			return true
		}
		if strings.Contains(by, "cron") {
			return true
		}
	}
	return false
}
