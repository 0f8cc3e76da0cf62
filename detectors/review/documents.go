package review

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Which files tell people what to do or to expect today, and the passages that they consist of.

// history are documents that name what is gone rightly.
var history = lazy.New(`(?i)(?:^|[/_.-])(?:change[_-]?logs?|changes|history|news|newsfragments|releases?|release[_-]notes|migrat\w*|upgrad\w*|deprecat\w*|adrs?|decisions|rfcs?|proposals|designs?|postmortems?|incidents|blogs?|legacy|v\d+)(?:[/_.-]|$)|(?:^|/)(?:archived?|archives)/|^\.change(?:set|s)/|^changelog\.d/`)

// formerly marks a line that speaks of the past.
var formerly = lazy.New(`(?i)\b(?:removed|renamed|replaced (?:by|with)|deprecated|formerly|former|previously|no longer|used to|old name|was called|obsolete|until (?:version|v?\d)|before (?:version|v?\d)|so far)\b`)

// pastHeading is the heading of a section about one version, or about the past.
var pastHeading = lazy.New(`(?i)^[\[(]?v?\d+\.\d+|^(?:change ?log|history|release notes|what'?s new|upgrad\w*|migrat\w*|breaking changes|deprecat\w*)\b`)

var textEndings = []string{".md", ".mdx", ".markdown", ".rst", ".adoc", ".asciidoc", ".txt", ".1"}

// isText says whether a path is a document for people, also one about the past.
func isText(p string) bool {
	return slices.Contains(textEndings, strings.ToLower(path.Ext(p))) && !source.IsTest(p) && !pinnedList.MatchString(path.Base(p))
}

// tellsPeople says whether a path is a document that tells people what to do today.
func tellsPeople(p string) bool {
	return isText(p) && !history.MatchString(p)
}

// pinnedList are texts for programs: requirements of Python, CMake's, robots.
var pinnedList = lazy.New(`(?i)^(?:requirements.*|constraints.*|cmakelists|robots|humans|licen[sc]e.*|copying.*|notice.*)\.txt$|^licen[sc]e`)

// Where products keep what their users read: translations, help, mails, macros of the support team.
var (
	shownFolder = lazy.New(`(?i)(?:^|/)(?:locales?|po|i18n|l10n|lang|langs|translations?|help|faqs?|support|macros|canned[\w-]*|playbooks?|runbooks?|wiki|docs?|mailers?|mails?|emails?)/`)
	shownEnding = lazy.New(`(?i)\.(?:json|ya?ml|po|properties|html?|erb|hbs|mjml|ftl|arb|xlf|haml|liquid|twig|j2|strings|resx)$`)
	description = lazy.New(`(?i)(?:^|/)(?:openapi|swagger|asyncapi)[\w.-]*\.(?:ya?ml|json)$`)
)

// shownToUsers says whether a path holds sentences that users of the product read, beside data.
func shownToUsers(p string) bool {
	return (shownEnding.MatchString(p) && shownFolder.MatchString(p) || description.MatchString(p)) && !history.MatchString(p) && !source.IsTest(p)
}

// A passage is what is read as one: a paragraph, an item of a list, a row of a table.
type passage struct {
	// heading is the title of the document and of the sections around it, with the head of a table.
	heading string
	text    string
	line    int
	// code says that it stands in a block of code or begins as a command.
	code bool
	// past says that the section is about a version, or about what was.
	past bool
}

// A document is one text for people with its passages.
type document struct {
	path     string
	passages []passage
	// spoken says that it is a template or code, whose texts count for values only.
	spoken bool
	// headings are the titles of its sections, each a passage of its own.
	headings []passage
}

// Bounds of what is read for one branch.
const (
	maxDocumentsRead = 4000
	maxSpokenRead    = 3000
	maxDocumentSize  = 512 << 10
	maxPassages      = 20000
)

// readDocuments are the texts for people at the head that hold one of the words, and templates and code that speak of one.
func readDocuments(pass *detectors.Pass, holds, speaks func(text string) bool) ([]document, error) {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	var list []document
	read, heard := 0, 0
	for _, p := range paths {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		prose := tellsPeople(p)
		spoken := !prose && !shownToUsers(p) && speaksToUsers(p)
		if !prose && !spoken && !shownToUsers(p) || strings.Contains("/"+p, "/node_modules/") || strings.Contains("/"+p, "/vendor/") {
			continue
		}
		if spoken {
			if heard++; speaks == nil || heard > maxSpokenRead {
				continue
			}
		} else if read++; read > maxDocumentsRead {
			break
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > maxDocumentSize || !spoken && !holds(string(text)) || spoken && !speaks(string(text)) {
			continue
		}
		d := document{path: p, spoken: spoken}
		switch {
		case prose:
			d.passages, d.headings = cut(string(text))
		case spoken:
			d.passages = spokenIn(p, string(text))
		default:
			d.passages = sentencesOf(string(text))
		}
		list = append(list, d)
	}
	return list, nil
}

// sentencesOf are the lines of a data file that hold prose.
func sentencesOf(text string) []passage {
	var list []passage
	n := 0
	for line := range strings.Lines(text) {
		n++
		if len(line) < 2000 && len(strings.Fields(line)) >= 4 && len(list) < maxPassages {
			list = append(list, passage{text: strings.TrimSpace(line), line: n})
		}
	}
	return list
}

var (
	heading   = lazy.New(`^(#{1,6}|={1,6})\s+(.+?)\s*#*$`)
	underline = lazy.New(`^(?:={3,}|-{3,}|~{3,}|\^{3,})\s*$`)
	listItem  = lazy.New(`^\s*(?:[-*+]|\d+[.)])\s+`)
	fence     = lazy.New("^\\s*(?:```|~~~)")
)

// reader cuts a document into passages, line by line.
type reader struct {
	list, titles []passage
	// levels are the headings around the line, by their depth.
	levels [7]string
	table  string
	code   bool
	open   []string
	from   int
	// blank says that the line above is empty, listed that a list was begun in this section.
	blank, listed bool
	// indented says that the line above was code by its indentation.
	indented bool
}

// passagesOf are the passages of a document without the titles of its sections.
func passagesOf(text string) []passage {
	list, _ := cut(text)
	return list
}

// cut cuts a document into its passages and the titles of its sections.
func cut(text string) (passages, headings []passage) {
	r := &reader{}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if len(r.list) >= maxPassages {
			break
		}
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		r.line(i+1, strings.TrimRight(line, "\r \t"), next)
	}
	r.close()
	return r.list, r.titles
}

func (r *reader) line(n int, line, next string) {
	trimmed := strings.TrimSpace(line)
	defer func() { r.blank = trimmed == "" || heading.MatchString(line) }()
	if trimmed != "" && line[0] != ' ' && line[0] != '\t' {
		r.indented = false
	}
	m := heading.FindStringSubmatch(line)
	switch {
	case fence.MatchString(line):
		r.close()
		r.code = !r.code
	case r.code:
		r.close()
		r.add(n, trimmed)
	case trimmed == "" || underline.MatchString(line):
		r.close()
		r.table = ""
	case m != nil:
		r.title(n, len(m[1]), m[2])
	case underline.MatchString(next) && len(r.open) == 0 && !strings.HasPrefix(trimmed, "-") && !strings.HasPrefix(trimmed, "|"):
		depth := 2
		if strings.HasPrefix(next, "=") {
			depth = 1
		}
		r.title(n, depth, trimmed)
	case strings.HasPrefix(trimmed, "|"):
		r.close()
		if r.table == "" {
			r.table = trimmed
		}
		r.add(n, trimmed)
	case (strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")) && len(r.open) == 0 && (r.blank || r.indented) && (!r.listed || strings.HasPrefix(line, "       ")):
		r.code = true
		r.add(n, trimmed)
		r.code, r.indented = false, true
	case listItem.MatchString(line) || strings.HasPrefix(line, "    ") && len(r.open) == 0:
		r.listed = r.listed || listItem.MatchString(line)
		r.close()
		r.open, r.from = []string{trimmed}, n
	default:
		if len(r.open) == 0 {
			r.from = n
		}
		r.open = append(r.open, trimmed)
	}
}

func (r *reader) title(n, depth int, text string) {
	r.close()
	r.listed = false
	r.titles = append(r.titles, passage{text: text, line: n, past: pastHeading.MatchString(text)})
	r.table = ""
	r.levels[depth] = text
	for i := depth + 1; i < len(r.levels); i++ {
		r.levels[i] = ""
	}
}

func (r *reader) close() {
	if len(r.open) > 0 {
		r.add(r.from, strings.Join(r.open, "\n"))
		r.open = nil
	}
}

func (r *reader) add(n int, text string) {
	if text == "" || len(text) > 8000 {
		return
	}
	p := passage{text: text, line: n, code: r.code, heading: strings.Join(append(r.levels[:], r.table), " ")}
	for _, h := range r.levels {
		p.past = p.past || pastHeading.MatchString(h)
	}
	r.list = append(r.list, p)
}

// lineAt is the number of the line of a passage that a place in its text stands in.
func (p passage) lineAt(at int) int { return p.line + strings.Count(p.text[:at], "\n") }
