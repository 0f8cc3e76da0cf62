package contracts

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/oasdiff/oasdiff/checker"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// maxSpecFindings bounds the findings about one document.
const maxSpecFindings = 12

// reportSpec tells each change once, with the operations that it reaches.
func reportSpec(pass *detectors.Pass, root specRoot, changes *specChanges, seen map[string]bool) error {
	say := checker.NewDefaultLocalizer()
	groups := map[string][]checker.Change{}
	var order []string
	for _, c := range changes.list {
		key := c.GetId() + "\x00" + symbolOf(c) + "\x00" + string(changes.severity(c))
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c)
	}
	quiet := announcesBreak(pass.Branch)
	alike := map[string][]string{}
	for _, key := range order {
		c := groups[key][0]
		kind := likeness(c, operationsOf(groups[key], root))
		alike[kind] = append(alike[kind], symbolOf(c))
	}
	told := 0
	for _, key := range order {
		c, operations := groups[key][0], operationsOf(groups[key], root)
		kind := likeness(c, operations)
		others := alike[kind]
		if len(others) >= manyAlike {
			if others[0] != symbolOf(c) {
				continue // told with the first of its kind
			}
			others = others[1:]
		} else {
			others = nil
		}
		// The same document is often kept in two formats; it is told once.
		same, mine := key+"\x00"+operations[0], path.Base(root.now)+"\x00"+key
		if seen[same] && !seen[mine] || told >= maxSpecFindings {
			continue
		}
		seen[same], seen[mine] = true, true
		told++
		f := detectors.Finding{
			Severity: changes.severity(c), Path: root.now, Symbol: symbolOf(c),
			Message:  fmt.Sprintf("%s: %s", join(operations, 2), cmp.Or(sunsetText(c), plain(c.GetUncolorizedText(say)))),
			Why:      "Clients built against the document as it was send or expect something else.",
			Fix:      "Add the new beside the old and mark the old one deprecated, or publish a new version of the interface.",
			Evidence: []string{c.GetId(), symbolOf(c), operations[0]},
		}
		if aboutSunset(c) {
			f.Why = "Whoever relied on the announced day has not moved yet when it stops working."
			f.Fix = "Keep the announced day or name a later one, as a date of RFC 3339 (2027-01-31), and remove only after it."
		}
		if len(others) > 0 {
			f.Message += fmt.Sprintf("; the same of %s", join(others, manyNamed))
		}
		if c.GetId() == checker.RequestParameterRemovedId && f.Severity == detectors.Note {
			sender, err := senderOf(pass, c)
			if err != nil {
				return err
			}
			if sender != nil {
				f.Severity, f.Related = detectors.Warning, []detectors.Related{*sender}
			}
		}
		if quiet {
			f.Severity = detectors.Note
		}
		locate(pass.Branch, c, &f)
		pass.Report(f)
	}
	return nil
}

const (
	// manyAlike is the number of properties with the same change in the same operations from which one finding tells all.
	manyAlike = 3
	// manyNamed bounds the names in such a finding.
	manyNamed = 12
)

// likeness is what changes have in common that are told together.
func likeness(c checker.Change, operations []string) string {
	return fmt.Sprint(c.GetId(), c.GetLevel(), operations)
}

// operationsOf are the operations that one change reaches, the document itself where it reaches none.
func operationsOf(list []checker.Change, root specRoot) []string {
	var operations []string
	for _, g := range list {
		if op := strings.TrimSpace(g.GetOperation() + " " + g.GetPath()); op != "" && !slices.Contains(operations, op) {
			operations = append(operations, op)
		}
	}
	if len(operations) == 0 {
		return []string{root.now}
	}
	return operations
}

// locate sets where a change stands: where oasdiff says, else at the first changed line that names it.
func locate(b *branch.Branch, c checker.Change, f *detectors.Finding) {
	if at := c.GetRevisionSource(); at != nil && at.File != "" {
		f.Path, f.Line = path.Clean(at.File), at.Line
	} else if at := c.GetBaseSource(); at != nil && b.File(path.Clean(at.File)) != nil {
		f.Path = path.Clean(at.File)
		file := b.File(f.Path)
		if at.Line > 0 {
			f.Line = file.NewLine(at.Line)
		}
		for _, h := range file.Hunks() {
			if f.Line == 0 && h.OldStart <= at.Line && at.Line < h.OldStart+h.OldLines {
				f.Line = max(1, h.NewStart)
			}
		}
	}
	if f.Line > 0 {
		return
	}
	if file := b.File(f.Path); file != nil {
		f.Line = hunkNaming(file, f.Symbol)
		return
	}
	// The document itself is as it was: a file that it refers to changed.
	for _, file := range b.Files {
		if line := hunkNaming(file, f.Symbol); line > 0 && schemaFormat(file.Path) {
			f.Related = append(f.Related, detectors.Related{Path: f.Path, Message: "the document refers to it"})
			f.Path, f.Line = file.Path, line
			return
		}
	}
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

// plain takes the quotes of code off a text of oasdiff.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("`", `"`, "'", `"`).Replace(text)), " ")
}

// symbolOf is the name that a change is about: the first of its arguments that is one.
func symbolOf(c checker.Change) string {
	for _, a := range c.GetArgs() {
		text := strings.Trim(strings.TrimSpace(fmt.Sprint(a)), "'`\"")
		switch text {
		case "", "query", "path", "header", "cookie", "string", "object", "integer", "number", "array", "boolean":
			continue
		}
		if _, err := time.Parse(time.DateOnly, text); err != nil && !strings.ContainsAny(text, " ") {
			return text[strings.LastIndexByte(text, '/')+1:]
		}
	}
	return cmp.Or(c.GetOperationId(), c.GetPath())
}
