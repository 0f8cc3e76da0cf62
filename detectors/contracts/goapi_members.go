package contracts

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// What two corresponding types are made of: the kinds of types that may differ and still be compatible (structs,
// interfaces, channels, numbers), fields and methods with what embedding brings along.

func (d *apiDiff) underlying(name string, old *types.Named, now types.Type) {
	was, is := old.Underlying(), now.Underlying()
	if unknown(was) || unknown(is) || d.loader.Hidden(was) || d.loader.Hidden(is) {
		return
	}
	changed := func() {
		d.add(apiBreak{how: "changed from " + d.write(was) + " to " + d.write(is)}, name, old.Obj(), objectOf(now))
	}
	switch was := was.(type) {
	case *types.Struct:
		if is, ok := is.(*types.Struct); ok {
			d.fields(name, old, now, was, is)
			return
		}
	case *types.Interface:
		if is, ok := is.(*types.Interface); ok {
			d.interfaces(name, old, now, was, is)
			return
		}
	case *types.Chan:
		if is, ok := is.(*types.Chan); ok {
			if !d.same(was.Elem(), is.Elem(), nil) || was.Dir() != is.Dir() && is.Dir() != types.SendRecv {
				changed()
			}
			return
		}
	case *types.Basic:
		if is, ok := is.(*types.Basic); ok {
			if was.Kind() != is.Kind() && !widens(was.Kind(), is.Kind()) {
				changed()
			}
			return
		}
	}
	if !d.same(was, is, nil) {
		changed()
	}
}

func objectOf(t types.Type) types.Object {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj()
	}
	return nil
}

// widens says that each value and each operation of one numeric kind is one of the other as well.
func widens(old, now types.BasicKind) bool {
	switch old {
	case types.Int8, types.Int16:
		return now > old && now <= types.Int64 || now == types.Int
	case types.Int32:
		return now == types.Int64 || now == types.Int
	case types.Int:
		return now == types.Int64
	case types.Uint8, types.Uint16:
		return now > old && now <= types.Uint64 || now == types.Uint
	case types.Uint32:
		return now == types.Uint64 || now == types.Uint || now == types.Uintptr
	case types.Uint:
		return now == types.Uint64
	case types.Float32:
		return now == types.Float64
	case types.Complex64:
		return now == types.Complex128
	default:
		return false
	}
}

func (d *apiDiff) fields(name string, old *types.Named, now types.Type, was, is *types.Struct) {
	immediate := map[string]bool{}
	for f := range is.Fields() {
		immediate[f.Name()] = true
	}
	before, after := selectable(was), selectable(is)
	for _, field := range keysOf(before) {
		d.step()
		f := before[field]
		if !f.Exported() {
			continue
		}
		g, ok := after[field]
		switch {
		case ok:
			d.typed(name+"."+field, f, g)
			if !immediate[field] && isImmediate(was, field) {
				d.add(apiBreak{how: "moved into an embedded struct, so that composite literals can no longer set it", mild: true}, name+"."+field, f, g)
			}
		case !d.loader.Opaque(now):
			d.gone(name+"."+field, f, "was removed")
		}
	}
	if old.TypeParams().Len() == 0 && types.Comparable(old) && !types.Comparable(now) {
		d.add(apiBreak{how: "can no longer be compared with == or be the key of a map", mild: true}, name, old.Obj(), objectOf(now))
	}
}

func isImmediate(s *types.Struct, name string) bool {
	for f := range s.Fields() {
		if f.Name() == name {
			return true
		}
	}
	return false
}

// selectable are the fields of a struct by name, promoted ones included where nothing nearer hides them.
func selectable(s *types.Struct) map[string]*types.Var {
	all := map[string]*types.Var{}
	hidden := map[string]bool{}
	seen := map[*types.Struct]bool{s: true}
	for level, depth := []*types.Struct{s}, 0; len(level) > 0 && depth < 8; depth++ {
		count := map[string]int{}
		found := map[string]*types.Var{}
		var next []*types.Struct
		for _, s := range level {
			for f := range s.Fields() {
				count[f.Name()]++
				found[f.Name()] = f
				if !f.Embedded() {
					continue
				}
				t := f.Type().Underlying()
				if p, ok := t.(*types.Pointer); ok {
					t = p.Elem().Underlying()
				}
				if t, ok := t.(*types.Struct); ok && !seen[t] {
					seen[t] = true
					next = append(next, t)
				}
			}
		}
		for name, n := range count {
			if !hidden[name] && n == 1 {
				all[name] = found[name]
			}
			hidden[name] = true
		}
		level = next
	}
	return all
}

func (d *apiDiff) interfaces(name string, old *types.Named, now types.Type, was, is *types.Interface) {
	before, after := interfaceMethods(was), interfaceMethods(is)
	for _, m := range keysOf(before) {
		d.step()
		f := before[m]
		if !f.Exported() {
			continue
		}
		g, ok := after[m]
		switch {
		case ok:
			d.typed(name+"."+m, f, g)
		case !d.loader.Opaque(now):
			d.gone(name+"."+m, f, "was removed")
		}
	}
	sealed := slices.ContainsFunc(keysOf(before), func(m string) bool { return !before[m].Exported() })
	if sealed || d.loader.Opaque(old) || !was.IsMethodSet() {
		return
	}
	for _, m := range keysOf(after) {
		if before[m] != nil || d.comesAlong(is, m) {
			continue
		}
		b := apiBreak{how: "was added to an interface that others may implement", mild: d.handedOut(name), added: true}
		if !after[m].Exported() {
			b.how = "was added to an interface, so that nobody outside of the package can implement it any more"
		}
		d.add(b, name+"."+m, nil, after[m])
	}
}

// comesAlong says that a method is there by embedding another exported interface of the package, with which it is told.
func (d *apiDiff) comesAlong(i *types.Interface, method string) bool {
	for e := range i.EmbeddedTypes() {
		n, ok := types.Unalias(e).(*types.Named)
		if !ok || n.Obj().Pkg() != d.now.Types || !n.Obj().Exported() || d.old.Types.Scope().Lookup(n.Obj().Name()) == nil {
			continue
		}
		if u, ok := n.Underlying().(*types.Interface); ok && interfaceMethods(u)[method] != nil {
			return true
		}
	}
	return false
}

func interfaceMethods(i *types.Interface) map[string]*types.Func {
	m := map[string]*types.Func{}
	for f := range i.Methods() {
		m[f.Name()] = f
	}
	return m
}

// methods compares the method sets of a type and of pointers to it.
func (d *apiDiff) methods(name string, old *types.Named, now types.Type) {
	values, pointers := exportedMethods(now), exportedMethods(types.NewPointer(now))
	direct := exportedMethods(old)
	before := exportedMethods(types.NewPointer(old))
	for _, m := range keysOf(before) {
		d.step()
		f := before[m]
		g := pointers[m]
		switch {
		case g == nil && (d.loader.Opaque(now) || d.loader.Outside(f.Pkg())):
		case g == nil:
			d.gone(name+"."+m, f, "was removed")
		case direct[m] != nil && values[m] == nil && d.same(f.Type(), g.Type(), nil):
			d.add(apiBreak{how: "has a pointer receiver now, so that values no longer have it"}, name+"."+m, f, g)
		case !d.promotedFromExported(old, f):
			d.typed(name+"."+m, f, g)
		}
	}
}

// promotedFromExported says that a method is told with the exported type that it is embedded from.
func (d *apiDiff) promotedFromExported(t *types.Named, m *types.Func) bool {
	owner, _, _ := strings.Cut(declaredAs(m), ".")
	return owner != "" && owner != t.Obj().Name() && m.Pkg() == d.old.Types && token.IsExported(owner)
}

func exportedMethods(t types.Type) map[string]*types.Func {
	m := map[string]*types.Func{}
	for sel := range types.NewMethodSet(t).Methods() {
		if f, ok := sel.Obj().(*types.Func); ok && f.Exported() {
			m[f.Name()] = f
		}
	}
	return m
}

// typeOfMember is the type of a member's name, or the name itself.
func typeOfMember(name string) string {
	owner, _, _ := strings.Cut(name, ".")
	return owner
}
