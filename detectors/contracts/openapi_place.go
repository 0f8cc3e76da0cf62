package contracts

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/oasdiff/oasdiff/checker"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// locate sets where a change stands now: where oasdiff says, else at the first changed line that names it, else at its
// operation. What is gone stands where it was taken away, with the place that it had as a related one.
func (p *specPair) locate(b *branch.Branch, c checker.Change, f *detectors.Finding) {
	switch {
	case p.atRevision(c, f), p.atBase(b, c, f), p.atName(b, f), p.atOperation(b, c, f):
	default:
		f.Line = 1
		if file := b.File(f.Path); file != nil && len(file.Hunks()) > 0 {
			f.Line = max(1, file.Hunks()[0].NewStart)
		}
	}
}

func (p *specPair) atRevision(c checker.Change, f *detectors.Finding) bool {
	at := c.GetRevisionSource()
	if at == nil || at.File == "" || at.Line == 0 {
		return false
	}
	f.Path, f.Line = path.Clean(at.File), at.Line
	return true
}

func (p *specPair) atBase(b *branch.Branch, c checker.Change, f *detectors.Finding) bool {
	at := c.GetBaseSource()
	if at == nil || at.File == "" || at.Line == 0 {
		return false
	}
	return p.takenAway(b, path.Clean(at.File), at.Line, f)
}

// takenAway points to where a line of the base was changed or taken away.
func (p *specPair) takenAway(b *branch.Branch, file string, line int, f *detectors.Finding) bool {
	now := file
	if file == p.old {
		now = p.now
	}
	changed := b.File(now)
	if changed == nil || changed.NewLine(line) == 0 {
		return false
	}
	f.Path, f.Line = now, max(1, changed.NewLine(line))
	f.Related = append(f.Related, detectors.Related{Path: file, Line: line, Message: fmt.Sprintf("it stood on line %d before the branch", line)})
	return true
}

// atName looks for the changed line that names the symbol, in the document and then in the files that it refers to.
func (p *specPair) atName(b *branch.Branch, f *detectors.Finding) bool {
	if f.Symbol == "" {
		return false
	}
	if file := b.File(f.Path); file != nil {
		f.Line = hunkNaming(file, f.Symbol)
		return f.Line > 0
	}
	for _, file := range b.Files {
		if line := hunkNaming(file, f.Symbol); line > 0 && schemaFormat(file.Path) {
			f.Related = append(f.Related, detectors.Related{Path: f.Path, Message: "the document refers to it"})
			f.Path, f.Line = file.Path, line
			return true
		}
	}
	return false
}

// atOperation points to the path item of a change, on the base's side where it is gone.
func (p *specPair) atOperation(b *branch.Branch, c checker.Change, f *detectors.Finding) bool {
	if c.GetPath() == "" {
		return false
	}
	if line := pathItemLine(p.now, p.nowText, c.GetPath()); line > 0 {
		f.Path, f.Line = p.now, line
		return true
	}
	line := pathItemLine(p.old, p.oldText, c.GetPath())
	return line > 0 && p.takenAway(b, p.old, line, f)
}

// pathItemLine is the line of a document on which the item of a path or webhook starts, 0 where it has none.
func pathItemLine(file string, text []byte, name string) int {
	o := outlineOf(file, text)
	if o == nil {
		return 0
	}
	pointer := "#/paths/" + escapePointer.Replace(name)
	if hook, ok := strings.CutPrefix(name, "webhook:"); ok {
		pointer = "#/webhooks/" + escapePointer.Replace(hook)
	}
	for _, s := range o.sections {
		if s.pointer == pointer {
			return 1 + bytes.Count(text[:s.start], []byte("\n"))
		}
	}
	return 0
}

// hunkNaming is the first changed line of a file that names a symbol, or where a line that did is gone; 0 for none.
func hunkNaming(file *branch.File, symbol string) int {
	before, err := file.Before()
	if err != nil {
		return 0
	}
	after, err := file.After()
	if err != nil {
		return 0
	}
	was, is := bytes.Split(before, []byte("\n")), bytes.Split(after, []byte("\n"))
	names := func(lines [][]byte, first, count int) int {
		for i := first; i < first+count && i <= len(lines); i++ {
			if i > 0 && bytes.Contains(lines[i-1], []byte(symbol)) {
				return i
			}
		}
		return 0
	}
	for _, h := range file.Hunks() {
		if line := names(is, h.NewStart, h.NewLines); line > 0 {
			return line
		}
		if names(was, h.OldStart, h.OldLines) > 0 {
			return max(1, h.NewStart)
		}
	}
	return 0
}
