package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// direction says which end of a queue, topic or event a call is.
type direction int

const (
	publishes  direction = 1
	subscribes direction = 2
	bothEnds             = publishes | subscribes
)

// A topicUse is one call, decorator or setting that names a topic, queue, subject, stream or event.
type topicUse struct {
	name string
	dir  direction
	path string
	line int
	// first and last are the lines of the code that sends or handles what goes by the name.
	first, last int
	// constant is the constant that holds the name, empty for a literal; at tells apart the arguments of one call.
	constant, call string
	// beside are the other names that the same call or setting is given, with a zero byte between them: the exchange of a routing key.
	beside string
	// network: the library sends every name over the network, so that one word is a name, too.
	network bool
}

// meant says whether two uses can mean the same: what stands beside the one does not contradict the other.
func (u topicUse) meant(beside string) bool {
	return u.beside == "" || beside == "" || slices.ContainsFunc(strings.Split(beside, "\x00"), func(name string) bool {
		return slices.Contains(strings.Split(u.beside, "\x00"), name)
	})
}

// messageCalls are the calls by which programs send and receive messages, by their method: Kafka, NATS, AMQP, Redis, SQS, SNS,
// EventBridge, Pub/Sub, Celery, Dramatiq, Bull, asynq, Watermill, NestJS, Inngest, pg-boss, socket.io, Pusher, Spring. Each is
// taken only in a file that imports a messaging library, or on a receiver that is called like one.
var messageCalls = map[string]direction{
	"produce": publishes, "publish": publishes, "Publish": publishes, "PublishAsync": publishes, "PublishWithContext": publishes,
	"PublishMsg": publishes, "basic_publish": publishes, "sendToQueue": publishes, "send_task": publishes, "signature": publishes,
	"send_message": publishes, "sendMessage": publishes, "emit": publishes, "Emit": publishes, "send": publishes,
	"send_and_wait": publishes, "sendBatch": publishes, "xadd": publishes, "XAdd": publishes, "xAdd": publishes, "addJob": publishes,
	"enqueue": publishes, "Enqueue": publishes, "trigger": publishes, "NewTask": publishes, "convertAndSend": publishes,
	"put_events": publishes, "PutEventsCommand": publishes, "PublishCommand": publishes, "SendMessageCommand": publishes,
	"topic_path": publishes, "WriteMessages": publishes, "group_send": publishes, "add": publishes, "request": publishes,
	"Request": publishes, "ProduceAsync": publishes, "Produce": publishes, "SendAsync": publishes,

	"subscribe": subscribes, "Subscribe": subscribes, "QueueSubscribe": subscribes, "psubscribe": subscribes, "PSubscribe": subscribes,
	"pull_subscribe": subscribes, "PullSubscribe": subscribes, "ChanSubscribe": subscribes, "SubscribeTopics": subscribes,
	"consume": subscribes, "Consume": subscribes, "basic_consume": subscribes, "on": subscribes, "once": subscribes,
	"addListener": subscribes, "xread": subscribes, "XRead": subscribes, "xReadGroup": subscribes, "xreadgroup": subscribes, "XReadGroup": subscribes,
	"process": subscribes, "HandleFunc": subscribes, "AddHandler": subscribes, "AddNoPublisherHandler": subscribes,
	"AddConsumerHandler": subscribes, "bind": subscribes, "shared_task": subscribes, "task": subscribes, "actor": subscribes,
	"subscriber": subscribes, "KafkaConsumer": subscribes, "AIOKafkaConsumer": subscribes, "Worker": subscribes,
	"EventPattern": subscribes, "MessagePattern": subscribes, "OnEvent": subscribes, "SubscribeMessage": subscribes,
	"Process": subscribes, "Processor": subscribes, "KafkaListener": subscribes, "RabbitListener": subscribes, "SqsListener": subscribes,
	"queue_bind": subscribes, "bindQueue": subscribes, "QueueBind": subscribes, "subscription_path": subscribes,
	"Subscription": subscribes, "work": subscribes, "createFunction": subscribes, "ConsumePartition": subscribes,

	"Queue": bothEnds, "QueueEvents": bothEnds, "assertQueue": bothEnds, "queue_declare": bothEnds, "QueueDeclare": bothEnds, "assertExchange": bothEnds,
	"exchange_declare": bothEnds, "ExchangeDeclare": bothEnds, "Topic": bothEnds, "topic": bothEnds, "get_queue_by_name": bothEnds,
	"get_queue_url": bothEnds, "create_queue": bothEnds, "Channel": bothEnds,
}

var (
	messagingLib = lazy.New(`(?i)kafka|sarama|\bnats\b|nats\.|jetstream|amqp|rabbit|pika|kombu|celery|dramatiq|redis|bull|sqs|sns|eventbridge|client-events|pubsub|servicebus|` +
		`kinesis|asynq|watermill|socket\.io|mqtt|paho|stomp|pulsar|inngest|boto3|aws-sdk|faststream|nestjs/(microservices|event-emitter|websockets)|eventemitter|^(node:)?events$|` +
		`pg-boss|graphile-worker|temporal|pusher|ably|centrifug|channels\.layers|huey|\brq\b|arq$|taskiq`)
	messagingReceiver = lazy.New(`(?i)(producer|consumer|publisher|subscriber|queue|bus|broker|nats|jetstream|kafka|rabbit|amqp|pubsub|socket|emitter|worker|topic|stream|channel|sns|sqs)s?(\(\))?$|^(nc|js|io|ch|pub|sub)$|^io\.`)
	// networkLib are libraries whose events travel between programs, networkEnd what they are sent and received on.
	networkLib   = lazy.New(`(?i)socket\.?io|pusher|\bably\b|centrifug|phoenix|signalr|laravel-echo|actioncable`)
	socketOpened = lazy.New(`\bio\((?:\)|["'\x60]|[A-Z_]+\b|window\.|location)|\bio\.connect\(|new Pusher\(|new Echo\(`)
	networkEnd   = lazy.New(`(?i)(socket|\bio|channel|connection|hub|conn|echo|pusher|namespace|nsp|room|client|sio)s?\b[^.]*(?:\([^()]*\))?\.\w+$|^io\.`)
	// bindsQueue are calls that name a queue, an exchange and a key.
	bindsQueue = lazy.New(`(?i)^(queue_?bind|bind_?queue|bind)$`)
	// generalCalls mean something else on a value that is not called like one that sends or receives.
	generalCalls = []string{"add", "on", "once", "send", "process", "bind", "trigger", "request", "Request", "HandleFunc", "work", "task", "topic", "Topic", "consume", "Consume", "Queue", "Process", "AddHandler", "enqueue", "Enqueue", "emit", "Channel", "signature", "SendAsync", "Subscription"}
	generalOwner = lazy.New(`(?i)producer|consumer|publish|subscri|queue|bus\b|broker|nats|kafka|rabbit|amqp|channel|socket|emitter|events?\b|worker|topic|stream|\bio\b|\bjobs?\b|mux|boss|client|app|celery|router|inngest|pusher|\bnc\b|\bws\b`)
	// nameKeys are the keywords and keys of options that hold a name.
	nameKeys = []string{"topic", "topics", "Topic", "Topics", "TopicArn", "QueueUrl", "QueueName", "queue", "Queue", "queueName", "subject", "Subject", "stream", "Stream",
		"Streams", "DetailType", "detailType", "routing_key", "routingKey", "RoutingKey", "exchange", "channel", "event", "name", "taskQueue", "queue_name", "queues", "GroupTopics"}
	topicName = lazy.New(`^[A-Za-z][\w.:/>*#-]{2,120}$`)
	quotedAll = lazy.New("\"([^\"\\\\\n]+)\"|'([^'\\\\\n]+)'|`([^`\\\\\n]+)`")
	nameConst = lazy.New(`^[A-Za-z_][\w.]*$`)
)

// topicUses are the names that a file sends to and listens on. Constants are looked up in the file itself and where it imports
// them from.
func topicUses(at side, f *source.File) []topicUse {
	imports := slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return messagingLib.MatchString(i.Path) })
	r := &topicReader{at: at, file: f}
	for _, d := range f.Decls {
		for _, c := range d.Decorators {
			dir, ok := messageCalls[c.Name]
			named := slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.IsString && distinctName.MatchString(a.Str) })
			if ok && (imports || named || messagingReceiver.MatchString(c.Receiver)) && dir != publishes || helperCall(c) == subscribes {
				r.call(c, subscribes, d.Span)
			}
		}
	}
	for _, c := range f.Calls {
		dir, ok := messageCalls[c.Name]
		if own := helperCall(c); !ok && own != 0 {
			r.call(c, own, c.Span)
			continue
		}
		if !ok || slices.ContainsFunc(r.uses, func(u topicUse) bool { return u.line == c.Span.Line && u.dir == subscribes && u.call == c.Full() }) {
			continue
		}
		if !imports && !messagingReceiver.MatchString(c.Receiver) && (helperCall(c) == 0 || !generalOwner.MatchString(c.Receiver)) {
			continue
		}
		if slices.Contains(generalCalls, c.Name) && !generalOwner.MatchString(c.Receiver) && !c.New && c.Receiver != "" {
			continue
		}
		r.call(c, dir, c.Span)
	}
	if imports || taskRoutesIn.Match(f.Text) {
		r.options()
	}
	if slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return networkLib.MatchString(i.Path) }) || socketOpened.Match(f.Text) {
		for i := range r.uses {
			r.uses[i].network = networkEnd.MatchString(r.uses[i].call)
		}
	}
	return r.uses
}

var (
	ownPublish   = lazy.New(`(?i)^(publish|emit|produce|enqueue|dispatch|broadcast|fire|raise|send)_?(domain)?_?(event|message|job|task|to_?queue|to_?topic)s?(_?async)?$|^(publish|enqueue|produce|broadcast)(_?async)?$`)
	ownSubscribe = lazy.New(`(?i)^(subscribe|consume|listen|handle|handler|register|on)s?_?(for|to|domain)?_?(event|message|topic|job|queue|handler)s?(_?handler)?$|^(subscribes?|consumes?|listens?|handles|consumer|listener|subscriber|event_?handler|event_?listener)(_?to)?$`)
	distinctName = lazy.New(`^[A-Za-z]\w*(?:[.:/_-]\w+)+$|^[A-Z]?[a-z0-9]+(?:[A-Z][a-z0-9]+)+$`)
)

// helperCall is the direction of a call of a repository's own helper: it is called publish_event or the like, and is given a
// name that is more than one word. 0 for none.
func helperCall(c *source.Call) direction {
	if len(c.Args) == 0 || !c.Args[0].IsString || !distinctName.MatchString(c.Args[0].Str) {
		return 0
	}
	switch {
	case ownPublish.MatchString(c.Name):
		return publishes
	case ownSubscribe.MatchString(c.Name):
		return subscribes
	}
	return 0
}

var (
	readsStream = lazy.New(`(?i)^xread(group)?$`)
	streamKey   = lazy.New(`[{,]\s*["']([A-Za-z][\w.:/-]{2,80})["']\s*:|\bkey\s*:\s*["']([A-Za-z][\w.:/-]{2,80})["']`)
)

type topicReader struct {
	at   side
	file *source.File
	uses []topicUse
}

// call takes the names out of a call's arguments.
func (r *topicReader) call(c *source.Call, dir direction, span source.Span) {
	at, arg, from := []int(nil), 0, len(r.uses)
	put := func(name, constant string) {
		r.put(name, constant, c.Full(), dir, c.Span.Line, span)
		for len(at) < len(r.uses)-from {
			at = append(at, arg)
		}
	}
	defer func() { r.tellApart(r.uses[from:], at) }()
	plain := 0
	for i, a := range c.Args {
		arg = i
		switch {
		case a.Keyword != "" && !slices.Contains(nameKeys, a.Keyword):
		case a.IsFunc:
		case a.IsString:
			if plain++; plain <= 2 || a.Keyword != "" || plain == 3 && bindsQueue.MatchString(c.Name) {
				put(a.Str, "")
			}
		case strings.HasPrefix(a.Text, "[") || strings.HasPrefix(a.Text, "(") && c.Name == "subscribe":
			for _, m := range quotedAll.FindAllStringSubmatch(a.Text, 20) {
				put(m[1]+m[2]+m[3], "")
			}
			for _, word := range strings.FieldsFunc(strings.Trim(a.Text, "[]string{}()"), func(c rune) bool { return c == ',' || c == ' ' }) {
				r.constant(word, put)
			}
		case strings.HasPrefix(a.Text, "{") && readsStream.MatchString(c.Name): // xread({"name": last}), xRead({ key: "name" })
			for _, m := range streamKey.FindAllStringSubmatch(a.Text, 10) {
				put(m[1]+m[2], "")
			}
		case strings.Contains(a.Text, "{"):
			r.keyed(a, put)
		default:
			r.constant(a.Text, put)
		}
	}
}

// tellApart gives each name of a call those of its other arguments; at are the arguments that they stand in.
func (r *topicReader) tellApart(uses []topicUse, at []int) {
	for i := range uses {
		var beside []string
		for j := range uses {
			if at[i] != at[j] {
				beside = append(beside, uses[j].name)
			}
		}
		uses[i].beside = strings.Join(beside, "\x00")
	}
}

// keyed takes names out of an options object: { topic: "x" }, &redis.XAddArgs{Stream: "x"}.
func (r *topicReader) keyed(a source.Arg, put func(name, constant string)) {
	for _, o := range r.file.Objects {
		if o.Span.Start < a.Span.Start || o.Span.End > a.Span.End {
			continue
		}
		for _, k := range o.Keys {
			if !slices.Contains(nameKeys, strings.Trim(k.Name, `"'`)) {
				continue
			}
			if quoted := quotedAll.FindAllStringSubmatch(k.Value, 20); len(quoted) > 0 {
				for _, m := range quoted {
					put(m[1]+m[2]+m[3], "")
				}
			} else {
				r.constant(k.Value, put)
			}
		}
	}
}

// options reads the settings of readers and writers that are values of a type: kafka.ReaderConfig{Topic: "x"}.
func (r *topicReader) options() {
	for _, o := range r.file.Objects {
		dir := bothEnds
		switch {
		case strings.Contains(o.Type, "Reader") || strings.Contains(o.Type, "Consumer"):
			dir = subscribes
		case strings.Contains(o.Type, "Message") || strings.Contains(o.Type, "Writer") || strings.Contains(o.Type, "Producer"):
			dir = publishes
		case o.Type == "":
			r.schedule(o)
			r.taskRoute(o)
			continue
		}
		for _, k := range o.Keys {
			if k.Name != "Topic" && k.Name != "GroupTopics" && k.Name != "Stream" && k.Name != "Subject" && k.Name != "Queue" && k.Name != "RoutingKey" {
				continue
			}
			put := func(name, constant string) { r.put(name, constant, o.Type, dir, k.Span.Line, o.Span) }
			if quoted := quotedAll.FindAllStringSubmatch(k.Value, 20); len(quoted) > 0 {
				for _, m := range quoted {
					put(m[1]+m[2]+m[3], "")
				}
			} else {
				r.constant(k.Value, put)
			}
		}
	}
}

// schedule reads an entry of Celery's beat: {"task": "reports.build", "schedule": 30.0}.
func (r *topicReader) schedule(o *source.Object) {
	task, timed := "", false
	for _, k := range o.Keys {
		switch strings.Trim(k.Name, `"'`) {
		case "task":
			if m := quotedAll.FindStringSubmatch(k.Value); m != nil {
				task = m[1] + m[2]
			}
		case "schedule":
			timed = true
		}
	}
	if timed && task != "" {
		r.put(task, "", "schedule", publishes, o.Span.Line, o.Span)
	}
}

// taskRoute reads an entry of Celery's routes: task_routes = {"reports.build": {"queue": "reports"}}.
func (r *topicReader) taskRoute(o *source.Object) {
	if !taskRoutes.MatchString(o.Name) {
		return
	}
	for _, k := range o.Keys {
		if k.Child == nil {
			continue
		}
		for _, inner := range k.Child.Keys {
			if strings.Trim(inner.Name, `"'`) != "queue" {
				continue
			}
			if m := quotedAll.FindStringSubmatch(inner.Value); m != nil {
				r.put(m[1]+m[2], "", "task_routes.Queue", publishes, inner.Span.Line, inner.Span)
			}
		}
	}
}

var taskRoutesIn = lazy.New(`(?i)\btask_routes\b|CELERY_TASK_ROUTES`)

var taskRoutes = lazy.New(`(?i)task_routes$`)

func (r *topicReader) put(name, constant, call string, dir direction, line int, span source.Span) {
	if !topicName.MatchString(name) {
		return
	}
	if i := strings.LastIndexAny(name, ":"); strings.HasPrefix(name, "arn:") && i > 0 {
		name = name[i+1:]
	}
	u := topicUse{name: name, dir: dir, path: r.file.Path, line: line, first: span.Line, last: span.EndLine, constant: constant, call: call}
	if !slices.Contains(r.uses, u) {
		r.uses = append(r.uses, u)
	}
}

// constant resolves an identifier to the string that it stands for.
func (r *topicReader) constant(text string, put func(name, constant string)) {
	text = strings.TrimSpace(text)
	if !nameConst.MatchString(text) || len(text) > 80 {
		return
	}
	if value := r.at.constant(r.file, text); value != "" {
		put(value, text)
		return
	}
	for _, d := range r.file.Decls { // a list of names: consumer.subscribe(TOPICS)
		if d.Name != text || d.Parent != nil || d.Kind != source.Const && d.Kind != source.Var || !listOfNames.MatchString(d.Default) {
			continue
		}
		for _, m := range quotedAll.FindAllStringSubmatch(d.Default, 20) {
			put(m[1]+m[2]+m[3], text)
		}
	}
}

var listOfNames = lazy.New(`^(?:\[\]string|Object\.freeze\(|listOf\(|List\.of\()?[\[({]?\s*(?:["'][^"'\n]+["']\s*,?\s*){1,20}[\])}]*(?:\.freeze|\s+as\s+const)?$`)

// constant is the string that a name stands for in a file, "" when that is not known.
func (s side) constant(f *source.File, name string) string {
	if v := valueOf(f, name); v != "" {
		return v
	}
	qualifier, last := "", name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		qualifier, last = name[:i], name[i+1:]
	}
	imported := last
	for _, p := range s.sources(f, qualifier, &imported) {
		if g := s.file(p); g != nil && g.Path != f.Path {
			if v := valueOf(g, imported); v != "" {
				return v
			}
		}
	}
	if qualifier == "" { // an object of names that is imported: topics.bookingConfirmed
		return ""
	}
	owner := qualifier
	for _, p := range s.sources(f, "", &owner) {
		if g := s.file(p); g != nil && g.Path != f.Path {
			if v := valueOf(g, owner+"."+last); v != "" {
				return v
			}
		}
	}
	return ""
}

// valueOf is the string that a constant, a variable, an enum's value or a key of an object of the file holds.
func valueOf(f *source.File, name string) string {
	owner, last := "", name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		owner, last = name[:i], name[i+1:]
		owner = owner[strings.LastIndexByte(owner, '.')+1:]
	}
	for _, d := range f.Decls {
		if d.Name != last || d.Kind != source.Const && d.Kind != source.Var && d.Kind != source.EnumValue && d.Kind != source.Field {
			continue
		}
		if owner != "" && (d.Parent == nil || d.Parent.Name != owner) {
			continue
		}
		if m := quotedAll.FindStringSubmatch(d.Default); m != nil && m[0] == strings.TrimSpace(d.Default) {
			return m[1] + m[2] + m[3]
		}
	}
	for _, o := range f.Objects {
		if o.Name != owner || owner == "" {
			continue
		}
		for _, k := range o.Keys {
			if strings.Trim(k.Name, `"'`) != last {
				continue
			}
			if m := quotedAll.FindStringSubmatch(k.Value); m != nil && m[0] == strings.TrimSpace(k.Value) {
				return m[1] + m[2] + m[3]
			}
		}
	}
	return ""
}
