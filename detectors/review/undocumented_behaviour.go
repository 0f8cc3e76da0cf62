package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// UndocumentedBehaviour finds documents that still tell people to use what the branch removed or renamed: an option, a variable,
// a metric, an input or output of Terraform.
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
	words := append([]string{word, g.name}, g.words...)
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return err
	}
	var files []string
	for _, w := range words {
		files = append(files, naming[w]...)
	}
	slices.Sort(files)
	files = slices.Compact(files)
	if still, err := stillUsed(pass, g, files); err != nil || still {
		return err
	}
	reported := 0
	for _, p := range files {
		if !tellsPeople(p) && !manual.MatchString(p) || reported == maxDocuments {
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
		name := g.spelledIn(lineAt(string(text), at))
		instead := "Take it out of the document, and say what to do instead."
		if g.to != "" {
			instead = fmt.Sprintf("Write %s instead.", g.to)
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: name,
			Message: fmt.Sprintf("the document still names the %s %s, which the branch %s", g.kind, name, g.story()),
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
	// words are other spellings of the name, of the rules of its kind; an option has none.
	words []string
	of    nameKind
}

// spelledIn is the longest of the names that a line has.
func (g removed) spelledIn(line string) string {
	name := g.name
	for _, w := range g.words {
		if len(w) > len(name) && strings.Contains(line, w) {
			name = w
		}
	}
	return name
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

// removedNames are what product code declared or read at the base and does not any more; several detectors ask for them.
func removedNames(pass *detectors.Pass) ([]removed, error) {
	list, err := source.Shared(pass.Source, removedKey{}, func() ([]removed, error) { return readRemovedNames(pass) })
	return slices.Clone(list), err
}

type removedKey struct{}

func readRemovedNames(pass *detectors.Pass) ([]removed, error) {
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
	for _, k := range nameKinds {
		found, err := k.removedOf(pass)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// stillUsed says whether anything but documents and tests names it: another command may have the option, a deployment
// may set the variable for something else. Of what goes by another name now, configuration that was forgotten uses nothing.
func stillUsed(pass *detectors.Pass, g removed, files []string) (bool, error) {
	for _, p := range files {
		if source.IsDoc(p) || isText(p) || source.IsTest(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		if g.keptBy(pass, p, text) {
			return true, nil
		}
	}
	return false, pass.Context.Err()
}

var recorded = lazy.New(`(?m)^\s*-?\s*record:\s*["']?([\w:]+)`)

// keptBy says whether a file of the head that names it keeps it in use.
func (g removed) keptBy(pass *detectors.Pass, p string, text []byte) bool {
	parse := func() (*source.File, error) { return pass.Source.Head(p) }
	switch g.kind {
	case "option":
		return slices.ContainsFunc(options.In(p, text, parse), func(o options.Option) bool { return o.Name == g.name })
	case "variable":
		return g.to == "" || source.LanguageOf(p) != "" || references.Script(p)
	case "metric":
		made := slices.ContainsFunc(recorded.FindAllSubmatch(text, 200), func(m [][]byte) bool { return slices.Contains(append(g.words, g.name), string(m[1])) })
		return made || source.LanguageOf(p) != ""
	case "output", "input":
		return slices.ContainsFunc(g.of.read(p, text, parse), func(n givenName) bool { return n.name == g.name })
	}
	return true
}

// namedIn is the line of a document that names it as code, 0 for none: between backticks, in a block of code, or in a
// command. An option counts where its program runs with it, or in the reference of a document that names the program.
func (g removed) namedIn(text string) int {
	text = strings.ReplaceAll(text, `\-`, "-") // as roff writes a dash
	if g.of.shown != "" {
		return shownAt(text, g.shownIn())
	}
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
	whole := regexp.MustCompile(`(?:^|[^\w-])` + name + `(?:$|[^\w-])`)
	shouted := strings.Contains(g.name, "_") && strings.ToUpper(g.name) == g.name
	listed := regexp.MustCompile(`^\s*\.\.\s+(?:\w+:)?option::.*(?:^|[\s,])` + name + `(?:$|[^\w-])|^\s*[*_` + "`" + `]*(?:-\w[*_` + "`" + `]*,\s*[*_` + "`" + `]*)?` + name + `(?:[ =][^:]*)?[*_` + "`" + `]*::?\s*$|^\.(?:B|BR|BI|IP|TP|OP|It Fl|Fl|Op Fl)\b.*` + strings.TrimPrefix(name, "-") + `(?:$|[^\w-])|\\fB` + name + `(?:$|[^\w-])|<(?:code|kbd|dt)>[^<]*` + name + `(?:$|[^\w-])`)
	row := regexp.MustCompile(`^\s*(?:export\s+|[|*-]\s*|(?:-\w, ?))?` + name + `(?:\s*[=|:]|\s{2,}|$)`)
	return eachLine(text, func(line string, code bool) bool {
		if !strings.Contains(line, g.name) {
			return false
		}
		return g.kind == "option" && (alone.MatchString(line) || listed.MatchString(strings.TrimRight(line, "\r\n")) || code && row.MatchString(line)) ||
			g.kind == "variable" && (span.MatchString(line) || code && row.MatchString(line) || (code || shouted) && whole.MatchString(line))
	})
}

func (g removed) programNamed(text string) bool {
	return slices.ContainsFunc(g.programs, func(p string) bool {
		return regexp.MustCompile(`(?:^|[^\w-])` + regexp.QuoteMeta(p) + `(?:$|[^\w-])`).MatchString(text)
	})
}

// eachLine is the first line of a document that a rule takes, 0 for none: what speaks of the past is left out, code says that the
// line stands in a block of code.
func eachLine(text string, takes func(line string, code bool) bool) int {
	code, past, n := false, 0, 0
	for line := range strings.Lines(text) {
		n++
		if fence.MatchString(line) {
			code = !code
			continue
		}
		if m := heading.FindStringSubmatch(strings.TrimRight(line, "\r\n")); !code && m != nil {
			depth := len(m[1])
			if past == 0 || depth <= past {
				past = 0
				if pastHeading.MatchString(m[2]) {
					past = depth
				}
			}
		}
		if past > 0 || len(line) > 4000 || formerly.MatchString(line) {
			continue
		}
		if takes(line, code || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")) {
			return n
		}
	}
	return 0
}

var codeSpan = lazy.New("`([^`\n]+)`")

// shownAt is the first line of a document that shows something in a block of code or between backticks, 0 for none.
func shownAt(text string, re *regexp.Regexp) int {
	return eachLine(text, func(line string, code bool) bool {
		if code {
			return re.MatchString(strings.TrimRight(line, "\r\n"))
		}
		return slices.ContainsFunc(codeSpan.FindAllStringSubmatch(line, 50), func(m []string) bool { return re.MatchString(m[1]) })
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
