package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// StaleTemplate finds templates that read a value which the code on the branch hands over under another name.
var StaleTemplate = &detectors.Detector{
	ID:    "contracts/stale-template",
	Title: "A template reads a value that the branch hands over under another name",
	Run:   runTemplates,
}

// A templateCheck looks for the templates of one branch.
type templateCheck struct {
	pass          *detectors.Pass
	before, after side
	told          map[string]bool
}

func runTemplates(pass *detectors.Pass) error {
	t := &templateCheck{pass, side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}, map[string]bool{}}
	if !slices.ContainsFunc(t.after.paths(), templateExt.MatchString) {
		return detectors.ErrNotApplicable
	}
	var old, now []*source.File
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		if f.Status != branch.Added {
			if g := t.before.file(cmpOr(f.OldPath, f.Path)); g != nil {
				old = append(old, g)
			}
		}
		if f.Status != branch.Deleted {
			if g := t.after.file(f.Path); g != nil {
				now = append(now, g)
			}
		}
		if f.Status == branch.Modified {
			t.instances(f.Path)
		}
	}
	for _, f := range old {
		for _, g := range now {
			if f.Path == g.Path || pass.Branch.File(g.Path).OldPath == f.Path {
				t.contexts(f, g)
				t.literals(f, g)
			}
		}
	}
	return t.members(old, now)
}

// contexts compares what two sides of a file hand to templates.
func (t *templateCheck) contexts(f, g *source.File) {
	news := renderings(g)
	for _, r := range renderings(f) {
		n, ok := matchRenderings(r, news)
		if !ok || n.open {
			continue
		}
		var gone, added []string
		for _, k := range keysOf(r.keys) {
			if _, kept := n.keys[k]; !kept && len(k) > 2 {
				gone = append(gone, k)
			}
		}
		for _, k := range keysOf(n.keys) {
			if _, known := r.keys[k]; !known {
				added = append(added, k)
			}
		}
		for i, k := range gone {
			to := ""
			if len(added) > 0 {
				to = added[min(i, len(added)-1)]
			} else if t.handedElsewhere(k, g.Path) {
				continue
			}
			line := n.line
			if to != "" {
				line = n.keys[to]
			}
			for _, p := range t.after.templatesNamed(r.template, g.Path) {
				t.descend(p, k, to, g.Path, line, map[string]bool{})
			}
		}
	}
}

// handedElsewhere says that another changed file speaks of a value: it may hand it over for all templates now.
func (t *templateCheck) handedElsewhere(name, than string) bool {
	for _, f := range t.pass.Branch.Files {
		if f.Path == than || f.Status == branch.Deleted || source.LanguageOf(f.Path) == "" {
			continue
		}
		text, err := t.after.text(f.Path)
		if err == nil && regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).Match(text) {
			return true
		}
	}
	return false
}

// descend looks for a value in a template and in those that it takes in.
func (t *templateCheck) descend(p, name, to, from string, line int, seen map[string]bool) {
	if seen[p] || len(seen) > 20 {
		return
	}
	seen[p] = true
	text, err := t.after.text(p)
	if err != nil || len(text) > branch.MaxFile {
		return
	}
	if at := readsAt(p, string(text), name); at > 0 {
		t.report(p, at, name, to, from, line)
	}
	if regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `['"]?\s*(=[^=]|=>|:)`).Match(text) {
		return // it hands the value on under the old name
	}
	for _, n := range included(string(text)) {
		for _, q := range t.after.templatesNamed(n, p) {
			t.descend(q, name, to, from, line, seen)
		}
	}
}

// report tells of a template once for each name.
func (t *templateCheck) report(p string, at int, name, to, from string, line int) {
	if changed := t.pass.Branch.File(p); changed != nil && changed.Touched(at) || t.told[p+"\x00"+name] || skipped(p) {
		return
	}
	t.told[p+"\x00"+name] = true
	did := "the branch does not hand it over any more"
	if to != "" {
		did = fmt.Sprintf("the branch hands over %q", to)
	}
	t.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: at, Symbol: name,
		Message:  fmt.Sprintf("still reads %q; %s", name, did),
		Why:      "Most template engines render a name that they do not know as nothing, and no compiler reads this file.",
		Fix:      "Read the new name here, and let a test render this template and look at the text.",
		Related:  []detectors.Related{{Path: from, Line: line, Message: did + " here"}},
		Evidence: []string{name, to, path.Base(from)},
	})
}

// instances compares the instance variables that a Rails controller or mailer gives to its views.
func (t *templateCheck) instances(p string) {
	was, err := t.before.text(p)
	if err != nil {
		return
	}
	is, err := t.after.text(p)
	if err != nil {
		return
	}
	old, folder := instanceValues(p, was)
	now, _ := instanceValues(p, is)
	if folder == "" {
		return
	}
	var added []string
	for _, k := range keysOf(now) {
		if _, known := old[k]; !known {
			added = append(added, k)
		}
	}
	for _, k := range keysOf(old) {
		if _, kept := now[k]; kept || len(added) == 0 {
			continue
		}
		use := regexp.MustCompile(`@` + regexp.QuoteMeta(k) + `\b`)
		for _, v := range t.after.paths() {
			if !strings.HasPrefix(v, folder) || !templateExt.MatchString(v) {
				continue
			}
			text, err := t.after.text(v)
			if err != nil {
				continue
			}
			if at := use.FindIndex(text); at != nil && !regexp.MustCompile(`@`+regexp.QuoteMeta(k)+`\s*(\|\|)?=[^=]`).Match(text) {
				t.report(v, 1+countLines(text[:at[0]]), "@"+k, "@"+added[0], p, now[added[0]])
			}
		}
	}
}
