package contracts

// Queries of Active Record, which say a table by the class of its model and a column by a symbol.

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// relationCall are the methods of a relation that hand symbols, keywords and texts to the database as columns.
var relationCall = lazy.New(`^(?:where|rewhere|not|find_by!?|find_or_create_by!?|find_or_initialize_by|exists\?|pluck|pick|select|order|reorder|group|sum|average|minimum|maximum|count|update_all|insert_all!?|upsert_all|create!?|in_order_of)$`)

// inActiveRecord looks for calls on the model's class, or on a relation that begins with it: Order.where(a: 1).pluck(:b).
func (c columnChange) inActiveRecord(f *source.File) namer {
	if f.Lang != source.Ruby || c.column == "" {
		return namer{}
	}
	words := strings.Split(c.table, "_")
	words[len(words)-1] = singular(words[len(words)-1])
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	onModel := regexp.MustCompile(`^(?:::)?` + regexp.QuoteMeta(strings.Join(words, "")) + `(?:\.|$)`)
	for _, call := range f.Calls {
		if !relationCall.MatchString(call.Name) || !onModel.MatchString(call.Receiver) || strings.Contains(call.Receiver, "join") {
			continue
		}
		for _, a := range call.Args {
			if a.Keyword == c.column || a.Keyword == "" && a.IsString && a.Str == c.column {
				return namer{"the query", a.Span.Line}
			}
		}
	}
	return namer{}
}
