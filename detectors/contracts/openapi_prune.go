package contracts

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// A specGraph says what of one side of an OpenAPI document refers to what. Its nodes are the document's own sections
// ("#/components/schemas/Berth") and the other files that it is made of ("api/paths/berth.yaml").
type specGraph struct {
	root    string
	outline *outline
	text    map[string][]byte
	edges   map[string][]string
}

var reference = lazy.New(`["']?\$ref["']?\s*:\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"',}]+))`)

// graphOf reads the references of the document at p and of every file that it leads to; nil where it has no outline.
func graphOf(read func(p string) ([]byte, error), p string, text []byte) *specGraph {
	o := outlineOf(p, text)
	if o == nil {
		return nil
	}
	g := &specGraph{root: p, outline: o, text: map[string][]byte{}, edges: map[string][]string{}}
	var files []string
	link := func(from, file string, text []byte) {
		for _, to := range references(text) {
			target := g.node(file, to)
			if target == "" || slices.Contains(g.edges[from], target) {
				continue
			}
			g.edges[from] = append(g.edges[from], target)
			if !strings.HasPrefix(target, "#") && g.text[target] == nil && len(g.text) < maxSpecFiles+len(o.sections) {
				g.text[target] = []byte{}
				files = append(files, target)
			}
		}
	}
	for _, s := range o.sections {
		g.text[s.pointer] = text[s.start:s.end]
		link(s.pointer, p, text[s.start:s.end])
	}
	for len(files) > 0 {
		file := files[0]
		files = files[1:]
		content, err := read(file)
		if err != nil {
			continue // loading the document says so
		}
		g.text[file] = content
		link(file, file, content)
	}
	return g
}

func references(text []byte) []string {
	var list []string
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte("$ref")) {
			continue
		}
		for _, m := range reference.FindAllSubmatch(line, -1) {
			if ref := string(bytes.Join(m[1:], nil)); !slices.Contains(list, ref) {
				list = append(list, ref)
			}
		}
	}
	return list
}

// node is what a reference in a file means: a section of the root, or a file; empty for what lies outside.
func (g *specGraph) node(from, ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	if strings.Contains(file, ":") {
		return ""
	}
	at := from
	if file != "" {
		at = path.Join(path.Dir(from), file)
	}
	if at != g.root {
		return at
	}
	parts := strings.SplitN(strings.TrimPrefix(fragment, "/"), "/", 4)
	n := min(len(parts), 2)
	if parts[0] == "components" {
		n = min(len(parts), 3)
	}
	return "#/" + strings.Join(parts[:n], "/")
}

// narrow gives both texts of a document without the path items that are the same on both sides with everything they refer
// to, and without the components that only those need; affected are the sections that differ in themselves or in what they
// refer to. It is the texts themselves and nil where that cannot be told, and no text at all where no path item differs.
func narrow(old, now *specGraph, oldText, nowText []byte) (a, b []byte, affected map[string]bool) {
	if old == nil || now == nil || old.outline.security != now.outline.security {
		return oldText, nowText, nil
	}
	differ := map[string]bool{}
	for _, pair := range [][2]*specGraph{{old, now}, {now, old}} {
		for node, text := range pair[0].text {
			if other, ok := pair[1].text[node]; !ok || !bytes.Equal(text, other) {
				differ[node] = true
			}
		}
	}
	back := reversed(old, now)
	affected = reachable(differ, back)
	seen := witnesses(affected, differ, back, now)
	var keep [2]map[string]bool
	for i, g := range []*specGraph{old, now} {
		start := map[string]bool{}
		for _, s := range g.outline.sections {
			if isPath(s.pointer) && seen[s.pointer] || differ[s.pointer] || strings.HasPrefix(s.pointer, "#/components/securitySchemes/") {
				start[s.pointer] = true
			}
		}
		keep[i] = reachable(start, g.edges)
	}
	if !slices.ContainsFunc(keysOf(affected), isPath) {
		return nil, nil, affected
	}
	return old.outline.only(func(p string) bool { return keep[0][p] }), now.outline.only(func(p string) bool { return keep[1][p] }), affected
}

const (
	// maxReached is the number of path items past which only some stand for all those that a changed component reaches.
	maxReached = 60
	// perComponent is how many do, of those that send a body and of the others.
	perComponent = 3
)

// witnesses are all nodes from which a differing one is reached; where a component is a part of nearly every path item,
// a few of them, so that each differing component is seen in requests and in answers.
func witnesses(all, differ map[string]bool, back map[string][]string, now *specGraph) map[string]bool {
	paths := slices.DeleteFunc(keysOf(all), func(node string) bool { return !isPath(node) })
	if len(paths) <= maxReached {
		return all
	}
	some := map[string]bool{}
	for node := range differ {
		if isPath(node) {
			some[node] = true
			continue
		}
		count := map[bool]int{}
		for _, p := range keysOf(reachable(map[string]bool{node: true}, back)) {
			sends := bytes.Contains(now.text[p], []byte("requestBody")) || bytes.Contains(now.text[p], []byte("body"))
			if isPath(p) && count[sends] < perComponent {
				count[sends]++
				some[p] = true
			}
		}
	}
	return some
}

func reversed(graphs ...*specGraph) map[string][]string {
	back := map[string][]string{}
	for _, g := range graphs {
		for from, list := range g.edges {
			for _, to := range list {
				back[to] = append(back[to], from)
			}
		}
	}
	return back
}

// reachable are the nodes that one comes to from those of start, with start itself.
func reachable(start map[string]bool, edges map[string][]string) map[string]bool {
	seen := map[string]bool{}
	queue := keysOf(start)
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		if !seen[node] {
			seen[node] = true
			queue = append(queue, edges[node]...)
		}
	}
	return seen
}
