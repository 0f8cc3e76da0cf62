package review

import (
	"fmt"
	"path"
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
	type side struct {
		options   []options.Option
		variables []variable
	}
	var old, now side
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsDoc(f.Path) || source.IsExample(f.Path) {
			continue
		}
		before := f.OldPath
		if before == "" {
			before = f.Path
		}
		if f.Status != branch.Added {
			text, err := f.Before()
			if err != nil {
				return nil, err
			}
			old.options = append(old.options, options.In(before, text, func() (*source.File, error) { return pass.Source.Base(before) })...)
			old.variables = append(old.variables, variablesIn(before, text, pass.Source.Base)...)
		}
		if f.Status != branch.Deleted {
			text, err := f.After()
			if err != nil {
				return nil, err
			}
			now.options = append(now.options, options.In(f.Path, text, func() (*source.File, error) { return pass.Source.Head(f.Path) })...)
			now.variables = append(now.variables, variablesIn(f.Path, text, pass.Source.Head)...)
		}
	}
	read := func(p string) ([]byte, error) { return pass.Branch.ReadHead(p) }
	for _, o := range old.options {
		g := removed{kind: "option", name: o.Name, path: o.Path, why: "Whoever follows the document gets an error from a program that no longer knows the option."}
		if slices.ContainsFunc(now.options, func(n options.Option) bool { return n.Name == o.Name }) || contains(list, g) {
			continue
		}
		var added []string
		for _, n := range now.options {
			if n.Path == o.Path && !slices.ContainsFunc(old.options, func(w options.Option) bool { return w.Name == n.Name }) {
				added = append(added, n.Name)
			}
		}
		if len(added) == 1 {
			g.to = added[0]
		}
		g.programs = options.Programs(read, o.Path)
		g.place(pass.Branch, o.Line)
		list = append(list, g)
	}
	for _, v := range old.variables {
		g := removed{kind: "variable", name: v.name, path: v.path, why: "Whoever follows the document sets something that nothing reads, and believes that it works."}
		if slices.ContainsFunc(now.variables, func(n variable) bool { return n.name == v.name }) || contains(list, g) {
			continue
		}
		g.place(pass.Branch, v.line)
		list = append(list, g)
	}
	return list, nil
}

func contains(list []removed, g removed) bool {
	return slices.ContainsFunc(list, func(r removed) bool { return r.kind == g.kind && r.name == g.name })
}

// place turns the old side's line into the new side's.
func (g *removed) place(b *branch.Branch, old int) {
	f := b.File(g.path)
	if f == nil {
		return
	}
	for _, h := range f.Hunks() {
		if old >= h.OldStart && old < h.OldStart+max(1, h.OldLines) {
			g.line = h.NewStart
			return
		}
	}
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

// history are documents that name what is gone rightly.
var history = regexp.MustCompile(`(?i)(?:^|[/_.-])(?:change[_-]?logs?|changes|history|news|newsfragments|releases?|release[_-]notes|migrat\w*|upgrad\w*|deprecat\w*|adrs?|decisions|rfcs?|proposals|designs?|blog|archive\w*|legacy|v\d+)(?:[/_.-]|$)|^\.changeset/`)

// tellsPeople says whether a path is a document that tells people what to do today.
func tellsPeople(p string) bool {
	ext := strings.ToLower(path.Ext(p))
	text := slices.Contains([]string{".md", ".mdx", ".markdown", ".rst", ".adoc", ".asciidoc", ".txt", ".1"}, ext)
	return text && !history.MatchString(p) && !source.IsTest(p) && path.Base(p) != "requirements.txt"
}

// formerly marks a line that speaks of the past.
var formerly = regexp.MustCompile(`(?i)\b(?:removed|renamed|replaced (?:by|with)|deprecated|formerly|former|previously|no longer|used to|old name|was called|obsolete)\b`)

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
