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

// UnimplementedMethod finds classes that do not have a method which the branch added to what they implement, where no compiler looks
// at both: in PHP, Python and Ruby, and in plugins that are built for themselves.
var UnimplementedMethod = &detectors.Detector{
	ID:    "contracts/unimplemented-method",
	Title: "An implementation lacks the method that the branch added to its interface",
	Run:   runUnimplemented,
}

// A demand is a method that an interface or a base class has its implementations bring from now on.
type demand struct {
	owner, name, path string
	line              int
}

func runUnimplemented(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []demand
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) {
			continue
		}
		lang := source.LanguageOf(f.Path)
		if lang == "" || lang == source.Go || lang == source.TypeScript || lang == source.JavaScript { // told by go-api, stale-go-mock and tsc
			continue
		}
		old, now := before.file(cmpOr(f.OldPath, f.Path)), after.file(f.Path)
		if old != nil && now != nil {
			list = append(list, demandsOf(old, now)...)
		}
	}
	if len(list) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, d := range list[:min(len(list), maxBreaks)] {
		if err := d.report(pass, after); err != nil {
			return err
		}
	}
	return nil
}

var (
	abstractMark = lazy.New(`\babstract\b`)
	notThere     = lazy.New(`^(?:\s*(?:"""[^"]*"""|'''[^']*''')?\s*raise NotImplementedError\b[^\n]*\s*(?:end)?\s*)$`)
)

// demandsOf lists the abstract methods that a type of a file got on the branch.
func demandsOf(old, now *source.File) []demand {
	var list []demand
	for _, d := range now.Decls {
		if d.Kind != source.Interface && d.Kind != source.Class || d.Name == "" {
			continue
		}
		i := slices.IndexFunc(old.Decls, func(o *source.Decl) bool { return o.Kind == d.Kind && ownerOf(o) == ownerOf(d) })
		if i < 0 {
			continue
		}
		for _, m := range d.Members {
			has := func(o *source.Decl) bool { return o.Name == m.Name }
			if abstractMember(now, d, m) && !slices.ContainsFunc(old.Decls[i].Members, has) {
				list = append(list, demand{d.Name, m.Name, now.Path, m.Span.Line})
			}
		}
	}
	return list
}

// abstractMember says that a member of a type has to be brought by whoever implements it.
func abstractMember(f *source.File, owner, m *source.Decl) bool {
	if m.Kind != source.Method && m.Kind != source.Function && (m.Kind != source.Field || owner.Kind != source.Interface || f.Lang != source.Kotlin) {
		return false
	}
	body := m.Body.End > m.Body.Start
	text := string(f.Text[m.Span.Start:min(len(f.Text), m.Span.End)])
	head := lineOf(f.Text, m.Span.Line)
	switch f.Lang {
	case source.Python:
		return slices.ContainsFunc(m.Decorators, func(c *source.Call) bool { return strings.HasSuffix(c.Name, "abstractmethod") }) || bodyRaises(f, m)
	case source.Ruby:
		return strings.Contains(text, "raise NotImplementedError") && strings.Count(text, "\n") <= 3
	case source.PHP:
		return !body && (owner.Kind == source.Interface || abstractMark.MatchString(head))
	case source.Java, source.CSharp, source.Kotlin, source.Rust:
		if body || strings.Contains(head, " static ") {
			return false
		}
		return owner.Kind == source.Interface || abstractMark.MatchString(head)
	default:
		return false
	}
}

func bodyRaises(f *source.File, m *source.Decl) bool {
	return m.Body.End > m.Body.Start && m.Body.End-m.Body.Start < 400 && notThere.Match(f.Text[m.Body.Start:m.Body.End])
}

func (d demand) report(pass *detectors.Pass, at side) error {
	naming, err := pass.Source.Naming(pass.Context, d.owner)
	if err != nil || len(naming[d.owner]) > maxNamed {
		return err
	}
	lang := source.LanguageOf(d.path)
	for _, p := range naming[d.owner] {
		other := source.LanguageOf(p)
		same := other == lang || family(p) != "" && family(p) == family(d.path)
		if !same || p == d.path && lang != source.Python && lang != source.Ruby || skipped(p) {
			continue
		}
		if (lang == source.Java || lang == source.Kotlin || lang == source.CSharp || lang == source.Rust) && !at.builtApart(p, d.path) {
			continue
		}
		f := at.file(p)
		if f == nil {
			continue
		}
		line, name := d.lackingIn(at, f)
		if changed := pass.Branch.File(p); line == 0 || changed != nil && changed.Touched(line) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: d.name,
			Message:  fmt.Sprintf("%s has no %s, which the branch added to %s", name, d.name, d.owner),
			Why:      "Nothing compiles the two together: it fails where the class is loaded, made or first asked for the method.",
			Fix:      "Implement the method here, or give it a body in " + d.owner + " that does what was done before.",
			Related:  []detectors.Related{{Path: d.path, Line: d.line, Message: "the branch asks for " + d.name + " here"}},
			Evidence: []string{d.owner, d.name, name},
		})
	}
	return nil
}

// lackingIn is the first class of a file that implements the owner and has no such method, also not from another class.
func (d demand) lackingIn(at side, f *source.File) (line int, name string) {
	if f.Lang == source.Rust {
		return d.lackingImpl(f)
	}
	for _, c := range f.Decls {
		if c.Kind != source.Class && c.Kind != source.Enum && c.Kind != source.Struct || !slices.ContainsFunc(c.Bases, func(b string) bool { return baseName(b) == d.owner }) {
			continue
		}
		if abstractMark.MatchString(lineOf(f.Text, c.Span.Line)) || f.Lang == source.Python && slices.ContainsFunc(c.Members, func(m *source.Decl) bool { return abstractMember(f, c, m) }) {
			continue
		}
		if strings.Contains(string(f.Text[c.Span.Start:c.Span.End]), d.name) || d.inherited(at, f, c, 0) {
			continue
		}
		return c.Span.Line, c.Name
	}
	return 0, ""
}

// baseName is the last name of a base as it is written: Exporter of spi.Exporter<T>(x).
func baseName(b string) string {
	if i := strings.IndexAny(b, "<([ "); i > 0 {
		b = b[:i]
	}
	return b[strings.LastIndexAny(b, `.\:`)+1:]
}

// inherited says that another base or a mixin of the class has the method, or cannot be read.
func (d demand) inherited(at side, f *source.File, c *source.Decl, depth int) bool {
	if depth > 4 {
		return true
	}
	for _, b := range c.Bases {
		name := baseName(b)
		if name == d.owner || slices.Contains([]string{"ABC", "object", "Object", "Generic", "Protocol"}, name) {
			continue
		}
		g, base := at.lookup(f, b)
		if base == nil {
			return true
		}
		if base.Kind == source.Interface && !strings.Contains(string(g.Text[base.Span.Start:base.Span.End]), d.name) {
			continue
		}
		if strings.Contains(string(g.Text[base.Span.Start:base.Span.End]), d.name) || d.inherited(at, g, base, depth+1) {
			return true
		}
	}
	text := string(f.Text[c.Span.Start:c.Span.End])
	return f.Lang == source.PHP && traitUse.MatchString(text) || f.Lang == source.Ruby && rubyMixin.MatchString(text) || f.Lang != source.Java && dynamicMember.MatchString(text)
}

var (
	traitUse      = lazy.New(`(?m)^\s+use\s+[\w\\, ]+;`)
	rubyMixin     = lazy.New(`(?m)^\s*(?:include|prepend|extend)\s+[A-Z]|method_missing|delegate|def_delegator`)
	dynamicMember = lazy.New(`__getattr__|__call\b|setattr\(| by \w+`)
)

// lackingImpl reads Rust's `impl Trait for Type { ... }`.
func (d demand) lackingImpl(f *source.File) (line int, name string) {
	head := regexp.MustCompile(`(?m)^\s*(?:unsafe\s+)?impl(?:<[^>]*>)?\s+(?:\w+::)*` + regexp.QuoteMeta(d.owner) + `(?:<[^>]*>)?\s+for\s+([\w:]+)[^{;]*\{`)
	for _, m := range head.FindAllSubmatchIndex(f.Text, 20) {
		end := len(f.Text)
		if i := strings.Index(string(f.Text[m[1]:]), "\n}"); i >= 0 {
			end = m[1] + i
		}
		if !strings.Contains(string(f.Text[m[1]:end]), "fn "+d.name) {
			return 1 + strings.Count(string(f.Text[:m[2]]), "\n"), string(f.Text[m[2]:m[3]])
		}
	}
	return 0, ""
}

var (
	pomArtifact = lazy.New(`(?s)<artifactId>\s*([\w.-]+)\s*</artifactId>`)
	pomParent   = lazy.New(`(?s)<parent>.*?</parent>|<dependencies>.*?</dependencies>|<build>.*?</build>`)
)

// builtApart says that one build does not compile both files: other modules without a dependency inside the repository, or one that
// takes the other from a registry in a version that is written down.
func (s side) builtApart(a, b string) bool {
	if source.LanguageOf(a) == source.Rust {
		return s.apart(a, b)
	}
	l := newLayout(s)
	together, known := l.together(a, b)
	if !known {
		return false
	}
	x, y := l.module(a), l.module(b)
	if !together {
		return x != y
	}
	if x == y || family(a) != "jvm" {
		return false
	}
	mine, err := s.text(path.Join(x, "pom.xml"))
	if err != nil {
		return false
	}
	theirs, err := s.text(path.Join(y, "pom.xml"))
	if err != nil {
		return false
	}
	for dir := path.Dir(x); ; dir = path.Dir(dir) { // an aggregator builds them in one run
		if text, err := s.text(path.Join(dir, "pom.xml")); err == nil && strings.Contains(string(text), "<modules>") {
			return false
		}
		if dir == "." || dir == "/" {
			break
		}
	}
	m := pomArtifact.FindStringSubmatch(pomParent.ReplaceAllString(string(theirs), ""))
	if m == nil {
		return false
	}
	return regexp.MustCompile(`(?s)<artifactId>\s*` + regexp.QuoteMeta(m[1]) + `\s*</artifactId>\s*<version>\s*\d`).Match(mine)
}
