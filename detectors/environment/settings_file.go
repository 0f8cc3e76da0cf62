package environment

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// SettingsFile reports a configuration file which the type that is filled from it can no longer read, or reads less of, where the branch
// brought that about.
var SettingsFile = &detectors.Detector{
	ID:    "environment/settings-file",
	Title: "A configuration file does not fit the type that reads it",
	Run:   runSettingsFile,
}

func runSettingsFile(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(pass.Branch.Files, func(f *branch.File) bool { return isCode(f.Path) || settingsEnding(f.Path) }) {
		return detectors.ErrNotApplicable
	}
	c := &fileCheck{ledger: l, reported: map[string]bool{}}
	for _, p := range l.decoders() {
		if pass.Context.Err() != nil {
			break
		}
		f, err := pass.Source.Head(p)
		if err != nil || f == nil {
			continue
		}
		for _, d := range references.Decodings(f) {
			c.decoding(f, d)
		}
	}
	return nothingHere(len(pass.Branch.Files))
}

// decoderWords are identifiers that stand where a file's text becomes a value.
var decoderWords = []string{"toml", "serde_yaml", "serde_yml", "tomllib", "yaml", "safe_load", "DecodeFile", "try_deserialize", "json5", "viper"}

// decoders are the code files that may fill a type from a file, bounded; those whose names speak of configuration come first.
func (l *ledger) decoders() []string {
	naming, err := l.pass.Source.Naming(l.pass.Context, decoderWords...)
	if err != nil {
		return nil
	}
	var list []string
	for _, paths := range naming {
		for _, p := range paths {
			if fileKindOf(p) == codeFile && references.Parsed(p) {
				list = append(list, p)
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	slices.SortStableFunc(list, func(a, b string) int { return rank(a) - rank(b) })
	return list[:min(len(list), maxDefinitions)]
}

func settingsEnding(p string) bool {
	switch path.Ext(p) {
	case ".toml", ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// fileCheck is one run over all types that are filled from files.
type fileCheck struct {
	*ledger
	reported map[string]bool
	files    map[string][]string
}

// maxFiles bounds the files that one type is compared with.
const maxFiles = 60

// decoding compares a type with the files that fit it.
func (c *fileCheck) decoding(f *source.File, d references.Decoding) {
	now := fileShape(c.finder(f, c.typeNamedHere), d.Type, d.Formats[0])
	before := fileShape(c.finder(f, c.typeBeforeHere), d.Type, d.Formats[0])
	if now == nil || before == nil || now.open || before.open {
		return
	}
	changed := slices.ContainsFunc(c.pass.Branch.Files, func(b *branch.File) bool {
		for _, field := range now.fields {
			if field.path == b.Path {
				return true
			}
		}
		return settingsEnding(b.Path)
	})
	if !changed {
		return
	}
	for _, p := range c.candidates(f.Path, d.Formats) {
		if c.fits(p, before) {
			c.compare(p, now, before)
		}
	}
}

// candidates are the configuration files of the formats in the package of a code file.
func (c *fileCheck) candidates(code string, formats []string) []string {
	home := c.packageOf(code)
	key := home + strings.Join(formats, "")
	if list, ok := c.files[key]; ok {
		return list
	}
	var list []string
	for _, p := range sortedKeys(c.layout.all) {
		if slices.Contains(formats, path.Ext(p)) && fileKindOf(p) == configFile && keyedFile(p) && (home == "." || strings.HasPrefix(p, home+"/")) && !strings.HasPrefix(path.Base(p), ".") && len(list) < maxFiles {
			list = append(list, p)
		}
	}
	if c.files == nil {
		c.files = map[string][]string{}
	}
	c.files[key] = list
	return list
}

// finder looks a type up in the file of the decoder first.
func (c *fileCheck) finder(home *source.File, elsewhere func(home *source.File, name string) (*source.File, *source.Decl)) typeFinder {
	return func(name string) (*source.File, *source.Decl) {
		name = name[strings.LastIndexAny(name, ".:")+1:]
		if i := strings.IndexAny(name, "<["); i > 0 {
			name = name[:i]
		}
		return elsewhere(home, name)
	}
}

func (c *fileCheck) typeNamedHere(home *source.File, name string) (*source.File, *source.Decl) {
	if d := typeIn(home, name); d != nil {
		return home, d
	}
	return c.typeNamed(c.pass.Context, name)
}

func (c *fileCheck) typeBeforeHere(home *source.File, name string) (*source.File, *source.Decl) {
	p := home.Path
	if f := c.pass.Branch.File(p); f != nil {
		p = cmp.Or(f.OldPath, f.Path)
	}
	if old, err := c.pass.Source.Base(p); err == nil && old != nil {
		if d := typeIn(old, name); d != nil {
			return old, d
		}
	}
	return c.typeBefore(name)
}

func typeIn(f *source.File, name string) *source.Decl {
	for _, d := range f.Decls {
		if d.Name == name && (d.Kind == source.Struct || d.Kind == source.Class) {
			return d
		}
	}
	return nil
}

// leaf is one value of a configuration file, by its key in the spelling of keys.
type leaf struct {
	key, name string
	node      *document.Node
	line      int
}

// leaves are the values of a document that a shape knows as such; known counts those that it has a key for.
func (s *shape) leaves(n *document.Node) (list []leaf, known int) {
	var walk func(prefix string, n *document.Node, depth int)
	walk = func(prefix string, n *document.Node, depth int) {
		for _, pair := range n.Pairs {
			key := strings.TrimPrefix(prefix+"."+spelled(pair.Key), ".")
			if len(list) > maxKeys || depth > maxDepth || pair.Value == nil {
				return
			}
			if pair.Value.Kind == document.Object && !s.free[key] {
				if _, scalar := s.fields[key]; !scalar {
					walk(key, pair.Value, depth+1)
					continue
				}
			}
			if _, ok := s.fields[key]; ok {
				known++
			}
			list = append(list, leaf{key, pair.Key, pair.Value, pair.Line})
		}
	}
	walk("", n, 0)
	return list, known
}

// fits says whether the base's file is one that the base's type was filled from: it has all that the type needs, and nearly nothing
// that the type does not know.
func (c *fileCheck) fits(p string, before *shape) bool {
	if f := c.pass.Branch.File(p); f != nil {
		if f.Status == branch.Added || f.TooLarge || f.Binary {
			return false
		}
		p = cmp.Or(f.OldPath, p)
	}
	text, err := c.pass.Branch.ReadBase(p)
	if err != nil {
		return false
	}
	n := settingsDocument(p, text)
	if n == nil {
		return false
	}
	list, known := before.leaves(n)
	if known < 2 || known*10 < len(list)*7 {
		return false
	}
	has := map[string]bool{}
	for _, x := range list {
		has[x.key] = true
	}
	for key, field := range before.fields {
		if field.required && !has[key] && (field.parent == "" || under(list, field.parent)) {
			return false
		}
	}
	return true
}

// under says whether a file has any key below a path.
func under(list []leaf, parent string) bool {
	return slices.ContainsFunc(list, func(x leaf) bool { return strings.HasPrefix(x.key, parent+".") })
}

// settingsDocument is the one document of a configuration file, nil where it is none or holds data.
func settingsDocument(p string, text []byte) *document.Node {
	if len(text) > maxConfig/8 {
		return nil
	}
	var n *document.Node
	if path.Ext(p) == ".toml" {
		if one, err := document.TOML(p, text); err == nil {
			n = one
		}
	} else if list, err := document.YAML(p, text); err == nil && len(list) == 1 {
		n = list[0]
	}
	if n == nil || n.Get("apiVersion") != nil && n.Get("kind") != nil {
		return nil
	}
	return n
}

// compare judges a file at the head against the type at the head.
func (c *fileCheck) compare(p string, now, before *shape) {
	text, err := c.pass.Branch.ReadHead(p)
	if err != nil {
		return
	}
	n := settingsDocument(p, text)
	if n == nil {
		return
	}
	list, _ := now.leaves(n)
	has := map[string]bool{}
	for _, x := range list {
		has[x.key] = true
	}
	told := map[string]bool{}
	for _, x := range list {
		if field, ok := now.fields[x.key]; ok {
			c.typeOf(p, x, field, before)
		} else if old, was := before.fields[x.key]; was && !now.free[x.key] && !now.below[x.key] {
			c.left(p, x, old, now, before, has, told)
		}
	}
	for _, key := range sortedFields(now) {
		field := now.fields[key]
		if old, was := before.fields[key]; was && old.required || !field.required || has[key] || told[key] || field.parent != "" && !under(list, field.parent) {
			continue
		}
		c.absent(p, field)
	}
}

func sortedFields(s *shape) []string {
	list := map[string]bool{}
	for key := range s.fields {
		list[key] = true
	}
	return sortedKeys(list)
}

func (c *fileCheck) touched(p string, line int) bool {
	f := c.pass.Branch.File(p)
	return f != nil && f.Status != branch.Deleted && f.Touched(line)
}

// typeOf judges a value that the branch wrote, or whose field it changed.
func (c *fileCheck) typeOf(p string, x leaf, field shapeField, before *shape) {
	wants := refusal(x.node, field)
	if wants == "" || !c.touched(p, x.line) && !c.touched(field.path, field.line) {
		return
	}
	if old, was := before.fields[x.key]; was && !c.touched(p, x.line) && refusal(x.node, old) != "" {
		return
	}
	f := detectors.Finding{
		Severity: detectors.Blocker, Path: p, Line: x.line, Symbol: x.name,
		Message:  fmt.Sprintf("%s is %s here, and %s:%d takes %s", x.name, written(x.node), field.path, field.line, wants),
		Why:      "The file cannot be read into its type, so what is started with it stops at once.",
		Fix:      fmt.Sprintf("Write %s as %s, or let the field take what is written here.", x.name, wants),
		Evidence: []string{p, x.key, string(field.typ)},
		Related:  []detectors.Related{{Path: field.path, Line: field.line, Message: "takes " + wants}},
	}
	if !field.checked {
		f.Severity = detectors.Warning
		f.Why = "Nothing checks it at the start; the first use of the value fails, or does something else."
	}
	c.report(f)
}

// left judges a key that the file still has and the type no longer takes, where the type takes a new one in its place.
func (c *fileCheck) left(p string, x leaf, old shapeField, now, before *shape, has, told map[string]bool) {
	var fresh []shapeField
	for _, key := range sortedFields(now) {
		field := now.fields[key]
		if _, was := before.fields[key]; !was && field.parent == old.parent && !has[key] {
			fresh = append(fresh, field)
		}
	}
	if len(fresh) != 1 && !slices.ContainsFunc(fresh, func(f shapeField) bool { return akin(f.name, x.name) }) {
		return
	}
	at := fresh[0]
	if i := slices.IndexFunc(fresh, func(f shapeField) bool { return akin(f.name, x.name) }); i >= 0 {
		at = fresh[i]
	}
	told[at.key] = true
	f := detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: x.line, Symbol: x.name,
		Message:  fmt.Sprintf("%s is still set here; the type takes %s in its place since this branch (%s:%d)", x.name, at.name, at.path, at.line),
		Why:      fmt.Sprintf("Nothing reads %s any more, and %s goes by its default without a word.", x.name, at.name),
		Fix:      fmt.Sprintf("Rename the key to %s here, or let the type take both names until every file has the new one.", at.name),
		Evidence: []string{p, x.key, at.key},
		Related:  []detectors.Related{{Path: at.path, Line: at.line, Message: "takes the new name"}},
	}
	if at.required {
		f.Severity = detectors.Blocker
		f.Why = fmt.Sprintf("The file lacks %s, which must be there, so what is started with it stops at once.", at.name)
	}
	c.report(f)
}

// absent judges a field that the branch makes a must, which a file lacks.
func (c *fileCheck) absent(p string, field shapeField) {
	c.report(detectors.Finding{
		Severity: detectors.Blocker, Path: field.path, Line: field.line, Symbol: field.name,
		Message:  fmt.Sprintf("%s must be there since this branch, and %s lacks it", field.name, p),
		Why:      "The file cannot be read into its type, so what is started with it stops at once.",
		Fix:      fmt.Sprintf("Add %s to %s, or give the field a default.", field.name, p),
		Evidence: []string{p, field.key, "absent"},
		Related:  []detectors.Related{{Path: p, Message: "lacks it"}},
	})
}

func (c *fileCheck) report(f detectors.Finding) {
	if key := strings.Join(f.Evidence, "\x00"); !c.reported[key] {
		c.reported[key] = true
		c.pass.Report(f)
	}
}
