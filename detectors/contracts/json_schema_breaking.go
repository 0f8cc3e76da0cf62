package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// JSONSchemaBreaking finds documents of the repository that a JSON Schema accepted before the branch and refuses now.
var JSONSchemaBreaking = &detectors.Detector{
	ID:    "contracts/json-schema-breaking",
	Title: "A document no longer validates against the JSON Schema that the branch changed",
	Run: func(pass *detectors.Pass) error {
		s, err := surveyOf(pass)
		if err != nil {
			return err
		}
		if len(s.schemas) == 0 {
			return detectors.ErrNotApplicable
		}
		for _, r := range s.refused {
			pass.Report(detectors.Finding{
				Severity: detectors.Blocker, Path: r.path, Line: r.line, Symbol: r.key,
				Message:  fmt.Sprintf("%s accepted this document before the branch and refuses it now: %s", path.Base(r.schema), r.why),
				Why:      "Whoever validates it, often a program at its start, stops with an error.",
				Fix:      "Change the document on this branch too, or let the schema accept the old form until every document has followed.",
				Related:  []detectors.Related{{Path: r.schema, Line: 0, Message: "the schema changed here"}},
				Evidence: []string{r.schema, r.key, r.why},
			})
		}
		if len(s.broken) > 0 {
			return detectors.Inconclusive("%s", join(s.broken, 2))
		}
		return nil
	},
}

// A refusal is one document that was valid and is not.
type refusal struct {
	path, schema, key, why string
	line                   int
}

var singleQuoted = regexp.MustCompile(`'([^']+)'`)

// validate fills in the refusals of every JSON Schema that the branch changed.
func (s *survey) validate(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || f.Status == branch.Deleted || !declares(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil || !isJSONSchema(f.Path, text) {
			continue
		}
		s.schemas = append(s.schemas, f.Path)
		old, _, err := schemaOf(before, cmpOr(f.OldPath, f.Path))
		if err != nil {
			continue // what was no schema accepted nothing
		}
		now, doc, err := schemaOf(after, f.Path)
		if err != nil {
			s.broken = append(s.broken, fmt.Sprintf("%s: %.120s", f.Path, strings.Join(strings.Fields(err.Error()), " ")))
			continue
		}
		paths, err := documentsOf(pass, f.Path, doc)
		if err != nil {
			return err
		}
		for _, p := range paths {
			if err := pass.Context.Err(); err != nil {
				return err
			}
			content, err := pass.Branch.ReadHead(p)
			if err != nil {
				continue
			}
			value, err := decodeDocument(p, content)
			if err != nil || old.Validate(value) != nil {
				continue
			}
			if bad := now.Validate(value); bad != nil {
				why, key := complaint(bad)
				s.refused = append(s.refused, refusal{path: p, schema: f.Path, key: key, why: why, line: lineNaming(content, key)})
			}
		}
	}
	return nil
}

// documentsOf are the JSON and YAML files that may be documents of a schema: they name its required properties, or most of
// all that it has at the top.
func documentsOf(pass *detectors.Pass, schema string, doc any) ([]string, error) {
	m, _ := doc.(map[string]any)
	props, _ := m["properties"].(map[string]any)
	if len(props) == 0 {
		return nil, nil
	}
	keys := keysOf(props)
	naming, err := pass.Source.Naming(pass.Context, append(slices.Clone(keys), path.Base(schema))...)
	if err != nil {
		return nil, err
	}
	required := map[string]bool{}
	if list, ok := m["required"].([]any); ok {
		for _, r := range list {
			if name, ok := r.(string); ok {
				required[name] = true
			}
		}
	}
	count := map[string]int{}
	for _, k := range keys {
		for _, p := range naming[k] {
			count[p]++
		}
	}
	var list []string
	for p, n := range count {
		switch path.Ext(p) {
		case ".json", ".yaml", ".yml":
		default:
			continue
		}
		if p != schema && !skipped(p) && (n >= max(2, len(required)) && mentions([]string{p, path.Dir(p)}, words(strings.SplitN(path.Base(schema), ".", 2)[0])) || n*5 >= len(keys)*2 && n >= 2 || slices.Contains(naming[path.Base(schema)], p)) {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return list[:min(len(list), 400)], nil
}

// lineNaming is the first line of a document that has the key, 0 for none.
func lineNaming(text []byte, key string) int {
	if key == "" {
		return 0
	}
	named := regexp.MustCompile(`(^|[\s"'{,])` + regexp.QuoteMeta(key) + `["']?\s*:`)
	line := 0
	for row := range strings.Lines(string(text)) {
		line++
		if len(row) < 4000 && named.MatchString(row) {
			return line
		}
	}
	return 0
}
