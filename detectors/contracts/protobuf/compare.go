package protobuf

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"flightpoll/detectors/lazy"
)

var unstable = lazy.New(`(^|\.)(v\d+)?(p\d+)?(alpha|beta|test)\d*(\.|$)`)

// Unstable says that a package promises nothing: v1alpha1, v1beta1, v1test, v1p1beta1, or a part called alpha or beta.
func Unstable(pkgName string) bool { return unstable.MatchString(pkgName) }

// A Comparison is what Compare found.
type Comparison struct {
	Breaks []Break
	// Left counts the breaks past Source that the base's configuration leaves out, by the paths of the buf.yaml and the file.
	Left map[[2]string]int
}

// Compare compares the files of the base with those of the head that the branch changed. What moved to another file of the
// same package is no break. Renamed gives the new path of a file that git calls renamed.
func Compare(base, head Tree, old, now []*File, renamed func(path string) string) Comparison {
	c := &comparer{base: base, head: head, now: now, renamed: renamed, result: Comparison{Left: map[[2]string]int{}}}
	for _, f := range now {
		if f.Desc != nil {
			c.packages = append(c.packages, string(f.Desc.Package()))
		}
	}
	for _, f := range old {
		if f.Desc != nil {
			c.file(f)
		}
	}
	slices.SortStableFunc(c.result.Breaks, func(a, b Break) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Element, b.Element))
	})
	return c.result
}

type comparer struct {
	base, head Tree
	now        []*File
	packages   []string
	renamed    func(string) string
	result     Comparison

	// The file that is compared, its counterpart (nil for none) and the configuration that holds for it.
	old    *File
	pair   *File
	config Config
}

// tell notes a break; at is the descriptor whose line it stands on, nil for the whole file.
func (c *comparer) tell(class Class, at protoreflect.Descriptor, element, message string, rules ...string) {
	b := Break{
		Rules: rules, Class: class, Element: element, Package: string(c.old.Desc.Package()), Message: message,
		OldPath: c.old.Path, Path: c.old.Path,
	}
	if c.pair != nil {
		b.Path = c.pair.Path
	}
	if at != nil && at.ParentFile() != nil {
		b.Path = at.ParentFile().Path()
		b.Line = lineOf(at)
	}
	switch c.config.judge(c.old.Path, b.Package, rules) {
	case ignored, unused:
		if class > Source {
			c.result.Left[[2]string{c.config.Path, c.old.Path}]++
		}
		return
	case named:
		b.Named = true
	case judged:
	}
	c.result.Breaks = append(c.result.Breaks, b)
}

func lineOf(d protoreflect.Descriptor) int {
	if f := d.ParentFile(); f == nil || protoreflect.Descriptor(f) == d {
		return 0
	}
	if at := d.ParentFile().SourceLocations().ByDescriptor(d); at.Path != nil {
		return at.StartLine + 1
	}
	return 0
}

// counterpart is the file as it is now: at its path, where git says that it went, or at the same path of its module.
func (c *comparer) counterpart(f *File) *File {
	want := []string{f.Path, c.renamed(f.Path)}
	for _, p := range want {
		for _, n := range c.now {
			if n.Path == p && n.Desc != nil {
				return n
			}
		}
	}
	for _, n := range c.now {
		if n.Desc == nil || path.Base(n.Path) != path.Base(f.Path) {
			continue
		}
		at := c.head.ConfigOf(n.Path)
		if at.ModulePath(n.Path) == c.config.ModulePath(f.Path) && (at.Module == c.config.Module || n.Desc.Package() == f.Desc.Package()) {
			return n
		}
	}
	return nil
}

func (c *comparer) file(f *File) {
	c.old, c.config = f, c.base.ConfigOf(f.Path)
	c.pair = c.counterpart(f)
	if c.pair == nil {
		c.gone(f)
	} else {
		c.fileOptions(f.Desc, c.pair.Desc)
	}
	eachMessage(f.Desc, func(m protoreflect.MessageDescriptor) {
		if !m.IsMapEntry() {
			c.message(m)
		}
	})
	eachEnum(f.Desc, c.enum)
	for i := range f.Desc.Services().Len() {
		c.service(f.Desc.Services().Get(i))
	}
	eachExtension(f.Desc, c.extension)
}

// gone tells of a file that is no longer there.
func (c *comparer) gone(f *File) {
	rules := []string{"FILE_NO_DELETE"}
	if !slices.Contains(c.packages, string(f.Desc.Package())) && !c.keptPackage(f.Path) {
		rules = append(rules, "PACKAGE_NO_DELETE")
	}
	c.tell(Source, nil, path.Base(f.Path), fmt.Sprintf("%s was removed", path.Base(f.Path)), rules...)
}

// keptPackage says that a file of the package lies beside a removed one and was not changed: every file of a package has its
// folder, as buf's own layout and that of Go ask for.
func (c *comparer) keptPackage(p string) bool {
	dir := path.Dir(p)
	for _, other := range c.base.Paths {
		if other != p && path.Ext(other) == ".proto" && path.Dir(other) == dir && !slices.ContainsFunc(c.now, func(f *File) bool { return f.Path == other }) && c.renamed(other) == "" {
			return true
		}
	}
	return false
}

// find is what an element of the old file is now: in its counterpart, under whatever package, or in another changed file of
// the same package.
func (c *comparer) find(d protoreflect.Descriptor) protoreflect.Descriptor {
	if c.pair != nil {
		if n := c.pair.names[c.translated(d.FullName())]; n != nil {
			return n
		}
	}
	for _, f := range c.now {
		if n := f.names[d.FullName()]; n != nil {
			return n
		}
	}
	return nil
}

// translated is a name of the old file as it would be in the package of its counterpart.
func (c *comparer) translated(name protoreflect.FullName) protoreflect.FullName {
	if c.pair == nil || c.pair.Desc.Package() == c.old.Desc.Package() {
		return name
	}
	local := string(name)
	if p := c.old.Desc.Package(); p != "" {
		rest, ok := strings.CutPrefix(local, string(p)+".")
		if !ok {
			return name
		}
		local = rest
	}
	if p := c.pair.Desc.Package(); p != "" {
		local = string(p) + "." + local
	}
	return protoreflect.FullName(local)
}

// nested is the name of an element without its package.
func nested(d protoreflect.Descriptor) string {
	name := string(d.FullName())
	if p := d.ParentFile().Package(); p != "" {
		name = strings.TrimPrefix(name, string(p)+".")
	}
	return name
}

// missing tells of a message, an enum or a service that is no longer in its file. Where its parent is gone too, that is told.
func (c *comparer) missing(d protoreflect.Descriptor, kind string, class Class) {
	upper := strings.ToUpper(kind)
	parent := d.Parent()
	at := protoreflect.Descriptor(nil)
	if m, ok := parent.(protoreflect.MessageDescriptor); ok {
		if at = c.find(m); at == nil {
			return
		}
	}
	c.tell(class, at, nested(d), fmt.Sprintf("%s %s was removed", kind, nested(d)), upper+"_NO_DELETE", "PACKAGE_"+upper+"_NO_DELETE")
}

// moved tells of an element that is in another file of its package now: only generated code that goes by files notices.
func (c *comparer) moved(was, now protoreflect.Descriptor, kind string) {
	if c.pair != nil && now.ParentFile().Path() == c.pair.Path || was.Parent() != protoreflect.Descriptor(was.ParentFile()) {
		return
	}
	if c.pair == nil && c.config.ModulePath(c.old.Path) == c.config.ModulePath(now.ParentFile().Path()) {
		return
	}
	c.tell(Source, now, nested(was), fmt.Sprintf("%s %s moved to %s", kind, nested(was), path.Base(now.ParentFile().Path())), strings.ToUpper(kind)+"_NO_DELETE")
}
