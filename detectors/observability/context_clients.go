package observability

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// client is one entry of the clients in context.yaml.
type client struct {
	Languages   []string `yaml:"languages"`
	Call        pattern  `yaml:"call"`
	Receiver    pattern  `yaml:"receiver"`
	Type        pattern  `yaml:"type"`
	Instruments pattern  `yaml:"instruments"`
	// Custom is how the other files of the service get one that is instrumented, where they do not make it themselves.
	Custom pattern `yaml:"custom"`
	// Needs is a word of the service without which nobody promises that the others are instrumented; Word finds them then.
	Needs string `yaml:"needs"`
	Word  string `yaml:"word"`
	Thing string `yaml:"thing"`
}

// built is a client that a file makes.
type built struct {
	span         source.Span
	in           *source.Decl
	instrumented bool
}

// buildsIn are the clients of the kind that a file makes, each with all of the chain around it.
func (k client) buildsIn(f *source.File) []built {
	if !slices.Contains(k.Languages, family(f.Lang)) {
		return nil
	}
	var list []built
	if k.Type.set() {
		for _, o := range f.Objects {
			if k.Type.match(o.Type) {
				list = append(list, built{o.Span, o.In, k.Instruments.match(piece(f, o.Span))})
			}
		}
		return list
	}
	for _, c := range f.Calls {
		if !k.Call.match(c.Name) || k.Receiver.set() && !k.Receiver.match(c.Receiver) {
			continue
		}
		whole := c.Span
		for _, o := range f.Calls {
			if o.Span.Start <= whole.Start && o.Span.End >= whole.End && o.Span.End-o.Span.Start < 2000 {
				whole = o.Span
			}
		}
		around := piece(f, whole)
		if c.In != nil && c.In.Kind != source.Class {
			around += blankComments(f, c.In.Span)
		}
		list = append(list, built{c.Span, c.In, k.Instruments.match(around)})
	}
	return list
}

// lonelyClients reports clients that the branch makes without the instrumentation that each client beside them has.
func (l *lookup) lonelyClients(table *carrying, c side) {
	if commandLine(c.head) {
		return
	}
	for _, k := range table.Clients {
		var before int
		if c.base != nil {
			before = len(k.buildsIn(c.base))
		}
		mine := k.buildsIn(c.head)
		if len(mine) <= before {
			continue
		}
		for _, b := range mine {
			if b.instrumented || !c.change.Touched(b.span.Line) {
				continue
			}
			if k.Needs != "" && (k.Instruments.Match(c.head.Text) || !l.has(k.Needs, c.head)) {
				break
			}
			example, with, without := l.clientsBeside(k, c.head)
			if k.Custom.set() {
				example, with = l.givenBeside(k, c.head), 1
			}
			if with == 0 || without > 0 || example.file == nil {
				break
			}
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: c.head.Path, Line: b.span.Line, EndLine: b.span.EndLine, Symbol: k.Thing,
				Message:  fmt.Sprintf("a %s is made without the interceptor or wrapper that the others have", k.Thing),
				Why:      "Its calls are in no trace and carry none on: what is slow or fails behind them cannot be found from the request.",
				Fix:      fmt.Sprintf("Get or make it as in %s:%d.", example.file.Path, example.line),
				Evidence: []string{k.Thing, piece(c.head, b.span)},
			})
			break
		}
	}
}

// has says whether some file of the service has a word.
func (l *lookup) has(word string, from *source.File) bool {
	return slices.ContainsFunc(l.naming(word), func(p string) bool { return l.near(from.Path, p) })
}

// givenBeside is a file of the service that gets its client the instrumented way, nil for none.
func (l *lookup) givenBeside(k client, from *source.File) spot {
	for _, p := range closest(from.Path, l.naming(cmp.Or(k.Word, k.Thing)), maxFront) {
		if p == from.Path || l.added(p) || !l.near(from.Path, p) || isOffline(p) {
			continue
		}
		f := l.read(p)
		if f == nil || !slices.Contains(k.Languages, family(f.Lang)) {
			continue
		}
		if at := k.Custom.FindIndex(f.Text); at != nil {
			return spot{f, 1 + bytes.Count(f.Text[:at[0]], []byte("\n"))}
		}
	}
	return spot{}
}

// clientsBeside counts the clients of the kind in the other files of the service that have the instrumentation, and that have not.
func (l *lookup) clientsBeside(k client, from *source.File) (example spot, with, without int) {
	word := k.Thing
	switch {
	case k.Type.set():
		word = "http.Client"
	case k.Receiver.set():
		for _, c := range from.Calls {
			if k.Call.match(c.Name) && k.Receiver.match(c.Receiver) {
				word = lastIdentifier(c.Receiver)
			}
		}
	}
	for _, p := range closest(from.Path, l.naming(word), maxFront) {
		if p == from.Path || l.added(p) || !l.near(from.Path, p) || isOffline(p) || commandPath.MatchString(p) {
			continue
		}
		f := l.read(p)
		if f == nil {
			continue
		}
		for _, b := range k.buildsIn(f) {
			if !b.instrumented {
				without++
				continue
			}
			if with++; example.file == nil {
				example = spot{f, b.span.Line}
			}
		}
	}
	return example, with, without
}
