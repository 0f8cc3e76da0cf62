package contracts

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/graphql"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A graphqlSurvey is what the branch did to the GraphQL schemas of the repository; it is made once.
type graphqlSurvey struct {
	schemas []*graphqlSchema
	// stale are the documents that were valid and are not any more.
	stale []staleDocument
	// unread are changed files that could not be parsed.
	unread []string
	found  bool // a changed file was a part of a schema at the base
}

// A graphqlSchema is one schema that the branch changed.
type graphqlSchema struct {
	old, now *ast.Schema
	paths    []string
	changes  []graphql.Change
	// followed are the paths that the branch took out of documents which the new schema accepts.
	followed map[string]bool
}

// A staleDocument is one problem of a document.
type staleDocument struct {
	path    string
	problem graphql.Problem
	schema  *graphqlSchema
	uses    map[string]int
}

const (
	maxSchemaFiles = 3000 // files of one side that are read for its schemas
	maxDocuments   = 600  // files that are read for documents
)

// vendoredPath are folders of other people's code.
var vendoredPath = lazy.New(`(^|/)(node_modules|vendor|third_party|bower_components|\.yarn|site-packages)/`)

type graphqlSurveyKey struct{}

func graphqlSurveyOf(pass *detectors.Pass) (*graphqlSurvey, error) {
	return source.Shared(pass.Source, graphqlSurveyKey{}, func() (*graphqlSurvey, error) {
		s := &graphqlSurvey{}
		return s, s.make(pass)
	})
}

func (s *graphqlSurvey) make(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	changed, inCode := s.changedParts(pass, before)
	if len(changed) == 0 {
		return nil
	}
	s.found = true
	var code []string
	if inCode {
		naming, err := pass.Source.Naming(pass.Context, "gql", "graphql", "typeDefs", "type_defs", "buildSchema", "make_executable_schema")
		if err != nil {
			return err
		}
		for _, list := range naming {
			code = append(code, list...)
		}
	}
	renamed := map[string]string{}
	for _, f := range pass.Branch.Files {
		renamed[f.Path] = cmp.Or(f.OldPath, f.Path)
	}
	parsed := map[string][]graphql.Part{} // of files that the branch left alone
	old := graphql.Group(s.parts(pass, before, code, parsed))
	now := graphql.Group(s.parts(pass, after, code, parsed))
	for _, o := range old {
		if !slices.ContainsFunc(o, func(p graphql.Part) bool { return changed[p.Path] }) {
			continue
		}
		g := &graphqlSchema{old: schemaOfParts(o)}
		n := schemaNow(o, now, renamed)
		if n == nil {
			continue // the whole schema went, and who served it
		}
		g.now = schemaOfParts(n)
		for _, p := range n {
			g.paths = append(g.paths, p.Path)
		}
		g.changes = graphql.Compare(g.old, g.now)
		s.schemas = append(s.schemas, g)
	}
	return s.documents(pass)
}

func schemaOfParts(parts []graphql.Part) *ast.Schema {
	docs := make([]*ast.SchemaDocument, 0, len(parts))
	for _, p := range parts {
		docs = append(docs, p.Doc)
	}
	return graphql.Build(docs...)
}

// schemaNow is the group that an old one is now: the one that shares most of its files.
func schemaNow(old []graphql.Part, groups [][]graphql.Part, renamed map[string]string) []graphql.Part {
	var best []graphql.Part
	most := 0
	for _, g := range groups {
		n := 0
		for _, p := range g {
			was := cmp.Or(renamed[p.Path], p.Path)
			if slices.ContainsFunc(old, func(o graphql.Part) bool { return o.Path == was }) {
				n++
			}
		}
		if n > most {
			best, most = g, n
		}
	}
	return best
}

// changedParts are the base's paths of the changed files that hold a part of a schema.
func (s *graphqlSurvey) changedParts(pass *detectors.Pass, before side) (changed map[string]bool, inCode bool) {
	changed = map[string]bool{}
	for _, f := range pass.Branch.Files {
		p := cmp.Or(f.OldPath, f.Path)
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || !schemaPath(p) {
			continue
		}
		parts, err := partsIn(before, p)
		if err != nil {
			s.unread = append(s.unread, p)
		}
		if len(parts) > 0 {
			changed[p] = true
			inCode = inCode || !graphql.IsSchemaFile(p) && path.Ext(p) != ".json"
		}
	}
	return changed, inCode
}

// schemaPath says whether a file may hold a part of a schema that somebody serves or asks.
func schemaPath(p string) bool {
	if !declares(p) || skipped(p) {
		return false
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".graphql", ".graphqls", ".gql", ".json", ".ts", ".js", ".mjs", ".cjs", ".mts", ".py", ".rb":
		return true
	}
	return false
}

// partsIn reads the parts of schemas in one file.
func partsIn(at side, p string) ([]graphql.Part, error) {
	text, err := at.text(p)
	if err != nil {
		return nil, nil //nolint:nilerr // a file that is not there has no parts
	}
	if path.Ext(p) == ".json" {
		if !graphql.IsIntrospection(text) {
			return nil, nil
		}
		doc, err := graphql.Introspection(p, text)
		if err != nil {
			return nil, nil //nolint:nilerr // another document that names __schema
		}
		return []graphql.Part{{Path: p, Doc: doc, Whole: true}}, nil
	}
	var parts []graphql.Part
	for _, t := range graphql.Texts(p, text) {
		doc, err := t.SDL()
		if err != nil && graphql.IsSchemaFile(p) {
			return nil, err
		}
		if doc != nil && err == nil {
			parts = append(parts, graphql.Part{Path: p, Doc: doc})
		}
	}
	return parts, nil
}

// parts reads all parts of schemas on one side; code are the files of code that may hold some.
func (s *graphqlSurvey) parts(pass *detectors.Pass, at side, code []string, parsed map[string][]graphql.Part) []graphql.Part {
	var candidates []string
	for _, p := range at.paths() {
		if graphql.IsSchemaFile(p) && schemaPath(p) && !vendoredPath.MatchString(p) {
			candidates = append(candidates, p)
		}
	}
	for _, p := range code {
		if !graphql.IsSchemaFile(p) && schemaPath(p) && path.Ext(p) != ".json" && at.exists(p) && !vendoredPath.MatchString(p) {
			candidates = append(candidates, p)
		}
	}
	for _, f := range pass.Branch.Files { // of JSON, only what the branch changed
		p := f.Path
		if at.base {
			p = cmp.Or(f.OldPath, f.Path)
		}
		if schemaPath(p) && at.exists(p) && !f.Vendored && !f.TooLarge {
			candidates = append(candidates, p)
		}
	}
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)
	var list []graphql.Part
	for _, p := range candidates[:min(len(candidates), maxSchemaFiles)] {
		if pass.Context.Err() != nil {
			break
		}
		known, ok := parsed[p]
		if !ok {
			known, _ = partsIn(at, p) // what cannot be read is told of changed files
			if pass.Branch.File(p) == nil {
				parsed[p] = known
			}
		}
		list = append(list, known...)
	}
	return list
}

// documents validates the documents that name something which the schemas lost, against both sides.
func (s *graphqlSurvey) documents(pass *detectors.Pass) error {
	wanted := map[string]bool{}
	for _, g := range s.schemas {
		for _, c := range g.changes {
			if c.Level == graphql.Breaking && !c.Unreachable && !strings.HasPrefix(c.Path, "@") {
				wanted[documentWord(c)] = true
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	naming, err := pass.Source.Naming(pass.Context, keysOf(wanted)...)
	if err != nil {
		return err
	}
	s.follow(pass)
	seen := map[string]bool{}
	for _, list := range naming {
		for _, p := range list {
			seen[p] = true
		}
	}
	candidates := slices.DeleteFunc(keysOf(seen), func(p string) bool { return vendoredPath.MatchString(p) || skipped(p) })
	for _, p := range candidates[:min(len(candidates), maxDocuments)] {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		for _, t := range graphql.Texts(p, text) {
			s.validate(p, t)
		}
	}
	return nil
}

// documentWord is what a document that a change concerns has in it.
func documentWord(c graphql.Change) string {
	parts := strings.Split(c.Path, ".")
	if len(parts) == 3 {
		return parts[1] // a field with arguments
	}
	return parts[len(parts)-1]
}

// validate keeps what the new schemas have against a document that one of the old ones accepts. One that any schema of the
// repository still accepts is fine.
func (s *graphqlSurvey) validate(p string, t graphql.Text) {
	var found []staleDocument
	for _, g := range s.schemas {
		if problems, ok := t.Validate(g.now); !ok || len(problems) == 0 {
			return
		} else if before, _ := t.Validate(g.old); len(before) == 0 && len(found) == 0 {
			uses := t.Uses(g.old)
			for _, problem := range problems {
				found = append(found, staleDocument{p, problem, g, uses})
			}
		}
	}
	s.stale = append(s.stale, found...)
}
