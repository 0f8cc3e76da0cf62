package protobuf

import "google.golang.org/protobuf/reflect/protoreflect"

// Kind says what a Record is.
type Kind string

// The kinds.
const (
	Message Kind = "message"
	Enum    Kind = "enum"
	Service Kind = "service"
)

// A Record is what generators make a type of.
type Record struct {
	Kind Kind
	// Name is without the package ("Outer.Inner"), FullName with it.
	Name, FullName string
	Members        []Member
	Line           int
}

// A Member is a field, a value or an rpc; Number is 0 for an rpc, JSON is empty but for fields.
type Member struct {
	Name, JSON string
	Number     int
	Line       int
}

// Records lists the types of a file that could be read.
func (f *File) Records() []Record {
	if f.Desc == nil {
		return nil
	}
	var list []Record
	eachMessage(f.Desc, func(m protoreflect.MessageDescriptor) {
		if m.IsMapEntry() {
			return
		}
		r := Record{Kind: Message, Name: nested(m), FullName: string(m.FullName()), Line: lineOf(m)}
		for i := range m.Fields().Len() {
			x := m.Fields().Get(i)
			r.Members = append(r.Members, Member{string(x.Name()), x.JSONName(), int(x.Number()), lineOf(x)})
		}
		list = append(list, r)
	})
	eachEnum(f.Desc, func(e protoreflect.EnumDescriptor) {
		r := Record{Kind: Enum, Name: nested(e), FullName: string(e.FullName()), Line: lineOf(e)}
		for i := range e.Values().Len() {
			x := e.Values().Get(i)
			r.Members = append(r.Members, Member{Name: string(x.Name()), Number: int(x.Number()), Line: lineOf(x)})
		}
		list = append(list, r)
	})
	for i := range f.Desc.Services().Len() {
		s := f.Desc.Services().Get(i)
		r := Record{Kind: Service, Name: nested(s), FullName: string(s.FullName()), Line: lineOf(s)}
		for j := range s.Methods().Len() {
			x := s.Methods().Get(j)
			r.Members = append(r.Members, Member{Name: string(x.Name()), Line: lineOf(x)})
		}
		list = append(list, r)
	}
	return list
}
