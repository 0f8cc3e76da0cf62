package contracts

import (
	"go/token"
	"go/types"
	"strings"

	"flightpoll/detectors/source/gotypes"
)

// Whether an old and a new type correspond: identical, except for defined types, which go by name, or by the place that
// they take where they have no name outside.

// A facePair is a pair of interfaces under comparison.
type facePair struct {
	old, now *types.Interface
	above    *facePair
}

func (d *apiDiff) same(old, now types.Type, above *facePair) bool {
	d.step()
	old, now = types.Unalias(old), types.Unalias(now)
	if unknown(old) || unknown(now) {
		return true // nothing is claimed of what could not be resolved
	}
	if n, ok := now.(*types.Named); ok && n.Obj().Pkg() != nil && d.loader.Outside(n.Obj().Pkg()) {
		if _, named := old.(*types.Named); !named {
			t := d.resolve(n.Obj())
			return t != nil && d.same(old, t, above)
		}
	}
	switch old := old.(type) {
	case *types.Basic:
		now, ok := now.(*types.Basic)
		return ok && old.Kind() == now.Kind()
	case *types.Array:
		now, ok := now.(*types.Array)
		return ok && d.same(old.Elem(), now.Elem(), above) && (old.Len() == now.Len() || old.Len() < 0 || now.Len() < 0)
	case *types.Slice:
		now, ok := now.(*types.Slice)
		return ok && d.same(old.Elem(), now.Elem(), above)
	case *types.Pointer:
		now, ok := now.(*types.Pointer)
		return ok && d.same(old.Elem(), now.Elem(), above)
	case *types.Map:
		now, ok := now.(*types.Map)
		return ok && d.same(old.Key(), now.Key(), above) && d.same(old.Elem(), now.Elem(), above)
	case *types.Chan:
		now, ok := now.(*types.Chan)
		return ok && d.same(old.Elem(), now.Elem(), above) && old.Dir() == now.Dir()
	case *types.Signature:
		now, ok := now.(*types.Signature)
		if !ok {
			return false
		}
		params, results := d.same(old.Params(), now.Params(), above), d.same(old.Results(), now.Results(), above)
		return params && results && old.Variadic() == now.Variadic() && d.sameParams(old.TypeParams(), now.TypeParams())
	case *types.Tuple:
		now, ok := now.(*types.Tuple)
		if !ok || old.Len() != now.Len() {
			return false
		}
		all := true
		for i := range old.Len() {
			all = d.same(old.At(i).Type(), now.At(i).Type(), above) && all
		}
		return all
	case *types.Struct:
		now, ok := now.(*types.Struct)
		return ok && d.sameFields(old, now, above)
	case *types.Interface:
		now, ok := now.(*types.Interface)
		return ok && d.sameMethods(old, now, above)
	case *types.Named:
		return d.establish(old, now)
	case *types.TypeParam:
		now, ok := now.(*types.TypeParam)
		return ok && old.Index() == now.Index()
	case *types.Union:
		now, ok := now.(*types.Union)
		if !ok || old.Len() != now.Len() {
			return false
		}
		for i := range old.Len() {
			if old.Term(i).Tilde() != now.Term(i).Tilde() || !d.same(old.Term(i).Type(), now.Term(i).Type(), above) {
				return false
			}
		}
		return true
	}
	return false
}

func (d *apiDiff) sameFields(old, now *types.Struct, above *facePair) bool {
	if old.NumFields() != now.NumFields() {
		return false
	}
	for i := range old.NumFields() {
		f, g := old.Field(i), now.Field(i)
		if f.Embedded() != g.Embedded() || !d.same(f.Type(), g.Type(), above) || f.Name() != g.Name() && (!f.Embedded() || f.Exported() || g.Exported()) {
			return false
		}
	}
	return true
}

func (d *apiDiff) sameMethods(old, now *types.Interface, above *facePair) bool {
	for p := above; p != nil; p = p.above {
		if p.old == old && p.now == now {
			return true
		}
	}
	if d.loader.Opaque(old) || d.loader.Opaque(now) {
		return true
	}
	if old.NumMethods() != now.NumMethods() || old.NumEmbeddeds() != now.NumEmbeddeds() && (!old.IsMethodSet() || !now.IsMethodSet()) {
		return false
	}
	before, after := interfaceMethods(old), interfaceMethods(now)
	for name, m := range before {
		n := after[name]
		if n == nil || !d.same(m.Type(), n.Type(), &facePair{old, now, above}) {
			return false
		}
	}
	if !old.IsMethodSet() && !now.IsMethodSet() {
		for i := range old.NumEmbeddeds() {
			if !d.same(old.EmbeddedType(i), now.EmbeddedType(i), above) {
				return false
			}
		}
	}
	return old.IsComparable() == now.IsComparable()
}

func (d *apiDiff) sameParams(old, now *types.TypeParamList) bool {
	if old.Len() != now.Len() {
		return false
	}
	for i := range old.Len() {
		if !d.same(old.At(i).Constraint(), now.At(i).Constraint(), nil) {
			return false
		}
	}
	return true
}

// establish pairs an old defined type with a new type and compares what they are made of, or says whether the new one is
// what the old one was paired with before.
func (d *apiDiff) establish(old *types.Named, now types.Type) bool {
	if paired, ok := d.pairs.At(old).(types.Type); ok {
		return types.Identical(paired, now)
	}
	obj := old.Obj()
	instance := old.Origin() != old
	ours := obj.Pkg() == d.old.Types
	if ours && obj.Exported() && obj.Parent() == d.old.Types.Scope() && !instance {
		tn, ok := d.now.Types.Scope().Lookup(obj.Name()).(*types.TypeName)
		if !ok {
			return false
		}
		target := types.Unalias(tn.Type())
		if n, ok := target.(*types.Named); ok && n.Origin() != n && old.TypeParams().Len() > 0 {
			target = n.Origin()
		}
		if !types.Identical(now, target) {
			return false
		}
	}
	is, named := now.(*types.Named)
	if !named && !ours && obj.Pkg() != nil {
		t := d.resolve(obj)
		return t != nil && d.same(t, now, nil)
	}
	if !named {
		if _, basic := now.(*types.Basic); !basic || !ours {
			return false
		}
		return d.pair(old, now)
	}
	if instance {
		return is.Origin() != is && d.same(old.Origin(), is.Origin(), nil) && d.sameArguments(old.TypeArgs(), is.TypeArgs())
	}
	if !ours || is.Obj().Pkg() != d.now.Types {
		return d.elsewhere(old, is, ours)
	}
	if !d.sameParams(old.TypeParams(), is.TypeParams()) {
		return false
	}
	return d.pair(old, now)
}

func (d *apiDiff) sameArguments(old, now *types.TypeList) bool {
	if old.Len() != now.Len() {
		return false
	}
	for i := range old.Len() {
		if !d.same(old.At(i), now.At(i), nil) {
			return false
		}
	}
	return true
}

func (d *apiDiff) pair(old *types.Named, now types.Type) bool {
	d.pairs.Set(old, now)
	d.order = append(d.order, old)
	d.defined(d.outsideName(old), old, now)
	return true
}

// outsideName is the name by which importers know a type: an unexported one may have an exported alias.
func (d *apiDiff) outsideName(t *types.Named) string {
	name := t.Obj().Name()
	if t.Obj().Exported() || t.Obj().Pkg() != d.old.Types {
		return name
	}
	for _, other := range d.old.Types.Scope().Names() {
		tn, ok := d.old.Types.Scope().Lookup(other).(*types.TypeName)
		if ok && tn.Exported() && tn.IsAlias() && types.Identical(types.Unalias(tn.Type()), t) {
			return other
		}
	}
	return name
}

// elsewhere compares types of which at least one is declared in another package: the same one, or one that moved and left
// an alias behind.
func (d *apiDiff) elsewhere(old, now *types.Named, ours bool) bool {
	from, to := old.Obj(), now.Obj()
	if pathOf(from) == pathOf(to) && from.Name() == to.Name() {
		return true
	}
	if from.Pkg() == nil || to.Pkg() == nil {
		return false
	}
	if ours {
		// An alias keeps the old name; who moved it to another module of theirs keeps what it was.
		if d.loader.Outside(to.Pkg()) && !d.loader.Own(to.Pkg().Path()) {
			return from.Exported() && strings.Contains(strings.SplitN(to.Pkg().Path(), "/", 2)[0], ".")
		}
		return d.sameParams(old.TypeParams(), now.TypeParams()) && d.pair(old, now)
	}
	// Either may be an alias, in a package that was not read, of what the other one is.
	if t := d.resolve(from); t != nil {
		return d.same(t, now, nil)
	}
	if t := d.resolve(to); t != nil {
		return d.same(old, t, nil)
	}
	return false
}

// resolve is what a name of another package of the repository stands for at the head, nil when it is no alias.
func (d *apiDiff) resolve(name *types.TypeName) types.Type {
	pkg := d.loader.Import(d.ctx, gotypes.Head, name.Pkg().Path())
	if pkg == nil {
		return nil
	}
	tn, ok := pkg.Scope().Lookup(name.Name()).(*types.TypeName)
	if !ok || !tn.IsAlias() {
		return nil
	}
	return types.Unalias(tn.Type())
}

func pathOf(o types.Object) string {
	if o.Pkg() == nil {
		return ""
	}
	return o.Pkg().Path()
}

// write tells a type as people write it, without the names of parameters.
func (d *apiDiff) write(t types.Type) string {
	if s, ok := t.(*types.Signature); ok {
		t = types.NewSignatureType(nil, nil, nil, nameless(s.Params()), nameless(s.Results()), s.Variadic())
	} else {
		t = types.Unalias(t)
	}
	if size(t, 0) > 200 {
		return "a long type"
	}
	return briefText(types.TypeString(t, func(p *types.Package) string {
		if p == d.old.Types || p == d.now.Types {
			return ""
		}
		return p.Name()
	}))
}

func nameless(t *types.Tuple) *types.Tuple {
	var list []*types.Var
	for v := range t.Variables() {
		list = append(list, types.NewParam(token.NoPos, v.Pkg(), "", v.Type()))
	}
	return types.NewTuple(list...)
}

// size counts the parts of a type, up to where nobody would read it.
func size(t types.Type, depth int) int {
	n := 1
	if depth > 12 {
		return 1000
	}
	part := func(t types.Type) {
		if n <= 200 {
			n += size(t, depth+1)
		}
	}
	switch t := types.Unalias(t).(type) {
	case *types.Struct:
		for f := range t.Fields() {
			part(f.Type())
		}
	case *types.Interface:
		for m := range t.Methods() {
			part(m.Type())
		}
	case *types.Signature:
		part(t.Params())
		part(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			part(v.Type())
		}
	case *types.Pointer:
		part(t.Elem())
	case *types.Slice:
		part(t.Elem())
	case *types.Array:
		part(t.Elem())
	case *types.Chan:
		part(t.Elem())
	case *types.Map:
		part(t.Key())
		part(t.Elem())
	}
	return n
}
