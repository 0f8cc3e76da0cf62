package contracts

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/protobuf"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// ProtobufBreaking finds what buf's FILE and WIRE_JSON rules call breaking in .proto files.
var ProtobufBreaking = &detectors.Detector{
	ID:    "contracts/protobuf-breaking",
	Title: "A protobuf contract changed in a way that breaks its peers",
	Run:   runProtobuf,
}

// maxProtoFindings bounds the findings about one branch; the ones that weigh most come first.
const maxProtoFindings = 40

func runProtobuf(pass *detectors.Pass) error {
	before, after := protoTree(side{pass.Branch, pass.Source, true}), protoTree(side{pass.Branch, pass.Source, false})
	olds, news := protobuf.NewSet(pass.Context, before), protobuf.NewSet(pass.Context, after)
	var old, now []*protobuf.File
	var unread, reasons []string
	renamed := map[string]string{}
	for _, f := range pass.Branch.Files {
		p := cmp.Or(f.OldPath, f.Path)
		if path.Ext(p) != ".proto" || f.TooLarge || f.Vendored || !declares(p) {
			continue
		}
		if f.Status != branch.Added {
			old = append(old, olds.File(p))
		}
		if f.Status != branch.Deleted {
			now = append(now, news.File(f.Path))
		}
		if f.OldPath != "" {
			renamed[f.OldPath] = f.Path
		}
	}
	if len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, f := range slices.Concat(old, now) {
		if f.Err != nil && !slices.Contains(unread, f.Path) {
			unread, reasons = append(unread, f.Path), append(reasons, fmt.Sprintf("%s (%.120s)", f.Path, f.Err))
		}
	}
	now = slices.DeleteFunc(now, func(f *protobuf.File) bool { return f.Err != nil })
	old = slices.DeleteFunc(old, func(f *protobuf.File) bool { return f.Err != nil || slices.Contains(unread, f.Path) })
	r := &protoReport{pass: pass, quiet: announcesBreak(pass.Branch)}
	if err := r.report(protobuf.Compare(before, after, old, now, func(p string) string { return renamed[p] })); err != nil {
		return err
	}
	if len(unread) > 0 {
		return detectors.Inconclusive("could not be parsed: %s", join(reasons, 2))
	}
	return nil
}

func protoTree(at side) protobuf.Tree { return protobuf.Tree{Paths: at.paths(), Read: at.text} }

type protoReport struct {
	pass  *detectors.Pass
	quiet bool
}

func (r *protoReport) report(c protobuf.Comparison) error {
	breaks := slices.DeleteFunc(c.Breaks, func(b protobuf.Break) bool { return r.inRemovedFile(b, c.Breaks) })
	slices.SortStableFunc(breaks, func(a, b protobuf.Break) int { return int(b.Class) - int(a.Class) })
	told := map[string]bool{} // what an element breaks most is enough
	for _, b := range breaks {
		key := b.Path + "\x00" + b.Package + "." + b.Element
		if told[key] || len(told) >= maxProtoFindings {
			continue
		}
		if b.Types[0] != "" {
			if told[b.Types[0]+"\x00"+b.Types[1]] {
				continue // a type that took another's place is told where it did so first
			}
			told[b.Types[0]+"\x00"+b.Types[1]] = true
		}
		told[key] = true
		var users []detectors.Related
		if b.Class > protobuf.Source {
			var err error
			if users, err = r.users(b); err != nil {
				return err
			}
		}
		r.pass.Report(detectors.Finding{
			Severity: r.severity(b, users), Path: b.Path, Line: b.Line, Symbol: b.Element, Message: b.Message,
			Evidence: []string{b.Package, b.Message}, Related: users, Why: protoWhy[b.Class],
			Fix: "Keep numbers, names and types; add a new field beside the old one and reserve the number and the name of what goes.",
		})
	}
	for key, n := range c.Left {
		if n > 0 && key[0] != "" {
			r.pass.Report(detectors.Finding{
				Severity: detectors.Note, Path: key[1], Symbol: path.Base(key[1]), Evidence: []string{key[0]},
				Message: fmt.Sprintf("%s leaves %s of this file out", key[0], counted(n, "breaking change")),
				Why:     "Its settings for breaking changes ask for fewer rules, or ignore this path or package.",
				Fix:     "Nothing, if the file has no peers outside of this repository.",
			})
		}
	}
	return nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

var protoWhy = map[protobuf.Class]string{
	protobuf.Source: "The same bytes and keys, but code generated from the file looks different to whoever compiles against it.",
	protobuf.Names:  "Peers built against the old file ask for what is no longer there, or send it and nobody reads it.",
	protobuf.Wire:   "Peers built against the old file read the bytes or the JSON of the new one as something else, without an error.",
}

// inRemovedFile says that a removal is told with that of its whole file.
func (r *protoReport) inRemovedFile(b protobuf.Break, all []protobuf.Break) bool {
	if b.Class > protobuf.Source || b.Line > 0 || b.Named || slices.Contains(b.Rules, "FILE_NO_DELETE") {
		return false
	}
	return slices.ContainsFunc(all, func(o protobuf.Break) bool {
		return o.OldPath == b.OldPath && slices.Contains(o.Rules, "FILE_NO_DELETE")
	})
}

var internalPath = lazy.New(`(^|/)internal/`)

func (r *protoReport) severity(b protobuf.Break, users []detectors.Related) detectors.Severity {
	switch {
	case r.quiet, protobuf.Unstable(b.Package):
		return detectors.Note
	case b.Class == protobuf.Wire && len(users) > 0:
		return detectors.Blocker
	case b.Class == protobuf.Wire, b.Named, b.Class == protobuf.Names && !internalPath.MatchString(b.OldPath):
		return detectors.Warning
	}
	return detectors.Note
}

// extC are the files of C, which has no reader of its own: the whole name of a message, package and all, tells there.
var extC = []string{".c", ".h", ".cc", ".cpp", ".hpp", ".cxx", ".ino"}

// users are the places that name both the element and what it is a part of, and that the branch did not change: not the
// generated code, which follows.
func (r *protoReport) users(b protobuf.Break) ([]detectors.Related, error) {
	owner, member, ok := cutLast(b.Element)
	if !ok {
		return nil, nil
	}
	inC := strings.ReplaceAll(strings.TrimPrefix(b.Package+"."+owner, "."), ".", "_") // as nanopb joins the names
	owner = owner[strings.LastIndexByte(owner, '.')+1:]
	forms := spellings(member)
	naming, err := r.pass.Source.Naming(r.pass.Context, append(forms, owner, inC)...)
	if err != nil {
		return nil, err
	}
	var list []detectors.Related
	for _, form := range forms {
		for _, p := range naming[form] {
			if len(list) >= 3 {
				return list, nil
			}
			ofC := slices.Contains(extC, path.Ext(p)) && slices.Contains(naming[inC], p)
			if !ofC && !slices.Contains(naming[owner], p) || path.Ext(p) == ".proto" || prose(p) || skipped(p) || generatedPath.MatchString(p) || r.pass.Branch.File(p) != nil ||
				slices.ContainsFunc(list, func(x detectors.Related) bool { return x.Path == p }) || source.LanguageOf(p) == "" && !ofC && !standsIn(p) {
				continue
			}
			text, err := r.pass.Branch.ReadHead(p)
			if err != nil || isGenerated(text) {
				continue
			}
			list = append(list, detectors.Related{Path: p, Line: lineWith(text, form), Message: fmt.Sprintf("uses %s of %s", form, owner)})
		}
	}
	return list, nil
}

// spellings are the names that generated code of Go, TypeScript, Python and Java gives a field, a value or an rpc.
func spellings(name string) []string {
	var pascal strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			pascal.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	list := []string{name}
	if p := pascal.String(); p != "" {
		list = append(list, strings.ToLower(p[:1])+p[1:], p, "Get"+p, "get"+p)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func cutLast(name string) (head, last string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// lineWith is the first line of a text that holds a word, 0 for none.
func lineWith(text []byte, word string) int {
	n := 0
	for row := range strings.Lines(string(text)) {
		n++
		if strings.Contains(row, word) {
			return n
		}
	}
	return 0
}
