package contracts

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// maxSpecFindings bounds the findings about one document.
const maxSpecFindings = 12

// reportSpec tells each change once, with the operations that it reaches.
func reportSpec(pass *detectors.Pass, root specRoot, changes checker.Changes, seen map[string]bool) {
	say := checker.NewDefaultLocalizer()
	groups := map[string][]checker.Change{}
	var order []string
	for _, c := range changes {
		if c.GetLevel() < checker.WARN || c.GetLevel() == checker.INVALID || inverted(c) {
			continue
		}
		key := c.GetId() + "\x00" + symbolOf(c) + "\x00" + string(specSeverity(c))
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c)
	}
	quiet := announcesBreak(pass.Branch)
	told := 0
	for _, key := range order {
		list := groups[key]
		c := list[0]
		var operations []string
		for _, g := range list {
			if op := strings.TrimSpace(g.GetOperation() + " " + g.GetPath()); op != "" && !slices.Contains(operations, op) {
				operations = append(operations, op)
			}
		}
		if len(operations) == 0 {
			operations = []string{root.now}
		}
		// The same document is often kept in two formats; it is told once.
		same, mine := key+"\x00"+operations[0], path.Base(root.now)+"\x00"+key
		if seen[same] && !seen[mine] || told >= maxSpecFindings {
			continue
		}
		seen[same], seen[mine] = true, true
		told++
		f := detectors.Finding{
			Severity: specSeverity(c), Path: root.now, Symbol: symbolOf(c),
			Message:  fmt.Sprintf("%s: %s", join(operations, 2), plain(c.GetUncolorizedText(say))),
			Why:      "Clients built against the document as it was send or expect something else.",
			Fix:      "Add the new beside the old and mark the old one deprecated, or publish a new version of the interface.",
			Evidence: []string{c.GetId(), symbolOf(c), operations[0]},
		}
		if quiet {
			f.Severity = detectors.Note
		}
		locate(pass.Branch, c, &f)
		pass.Report(f)
	}
}

// inverted says that a change is no break because its request is one that the server sends: a webhook's receivers are free
// to ignore what is added and have to notice only what is taken away.
func inverted(c checker.Change) bool {
	return strings.HasPrefix(c.GetPath(), "webhook:") && !strings.Contains(c.GetId(), "removed")
}

var (
	errorStatus = regexp.MustCompile(`["'\x60](4\d\d|5\d\d|4XX|5XX|default)["'\x60]`)
	wholeRange  = regexp.MustCompile(`2147483647|2147483648|9\.?22337203685`)
	widened     = regexp.MustCompile(`enum-value-added|any-of-added|one-of-added`)
)

// specSeverity is warning for what clients notice at once, note for what may be: values added to answers, changes of
// error answers, limits of an integer's own size.
func specSeverity(c checker.Change) detectors.Severity {
	id, text := c.GetId(), c.GetUncolorizedText(checker.NewDefaultLocalizer())
	switch {
	case widened.MatchString(id) && strings.HasPrefix(id, "response"),
		strings.HasPrefix(id, "response") && errorStatus.MatchString(text),
		wholeRange.MatchString(text),
		c.GetLevel() == checker.WARN && !strings.Contains(id, "removed"):
		return detectors.Note
	}
	return detectors.Warning
}

// locate sets where a change stands: where oasdiff says, else at the first changed line that names it.
func locate(b *branch.Branch, c checker.Change, f *detectors.Finding) {
	if at := c.GetRevisionSource(); at != nil && at.File != "" {
		f.Path, f.Line = path.Clean(at.File), at.Line
	} else if at := c.GetBaseSource(); at != nil && b.File(path.Clean(at.File)) != nil {
		f.Path = path.Clean(at.File)
		if file := b.File(f.Path); at.Line > 0 {
			f.Line = file.NewLine(at.Line)
		}
	}
	file := b.File(f.Path)
	if f.Line > 0 || file == nil {
		return
	}
	before, err := file.Before()
	if err != nil {
		return
	}
	after, err := file.After()
	if err != nil {
		return
	}
	for _, h := range file.Hunks() {
		for i := range h.NewLines {
			if strings.Contains(lineOf(after, h.NewStart+i), f.Symbol) {
				f.Line = h.NewStart + i
				return
			}
		}
		for i := range h.OldLines {
			if strings.Contains(lineOf(before, h.OldStart+i), f.Symbol) {
				f.Line = max(1, h.NewStart)
				return
			}
		}
	}
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
		if !strings.ContainsAny(text, " ") {
			return text[strings.LastIndexByte(text, '/')+1:]
		}
	}
	return cmp.Or(c.GetOperationId(), c.GetPath())
}
