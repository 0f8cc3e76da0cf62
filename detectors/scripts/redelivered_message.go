package scripts

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/scripts/rows"
	"flightpoll/detectors/source"
)

// RedeliveredMessage reports a handler of messages, jobs or webhooks that adds, charges or inserts and does not ask
// whether it handled the same message before.
var RedeliveredMessage = &detectors.Detector{
	ID:    "scripts/redelivered-message",
	Title: "A handler does its work again when the same message is delivered again",
	Run:   quoting(runRedelivered),
}

// receiving is what is known of the repository's queues.
type receiving struct {
	pass       *detectors.Pass
	asked      bool
	from, loop string
	// hooks is whether a file is named after webhooks, nil while nobody asked.
	hooks *bool
}

func (c *receiving) readHead(p string) []byte {
	text, err := c.pass.Branch.ReadHead(p)
	if err != nil {
		return nil
	}
	return text
}

// maxHandler bounds the files that are looked at, in bytes.
const maxHandler = 512 << 10

func runRedelivered(pass *detectors.Pass) error {
	c := &receiving{pass: pass}
	seen := false
	for _, file := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if file.Status == branch.Deleted || !judged(file) || !isHandlerLanguage(file.Path) {
			continue
		}
		text, err := file.After()
		if err != nil || len(text) > maxHandler || !holdsFunction(text) {
			continue
		}
		// A file that receives nothing itself can only be called by one that does.
		own := receiverOf(string(text)) != "" || consumerPath.MatchString(file.Path) || hookWords.Match(text) || hookPath.MatchString(file.Path) || signature.Match(text)
		if !own && !c.receives() {
			continue
		}
		f, err := pass.Source.Head(file.Path)
		if err != nil || f == nil {
			continue
		}
		var found map[*source.Decl]string
		if own {
			found = entries(f, c.receivesAnywhere)
		}
		if len(found) == 0 && c.receives() {
			found = c.calledByEntries(f, file)
		}
		if len(found) == 0 && c.receivesAnywhere() != "" {
			found = c.dispatched(f, file)
		}
		seen = seen || len(found) > 0
		c.judge(file, f, found)
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

func (c *receiving) judge(file *branch.File, f *source.File, found map[*source.Decl]string) {
	safe := false
	for d := range found {
		safe = safe || asksFirst(declText(f, d))
	}
	if safe {
		return
	}
	handlers := slices.SortedFunc(maps.Keys(found), func(a, b *source.Decl) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	for _, d := range handlers {
		by := found[d]
		e, ok := c.worst(f, d)
		if !ok || !file.Touched(e.line) && !c.askedBefore(file, d) {
			continue
		}
		if c.asks(f, d) {
			return
		}
		c.pass.Report(c.finding(file.Path, d, by, e))
		return // one a file is enough
	}
}

// effect is one thing that a handler does and that counts twice when it is done twice.
type effect struct {
	line int
	// what is for people: "adds to wallets.balance"; text for the fingerprint.
	what, name, text string
	// sure: done twice it is wrong whatever the rest of the product does.
	sure bool
	// table is the one that gets a row, for those that are not sure by themselves; columns are those that the row fills.
	table   string
	columns []string
}

// worst is the effect of a function that weighs most.
func (c *receiving) worst(f *source.File, d *source.Decl) (effect, bool) {
	list := effectsIn(f, d)
	for i := range list {
		if e := &list[i]; e.table != "" {
			e.sure = c.countsTwice(e.table, e.columns)
		}
	}
	slices.SortStableFunc(list, func(a, b effect) int {
		if a.sure != b.sure {
			if a.sure {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.line, b.line)
	})
	if len(list) == 0 || !list[0].sure && c.neighbourAsks(f.Path) == "" {
		return effect{}, false
	}
	return list[0], true
}

var (
	adding = lazy.New(`(?i)(?:\.|->)(\w*(?:balance|credits?|points|quantity|qty|stock|inventory|cents|seats|amount|total|count|minutes|hours|score|available|remaining|used|level|stamps|miles|kwh|litres|onhand|on_hand|units)\w*)\s*(\+=|-=)`)
	// amount is the name of a column that counts something which is owed or owned.
	amount = lazy.New(`(?i)(balance|credit|points|quantity|qty|stock|inventory|cents|seats|amount|minutes|hours|score|available|remaining|stamps|miles|kwh|litres|on_?hand|units|tokens|coins)`)
	// addingTo is the same in languages where it takes a call: x.setBalance(x.getBalance() + a), x.balance = x.balance + a.
	addingTo = lazy.New(`(?i)\.set(\w+)\(\s*[\w.()]*\.?get(\w+)\(\)\s*(?:[+-]|\.(?:add|subtract|plus|minus)\()|\.(\w+)\s*=\s*[\w.()]*\.(\w+)\s*(?:[+-]|\.(?:add|subtract|plus|minus|Add)\()|->(\w+)\s*=\s*\$\w+->(\w+)\s*[+-]|\.copy\(\s*(\w+)\s*=\s*\w+\.(\w+)\s*[+-]`)
	expr     = lazy.New(`(?i)\bF\(\s*["'](\w+)["']\s*\)\s*[+-]|\bgorm\.Expr\(\s*["` + "`" + `](\w+)\s*[+-]|\b(\w+)\s*:\s*\{\s*(?:increment|decrement)\s*:|\$inc\b["']?\s*:\s*\{\s*["']?(\w+)`)
	adders   = []string{"increment", "decrement", "increment!", "decrement!", "increment_counter", "update_counters", "incrementEach"}
	gauge    = lazy.New(`(?i)metric|\bstats?(d|\b)|counter|\b_?meters?\.|prom|redis|cache|monitor|telemetry|log|limiter`)
	charges  = lazy.New(`(?i)\b(charges?|payment_?intents?|transfers?|refunds?|payouts?|invoice_?items?|paymentintent)\.(create|New)$`)
	mails    = []string{"send_mail", "sendMail", "send_email", "sendEmail", "SendEmail", "SendMail", "deliver_now", "deliver_later"}
	ownCount = lazy.New(`(?i)(self|this|stats?|metrics?|results?|summary|totals?|report)$`)
	saves    = lazy.New(`(?i)\b(save|commit|flush|update|put|persist|merge|exec\w*|execute)\w*!?\s*\(|\bsave!|\.save\b`)
)

// effectsIn are the effects inside of a function.
func effectsIn(f *source.File, d *source.Decl) []effect {
	var list []effect
	inside := func(s source.Span) bool { return s.Start >= d.Span.Start && s.End <= d.Span.End }
	for _, s := range f.Strings {
		if !inside(s.Span) || !startsSQL.MatchString(s.Value) {
			continue
		}
		ops, _ := readSQL(s.Value, s.Span.Line)
		for _, o := range ops {
			switch {
			case o.do == updates && o.selfReferring:
				list = append(list, effect{line: o.line, what: "adds to " + strings.Join(o.columns[:min(1, len(o.columns))], "") + " of " + o.table, name: o.table, text: o.text, sure: true})
			case o.do == inserts && !o.guarded:
				list = append(list, effect{line: o.line, what: "inserts into " + o.table, name: o.table, text: o.text, table: o.table, columns: o.columns})
			}
		}
	}
	for _, call := range f.Calls {
		if !inside(call.Span) {
			continue
		}
		text := normalise(string(f.Text[call.Span.Start:call.Span.End]))
		e := effect{line: call.Span.Line, text: text}
		switch {
		case slices.Contains(adders, call.Name) && len(call.Args) > 0 && (call.Args[0].IsString || strings.HasPrefix(call.Args[0].Text, ":")) && call.Receiver != "" && !gauge.MatchString(call.Receiver):
			e.what, e.name, e.sure = "adds to "+strings.Trim(call.Args[0].Text, `"':`), strings.Trim(call.Args[0].Text, `"':`), true
		case charges.MatchString(call.Full()) && !strings.Contains(strings.ToLower(text), "idempot"):
			e.what, e.name, e.sure = "asks for money ("+call.Full()+")", call.Name, true
		case slices.Contains(mails, call.Name):
			e.what, e.name = "sends mail", call.Name
		default:
			o, ok := outwardCall(f, call)
			if !ok || !o.money || keyed.MatchString(text) {
				continue
			}
			e.what, e.name, e.sure, e.line = "asks for money or goods ("+o.what+")", call.Name, true, o.line
		}
		list = append(list, e)
	}
	list = append(list, rowEffects(f, inside)...)
	body := declText(f, d)
	if m := expr.FindStringSubmatchIndex(body); m != nil {
		list = append(list, effect{line: lineIn(f, d, m[0]), what: "adds to " + group(body, m), name: group(body, m), text: "add " + group(body, m), sure: true})
	}
	if m := adding.FindStringSubmatchIndex(body); m != nil && !ownCount.MatchString(body[max(0, m[0]-40):m[0]]) && saves.MatchString(body[m[1]:]) {
		name := body[m[2]:m[3]]
		list = append(list, effect{line: lineIn(f, d, m[0]), what: "adds to " + name, name: name, text: "add " + name, sure: true})
	}
	for _, a := range assignments(strings.ReplaceAll(body, "$", " ")) {
		if a.self && a.row != "" && amount.MatchString(a.column) && !gauge.MatchString(a.row) && !incoming.MatchString(a.row) && storesIt.MatchString(body) && !counters.MatchString(a.column) {
			list = append(list, effect{line: lineIn(f, d, a.at), what: "adds to " + a.column, name: a.column, text: "add " + a.column, sure: true})
		}
	}
	if name, at := addsToOwn(body); name != "" {
		list = append(list, effect{line: lineIn(f, d, at), what: "adds to " + name, name: name, text: "add " + name, sure: true})
	}
	return list
}

// rowEffects are the rows that the mappers' calls inside add, and the columns that they add to.
func rowEffects(f *source.File, inside func(source.Span) bool) []effect {
	var list []effect
	for _, w := range rows.In(f) {
		text := normalise(string(f.Text[w.Span.Start:min(w.Span.End, len(f.Text))]))
		if !inside(w.Span) || foreignRows.MatchString(text) {
			continue
		}
		e := effect{line: w.Span.Line, text: text}
		switch {
		case w.Do == rows.Insert && !w.Guarded:
			e.table = tableOf(w.Target)
			e.what, e.name = "adds a row to "+w.Target, w.Target
		case w.Do == rows.Update && w.Self != "" && !w.Marked && !counters.MatchString(w.Self) && !gauge.MatchString(w.Self):
			e.what, e.name, e.sure = "adds to "+w.Self+" of "+w.Target, w.Self, true
		default:
			continue
		}
		list = append(list, e)
	}
	return list
}

// addsToOwn is the property that is set to its own value and something more, with the place; empty without one.
func addsToOwn(body string) (string, int) {
	for _, m := range addingTo.FindAllStringSubmatchIndex(body, 20) {
		var names []string
		for i := 2; i+1 < len(m); i += 2 {
			if m[i] >= 0 {
				names = append(names, body[m[i]:m[i+1]])
			}
		}
		if len(names) == 2 && strings.EqualFold(names[0], names[1]) && !gauge.MatchString(names[0]) {
			return names[0], m[0]
		}
	}
	return "", 0
}

// countTwice are tables in which a second row is a second payment or order.
var countTwice = lazy.New(`(?i)payment|ledger|transaction|booking|order|credit|points?|balance|invoice|refund|stock|movement|entr(y|ies)|top_?up|transfer|shipment|ticket|voucher|reservation|grant|reward|sale|deliver|charge|deposit|withdraw|donation|stamp|reading|usage|consumption|payout|licen[cs]e|subscription|enrol|posting|journal|receipt`)

// countsTwice says whether a second row is a second payment, order or reading, and no unique key of the table, as far as
// it is seen, refuses it.
func (c *receiving) countsTwice(table string, columns []string) bool {
	if twice, known := (&changes{pass: c.pass}).takesTwice(table, columns); known {
		return twice && !growing.MatchString(table)
	}
	if !countTwice.MatchString(table) {
		return false
	}
	words := tableWords(table)
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	read := 0
	for _, p := range paths {
		if aside(p) || !commented(p) && !modelFile(p, words) {
			continue
		}
		if read++; read > maxDocuments {
			break
		}
		if text := string(c.readHead(p)); uniqueFor(text, words) {
			return false
		}
	}
	return true
}

// modelFile says whether a path is that of a table's model.
func modelFile(p string, words []string) bool {
	if source.LanguageOf(p) == "" {
		return false
	}
	base := strings.ToLower(strings.TrimSuffix(path.Base(p), path.Ext(p)))
	return slices.Contains(words, base) || slices.Contains(words, strings.ReplaceAll(base, "_", "")) || base == "models" || base == "entities" || strings.HasSuffix(base, "context") || strings.HasSuffix(base, "configuration")
}

var uniqueKey2 = lazy.New(`(?i)\bunique\b|unique\s*=\s*true|uniqueConstraint|unique:\s*true|@@unique|@unique|IsUnique|unique_together|UniqueConstraint|->unique\(|primary\s+key\s*\(|text\s+(not null\s+)?primary\s+key|uuid\s+(not null\s+)?primary\s+key|varchar\(\d+\)\s+(not null\s+)?primary\s+key`)

// uniqueFor says whether a text that tells of the table has a unique key near it.
func uniqueFor(text string, words []string) bool {
	for _, at := range uniqueKey2.FindAllStringIndex(text, 50) {
		from := max(0, at[0]-900)
		if namesAny(text[from:min(len(text), at[1]+200)], words) {
			return true
		}
	}
	return false
}

// group is the first group of a match that took part.
func group(text string, m []int) string {
	for i := 2; i+1 < len(m); i += 2 {
		if m[i] >= 0 {
			return text[m[i]:m[i+1]]
		}
	}
	return ""
}

// lineIn is the line of an offset in a declaration's text.
func lineIn(f *source.File, d *source.Decl, offset int) int {
	start := d.Span.Start
	for _, dec := range d.Decorators {
		start = min(start, dec.Span.Start)
	}
	return 1 + strings.Count(string(f.Text[:min(start+offset, len(f.Text))]), "\n")
}

// askedBefore says whether the function looked at what it had handled at the base, so that the branch took that out.
func (c *receiving) askedBefore(file *branch.File, d *source.Decl) bool {
	old, err := c.pass.Source.Base(cmp.Or(file.OldPath, file.Path))
	if err != nil || old == nil {
		return false
	}
	for _, was := range old.Decls {
		if was.Name == d.Name && was.Kind == d.Kind && asksFirst(declText(old, was)) {
			return true
		}
	}
	return false
}

// qualified is a function's name with that of its class: ApplyTopUp.handle.
func qualified(d *source.Decl) string {
	switch {
	case d.Parent != nil && d.Parent.Name != "":
		return d.Parent.Name + "." + d.Name
	case d.Receiver != "":
		return d.Receiver + "." + d.Name
	}
	return d.Name
}

func (c *receiving) finding(p string, d *source.Decl, by string, e effect) detectors.Finding {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: e.line, EndLine: e.line, Symbol: cmp.Or(e.name, d.Name),
		Message:  fmt.Sprintf("%s %s for each delivery, and nothing tells a repeated message apart (%s)", qualified(d), e.what, by),
		Why:      "Messages, jobs and webhooks are delivered at least once: after a time-out or a retry the same one comes again, and counts again.",
		Fix:      "Record the message's id under a unique key in the same transaction and skip it when it is there, or give the call an idempotency key.",
		Evidence: []string{d.Name, e.text},
	}
	if other := c.neighbourAsks(p); other != "" {
		f.Related = append(f.Related, detectors.Related{Path: other, Line: 1, Message: "the handler beside it asks first"})
	} else if c.loop != "" {
		f.Related = append(f.Related, detectors.Related{Path: c.loop, Line: 1, Message: "receives the messages"})
	}
	return f
}
