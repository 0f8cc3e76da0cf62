package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A publicClass is what others may name of a class in Ruby or PHP: the methods that are called on the class itself, those of
// its instances, and its constants and cases.
type publicClass struct {
	// name is qualified: Billing::Invoice, App\Billing\Invoice; last is its last part.
	name, last, path string
	lang             source.Language
	line             int
	static, instance map[string]int // by name, the line
	values           map[string]int
	bases            []string
	// open: it answers to names that are not declared.
	open bool
}

// answersAnything is what a class has that answers to names which no declaration shows.
var answersAnything = lazy.New(`\bmethod_missing\b|\bdefine_(singleton_)?method\b|\bclass_eval\b|\binstance_eval\b|\bdelegate(_missing_to|_all)?\b|\bdef_delegators?\b|function __call(Static)?\b|\bextend self\b|\bmodule_function\b`)

// classesIn are the classes that a file declares.
func classesIn(f *source.File) []*publicClass {
	var list []*publicClass
	singleton := singletonSpans(f)
	for _, d := range f.Decls {
		if d.Kind != source.Class && d.Kind != source.Enum && d.Kind != source.Interface || f.Lang == source.Ruby && d.Kind != source.Class {
			continue
		}
		c := &publicClass{
			last: d.Name[strings.LastIndexAny(d.Name, `:\`)+1:], path: f.Path, lang: f.Lang, line: d.Span.Line, bases: d.Bases,
			static: map[string]int{}, instance: map[string]int{}, values: map[string]int{},
			open: answersAnything.Match(f.Text[d.Span.Start:d.Span.End]),
		}
		c.name = strings.ReplaceAll(ownerOf(d), ".", "::")
		if f.Lang == source.PHP {
			c.name = strings.TrimPrefix(f.Package+`\`+d.Name, `\`)
		}
		for _, m := range d.Members {
			if !m.Exported && m.Kind != source.Const {
				continue
			}
			switch m.Kind {
			case source.Method, source.Function:
				if isStatic(f, m, singleton) {
					c.static[m.Name] = m.Span.Line
				} else {
					c.instance[m.Name] = m.Span.Line
				}
			case source.Const, source.EnumValue:
				if f.Lang == source.PHP {
					c.values[m.Name] = m.Span.Line
				}
			default:
			}
		}
		list = append(list, c)
	}
	return list
}

var staticHead = lazy.New(`^(?:[a-z]+\s+)*static\s+(?:[a-z]+\s+)*function|^def\s+self\.`)

func isStatic(f *source.File, m *source.Decl, singleton []source.Span) bool {
	head := f.Text[m.Span.Start:min(len(f.Text), m.Span.Start+200)]
	return staticHead.Match(head) || slices.ContainsFunc(singleton, func(s source.Span) bool {
		return s.Start <= m.Span.Start && s.End >= m.Span.End
	})
}

// singletonSpans are the `class << self` bodies of a Ruby file.
func singletonSpans(f *source.File) []source.Span {
	if f.Lang != source.Ruby || !strings.Contains(string(f.Text), "class <<") || f.Root() == nil {
		return nil
	}
	var list []source.Span
	var visit func(n source.Node, depth int)
	visit = func(n source.Node, depth int) {
		for _, c := range n.Children() {
			switch c.Kind() {
			case "singleton_class":
				list = append(list, c.Span())
			case "class", "module", "body_statement":
				if depth < maxNesting {
					visit(c, depth+1)
				}
			}
		}
	}
	visit(f.Root(), 0)
	return list
}

// removedMembers are the public members that a class no longer has.
func removedMembers(old, now *publicClass) []removedMember {
	var list []removedMember
	lost := func(kind memberKind, before, after map[string]int) {
		var gone, added []string
		for _, name := range keysOf(before) {
			if _, ok := after[name]; !ok {
				gone = append(gone, name)
			}
		}
		for _, name := range keysOf(after) {
			if _, ok := before[name]; !ok {
				added = append(added, name)
			}
		}
		for _, name := range gone {
			m := removedMember{class: old, kind: kind, name: name, path: now.path, line: now.line}
			if len(gone) == 1 && len(added) == 1 {
				m.to, m.line = added[0], after[added[0]]
			}
			list = append(list, m)
		}
	}
	lost(staticMember, old.static, now.static)
	lost(instanceMember, old.instance, now.instance)
	lost(valueMember, old.values, now.values)
	return list
}

type memberKind string

const (
	staticMember   memberKind = "method"
	instanceMember memberKind = "method of its instances"
	valueMember    memberKind = "constant"
)

// A removedMember is one public member that the branch took away or renamed.
type removedMember struct {
	class *publicClass
	kind  memberKind
	name  string
	// to is its new name, empty where none took its place; path and line are where the class is now.
	to, path string
	line     int
}
