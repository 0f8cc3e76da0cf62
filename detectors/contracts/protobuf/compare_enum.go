package protobuf

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
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
	if jsonFormat(was) == descriptorpb.FeatureSet_ALLOW && jsonFormat(now) != descriptorpb.FeatureSet_ALLOW {
		c.tell(Names, now, name, "JSON is only best effort for "+name+" now", "ENUM_SAME_JSON_FORMAT")
	}
	seen := map[protoreflect.EnumNumber]bool{}
	for i := range was.Values().Len() {
		if v := was.Values().Get(i); !seen[v.Number()] {
			seen[v.Number()] = true
			c.value(was, now, v.Number())
		}
	}
	lost(c, now, name, "reserved", enumRanges(was.ReservedRanges()), enumRanges(now.ReservedRanges()), "RESERVED_ENUM_NO_DELETE")
	for i := range was.ReservedNames().Len() {
		if n := was.ReservedNames().Get(i); !now.ReservedNames().Has(n) {
			c.tell(Names, now, name+"."+string(n), fmt.Sprintf("%s no longer reserves the name %s", name, n), "RESERVED_ENUM_NO_DELETE")
		}
	}
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

func (c *comparer) service(was protoreflect.ServiceDescriptor) {
	now, _ := c.find(was).(protoreflect.ServiceDescriptor)
	if now == nil {
		c.missing(was, "service", Names)
		return
	}
	c.moved(was, now, "service")
	for i := range was.Methods().Len() {
		m := was.Methods().Get(i)
		symbol := nested(was) + "." + string(m.Name())
		n := now.Methods().ByName(m.Name())
		if n == nil {
			c.tell(Names, now, symbol, fmt.Sprintf("rpc %s was removed", symbol), "RPC_NO_DELETE")
			continue
		}
		c.method(m, n, symbol)
	}
}

func (c *comparer) method(was, now protoreflect.MethodDescriptor, symbol string) {
	streams := func(yes bool) string {
		if yes {
			return "a stream"
		}
		return "one message"
	}
	if was.IsStreamingClient() != now.IsStreamingClient() {
		c.tell(Wire, now, symbol, fmt.Sprintf("rpc %s takes %s now, it took %s", symbol, streams(now.IsStreamingClient()), streams(was.IsStreamingClient())), "RPC_SAME_CLIENT_STREAMING")
	}
	if was.IsStreamingServer() != now.IsStreamingServer() {
		c.tell(Wire, now, symbol, fmt.Sprintf("rpc %s answers with %s now, it was %s", symbol, streams(now.IsStreamingServer()), streams(was.IsStreamingServer())), "RPC_SAME_SERVER_STREAMING")
	}
	c.methodType(was.Input(), now.Input(), now, symbol, "takes", "RPC_SAME_REQUEST_TYPE")
	c.methodType(was.Output(), now.Output(), now, symbol, "answers with", "RPC_SAME_RESPONSE_TYPE")
	a, _ := was.Options().(*descriptorpb.MethodOptions)
	b, _ := now.Options().(*descriptorpb.MethodOptions)
	if a.GetIdempotencyLevel() != b.GetIdempotencyLevel() {
		c.tell(Names, now, symbol, fmt.Sprintf("idempotency_level of rpc %s is %v now, it was %v", symbol, b.GetIdempotencyLevel(), a.GetIdempotencyLevel()), "RPC_SAME_IDEMPOTENCY_LEVEL")
	}
}

func (c *comparer) methodType(was, now protoreflect.MessageDescriptor, at protoreflect.MethodDescriptor, symbol, verb, rule string) {
	if c.sameName(was.FullName(), now.FullName()) {
		return
	}
	class, how := Wire, ""
	if sameMessage(c, was, now, 0) {
		class, how = Source, ", which has the same fields"
	}
	c.tell(class, at, symbol, fmt.Sprintf("rpc %s %s %s now, it was %s%s", symbol, verb, strings.TrimPrefix(string(now.FullName()), outside), strings.TrimPrefix(string(was.FullName()), outside), how), rule)
}
