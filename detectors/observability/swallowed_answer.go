package observability

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What a handler of an error gives back: whether it tells the caller, or stands for success.

// answersFailure is a returned value that tells the caller.
var answersFailure = lazy.New(`(?i)err|fail|exception|problem|invalid|reject|\b[45]\d\d\b|status|abort|unavailable|denied|not_?found|bad_?(?:request|gateway)|` +
	`conflict|forbidden|unauthori[sz]ed|unprocessable|time_?out|too_?many|gateway|\bflash\b|\balert\b|success\W{1,5}(?:=>\s*)?false|ok\W{1,5}(?:=>\s*)?false|\bfalse\b|left\(|none\(\)|` +
	`degraded|unknown|partial|retry|skipped|unhealthy|\bdown\b`)

// saysSuccess are the parts of an answer that name a status and mean that all is well.
var saysSuccess = lazy.New(`(?i)(?:Http)?Status(?:Code)?(?:::|\.)(?:Status)?_?(?:OK|CREATED|ACCEPTED|NO_?CONTENT)\b|\bstatus(?:_?code)?["']?\s*(?:=>|[:=(])\s*["':]?(?:ok|success\w*|accepted|created|queued|done|sent|processed|completed?|20\d)\b|TypedResults|Results`)

// failure says whether a value tells the caller that something failed.
func failure(value string) bool {
	return answersFailure.MatchString(saysSuccess.ReplaceAllString(value, " "))
}

// isNothing says whether a value is the empty one of its type.
func isNothing(value string) bool {
	return nothing.MatchString(strings.Trim(value, " ;"))
}

var nothing = lazy.New(`^[(\s]*(?:|null|undefined|void 0|false|None|nil|\(\)|\[\]|\{\}|""|''|0|0\.0|\[\] as \w+(?:\[\])?|dict\(\)|list\(\)|set\(\)|tuple\(\)|array\(\)|` +
	`(?:Collections\.)?empty(?:List|Map|Set|String)?\(\)|(?:List|Map|Set|Mono|Flux|Optional|Stream)\.(?:of|empty)\(\)|new (?:ArrayList|HashMap|HashSet|List|Dictionary)<[^>]*>\(\)|` +
	`(?:listOf|mapOf|setOf)\(\)|(?:Array|Enumerable)\.Empty<[^>]*>\(\)|\[\s*\]|Ok\((?:None|\(\)|vec!\[\]|Vec::new\(\))\)|(?:Vec|String|HashMap)::new\(\)|vec!\[\]|Default::default\(\)|collect\(\)|nil, nil)[)\s]*$`)

// madeUp says whether a value is a number or a consent that the code makes up.
func madeUp(value string) bool {
	return inventedValue.MatchString(strings.Trim(value, " ;"))
}

var inventedValue = lazy.New(`^(?:\d+(?:\.\d+)?[a-zA-Z]?|true|True|(?:java\.math\.)?Big(?:Decimal|Integer)\.(?:ONE|ZERO|TEN)|(?:new )?(?:BigDecimal|Decimal|Money|Duration)(?:\.\w+)?\(["']?[\d.]+["']?\)|Ok\((?:\d+(?:\.\d+)?|true)\)|\d+(?:\.\d+)?, nil)$`)

// given is the value that a handler gives back: what it returns, or in languages whose blocks have values the last one of
// a body that does nothing else. Empty without one.
func given(f *source.File, k *source.Catch, body string) string {
	if k.Returns != "" {
		return k.Returns
	}
	switch f.Lang {
	case source.Ruby, source.Kotlin, source.Rust:
	default:
		return ""
	}
	body = strings.TrimSpace(body)
	if strings.HasPrefix(body, "{") && strings.HasSuffix(body, "}") && f.Lang != source.Ruby {
		body = strings.TrimSpace(body[1 : len(body)-1])
	}
	if f.Lang == source.Ruby { // the body starts with the clause's word where nothing else does
		body = strings.TrimSpace(strings.TrimPrefix(body, "then"))
	}
	last := body[strings.LastIndexByte(body, '\n')+1:]
	last = strings.TrimSpace(last)
	if strings.HasSuffix(last, ";") || assigns.MatchString(last) || last == "" {
		return ""
	}
	for _, c := range k.Calls { // a call without a value in sight is work, not an answer
		if strings.HasPrefix(last, c.Full()) && !nothing.MatchString(last) && (f.Lang == source.Ruby || !wrapsValue[c.Name]) {
			return ""
		}
	}
	return last
}

// wrapsValue are calls that put a value in a result.
var wrapsValue = map[string]bool{"Ok": true, "Some": true, "listOf": true, "emptyList": true, "mapOf": true, "Json": true}

// respond are calls that answer whoever called a handler.
var respond = lazy.New(`^(?:json|send|sendStatus|status|render|head|JSON|String|NoContent|WriteHeader|Write|Encode|NewEncoder|Ok|ok|Accepted|Created|respond|respondText|build|body|reply|code|end|response|success|jsonify|Response|JsonResponse|JSONResponse|HttpResponse|noContent|accepted|created|text|Status|SendStatus|Json|make_response|set|header|type)$`)

// answers says whether all that a handler's calls do is to answer the request.
func answers(k *source.Catch) bool {
	return len(k.Calls) > 0 && !slices.ContainsFunc(k.Calls, func(c *source.Call) bool { return !respond.MatchString(c.Name) })
}

// unread says whether nobody looks at what the function around a handler gives back: each of its uses, all in the same
// file, is a statement of its own or gathered by one.
func (s *swallowing) unread(f *source.File, k *source.Catch) bool {
	if k.In == nil || k.In.Kind != source.Function && k.In.Kind != source.Const || len(k.In.Name) < 3 ||
		slices.ContainsFunc(s.naming(k.In.Name), func(p string) bool { return p != f.Path && family(source.LanguageOf(p)) == family(f.Lang) }) {
		return false
	}
	uses := 0
	for _, c := range f.Calls {
		if c.In == k.In {
			continue
		}
		if c.Name == k.In.Name {
			uses++
			if !alone(f, c.Span) && !s.gathered(f, c.Span) {
				return false
			}
		}
		for _, a := range c.Args {
			if strings.TrimSpace(a.Text) == k.In.Name {
				uses++
				if c.Name != "forEach" && !alone(f, c.Span) && !s.gathered(f, c.Span) {
					return false
				}
			}
		}
	}
	return uses > 0
}

// gathered says whether a place stands in a call that waits for many and whose outcome is dropped.
func (s *swallowing) gathered(f *source.File, span source.Span) bool {
	return slices.ContainsFunc(f.Calls, func(c *source.Call) bool {
		return c.Span.Start < span.Start && c.Span.End >= span.End && gathers.MatchString(c.Name) && alone(f, c.Span)
	})
}

var gathers = lazy.New(`^(?:all|allSettled|gather|forEach|join_all|WhenAll|each)$`)

// goesOut says whether the guarded code asks another service.
func (s *swallowing) goesOut(f *source.File, try source.Span) bool {
	if isOffline(f.Path) || browser(f) {
		return false
	}
	return slices.ContainsFunc(within(f, try), func(c *source.Call) bool {
		return s.Outbound.match(c.Full()) ||
			importsAny(f, s.Clients[family(f.Lang)]) && s.Remote.match(lastIdentifier(c.Receiver)) && !s.spares(c)
	})
}

func lastIdentifier(text string) string {
	if ids := identifiers(text); len(ids) > 0 {
		return ids[len(ids)-1]
	}
	return ""
}
