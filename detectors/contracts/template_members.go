package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A lostMember is a key of a literal or a member of a type that the branch renamed, with those that stand beside it.
type lostMember struct {
	name, to string
	beside   []string
	from     string
	line     int
	// owner is the type that had it; alive says that something else has a member of the name.
	owner string
	alive bool
	// rendered are the templates that are given a value of the owner itself.
	rendered []string
}

// literals compares the object literals of the functions of a file: rows that presenters make for templates.
func (t *templateCheck) literals(f, g *source.File) {
	for _, o := range f.Objects {
		if len(o.Keys) < 2 || o.Spread {
			continue
		}
		best, shared := (*source.Object)(nil), 0
		for _, n := range g.Objects {
			if owner(o) == owner(n) && o.Name == n.Name && !n.Spread {
				if k := sharedKeys(o, n); k > shared {
					best, shared = n, k
				}
			}
		}
		if best == nil || 3*shared < len(o.Keys) {
			continue
		}
		var gone []string
		var kept, added []string
		for _, k := range o.Keys {
			if name := rowKey(k); hasKey(best, name) {
				kept = append(kept, name)
			} else {
				gone = append(gone, name)
			}
		}
		for _, k := range best.Keys {
			if name := rowKey(k); !hasKey(o, name) {
				added = append(added, name)
			}
		}
		if len(added) == 0 {
			continue
		}
		for i, name := range gone {
			m := lostMember{name: name, to: added[min(i, len(added)-1)], beside: append(slices.Clone(kept), slices.DeleteFunc(slices.Clone(gone), func(s string) bool { return s == name })...), from: g.Path, line: best.Span.Line}
			if len(name) > 3 {
				t.readers(m, false)
			}
		}
	}
}

func owner(o *source.Object) string {
	if o.In == nil {
		return ""
	}
	return o.In.Receiver + "." + o.In.Name
}

func rowKey(k source.Key) string { return strings.Trim(k.Name, `"':`) }

func hasKey(o *source.Object, name string) bool {
	return slices.ContainsFunc(o.Keys, func(k source.Key) bool { return rowKey(k) == name })
}

func sharedKeys(a, b *source.Object) int {
	n := 0
	for _, k := range a.Keys {
		if hasKey(b, rowKey(k)) {
			n++
		}
	}
	return n
}

// members compares the members of types: a template reads fields, properties and methods that no compiler checks.
func (t *templateCheck) members(old, now []*source.File) error {
	living := map[string]bool{}
	for _, g := range now {
		for _, d := range g.Decls {
			living[d.Name] = true
		}
	}
	for _, f := range old {
		for _, d := range f.Decls {
			if d.Parent == nil || living[d.Name] || len(d.Name) < 5 || f.Lang == source.Go && !d.Exported ||
				d.Kind != source.Field && d.Kind != source.Method || f.Lang == source.TypeScript || f.Lang == source.JavaScript || f.Lang == source.Rust {
				continue
			}
			m := lostMember{name: d.Name, from: f.Path}
			for _, o := range d.Parent.Members {
				if o != d && o.Name != "" && o.Kind == d.Kind {
					m.beside = append(m.beside, o.Name)
				}
			}
			var twin *source.Decl
			for _, g := range now {
				for _, n := range g.Decls {
					if n.Parent != nil && n.Parent.Name == d.Parent.Name && n.Kind == d.Kind && n.Type == d.Type && !declaresMember(old, n) && (twin == nil || g.Path == f.Path) {
						twin, m.from = n, g.Path
					}
				}
			}
			if twin == nil {
				continue
			}
			m.to, m.line = twin.Name, twin.Span.Line
			alive, err := t.named(d.Name)
			if err != nil {
				return err
			}
			m.alive = alive
			m.owner = d.Parent.Name
			if f.Lang == source.Go {
				m.rendered = renderedWith(now, m.owner)
			}
			t.readers(m, f.Lang == source.Go)
		}
	}
	return nil
}

func declaresMember(files []*source.File, n *source.Decl) bool {
	return slices.ContainsFunc(files, func(f *source.File) bool {
		return slices.ContainsFunc(f.Decls, func(d *source.Decl) bool {
			return d.Name == n.Name && d.Parent != nil && d.Parent.Name == n.Parent.Name
		})
	})
}

// named says that code which is no test still speaks of a name: something else may have a member of it.
func (t *templateCheck) named(name string) (bool, error) {
	naming, err := t.pass.Source.Naming(t.pass.Context, name)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(naming[name], func(p string) bool {
		return (source.LanguageOf(p) != "" && !templateExt.MatchString(p) || path.Ext(p) == ".sql") && !source.IsTest(p) && !source.IsDoc(p)
	}), nil
}

// readers reports the templates that read a lost member of a value which they read other members of.
func (t *templateCheck) readers(m lostMember, upper bool) {
	naming, err := t.pass.Source.Naming(t.pass.Context, m.name)
	if err != nil || len(naming[m.name]) > 4*maxCandidates {
		return
	}
	read := memberRead(m.name)
	for _, p := range naming[m.name] {
		if !templateExt.MatchString(p) || source.IsTest(p) {
			continue
		}
		text, err := t.after.text(p)
		if err != nil {
			continue
		}
		d := templateDialect(p, string(text))
		if d == "" || upper != (d == goTemplate) {
			continue
		}
		if memberRead(m.to).Match(text) {
			continue
		}
		var at []int
		owned := false
		for _, found := range read.FindAllSubmatchIndex(text, 50) {
			own := m.owner != "" && slices.Equal(words(string(text[found[2]:found[3]])), words(lastOf(m.owner))) ||
				found[2] == found[3] && slices.Contains(m.rendered, path.Base(p)) && !goNested.Match(text)
			if at == nil && !m.alive || own && !owned { // where something else has the name, only what is called like the owner counts
				at, owned = found, own
			}
		}
		if at == nil {
			continue
		}
		receiver := string(text[at[2]:at[3]])
		near := 0
		for _, b := range m.beside {
			if len(b) > 1 && regexp.MustCompile(memberPattern(regexp.QuoteMeta(receiver), b)).Match(text) {
				near++
			}
		}
		if near > 0 && (owned || near >= min(2, len(m.beside))) {
			t.report(p, 1+countLines(text[:at[3]]), m.name, m.to, m.from, m.line)
		}
	}
}

// memberPattern is how templates read a member of a receiver: x.name, x->name, x[:name], x["name"], $x['name'].
func memberPattern(receiver, name string) string {
	n := regexp.QuoteMeta(name)
	return `(` + receiver + `)(?:\.|->|\?->|&\.|\?\.|\[:?["']?)` + n + `\b`
}

// goNested are the actions of Go's templates that make the dot another value.
var goNested = lazy.New(`\{\{-?\s*(?:range|with)\b`)

// renderedWith are the names of the templates that code executes with a parameter of a type.
func renderedWith(files []*source.File, owner string) (names []string) {
	for _, f := range files {
		for _, c := range f.Calls {
			if c.Name != "ExecuteTemplate" || len(c.Args) != 3 || !c.Args[1].IsString || c.In == nil {
				continue
			}
			if slices.ContainsFunc(c.In.Params, func(p source.Param) bool {
				return p.Name == c.Args[2].Text && strings.TrimLeft(p.Type, "*") == owner
			}) {
				names = append(names, path.Base(c.Args[1].Str))
			}
		}
	}
	return names
}

func memberRead(name string) *regexp.Regexp {
	return regexp.MustCompile(memberPattern(`[\w$@]*`, name))
}
