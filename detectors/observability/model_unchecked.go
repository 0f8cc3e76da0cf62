package observability

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Answers that are read into a type, which says what they look like and not what they may hold, and go into what acts as they are.

var (
	// readsTyped reads a text into a type; bounds are what holds the fields of such a type to values.
	readsTyped = lazy.New(`\bDeserialize(?:Async)?<|DeserializeObject<|readValue\(|fromJson\(|decodeFromString|from_str|json\.Unmarshal\(|json\.NewDecoder|\(\*\*|\bas\s+[A-Z]\w+|GetResponseAsync<|\.entity\(|\.parsed\b|from_json|TypedDict|dacite`)
	bounds     = lazy.New(`(?i)\bRange\(|\bM(?:ax|in)(?:Length)?\(|\b(?:Positive|Pattern|Size|NotBlank|RegularExpression|AllowedValues|EnumDataType)\b|\b(?:ge|le|gt|lt|pattern|max_length)\s*=|Literal\[|\benum\b|Enum|validat|constraint|conint|Field\(`)
	// guardsValue is a condition on a value, or what limits it.
	guardsValue = lazy.New(`\b(?:if|unless|when|switch|match|assert|require|check|ensure|guard|raise|throw)\b|\?\s|&&|\|\||(?i:clamp|min|max|contains|includes?\??|validat|allowed|known|exists?)\w*\(`)
	// tellsOnly are receivers and calls that only write down or answer.
	tellsOnly = lazy.New(`(?i)^_?(?:log|logger|logging|slog|console|metrics?|tracer|span|telemetry|json|JsonSerializer|fmt|String|Results|Response|res|reply|c|ctx)$`)
)

// unchecked says whether a field of the answer goes into something that acts, and nothing on the way asks for its value.
func (u use) unchecked(l *lookup, tolerant *tolerance) bool {
	text := blankComments(u.file, u.span)
	if len(u.names) == 0 || !readsTyped.MatchString(text) || boundedType(l, u.file, text) {
		return false
	}
	fields := regexp.MustCompile(`\b(?:` + strings.Join(u.names, "|") + `)\b[!?]?(?:\.|->)\w+`)
	for _, line := range strings.Split(text, "\n") {
		if mentions(line, u.names) && guardsValue.MatchString(line) {
			return false
		}
	}
	for _, c := range within(u.file, u.span) {
		ids := identifiers(c.Receiver)
		if len(ids) == 0 || slices.Contains(u.names, ids[0]) || tellsOnly.MatchString(ids[len(ids)-1]) || u.asked == c.Span {
			continue
		}
		given := 0
		for _, a := range c.Args {
			if !a.IsString && !a.IsFunc && fields.MatchString(a.Text) {
				given++
			}
		}
		if given > 0 && (c.Awaited || tolerant.Effect.match(c.Name) || actsAtOnce.MatchString(c.Name)) && !l.words.classify(u.file, c).has(visible) && !tolerant.Asks.match(c.Name) {
			return true
		}
	}
	return false
}

// actsAtOnce are verbs of machines and money.
var actsAtOnce = lazy.New(`(?i)^(?:open|close|start|stop|turn|switch|set|move|drive|dose|release|lock|unlock|order|buy|sell|send|pay|refund|transfer|book|delete|update|assign|schedule)(?:_|[A-Z]|$)`)

// boundedType says whether a type that the text names holds its fields to values.
func boundedType(l *lookup, f *source.File, text string) bool {
	for _, name := range typeName.FindAllString(text, 12) {
		for _, p := range l.resolve(f, name, "", source.Class, source.Struct, source.Type, source.Interface, source.Schema) {
			if bounds.MatchString(blankComments(p.file, p.decl.Span)) {
				return true
			}
		}
	}
	return false
}
