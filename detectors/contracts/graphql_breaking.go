package contracts

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts/graphql"
	"flightpoll/detectors/source"
)

// GraphQLBreaking finds what GraphQL Inspector calls breaking or dangerous in a schema.
var GraphQLBreaking = &detectors.Detector{
	ID:    "contracts/graphql-breaking",
	Title: "A GraphQL schema changed in a way that breaks its clients",
	Run:   runGraphQL,
}

// maxGraphQLFindings bounds the findings about one branch.
const maxGraphQLFindings = 40

func runGraphQL(pass *detectors.Pass) error {
	s, err := graphqlSurveyOf(pass)
	if err != nil {
		return err
	}
	if !s.found && len(s.unread) == 0 {
		return detectors.ErrNotApplicable
	}
	quiet := announcesBreak(pass.Branch)
	told := map[string]bool{}
	for _, g := range s.schemas {
		for _, c := range g.loudest() {
			key := c.Rule + "\x00" + c.Path + "\x00" + c.Message
			if told[key] || len(told) >= maxGraphQLFindings {
				continue // the same schema is often kept twice, as SDL and as JSON or with a client
			}
			told[key] = true
			f := detectors.Finding{
				Severity: graphqlSeverity(g, c), Symbol: c.Path, Message: c.Message, Evidence: []string{c.Rule, c.Path, c.Message},
				Why: "Clients whose documents or variables were valid get an error, or an answer of another form, as soon as it is served.",
				Fix: "Add the new beside the old, mark the old one @deprecated with a reason, and remove it when nobody asks for it any more.",
			}
			f.Path, f.Line = g.place(pass, c)
			users := s.users(g, c)
			switch {
			case len(users) > 0 && f.Severity != detectors.Note && slices.ContainsFunc(users, func(r detectors.Related) bool { return !source.IsTest(r.Path) }):
				f.Severity = detectors.Blocker
			case quiet, onClientPath(f.Path), len(users) == 0 && g.followed[c.Path]: // the clients are here and moved along
				f.Severity = detectors.Note
			}
			f.Related = users
			pass.Report(f)
		}
	}
	if len(s.unread) > 0 {
		return detectors.Inconclusive("%s could not be parsed", join(s.unread, 2))
	}
	return nil
}

// loudest are the changes with those that break first.
func (g *graphqlSchema) loudest() []graphql.Change {
	list := slices.Clone(g.changes)
	slices.SortStableFunc(list, func(a, b graphql.Change) int { return int(b.Level) - int(a.Level) })
	return list
}

// onClientPath says that a schema is a client's copy of one that somebody else serves.
func onClientPath(p string) bool { return clientFolder.MatchString(p) }

// graphqlSeverity is warning for what breaks, note for what is dangerous at most, was announced by @deprecated, cannot be
// asked for, or is told with what used it.
func graphqlSeverity(g *graphqlSchema, c graphql.Change) detectors.Severity {
	if c.Level < graphql.Breaking || c.Deprecated || c.Unreachable {
		return detectors.Note
	}
	if name, ok := strings.CutPrefix(c.Path, "@"); ok {
		name, _, _ = strings.Cut(name, ".")
		if d := g.old.Directives[name]; d == nil || !graphql.OfDocuments(d) {
			return detectors.Note
		}
	}
	if c.Rule == "TYPE_REMOVED" && graphql.Mentioned(g.old, c.Path) {
		return detectors.Note
	}
	return detectors.Warning
}

// place is where a change stands now: its line, that of what it was part of, or the place that the branch took it from.
func (g *graphqlSchema) place(pass *detectors.Pass, c graphql.Change) (string, int) {
	if at := c.Now; known(at) {
		return at.Src.Name, at.Line
	}
	if at := c.Was; known(at) {
		for _, f := range pass.Branch.Files {
			if f.OldPath == at.Src.Name {
				return f.Path, max(1, f.NewLine(at.Line))
			}
		}
		if f := pass.Branch.File(at.Src.Name); f != nil {
			return f.Path, max(0, f.NewLine(at.Line))
		}
		return at.Src.Name, 0
	}
	return g.paths[0], 0
}

func known(at *ast.Position) bool {
	return at != nil && at.Src != nil && at.Src.Name != "" && !at.Src.BuiltIn
}

// users are the documents that are no longer valid and name what changed.
func (s *graphqlSurvey) users(g *graphqlSchema, c graphql.Change) []detectors.Related {
	var list []detectors.Related
	for _, d := range s.stale {
		line, ok := d.uses[c.Path]
		if !ok || d.schema != g || !c.Removed || len(list) >= 3 || slices.ContainsFunc(list, func(r detectors.Related) bool { return r.Path == d.path && r.Line == line }) {
			continue
		}
		list = append(list, detectors.Related{Path: d.path, Line: line, Message: "this document asks for it"})
	}
	return list
}
