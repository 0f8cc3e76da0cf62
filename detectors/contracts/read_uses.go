package contracts

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What code does with a value that it reads tells what kind of value it takes it for.

var (
	asString = lazy.New(`^["'\])]*\s*(?:(?:===?|!==?)\s*["'` + "`" + `]|in\s+[(\[{]\s*["']|\??\.(?:startswith|endswith|startsWith|endsWith|upper|lower|strip|toUpperCase|toLowerCase|trim|split|replace|localeCompare|padStart|casefold|zfill|upcase|downcase|start_with\?)\()`)
	asNumber = lazy.New(`^["'\])]*\s*(?:(?:[<>]=?|===?|!==?)\s*-?\d|[*/%]\s*[\w(]|-\s*[\d]|\??\.toFixed\()`)
	asList   = lazy.New(`^["'\])]*\s*(?:\??\.(?:map|forEach|filter|reduce|join|push|find|some|every|append|extend|each|flatMap)\b|\[\d+\])`)
	turned   = lazy.New(`(?:\b(?:float|int|Number|parseFloat|parseInt|Decimal)\(\s*)$`)
	spelt    = lazy.New(`(?:\b(?:Time|DateTime|Date)\.(?:iso8601|parse|rfc3339|strptime)\(\s*|\b(?:fromisoformat|isoparse|parseISO|strptime|strtotime|parse_from_rfc3339|new DateTimeImmutable|new DateTime|Carbon::parse|(?:Instant|OffsetDateTime|ZonedDateTime|LocalDate|LocalDateTime|DateTimeOffset)\.[pP]arse)\(\s*)$`)
	epochs   = lazy.New(`\b(?:fromtimestamp|Time\.at|ofEpochMilli|ofEpochSecond|FromUnixTimeMilliseconds|FromUnixTimeSeconds|fromMillisecondsSinceEpoch|createFromTimestamp(?:Ms)?|UnixMilli)\(\s*$`)
	listed   = lazy.New(`\b(?:in|of)\s+$`)
)

// usedAs is the kind of value that the code around a read takes it for, empty where that cannot be told.
func (r *sourceReader) usedAs(a *source.Access) valueKind {
	if a.Write || a.Span.Start < 0 || a.Span.Start >= len(r.file.Text) {
		return ""
	}
	at := strings.Index(string(r.file.Text[a.Span.Start:min(len(r.file.Text), a.Span.Start+len(a.Receiver)+len(a.Name)+40)]), a.Name)
	if i := len(a.Receiver); at >= 0 && at < i { // the receiver may hold the name
		if more := strings.Index(string(r.file.Text[a.Span.Start+i:min(len(r.file.Text), a.Span.Start+i+len(a.Name)+40)]), a.Name); more >= 0 {
			at = i + more
		}
	}
	if at < 0 {
		return ""
	}
	end := a.Span.Start + at + len(a.Name)
	rest := r.file.Text[end:min(len(r.file.Text), end+60)]
	before := r.file.Text[max(0, a.Span.Start-40):a.Span.Start]
	switch {
	case asString.Match(rest), spelt.Match(before):
		return kindString
	case asNumber.Match(rest), turned.Match(before), epochs.Match(before):
		return kindNumber
	case asList.Match(rest), listed.Match(before) && !strings.HasPrefix(strings.TrimLeft(string(rest), `"'])`), "."):
		return kindArray
	}
	return ""
}

// givenTo is what a variable is first given in a function: the names on the right side.
func (r *sourceReader) givenTo(in *source.Decl, variable string) string {
	if in == nil || !variableName.MatchString(variable) || in.Span.End-in.Span.Start > 20_000 {
		return ""
	}
	body := string(r.file.Text[in.Span.Start:in.Span.End])
	m := regexp.MustCompile(`\b` + regexp.QuoteMeta(variable) + `\s*(?::[^=\n]{1,60})?(?::?=)\s*([^=\n][^\n]{0,80})`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return strings.Join(identifiers(m[1]), " ")
}
