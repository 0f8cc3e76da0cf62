package contracts

// What an RSpec file replaces of the class that it describes itself.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	rspecStub     = lazy.New(`\b(?:allow|expect)(?:_any_instance_of\(\s*|\(\s*)([A-Z][\w:]*|described_class|subject)\s*\)\.to\s*\(?\s*receive\(?\s*:(\w+[?!]?)`)
	rspecReal     = lazy.New(`^[^\n]*(?:\n\s*\.[^\n]*)*?and_(?:call|wrap)_original`)
	rspecDescribe = lazy.New(`(?m)^\s*(?:RSpec\.)?describe[\s(]+([A-Z][\w:]*)`)
	rspecExample  = []string{"it", "specify", "example", "scenario"}
	rspecGroup    = []string{"describe", "context", "feature"}
)

// rubyReplacements reads allow_any_instance_of(Fees).to receive(:total), allow(Fees) and allow(described_class), where Fees is
// what the file describes: what stands in for another class is the work of mocks.
func rubyReplacements(f *source.File) []replacement {
	described := rspecDescribe.FindSubmatch(f.Text)
	if described == nil {
		return nil
	}
	class := lastConstant(string(described[1]))
	var list []replacement
	for _, m := range rspecStub.FindAllSubmatchIndex(f.Text, 100) {
		who := string(f.Text[m[2]:m[3]])
		if who != "described_class" && who != "subject" && lastConstant(who) != class || rspecReal.Match(f.Text[m[1]:]) {
			continue
		}
		list = append(list, replacement{
			name: class + "." + string(f.Text[m[4]:m[5]]), line: 1 + strings.Count(string(f.Text[:m[0]]), "\n"), span: stubbedSpan(f, m[0]),
		})
	}
	return list
}

func lastConstant(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

// stubbedSpan is where a stub holds: in its example, or in the group whose hook it stands in.
func stubbedSpan(f *source.File, at int) source.Span {
	span := source.Span{End: len(f.Text)}
	for _, c := range f.Calls {
		if c.Span.Start > at || c.Span.End < at || c.Span.End-c.Span.Start > span.End-span.Start {
			continue
		}
		if slices.Contains(rspecExample, c.Name) || slices.Contains(rspecGroup, c.Name) {
			span = c.Span
		}
	}
	return span
}
