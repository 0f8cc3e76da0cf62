package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// UnlistedAddition finds a new option, command, variable, metric, alert, job or endpoint that a reference leaves out which has all
// others of its kind, or that has no page where each of the others has one.
var UnlistedAddition = &detectors.Detector{
	ID:    "review/unlisted-addition",
	Title: "Everything beside it is in the documents, and the new thing is not",
	Run:   runUnlisted,
}

func runUnlisted(pass *detectors.Pass) error {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	pages := pagesOf(paths)
	demanding(pass.Branch, pages)
	fewest := fewestPaged
	if demanded(pages) {
		fewest = 1
	}
	groups, err := siblingGroups(pass, fewest)
	if err != nil {
		return err
	}
	if len(groups) == 0 {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, g := range groups {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		g.fresh = slices.DeleteFunc(g.fresh, func(n givenName) bool { return told[flatName(n.name)] })
		if len(g.fresh) == 0 {
			continue
		}
		reported, err := g.report(pass, pages)
		if err != nil {
			return err
		}
		for _, n := range reported {
			told[flatName(n.name)] = true
		}
	}
	return nil
}

// report reports what of the group is fresh and in no document, and gives it back.
func (g siblingGroup) report(pass *detectors.Pass, pages []pageFolder) ([]givenName, error) {
	naming, err := pass.Source.Naming(pass.Context, g.words()...)
	if err != nil {
		return nil, err
	}
	if place := g.pagedIn(pages); place != nil {
		reason := fmt.Sprintf("each of the %d beside it has a page in %s", len(g.old), place.dir)
		if len(g.old) < fewestPaged {
			reason = fmt.Sprintf("%s wants a page for each (%s)", place.index, place.demand)
		}
		missing := slices.DeleteFunc(slices.Clone(g.fresh), func(n givenName) bool {
			return place.has(n.name) || slices.ContainsFunc(n.namedBy(naming), func(p string) bool { return strings.HasPrefix(p, place.dir+"/") })
		})
		if len(missing) > 0 {
			at := place.pageOf(g.old[0].name)
			g.tell(pass, missing, place.dir, detectors.Related{Path: at, Message: g.old[0].name + " has its page here"},
				reason)
		}
		return missing, nil
	}
	listing, line := g.listedIn(pass, naming)
	if listing == "" {
		return nil, nil
	}
	missing := slices.DeleteFunc(slices.Clone(g.fresh), func(n givenName) bool { return n.toldIn(pass.Branch, n.namedBy(naming), listing) })
	if len(missing) > 0 {
		g.tell(pass, missing, listing, detectors.Related{Path: listing, Line: line, Message: fmt.Sprintf("the other %d are listed here", len(g.old))},
			fmt.Sprintf("%s has the other %d", listing, len(g.old)))
	}
	return missing, nil
}

func (g siblingGroup) tell(pass *detectors.Pass, missing []givenName, place string, related detectors.Related, reason string) {
	first := missing[0]
	names := first.name
	for _, n := range missing[1:min(len(missing), 6)] {
		names += ", " + n.name
	}
	is := "is"
	if len(missing) > 1 {
		is = "are"
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: g.path, Line: first.line, Symbol: first.name,
		Message:  fmt.Sprintf("the new %s %s %s in no document, and %s", g.kind, names, is, reason),
		Why:      "Whoever looks it up where everything else is, when using it or when it fails, does not find it.",
		Fix:      fmt.Sprintf("Add %s to %s.", names, place),
		Related:  []detectors.Related{related},
		Evidence: append([]string{g.kind, place}, first.name),
	})
}

// toldIn says whether one of the files that name it is a document, or whether the branch adds all its words to the listing.
func (n givenName) toldIn(b *branch.Branch, files []string, listing string) bool {
	if slices.ContainsFunc(files, func(p string) bool { return tellsPeople(p) || manual.MatchString(p) || shownToUsers(p) }) {
		return true
	}
	f := b.File(listing)
	if f == nil {
		return false
	}
	after, err := f.After()
	if err != nil {
		return false
	}
	var added strings.Builder
	for i, line := range strings.Split(string(after), "\n") {
		if f.Touched(i + 1) {
			added.WriteString(line + "\n")
		}
	}
	words := wordsOf(added.String())
	return !slices.ContainsFunc(wordsOf(n.name), func(w string) bool { return !slices.Contains(words, w) })
}
