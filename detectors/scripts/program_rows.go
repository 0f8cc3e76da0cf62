package scripts

// The rows that a program writes through an object mapper, as operations.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/scripts/rows"
	"flightpoll/detectors/source"
)

// foreignRows are classes whose create makes no row: of the language, and of other companies' libraries.
var foreignRows = lazy.New(`^\s*(File|Dir|FileUtils|Tempfile|Struct|Zip|Logger|IO|Faraday|OpenSSL|Storage|Cache|Http|Log|Str|Arr|Carbon|Redis|Session|Cookie|Queue|Bus|Event|Artisan)\b|^\s*(Stripe|Braintree|PayPal|Twilio|Aws|Google|Square|Adyen|Mollie|GoCardless\w*|Plaid|Slack|Octokit|Sendgrid|Mailgun|Elasticsearch)\w*(::|\\|\.)`)

// counters are columns that are meant to go up with each run.
var counters = lazy.New(`(?i)^(version|lock_?version|attempts?|retr(y|ies)(_?count)?|tries|runs?|run_?count|failures?|views?|hits?|seen)$`)

// rowOperations are the writes of a file through object mappers, in its order.
func rowOperations(f *source.File) []operation {
	var list []operation
	for _, w := range rows.In(f) {
		text := string(f.Text[w.Span.Start:min(w.Span.End, len(f.Text))])
		if foreignRows.MatchString(text) {
			continue
		}
		o := operation{as: w.Target, table: tableOf(w.Target), line: w.Span.Line, last: w.Span.EndLine, text: normalise(text), whole: w.Whole, guarded: w.Guarded}
		switch w.Do {
		case rows.Insert:
			o.do = inserts
		case rows.Delete:
			o.do = deletes
		case rows.Update:
			o.do = updates
			for _, s := range w.Sets {
				o.columns = append(o.columns, fold(s))
			}
			o.selfReferring = w.Self != "" && !w.Marked && !counters.MatchString(w.Self)
		}
		list = append(list, o)
	}
	return list
}

// tableOf is the table of a model by the custom of most mappers: PointEntry and pointEntry are point_entries.
func tableOf(name string) string {
	if strings.ToLower(name) == name && (strings.Contains(name, "_") || strings.HasSuffix(name, "s")) {
		return fold(name)
	}
	if name != "" && name[0] >= 'a' && name[0] <= 'z' {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	if strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") {
		name = name[:len(name)-1]
	}
	return pluralTable(name)
}
