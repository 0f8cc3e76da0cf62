package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// renamedNames reports who still makes addresses by a route's name that the branch changed: {% url %} and reverse, route(),
// and Rails' _path and _url.
func (t *routeTable) renamedNames() error {
	told := map[string]bool{}
	for _, r := range t.old {
		lives := func(n routes.Route) bool { return n.Name == r.Name }
		if r.Name == "" || len(r.Name) < 4 || told[r.Name] || slices.ContainsFunc(t.now, lives) {
			continue
		}
		told[r.Name] = true
		if err := t.reportName(r); err != nil {
			return err
		}
	}
	return nil
}

func (t *routeTable) reportName(r routes.Route) error {
	var words []string
	var use *lazy.Regexp
	name := regexp.QuoteMeta(r.Name)
	switch source.LanguageOf(r.File) {
	case source.Ruby:
		words = []string{r.Name + "_path", r.Name + "_url"}
		use = lazy.New(`(?:^|[^\w:.@"'])` + name + `_(?:path|url)\b`)
	case source.Python:
		words = []string{r.Name}
		use = lazy.New(`(?:\{%\s*url\s+|\breverse(?:_lazy)?\(\s*|\bredirect\(\s*|\bresolve_url\(\s*)["'](?:[\w-]+:)?` + name + `["']`)
	case source.PHP:
		words = []string{r.Name}
		use = lazy.New(`\b(?:route|to_route|signedRoute|temporarySignedRoute|path|url|generateUrl|redirectToRoute)\(\s*["']` + name + `["']`)
	default:
		return nil
	}
	naming, err := t.pass.Source.Naming(t.pass.Context, append(words, r.Name)...)
	if err != nil {
		return err
	}
	for i, p := range naming[r.Name] { // another file may give the name
		if i < maxCandidates && slices.ContainsFunc(t.after.routes(p), func(n routes.Route) bool { return n.Name == r.Name }) {
			return nil
		}
	}
	var files []string
	for _, w := range words {
		files = append(files, naming[w]...)
	}
	slices.Sort(files)
	defined := regexp.MustCompile(`def ` + name + `_(?:path|url)\b|direct[ (]:` + name + `\b|helper_method.*:` + name + `_|\bas:? ?(?:=> ?)?[:"']` + name + `\b|(?:concern|draw|devise_for|resources?)\b.*` + name)
	var found []detectors.Finding
	for _, p := range slices.Compact(files) {
		text, err := t.pass.Branch.ReadHead(p)
		if err != nil || skipped(p) || source.IsDoc(p) {
			continue
		}
		if source.LanguageOf(r.File) == source.Ruby && defined.Match(text) {
			return nil
		}
		at := use.FindIndex(text)
		if at == nil {
			continue
		}
		line := 1 + countLines(text[:at[1]])
		if changed := t.pass.Branch.File(p); changed != nil && changed.Touched(line) {
			continue
		}
		found = append(found, detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: r.Name,
			Message:  fmt.Sprintf("still makes an address by the route name %q, which the branch took away", r.Name),
			Why:      "The page or the redirect fails when it is rendered, not when it is built.",
			Fix:      "Use the new name here, or keep the old one for the new route.",
			Related:  []detectors.Related{{Path: r.File, Message: fmt.Sprintf("%s no longer names %s", path.Base(r.File), r.Path)}},
			Evidence: []string{r.Name, r.Path},
		})
	}
	for _, f := range found {
		t.pass.Report(f)
	}
	return nil
}

func countLines(text []byte) int {
	n := 0
	for _, b := range text {
		if b == '\n' {
			n++
		}
	}
	return n
}
