package review

// Folders of documents that have a page for each thing of a kind, and what their index demands.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// A pageFolder is a folder of documents that may be one for each thing.
type pageFolder struct {
	dir string
	// pages are the paths by their folded names.
	pages map[string]string
	// index is the document that demands a page for each, demand its words; empty where none does.
	index, demand string
	// indexes are the documents that lead the folder: its read-me, its index, its template.
	indexes []string
}

func (f *pageFolder) has(name string) bool { return f.pageOf(name) != "" }

// pageOf is the page of a thing, empty without one: what a name says of its own kind (Job, Alert) a page leaves out.
func (f *pageFolder) pageOf(name string) string {
	for _, n := range []string{flatName(name), flatName(kindSuffix.ReplaceAllString(name, "")), flatName(kindPrefix.ReplaceAllString(name, ""))} {
		if p := f.pages[n]; p != "" {
			return p
		}
	}
	return ""
}

// flatName is a name without case and separators.
func flatName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r == ' ' || r == '/' || r == ':' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimLeft(name, "-/")))
}

// pagesOf are the folders of documents, with the pages in them; a folder with an index of its own is a page too.
func pagesOf(paths []string) []pageFolder {
	by, indexes := map[string]map[string]string{}, map[string][]string{}
	put := func(dir, name, p string) {
		if by[dir] == nil {
			by[dir] = map[string]string{}
		}
		by[dir][flatName(name)] = p
	}
	for _, p := range paths {
		if !isText(p) && !manual.MatchString(p) || strings.Contains("/"+p, "/node_modules/") || strings.Contains("/"+p, "/vendor/") {
			continue
		}
		base := strings.TrimSuffix(path.Base(p), path.Ext(p))
		if strings.EqualFold(base, "index") || strings.EqualFold(base, "readme") {
			if dir := path.Dir(p); dir != "." {
				put(path.Dir(dir), path.Base(dir), p)
				indexes[dir] = append(indexes[dir], p)
			}
			continue
		}
		put(path.Dir(p), base, p)
	}
	var list []pageFolder
	for dir, pages := range by {
		list = append(list, pageFolder{dir: dir, pages: pages, indexes: indexes[dir]})
	}
	slices.SortFunc(list, func(a, b pageFolder) int { return strings.Compare(a.dir, b.dir) })
	return list
}

// eachHasOne is a sentence that wants a page for each thing of a kind.
var eachHasOne = lazy.New(`(?i)\b(?:one|an?|own|its)\s+(?:\w+\s+)?(?:page|file|document|run-?\s?book|playbook|entry|doc)s?\s+(?:per|(?:for|to|of)\s+(?:each|every|any))\s+\w+|\b(?:each|every|any|all|no)\s+(?:new\s+)?[\w-]+(?:\s+[\w-]+){0,4}?\s+(?:must\s+|should\s+|needs?\s+to\s+|shall\s+|does\s+not\s+|goes\s+|ships?\s+|may\s+)*(?:have|has|need|needs|gets?|require[sd]?|comes? with|go(?:es)? live without|live without|without)\s+(?:its|an?|one|their)\s+(?:own\s+)?(?:\w+\s+)?(?:page|file|document|run-?\s?book|playbook|entry|doc)\b|\b(?:the|its)\s+(?:page|file|document|run-?\s?book|playbook|entry|doc)\s+(?:of|for|to)\s+(?:each|every)\b|\b(?:what to do|whom to call|how to)\b[^.;]{0,60}\b(?:each|every)\b|\b(?:for|of|behind)\s+(?:each|every)\s+(?:one\b|\w+)[^.;]{0,40}\b(?:there is|we (?:keep|have)|lives?|stands?)\b[^.;]{0,20}\b(?:a|one|its)\s+(?:\w+\s+)?(?:page|file|document|run-?\s?book|playbook|entry|doc)\b|\b(?:each|every)\s+[\w-]+(?:'s|’s)\s+(?:page|file|document|run-?\s?book|playbook|entry|doc)\b|\b(?:each|every)\s+[\w-]+\s+(?:is|are)\s+(?:described|documented|explained)\b`)

// maxIndexes bounds the indexes that are read for what they demand.
const maxIndexes = 200

// kindPrefix is what a name begins with to say its own kind.
var kindPrefix = lazy.New(`(?i)^(?:cron-?jobs?|jobs?|alerts?|services?|workers?|tasks?|deployments?|workflows?|dags?)[-_.]`)

// leading are documents that say how the whole repository is kept.
var leading = []string{"README.md", "CONTRIBUTING.md", "AGENTS.md", "CLAUDE.md", "docs/README.md", "docs/index.md", ".github/CONTRIBUTING.md"}

// demanding notes which folders have an index, or are named in the repository's read-me, that wants a page for each thing of a kind.
func demanding(b *branch.Branch, pages []pageFolder) {
	read := 0
	for _, p := range leading {
		text, err := b.ReadHead(p)
		if err != nil || len(text) > maxDocumentSize {
			continue
		}
		for _, rule := range passagesOf(string(text)) {
			m := eachHasOne.FindString(rule.text)
			if m == "" {
				continue
			}
			for i := range pages {
				if f := &pages[i]; f.demand == "" && f.dir != "." && namesFolder(rule.text, f.dir) {
					f.index, f.demand = p, strings.Join(strings.Fields(m), " ")
				}
			}
		}
	}
	for i := range pages {
		f := &pages[i]
		for _, p := range f.indexes {
			if read++; read > maxIndexes || len(f.pages) == 0 {
				break
			}
			text, err := b.ReadHead(p)
			if err != nil || len(text) > maxDocumentSize || f.demand != "" {
				continue
			}
			if m := eachHasOne.FindString(string(text)); m != "" {
				f.index, f.demand = p, strings.Join(strings.Fields(m), " ")
			}
		}
	}
}

// namesFolder says whether a text names a folder itself, with or without a slash behind it, and no more than it.
func namesFolder(text, dir string) bool {
	at := strings.Index(text, dir)
	if at < 0 || at > 0 && (isWordByte(text[at-1]) || text[at-1] == '/' && at > 1 && isWordByte(text[at-2])) {
		return false
	}
	rest := strings.TrimPrefix(text[at+len(dir):], "/")
	return rest == "" || !isWordByte(rest[0]) && rest[0] != '-' && rest[0] != '/'
}

// demanded says whether some folder wants a page for each thing of a kind.
func demanded(pages []pageFolder) bool {
	return slices.ContainsFunc(pages, func(f pageFolder) bool { return f.index != "" })
}
