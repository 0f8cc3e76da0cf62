package contracts

// Keys of a request that were there before and have to be sent from now on.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// ofSharpened notes the routes whose body has to have a key from now on that could be left out before.
func (k *keySearch) ofSharpened() error {
	before, after := k.table.before, k.table.after
	for _, f := range k.table.pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		old := k.survey.shapesIn(before, cmpOr(f.OldPath, f.Path))
		if len(old) == 0 {
			continue
		}
		for _, n := range k.survey.shapesIn(after, f.Path) {
			i := slices.IndexFunc(old, func(o *shape) bool { return o.owner == n.owner && o.dialect == n.dialect })
			if i < 0 || n.reply {
				continue
			}
			fresh, with := sharpened(old[i], n)
			if len(fresh) == 0 || len(fresh) > 3 || len(with) == 0 {
				continue
			}
			taking, err := k.takersOf(n)
			if err != nil {
				return err
			}
			for _, r := range taking {
				for _, name := range fresh {
					field, _ := n.field(name)
					k.need(r, name, with, n.path, max(field.line, n.line))
				}
			}
		}
	}
	return nil
}

// sharpened lists the keys that became required, and those that were required before.
func sharpened(old, now *shape) (fresh, with []string) {
	for _, f := range now.fields {
		was, known := old.field(f.wire)
		switch {
		case f.optional || !known:
		case was.optional:
			fresh = append(fresh, f.wire)
		default:
			with = append(with, f.wire)
		}
	}
	return fresh, with
}

// takersOf are the routes that take a shape as their body: by a description of the interface, by their own type, or by the
// parameter of the method that answers them.
func (k *keySearch) takersOf(s *shape) ([]routes.Route, error) {
	owner := lastOf(s.owner)
	if s.dialect == "schema" {
		return k.describedTakers(s.path, owner), nil
	}
	_, taking, err := k.routesOf(s)
	if err != nil || len(taking) > 0 {
		return taking, err
	}
	owner, _, _ = strings.Cut(s.owner, ".")
	naming, err := k.table.pass.Source.Naming(k.table.pass.Context, owner)
	if err != nil {
		return nil, err
	}
	for i, p := range naming[owner] {
		if i >= maxKeeperFiles {
			break
		}
		if !declares(p) || p == s.path || source.LanguageOf(p) != source.LanguageOf(s.path) {
			continue
		}
		handlers := k.table.after.handlers(p)
		for _, key := range keysOf(handlers) {
			h := handlers[key]
			if h.decl == nil || !slices.ContainsFunc(h.decl.Params, func(x source.Param) bool { return slices.Contains(identifiers(x.Type), owner) }) {
				continue
			}
			whole, err := k.table.routesTo(h)
			if err != nil {
				return nil, err
			}
			taking = append(taking, whole...)
		}
	}
	return taking, nil
}

// describedTakers are the operations of an OpenAPI document whose body is a component.
func (k *keySearch) describedTakers(p, component string) []routes.Route {
	doc := k.table.after.described(p)
	if doc == nil {
		return nil
	}
	var list []routes.Route
	for _, op := range describedPaths(doc) {
		at := lookUp(doc, "/paths/"+escapePointer.Replace(op.path)+"/"+op.method)
		operation, _ := at.(map[string]any)
		body, _ := operation["requestBody"].(map[string]any)
		content, _ := body["content"].(map[string]any)
		for _, media := range content {
			m, _ := media.(map[string]any)
			schema, _ := m["schema"].(map[string]any)
			if ref, _ := schema["$ref"].(string); path.Base(ref) == component {
				list = append(list, routes.Route{Methods: []string{strings.ToUpper(op.method)}, Path: op.path, Segments: op.segments, File: p})
				break
			}
		}
	}
	return list
}
