package contracts

// Parameters of a query that an OpenAPI document calls required from now on.

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/source/routes"
)

// ofDescribed notes the operations of changed OpenAPI documents whose query has to have a parameter that could be left out.
func (k *keySearch) ofDescribed() error {
	for _, f := range k.table.pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || !declares(f.Path) {
			continue
		}
		old, now := k.table.before.described(cmpOr(f.OldPath, f.Path)), k.table.after.described(f.Path)
		if old == nil || now == nil {
			continue
		}
		before := describedPaths(old)
		for _, op := range describedPaths(now) {
			i := slices.IndexFunc(before, func(o specPath) bool { return o.path == op.path && o.method == op.method })
			if i < 0 {
				continue
			}
			was, is := demandedQuery(old, op), demandedQuery(now, op)
			with, fresh := without(is, without(is, was)), without(is, was)
			if len(with) == 0 || len(fresh) > 3 {
				continue
			}
			r := routes.Route{Methods: []string{strings.ToUpper(op.method)}, Path: op.path, Segments: op.segments, File: f.Path}
			for _, name := range fresh {
				k.need(r, name, with, f.Path, k.table.after.parameterLine(f.Path, name))
			}
		}
		if err := k.table.pass.Context.Err(); err != nil {
			return err
		}
	}
	return nil
}

// described is the OpenAPI document of a path, nil for another file.
func (s side) described(p string) any {
	text, err := s.text(p)
	if err != nil || !isOpenAPI(p, text) {
		return nil
	}
	doc, err := decodeDocument(p, text)
	if err != nil {
		return nil
	}
	return doc
}

// parameterLine is the first line of a document that gives a parameter its name, 0 for none.
func (s side) parameterLine(p, name string) int {
	text, err := s.text(p)
	if err != nil {
		return 0
	}
	at := regexp.MustCompile(`\bname["']?\s*:\s*["']?` + regexp.QuoteMeta(name) + `\b`).FindIndex(text)
	if at == nil {
		return 0
	}
	return 1 + bytes.Count(text[:at[0]], []byte("\n"))
}

// demandedQuery are the parameters of an operation's query that are required and have no default: its own and its path's.
func demandedQuery(doc any, op specPath) []string {
	at := "/paths/" + escapePointer.Replace(op.path)
	var names []string
	for _, pointer := range []string{at + "/parameters", at + "/" + op.method + "/parameters"} {
		list, _ := lookUp(doc, pointer).([]any)
		for _, one := range list {
			p, _ := one.(map[string]any)
			if ref, _ := p["$ref"].(string); strings.HasPrefix(ref, "#/") {
				p, _ = lookUp(doc, strings.TrimPrefix(ref, "#")).(map[string]any)
			}
			schema, _ := p["schema"].(map[string]any)
			name, _ := p["name"].(string)
			if p["in"] == "query" && p["required"] == true && p["default"] == nil && schema["default"] == nil && name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}
