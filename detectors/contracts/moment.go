package contracts

import "flightpoll/detectors/lazy"

// momentType are the types of a date or a time: encoders write them as text (RFC 3339) unless they are told otherwise.
var momentType = lazy.New(`^(?:\*|Option<|Optional\[)?(?:\w+(?:\.|::))*(?:Time|Instant|OffsetDateTime|ZonedDateTime|LocalDateTime|LocalDate|LocalTime|DateTime|DateTimeOffset|DateOnly|DateTimeImmutable|DateTimeInterface|CarbonImmutable|Carbon|NaiveDateTime|NaiveDate|datetime|date|Date)(?:<\w+>)?[?>\]]*(?: \| None)?$`)

// momentKinds are the kinds of one field on both sides. A moment counts as text where the other side is a number: only then
// has the way of writing certainly changed.
func momentKinds(old, now field) (valueKind, valueKind) {
	if old.kind == "" && now.kind == kindNumber && momentType.MatchString(old.typ) {
		return kindString, now.kind
	}
	if now.kind == "" && old.kind == kindNumber && momentType.MatchString(now.typ) {
		return old.kind, kindString
	}
	return old.kind, now.kind
}
