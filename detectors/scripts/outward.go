package scripts

// Calls that reach people or other companies' books and cannot be taken back: charges, orders, mails, messages, POSTs.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// outward is one such call.
type outward struct {
	call *source.Call
	line int
	// what is for people: "charges (stripe.charges.create)".
	what string
	// money: it moves money or goods, so that twice is wrong in any case.
	money bool
	// late: a mark is set for each thing, but kept only at the end of all.
	late bool
	// torn: the mark of a thing is set behind its call only, so that a run which dies between them forgets the call.
	torn bool
}

var (
	postNames = []string{"post", "Post", "post_form", "postForObject", "postForEntity", "postForLocation", "PostAsync", "PostAsJsonAsync", "PostFormAsync", "PostForm", "postJson", "PostJsonAsync"}
	// clientish are receivers of HTTP clients.
	clientish  = lazy.New(`(?i)(^|[._>:\s$@])(http|https|axios|got|ky|fetch|requests|httpx|session|client|resty|rest_?template|rest_?client|web_?client|faraday|httparty|net::http|conn|connection|guzzle|reqwest|superagent|aiohttp|api|ofetch|\$fetch|httpclient|\w*_?http|\w*client|\w*api|\w*gateway|req)(\(\))?(\.R\(\))?$|Http$|HTTP$|^R$|\.R\(\)`)
	moneyWords = lazy.New(`(?i)charge|payment|payout|refund|transfer|invoice|\bbill|debit|credit|order|purchase|subscri|capture|voucher|coupon|gift|reward|ship|label|topup|top-up|deposit|withdraw|booking|reservation|donat|pledge|dues|levy|\bfees?\b`)
	// asking are POSTs that change nothing that counts.
	asking    = lazy.New(`(?i)search|query|graphql|/tokens?\b|token_?ur[il]|oauth|login|/auth\b|/logs?\b|metric|health|slack|discord|webhook_url|hooks\.|cache|purge|invalidat|index|_bulk|elastic|typesense|meili|lookup|valid|preview|quote|estimate|translat|embedding|completion|chat/|predict|telemetry|sentry|analytics|ping|heartbeat|convert|render|geocod|opensearch|\bsync\b|verify|batchGet|grafana|datadog|statuspage`)
	sdkMoney  = lazy.New(`(?i)(charges?|payment_?intents?|paymentintent|transfers?|refunds?|payouts?|invoice_?items?|invoices?|subscriptions?|payments?|orders?|balance_?transactions?|disbursements?)(Service|Api|Client|s)?(\(\))?$`)
	sdkDo     = []string{"create", "Create", "New", "new", "capture", "Capture", "CreateAsync", "createAsync", "pay", "Pay", "charge", "Charge", "ChargeAsync", "refund", "Refund", "submit", "send", "Send", "create!", "post", "execute"}
	mailNames = []string{"send_mail", "sendMail", "send_email", "sendEmail", "SendEmail", "SendMail", "SendMailAsync", "SendEmailAsync", "deliver_now", "deliver_later", "deliver_now!", "deliver", "sendmail",
		"sendSms", "send_sms", "SendSms", "sendSMS", "SendSMS", "sendPush", "send_push", "sendText", "EmailMultiAlternatives", "sendNotification", "send_notification", "sendTemplatedEmail", "sendTransac", "sendLetter", "send_letter"}
	mailers    = lazy.New(`(?i)(mailer|mail|smtp|sendgrid|sg|ses|transporter|postmark|resend(\.emails)?|mailgun|email|emails|twilio|messages|sms|notifier|notification\w*|push|fcm|apns)(\(\w*\))?(\(\))?$|^\\?(\w+\\)*(Mail|Notification|Mailer|Sms)(::|\.|->)`)
	messengers = lazy.New(`(?i)mail|smtp|sms|twilio|telegram|whatsapp|\bbot\b|notif`)
	// keyed: the call tells the other side which of its calls it is.
	keyed = lazy.New(`(?i)idempot|dedup|request_?token|client_?token|x-request-id|unique_?key|external_?(id|reference)|client_?reference|message_?reference|end_?to_?end_?id`)
)

func outwardCall(f *source.File, call *source.Call) (outward, bool) {
	text := string(f.Text[call.Span.Start:min(call.Span.End, len(f.Text))])
	o := outward{call: call, line: call.Span.Line}
	// A chain's call begins where the chain does: its own line is where its name stands.
	if i := strings.LastIndex(text, "."+call.Name); i > 0 && call.Receiver != "" {
		o.line += strings.Count(text[:i], "\n")
	}
	if len(call.Args) > 0 && call.Args[0].Span.Line > 0 {
		o.line = min(max(o.line, call.Span.Line), call.Args[0].Span.Line)
	}
	short := text
	if len(short) > 1500 {
		short = short[:1500]
	}
	if c := call.Receiver; len(c) > 400 {
		return o, false
	}
	switch {
	case posts(call, short, madeClient(f, call)) && !asking.MatchString(addressed(call)):
		o.money = moneyWords.MatchString(short)
		o.what = "POST"
	case slices.Contains(sdkDo, call.Name) && sdkMoney.MatchString(strings.TrimSuffix(call.Receiver, "::")) && !modelLike(f, call):
		o.money, o.what = true, call.Full()
	case slices.Contains(mailNames, call.Name) && call.Receiver != "self" || call.Name == "mail" && f.Lang == source.PHP && call.Receiver == "":
		o.what = "mail or message (" + call.Name + ")"
	case (call.Name == "send_message" || call.Name == "SendMessageAsync" || call.Name == "sendMessage") && messengers.MatchString(call.Receiver):
		o.what = "mail or message (" + call.Name + ")"
	case (call.Name == "send" || call.Name == "Send" || call.Name == "SendAsync" || call.Name == "notify" || call.Name == "queue" || call.Name == "publish") && mailers.MatchString(call.Receiver),
		call.Name == "create" && strings.HasSuffix(call.Receiver, ".messages"):
		o.what = "mail or message (" + call.Name + ")"
	default:
		return o, false
	}
	return o, true
}

// modelLike says that the receiver is a class of the application's own data: Order.create is a row, Stripe::Order.create
// is not.
func modelLike(f *source.File, call *source.Call) bool {
	lower := strings.ToLower(call.Receiver)
	if strings.Contains(lower, "prisma") || strings.Contains(lower, ".objects") || strings.HasPrefix(lower, "db.") || strings.HasPrefix(lower, "tx.") || strings.Contains(lower, "repo") {
		return true
	}
	for _, vendor := range []string{"stripe", "paypal", "braintree", "adyen", "mollie", "gocardless", "square", "razorpay", "wise", "pay", "psp", "gateway", "billing", "client", "api", "bank", "provider", "dwolla", "checkout"} {
		if strings.Contains(lower, vendor) && !strings.EqualFold(lower, "payment") && !strings.EqualFold(lower, "payments") {
			return false
		}
	}
	return !strings.Contains(strings.ToLower(string(f.Text[:min(len(f.Text), 4000)])), "stripe") || f.Lang == source.Ruby && !strings.Contains(lower, "::")
}

var (
	jsPost    = lazy.New(`(?i)method\s*:\s*["'` + "`" + `]post`)
	goPost    = lazy.New(`http\.MethodPost|"POST"`)
	otherPost = lazy.New(`(?i)HttpMethod\.POST|HttpMethod\.Post|["']POST["']|:post\b|Method::POST`)
)

// clientMade is where a name is bound to an HTTP client that is made there: with httpx.Client() as bank, bank = axios.create().
var clientMade = lazy.New(`(?:\b(?:httpx|requests|aiohttp)\.(?:AsyncClient|Client|ClientSession|[Ss]ession)\((?:[^()]|\([^()]*\)){0,600}\)\s*as\s+(\w+)\s*[:,)])|(?:([\w$]+)(?::\s*\w+)?\s*:?=\s*(?:await\s+)?(?:(?:httpx|requests|aiohttp)\.(?:AsyncClient|Client|ClientSession|[Ss]ession)\(|(?:axios|got|ky|ofetch|\$fetch)\.(?:create|extend)\(|Faraday\.new\b|new\s+(?:HttpClient|\\?(?:GuzzleHttp\\)?Client)\(|reqwest::(?:blocking::)?Client::(?:new|builder)\(|resty\.New\(|WebClient\.(?:create|builder)\(|RestClient\.(?:create|builder)\())`)

// madeClient says whether a call's receiver is a name that its file binds to an HTTP client.
func madeClient(f *source.File, call *source.Call) bool {
	if !slices.Contains(postNames, call.Name) || call.Receiver == "" {
		return false
	}
	name := lastWord.FindStringSubmatch(call.Receiver)
	if name == nil {
		return false
	}
	for _, m := range clientMade.FindAllStringSubmatch(string(f.Text), 20) {
		if m[1] == name[1] || m[2] == name[1] {
			return true
		}
	}
	return false
}

// posts says whether a call sends a POST. client: its receiver is an HTTP client.
func posts(call *source.Call, text string, client bool) bool {
	switch call.Name {
	case "fetch", "$fetch", "ofetch", "got", "ky", "axios", "request", "fetchWithRetry":
		return jsPost.MatchString(text) || (call.Name == "request" && otherPost.MatchString(text))
	case "NewRequest", "NewRequestWithContext":
		return goPost.MatchString(text)
	case "HttpRequestMessage", "exchange", "urlopen", "Request", "send_request", "SendAsync", "run_request", "Post":
		if otherPost.MatchString(text) {
			return true
		}
	case "POST":
		return call.Receiver != ""
	case "post_form", "postForObject", "postForEntity", "postForLocation", "PostAsJsonAsync", "PostAsync", "PostFormAsync":
		return true
	}
	if !slices.Contains(postNames, call.Name) || len(call.Args) == 0 && call.Name != "post" {
		return false
	}
	if len(call.Args) > 1 && call.Args[len(call.Args)-1].IsFunc || strings.Contains(call.Receiver, "app") && !strings.Contains(strings.ToLower(call.Receiver), "api") || strings.Contains(strings.ToLower(call.Receiver), "router") || call.Receiver == "Route" {
		return false // a route is declared
	}
	return client || clientish.MatchString(call.Receiver) || strings.HasPrefix(call.Receiver, "Http::")
}

// addressed is what a POST is sent to, as far as its first arguments say: a quoted text with a slash, a name.
func addressed(call *source.Call) string {
	var b strings.Builder
	for i, a := range call.Args {
		if i > 2 || len(a.Text) > 300 && i > 0 {
			break
		}
		if i == 0 || strings.Contains(a.Text, "/") {
			b.WriteString(a.Text[:min(len(a.Text), 200)] + " ")
		}
	}
	return b.String() + call.Receiver
}
