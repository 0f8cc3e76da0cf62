package observability

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// lonelyMessages reports new messages, calls of services and tasks that leave out the trace or the correlation id which at
// least two siblings send along, and all but few do.
func (l *lookup) lonelyMessages(table *carrying, c side) {
	for _, call := range c.head.Calls {
		if !c.change.Touched(call.Span.Line) || !table.sends(call) || l.carried(table, c.head, call) ||
			c.base != nil && slices.ContainsFunc(c.base.Calls, func(b *source.Call) bool { return piece(c.base, b.Span) == piece(c.head, call.Span) }) {
			continue
		}
		example, carry, total := l.messages(table, c.head, call)
		if carry == 0 || carry*4 < total*3 || example.file == nil || carry == 1 && !l.continues(call) {
			continue
		}
		where := c.head.Path
		if call.In != nil {
			where = call.In.Name
		}
		l.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: c.head.Path, Line: call.Span.Line, EndLine: call.Span.EndLine, Symbol: call.Full(),
			Message:  fmt.Sprintf("%s in %s sends no trace context or correlation id along; %d of %d such calls do", clip(call.Full()), where, carry, total),
			Why:      "What happens on the other side cannot be joined to the request that caused it.",
			Fix:      fmt.Sprintf("Send the same headers along as %s:%d does, or use the helper that the others use.", example.file.Path, example.line),
			Evidence: []string{call.Full(), where},
		})
		return // one remark for a file is enough
	}
}

// continues says whether code of the repository takes a trace up from what it is sent: then one sibling that sends it is
// enough to show the custom.
func (l *lookup) continues(call *source.Call) bool {
	if call.Name == "fetch" || !queueLike.MatchString(call.Full()) {
		return false
	}
	for _, word := range []string{"propagate.extract", "propagation.extract", "extract", "Extract", "traceparent"} {
		for _, p := range l.naming(word) {
			if f := l.read(p); f != nil && slices.ContainsFunc(f.Calls, func(c *source.Call) bool {
				return strings.EqualFold(c.Name, "extract") && extractor.MatchString(c.Receiver)
			}) {
				return true
			}
		}
	}
	return false
}

var (
	queueLike = lazy.New(`(?i)publish|produc|outbox|queue|kafka|sqs|sns|bus|broker|channel|topic|stream|enqueue|event`)
	extractor = lazy.New(`(?i)propagat`)
)

// sends says whether a call hands work to somebody else.
func (t *carrying) sends(c *source.Call) bool {
	if !t.Sends.match(c.Name) || c.New || len(c.Args) == 0 {
		return false
	}
	switch c.Name {
	case "fetch", "Thread", "basic_publish", "apply_async", "run_in_executor", "convertAndSend", "sendToQueue", "perform_async":
		return true
	}
	return c.Receiver != "" && t.Carriers.match(lastIdentifier(c.Receiver))
}

// carried says whether the context goes along with a call: in its arguments, or in what the function around it prepares.
func (l *lookup) carried(table *carrying, f *source.File, c *source.Call) bool {
	if table.Carries.match(piece(f, c.Span)) {
		return true
	}
	for _, p := range l.resolve(f, c.Name, c.Receiver, source.Function, source.Method) {
		if last := lastIdentifier(c.Receiver); rawClient.MatchString(last) && p.owner() != "" && !strings.Contains(strings.ToLower(p.owner()), strings.ToLower(last)) {
			continue // bus.channel.publish by-passes Bus.publish
		}
		if table.Carries.match(blankComments(p.file, p.span())) {
			return true
		}
	}
	if c.In == nil || c.In.Kind == source.Class {
		return false
	}
	if table.Carries.match(blankComments(f, c.In.Span)) {
		return true
	}
	// What the arguments are made by: `headers: outgoing()`.
	for _, inner := range within(f, c.Span) {
		if inner == c || everyday[inner.Name] {
			continue
		}
		for _, p := range l.resolve(f, inner.Name, inner.Receiver, source.Function, source.Method) {
			if table.Carries.match(piece(p.file, p.span())) {
				return true
			}
		}
	}
	return false
}

// rawClient are names of a library's own client.
var rawClient = lazy.New(`(?i)^_?(?:channel|ch|producer|conn|connection|client|kafka|rabbit|amqp|sqs|sns|nats|redis)$`)

// spot is a line of a file.
type spot struct {
	file *source.File
	line int
}

// messages counts the calls like one in the service, the ones of its own function left out: an example that carries the
// context, how many do, and how many there are.
func (l *lookup) messages(table *carrying, from *source.File, call *source.Call) (example spot, carry, total int) {
	like := strings.ToLower(lastIdentifier(call.Receiver))
	for _, p := range closest(from.Path, l.naming(call.Name), 30) {
		if family(source.LanguageOf(p)) != family(from.Lang) || !l.near(from.Path, p) {
			continue
		}
		f := l.read(p)
		if f == nil {
			continue
		}
		for _, c := range f.Calls {
			if c.Name != call.Name || strings.ToLower(lastIdentifier(c.Receiver)) != like || !table.sends(c) || p == from.Path && c.In == call.In || total >= 40 {
				continue
			}
			total++
			if l.carried(table, f, c) {
				carry++
				if example.file == nil {
					example = spot{f, c.Span.Line}
				}
			}
		}
	}
	return example, carry, total
}
