package protobuf

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func (c *comparer) enum(was protoreflect.EnumDescriptor) {
	now, _ := c.find(was).(protoreflect.EnumDescriptor)
	if now == nil {
		c.missing(was, "enum", Source)
		return
	}
	c.moved(was, now, "enum")
	name := nested(was)
	if was.IsClosed() != now.IsClosed() {
		c.tell(Source, now, name, fmt.Sprintf("enum %s is %s now, it was %s", name, openness(now), openness(was)), "ENUM_SAME_TYPE")
	}
	c.bestEffort(was, now, "ENUM_SAME_JSON_FORMAT")
	seen := map[protoreflect.EnumNumber]bool{}
	for i := range was.Values().Len() {
		if v := was.Values().Get(i); !seen[v.Number()] {
			seen[v.Number()] = true
			c.value(was, now, v.Number())
		}
	}
	lost(c, now, name, "reserved", enumRanges(was.ReservedRanges()), enumRanges(now.ReservedRanges()), "RESERVED_ENUM_NO_DELETE")
	c.freed(now, name, was.ReservedNames(), now.ReservedNames(), "RESERVED_ENUM_NO_DELETE")
}

func openness(e protoreflect.EnumDescriptor) string {
	if e.IsClosed() {
		return "closed"
	}
	return "open"
}

// value compares the names of one number: each that was there has to stay, more may come.
func (c *comparer) value(was, now protoreflect.EnumDescriptor, number protoreflect.EnumNumber) {
	old, kept := valueNames(was, number), valueNames(now, number)
	symbol := nested(was) + "." + old[0]
	if len(kept) > 0 {
		gone := slices.DeleteFunc(slices.Clone(old), func(n string) bool { return slices.Contains(kept, n) })
		if len(gone) == 0 {
			return
		}
		at := now.Values().ByNumber(number)
		symbol = nested(was) + "." + gone[0]
		if v := now.Values().ByName(protoreflect.Name(gone[0])); v != nil {
			c.tell(Wire, v, symbol, fmt.Sprintf("value %s is %d now, it was %d", symbol, v.Number(), number), "ENUM_VALUE_SAME_NAME")
			return
		}
		c.tell(Names, at, symbol, fmt.Sprintf("value %s = %d is called %s now: JSON and generated code change", symbol, number, strings.Join(kept, ", ")), "ENUM_VALUE_SAME_NAME")
		return
	}
	reserved := now.ReservedRanges().Has(number)
	names := !slices.ContainsFunc(old, func(n string) bool { return !now.ReservedNames().Has(protoreflect.Name(n)) })
	rules := c.deletionRules("ENUM_VALUE", false, reserved, names)
	for _, n := range old {
		if v := now.Values().ByName(protoreflect.Name(n)); v != nil {
			c.tell(Wire, v, symbol, fmt.Sprintf("value %s is %d now, it was %d", symbol, v.Number(), number), rules...)
			return
		}
	}
	class := Names
	if reserved {
		class = Source
	}
	c.tell(class, now, symbol, fmt.Sprintf("value %s = %d was removed", symbol, number), rules...)
}

func valueNames(e protoreflect.EnumDescriptor, number protoreflect.EnumNumber) []string {
	var names []string
	for i := range e.Values().Len() {
		if v := e.Values().Get(i); v.Number() == number {
			names = append(names, string(v.Name()))
		}
	}
	return names
}
