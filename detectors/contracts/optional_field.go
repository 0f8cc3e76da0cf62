package contracts

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// OptionalField finds fields of an answer that a program now leaves out when they are empty (omitempty, NON_NULL,
// skip_serializing_if, WhenWritingNull) while a reader in the repository requires them.
var OptionalField = &detectors.Detector{
	ID:    "contracts/optional-field",
	Title: "A field is left out when it is empty, and a reader requires it",
	Run:   runOptionalField,
}

// A loosened field was always sent and is left out when it is empty now.
type loosened struct {
	shape *shape
	field field
	// asked: the file that is looked at asks for a route which answers with it.
	asked bool
	// unsure: nothing says that the field is ever empty, but a reader who asks for null knows.
	unsure bool
}

func runOptionalField(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []loosened
	for _, f := range pass.Branch.Files {
		if leavingOut[source.LanguageOf(f.Path)] == nil || f.Status == branch.Added || f.Status == branch.Deleted || f.Generated || f.Vendored || f.TooLarge || !declares(f.Path) {
			continue
		}
		old, now := before.file(cmpOr(f.OldPath, f.Path)), after.file(f.Path)
		if old == nil || now == nil {
			continue
		}
		shapes := after.shapes(now)
		for _, o := range before.shapes(old) {
			for _, n := range shapes {
				switch {
				case n.owner != o.owner:
				case now.Lang == source.Go && n.pinned:
					list = append(list, loosenedFields(o, n)...)
				case now.Lang != source.Go:
					list = append(list, leftOut(old, now, o, n)...)
				}
			}
		}
	}
	if len(list) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, l := range list {
		if err := reportRequired(pass, after, l); err != nil {
			return err
		}
	}
	return nil
}

func loosenedFields(old, now *shape) []loosened {
	var list []loosened
	for _, f := range now.fields {
		if o, ok := old.field(f.wire); ok && f.pinned && f.optional && !o.optional {
			list = append(list, loosened{shape: now, field: f})
		}
	}
	return list
}

// reportRequired finds the schemas that describe the same record and require the field.
func reportRequired(pass *detectors.Pass, at side, l loosened) error {
	naming, err := pass.Source.Naming(pass.Context, l.field.wire)
	if err != nil {
		return err
	}
	c := &change{old: l.shape, new: l.shape}
	t := &routeTable{pass: pass, before: side{pass.Branch, pass.Source, true}, after: at}
	if c.served, err = t.answeringWith(lastOf(l.shape.owner), l.shape.path); err != nil {
		return err
	}
	for i, p := range naming[l.field.wire] {
		if i > maxCandidates || p == l.shape.path || source.LanguageOf(p) == source.Go || standsIn(p) || skipped(p) || otherVersion(p, l.shape.path) || sameProgram(at, p, l.shape) {
			continue
		}
		l.asked = c.asksFor(pass.Branch, p)
		f := at.file(p)
		if f == nil {
			l.reportReader(pass, at, p, nil)
			continue
		}
		told := false
		for _, s := range append(at.shapes(f), schemaShapes(f)...) {
			required, ok := s.field(l.field.wire)
			if !ok || l.unsure || required.optional || !sameRecord(s, l.shape) {
				continue
			}
			use := 0
			if !s.schema {
				if use = relies(p, f, l.field.wire); use == 0 {
					continue
				}
			}
			if changed := pass.Branch.File(p); changed != nil && changed.Touched(required.line) {
				continue
			}
			found := detectors.Finding{
				Severity: detectors.Warning, Path: p, Line: required.line, Symbol: l.field.wire,
				Message:  fmt.Sprintf("%s requires %q; the branch leaves it out of %s when it is empty", s.owner, l.field.wire, l.shape.owner),
				Why:      "Zero, false and empty texts are no longer sent, and whoever validates the answer refuses it.",
				Fix:      "Send the field always, or let the reader take it as optional first.",
				Related:  []detectors.Related{{Path: l.shape.path, Line: l.field.line, Message: "omitempty was added here"}},
				Evidence: []string{l.shape.owner, l.field.wire, s.owner},
			}
			if use > 0 {
				found.Why = "Zero, false and empty texts are no longer sent, and a reader that takes the field for certain fails on undefined."
				found.Related = append(found.Related, detectors.Related{Path: p, Line: use, Message: "uses it without asking"})
			}
			pass.Report(found)
			told = true
			break
		}
		if !told {
			l.reportReader(pass, at, p, f)
		}
	}
	return nil
}

// reportReader tells of code that reads the field without a type and fails where it is not there.
func (l loosened) reportReader(pass *detectors.Pass, at side, p string, f *source.File) {
	var owner string
	var line, use int
	if !l.unsure {
		owner, line, use = at.takenForCertain(p, l)
	}
	if line == 0 && f != nil {
		owner, line = path.Base(p), demandedKey(f, l)
	}
	if line == 0 || touched(pass.Branch, p, line) || use > 0 && touched(pass.Branch, p, use) {
		return
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: l.field.wire,
		Message:  fmt.Sprintf("%s takes %q for certain; the branch leaves it out of %s when it is empty", owner, l.field.wire, l.shape.owner),
		Why:      "Empty values are no longer sent, and a reader that takes the key for certain fails on the first record without it.",
		Fix:      "Send the field always, or let the reader ask whether it is there first.",
		Related:  []detectors.Related{{Path: l.shape.path, Line: l.field.line, Message: "left out when it is empty from now on"}},
		Evidence: []string{l.shape.owner, l.field.wire, owner},
	})
}

// demandedKey is the line on which Python, Ruby or a reader of JSON trees takes a key in the way that fails without it, 0 for none: in a
// file that asks for the record or reads more of it.
func demandedKey(f *source.File, l loosened) int {
	wire := l.field.wire
	form := demanding[f.Lang]
	if form == "" || l.unsure && f.Lang != source.Python {
		return 0
	}
	name := regexp.QuoteMeta(wire)
	if regexp.MustCompile(`["']` + name + `["']\s+(?:not\s+)?in\b|\.get\(\s*["']` + name + `["']|(?:key\?|has|hasNonNull|containsKey|TryGetProperty)\(\s*["']` + name + `["']`).Match(f.Text) {
		return 0
	}
	if l.unsure {
		form = `\w\[\s*["']KEY["']\s*\]\s*(?:is\s+(?:not\s+)?None|or\b)|(?:\bif|\band|\bor|\bnot)\s+\w+\[\s*["']KEY["']\s*\]`
	}
	at := regexp.MustCompile(strings.ReplaceAll(form, "KEY", name)).FindIndex(f.Text)
	if at == nil {
		return 0
	}
	line := 1 + strings.Count(string(f.Text[:at[0]]), "\n")
	if l.asked && weight(wire) >= 0.7 || readsRecord(f, wire, line, l.shape) {
		return line
	}
	return 0
}

// demanding are the ways in which languages take a key that has to be there.
var demanding = map[source.Language]string{
	source.Python: `\w\[\s*["']KEY["']\s*\](?:[^=\n]|==|$)`,
	source.Ruby:   `\.fetch\(\s*["':]KEY["']?\s*\)`,
	source.CSharp: `\.GetProperty\(\s*"KEY"`,
	source.Java:   `\.(?:getString|getInt|getLong|getDouble|getBoolean|getJSONObject|getJSONArray)\(\s*"KEY"\s*\)|\.get\(\s*"KEY"\s*\)\.as`,
	source.Kotlin: `\.(?:getString|getInt|getLong|getDouble|getBoolean)\(\s*"KEY"\s*\)|getValue\(\s*"KEY"|\["KEY"\]!!`,
}
