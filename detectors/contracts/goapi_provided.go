package contracts

import "go/types"

// Whether an interface is one that a package provides to its users, or one that they implement for it.

// handedOut says that the package gives values of an interface to its users and never takes one: nobody else implements it.
func (d *apiDiff) handedOut(name string) bool {
	return d.provided(name, 0)
}

// providedMethods is from how many methods on an interface is one that a package provides, when it implements it itself.
const providedMethods = 5

func (d *apiDiff) provided(name string, depth int) bool {
	target := d.now.Types.Scope().Lookup(name)
	if target == nil || depth > 3 {
		return false
	}
	iface, ok := target.Type().Underlying().(*types.Interface)
	if !ok {
		return false
	}
	given, taken, implemented := false, false, false
	signature := func(s *types.Signature) {
		taken = taken || mentionsType(s.Params(), target, 0)
		given = given || mentionsType(s.Results(), target, 0)
	}
	for _, n := range d.now.Types.Scope().Names() {
		obj := d.now.Types.Scope().Lookup(n)
		if _, isType := obj.(*types.TypeName); isType && !types.IsInterface(obj.Type()) {
			implemented = implemented || iface.NumMethods() > 0 && types.Implements(types.NewPointer(obj.Type()), iface)
		}
		if !obj.Exported() {
			continue
		}
		switch t := obj.Type().Underlying().(type) {
		case *types.Signature:
			if _, isFunc := obj.(*types.Func); isFunc || obj != target {
				signature(t)
			}
		case *types.Struct:
			for f := range t.Fields() {
				if f.Exported() && !f.Embedded() {
					if s, ok := f.Type().Underlying().(*types.Signature); ok {
						signature(s)
					} else {
						taken = taken || mentionsType(f.Type(), target, 0)
					}
				}
			}
		case *types.Interface:
			for m := range t.Methods() {
				if m.Exported() && obj != target {
					signature(m.Signature())
				}
			}
			for e := range t.EmbeddedTypes() {
				if n, ok := types.Unalias(e).(*types.Named); ok && n.Obj() == target && obj != target && d.provided(obj.Name(), depth+1) {
					given = true
				}
			}
		}
		if _, isType := obj.(*types.TypeName); isType {
			for sel := range types.NewMethodSet(types.NewPointer(obj.Type())).Methods() {
				if m, ok := sel.Obj().(*types.Func); ok && m.Exported() && m.Pkg() == d.now.Types {
					signature(m.Signature())
				}
			}
		}
	}
	return given && (!taken || implemented && iface.NumMethods() >= providedMethods)
}

// mentionsType says whether a type is, or is made of, a named one.
func mentionsType(t types.Type, target types.Object, depth int) bool {
	if depth > 6 {
		return false
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj() == target {
			return true
		}
		for a := range t.TypeArgs().Types() {
			if mentionsType(a, target, depth+1) {
				return true
			}
		}
	case *types.Pointer:
		return mentionsType(t.Elem(), target, depth+1)
	case *types.Slice:
		return mentionsType(t.Elem(), target, depth+1)
	case *types.Array:
		return mentionsType(t.Elem(), target, depth+1)
	case *types.Chan:
		return mentionsType(t.Elem(), target, depth+1)
	case *types.Map:
		return mentionsType(t.Key(), target, depth+1) || mentionsType(t.Elem(), target, depth+1)
	case *types.Signature:
		return mentionsType(t.Params(), target, depth+1) || mentionsType(t.Results(), target, depth+1)
	case *types.Tuple:
		for v := range t.Variables() {
			if mentionsType(v.Type(), target, depth+1) {
				return true
			}
		}
	}
	return false
}
