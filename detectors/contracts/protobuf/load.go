package protobuf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/options"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"github.com/bufbuild/protocompile/sourceinfo"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

const (
	maxFile    = 2 << 20 // bytes of one .proto file that is read
	maxFiles   = 4000    // files that one Set reads, imports included
	maxNesting = 100     // open braces of a file that is parsed
)

// A Tree is the repository on one side of a branch.
type Tree struct {
	// Paths lists every file, with forward slashes.
	Paths []string
	Read  func(path string) ([]byte, error)
}

// A Set reads .proto files of a tree with what they import. What a file imports from elsewhere (googleapis, gogoproto) is
// not needed: types that are not in the tree are compared by name.
type Set struct {
	ctx    context.Context
	tree   Tree
	protos map[string][]string // paths by base name
	files  map[string]*File
	known  protocompile.Resolver
}

// A File is one .proto file; Desc is nil where it could not be read, and Err says why.
type File struct {
	Path string
	Desc protoreflect.FileDescriptor
	Err  error
	// names are the messages, enums and services by full name.
	names map[protoreflect.FullName]protoreflect.Descriptor
	// public are the files that whoever imports this one sees as well.
	public []*File
}

var (
	errTooLarge = errors.New("too large or too deeply nested")
	errTooMany  = errors.New("too many files")
	errCycle    = errors.New("imports itself")
)

// NewSet prepares reading; nothing is read yet.
func NewSet(ctx context.Context, tree Tree) *Set {
	s := &Set{ctx: ctx, tree: tree, protos: map[string][]string{}, files: map[string]*File{}}
	for _, p := range tree.Paths {
		if path.Ext(p) == ".proto" {
			s.protos[path.Base(p)] = append(s.protos[path.Base(p)], p)
		}
	}
	s.known = protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(nil),
	})
	return s
}

// File reads the file at a path of the repository, once.
func (s *Set) File(p string) *File {
	if f := s.files[p]; f != nil {
		if f.Desc == nil && f.Err == nil {
			return &File{Path: p, Err: errCycle}
		}
		return f
	}
	f := &File{Path: p}
	s.files[p] = f
	if len(s.files) > maxFiles || s.ctx.Err() != nil {
		f.Err = errTooMany
		return f
	}
	f.Err = s.read(f)
	return f
}

func (s *Set) read(f *File) error {
	text, err := s.tree.Read(f.Path)
	if err != nil {
		return err
	}
	if len(text) > maxFile || tooDeep(text) {
		return errTooLarge
	}
	handler := reporter.NewHandler(reporter.NewReporter(func(e reporter.ErrorWithPos) error { return e }, nil))
	node, err := parser.Parse(f.Path, bytes.NewReader(text), handler)
	if err != nil {
		return err
	}
	parsed, err := parser.ResultFromAST(node, false, handler)
	if err != nil {
		return err
	}
	index, err := options.InterpretUnlinkedOptions(parsed)
	if err != nil {
		return err
	}
	proto := parsed.FileDescriptorProto()
	proto.SourceCodeInfo = sourceinfo.GenerateSourceInfo(node, index)
	visible := &scope{files: map[string]protoreflect.FileDescriptor{}}
	for i, imported := range proto.GetDependency() {
		dep := s.imported(f.Path, imported)
		if dep == nil || visible.files[dep.Path] != nil {
			continue
		}
		proto.Dependency[i] = dep.Path
		visible.files[dep.Path] = dep.Desc
		visible.see(dep)
		if slices.Contains(proto.GetPublicDependency(), int32(i)) { //nolint:gosec // a file has few imports
			f.public = append(f.public, dep)
		}
	}
	resolve(proto, visible)
	f.Desc, err = protodesc.FileOptions{AllowUnresolvable: true}.New(proto, visible)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	f.names = namesIn(f.Desc)
	return nil
}

// imported is the file that an import means: a well-known one, or the one of the tree whose path ends in it and that lies
// nearest to the importing file, as any set of import roots would have it. Nil where the tree has none.
func (s *Set) imported(from, imported string) *File {
	if strings.HasPrefix(imported, "google/protobuf/") {
		if got, err := s.known.FindFileByPath(imported); err == nil && got.Desc != nil {
			return &File{Path: got.Desc.Path(), Desc: got.Desc, names: namesIn(got.Desc)}
		}
	}
	best, nearest := "", -1
	for _, p := range s.protos[path.Base(imported)] {
		if p != imported && !strings.HasSuffix(p, "/"+imported) || p == from {
			continue
		}
		if n := sharedFolders(from, p); n > nearest || n == nearest && len(p) < len(best) {
			best, nearest = p, n
		}
	}
	if best == "" {
		return nil
	}
	if f := s.File(best); f.Desc != nil {
		return f
	}
	return nil
}

func sharedFolders(a, b string) int {
	x, y := strings.Split(path.Dir(a), "/"), strings.Split(path.Dir(b), "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

func tooDeep(text []byte) bool {
	depth, most := 0, 0
	for _, c := range text {
		switch c {
		case '{', '[', '<', '(':
			depth++
			most = max(most, depth)
		case '}', ']', '>', ')':
			depth--
		}
	}
	return most > maxNesting
}

// A scope is what one file sees of others.
type scope struct {
	files map[string]protoreflect.FileDescriptor
	names []map[protoreflect.FullName]protoreflect.Descriptor
}

func (s *scope) see(f *File) {
	if len(s.names) > maxFiles {
		return
	}
	s.names = append(s.names, f.names)
	for _, p := range f.public {
		s.see(p)
	}
}

func (s *scope) FindFileByPath(p string) (protoreflect.FileDescriptor, error) {
	if d := s.files[p]; d != nil {
		return d, nil
	}
	return nil, protoregistry.NotFound
}

func (s *scope) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	for _, n := range s.names {
		if d := n[name]; d != nil {
			return d, nil
		}
	}
	return nil, protoregistry.NotFound
}

func namesIn(f protoreflect.FileDescriptor) map[protoreflect.FullName]protoreflect.Descriptor {
	names := map[protoreflect.FullName]protoreflect.Descriptor{}
	eachEnum(f, func(e protoreflect.EnumDescriptor) { names[e.FullName()] = e })
	eachMessage(f, func(m protoreflect.MessageDescriptor) { names[m.FullName()] = m })
	for i := range f.Services().Len() {
		names[f.Services().Get(i).FullName()] = f.Services().Get(i)
	}
	return names
}

// container is a file or a message.
type container interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
	Extensions() protoreflect.ExtensionDescriptors
}

func eachMessage(in container, visit func(protoreflect.MessageDescriptor)) {
	for i := range in.Messages().Len() {
		m := in.Messages().Get(i)
		visit(m)
		eachMessage(m, visit)
	}
}

func eachEnum(in container, visit func(protoreflect.EnumDescriptor)) {
	for i := range in.Enums().Len() {
		visit(in.Enums().Get(i))
	}
	for i := range in.Messages().Len() {
		eachEnum(in.Messages().Get(i), visit)
	}
}

func eachExtension(in container, visit func(protoreflect.ExtensionDescriptor)) {
	for i := range in.Extensions().Len() {
		visit(in.Extensions().Get(i))
	}
	for i := range in.Messages().Len() {
		eachExtension(in.Messages().Get(i), visit)
	}
}
