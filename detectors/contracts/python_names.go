package contracts

// The names that Python modules lost on the branch, and the files that may still use them.

import (
	"path"
	"strings"

	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/source"
)

// pythonLoss is what the changed Python modules no longer have or take.
type pythonLoss struct {
	old, now *pyapi.Tree
	// gone are the last names of what is no longer there, resigned those of what is called in another way now.
	gone, resigned map[string]bool
}

// maxNamed bounds the files that are read for one word: past it the word says nothing.
const maxNamed = 400

// lossOf compares the changed modules of both sides, name by name.
func lossOf(a *pythonAPI) *pythonLoss {
	l := &pythonLoss{old: a.old, now: a.now, gone: map[string]bool{}, resigned: map[string]bool{}}
	for _, f := range a.pass.Branch.Files {
		file := oldPath(f)
		if !pythonChanged(f) {
			continue
		}
		module := a.old.Module(file)
		if module == nil {
			continue
		}
		stem := moduleStem(file)
		head := a.now.File(stem)
		if head == "" {
			l.gone[path.Base(stem)] = true
		}
		for name := range module.Members {
			l.compare(file, head, name)
		}
	}
	return l
}

func moduleStem(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(file, path.Ext(file)), "/__init__")
}

func (l *pythonLoss) compare(file, head, name string) {
	if strings.HasPrefix(name, "__") {
		return
	}
	old, state := l.old.Lookup(file, name)
	if state != pyapi.Found {
		return
	}
	now, state := (*pyapi.Member)(nil), pyapi.Gone
	if head != "" {
		now, state = l.now.Lookup(head, name)
	}
	switch {
	case state == pyapi.Gone:
		l.gone[name] = true
		return
	case state == pyapi.Unknown || old.Kind != now.Kind:
		return
	}
	l.signature(name, old, now)
	if old.Kind != pyapi.Class {
		return
	}
	for member, m := range old.Members {
		found, state := l.now.Attribute(now, member)
		switch {
		case state == pyapi.Gone && !m.Instance:
			l.gone[member] = true
		case state == pyapi.Found && found.Kind == m.Kind:
			l.signature(member, m, found)
		}
	}
}

func (l *pythonLoss) signature(name string, old, now *pyapi.Member) {
	before, ok := l.old.Callable(old)
	after, also := l.now.Callable(now)
	if !ok || !also {
		return
	}
	same := len(before) == len(after)
	for i := 0; same && i < len(before); i++ {
		same = before[i] == after[i]
	}
	if !same {
		l.resigned[name] = true
	}
}

// lost says that a dotted path led to something before and leads nowhere now, and what it was.
func (l *pythonLoss) lost(from, dotted string) (*pyapi.Member, bool) {
	was, state, parts := l.old.Resolve(from, dotted)
	if state != pyapi.Found || parts == 0 || was.Kind == pyapi.Import {
		return nil, false
	}
	_, state, now := l.now.Resolve(from, dotted)
	if state == pyapi.Gone {
		return was, true
	}
	// A package without __init__ is not seen any more once its module is gone.
	return was, now == 0 && !l.now.Knows(from, strings.Join(strings.Split(dotted, ".")[:parts], "."))
}

// imports are the names that a file's imports bind, at whatever depth they stand.
func pythonImports(f *source.File) map[string]*pyapi.Member {
	bound := map[string]*pyapi.Member{}
	for _, imp := range f.Imports {
		for _, n := range imp.Names {
			name := n.Alias
			if name == "" {
				name = n.Name
			}
			bound[name] = &pyapi.Member{Kind: pyapi.Import, Name: name, From: imp.Path, Target: n.Name, Line: imp.Span.Line}
		}
		switch {
		case len(imp.Names) > 0:
		case imp.Alias != "":
			bound[imp.Alias] = &pyapi.Member{Kind: pyapi.Import, Name: imp.Alias, From: imp.Path, Line: imp.Span.Line}
		case imp.Path != "" && imp.Path[0] != '.':
			top, _, _ := strings.Cut(imp.Path, ".")
			bound[top] = &pyapi.Member{Kind: pyapi.Import, Name: top, From: top, Line: imp.Span.Line}
		}
	}
	return bound
}
