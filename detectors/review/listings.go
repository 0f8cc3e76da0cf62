package review

// Which document lists things of one kind: as headings, rows of a table, items of a list, terms, or a page for each.

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// manual are pages of a manual in roff.
var manual = lazy.New(`\.[1-8](?:\.in)?$`)

// kindSuffix is what a name says of its own kind.
var kindSuffix = lazy.New(`(?i)[-_.]?(?:job|worker|task|alert|rule|service|handler|command|consumer|plugin|integration|provider|cron|workflow|dag)s?$`)

const (
	// fewestPaged and fewestListed are how many siblings make a rule of where they stand.
	fewestPaged  = 2
	fewestListed = 3
	// maxListings bounds the documents that are read for one group.
	maxListings = 20
)

// spellings are what an index of identifiers may have of the name.
func (n givenName) spellings() []string {
	if len(n.words) > 0 {
		return n.words
	}
	return []string{strings.TrimLeft(n.name, "-")}
}

// namedBy are the files that name it in one of its spellings.
func (n givenName) namedBy(naming map[string][]string) []string {
	var files []string
	for _, w := range n.spellings() {
		files = append(files, naming[w]...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func (g siblingGroup) words() []string {
	var list []string
	for _, n := range slices.Concat(g.old, g.fresh) {
		list = append(list, n.spellings()...)
	}
	return list
}

// pagedIn is the folder in which each of the siblings has its page, nil for none.
func (g siblingGroup) pagedIn(pages []pageFolder) *pageFolder {
	need := fewestPaged
	if g.files {
		need = fewestListed
	}
	for i := range pages {
		f := &pages[i]
		if len(f.pages) < len(g.old) || len(g.old) < need && f.index == "" || len(g.old) == 0 {
			continue
		}
		have := 0
		for _, n := range g.old {
			if f.has(n.name) {
				have++
			}
		}
		if have == len(g.old) || have >= 10 && have*10 >= len(g.old)*9 {
			return f
		}
	}
	return nil
}

// listedIn is the document that lists the siblings, with the line of the first; empty for none.
func (g siblingGroup) listedIn(pass *detectors.Pass, naming map[string][]string) (p string, line int) {
	need := fewestListed
	if g.files {
		need++
	}
	few := len(g.old) < need
	if few && (len(g.old) < need-1 || g.files) {
		return "", 0
	}
	count := map[string]int{}
	for _, n := range g.old {
		for _, p := range n.namedBy(naming) {
			count[p]++
		}
	}
	var candidates []string
	for p, n := range count {
		if n*10 >= len(g.old)*9 && (tellsPeople(p) || manual.MatchString(p)) && p != g.path {
			candidates = append(candidates, p)
		}
	}
	slices.Sort(candidates)
	for _, p := range candidates[:min(len(candidates), maxListings)] {
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > maxDocumentSize || madeByTool.Match(text[:min(len(text), 2000)]) {
			continue
		}
		if line := g.entries(string(text)); line > 0 && (!few || claimsAll.Match(text)) {
			return p, line
		}
	}
	return "", 0
}

// claimsAll is a sentence by which a document has all of a kind.
var claimsAll = lazy.New(`(?i)\b(?:every|all|each|complete(?: list)?(?: of)?|full list of)\s+(?:the\s+|of the\s+|available\s+|supported\s+)?(?:\w+\s+){0,2}?(?:options?|flags?|switch(?:es)?|commands?|subcommands?|(?:environment\s+)?variables?|settings?|keys?|metrics?|alerts?|endpoints?|routes?|paths?|inputs?|outputs?|values?|jobs?|events?|parameters?|arguments?|codes?|roles?|permissions?|topics?|queues?)\b`)

// madeByTool marks a document that a program writes.
var madeByTool = lazy.New(`(?i)auto-?generated|generated (?:by|from|with|using)|do not edit|BEGIN_TF_DOCS`)

// entries is the line of the first entry of a text that has one for each of the siblings, 0 where it has not.
func (g siblingGroup) entries(text string) int {
	first, found := 0, map[string]bool{}
	patterns := map[string]*regexp.Regexp{}
	for _, n := range g.old {
		patterns[n.name] = n.entry(g.keys)
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if len(line) > 2000 {
			continue
		}
		line = strings.ReplaceAll(strings.TrimRight(line, "\r\n"), `\`, "")
		for _, o := range g.old {
			if !found[o.name] && (o.pattern != "" || strings.Contains(line, o.name)) && patterns[o.name].MatchString(line) {
				found[o.name] = true
				if first == 0 {
					first = n
				}
			}
		}
	}
	if len(found) == len(g.old) || len(found) >= 10 && len(found)*10 >= len(g.old)*9 {
		return first
	}
	return 0
}

// entry recognises a line that begins with the name: a heading, a row, an item, a term, an assignment, a request of roff. A key of a
// configuration has to be marked as code, or to be the heading.
func (n givenName) entry(marked bool) *regexp.Regexp {
	name := n.pattern
	if name == "" {
		name = regexp.QuoteMeta(n.name)
	}
	if marked {
		return regexp.MustCompile("^[\\s>|*+-]*(?:\\d+[.)]\\s*)?(?:#{1,6}\\s+)?[*_]{0,2}`" + name + "`|^#{1,6}\\s+" + name + "\\s*$")
	}
	return regexp.MustCompile(`^(?:[\s>|*+#=` + "`" + `_\["'(.-]|\d+[.)]\s|<[a-z]+>|\.(?:It|Fl|B|BI|BR|IP|TP|Op|Cm|Nm)\b|export\s|(?:GET|POST|PUT|PATCH|DELETE|HEAD|ANY)\b|-\w\b[` + "`" + `*]*(?:,|\s\|)?)*(?:[A-Za-z][\w.-]*\s)?[` + "`" + `*_"']*` + name + `(?:$|[^\w-]|-\s)`)
}
