package observability

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// within are the calls of a file that stand inside a span.
func within(f *source.File, span source.Span) []*source.Call {
	var list []*source.Call
	for _, c := range f.Calls {
		if c.Span.Start >= span.Start && c.Span.End <= span.End {
			list = append(list, c)
		}
	}
	return list
}

// everyday are names of calls that are not followed: they say nothing, and everybody has them.
var everyday = map[string]bool{
	"len": true, "append": true, "make": true, "map": true, "filter": true, "push": true, "json": true, "then": true, "get": true, "set": true,
	"String": true, "Error": true, "Errorf": true, "New": true, "Sprintf": true, "join": true, "split": true, "format": true, "str": true, "int": true,
	"parse": true, "Parse": true, "find": true, "slice": true, "keys": true, "values": true, "items": true, "catch": true, "finally": true, "all": true,
	"toString": true, "trim": true, "strip": true, "Write": true, "Read": true, "Close": true, "Lock": true, "Unlock": true, "Encode": true, "Decode": true,
	"Get": true, "Set": true, "status": true, "send": true, "render": true, "redirect": true, "Header": true, "WriteHeader": true, "bool": true, "list": true,
	"dict": true, "isinstance": true, "super": true, "JSON": true, "Bind": true, "Param": true, "Query": true, "Context": true, "string": true, "panic": true,
}

// signalsIn is what the calls inside a span leave behind, with the functions that they hand over to, as many levels deep.
func (l *lookup) signalsIn(f *source.File, span source.Span, deep int) signal {
	var s signal
	for _, c := range within(f, span) {
		s |= l.words.classify(f, c)
	}
	if s.has(logged|metered|spanned) || deep == 0 {
		return s
	}
	for _, c := range within(f, span) {
		for _, a := range c.Args { // items.map(importOne)
			if a.IsFunc || a.IsString || !plainName.MatchString(a.Text) {
				continue
			}
			for _, p := range declared(f, strings.TrimPrefix(a.Text, "this."), []source.Kind{source.Function, source.Method, source.Const}) {
				if p.decl.Kind != source.Const || strings.Contains(p.decl.Default, "=>") {
					s |= l.signalsOf(p, deep-1)
				}
			}
		}
		if everyday[c.Name] || l.words.classify(f, c) != 0 {
			continue
		}
		for _, p := range l.resolve(f, c.Name, c.Receiver) {
			if p.file == f && p.span().Start <= span.Start && p.span().End >= span.End {
				continue
			}
			s |= l.signalsOf(p, deep-1) &^ printed
			if p.file.Path == f.Path || family(p.file.Lang) == family(f.Lang) {
				s |= l.signalsOf(p, deep-1) & printed
			}
		}
		if s.has(logged | metered | spanned) {
			return s
		}
	}
	return s
}

// plainName is a function named without being called.
var plainName = lazy.New(`^(?:this\.)?[A-Za-z_$][\w$]{2,}$`)

// signalsOf is what a function, or any method of a class, leaves behind; remembered by declaration.
func (l *lookup) signalsOf(p place, deep int) signal {
	if s, ok := l.signals[p.decl]; ok {
		return s
	}
	l.signals[p.decl] = 0
	s := l.signalsIn(p.file, p.decl.Span, deep)
	for _, d := range p.decl.Decorators {
		s |= l.words.named(d.Full())
	}
	if p.decl.Kind == source.Class {
		for _, b := range p.decl.Bases {
			s |= l.creditName(p.file, b, deep)
		}
	}
	l.signals[p.decl] = s
	return s
}

// creditName is what a base class, decorator, wrapper or middleware of this name gives: what the repository's own one
// leaves behind, or for one from outside what its name promises.
func (l *lookup) creditName(from *source.File, name string, deep int) signal {
	ids := identifiers(name)
	if len(ids) == 0 {
		return 0
	}
	last := ids[len(ids)-1]
	places := l.resolve(from, last, "")
	if len(places) == 0 || deep < 0 {
		return l.words.named(last) | l.words.named(name)
	}
	var s signal
	for _, p := range places {
		s |= l.signalsOf(p, deep)
	}
	return s &^ printed
}

// creditText credits every name in an argument's text: `[gin.Recovery(), httpx.AccessLog(log)]`.
func (l *lookup) creditText(from *source.File, text string) signal {
	var s signal
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return r != '_' && r != '$' && r != '.' && r != '-' && r != '/' && r != '@' && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' && r < 0x80)
	}) {
		s |= l.words.named(name)
		if ids := identifiers(name); len(ids) > 0 && !s.has(visible) && !everyday[ids[len(ids)-1]] {
			s |= l.creditName(from, name, 1)
		}
	}
	return s
}
