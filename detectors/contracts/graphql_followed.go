package contracts

import (
	"cmp"

	"github.com/vektah/gqlparser/v2/ast"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/graphql"
	"flightpoll/detectors/source"
)

// follow notes what the branch took out of the documents of clients together with the schema: not of tests, which follow a
// server whoever its clients are.
func (s *graphqlSurvey) follow(pass *detectors.Pass) {
	for _, f := range pass.Branch.Files {
		p := cmp.Or(f.OldPath, f.Path)
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || vendoredPath.MatchString(p) || skipped(p) || source.IsTest(p) || source.IsExample(p) || prose(p) {
			continue
		}
		was, err := f.Before()
		if err != nil {
			continue
		}
		now, err := f.After()
		if err != nil {
			continue
		}
		for _, g := range s.schemas {
			after, ok := usedBy(g.now, f.Path, now)
			if !ok {
				continue
			}
			before, ok := usedBy(g.old, p, was)
			for used := range before {
				if ok && !after[used] {
					if g.followed == nil {
						g.followed = map[string]bool{}
					}
					g.followed[used] = true
				}
			}
		}
	}
}

// usedBy are the paths that a file's documents name in a schema; ok is false without a document or with one that it refuses.
func usedBy(schema *ast.Schema, p string, content []byte) (used map[string]bool, ok bool) {
	used = map[string]bool{}
	for _, t := range graphql.Texts(p, content) {
		problems, document := t.Validate(schema)
		if len(problems) > 0 {
			return nil, false
		}
		if document {
			ok = true
			for name := range t.Uses(schema) {
				used[name] = true
			}
		}
	}
	return used, ok
}
