package protobuf

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// outside is put before the name of a type that the tree does not declare: it stays as it was written.
const outside = "_."

// resolve makes every type's name in a parsed file a full one, by the language's rules of scope: the innermost scope that
// has a type of that name wins, fields and values do not count.
func resolve(f *descriptorpb.FileDescriptorProto, visible *scope) {
	r := &resolver{visible: visible, local: map[string]bool{}}
	r.declare(f.GetPackage(), f.GetMessageType(), f.GetEnumType())
	r.messages(f.GetPackage(), f.GetMessageType())
	r.fields(f.GetPackage(), f.GetExtension())
	for _, s := range f.GetService() {
		for _, m := range s.GetMethod() {
			m.InputType = r.full(within(f.GetPackage(), s.GetName()), m.InputType)
			m.OutputType = r.full(within(f.GetPackage(), s.GetName()), m.OutputType)
		}
	}
}

type resolver struct {
	visible *scope
	local   map[string]bool
}

func within(scope, name string) string {
	if scope == "" {
		return name
	}
	return scope + "." + name
}

func (r *resolver) declare(scope string, messages []*descriptorpb.DescriptorProto, enums []*descriptorpb.EnumDescriptorProto) {
	for _, e := range enums {
		r.local[within(scope, e.GetName())] = true
	}
	for _, m := range messages {
		name := within(scope, m.GetName())
		r.local[name] = true
		r.declare(name, m.GetNestedType(), m.GetEnumType())
	}
}

func (r *resolver) messages(scope string, list []*descriptorpb.DescriptorProto) {
	for _, m := range list {
		name := within(scope, m.GetName())
		r.fields(name, m.GetField())
		r.fields(name, m.GetExtension())
		r.messages(name, m.GetNestedType())
	}
}

func (r *resolver) fields(scope string, list []*descriptorpb.FieldDescriptorProto) {
	for _, f := range list {
		f.TypeName = r.full(scope, f.TypeName)
		f.Extendee = r.full(scope, f.Extendee)
	}
}

func (r *resolver) full(scope string, written *string) *string {
	if written == nil || *written == "" || strings.HasPrefix(*written, ".") {
		return written
	}
	for {
		if name := within(scope, *written); r.known(name) {
			return proto.String("." + name)
		}
		if scope == "" {
			return proto.String("." + outside + *written)
		}
		scope, _, _ = cut(scope)
	}
}

func (r *resolver) known(name string) bool {
	if r.local[name] {
		return true
	}
	d, err := r.visible.FindDescriptorByName(protoreflect.FullName(name))
	return err == nil && d != nil
}

// cut takes the last part off a name.
func cut(name string) (head, last string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}
