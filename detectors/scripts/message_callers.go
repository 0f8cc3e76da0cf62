package scripts

// Functions of other files that receivers of messages call, and whether anything receives at all.

import (
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// receives says whether the product takes messages from anywhere: from a queue, or in a file whose path says webhook.
func (c *receiving) receives() bool {
	if c.receivesAnywhere() != "" {
		return true
	}
	if c.hooks == nil {
		found := false
		paths, err := c.pass.Branch.HeadPaths()
		for _, p := range paths {
			if err != nil || found {
				break
			}
			found = hookPath.MatchString(p) && isHandlerLanguage(p) && !source.IsTest(p) && !aside(p)
		}
		c.hooks = &found
	}
	return *c.hooks
}

// The bounds of the search for callers: files for one name, and functions between the receiver and what it does.
const (
	maxCallers     = 8
	maxCallerDepth = 2
)

// calledByEntries are the functions of a file that entries of other files call with a message, by themselves or through a
// function between them, when none of those asks first.
func (c *receiving) calledByEntries(f *source.File, file *branch.File) map[*source.Decl]string {
	found := map[*source.Decl]string{}
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || len(d.Name) < 6 || len(found) > 0 {
			continue
		}
		if !file.TouchedRange(d.Span.Line, d.Span.EndLine) || len(effectsIn(f, d)) == 0 {
			continue
		}
		if by := c.entryOf(f.Path, f.Lang, d.Name, maxCallerDepth); by != "" {
			found[d] = by
		}
	}
	return found
}

// entryOf names what hands messages to an entry that calls the function of that name, from another file than p.
func (c *receiving) entryOf(p string, lang source.Language, name string, depth int) string {
	if depth == 0 || len(name) < 6 || c.pass.Context.Err() != nil {
		return ""
	}
	naming, err := c.pass.Source.Naming(c.pass.Context, name)
	if err != nil || len(naming[name]) > 30 { // a name that is everywhere says nothing
		return ""
	}
	for _, q := range naming[name][:min(maxCallers, len(naming[name]))] {
		if q == p || source.LanguageOf(q) != lang || source.IsTest(q) || aside(q) {
			continue
		}
		if by := c.entryCalling(q, name, depth); by != "" {
			return by
		}
	}
	return ""
}

// entryCalling names what hands messages to an entry of file p that calls the function and asks nothing first.
func (c *receiving) entryCalling(p, name string, depth int) string {
	other, err := c.pass.Source.Head(p)
	if err != nil || other == nil {
		return ""
	}
	from := entries(other, c.receivesAnywhere)
	for d := range from {
		if asksFirst(declText(other, d)) {
			return ""
		}
	}
	for _, call := range other.Calls {
		if call.Name == name && call.In != nil && from[call.In] != "" {
			return from[call.In]
		}
	}
	for _, call := range other.Calls {
		if d := call.In; call.Name == name && d != nil && d.Name != name && !asksFirst(declText(other, d)) {
			if by := c.entryOf(p, other.Lang, d.Name, depth-1); by != "" {
				return by
			}
		}
	}
	return ""
}
