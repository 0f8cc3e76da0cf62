package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// ValueRemoved finds places that still use a value which the branch took out of an enumeration or renamed.
var ValueRemoved = &detectors.Detector{
	ID:    "contracts/value-removed",
	Title: "A place still uses a value that the branch took out of an enumeration",
	Run:   runValues,
}

func runValues(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var old, now []*valueSet
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		if f.Status != branch.Added {
			old = append(old, setsIn(before, cmpOr(f.OldPath, f.Path))...)
		}
		if f.Status != branch.Deleted {
			now = append(now, setsIn(after, f.Path)...)
		}
	}
	if len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, o := range old {
		i := slices.IndexFunc(now, func(n *valueSet) bool { return n.owner == o.owner && n.dialect == o.dialect && n.path == o.path })
		if i < 0 {
			continue
		}
		lost := without(o.values, now[i].values)
		if respelt := recased(lost, without(now[i].values, o.values)); len(lost) == 0 || !respelt && (len(lost) > 3 || len(lost) == len(o.values)) {
			continue
		}
		for _, value := range lost {
			if len(value) < 3 || told[value] || answered(after, &shape{owner: o.owner, path: o.path, dialect: "schema"}, value) {
				continue
			}
			rivals := slices.DeleteFunc(slices.Clone(now), func(n *valueSet) bool { return !n.has(value) })
			if slices.ContainsFunc(rivals, func(n *valueSet) bool { return n.owner == o.owner }) {
				continue // the same thing, as another file knows it
			}
			told[value] = len(rivals) == 0
			if err := reportValue(pass, o, now[i], value, rivals); err != nil {
				return err
			}
		}
	}
	return nil
}

// recased says that values were only written another way: "overdue" is "OVERDUE", "in-review" is "in_review".
func recased(lost, added []string) bool {
	plain := func(v string) string { return strings.Join(words(strings.ToLower(v)), "") }
	return len(lost) > 0 && len(lost) <= 20 && !slices.ContainsFunc(lost, func(v string) bool {
		return !slices.ContainsFunc(added, func(a string) bool { return plain(a) == plain(v) })
	})
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return slices.Contains(b, v) })
}

func setsIn(at side, p string) []*valueSet {
	text, err := at.text(p)
	if err != nil {
		return nil
	}
	list := schemaEnums(p, text)
	if source.LanguageOf(p) != "" {
		if !strings.ContainsAny(string(text), `"'`) && !strings.Contains(string(text), "enum ") {
			return list
		}
		if f := at.file(p); f != nil {
			return append(list, valueSets(f)...)
		}
		return list
	}
	switch path.Ext(p) {
	case ".json", ".yaml", ".yml":
		return documentSets(p, text)
	}
	return list
}

// reportValue reports the uses of a value that a set lost and that its rivals, other sets, still have.
func reportValue(pass *detectors.Pass, old, now *valueSet, value string, rivals []*valueSet) error {
	at := side{pass.Branch, pass.Source, false}
	naming, err := pass.Source.Naming(pass.Context, value, old.owner)
	if err != nil {
		return err
	}
	story := fmt.Sprintf("took %q out of %s", value, old.owner)
	if added := without(now.values, old.values); len(added) == 1 && len(without(old.values, now.values)) == 1 {
		story = fmt.Sprintf("renamed %q to %q in %s", value, added[0], old.owner)
	}
	for i, p := range naming[value] {
		if i >= maxCandidates || p == now.path || skipped(p) || otherVersion(p, now.path) || typed(old, p) || old.generatedType(at, p, value, naming) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		line := old.usedIn(p, string(text), value, rivals)
		if line == 0 && source.LanguageOf(p) != "" {
			line = old.tableIn(at.file(p), value, without(now.values, old.values), old.subject(), rivals)
		}
		if line == 0 && len(rivals) == 0 {
			line = old.mirroredIn(at, p, string(text), value)
		}
		if changed := pass.Branch.File(p); line == 0 || changed != nil && changed.Touched(line) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: value,
			Message:  fmt.Sprintf("still uses %q; the branch %s", value, story),
			Why:      "A reader that knows the new values only refuses the old one, and a comparison with it is never true again.",
			Fix:      "Use the new value here, or keep reading the old one until nothing sends it.",
			Related:  []detectors.Related{{Path: now.path, Line: now.line, Message: "the branch " + story + " here"}},
			Evidence: []string{old.owner, value},
		})
	}
	return nil
}

var rubyFile = lazy.New(`\.(rb|rake|jbuilder|erb|haml|slim)$`)

// typed says that a type checker has told: a TypeScript file beside a TypeScript set.
func typed(s *valueSet, p string) bool {
	ext := path.Ext(p)
	return s.dialect == string(source.TypeScript) && (ext == ".ts" || ext == ".tsx") && !source.IsTest(p) && !isMock(p)
}

// subject are the words of what the set is about, the last one being what holds it.
func (s *valueSet) subject() []string {
	return slices.DeleteFunc(words(s.owner), func(w string) bool { return len(w) < 3 || w == "enum" })
}

// usedIn is the first line of a text that uses the value as one of the set's, 0 for none: what the set is about is named on
// the line, and for a word that others use as well another value of the set stands in the file, too.
func (s *valueSet) usedIn(p, text, value string, rivals []*valueSet) int {
	subject := s.subject()
	if len(subject) == 0 {
		return 0
	}
	if line := s.handledIn(text, value, subject, rivals); line > 0 {
		return line
	}
	if len(rivals) > 0 && !s.meantIn(p, text, rivals) {
		return 0
	}
	quoted := func(v string) *regexp.Regexp {
		v = regexp.QuoteMeta(v)
		forms := "[\"'`]" + v + "[\"'`]|:\\s+" + v + `\s*$`
		// what is assigned or sent by name: kind=van in a shell, ?kind=van in an address, --kind van
		forms += `|(?i:\b` + regexp.QuoteMeta(subject[len(subject)-1]) + `)(?:=|\s+)["']?` + v + `(?:$|[\s;&"'),])`
		// a comparison in a shell: [ "$kind" = van ]
		forms += `|(?i:\b` + regexp.QuoteMeta(subject[len(subject)-1]) + `)["'}\])]*\s*(?:={1,3}|!==?|<>)\s*["']?` + v + `["']?(?:$|[\s;\])&|])`
		if rubyFile.MatchString(p) { // symbols
			forms += `|(?:^|[\s(\[,{]):` + v + `\b`
		}
		return regexp.MustCompile(forms)
	}
	use := quoted(value)
	others := 0
	for _, v := range s.values {
		if v != value && quoted(v).MatchString(text) {
			others++
		}
	}
	if !compound(value) && others == 0 && !mentions([]string{p}, subject) && !s.meantIn(p, text, rivals) {
		return 0
	}
	line := 0
	for row := range strings.Lines(text) {
		line++
		if len(row) < 2000 && use.MatchString(strings.TrimRight(row, "\r\n")) && slices.Contains(words(row), subject[len(subject)-1]) {
			return line
		}
	}
	return 0
}
