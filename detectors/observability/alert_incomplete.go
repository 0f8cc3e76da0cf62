package observability

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/monitors"
)

// AlertIncomplete reports alert rules that the branch adds without what the rules beside them have: a severity to route by,
// a run book, an owner, a summary.
//
//   - alert: QueueStuck      # every other rule has labels.severity and annotations.runbook_url
var AlertIncomplete = &detectors.Detector{
	ID:    "observability/alert-incomplete",
	Title: "A new alert lacks the severity, run book, owner or summary that its siblings have",
	Run:   runAlertIncomplete,
}

// alertPart is something that a complete alert has.
type alertPart struct {
	name string
	keys *lazy.Regexp
	// why is what its absence does.
	why string
}

var alertParts = []alertPart{
	{"severity", lazy.New(`(?i)^(?:severity|priority|urgency|alert_?level|page)$`), "Alertmanager routes by it, and what it cannot route reaches nobody"},
	{"receiver", lazy.New(`(?i)^receiver$`), "it reaches nobody"},
	{"owner", lazy.New(`(?i)^(?:team|owner|owners|squad|owning_team|responsible|service_owner|contact)$`), "nobody knows whose it is"},
	{"run book", lazy.New(`(?i)^(?:run_?book|play_?book)(?:_?(?:url|link))?$`), "whoever is woken starts from nothing"},
	{"summary", lazy.New(`(?i)^(?:summary|description|message|title)$`), "the page says nothing of what is wrong"},
}

// in says whether an alert has the part, in a label or an annotation that is not empty.
func (p alertPart) in(a *monitors.Alert) bool {
	for _, of := range []map[string]string{a.Labels, a.Annotations} {
		for key, value := range of {
			if p.keys.MatchString(key) && strings.TrimSpace(value) != "" {
				return true
			}
		}
	}
	return false
}

func runAlertIncomplete(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	files := l.ruleFiles()
	if len(files) == 0 {
		return cmpErr(pass.Context.Err(), detectors.ErrNotApplicable)
	}
	fresh := freshAlerts(files)
	for _, r := range files {
		var siblings []placedAlert
		for _, a := range r.is() {
			if !fresh[a.Name] || r.base != nil && !r.change.TouchedRange(a.Line, a.EndLine) {
				continue
			}
			if siblings == nil {
				siblings = l.alertsBeside(r, fresh)
			}
			if missing, example := lacking(a, siblings); len(missing) > 0 {
				pass.Report(incompleteAlert(r.change.Path, a, missing, example, len(siblings)))
			}
		}
	}
	return pass.Context.Err()
}

// lacking are the parts that at least four in five of the siblings have and the alert has not, with a sibling that has the
// first of them. A single sibling is a custom only where the alert lacks several of its parts, by which it would be routed.
func lacking(a *monitors.Alert, siblings []placedAlert) (missing []alertPart, example placedAlert) {
	for _, part := range alertParts {
		have := 0
		var one placedAlert
		for _, s := range siblings {
			if part.in(s.Alert) {
				have++
				one = s
			}
		}
		if part.in(a) || have == 0 || have*5 < len(siblings)*4 {
			continue
		}
		if len(missing) == 0 {
			example = one
		}
		missing = append(missing, part)
	}
	if len(siblings) == 1 && (len(missing) < 2 || missing[0].name != "severity" && missing[0].name != "receiver") {
		return nil, example
	}
	return missing, example
}

func incompleteAlert(p string, a *monitors.Alert, missing []alertPart, example placedAlert, siblings int) detectors.Finding {
	var names []string
	for _, m := range missing {
		names = append(names, m.name)
	}
	list := strings.Join(names, " and no ")
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: a.Line, EndLine: a.EndLine, Symbol: a.Name,
		Message:  fmt.Sprintf("the alert %s has no %s, unlike %s", a.Name, list, besides(siblings, example)),
		Why:      fmt.Sprintf("Without a %s, %s.", missing[0].name, missing[0].why),
		Fix:      fmt.Sprintf("Give it a %s as %s has (%s:%d).", strings.Join(names, " and a "), example.Name, example.path, example.Line),
		Evidence: append([]string{a.Name}, names...),
	}
}

// besides says who the siblings are.
func besides(siblings int, example placedAlert) string {
	if siblings == 1 {
		return example.Name + " beside it"
	}
	return fmt.Sprintf("the %d beside it", siblings)
}
