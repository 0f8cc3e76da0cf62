package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/source/syntax"
)

// extraction turns the captures of a language's queries into the facts of a File, in one walk over the tree. Which
// captures there are, and what each becomes, is seen in the .scm files of languages and in fact below.
type extraction struct {
	*syntax.Tree
	reader *reader
	file   *File

	scopes   []scope
	declAt   map[syntax.ID]*Decl
	callAt   map[syntax.ID]*Call
	accessAt map[syntax.ID]*Access
	objectAt map[syntax.ID]*Object
	stringAt map[syntax.ID]*String
	keyOf    map[syntax.ID]*Key
	given    map[syntax.ID]given
	unpacked map[syntax.ID]string
	written  map[syntax.ID]bool
	awaited  map[syntax.ID]bool
	called   map[syntax.ID]bool // the member expressions that calls call
	exports  map[syntax.ID]bool
	exported map[string]bool
	listed   bool

	decorators []decorator
	catches    []caught
	throws     []span
	returns    []returned
	noops      map[syntax.ID]bool
	trailing   map[syntax.ID]syntax.ID // the lambda behind the parentheses of a call
	impls      []*Decl                 // types that methods are implemented for, not declarations themselves
}

// scope is a declaration around the current node, or a function without a name (decl is nil).
type scope struct {
	past syntax.ID
	decl *Decl
}

// given is what a value is given to: a variable with its type, a keyword, a function.
type given struct{ name, typ string }

type decorator struct {
	node syntax.ID
	call *Call
}

type span struct{ start, end int }

type returned struct {
	span
	value string
}

func extract(r *reader, f *File, t *syntax.Tree) error {
	if err := r.compile(); err != nil {
		return err
	}
	x := &extraction{
		Tree: t, reader: r, file: f,
		declAt: map[syntax.ID]*Decl{}, callAt: map[syntax.ID]*Call{}, accessAt: map[syntax.ID]*Access{},
		objectAt: map[syntax.ID]*Object{}, stringAt: map[syntax.ID]*String{}, keyOf: map[syntax.ID]*Key{},
		given: map[syntax.ID]given{}, unpacked: map[syntax.ID]string{}, written: map[syntax.ID]bool{},
		awaited: map[syntax.ID]bool{}, called: map[syntax.ID]bool{}, exports: map[syntax.ID]bool{}, exported: map[string]bool{}, noops: map[syntax.ID]bool{},
		trailing: map[syntax.ID]syntax.ID{},
	}
	for id := syntax.ID(0); int(id) < t.Len(); id++ {
		for len(x.scopes) > 0 && x.scopes[len(x.scopes)-1].past <= id {
			x.scopes = x.scopes[:len(x.scopes)-1]
		}
		r.facts.Matches(t, id, func(m *syntax.Match) bool { x.fact(m); return true })
	}
	x.finish()
	return nil
}

// fact keeps what one match says.
func (x *extraction) fact(m *syntax.Match) {
	group, kind, _ := strings.Cut(m.Pattern.Fact, ".")
	switch group {
	case "decl":
		x.decl(m, kind)
	case "impl":
		x.impl(m)
	case "docstring":
		x.docstring(m)
	case "scope":
		x.scopes = append(x.scopes, scope{x.Past(m.Node), nil})
	case "package":
		if x.file.Package == "" {
			x.file.Package = x.folded(m.Get("name"))
		}
	case "import":
		x.imports(m, kind)
	case "export":
		x.export(m, kind)
	case "call":
		x.call(m, kind)
	case "trailing":
		x.trailing[m.Get("inner")] = m.Get("lambda")
	case "await":
		x.awaited[m.Get("awaited")] = true
	case "decorator":
		x.decorator(m)
	case "access":
		x.access(m, kind)
	case "write":
		x.written[m.Get("written")] = true
	case "unpacks":
		x.unpacks(m, kind)
	case "unpacked":
		x.unpack(m)
	case "object":
		x.object(m, kind)
	case "tokens":
		x.tokens(m.Node)
	case "given":
		x.give(m, kind)
	case "wrap":
		x.wrap(m)
	case "string", "text", "raw":
		x.str(m, group)
	case "comment":
		x.comment(m)
	case "catch":
		x.catch(m, kind)
	case "throw":
		x.throws = append(x.throws, span{x.Start(m.Node), x.End(m.Node)})
	case "return":
		x.returns = append(x.returns, returned{span{x.Start(m.Node), x.End(m.Node)}, x.text(m.Get("value"))})
	case "noop":
		x.noops[m.Node] = true
	}
}

// part is the first part pattern of the kind that matches a node of a list.
func (x *extraction) part(id syntax.ID, fact string) (found *syntax.Match) {
	x.reader.parts.Matches(x.Tree, id, func(m *syntax.Match) bool {
		if strings.HasPrefix(m.Pattern.Fact, fact) {
			found = m
			return false
		}
		return true
	})
	return found
}

// in is the innermost named function, method or class around the current node.
func (x *extraction) in() *Decl {
	for _, s := range slices.Backward(x.scopes) {
		if s.decl == nil {
			continue
		}
		if k := s.decl.Kind; k == Function || k == Method || k == Class || k == Var || k == Const {
			return s.decl // a variable here is given a function wrapped in a call
		}
	}
	return nil
}

// around is the innermost scope's declaration; local says that a function stands between it and the file.
func (x *extraction) around() (decl *Decl, local bool) {
	for _, s := range slices.Backward(x.scopes) {
		switch {
		case s.decl == nil:
			local = true
		case s.decl.Kind == Function || s.decl.Kind == Method:
			return s.decl, true
		default:
			return s.decl, local
		}
	}
	return nil, local
}

func (x *extraction) text(id syntax.ID) string {
	if id == syntax.None {
		return ""
	}
	return x.Content(id)
}

// folded is a node's text on one line.
func (x *extraction) folded(id syntax.ID) string { return fold(x.text(id)) }

// maxFolded bounds the text that is copied to fold its white space.
const maxFolded = 4096

func fold(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > maxFolded || !strings.ContainsAny(text, "\n\t\r") && !strings.Contains(text, "  ") {
		return text
	}
	return strings.Join(strings.Fields(text), " ")
}

func (x *extraction) span(id syntax.ID) Span {
	if id == syntax.None {
		return Span{}
	}
	start, end := x.Start(id), x.End(id)
	s := Span{Start: start, End: end}
	s.Line, s.Column = x.Line(start)
	s.EndLine, _ = x.Line(max(start, end-1))
	return s
}

// between is the place of a text from start to end.
func (x *extraction) between(start, end int) Span {
	s := Span{Start: start, End: end}
	s.Line, s.Column = x.Line(start)
	s.EndLine, _ = x.Line(max(start, end-1))
	return s
}

// isComment says whether a node is a comment, which may stand in any list.
func (x *extraction) isComment(id syntax.ID) bool {
	return strings.HasSuffix(x.Kind(id).String(), "comment")
}

// items are the named children that are no comments.
func (x *extraction) items(id syntax.ID) []syntax.ID {
	if id == syntax.None {
		return nil
	}
	return slices.DeleteFunc(x.Children(id), x.isComment)
}
