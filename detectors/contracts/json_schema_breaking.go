package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// JSONSchemaBreaking finds JSON Schemas that refuse what they accepted before the branch, and schemas of what a program
// sends that promise less.
var JSONSchemaBreaking = &detectors.Detector{
	ID:    "contracts/json-schema-breaking",
	Title: "A JSON Schema no longer accepts what it accepted",
	Run: func(pass *detectors.Pass) error {
		roots, err := schemaRoots(pass)
		if err != nil {
			return err
		}
		embedded := embeddedSchemas(pass)
		if len(roots)+len(embedded) == 0 {
			return detectors.ErrNotApplicable
		}
		s, err := surveyOf(pass)
		if err != nil {
			return err
		}
		old, now := newSchemaSet(side{pass.Branch, pass.Source, true}), newSchemaSet(side{pass.Branch, pass.Source, false})
		for _, r := range roots {
			e := embeddedSchema{specRoot: r, about: path.Base(r.now), outbound: outbound.MatchString(r.now)}
			e.report(pass, s, old, now)
		}
		for _, e := range embedded {
			e.report(pass, s, old, now)
		}
		return nil
	},
}

// outbound are names of schemas of what a program sends, not of what it is given.
var outbound = lazy.New(`(?i)(^|[/_.-])(events?|webhooks?|responses?|outputs?|emitted|published|notifications?|outbound|outgoing|results?)([/_.-]|$)`)

// An embeddedSchema is a schema at a place of a file that both sides have.
type embeddedSchema struct {
	specRoot
	was, is []string
	about   string
	// outbound: the program sends what it describes.
	outbound bool
}

// embeddedSchemas are those of custom resources, by the version that they are of.
func embeddedSchemas(pass *detectors.Pass) []embeddedSchema {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []embeddedSchema
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || !declares(f.Path) || !schemaFormat(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil || !strings.Contains(string(text), "openAPIV3Schema") {
			continue
		}
		root := specRoot{cmpOr(f.OldPath, f.Path), f.Path}
		a, err := readDocumentOf(before, root.old)
		if err != nil {
			continue
		}
		b, err := readDocumentOf(after, root.now)
		if err != nil {
			continue
		}
		was, is := customVersions(a), customVersions(b)
		for _, version := range keysOf(is) {
			if was[version] != nil && !unreleased.MatchString(version) {
				list = append(list, embeddedSchema{specRoot: root, was: was[version], is: is[version], about: version + " of " + path.Base(f.Path)})
			}
		}
	}
	return list
}

// customVersions are the places of a custom resource's schemas by version.
func customVersions(doc any) map[string][]string {
	found := map[string][]string{}
	versions, _ := lookUp(doc, "/spec/versions").([]any)
	for i, v := range versions {
		m, _ := v.(map[string]any)
		name, _ := m["name"].(string)
		at := []string{"spec", "versions", fmt.Sprint(i), "schema", "openAPIV3Schema"}
		if lookUp(doc, strings.Join(at, "/")) != nil && name != "" {
			found[name] = at
		}
	}
	return found
}

func (e embeddedSchema) report(pass *detectors.Pass, s *survey, old, now *schemaSet) {
	node := func(set *schemaSet, p string, at []string) schemaNode {
		if len(at) == 0 {
			return schemaNode{set.doc(p), p}
		}
		return schemaNode{lookUp(set.doc(p), strings.Join(at, "/")), p}
	}
	a, b := node(old, e.old, e.was), node(now, e.now, e.is)
	if a.value == nil || b.value == nil {
		return
	}
	found, severity := narrowings(old, now, a, b), detectors.Warning
	why, fix := "What was valid yesterday is refused: a program that checks its input stops at it, and whoever wrote it finds out last.",
		"Accept the old form beside the new one (a default, anyOf) until everybody has followed, or publish a new version of the schema."
	if e.outbound {
		found, why = promisedLess(narrowings(now, old, b, a)), "Whoever reads it relies on what the schema promised, and gets less."
	}
	// Where its documents are kept beside it, they are its users, and each has been judged.
	if slices.Contains(s.followed, e.now) || announcesBreak(pass.Branch) || unreleased.MatchString(e.now) || renumbered(a.value, b.value) {
		severity = detectors.Note
	}
	text, err := pass.Branch.ReadHead(e.now)
	if err != nil {
		return
	}
	for _, n := range found {
		told := slices.ContainsFunc(s.refused, func(r refusal) bool { return r.ruling.path == e.now && r.complaint.key == n.key })
		if told {
			continue // the document that is refused tells it better
		}
		level := severity
		if n.kind == narrowPattern {
			level = detectors.Note // which of two patterns takes more is not decided
		}
		pass.Report(detectors.Finding{
			Severity: level, Path: e.now, Line: lineAt(text, complaint{at: append(slices.Clone(e.is), n.at...), key: n.key}), Symbol: n.key,
			Message: fmt.Sprintf("%s: %s", e.about, n.text), Why: why, Fix: fix,
			Evidence: []string{e.about, n.key, n.text},
		})
	}
}

// promisedLess turns what the old schema would refuse of the new values into what a reader misses.
func promisedLess(list []narrowing) []narrowing {
	var kept []narrowing
	for _, n := range list {
		switch n.kind {
		case narrowRequired:
			n.text = fmt.Sprintf("%q is no longer always there", n.key)
		case narrowType:
			n.text = fmt.Sprintf("%q may be of another type than before", n.key)
		default:
			continue
		}
		kept = append(kept, n)
	}
	return kept
}

var numbered = lazy.New(`\d+`)

// renumbered says that a schema got another version in its own name.
func renumbered(a, b any) bool {
	x, _ := lookUp(a, "/$id").(string)
	y, _ := lookUp(b, "/$id").(string)
	return x != y && x != "" && numbered.ReplaceAllString(x, "") == numbered.ReplaceAllString(y, "")
}
