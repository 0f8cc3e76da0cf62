package contracts

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// OptionalField finds fields of an answer that Go now leaves out when they are empty (omitempty, omitzero) while a schema in
// the repository requires them.
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
}

func runOptionalField(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []loosened
	for _, f := range pass.Branch.Files {
		if !strings.HasSuffix(f.Path, ".go") || f.Status == branch.Added || f.Status == branch.Deleted || f.Generated || f.Vendored || f.TooLarge || !declares(f.Path) {
			continue
		}
		old, now := before.file(cmpOr(f.OldPath, f.Path)), after.file(f.Path)
		if old == nil || now == nil {
			continue
		}
		shapes := after.shapes(now)
		for _, o := range before.shapes(old) {
			for _, n := range shapes {
				if n.owner == o.owner && n.pinned {
					list = append(list, loosenedFields(o, n)...)
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
	for i, p := range naming[l.field.wire] {
		if i > maxCandidates || p == l.shape.path || source.LanguageOf(p) == "" || source.LanguageOf(p) == source.Go || standsIn(p) {
			continue
		}
		f := at.file(p)
		if f == nil {
			continue
		}
		for _, s := range append(at.shapes(f), schemaShapes(f)...) {
			required, ok := s.field(l.field.wire)
			if !ok || required.optional || !sameRecord(s, l.shape) {
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
			break
		}
	}
	return nil
}

var (
	memberOf = lazy.New(`^\s*(?:\.\s*\w+|\[)`)
	askedFor = lazy.New(`^\s*(?:\?|&&|\|\||[!=]==?|\)\s*(?:\{|return|\?))`)
)

// relies is the line on which TypeScript asks the field for a member without ever asking whether it is there, 0 for none.
func relies(p string, f *source.File, wire string) int {
	if source.LanguageOf(p) != source.TypeScript {
		return 0
	}
	line := 0
	for _, a := range f.Accesses {
		if a.Name != wire || a.Write || a.Receiver == "" || a.Span.End > len(f.Text) {
			continue
		}
		switch rest := f.Text[a.Span.End:min(len(f.Text), a.Span.End+40)]; {
		case askedFor.Match(rest):
			return 0
		case memberOf.Match(rest) && line == 0:
			line = a.Span.Line
		}
	}
	return line
}

// sameRecord says that a schema and a struct are about the same record: the same name, or most of the keys.
func sameRecord(s, of *shape) bool {
	shared := overlap(of, s)
	alike := shared >= 3 && 10*shared >= 6*max(len(s.fields), len(of.fields))
	return alike || shared >= 2 && mentions([]string{s.owner}, of.subject())
}
