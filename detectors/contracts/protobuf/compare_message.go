package protobuf

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func (c *comparer) message(was protoreflect.MessageDescriptor) {
	now, _ := c.find(was).(protoreflect.MessageDescriptor)
	if now == nil {
		c.missing(was, "message", Source)
		return
	}
	c.moved(was, now, "message")
	name := nested(was)
	c.messageOptions(was, now)
	c.required(was, now)
	for i := range was.Fields().Len() {
		c.member(was.Fields().Get(i), now)
	}
	for i := range was.Oneofs().Len() {
		o := was.Oneofs().Get(i)
		if !o.IsSynthetic() && now.Oneofs().ByName(o.Name()) == nil {
			c.tell(Source, now, name+"."+string(o.Name()), fmt.Sprintf("oneof %s.%s was removed", name, o.Name()), "ONEOF_NO_DELETE")
		}
	}
	lost(c, now, name, "reserved", fieldRanges(was.ReservedRanges()), fieldRanges(now.ReservedRanges()), "RESERVED_MESSAGE_NO_DELETE")
	lost(c, now, name, "extension", fieldRanges(was.ExtensionRanges()), fieldRanges(now.ExtensionRanges()), "EXTENSION_MESSAGE_NO_DELETE")
	c.freed(now, name, was.ReservedNames(), now.ReservedNames(), "RESERVED_MESSAGE_NO_DELETE")
}

// member compares one field with the one that has its number now.
func (c *comparer) member(was protoreflect.FieldDescriptor, in protoreflect.MessageDescriptor) {
	now := in.Fields().ByNumber(was.Number())
	symbol := nested(was.Parent()) + "." + string(was.Name())
	if elsewhere := in.Fields().ByName(was.Name()); elsewhere != nil && elsewhere.Number() != was.Number() {
		rules := c.deletionRules("FIELD", now != nil, in.ReservedRanges().Has(was.Number()), in.ReservedNames().Has(was.Name()))
		if now != nil {
			rules = append(rules, "FIELD_SAME_NAME", "FIELD_SAME_JSON_NAME")
		}
		c.tell(Wire, elsewhere, symbol, fmt.Sprintf("field %s has the number %d now, it was %d", symbol, elsewhere.Number(), was.Number()), rules...)
		if now != nil {
			c.fieldTypes(was, now, symbol)
			c.fieldOptions(was, now, symbol)
		}
		return
	}
	if now == nil {
		number, name := in.ReservedRanges().Has(was.Number()), in.ReservedNames().Has(was.Name())
		class, how := Names, "was removed and its number is not reserved"
		if number {
			class, how = Source, "was removed"
		}
		c.tell(class, in, symbol, fmt.Sprintf("field %s = %d %s", symbol, was.Number(), how), c.deletionRules("FIELD", false, number, name)...)
		return
	}
	if before := was.ContainingMessage().Fields().ByName(now.Name()); before != nil && before.Number() != was.Number() {
		c.tell(Wire, now, symbol, fmt.Sprintf("field %s went and its number %d was given to %s", symbol, was.Number(), now.Name()), "FIELD_SAME_NAME", "FIELD_SAME_JSON_NAME")
	} else {
		c.fieldName(was, now, symbol)
	}
	c.fieldTypes(was, now, symbol)
	c.fieldOptions(was, now, symbol)
}

// deletionRules are the rules that the removal of a number breaks; none where the number is taken again.
func (c *comparer) deletionRules(kind string, taken, number, name bool) []string {
	if taken {
		return nil
	}
	rules := []string{kind + "_NO_DELETE"}
	if !number {
		rules = append(rules, kind+"_NO_DELETE_UNLESS_NUMBER_RESERVED")
	}
	if !name {
		rules = append(rules, kind+"_NO_DELETE_UNLESS_NAME_RESERVED")
	}
	return rules
}

// required tells of required fields that came or went: the other side refuses every message.
func (c *comparer) required(was, now protoreflect.MessageDescriptor) {
	const rule = "MESSAGE_SAME_REQUIRED_FIELDS"
	for i := range was.RequiredNumbers().Len() {
		if n := was.RequiredNumbers().Get(i); !now.RequiredNumbers().Has(n) {
			symbol := nested(was) + "." + string(was.Fields().ByNumber(n).Name())
			c.tell(Wire, now, symbol, fmt.Sprintf("field %s is required no more: peers that require it refuse messages without it", symbol), rule)
		}
	}
	for i := range now.RequiredNumbers().Len() {
		if n := now.RequiredNumbers().Get(i); !was.RequiredNumbers().Has(n) {
			f := now.Fields().ByNumber(n)
			symbol := nested(now) + "." + string(f.Name())
			c.tell(Wire, f, symbol, fmt.Sprintf("field %s is required now: messages of older peers are refused", symbol), rule)
		}
	}
}

func (c *comparer) extension(was protoreflect.ExtensionDescriptor) {
	var now protoreflect.ExtensionDescriptor
	for _, f := range c.now {
		if f.Desc == nil {
			continue
		}
		eachExtension(f.Desc, func(x protoreflect.ExtensionDescriptor) {
			if x.FullName() == c.translated(was.FullName()) && (now == nil || f == c.pair) {
				now = x
			}
		})
	}
	if now == nil {
		// By the number, it may have another name.
		for _, f := range c.now {
			if f.Desc == nil {
				continue
			}
			eachExtension(f.Desc, func(x protoreflect.ExtensionDescriptor) {
				if x.Number() == was.Number() && x.ContainingMessage().FullName() == was.ContainingMessage().FullName() {
					now = x
				}
			})
		}
		if now == nil {
			c.missing(was, "extension", Names)
			return
		}
		c.tell(Names, now, nested(was), fmt.Sprintf("extension %s is called %s now", nested(was), nested(now)), "FIELD_SAME_NAME", "EXTENSION_NO_DELETE", "PACKAGE_EXTENSION_NO_DELETE")
	}
	c.moved(was, now, "extension")
	if now.Number() == was.Number() {
		c.fieldTypes(was, now, nested(was))
		c.fieldOptions(was, now, nested(was))
	}
}

func (c *comparer) messageOptions(was, now protoreflect.MessageDescriptor) {
	name := nested(was)
	a, _ := was.Options().(*descriptorpb.MessageOptions)
	b, _ := now.Options().(*descriptorpb.MessageOptions)
	if !a.GetNoStandardDescriptorAccessor() && b.GetNoStandardDescriptorAccessor() {
		c.tell(Source, now, name, name+" has no standard descriptor accessor any more", "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR")
	}
	if a.GetMessageSetWireFormat() != b.GetMessageSetWireFormat() {
		c.tell(Wire, now, name, "message set wire format of "+name+" changed", "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT")
	}
	c.bestEffort(was, now, "MESSAGE_SAME_JSON_FORMAT")
}
