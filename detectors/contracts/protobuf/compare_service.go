package protobuf

// Changes of services and their methods.

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

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
