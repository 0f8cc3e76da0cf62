package review

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/tsapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Functions that a published package offers from the branch on.

// forItself are modules of a package that others find no use in, by custom.
var forItself = lazy.New(`(?i)(?:^|/)(?:utils?|helpers?|compat|common|misc|shared|support|testing|conftest|types?)(?:/|\.\w+$|$)`)

// newlyOffered is the first function of each file that the branch adds to what a published package offers: it is documented, it stands
// beside others that were offered, a new test is about it, and the product itself does not call it, which a helper is there for.
func newlyOffered(pass *detectors.Pass) ([]seenChange, error) {
	b := pass.Branch
	if !announces(b) {
		return nil, nil
	}
	tests, product := addedCode(b)
	if len(tests) == 0 {
		return nil, nil
	}
	had := map[string]bool{}
	var list []seenChange
	for _, f := range b.Files {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		if f.Status == branch.Added || f.Binary || f.TooLarge || source.LanguageOf(before(f)) == "" {
			continue
		}
		if was, err := pass.Source.Base(before(f)); err == nil {
			for name := range offered(was) {
				had[name] = true
			}
		}
	}
	for _, f := range b.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || f.Generated || f.Vendored || forItself.MatchString(f.Path) || !counts(b, f.Path) {
			continue
		}
		of := publishedOf(b, f.Path)
		if of == nil {
			continue
		}
		now, err := pass.Source.Head(f.Path)
		if err != nil {
			continue
		}
		was, err := pass.Source.Base(f.Path)
		if err != nil {
			continue
		}
		hadOffered := offered(was)
		if !slices.ContainsFunc(was.Decls, func(d *source.Decl) bool { return d.Kind == source.Function && hadOffered[qualified(d)] > 0 }) {
			continue
		}
		offers := offered(now)
		i := slices.IndexFunc(now.Decls, func(d *source.Decl) bool {
			return d.Kind == source.Function && d.Parent == nil && d.Receiver == "" && len(d.Name) > 3 && strings.TrimSpace(d.Doc) != "" && offers[d.Name] > 0 && !had[d.Name] &&
				f.Touched(d.Span.Line) && usesOf(tests, d.Name) > 0 && usesOf(product, d.Name) == 1 && fromOutside(pass, of, now, d.Name)
		})
		if i >= 0 {
			d := now.Decls[i]
			list = append(list, seenChange{f.Path, d.Name, "the function " + d.Name + " is new in " + of.name, max(d.Span.Line, d.Body.Line)})
		}
	}
	return list, nil
}

// addedCode are the lines of code that the branch adds, to tests and to the product.
func addedCode(b *branch.Branch) (tests, product []string) {
	for _, f := range b.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || source.LanguageOf(f.Path) == "" {
			continue
		}
		for line := range strings.Lines(string(f.AddedText())) {
			switch line = strings.TrimSpace(line); {
			case source.IsTest(f.Path):
				tests = append(tests, line)
			case !source.IsExample(f.Path) && !source.IsDoc(f.Path) && !remark.MatchString(line):
				product = append(product, line)
			}
		}
	}
	return tests, product
}

// remark begins a line that is no code.
var remark = lazy.New(`^(?:#|//|/?\*)`)

// usesOf counts the places that call a function or hand it on, the one that declares it included; words of a text are none.
func usesOf(lines []string, name string) int {
	n := 0
	for _, l := range lines {
		for at := 0; ; {
			i := strings.Index(l[at:], name)
			if i < 0 {
				break
			}
			i += at
			at = i + len(name)
			if (i == 0 || !isWordByte(l[i-1])) && at < len(l) && strings.IndexByte("(<[,)]};", l[at]) >= 0 {
				n++
			}
		}
	}
	return n
}

// fromOutside says whether those who install a package reach a name of a file: an entry point of TypeScript and JavaScript offers it;
// in Python and Go whatever is public is reached, of
// other languages it is not known.
func fromOutside(pass *detectors.Pass, of *published, f *source.File, name string) bool {
	if f.Lang == source.Python || f.Lang == source.Go {
		return true
	}
	if f.Lang != source.TypeScript && f.Lang != source.JavaScript {
		return false
	}
	tree := tsapi.NewTree(oneSide{pass, false})
	return slices.ContainsFunc(tree.Entries(of.dir), func(e tsapi.Entry) bool { return slices.Contains(tree.Names(e.File), name) })
}
