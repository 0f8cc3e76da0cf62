package contracts

// Which operations of a described interface take or give a changed schema: paths of an OpenAPI document, rpcs of protobuf's
// services. Who asks for one of them speaks of the schema.

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"flightpoll/detectors/contracts/protobuf"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
	"flightpoll/detectors/source/routes"
)

const (
	maxOperations = 600   // operations of one document that are followed
	maxSpecNodes  = 20000 // nodes that are read for all of them
)

// findOperations gives the changed schemas of the branch's OpenAPI documents the paths that they go over.
func (s *survey) findOperations(before side) {
	at := map[string][]*change{} // by the place of a property that is gone
	for _, c := range s.changes {
		if c.old.dialect != "schema" || source.LanguageOf(c.old.path) != "" {
			continue
		}
		for _, g := range c.gone {
			key := c.old.path + ":" + strconv.Itoa(g.line)
			at[key] = append(at[key], c)
		}
	}
	if len(at) == 0 {
		return
	}
	for _, p := range s.specs {
		if p.problem != nil || len(p.oldText) > maxSchema {
			continue
		}
		w := &specWalk{before: before, docs: map[string]*document.Node{p.old: documentOf(p.oldText)}}
		paths := w.docs[p.old].Get("paths")
		if paths == nil {
			continue
		}
		for i, item := range paths.Pairs {
			if i >= maxOperations || w.nodes > maxSpecNodes {
				break
			}
			r := routes.Route{Path: item.Key, Segments: routes.Segments(item.Key), File: p.now}
			if !findable(r) {
				continue
			}
			w.seen, w.places = map[*document.Node]bool{}, map[string]bool{}
			w.walk(p.old, item.Value, 0)
			for place := range w.places {
				for _, c := range at[place] {
					c.served = append(c.served, r)
				}
			}
		}
	}
}

// A specWalk follows the references of one document from an operation to the properties of its schemas.
type specWalk struct {
	before side
	docs   map[string]*document.Node
	seen   map[*document.Node]bool
	places map[string]bool // "file:line" of each property
	nodes  int
}

func (w *specWalk) walk(file string, n *document.Node, depth int) {
	if w.nodes++; n == nil || depth > maxNesting || w.nodes > maxSpecNodes || w.seen[n] {
		return
	}
	w.seen[n] = true
	if ref := n.Text("$ref"); ref != "" {
		w.walkRef(file, ref, depth)
		return
	}
	for _, m := range n.Pairs {
		switch m.Key {
		case "example", "examples", "x-examples", "links", "callbacks", "security":
			continue
		case "properties":
			for _, property := range m.Value.Pairs {
				w.places[file+":"+strconv.Itoa(property.Line)] = true
				w.walk(file, property.Value, depth+1)
			}
			continue
		}
		w.walk(file, m.Value, depth+1)
	}
	for _, item := range n.Items {
		w.walk(file, item, depth+1)
	}
}

func (w *specWalk) walkRef(file, ref string, depth int) {
	name, pointer, _ := strings.Cut(ref, "#")
	if strings.Contains(name, "://") {
		return
	}
	if name != "" {
		file = path.Join(path.Dir(file), name)
	}
	doc, known := w.docs[file]
	if !known {
		if text, err := w.before.text(file); err == nil && len(text) <= maxSchema {
			doc = documentOf(text)
		}
		w.docs[file] = doc
	}
	for part := range strings.SplitSeq(strings.Trim(pointer, "/"), "/") {
		if part != "" && doc != nil {
			doc = doc.Get(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
		}
	}
	w.walk(file, doc, depth+1)
}

// gatewayRule is a binding of an rpc to an address: option (google.api.http) = { get: "/v1/parcels/{id}" }.
var gatewayRule = lazy.New(`\b(?:get|put|post|delete|patch)\s*:\s*"(/[^"]*)"`)

// findRPCs gives the changed messages of protobuf the rpcs that take or give them, and the addresses that those are bound to.
func (s *survey) findRPCs(before side) {
	for _, c := range s.changes {
		if !isMessage(c.old) || s.protos[true] == nil {
			continue
		}
		for i, p := range before.below(path.Dir(c.old.path)) {
			if i > 100 || path.Ext(p) != ".proto" || path.Dir(p) != path.Dir(c.old.path) {
				continue
			}
			if f := s.protos[true].File(p); f.Desc != nil {
				c.carriedBy(f, before)
			}
		}
	}
}

func (c *change) carriedBy(f *protobuf.File, before side) {
	services := f.Desc.Services()
	for i := range services.Len() {
		for j := range services.Get(i).Methods().Len() {
			m := services.Get(i).Methods().Get(j)
			seen := map[protoreflect.FullName]bool{}
			if !c.within(m.Input(), seen) && !c.within(m.Output(), seen) {
				continue
			}
			c.rpcs = append(c.rpcs, string(services.Get(i).Name())+"/"+string(m.Name()))
			text, err := before.text(f.Path)
			if err != nil {
				continue
			}
			_, rest, _ := strings.Cut(string(text), "rpc "+string(m.Name())+"(")
			rest, _, _ = strings.Cut(rest, "\n  rpc ")
			for _, g := range gatewayRule.FindAllStringSubmatch(rest, 5) {
				if r := (routes.Route{Path: g[1], Segments: routes.Segments(g[1]), File: f.Path}); findable(r) {
					c.served = append(c.served, r)
				}
			}
		}
	}
}

// within says that a message is the changed one, or has it below a field.
func (c *change) within(m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) bool {
	if m == nil || m.IsPlaceholder() || seen[m.FullName()] || len(seen) > 100 { // a placeholder is of a file that the repository does not hold
		return false
	}
	seen[m.FullName()] = true
	if strings.HasSuffix("."+string(m.FullName()), "."+c.old.owner) && path.Base(m.ParentFile().Path()) == path.Base(c.old.path) {
		return true
	}
	for i := range m.Fields().Len() {
		if m.Fields().Get(i).Message() != nil && c.within(m.Fields().Get(i).Message(), seen) {
			return true
		}
	}
	return false
}

// callsRPC says that a text calls one of the rpcs which carry the shape, by service and method.
func (c *change) callsRPC(text string) bool {
	return slices.ContainsFunc(c.rpcs, func(name string) bool { return strings.Contains(text, name) })
}
