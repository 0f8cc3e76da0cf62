package chart

// The walk over parse trees: text/template's language with a budget.

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// unknown is a value that only a cluster or an unknown function could tell.
type unknown struct{}

// absent is a value below .Values that nothing gives. One that a values file declares as null is a gap on purpose.
type absent struct {
	path     string
	declared bool
}

// valuesRoot is .Values: what is taken from it is remembered by its path.
type valuesRoot struct{ values Values }

// within is a map below .Values, with its path.
type within struct {
	values map[string]any
	path   string
}

// method is a field that takes arguments.
type method func(args []any) any

// engine renders one chart.
type engine struct {
	ctx       context.Context
	out       *Rendering
	templates templates
	missed    map[string]bool
	steps     int
	written   int
	made      int
	depth     int
	// scope is the path of the chart's values in the top chart's, with a dot behind it.
	scope   string
	current *Chart
}

// frame is one template as it is executed.
type frame struct {
	name string
	dot  any
	root any
	vars []variable
	out  *text
}

type variable struct {
	name  string
	value any
}

var (
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
)

func (e *engine) unsure(why string) {
	if !e.out.Unsure {
		e.out.Unsure, e.out.Why = true, why
	}
}

func (e *engine) step() error {
	if e.steps++; e.steps > maxSteps {
		return errSteps
	}
	if e.steps%1024 == 0 {
		return e.ctx.Err()
	}
	return nil
}

// document executes a template at the top.
func (e *engine) document(tree *parse.Tree, dot any) (*text, error) {
	f := &frame{name: tree.ParseName, dot: dot, root: dot, vars: []variable{{"$", dot}}, out: &text{}}
	return f.out, e.list(f, tree.Root)
}

// call executes a defined template and gives its text.
func (e *engine) call(name string, dot any) (*text, error) {
	tree := e.templates.trees[name]
	if tree == nil {
		e.unsure("it includes a template that is not here")
		return nil, nil
	}
	if e.depth++; e.depth > maxDepth {
		return nil, errDeep
	}
	defer func() { e.depth-- }()
	return e.document(tree, dot)
}

func (e *engine) list(f *frame, list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	if e.depth++; e.depth > maxDepth*4 {
		return errDeep
	}
	defer func() { e.depth-- }()
	for _, n := range list.Nodes {
		if err := e.node(f, n); err != nil {
			return err
		}
	}
	return nil
}

func (e *engine) node(f *frame, n parse.Node) error {
	if err := e.step(); err != nil {
		return err
	}
	switch n := n.(type) {
	case *parse.TextNode:
		return e.write(f, string(n.Text), n.Pos)
	case *parse.ActionNode:
		v, err := e.pipe(f, n.Pipe)
		if err != nil || len(n.Pipe.Decl) > 0 {
			return err
		}
		return e.print(f, v, n.Pos)
	case *parse.IfNode:
		return e.branch(f, &n.BranchNode, false)
	case *parse.WithNode:
		return e.branch(f, &n.BranchNode, true)
	case *parse.RangeNode:
		return e.loop(f, n)
	case *parse.TemplateNode:
		var dot any
		if n.Pipe != nil {
			v, err := e.pipe(f, n.Pipe)
			if err != nil {
				return err
			}
			dot = v
		}
		t, err := e.call(n.Name, dot)
		if err != nil || t == nil {
			return err
		}
		return e.embed(f, piece{t.String(), t.lines}, n.Pos)
	case *parse.BreakNode:
		return errBreak
	case *parse.ContinueNode:
		return errContinue
	}
	return nil
}

func (e *engine) branch(f *frame, n *parse.BranchNode, with bool) error {
	mark, dot := len(f.vars), f.dot
	defer func() { f.vars, f.dot = f.vars[:mark], dot }()
	v, err := e.pipe(f, n.Pipe)
	if err != nil {
		return err
	}
	if !truth(v) {
		return e.list(f, n.ElseList)
	}
	if with {
		f.dot = v
	}
	return e.list(f, n.List)
}

func (e *engine) loop(f *frame, n *parse.RangeNode) error {
	mark, dot := len(f.vars), f.dot
	defer func() { f.vars, f.dot = f.vars[:mark], dot }()
	v, err := e.pipe(f, n.Pipe)
	if err != nil {
		return err
	}
	inner := len(f.vars)
	keys, items := e.items(v)
	if len(items) == 0 {
		return e.list(f, n.ElseList)
	}
	for i, item := range items {
		if err := e.step(); err != nil {
			return err
		}
		f.vars, f.dot = f.vars[:inner], item
		switch d := n.Pipe.Decl; len(d) {
		case 1:
			f.vars = append(f.vars, variable{d[0].Ident[0], item})
		case 2:
			f.vars = append(f.vars, variable{d[0].Ident[0], keys[i]}, variable{d[1].Ident[0], item})
		}
		if err := e.list(f, n.List); errors.Is(err, errBreak) {
			break
		} else if err != nil && !errors.Is(err, errContinue) {
			return err
		}
	}
	return nil
}

// items are the keys and elements that a range walks.
func (e *engine) items(v any) (keys, items []any) {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			keys, items = append(keys, int64(i)), append(items, item)
		}
	case int64:
		for i := range min(max(v, 0), maxList) {
			keys, items = append(keys, i), append(items, i)
		}
	case unknown:
		e.unsure("it repeats over what is not known")
	default:
		m, at := mapping(v)
		for _, k := range sortedKeys(m) {
			keys, items = append(keys, k), append(items, below(m[k], at, k))
		}
	}
	return keys, items
}

// pipe evaluates a pipeline and declares its variables.
func (e *engine) pipe(f *frame, p *parse.PipeNode) (any, error) {
	if e.depth++; e.depth > maxDepth*4 {
		return nil, errDeep
	}
	defer func() { e.depth-- }()
	var value any
	for i, cmd := range p.Cmds {
		var final []any
		if i > 0 {
			final = []any{value}
		}
		v, err := e.command(f, cmd, final)
		if err != nil {
			return nil, err
		}
		value = v
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			f.assign(d.Ident[0], value)
		} else {
			f.vars = append(f.vars, variable{d.Ident[0], value})
		}
	}
	return value, nil
}

func (f *frame) assign(name string, value any) {
	for i := len(f.vars) - 1; i >= 0; i-- {
		if f.vars[i].name == name {
			f.vars[i].value = value
			return
		}
	}
}

func (f *frame) variable(name string) any {
	for i := len(f.vars) - 1; i >= 0; i-- {
		if f.vars[i].name == name {
			return f.vars[i].value
		}
	}
	return nil
}

func (e *engine) command(f *frame, cmd *parse.CommandNode, final []any) (any, error) {
	if err := e.step(); err != nil {
		return nil, err
	}
	arguments := func() ([]any, error) {
		var args []any
		for _, a := range cmd.Args[1:] {
			v, err := e.value(f, a)
			if err != nil {
				return nil, err
			}
			args = append(args, v)
		}
		return append(args, final...), nil
	}
	switch n := cmd.Args[0].(type) {
	case *parse.IdentifierNode:
		if n.Ident == "and" || n.Ident == "or" {
			return e.shortCircuit(f, cmd, n.Ident == "or", final)
		}
		args, err := arguments()
		if err != nil {
			return nil, err
		}
		return e.function(f, n, args)
	case *parse.FieldNode, *parse.ChainNode, *parse.VariableNode:
		v, err := e.value(f, n)
		if err != nil {
			return nil, err
		}
		if call, ok := v.(method); ok {
			args, err := arguments()
			if err != nil {
				return nil, err
			}
			return e.bound(call(args))
		}
		return v, nil
	default:
		return e.value(f, n)
	}
}

// shortCircuit is "and" and "or", which do not evaluate what they do not need.
func (e *engine) shortCircuit(f *frame, cmd *parse.CommandNode, until bool, final []any) (any, error) {
	var v any
	for _, a := range cmd.Args[1:] {
		var err error
		if v, err = e.value(f, a); err != nil || truth(v) == until {
			return v, err
		}
	}
	for _, v = range final {
		if truth(v) == until {
			break
		}
	}
	return v, nil
}

// value evaluates one argument.
func (e *engine) value(f *frame, n parse.Node) (any, error) {
	if err := e.step(); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *parse.DotNode:
		return f.dot, nil
	case *parse.NilNode:
		return nil, nil
	case *parse.BoolNode:
		return n.True, nil
	case *parse.StringNode:
		return n.Text, nil
	case *parse.NumberNode:
		if n.IsInt {
			return n.Int64, nil
		}
		return n.Float64, nil
	case *parse.FieldNode:
		return e.fields(f, f.dot, n.Ident, n.Pos)
	case *parse.VariableNode:
		return e.fields(f, f.variable(n.Ident[0]), n.Ident[1:], n.Pos)
	case *parse.ChainNode:
		v, err := e.value(f, n.Node)
		if err != nil {
			return nil, err
		}
		if a, ok := v.(absent); ok { // (.Values.a).b is nil, not an error
			return absent{a.path + "." + strings.Join(n.Field, "."), a.declared}, nil
		}
		return e.fields(f, v, n.Field, n.Pos)
	case *parse.PipeNode:
		return e.pipe(f, n)
	case *parse.IdentifierNode:
		return e.function(f, n, nil)
	}
	return unknown{}, nil
}

// fields follows names from a value on.
func (e *engine) fields(f *frame, v any, names []string, pos parse.Pos) (any, error) {
	for i, name := range names {
		switch at := v.(type) {
		case absent:
			e.miss(f, at.path, pos, true, false)
			return absent{path: at.path + "." + strings.Join(names[i:], ".")}, nil
		case unknown:
			return unknown{}, nil
		default:
			m, path := mapping(v)
			if m == nil {
				if v != nil {
					e.unsure("it asks for a field of what has none")
				}
				return unknown{}, nil
			}
			v = e.field(m, path, name, isValues(v) || path != "")
		}
	}
	return v, nil
}

// field is one entry of a map; tracked says that the map is .Values or lies below it.
func (e *engine) field(m map[string]any, path, name string, tracked bool) any {
	inner, ok := m[name]
	if !tracked {
		return inner
	}
	e.use(path, name)
	if inner == nil {
		return absent{join(path, name), ok}
	}
	return below(inner, path, name)
}

func (e *engine) use(path, name string) {
	if len(e.out.Used) < 5000 {
		e.out.Used[e.scope+join(path, name)] = true
	}
}

// miss tells of a value that is used and not there.
func (e *engine) miss(f *frame, path string, pos parse.Pos, stops, required bool) {
	m := Miss{Path: e.scope + path, At: Place{f.name, e.templates.line(f.name, pos)}, Stops: stops, Required: required}
	key := m.Path + "\x00" + m.At.Path + "\x00" + strconv.Itoa(m.At.Line)
	if !e.missed[key] && len(e.out.Misses) < 500 {
		e.missed[key] = true
		e.out.Misses = append(e.out.Misses, m)
	}
}

func isValues(v any) bool { _, ok := v.(valuesRoot); return ok }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// below wraps a map that is taken out of .Values, so that its path goes on.
func below(v any, path, name string) any {
	if m, ok := v.(map[string]any); ok {
		return within{m, join(path, name)}
	}
	return v
}

// mapping is the map in a value, and its path below .Values.
func mapping(v any) (m map[string]any, path string) {
	switch v := v.(type) {
	case map[string]any:
		return v, ""
	case valuesRoot:
		return v.values, ""
	case within:
		return v.values, v.path
	}
	return nil, ""
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
