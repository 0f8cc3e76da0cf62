package review

// Where the run books stand that links name: in a file by its path, in a folder whose pages a site publishes, under a heading of one
// document.

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// bookSite finds the pages of links.
type bookSite struct {
	pass  *detectors.Pass
	paths []string
	pages []pageFolder
}

var inForge = lazy.New(`^https?://[^/]+/(?:[^/]+/)+?(?:-/)?(?:blob|tree|src/branch)/[^/]+/(.+)$`)

// misses says that a link leads nowhere where links like it lead to pages of the repository: with one of those, and the place.
func (s *bookSite) misses(l bookLink, others []bookLink) (example *bookLink, where string) {
	target, anchor, _ := strings.Cut(l.target, "#")
	if file := s.fileOf(l.path, target); file != "" {
		if anchor == "" || s.hasHeading(file, anchor) {
			return nil, ""
		}
		return s.likeAnchors(target, others, file)
	}
	if anchor != "" {
		// One page of a site: the document that has the headings of the others.
		for i := range others {
			page, a, ok := strings.Cut(others[i].target, "#")
			if !ok || page != target {
				continue
			}
			for _, p := range s.paths {
				if tellsPeople(p) && s.hasHeading(p, a) && s.hasAll(p, page, others) {
					if s.hasHeading(p, anchor) {
						return nil, ""
					}
					return &others[i], p
				}
			}
		}
		return nil, ""
	}
	prefix, slug := parted(target)
	var like []*bookLink
	for i := range others {
		t, _, _ := strings.Cut(others[i].target, "#")
		if p, o := parted(t); p == prefix && flatName(o) != flatName(slug) {
			like = append(like, &others[i])
		}
	}
	if len(like) == 0 {
		return nil, ""
	}
	if s.local(target) {
		for _, o := range like {
			t, _, _ := strings.Cut(o.target, "#")
			if file := s.fileOf(o.path, t); file != "" {
				return o, path.Dir(file)
			}
		}
		return nil, ""
	}
	for i := range s.pages {
		f := &s.pages[i]
		have, here := 0, map[string]bool{}
		for _, o := range like {
			t, _, _ := strings.Cut(o.target, "#")
			_, name := parted(t)
			if here[name] || f.has(name) {
				have++
				here[name] = true
			}
		}
		if have < len(like) || len(here) < 2 {
			continue
		}
		if f.has(slug) {
			return nil, ""
		}
		return like[0], f.dir
	}
	return nil, ""
}

// likeAnchors says that the headings which other links name are in the file.
func (s *bookSite) likeAnchors(target string, others []bookLink, file string) (*bookLink, string) {
	for i := range others {
		page, anchor, ok := strings.Cut(others[i].target, "#")
		if ok && page == target && s.hasHeading(file, anchor) {
			return &others[i], file
		}
	}
	return nil, ""
}

// hasAll says that a document has the headings that all links to one page name, at least two.
func (s *bookSite) hasAll(p, page string, others []bookLink) bool {
	seen := map[string]bool{}
	for _, o := range others {
		if t, a, ok := strings.Cut(o.target, "#"); ok && t == page {
			if !s.hasHeading(p, a) {
				return false
			}
			seen[a] = true
		}
	}
	return len(seen) >= 2
}

// local says that a target is a path of this repository.
func (s *bookSite) local(target string) bool {
	return !strings.Contains(target, "://") || inForge.MatchString(target)
}

// fileOf is the document that a target is the path of, seen from a file; empty for none.
func (s *bookSite) fileOf(from, target string) string {
	if m := inForge.FindStringSubmatch(target); m != nil {
		target = "/" + m[1]
	} else if strings.Contains(target, "://") {
		return ""
	}
	var tries []string
	if !strings.HasPrefix(target, "/") {
		tries = append(tries, path.Join(path.Dir(from), target))
	}
	tries = append(tries, path.Clean(strings.TrimLeft(target, "/")))
	for _, t := range tries {
		for _, p := range []string{t, t + ".md", t + "/README.md", t + "/index.md"} {
			if _, ok := slices.BinarySearch(s.paths, p); ok {
				return p
			}
		}
	}
	return ""
}

// parted cuts an address into what goes before its last part, and that part without the ending of a page.
func parted(target string) (prefix, slug string) {
	target = strings.TrimRight(target, "/")
	i := strings.LastIndexByte(target, '/')
	slug = target[i+1:]
	if ext := path.Ext(slug); slices.Contains(append(textEndings, ".html"), ext) {
		slug = strings.TrimSuffix(slug, ext)
	}
	return target[:i+1], slug
}

// hasHeading says whether a document has a heading with an anchor's words, or the anchor itself.
func (s *bookSite) hasHeading(p, anchor string) bool {
	text, err := s.pass.Branch.ReadHead(p)
	if err != nil || len(text) > maxDocumentSize {
		return true
	}
	want := lettersOf(anchor)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if lettersOf(strings.Trim(line, "#= ")) == want && line != "" || strings.Contains(line, `"`+anchor+`"`) || strings.Contains(line, "#"+anchor+"}") || strings.Contains(line, "_"+anchor+":") {
			return true
		}
	}
	return false
}

func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}
