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

// NullableField finds fields that may be null from now on, while somebody else in the repository takes them for certain.
var NullableField = &detectors.Detector{
	ID:    "contracts/nullable-field",
	Title: "A field may be empty now, and a reader takes it for certain",
	Run:   runNullableField,
}

func runNullableField(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	s := &survey{}
	var list []loosened
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Added || f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || !declares(f.Path) {
			continue
		}
		old := s.shapesIn(before, cmpOr(f.OldPath, f.Path))
		if len(old) == 0 {
			continue
		}
		now := s.shapesIn(after, f.Path)
		for _, o := range old {
			for _, n := range now {
				if n.owner == o.owner && n.dialect == o.dialect && !inbound.MatchString(lastOf(n.owner)) && len(n.fields) >= 2 {
					list = append(list, nulledFields(o, n)...)
				}
			}
		}
	}
	if len(list) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, l := range list[:min(len(list), 40)] {
		if err := reportTakenForCertain(pass, after, l); err != nil {
			return err
		}
	}
	return nil
}

// inbound are types that a program takes in: a field that may be left out of them breaks nobody.
var inbound = lazy.New(`(?i)(?:Request|Input|Params|Parameters|Args|Arguments|Command|Query|Filter|Options|Config|Settings|Form|Create|Update|Patch|Props|In)$|^(?:Create|Update|New|Patch|Upsert)[A-Z]`)

func nulledFields(old, now *shape) []loosened {
	var list []loosened
	for _, f := range now.fields {
		if o, ok := old.field(f.wire); ok && now.once(f.wire) && old.once(f.wire) && !nullable(o, old.dialect) && nullable(f, now.dialect) && len(f.wire) > 2 {
			list = append(list, loosened{shape: now, field: f})
		}
	}
	if len(list) > 4 {
		return nil // another way of writing types, not another contract
	}
	return list
}

var (
	nullSchema = lazy.New(`\.(?:nullable|nullish|optional|allow\(null)`)
	nullUnion  = lazy.New(`(?:^|[|\s])(?:null|undefined|None|nil)(?:$|[|\s\]])|^(?:typing\.)?Optional\[|^Option<|^Maybe<`)
)

// nullable says that a field's value may be missing, by its type.
func nullable(f field, dialect string) bool {
	t := strings.TrimSpace(f.typ)
	if nullUnion.MatchString(t) || nullSchema.MatchString(t) {
		return true
	}
	switch source.Language(dialect) {
	case source.CSharp, source.Kotlin:
		return strings.HasSuffix(t, "?")
	case source.PHP:
		return strings.HasPrefix(t, "?")
	case source.Go:
		return strings.HasPrefix(t, "*")
	case source.TypeScript, source.JavaScript, "schema":
		return f.optional
	default:
		return false
	}
}

// reportTakenForCertain tells of the readers that have the field for certain.
func reportTakenForCertain(pass *detectors.Pass, at side, l loosened) error {
	naming, err := pass.Source.Naming(pass.Context, l.field.wire)
	if err != nil {
		return err
	}
	c := &change{old: l.shape, new: l.shape}
	t := &routeTable{pass: pass, before: side{pass.Branch, pass.Source, true}, after: at}
	if !l.shape.reply && l.shape.dialect != "schema" {
		if c.served, err = t.answeringWith(lastOf(l.shape.owner), l.shape.path); err != nil {
			return err
		}
	}
	for i, p := range naming[l.field.wire] {
		if i > maxCandidates {
			break
		}
		if p == l.shape.path || standsIn(p) || skipped(p) || otherVersion(p, l.shape.path) || sameProgram(at, p, l.shape) {
			continue
		}
		l.asked = c.asksFor(pass.Branch, p)
		owner, line, use := at.takenForCertain(p, l)
		if line == 0 {
			continue
		}
		if changed := pass.Branch.File(p); changed != nil && (changed.Touched(line) || use > 0 && changed.Touched(use)) {
			continue
		}
		f := detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: l.field.wire,
			Message:  fmt.Sprintf("%s takes %q for certain; on the branch it may be empty in %s", owner, l.field.wire, l.shape.owner),
			Why:      "The first answer without a value is refused by the reader, or fails where the value is used.",
			Fix:      "Let the reader take the field as optional and say what happens without it, before the branch is deployed.",
			Related:  []detectors.Related{{Path: l.shape.path, Line: l.field.line, Message: "may be empty from now on"}},
			Evidence: []string{l.shape.owner, l.field.wire, owner},
		}
		if use > 0 {
			f.Related = append(f.Related, detectors.Related{Path: p, Line: use, Message: "uses it without asking"})
		}
		pass.Report(f)
	}
	return nil
}

// sameProgram says that a type checker sees both places.
func sameProgram(at side, p string, s *shape) bool {
	lang := source.LanguageOf(p)
	switch {
	case s.dialect == "schema":
		return false
	case lang == source.Go || lang == source.TypeScript && s.dialect == string(source.TypeScript):
		return lang == source.Go || !s.schema
	case family(p) != "" && family(p) == family(s.path):
		together, known := newLayout(at).together(p, s.path)
		return together || !known
	case lang == source.Rust && s.dialect == string(source.Rust):
		return !at.apart(p, s.path)
	}
	return false
}

// takenForCertain is where a file declares the field as one that is always there, and where it uses it without asking. A checked
// declaration is enough where it is looked at as the program runs; elsewhere there has to be a use.
func (s side) takenForCertain(p string, l loosened) (owner string, line, use int) {
	wire := l.field.wire
	if source.LanguageOf(p) == "" {
		text, err := s.text(p)
		if err != nil || len(text) > maxListText {
			return "", 0, 0
		}
		return decodedForCertain(p, string(text), l)
	}
	f := s.file(p)
	if f == nil {
		return "", 0, 0
	}
	for _, o := range slices.Concat(s.shapes(f), schemaShapes(f)) {
		required, ok := o.field(wire)
		if !ok || nullable(required, o.dialect) || required.optional && f.Lang != source.CSharp || !sameRecord(o, l.shape) {
			continue
		}
		refused := o.schema || f.Lang == source.Kotlin && strings.Contains(string(f.Text), "@Serializable") || f.Lang == source.Rust && strings.Contains(string(f.Text), "Deserialize") ||
			f.Lang == source.Python && pydanticFile.Match(f.Text)
		if refused && !inbound.MatchString(lastOf(o.owner)) {
			return o.owner, required.line, 0
		}
		if use := certainUse(f, wire); use > 0 {
			return o.owner, required.line, use
		}
	}
	if f.Lang == source.JavaScript || f.Lang == source.Python || f.Lang == source.Ruby || f.Lang == source.TypeScript {
		if use := certainUse(f, wire); use > 0 && (l.asked && weight(wire) >= 0.7 || readsRecord(f, wire, use, l.shape)) {
			return path.Base(p), use, 0
		}
	}
	return "", 0, 0
}

var pydanticFile = lazy.New(`\bpydantic\b|\bmsgspec\b`)

var (
	memberUse = lazy.New(`^["'\])]*\s*(?:\.\s*[A-Za-z_]\w*|\[)`)
	// calculated are an operator behind a value, and a number's format in a string of Python.
	calculated = lazy.New(`^["'\])]*(?:\s*(?:[-+*/%]|<=?|>=?)\s*[\w("'.]|:[^{}"'\n]*[fdeg%]\})`)
	asking     = lazy.New(`^["'\])]*\s*(?:\?|&&|\|\||[!=]==?|\)\s*(?:\{|return|\?)|(?:is|or|and|if|not in|unless)\b|&\.|:\s*$)`)
	guardedBy  = lazy.New(`(?:\bif\s*\(?|\bunless\s+|\bwhile\s*\(?|!|\?\s*|&&\s*|\|\|\s*|\bor\s+|\band\s+|\bnot\s+)$`)
	givenInto  = lazy.New(`(?:\bDate\.parse|\bparseISO|\bfromisoformat|\bTime\.(?:parse|iso8601)|\bDate\.parse|\bDateTime\.parse|\bparseFloat|\bparseInt|\bformatISO|\bint|\bfloat|\bDecimal|\blen|\bsum|\bround|\babs|\bFloat|\bInteger)\((?:str\(|String\()?\s*$`)
)

// certainUse is the line on which the field's value is used in a way that fails without it, where the file never asks for it; 0 for
// none.
func certainUse(f *source.File, wire string) int {
	line := 0
	for _, a := range f.Accesses {
		if a.Name != wire || a.Write || a.Receiver == "" || a.Span.End > len(f.Text) {
			continue
		}
		rest := f.Text[a.Span.End:min(len(f.Text), a.Span.End+40)]
		before := f.Text[max(0, a.Span.Start-40):a.Span.Start]
		if i := strings.LastIndexByte(string(before), '\n'); i >= 0 {
			before = before[i+1:]
		}
		switch {
		case asking.Match(rest), guardedBy.Match(before):
			return 0
		case line == 0 && (f.Lang == source.Python && calculated.Match(rest) || memberUse.Match(rest) && !strings.HasPrefix(string(rest), ".nil?") || givenInto.Match(before)):
			line = a.Span.Line
		}
	}
	return line
}

// readsRecord says that code without types reads two more keys of the record from the value that it reads the field from.
func readsRecord(f *source.File, wire string, line int, s *shape) bool {
	receiver := ""
	for _, a := range f.Accesses {
		if a.Name == wire && a.Span.Line == line {
			receiver = a.Receiver
		}
	}
	seen := map[string]bool{}
	for _, a := range f.Accesses {
		if a.Receiver == receiver && a.Name != wire && s.has(a.Name) {
			seen[a.Name] = true
		}
	}
	mass := 0.0
	for name := range seen {
		mass += weight(name)
	}
	return len(seen) >= 2 && mass+weight(wire) >= 1.9 || len(seen) >= 1 && weight(wire) == 1 && mentions([]string{f.Path, receiver}, s.subject())
}

// decodedForCertain reads Swift's Codable types and Dart's casts, which fail for a value that is not there.
func decodedForCertain(p, text string, l loosened) (owner string, line, use int) {
	name := regexp.QuoteMeta(l.field.wire)
	var pattern *lazy.Regexp
	switch path.Ext(p) {
	case ".swift":
		pattern = lazy.New(`\b(?:let|var)\s+` + name + `\s*:\s*[\w.\[\]<>: ]+?(\??)\s*(?:$|//|=)`)
	case ".dart":
		pattern = lazy.New(`\[['"]` + name + `['"]\]\s+as\s+\w+(\??)|\.parse\(\s*\w+\[['"]` + name + `['"]\]()`)
	default:
		return "", 0, 0
	}
	row := 0
	for text := range strings.Lines(text) {
		row++
		if m := pattern.FindStringSubmatch(strings.TrimRight(text, "\r\n")); m != nil {
			if m[1] == "?" {
				return "", 0, 0
			}
			line = row
			break
		}
	}
	if line == 0 || path.Ext(p) == ".swift" && !strings.Contains(text, "able") {
		return "", 0, 0
	}
	shared := 0
	for _, f := range l.shape.fields {
		if f.wire != l.field.wire && regexp.MustCompile(`\b`+regexp.QuoteMeta(f.wire)+`\b`).MatchString(text) {
			shared++
		}
	}
	if shared < 1 || shared < 2 && !mentions([]string{p}, l.shape.subject()) {
		return "", 0, 0
	}
	return path.Base(p), line, 0
}
