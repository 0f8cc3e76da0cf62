package contracts

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// StaleGenerated finds committed code that was generated from an interface definition which the branch changed, and that was
// not generated again; and code that has what its definition has not.
var StaleGenerated = &detectors.Detector{
	ID:    "contracts/stale-generated",
	Title: "Generated code does not match the interface definition that the branch changed",
	Run:   runStaleGenerated,
}

const (
	maxGenerated         = 400 // files that are read for generated code
	maxGeneratedFindings = 12
	maxGeneratedSize     = 8 << 20 // bytes
)

func runStaleGenerated(pass *detectors.Pass) error {
	changes, err := idlChanges(pass)
	if err != nil {
		return err
	}
	edited, err := editedByHand(pass)
	if err != nil {
		return err
	}
	if len(changes) == 0 && edited == 0 {
		return detectors.ErrNotApplicable
	}
	told := 0
	for _, c := range changes {
		files, err := generatedOf(pass, c)
		if err != nil {
			return err
		}
		for _, g := range files {
			if f, ok := g.finding(c); ok && told < maxGeneratedFindings {
				told++
				pass.Report(f)
			}
		}
	}
	return nil
}

// generatedOf are the files that hold code made from an interface definition, on both sides.
func generatedOf(pass *detectors.Pass, c idlChange) ([]*generatedCode, error) {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	paths, err := generatedCandidates(pass, c, after)
	if err != nil {
		return nil, err
	}
	var list []*generatedCode
	for _, p := range paths {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		was := p
		if f := pass.Branch.File(p); f != nil {
			if f.Status == branch.Added {
				continue
			}
			was = cmp.Or(f.OldPath, p)
		}
		now, err := after.text(p)
		if err != nil || len(now) > maxGeneratedSize {
			continue
		}
		if c.family == idlProto {
			if !meansFile(protoOf(now), c.path) && !meansFile(protoOf(now), c.oldPath) || !nearest(after, c.path, p, protoOf(now)) {
				continue
			}
		} else if !generatedFrom(now, c.family) {
			continue
		}
		old := now
		if pass.Branch.File(p) != nil {
			if old, err = before.text(was); err != nil {
				continue
			}
		}
		list = append(list, &generatedCode{path: p, old: readGenerated(before, was, old), now: readGenerated(after, p, now)})
	}
	return list, nil
}

// generatedCandidates are the paths where code made from a definition may lie.
func generatedCandidates(pass *detectors.Pass, c idlChange, at side) ([]string, error) {
	var list []string
	if c.family == idlProto {
		for _, p := range at.paths() {
			if generatedBy(p, c.path) && !vendoredPath.MatchString(p) {
				list = append(list, p)
			}
		}
		return list[:min(len(list), maxGenerated)], nil
	}
	var words []string
	for _, pair := range c.changed() {
		words = append(words, pair[0].name)
	}
	naming, err := pass.Source.Naming(pass.Context, words[:min(len(words), 50)]...)
	if err != nil {
		return nil, err
	}
	for _, paths := range naming {
		list = append(list, paths...)
	}
	for _, p := range at.paths() {
		if machinePath.MatchString(p) && slices.Contains(generatedExt, path.Ext(p)) {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(p string) bool {
		return vendoredPath.MatchString(p) || !slices.Contains(generatedExt, path.Ext(p))
	})
	// Names that say so come first, for the number is bounded.
	slices.SortStableFunc(list, func(a, b string) int { return sure(b) - sure(a) })
	return list[:min(len(list), maxGenerated)], nil
}

var surelyGenerated = lazy.New(`(?i)(^|[/._-])(__generated__|generated|gen|codegen)([/._-]|$)`)

func sure(p string) int {
	if surelyGenerated.MatchString(p) {
		return 1
	}
	return 0
}

// meansFile says that a path as a generator wrote it, relative to some root, means a file of the repository.
func meansFile(written, p string) bool {
	return written != "" && (written == p || strings.HasSuffix(p, "/"+written))
}

// nearest says that no other file of the repository fits what a generator wrote better.
func nearest(at side, proto, generated, written string) bool {
	mine := sharedDirs(proto, generated)
	for _, p := range at.paths() {
		if p != proto && strings.HasSuffix(p, ".proto") && meansFile(written, p) && sharedDirs(p, generated) >= mine {
			return false
		}
	}
	return true
}

func sharedDirs(a, b string) int {
	x, y := strings.Split(path.Dir(a), "/"), strings.Split(path.Dir(b), "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// finding tells what a generated file lacks or still has; ok is false where it follows its definition.
func (g *generatedCode) finding(c idlChange) (f detectors.Finding, ok bool) {
	var what, evidence []string
	for _, pair := range c.changed() {
		for _, d := range g.drift(pair[0], pair[1], c) {
			what = append(what, d.text)
			evidence = append(evidence, d.text)
			if f.Symbol == "" {
				f.Symbol = d.member
				f.Related = []detectors.Related{{Path: d.at.path, Line: max(d.line, d.at.line), Message: "the definition as the branch has it"}}
				f.Line = lineWith([]byte(g.now.text), pair[0].name[strings.LastIndexByte(pair[0].name, '.')+1:])
			}
		}
	}
	if len(what) == 0 {
		return f, false
	}
	f.Severity, f.Path, f.Evidence = detectors.Warning, g.path, evidence
	f.Message = "generated code that was not generated again: it " + join(what, 3)
	f.Why = "Whoever is built with this file sends and reads the old form, although the definition beside it says otherwise."
	f.Fix = "Run the generator and commit its result with the change; let CI generate again and fail on a difference."
	return f, true
}

var goTagName = lazy.New(`protobuf:"[a-z0-9]+,\d+,\w+,(?:[\w=.]+,)*?name=(\w+)`)

// editedByHand tells of Go code of protobuf that got a field on the branch which its definition does not have, and counts
// the files that it looked at.
func editedByHand(pass *detectors.Pass) (int, error) {
	looked := 0
	after := side{pass.Branch, pass.Source, false}
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified || !strings.HasSuffix(f.Path, ".pb.go") || f.Vendored || f.TooLarge {
			continue
		}
		was, err := f.Before()
		if err != nil {
			return looked, err
		}
		now, err := f.After()
		if err != nil {
			return looked, err
		}
		known := map[string]bool{}
		for _, m := range goTagName.FindAllSubmatch(was, -1) {
			known[string(m[1])] = true
		}
		var added []string
		for _, m := range goTagName.FindAllSubmatch(now, -1) {
			if name := string(m[1]); !known[name] {
				known[name] = true
				added = append(added, name)
			}
		}
		looked++
		proto := ""
		for _, p := range after.paths() {
			if strings.HasSuffix(p, ".proto") && meansFile(protoOf(now), p) && nearest(after, p, f.Path, protoOf(now)) {
				proto = p
			}
		}
		if proto == "" || len(added) == 0 {
			continue
		}
		text, err := after.text(proto)
		if err != nil {
			continue
		}
		for _, name := range added {
			if !hasWord(string(text), name) {
				pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: f.Path, Line: lineWith(now, "name="+name), Symbol: name, Evidence: []string{name},
					Message: fmt.Sprintf("the branch adds %s to generated code, and %s does not have it", name, path.Base(proto)),
					Why:     "The next run of the generator takes it away again, and peers generated from the definition never get it.",
					Fix:     "Add the field to the definition and generate from there.",
					Related: []detectors.Related{{Path: proto, Message: "the definition"}},
				})
				break
			}
		}
	}
	return looked, nil
}
