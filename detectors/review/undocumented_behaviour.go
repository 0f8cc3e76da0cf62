package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// UndocumentedBehaviour finds documents that still tell people to use an option, a variable or a command which the branch
// removed or renamed.
var UndocumentedBehaviour = &detectors.Detector{
	ID:    "review/undocumented-behaviour",
	Title: "A document still tells people to use what the branch removed",
	Run:   runUndocumented,
}

func runUndocumented(pass *detectors.Pass) error {
	gone, err := removedNames(pass)
	if err != nil {
		return err
	}
	if len(gone) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, g := range gone {
		if err := reportDocuments(pass, g); err != nil {
			return err
		}
	}
	return nil
}

// maxDocuments bounds how many places one removed name reports.
const maxDocuments = 10

func reportDocuments(pass *detectors.Pass, g removed) error {
	word := strings.TrimPrefix(g.name, "--")
	naming, err := pass.Source.Naming(pass.Context, word, g.name)
	if err != nil {
		return err
	}
	files := slices.Concat(naming[word], naming[g.name])
	slices.Sort(files)
	files = slices.Compact(files)
	if still, err := stillUsed(pass, g, files); err != nil || still {
		return err
	}
	reported := 0
	for _, p := range files {
		if !tellsPeople(p) || reported == maxDocuments {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		at := g.namedIn(string(text))
		if at == 0 {
			continue
		}
		reported++
		instead := "Take it out of the document, and say what to do instead."
		if g.to != "" {
			instead = fmt.Sprintf("Write %s instead.", g.to)
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: g.name,
			Message: fmt.Sprintf("the document still names the %s %s, which the branch %s", g.kind, g.name, g.story()),
			Why:     g.why, Fix: instead,
			Related:  []detectors.Related{{Path: g.path, Line: g.line, Message: "the branch " + g.change() + " here"}},
			Evidence: []string{g.kind, g.name, g.to},
		})
	}
	return nil
}

// removed is one thing that people use and that the branch took away.
type removed struct {
	// kind is the field's word for it: "option", "variable".
	kind, name, to string
	// path and line are where the branch removed it, on the new side.
	path string
	line int
	why  string
	// programs are the names of the program that an option belongs to.
	programs []string
}

func (g removed) story() string {
	if g.to != "" {
		return "renamed to " + g.to
	}
	return "removed"
}

func (g removed) change() string {
	if g.to != "" {
		return "renamed it to " + g.to
	}
	return "removed it"
}

// removedNames are the options and variables that product code declared or read at the base and does not any more.
func removedNames(pass *detectors.Pass) ([]removed, error) {
	var list []removed
	gone, err := options.RemovedOn(pass.Branch, pass.Source)
	if err != nil {
		return nil, err
	}
	for _, o := range gone {
		if source.IsExample(o.Path) {
			continue
		}
		list = append(list, removed{
			kind: "option", name: o.Name, to: o.To, path: o.Path, line: o.NewLine,
			why:      "Whoever follows the document gets an error from a program that no longer knows the option.",
			programs: options.Programs(pass.Branch.ReadHead, o.Path),
		})
	}
	variables, err := removedVariables(pass)
	if err != nil {
		return nil, err
	}
	for _, v := range variables {
		g := removed{kind: "variable", name: v.name, path: v.path, why: "Whoever follows the document sets something that nothing reads, and believes that it works."}
		if f := pass.Branch.File(v.path); f != nil && f.Status != branch.Deleted {
			g.line = f.NewLine(v.line)
		}
		list = append(list, g)
	}
	return list, nil
}

// stillUsed says whether anything but documents and tests names it: another command may have the option, a deployment
// may set the variable for something else.
func stillUsed(pass *detectors.Pass, g removed, files []string) (bool, error) {
	for _, p := range files {
		if source.IsDoc(p) || tellsPeople(p) || source.IsTest(p) {
			continue
		}
		if g.kind == "variable" {
			return true, nil
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		declared := options.In(p, text, func() (*source.File, error) { return pass.Source.Head(p) })
		if slices.ContainsFunc(declared, func(o options.Option) bool { return o.Name == g.name }) {
			return true, nil
		}
	}
	return false, pass.Context.Err()
}

// namedIn is the line of a document that names it as code, 0 for none: between backticks, in a block of code, or in a
// command. An option counts where its program runs with it, or in the reference of a document that names the program.
func (g removed) namedIn(text string) int {
	if g.kind == "option" {
		if at := options.PassedAt(text, g.name, g.programs); at > 0 && !formerly.MatchString(lineAt(text, at)) {
			return at
		}
		if !g.programNamed(text) {
			return 0
		}
	}
	name := regexp.QuoteMeta(g.name)
	span := regexp.MustCompile("`" + `[^` + "`\n]*" + `(?:^|[^\w-])` + name + `(?:$|[^\w-])` + "[^`\n]*`|`" + name + `(?:[ =][^` + "`\n]*)?`")
	alone := regexp.MustCompile("`(?:-\\w, ?)?" + name + "(?:[ =<\\[][^`\n]*)?`")
	row := regexp.MustCompile(`^\s*(?:export\s+|[|*-]\s*|(?:-\w, ?))?` + name + `(?:\s*[=|:]|\s{2,}|$)`)
	code := false
	n := 0
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			code = !code
			continue
		}
		if len(line) > 4000 || !strings.Contains(line, g.name) || formerly.MatchString(line) {
			continue
		}
		indented := code || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
		switch {
		case g.kind == "option" && (alone.MatchString(line) || indented && row.MatchString(line)):
			return n
		case g.kind == "variable" && (span.MatchString(line) || indented && row.MatchString(line)):
			return n
		}
	}
	return 0
}

func (g removed) programNamed(text string) bool {
	return slices.ContainsFunc(g.programs, func(p string) bool {
		return regexp.MustCompile(`(?:^|[^\w-])` + regexp.QuoteMeta(p) + `(?:$|[^\w-])`).MatchString(text)
	})
}

func lineAt(text string, n int) string {
	for line := range strings.Lines(text) {
		if n--; n == 0 {
			return line
		}
	}
	return ""
}
