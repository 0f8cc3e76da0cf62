package review

// Pages that the branch takes away, and what still leads to them.

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// removedPages are the documents that the branch deletes or moves.
func removedPages(b *branch.Branch) []*branch.File {
	var list []*branch.File
	for _, f := range b.Files {
		if f.Vendored || f.Status != branch.Deleted && f.Status != branch.Renamed {
			continue
		}
		if p := before(f); tellsPeople(p) && len(list) < maxNames {
			list = append(list, f)
		}
	}
	return list
}

func before(f *branch.File) string {
	if f.OldPath != "" {
		return f.OldPath
	}
	return f.Path
}

// reportRemovedPages reports the first line of each file that leads to a page which is gone.
func reportRemovedPages(pass *detectors.Pass, gone []*branch.File) error {
	var words []string
	for _, f := range gone {
		words = append(words, before(f), path.Base(before(f)))
	}
	if len(words) == 0 {
		return nil
	}
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return err
	}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	for _, f := range gone {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		old := before(f)
		told := map[string]bool{old: true}
		// A path is one word of the index with the folders before it: whoever names the page is looked up by any of them.
		files := append([]string{}, naming[old]...)
		files = append(files, naming[path.Base(old)]...)
		for _, p := range paths {
			if (tellsPeople(p) || strings.HasSuffix(p, ".md")) && path.Dir(p) == path.Dir(old) {
				files = append(files, p)
			}
		}
		for _, p := range files {
			if told[p] || source.IsTest(p) || history.MatchString(p) || len(told) > maxDocuments {
				continue
			}
			told[p] = true
			line := leadsTo(pass.Branch, p, old)
			if line == 0 {
				continue
			}
			now := "takes it away"
			if f.Status == branch.Renamed {
				now = "moves it to " + f.Path
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: p, Line: line, Symbol: path.Base(old),
				Message:  fmt.Sprintf("this leads to %s, and the branch %s", old, now),
				Why:      "Whoever follows it finds nothing, perhaps in the middle of an incident.",
				Fix:      "Lead to the page that says it now, or take the link out.",
				Related:  []detectors.Related{{Path: f.Path, Message: "the branch " + now}},
				Evidence: []string{"page", old},
			})
		}
	}
	return nil
}

// leadsTo is the first line of a file of the head that names a page by its path from the root, or links to it from where it is.
func leadsTo(b *branch.Branch, p, page string) int {
	text, err := b.ReadHead(p)
	if err != nil || len(text) > maxDocumentSize {
		return 0
	}
	forms := []string{}
	if strings.Contains(page, "/") {
		forms = append(forms, `(?:^|[\s"'(=:/\x60])(?:\./)?`+regexp.QuoteMeta(page)+`(?:$|[\s"')#?,\x60])`)
	}
	if tellsPeople(p) {
		// A relative link, as Markdown and reStructuredText write it.
		rel := relative(path.Dir(p), page)
		forms = append(forms, `\]\((?:\./)?`+regexp.QuoteMeta(rel)+`(?:[)#?\s])|`+"<(?:\\./)?"+regexp.QuoteMeta(rel)+`[>#]`)
	}
	if len(forms) == 0 {
		return 0
	}
	re := regexp.MustCompile(strings.Join(forms, "|"))
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if len(line) < 4000 && re.MatchString(strings.TrimRight(line, "\r\n")) && !formerly.MatchString(line) {
			return n
		}
	}
	return 0
}

// relative is the path of a file seen from a folder.
func relative(dir, p string) string {
	if dir == "." {
		return p
	}
	up := ""
	for d := dir; ; d = path.Dir(d) {
		if d == "." {
			return up + p
		}
		if rest, ok := strings.CutPrefix(p, d+"/"); ok {
			return up + rest
		}
		up += "../"
	}
}
