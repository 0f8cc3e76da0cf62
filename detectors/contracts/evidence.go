package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// strength says how sure it is that a record means an old shape.
type strength int

const (
	none strength = iota
	likely
	certain
)

// common are names that many records have; alone they say little about which one is meant.
var common = []string{
	"id", "name", "type", "title", "status", "value", "key", "data", "description", "url", "email", "code", "count", "label",
	"user", "message", "date", "time", "path", "size", "text", "body", "kind", "version", "state", "items", "content", "error",
	"start", "end", "from", "to", "created_at", "updated_at", "createdAt", "updatedAt", "timestamp", "enabled", "options",
	"result", "results", "total", "tags", "metadata", "config", "host", "port", "method", "headers", "params", "index", "level",
	"source", "target", "category", "price", "amount", "currency", "number", "address", "image", "active", "role", "username", "password",
}

// weight is how much a shared name says: a word that everybody uses little, a compound one much.
func weight(name string) float64 {
	switch {
	case slices.Contains(common, name):
		return 0.3
	case len(words(name)) > 1:
		return 1
	}
	return 0.7
}

func compound(name string) bool { return len(words(name)) > 1 }

// judge says which of the change's old names a record still uses, and how sure it is that it means the changed shape.
// Rivals are the shapes that keep such a name rightly, living all that are known as they are now.
func judge(c *change, r *record, rivals, living []*shape) ([]gone, strength) {
	var hits []gone
	for _, g := range c.gone {
		key, old := r.keys[g.wire]
		if g.retyped != "" {
			if old && key.kind == g.kind {
				hits = append(hits, g)
			}
			continue
		}
		head, rest, _ := strings.Cut(g.to, ".")
		into, now := r.keys[head]
		if now && g.below { // the mock may have it in both places
			now = strings.Contains(into.value, rest)
		}
		if g.below && (r.under == head || len(r.about) > 0 && lastOf(r.about[0]) == head) {
			continue // it is what it should be now
		}
		if old && (g.to == "" || !now) {
			hits = append(hits, g)
		}
	}
	bearing := c.bearing(r)
	if len(hits) == 0 || bearing == elsewhere {
		return nil, none
	}
	held := c.heldBy(r, living)
	if !held && explained(c, r, hits, rivals) {
		return nil, none
	}
	matched := c.old.shared(r.keys)
	coverage := float64(matched) / float64(len(c.old.fields))
	purity := float64(matched) / float64(len(r.keys))
	mass := 0.0
	for _, f := range c.old.fields {
		if _, ok := r.keys[f.wire]; ok {
			mass += weight(f.wire)
		}
	}
	telling := slices.ContainsFunc(hits, func(g gone) bool { return compound(g.wire) || weight(g.wire) == 0.7 })
	subject := c.old.subject()
	near := r.speaksOf(subject)
	about := near || mentions([]string{r.path}, subject)
	sent := c.old.sent || len(c.old.topics) > 0
	compounds := slices.ContainsFunc(hits, func(g gone) bool { return compound(g.wire) })
	called := c.calledBy(r)
	switch {
	case c.asking[r.path] && telling && purity >= 0.5 && r.form != formProse && (matched >= 2 || len(r.keys) <= 2 && (compounds || purity == 1)):
		return hits, likely
	case c.takenFrom(r) && purity == 1 && compounds:
		return hits, likely
	case called && purity >= 0.6 && telling && (matched >= 2 || len(r.keys) == 1):
		return hits, likely
	case held && purity >= 0.5 && (matched >= 2 || len(r.keys) == 1 && (telling || len(c.old.fields) <= 2)):
		return hits, likely
	case c.asked(r) && purity >= 0.6 && 2*matched >= len(c.old.fields) && matched >= 2 && telling:
		return hits, likely
	case bearing == sameTopic && purity >= 0.5 && (matched >= 2 || compounds):
		return hits, likely
	case sent && r.received && purity >= 0.6 && matched >= 2 && mass >= 1.7 && compounds && 2*matched >= len(c.old.fields):
		return hits, likely
	case !telling && (coverage < 0.8 || matched < 3 || !about || mass < 1.5):
		return nil, none
	case coverage >= 0.6 && matched >= 3 && purity >= 0.5 && (about && mass >= 1.2 || mass >= 2):
		if about && coverage >= 0.8 && purity >= 0.8 && telling {
			return hits, certain
		}
		return hits, likely
	case len(c.old.fields) == 2 && coverage == 1 && purity >= 0.66 && telling && about:
		return hits, likely
	case len(c.old.fields) == 2 && coverage == 1 && purity == 1 && compounds && r.query:
		return hits, likely
	case r.form == formProse:
		return nil, none
	case near && purity >= 0.6 && matched >= 2 && mass >= 1:
		return hits, likely
	case near && (r.form == formKeyed || r.form == formText) && purity == 1 && compounds:
		return hits, likely
	}
	return nil, none
}

// calledBy says that the code around a record calls the very route whose answer changed.
func (c *change) calledBy(r *record) bool {
	if !c.old.reply || !strings.HasPrefix(c.old.owner, "/") {
		return false
	}
	route := routes.Route{Path: c.old.owner, Segments: routes.Segments(c.old.owner)}
	if !findable(route) {
		return false
	}
	for _, text := range r.about {
		if len(text) > 300 {
			continue
		}
		if namesRoute(route, text) {
			return true
		}
	}
	return false
}

// rivals are the living shapes that keep one of the old names rightly.
func rivals(c *change, living []*shape) []*shape {
	var list []*shape
	for _, l := range living {
		if l == c.new || l.path == c.new.path && l.owner == c.new.owner {
			continue
		}
		if c.spell != nil && family(l.path) != "" {
			l = l.respelled(c.spell)
		}
		if slices.ContainsFunc(c.gone, func(g gone) bool { return l.has(g.wire) }) && c.sibling(l.path) {
			list = append(list, l)
		}
	}
	return list
}

// explained says that a shape which keeps the name rightly describes the record at least as well as the old one.
func explained(c *change, r *record, hits []gone, rivals []*shape) bool {
	matched := c.old.shared(r.keys)
	return slices.ContainsFunc(rivals, func(l *shape) bool {
		if !l.has(hits[0].wire) {
			return false
		}
		n := l.shared(r.keys)
		return n > matched || n == matched && len(l.fields) <= len(c.old.fields)+2
	})
}

var outside = lazy.New(`(?i)(^|[/_.-])(clients?|web|www|frontend|ui|app|apps|cli|sdk|tools|scripts|portal|mobile|ios|android|e2e|consumers?|bots?|dashboard|site|fakes?|mocks?|stubs?)([/_.-]|$)`)

var clientFolder = lazy.New(`(?i)(^|[/_.-])(clients?|client[_-]?apps?|mobile[_-]?app|sdk|frontend|mobile|ios|android|src-ui)([/_.-]|$)`)

// clientSide says that a file belongs to a client. A folder called app is one in a client's language only: Rails and Java
// have their servers there.
func clientSide(p string) bool {
	switch source.LanguageOf(p) {
	case source.Ruby, source.Java, source.PHP, source.CSharp, source.Python, source.Go, source.Rust:
		p = strings.ReplaceAll("/"+p, "/app/", "/")
	default:
	}
	return outside.MatchString(p)
}

// onClient says that the changed shape is a client's view of something that another side declares.
func (c *change) onClient() bool {
	script := c.new.dialect == string(source.TypeScript) || c.new.dialect == string(source.JavaScript)
	below := strings.ReplaceAll("/"+c.new.path, "/apps/", "/") // a workspace keeps its servers there, too
	return clientFolder.MatchString(c.new.path) || script && outside.MatchString(below)
}

// sibling says whether a file stands on the same side of the wire as the changed shape: where modules are compiled, with it.
func (c *change) sibling(other string) bool {
	if yes, known := c.builds.together(c.new.path, other); known {
		return yes
	}
	return sibling(c.new.path, other)
}

// sibling says whether a shape stands on the same side of the wire as the changed one: it then has its own reasons for
// a name, whereas a shape of a client is expected to follow.
func sibling(changed, other string) bool {
	if path.Dir(changed) == path.Dir(other) {
		return true
	}
	mine, theirs := outside.FindAllString(changed, -1), outside.FindAllString(other, -1)
	for _, t := range theirs {
		if !slices.Contains(mine, t) {
			return false
		}
	}
	return source.LanguageOf(changed) == source.LanguageOf(other) && top(changed) == top(other)
}

// deployables are folders whose folders are programs of their own, which know each other by the wire only.
var deployables = []string{"services", "apps", "functions", "lambdas", "deployables", "microservices"}

// top is the first folder of a path, and the second one below a folder of programs.
func top(p string) string {
	first, rest, ok := strings.Cut(p, "/")
	if !ok {
		return ""
	}
	if second, _, ok := strings.Cut(rest, "/"); ok && slices.Contains(deployables, first) {
		return first + "/" + second
	}
	return first
}
