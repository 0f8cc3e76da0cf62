package contracts

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var asyncapiKey = lazy.New(`(?m)^\s{0,4}["']?asyncapi["']?\s*:\s*["']?[23]`)

// isAsyncAPI says whether a text is the root of an AsyncAPI document.
func isAsyncAPI(p string, text []byte) bool {
	return schemaFormat(p) && len(text) <= maxSchema && asyncapiKey.Match(text[:min(len(text), 16<<10)])
}

// An asyncChannel is one channel of an AsyncAPI document by the address that clients know it by.
type asyncChannel struct {
	address, key string
	// gone with it: deprecated, or marked internal.
	quiet bool
	// operations are "send" and "receive", as the described application does them.
	operations []string
	messages   map[string]asyncMessage
}

type asyncMessage struct {
	payload schemaNode
	at      []string
	// sent and received say which operations carry it.
	sent, received bool
}

// asyncChannels reads the channels of version 2 and 3 of the format; what others do with an application in version 2
// ("publish") is what it receives.
func asyncChannels(set *schemaSet, file string) map[string]*asyncChannel {
	doc, _ := set.doc(file).(map[string]any)
	channels, _ := doc["channels"].(map[string]any)
	found := map[string]*asyncChannel{}
	byKey := map[string]*asyncChannel{}
	for _, key := range keysOf(channels) {
		node := set.follow(schemaNode{channels[key], file})
		m, ok := node.value.(map[string]any)
		if !ok {
			continue
		}
		c := &asyncChannel{address: key, key: key, messages: map[string]asyncMessage{}, quiet: isInternal(m) || m["deprecated"] == true}
		if address, ok := m["address"].(string); ok {
			c.address = address
		}
		at := []string{"channels", key}
		for action, direction := range map[string]string{"publish": "receive", "subscribe": "send"} {
			if op, ok := m[action].(map[string]any); ok {
				c.operations = append(c.operations, direction)
				set.addMessages(c, schemaNode{op["message"], node.file}, append(slices.Clone(at), action, "message"), direction)
			}
		}
		messages, _ := m["messages"].(map[string]any)
		for _, name := range keysOf(messages) {
			set.addMessage(c, name, schemaNode{messages[name], node.file}, append(slices.Clone(at), "messages", name), "")
		}
		slices.Sort(c.operations)
		found[c.address], byKey[key] = c, c
	}
	operations, _ := doc["operations"].(map[string]any)
	for _, name := range keysOf(operations) {
		op, _ := set.follow(schemaNode{operations[name], file}).value.(map[string]any)
		ref, _ := lookUp(op, "channel/$ref").(string)
		c, action := byKey[unescapePointer.Replace(path.Base(ref))], fmt.Sprint(op["action"])
		if c == nil || action != "send" && action != "receive" {
			continue
		}
		c.operations = union(c.operations, []string{action})
		for key, m := range c.messages {
			m.sent, m.received = m.sent || action == "send", m.received || action == "receive"
			c.messages[key] = m
		}
	}
	return found
}

// follow resolves a chain of references.
func (s *schemaSet) follow(n schemaNode) schemaNode {
	for range 10 {
		m, _ := n.value.(map[string]any)
		ref, ok := m["$ref"].(string)
		if !ok {
			return n
		}
		n = s.resolve(n.file, ref)
	}
	return n
}

func (s *schemaSet) addMessages(c *asyncChannel, n schemaNode, at []string, direction string) {
	m, _ := n.value.(map[string]any)
	if list, ok := m["oneOf"].([]any); ok {
		for i, one := range list {
			s.addMessage(c, fmt.Sprint(i), schemaNode{one, n.file}, append(slices.Clone(at), "oneOf", fmt.Sprint(i)), direction)
		}
		return
	}
	s.addMessage(c, "message", n, at, direction)
}

func (s *schemaSet) addMessage(c *asyncChannel, key string, n schemaNode, at []string, direction string) {
	if m, ok := n.value.(map[string]any); ok {
		if ref, ok := m["$ref"].(string); ok {
			key = path.Base(ref)
			at = nil
			if strings.HasPrefix(ref, "#/") {
				at = places(ref[1:])
			}
		}
	}
	n = s.follow(n)
	m, ok := n.value.(map[string]any)
	if !ok || foreign.MatchString(fmt.Sprint(m["schemaFormat"])) {
		return
	}
	if name, ok := m["name"].(string); ok {
		key = name
	}
	payload := m["payload"]
	at = append(slices.Clone(at), "payload")
	if wrapped, ok := payload.(map[string]any); ok && wrapped["schema"] != nil && wrapped["schemaFormat"] != nil {
		if foreign.MatchString(fmt.Sprint(wrapped["schemaFormat"])) {
			return
		}
		payload, at = wrapped["schema"], append(at, "schema")
	}
	if payload != nil {
		c.messages[key] = asyncMessage{schemaNode{payload, n.file}, at, direction == "send", direction == "receive"}
	}
}

// foreign are payloads that are not described by JSON Schema.
var foreign = lazy.New(`(?i)avro|protobuf|raml|graphql`)

// sameMessages says that two channels carry messages of the same names or payloads.
func sameMessages(a, b *asyncChannel) bool {
	return len(a.messages) > 0 && slices.Equal(slices.Sorted(maps.Keys(a.messages)), slices.Sorted(maps.Keys(b.messages)))
}
