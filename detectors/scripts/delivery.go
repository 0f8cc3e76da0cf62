package scripts

// Functions that get the same message more than once: consumers of queues, retried jobs, webhooks.

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// receivers are calls, decorators, types and bases that only code has which is handed messages at least once.
var receivers = []struct {
	name string
	mark *lazy.Regexp
}{
	{"SQS", lazy.New(`\breceive_message\(|\bReceiveMessage(Command|Input|WithContext)?\b|\bSQSEvent\b|\bevent\[["']Records["']\]|\bevent\.Records\b|@Sqs(Listener|MessageHandler)\b`)},
	{"Kafka", lazy.New(`\bKafkaConsumer\(|@KafkaListener\b|\beach(Message|Batch)\b|\bkafka\.(NewReader|Message)\b|\bFetchMessage\(|\bConsumeClaim\(|\bAIOKafkaConsumer\(`)},
	{"RabbitMQ", lazy.New(`\bbasic_(consume|ack)\b|@RabbitListener\b|\bamqp\.Delivery\b|\bchannel\.(consume|ack)\(|\bch\.(consume|Consume|ack)\(|\bAbstractIncomingMessage\b|\.ack\(msg\b|\bmsg\.Ack\(|\bd\.Ack\(`)},
	{"Pub/Sub", lazy.New(`\bpubsub\.Message\b|\bpubsub_v1\b|\.subscription\([^)]*\)\.on\(|\bmessage\.ack\(\)`)},
	{"NATS", lazy.New(`\bnats\.Msg\b|\bjetstream\.Msg\b|\bQueueSubscribe\(|\bJsMsg\b`)},
	{"BullMQ", lazy.New(`\bnew Worker\(|@Processor\(|\bextends WorkerHost\b`)},
	{"a message bus", lazy.New(`\bIConsumer<|\bConsumeContext<|\bIHandleMessages<|\bIRequestHandler<.*Event|\[(ServiceBus|Queue|EventHub|EventGrid|Kafka|RabbitMQ)Trigger\b|\bProcessMessageEventArgs\b|\bConsumeResult<|\.Consume\((ct|cancellationToken|stoppingToken|TimeSpan)|\bBasicDeliverEventArgs\b|\bISQSEvent\b|\bSQSEvent\.`)},
	{"a message bus", lazy.New(`@(JmsListener|StreamListener|ServiceActivator|PulsarListener|NatsListener|KafkaHandler|SqsHandler|Incoming|RabbitHandler|RabbitSubscribe|SqsConsumerEventHandler|SqsMessageHandler|OnEvent|OnQueueEvent)\b|\bConsumerRecords?<|\bfun\s+consume\w*\(|@Topic\(`)},
	{"a queue", lazy.New(`implements\s+[\w\\, ]*(ShouldQueue|MessageHandlerInterface|ConsumerInterface)\b|#\[AsMessageHandler\b|\bAMQPMessage\b|\bInteractsWithQueue\b`)},
	{"a queue", lazy.New(`\bKarafka\b|\bSneakers::Worker\b|\bShoryuken::Worker\b|<\s*(ApplicationConsumer|Racecar::Consumer|ApplicationJob|ActiveJob::Base)\b|\bretry_on\b|\bHutch::Consumer\b`)},
	{"a queue", lazy.New(`\basynq\.Task\b|\briver\.Job\[|\bmessage\.Message\b|\bsarama\.Consumer\w*|\btypes\.Message\b|\bevents\.(SQS|SNS|Kinesis|EventBridge|CloudWatch)\w*|\bpubsub\.PubsubMessage\b|\bstan\.Msg\b|\bsqs\.Message\b|\bkgo\.Record\b|\bgroup\.Consume\b|\bmachinery\b`)},
	{"a queue", lazy.New(`@dramatiq\.actor|@faust|@app\.agent\(|\bfunc\.(ServiceBusMessage|QueueMessage|EventHubEvent)\b|@celery_app\.task|\bpulsar\.Client\b|@broker\.subscriber\(|\baio_pika\b|\bkombu\b|\bConsumerMixin\b|\bstreaming_pull\b|\bsubscriber\.subscribe\(`)},
	{"a queue", lazy.New(`\b(SQS|SNS|Kinesis|EventBridge)(Event|Handler|Record)\b|\bConsumer\.create\(|\bcloudEvent\(|\bServiceBusReceivedMessage\b|\bconsumer\.run\(|\bKafkaMessage\b|\bAmqpMessage\b|\bConsumeMessage\b|\bJob<|\bonMessagePublished\(`)},
	{"a queue", lazy.New(`\bStreamConsumer\b|\blapin::|\bBorrowedMessage\b|\baws_sdk_sqs\b|\bdelivery\.ack\(|\bBasicConsumeOptions\b|\basync_nats\b|\bSqsEvent\b`)},
	{"NestJS", lazy.New(`@(EventPattern|MessagePattern)\(`)},
	{"Celery, with retries", lazy.New(`\backs_late\s*=\s*True|\bautoretry_for\s*=|\bself\.retry\(`)},
	{"Sidekiq", lazy.New(`\bSidekiq::(Worker|Job)\b`)},
	{"a webhook", lazy.New(`(?i)[@\[]\w+[.]?\w*\(\s*["'/][^"')]*(webhook|/hooks?/|callbacks?/|notifications?/|/ipn)`)},
	{"a webhook", lazy.New(`\b[Ww]ebhooks?\.(construct_event|constructEvent|ConstructEvent\w*|verify|unwrap)\(|\bconstructEvent(Async)?\(`)},
}

// holdsFunction says whether a text can hold a function in any language that is read; tables of texts hold none, and are cheap to
// tell this way.
func holdsFunction(text []byte) bool {
	return slices.ContainsFunc([]string{"func", "def ", "fun ", "class ", "fn ", "fn(", "=> {", ") =>", "async ", "lambda", " do |", "void ", "Task"}, func(w string) bool {
		return bytes.Contains(text, []byte(w))
	})
}

// receiverOf names what hands messages to a text, empty for nothing.
func receiverOf(text string) string {
	for _, r := range receivers {
		if r.mark.MatchString(text) {
			return r.name
		}
	}
	return ""
}

var (
	// consumerPath holds files whose functions are handed messages by a loop elsewhere.
	consumerPath = lazy.New(`(?i)(^|/)(consumers?|subscribers?|listeners?|event_?handlers?|message_?handlers?|webhooks?|workers?)(/|$)|(^|[/_.-])(consumer|subscriber|listener|webhooks?|worker)[\w]*\.\w+$`)
	messageParam = lazy.New(`(?i)^(message|msg|event|delivery|record|envelope|payload|job|notification)(_?id)?$`)
	entryName    = lazy.New(`(?i)^(handle\w*|on_?[a-z]\w*|process\w*|consume\w*|perform\w*|receive\w*|execute\w*|run\w*|work|call|POST|post\w*|webhook\w*|listen\w*|message\w*|__invoke)$`)
)

// entries are the functions of a file that messages are handed to, with what hands them. anywhere names what the
// repository as a whole receives from, for files that only hold handlers.
func entries(f *source.File, anywhere func() string) map[*source.Decl]string {
	found := map[*source.Decl]string{}
	listens, hook := consumerPath.MatchString(f.Path), hookPath.MatchString(f.Path)
	signed, prefixed := hook || signature.Match(f.Text), hookPrefix(f)
	for _, call := range f.Calls {
		by := handedBy(call)
		if by == "" && (signed || prefixed) && takesPosts(call) {
			by = "a webhook"
		}
		if by == "" {
			continue
		}
		for _, a := range call.Args {
			if a.IsFunc {
				found[&source.Decl{Kind: source.Function, Name: call.Name, Span: a.Span, Body: a.Span}] = by
			} else if d := handlerNamed(f, a); d != nil && by == "a webhook" {
				found[d] = by
			}
		}
	}
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		if by := receiverOf(declText(f, d)); by != "" {
			found[d] = by
			continue
		}
		if class := d.Parent; class != nil && entryName.MatchString(d.Name) {
			head := string(f.Text[class.Span.Start:min(max(class.Body.Start, class.Span.Start), len(f.Text))])
			by := receiverOf(head)
			for _, c := range f.Calls {
				if by == "" && c.In == class && (c.Name == "include" || c.Name == "prepend") {
					by = receiverOf(argsText(c))
				}
			}
			if by != "" {
				found[d] = by
				continue
			}
		}
		if hook && (hookName.MatchString(d.Name) || routed(d) || isAction(f, d)) || namedHook(d.Name) || routed(d) && (prefixed || atHook(d)) {
			found[d] = "a webhook"
			continue
		}
		if listens && takesMessage(d) {
			if by := anywhere(); by != "" {
				found[d] = by
			}
		}
	}
	// What an entry of the same file calls, and what that calls, is handed the message too.
	for range 2 {
		for _, c := range f.Calls {
			by := found[c.In]
			if by == "" || c.In == nil {
				continue
			}
			for _, d := range f.Decls {
				if d.Name == c.Name && found[d] == "" && (d.Kind == source.Function || d.Kind == source.Method) {
					found[d] = by
				}
			}
		}
	}
	return found
}

func takesFunction(call *source.Call) bool {
	for _, a := range call.Args {
		if a.IsFunc {
			return true
		}
	}
	return false
}

func takesMessage(d *source.Decl) bool {
	if !entryName.MatchString(d.Name) {
		return false
	}
	for _, p := range d.Params {
		if messageParam.MatchString(p.Name) {
			return true
		}
	}
	return false
}

// declText is the text of a declaration with its decorators, without comments.
func declText(f *source.File, d *source.Decl) string {
	start, end := d.Span.Start, d.Span.End
	for _, dec := range d.Decorators {
		start = min(start, dec.Span.Start)
	}
	if start < 0 || end > len(f.Text) || start > end {
		return ""
	}
	text := []byte(string(f.Text[start:end]))
	for _, c := range f.Comments {
		for i := max(c.Span.Start, start); i < min(c.Span.End, end); i++ {
			if text[i-start] != '\n' {
				text[i-start] = ' '
			}
		}
	}
	return string(text)
}

var (
	asksSQL = lazy.New(`(?is)on\s+conflict|on\s+duplicate|insert\s+(or\s+)?ignore|not\s+exists|merge\s+into|\bfrom\s+\W?\w*(processed|handled|seen|dedup|idempot|inbox|booked|applied)\w*|where[^;]{0,200}\b(message|event|delivery|idempotency|request|txn|transaction|payment|charge|external|provider|stripe|reference)_?(id|key|ref)\b`)
	asksKey = lazy.New(`(?i)idempot|dedup|duplicate|already|processed|\bseen\w*|if_?absent|try_?insert|or_?ignore|\bis_?new\b|first_?time|\binserted\b|handled_|inbox|\bexist|upsert|get_or_create|update_or_create|find_?or_?(create|initialize)|first_?or_?(create|new)|createOrFirst|updateOrInsert|insertOrIgnore|setnx|\bnx\s*[=:]\s*true|\bNX\b|UniqueViolation|UniqueConstraint|IntegrityError|RecordNotUnique|P2002|ER_DUP|23505|DuplicateKey|row_?count|rows_?affected|affected_?rows|skipDuplicates|ignore_?conflicts|onConflict|unique_by|\bAny(Async)?\([^)]*==|\b(message|event|delivery|external|request)_?id=[^=\s]|\b(where|create|data)\b[^}]{0,80}(message|event|delivery)_?id\b`)
	asksNow = lazy.New(`(?i)\b(?:if|unless|when|guard)\b[^\n]{0,60}?\b(?:(\w+)(?:\(\))?(?:\.|->|\?\.|&\.|\[["']))?(?:get|is)?(status|state|paid|paid_?at|processed_?at|credited_?at|completed_?at|settled|applied|finished|booked|(?:grant|handl|receiv|deliver|redeem|fulfil+|charg|refund|transferr|post|count|us)ed_?at)\b`)
	// incoming are the names of what was delivered: their state is not the product's own.
	incoming = lazy.New(`(?i)^(event|evt|payload|message|msg|body|data|dto|req|request|res|resp|response|json|intent|notification|record|object|obj|input|command|envelope|delivery|hook|http\w*|result|params|charge|payment_?intent|session|ctx|context|type)$`)
	logging  = lazy.New(`(?i)\b_?(log|logger|logging|console|slog|zap|tracing|rails\.logger)\w*(::|\.|->|!)(\w+)?\s*\([^;\n]*`)
)

// asksFirst says whether a text looks at what it has handled already: a record of messages, a unique key, a state.
func asksFirst(text string) bool {
	text = logging.ReplaceAllString(text, "")
	return asksSQL.MatchString(text) || asksKey.MatchString(quotedText.ReplaceAllString(text, `""`)) || asksState(text) || keyOption.MatchString(text) || asksByID.MatchString(text)
}

// eventType is the quoted name of a kind of event: "invoice.paid" says what happened, not what was done about it.
var eventType = lazy.New(`"[\w-]+(?:[.:/][\w-]+)+"|'[\w-]+(?:[.:/][\w-]+)+'`)

// asksState says whether a text tests the state of something of its own, not of what was delivered.
func asksState(text string) bool {
	for _, m := range asksNow.FindAllStringSubmatch(eventType.ReplaceAllString(text, `""`), 50) {
		if !incoming.MatchString(m[1]) {
			return true
		}
	}
	return false
}

var (
	quotedText = lazy.New(`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`)
	keyOption  = lazy.New(`(?i)["'](Idempotency-Key|idempotency_?key|NX|23505|P2002)["']`)
)

// receivesAnywhere names what the repository's product code receives messages from, empty for nothing.
func (c *receiving) receivesAnywhere() string {
	if c.asked {
		return c.from
	}
	c.asked = true
	words := []string{"receive_message", "ReceiveMessage", "ReceiveMessageCommand", "basic_consume", "KafkaConsumer", "eachMessage", "FetchMessage", "ConsumeClaim", "SQSEvent", "QueueSubscribe", "constructEvent", "construct_event", "ConstructEvent", "AIOKafkaConsumer"}
	naming, err := c.pass.Source.Naming(c.pass.Context, words...)
	if err != nil {
		return ""
	}
	for _, w := range words {
		for _, p := range naming[w] {
			if source.IsTest(p) || source.IsDoc(p) || aside(p) || source.LanguageOf(p) == "" {
				continue
			}
			text, err := c.pass.Branch.ReadHead(p)
			if err != nil {
				continue
			}
			if by := receiverOf(string(text)); by != "" {
				c.from, c.loop = by, p
				return by
			}
		}
	}
	return ""
}

// neighbourAsks is another handler beside p that asks first, empty without one.
func (c *receiving) neighbourAsks(p string) string {
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return ""
	}
	for _, other := range below(paths, path.Dir(p)) {
		if other == p || path.Dir(other) != path.Dir(p) || path.Ext(other) != path.Ext(p) || aside(other) {
			continue
		}
		text, err := c.pass.Branch.ReadHead(other)
		if err == nil && len(text) < 1<<18 && keepsRecord.Match(text) && (consumerPath.MatchString(other) || receiverOf(string(text)) != "") {
			return other
		}
	}
	return ""
}

func isHandlerLanguage(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".py", ".js", ".ts", ".mjs", ".mts", ".cjs", ".tsx", ".go", ".rb", ".php", ".java", ".kt", ".cs", ".rs":
		return true
	}
	return false
}

// keepsRecord says that a handler keeps a record of what it handled, or gives a key.
var keepsRecord = lazy.New(`(?i)idempot|dedup|\bprocessed_?\w*(id|event|message|at)|\bseen_|handled_|inbox|on\s+conflict|on\s+duplicate|insert\s+(or\s+)?ignore|(message|event|delivery)_?id|unique_by|RecordNotUnique|find_or_create|firstOrCreate|get_or_create|23505|P2002`)
