package review

// Calls that nobody can take back: money that moves, accounts and data that go, what is cancelled for others.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// handsOver are words for moving money, ends those for taking away what belongs to somebody.
	handsOver = lazy.New(`^(?:issue_|create_|send_|make_|do_|process_|execute_|initiate_)?(?:refund|payout|pay_out|pay|transfer|charge|disburse|write_off|debit|wire|settle|withdraw|reimburse|purchase|buy|place_order|checkout|payment_intent)(?:_|s$|$)`)
	ends      = lazy.New(`^(?:bulk_|hard_|force_|permanently_|mass_|admin_)?(?:delete|destroy|erase|purge|wipe|drop|truncate|terminate|cancel|void|revoke|ban|exclude|suspend|deactivate|anonymi[sz]e|remove|close|evict|reset|decommission|discard|dispose|scrap|uninstall|unpublish|kill|forfeit|liquidate|overwrite|unsubscribe|expel|retire|disable|block|blacklist|drain|format|shut_down|shutdown|scale_down|roll_back|rollback)(?:_|$)`)
	// whose are words for what belongs to somebody.
	whose = lazy.New(`(?i)(?:user|account|tenant|customer|member|organi[sz]ation|workspace|patient|client|subscri|order|invoice|project|document|booking|reservation|payment|polic(?:y|ies)|claim|loan|card|wallet|seller|supplier|vendor|ticket|ledger|listing|contract|database|schema|table|bucket|cluster|namespace|instance|volume|server|repositor|deployment|shipment|membership|tenancy|enrol|lease|donat|bid|lot|stack|environment|production|employee|student|guest|driver|shop|store|site|domain|campaign|licen[cs]e|record|dataset|backup|crm|erp)`)
	// ownBusiness are words for what a program keeps for itself.
	ownBusiness = lazy.New(`(?i)(?:session|token|cache|tmp|temp|lock|nonce|otp|draft|preview|logger|listener|handler|timer|timeout|subscription\.unsubscribe|context|request|event|node|element|cookie|header|queue|stream|socket|connection|cursor|widget|modal|dialog|spinner|selection|filter|flag_|param|key_error|cleanup|stack\.pop|memo|set\.|dict\.|map\.|attr|prop)`)
)

// irreversible says whether a call does something to others that they cannot take back, and what.
func irreversible(c *source.Call) (what string, ok bool) {
	if c.New || c.Name == "" {
		return "", false
	}
	name := strings.TrimSuffix(snake(strings.TrimSuffix(strings.TrimSuffix(c.Name, "!"), "Async")), "_async")
	subject := c.Receiver
	for _, a := range c.Args {
		if !a.IsFunc && len(a.Text) < 200 {
			subject += " " + a.Text
		}
	}
	if len(subject) > 600 {
		subject = subject[:600]
	}
	if what, ok := asked(c); ok {
		return what, true
	}
	switch {
	case ownBusiness.MatchString(c.Name) || ownBusiness.MatchString(lastPart(withoutArguments(c.Receiver))):
		return "", false
	case handsOver.MatchString(name):
		bare := !strings.Contains(name, "_")
		if len(c.Args) == 0 || bare && c.Receiver == "" {
			return "", false
		}
		return "moves money", true
	case ends.MatchString(name):
		if c.Receiver == "" && !strings.Contains(name, "_") || !whose.MatchString(name) && !whose.MatchString(subject) {
			return "", false
		}
		return "takes away what belongs to others", true
	}
	return "", false
}

// snake is a name in lower case with an underscore between its words.
func snake(name string) string {
	var parts []string
	for run := range strings.SplitSeq(name, "_") {
		if run != "" {
			parts = append(parts, camelParts(run)...)
		}
	}
	return strings.ToLower(strings.Join(parts, "_"))
}

// withoutArguments is a chain of calls by its names only.
func withoutArguments(receiver string) string {
	var out strings.Builder
	depth := 0
	for _, r := range receiver {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		default:
			if depth == 0 {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}

func lastPart(receiver string) string {
	return receiver[strings.LastIndexAny(receiver, ".>:")+1:]
}

var (
	runsText   = lazy.New(`(?i)^(?:run|exec|execute|query|raw|execSQL|exec_driver_sql|batch|sql|command|system|shell|spawn|popen|call|check_call|check_output|ExecContext|QueryContext|executeUpdate|execute_raw|executeRaw\w*|queryRaw\w*|update|statement|unsafe|prepare)$`)
	deletesSQL = lazy.New(`(?i)^\s*(?:delete\s+from|truncate(?:\s+table)?|drop\s+(?:table|schema|database))\s+["` + "`" + `]?([\w.]+)`)
	byDelete   = lazy.New(`(?i)\bmethod["']?\s*[:=]\s*["']DELETE["']`)
)

// asked says whether a call hands a text over that asks another system for it: SQL, a command of a shell, a DELETE by HTTP.
func asked(c *source.Call) (what string, ok bool) {
	for _, a := range c.Args {
		text := a.Str
		if !a.IsString {
			text = strings.Trim(a.Text, "\"'`fr")
		}
		if len(text) > 4000 {
			continue
		}
		if runsText.MatchString(c.Name) {
			if m := deletesSQL.FindStringSubmatch(text); m != nil && !ownBusiness.MatchString(m[1]) {
				return "deletes from " + m[1], true
			}
			if m := destroys.FindString(text); m != "" && !throwaway.MatchString(text) {
				return "runs " + m, true
			}
		}
		if byDelete.MatchString(a.Text) && !a.IsFunc && !ownBusiness.MatchString(c.Args[0].Text) && whose.MatchString(c.Args[0].Text) {
			return "takes away what belongs to others", true
		}
	}
	return "", false
}
