package protobuf

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func (c *comparer) fieldName(was, now protoreflect.FieldDescriptor, symbol string) {
	switch {
	case was.Name() != now.Name():
		rules := []string{"FIELD_SAME_NAME"}
		if was.JSONName() != now.JSONName() {
			rules = append(rules, "FIELD_SAME_JSON_NAME")
		}
		c.tell(Names, now, symbol, fmt.Sprintf("field %s = %d is called %s now: JSON and generated code change", symbol, was.Number(), now.Name()), rules...)
	case was.JSONName() != now.JSONName():
		c.tell(Names, now, symbol, fmt.Sprintf("field %s is called %q in JSON now, it was %q", symbol, now.JSONName(), was.JSONName()), "FIELD_SAME_JSON_NAME")
	}
}

// fieldTypes compares what a field holds and how often.
func (c *comparer) fieldTypes(was, now protoreflect.FieldDescriptor, symbol string) {
	c.cardinality(was, now, symbol)
	c.oneof(was, now, symbol)
	a, b := was, now
	if was.IsMap() && now.IsMap() {
		if k, l := was.MapKey(), now.MapKey(); k.Kind() != l.Kind() {
			c.typeChanged(k, l, now, symbol)
		}
		a, b = was.MapValue(), now.MapValue()
	} else if was.IsMap() || now.IsMap() {
		if a.Kind() == b.Kind() { // one is a message of the other's entries
			c.tell(Wire, now, symbol, fmt.Sprintf("field %s is %s now, it was %s", symbol, typeText(now), typeText(was)), "FIELD_SAME_TYPE", "FIELD_WIRE_JSON_COMPATIBLE_TYPE")
			return
		}
	}
	if c.sameType(a, b) {
		return
	}
	c.typeChanged(a, b, now, symbol)
}

func (c *comparer) sameType(a, b protoreflect.FieldDescriptor) bool {
	if kind(a) != kind(b) && a.Kind() != 0 && b.Kind() != 0 {
		return false
	}
	return c.sameName(typeName(a), typeName(b))
}

// sameName says that two names mean the same type. One that the tree does not declare may have been
// written without its package.
func (c *comparer) sameName(a, b protoreflect.FullName) bool {
	x, loose := strings.CutPrefix(string(a), outside)
	y, looser := strings.CutPrefix(string(b), outside)
	switch {
	case x == y || string(c.translated(a)) == y:
		return true
	case loose && strings.HasSuffix(y, "."+x), looser && strings.HasSuffix(x, "."+y):
		return true
	}
	return false
}

// kind is the kind of a field; a message that editions write between delimiters is a group.
func kind(f protoreflect.FieldDescriptor) protoreflect.Kind {
	if f.Kind() == protoreflect.MessageKind && !f.IsMap() && descriptorpb.FeatureSet_MessageEncoding(feature(f, "message_encoding")) == descriptorpb.FeatureSet_DELIMITED {
		return protoreflect.GroupKind
	}
	return f.Kind()
}

// typeName is the full name of a field's message or enum, empty for scalars; of a type that the tree does not declare, the
// name as it was written.
func typeName(f protoreflect.FieldDescriptor) protoreflect.FullName {
	switch {
	case f.Kind() == 0, f.Message() != nil:
		return f.Message().FullName()
	case f.Enum() != nil:
		return f.Enum().FullName()
	}
	return ""
}

func (c *comparer) typeChanged(a, b, at protoreflect.FieldDescriptor, symbol string) {
	rules := []string{"FIELD_SAME_TYPE"}
	class := Source
	same := c.compatible(a, b)
	if !same(wireGroups) && (a.Kind() != protoreflect.StringKind || b.Kind() != protoreflect.BytesKind) {
		rules = append(rules, "FIELD_WIRE_COMPATIBLE_TYPE")
		class = Wire
	}
	if !same(jsonGroups) {
		rules = append(rules, "FIELD_WIRE_JSON_COMPATIBLE_TYPE")
		class = max(class, Names)
	}
	if class == Wire && typeName(a) != "" && kind(a) == kind(b) && c.sameForm(a, b) {
		class = Source // the type has another name and the same bytes and keys
	}
	how := ""
	if class == Source {
		how = ": the same on the wire, another type in generated code"
	}
	before := len(c.result.Breaks)
	c.tell(class, at, symbol, fmt.Sprintf("field %s is %s now, it was %s%s", symbol, typeText(b), typeText(a), how), rules...)
	if len(c.result.Breaks) > before && typeName(a) != "" && typeName(b) != "" {
		c.result.Breaks[before].Types = [2]string{typeText(a), typeText(b)}
	}
}

// Groups of kinds that read each other's bytes (buf's FIELD_WIRE_COMPATIBLE_TYPE), and bytes and JSON
// (FIELD_WIRE_JSON_COMPATIBLE_TYPE).
var (
	wireGroups = [][]protoreflect.Kind{
		{protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.BoolKind},
		{protoreflect.Sint32Kind, protoreflect.Sint64Kind},
		{protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind},
		{protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind},
	}
	jsonGroups = [][]protoreflect.Kind{
		{protoreflect.Int32Kind, protoreflect.Uint32Kind},
		{protoreflect.Int64Kind, protoreflect.Uint64Kind},
		{protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind},
		{protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind},
	}
)

// compatible says whether two types go together by groups of kinds; enums of the same short name do where no value went.
func (c *comparer) compatible(a, b protoreflect.FieldDescriptor) func([][]protoreflect.Kind) bool {
	return func(groups [][]protoreflect.Kind) bool {
		if kind(a) == kind(b) {
			if x, y := a.Enum(), b.Enum(); x != nil && y != nil && !x.IsPlaceholder() && !y.IsPlaceholder() {
				return x.Name() == y.Name() && subset(x, y)
			}
			return typeName(a) == "" && typeName(b) == ""
		}
		return slices.ContainsFunc(groups, func(g []protoreflect.Kind) bool { return slices.Contains(g, a.Kind()) && slices.Contains(g, b.Kind()) })
	}
}

// subset says that every value of an enum is in another one, with its number and name.
func subset(a, b protoreflect.EnumDescriptor) bool {
	for i := range a.Values().Len() {
		v := a.Values().Get(i)
		if w := b.Values().ByName(v.Name()); w == nil || w.Number() != v.Number() {
			return false
		}
	}
	return true
}

// sameForm says that a message or an enum can be read as another one: the numbers, names and kinds of all that it has.
func (c *comparer) sameForm(a, b protoreflect.FieldDescriptor) bool {
	if x, y := a.Enum(), b.Enum(); x != nil && y != nil && a.Kind() == protoreflect.EnumKind {
		return !x.IsPlaceholder() && !y.IsPlaceholder() && subset(x, y)
	}
	return sameMessage(c, a.Message(), b.Message(), 0)
}

func sameMessage(c *comparer, x, y protoreflect.MessageDescriptor, depth int) bool {
	if x != nil && y != nil && c.sameName(x.FullName(), y.FullName()) {
		return true
	}
	// Well-known types have forms of their own in JSON.
	if x == nil || y == nil || x.IsPlaceholder() || y.IsPlaceholder() || x.ParentFile().Package() == "google.protobuf" || depth > 4 {
		return false
	}
	for i := range x.Fields().Len() {
		f := x.Fields().Get(i)
		g := y.Fields().ByNumber(f.Number())
		if g == nil || g.JSONName() != f.JSONName() || g.Kind() != f.Kind() || g.Cardinality() != f.Cardinality() {
			return false
		}
		if f.Kind() == protoreflect.EnumKind && g.Enum().FullName() != f.Enum().FullName() && !subset(f.Enum(), g.Enum()) {
			return false
		}
		if f.Message() != nil && !sameMessage(c, f.Message(), g.Message(), depth+1) {
			return false
		}
	}
	return true
}

// frequency says how often a field may be there.
type frequency string

const (
	explicit frequency = "optional with its presence known"
	implicit frequency = "optional without its presence known"
	required frequency = "required"
	repeated frequency = "repeated"
	mapping  frequency = "a map"
)

func frequencyOf(f protoreflect.FieldDescriptor) frequency {
	switch {
	case f.IsList():
		return repeated
	case f.IsMap():
		return mapping
	case f.Cardinality() == protoreflect.Required:
		return required
	case f.HasPresence():
		return explicit
	}
	return implicit
}

func (c *comparer) cardinality(was, now protoreflect.FieldDescriptor, symbol string) {
	a, b := frequencyOf(was), frequencyOf(now)
	if a == b {
		return
	}
	group := func(f frequency, maps frequency) frequency {
		switch f {
		case implicit:
			return explicit
		case mapping:
			return maps
		case explicit, required, repeated:
		}
		return f
	}
	rules, class := []string{"FIELD_SAME_CARDINALITY"}, Source
	if group(a, mapping) != group(b, mapping) {
		rules, class = append(rules, "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"), Wire
	}
	if group(a, repeated) != group(b, repeated) {
		rules = append(rules, "FIELD_WIRE_COMPATIBLE_CARDINALITY")
	}
	if a == required || b == required {
		class = Source // MESSAGE_SAME_REQUIRED_FIELDS tells
	}
	c.tell(class, now, symbol, fmt.Sprintf("field %s is %s now, it was %s", symbol, b, a), rules...)
}

func (c *comparer) oneof(was, now protoreflect.FieldDescriptor, symbol string) {
	a, b := realOneof(was), realOneof(now)
	const rule = "FIELD_SAME_ONEOF"
	switch {
	case a == nil && b == nil:
	case a == nil:
		class := Names
		if alone(b, was) {
			class = Source
		}
		c.tell(class, now, symbol, fmt.Sprintf("field %s is in the oneof %s now: setting another field of it clears this one", symbol, b.Name()), rule)
	case b == nil:
		c.tell(Names, now, symbol, fmt.Sprintf("field %s left the oneof %s", symbol, a.Name()), rule)
	case a.Name() != b.Name():
		c.tell(Source, now, symbol, fmt.Sprintf("field %s moved from the oneof %s to %s", symbol, a.Name(), b.Name()), rule)
	}
}

func realOneof(f protoreflect.FieldDescriptor) protoreflect.OneofDescriptor {
	if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() {
		return o
	}
	return nil
}

// alone says that a field is the only one of its message that went into a oneof; the others of it are new.
func alone(o protoreflect.OneofDescriptor, was protoreflect.FieldDescriptor) bool {
	for i := range o.Fields().Len() {
		f := o.Fields().Get(i)
		if f.Number() != was.Number() && was.ContainingMessage().Fields().ByNumber(f.Number()) != nil {
			return false
		}
	}
	return true
}

func typeText(f protoreflect.FieldDescriptor) string {
	switch {
	case kind(f) == protoreflect.GroupKind:
		return "group " + strings.TrimPrefix(string(typeName(f)), outside)
	case f.IsMap():
		return fmt.Sprintf("map<%s, %s>", typeText(f.MapKey()), typeText(f.MapValue()))
	case f.Kind() == 0, f.Message() != nil, f.Enum() != nil:
		return strings.TrimPrefix(string(typeName(f)), outside)
	}
	return f.Kind().String()
}
