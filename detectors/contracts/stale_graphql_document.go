package contracts

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts/graphql"
	"flightpoll/detectors/source"
)

// StaleGraphQLDocument finds operations and fragments that the schema accepted before the branch and refuses now.
var StaleGraphQLDocument = &detectors.Detector{
	ID:    "contracts/stale-graphql-document",
	Title: "A GraphQL document asks for something that the branch took out of the schema",
	Run: func(pass *detectors.Pass) error {
		s, err := graphqlSurveyOf(pass)
		if err != nil {
			return err
		}
		if !s.found {
			return detectors.ErrNotApplicable
		}
		told := map[string]bool{}
		for _, d := range s.stale {
			key := fmt.Sprint(d.path, d.problem.Line, d.problem.Message)
			if told[key] {
				continue
			}
			told[key] = true
			f := detectors.Finding{
				Severity: detectors.Blocker, Path: d.path, Line: d.problem.Line, Symbol: documentSymbol(d.problem),
				Message:  "this document was valid and is not any more: " + strings.TrimSuffix(plain(d.problem.Message), "."),
				Why:      "The server answers the whole operation with an error, and no compiler looks into the text.",
				Fix:      "Change the document on this branch too" + hint(d.problem) + ", or keep the old name in the schema and mark it @deprecated.",
				Evidence: []string{d.problem.Message},
			}
			if source.IsTest(d.path) || prose(d.path) {
				f.Severity = detectors.Warning
			}
			f.Related = d.changed(pass)
			pass.Report(f)
		}
		return nil
	},
}

func hint(p graphql.Problem) string {
	if p.Hint == "" {
		return ""
	}
	return " (" + strings.ToLower(p.Hint[:1]) + strings.TrimSuffix(plain(p.Hint[1:]), "?") + ")"
}

// documentSymbol is the first name in quotes of a problem.
func documentSymbol(p graphql.Problem) string {
	parts := strings.SplitN(p.Message, `"`, 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// changed are the places of the schema that the document no longer agrees with.
func (d staleDocument) changed(pass *detectors.Pass) []detectors.Related {
	var list []detectors.Related
	for _, c := range d.schema.changes {
		if _, ok := d.uses[c.Path]; !ok || c.Level < graphql.Breaking || len(list) >= 3 {
			continue
		}
		p, line := d.schema.place(pass, c)
		list = append(list, detectors.Related{Path: p, Line: line, Message: c.Message})
	}
	return list
}
