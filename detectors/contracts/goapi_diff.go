package contracts

import (
	"context"
	"errors"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"flightpoll/detectors/source/gotypes"
)

// An apiDiff compares what a type-checked package exports on both sides, by the definitions of golang.org/x/exp/apidiff
// (README, "Definition of Compatibility"): types correspond by name, unexported ones where they take each other's place.
// What comes from packages that were not read is never claimed to be gone or new.
type apiDiff struct {
	ctx      context.Context //nolint:containedctx // one comparison
	loader   *gotypes.Loader
	old, now *gotypes.Package
	// pairs are the types of the new package that old ones correspond to.
	pairs typeutil.Map
	order []*types.Named
	seen  map[string]bool
	steps int
	list  []apiBreak
}

// maxSteps bounds a comparison: types that are built of each other can be exponentially large.
const maxSteps = 400_000

var errTooLarge = errors.New("types too large to compare")

// compareTyped lists what an importer of the package can no longer do.
func compareTyped(ctx context.Context, loader *gotypes.Loader, old, now *gotypes.Package) (list []apiBreak, err error) {
	d := &apiDiff{ctx: ctx, loader: loader, old: old, now: now, seen: map[string]bool{}}
	defer func() {
		if r := recover(); r != nil {
			if r != errTooLarge { //nolint:errorlint // a sentinel of this file
				panic(r)
			}
			list, err = nil, errTooLarge
		}
	}()
	d.scope()
	d.satisfaction()
	return d.list, nil
}

func (d *apiDiff) step() {
	if d.steps++; d.steps > maxSteps || d.steps%1000 == 0 && d.ctx.Err() != nil {
		panic(errTooLarge)
	}
}

// scope compares the exported names, defined types first: so that A with A, B with B are paired before an alias is followed.
func (d *apiDiff) scope() {
	for _, aliases := range []bool{false, true} {
		for _, name := range d.old.Types.Scope().Names() {
			obj := d.old.Types.Scope().Lookup(name)
			tn, isType := obj.(*types.TypeName)
			if !obj.Exported() || aliases == (isType && !tn.IsAlias()) {
				continue
			}
			if is := d.now.Types.Scope().Lookup(name); is != nil {
				d.objects(obj, is)
			} else {
				d.gone(name, obj, "was removed")
			}
		}
	}
}

func (d *apiDiff) objects(old, now types.Object) {
	switch old := old.(type) {
	case *types.Const:
		if now, ok := now.(*types.Const); ok {
			d.constants(old, now)
			return
		}
	case *types.Var:
		if _, ok := now.(*types.Var); ok {
			d.typed(old.Name(), old, now)
			return
		}
	case *types.Func:
		switch now.(type) {
		case *types.Func, *types.Var:
			d.typed(old.Name(), old, now)
			return
		}
	case *types.TypeName:
		if _, ok := now.(*types.TypeName); ok {
			d.typed(old.Name(), old, now)
			return
		}
	}
	d.add(apiBreak{how: "was a " + kindName(old) + " and is a " + kindName(now) + " now", arity: true}, old.Name(), old, now)
}

func kindName(o types.Object) string {
	switch o := o.(type) {
	case *types.Const:
		return "constant"
	case *types.Var:
		if o.IsField() {
			return "field"
		}
		return "variable"
	case *types.Func:
		if recv := o.Signature().Recv(); recv != nil {
			if types.IsInterface(recv.Type()) {
				return "interface method"
			}
			return "method"
		}
		return "function"
	}
	return "type"
}

// typed compares the types of two objects and tells when they do not correspond.
func (d *apiDiff) typed(name string, old, now types.Object) {
	if d.same(old.Type(), now.Type(), nil) {
		return
	}
	if d.becameAlias(old, now) {
		return
	}
	was, is := d.write(old.Type()), d.write(now.Type())
	b := apiBreak{how: "changed from " + was + " to " + is}
	if from, to := nameOnly(old.Type()), nameOnly(now.Type()); was == is && unknown(from) {
		b.how = "changed to types of the same names from other packages"
	} else if was == is {
		b.how = "changed from " + briefText(types.TypeString(from, nil)) + " to " + briefText(types.TypeString(to, nil))
	}
	if x, ok := old.Type().(*types.Signature); ok {
		if y, ok := now.Type().(*types.Signature); ok {
			b.mild = d.onlyOptionsAdded(x, y)
			b.arity = !b.mild && (x.Params().Len() != y.Params().Len() || x.Variadic() != y.Variadic())
		}
	}
	if _, ok := old.(*types.TypeName); ok {
		// Becoming another package's type under the old name is a move as a rule.
		n, named := types.Unalias(now.Type()).(*types.Named)
		b.mild = named && n.Obj().Pkg() != d.now.Types && now.(*types.TypeName).IsAlias() && !old.(*types.TypeName).IsAlias()
	}
	d.add(b, name, old, now)
}

// nameOnly is the type of one result where that is what a function gives, to tell it with the path of its package.
func nameOnly(t types.Type) types.Type {
	if s, ok := t.(*types.Signature); ok && s.Results().Len() == 1 {
		if n, ok := types.Unalias(s.Results().At(0).Type()).(*types.Named); ok {
			return n
		}
	}
	return types.Typ[types.Invalid]
}

// becameAlias says that a defined type without methods is now another name of what it was made of: whoever used it can.
func (d *apiDiff) becameAlias(old, now types.Object) bool {
	was, ok := old.(*types.TypeName)
	is, isType := now.(*types.TypeName)
	if !ok || !isType || was.IsAlias() || !is.IsAlias() {
		return false
	}
	n, ok := was.Type().(*types.Named)
	return ok && n.NumMethods() == 0 && n.TypeParams().Len() == 0 && d.same(n.Underlying(), now.Type(), nil)
}

// onlyOptionsAdded says that a signature gained a variadic last parameter and nothing else: every call still compiles.
func (d *apiDiff) onlyOptionsAdded(old, now *types.Signature) bool {
	if old.Variadic() || !now.Variadic() || now.Params().Len() != old.Params().Len()+1 || !d.same(old.Results(), now.Results(), nil) {
		return false
	}
	for i := range old.Params().Len() {
		if !d.same(old.Params().At(i).Type(), now.Params().At(i).Type(), nil) {
			return false
		}
	}
	return true
}

func (d *apiDiff) constants(old, now *types.Const) {
	if unknown(old.Type()) || unknown(now.Type()) || old.Val().Kind() == constant.Unknown || now.Val().Kind() == constant.Unknown {
		return
	}
	if !d.same(old.Type(), now.Type(), nil) {
		d.add(apiBreak{how: "changed from " + d.write(old.Type()) + " to " + d.write(now.Type())}, old.Name(), old, now)
		return
	}
	if old.Val().Kind() == constant.String && (!plainString(d.old, old.Name()) || !plainString(d.now, now.Name())) {
		return // a text put together of others can be as long as its author likes
	}
	if !constant.Compare(old.Val(), token.EQL, now.Val()) {
		d.add(apiBreak{how: "changed its value from " + old.Val().String() + " to " + now.Val().String(), value: true}, old.Name(), old, now)
	}
}

func unknown(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.Invalid
}

// plainString says that a constant is given a string literal.
func plainString(p *gotypes.Package, name string) bool {
	for _, f := range p.Files {
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				s := s.(*ast.ValueSpec)
				if i := slices.IndexFunc(s.Names, func(n *ast.Ident) bool { return n.Name == name }); i >= 0 && i < len(s.Values) {
					_, plain := s.Values[i].(*ast.BasicLit)
					return plain
				}
			}
		}
	}
	return false
}

// defined compares two types that correspond by name: what they are made of, and their methods.
func (d *apiDiff) defined(name string, old *types.Named, now types.Type) {
	d.underlying(name, old, now)
	if sameKind(old.Underlying(), now.Underlying()) && !types.IsInterface(old) {
		d.methods(name, old, now)
	}
}

func sameKind(x, y types.Type) bool {
	switch x.(type) {
	case *types.Basic:
		_, ok := y.(*types.Basic)
		return ok
	case *types.Struct:
		_, ok := y.(*types.Struct)
		return ok
	case *types.Interface:
		_, ok := y.(*types.Interface)
		return ok
	case *types.Signature:
		_, ok := y.(*types.Signature)
		return ok
	case *types.Pointer:
		_, ok := y.(*types.Pointer)
		return ok
	case *types.Slice:
		_, ok := y.(*types.Slice)
		return ok
	case *types.Array:
		_, ok := y.(*types.Array)
		return ok
	case *types.Map:
		_, ok := y.(*types.Map)
		return ok
	case *types.Chan:
		_, ok := y.(*types.Chan)
		return ok
	}
	return false
}

// satisfaction: a type that implemented an interface of the package still does.
func (d *apiDiff) satisfaction() {
	exposed := slices.Clone(d.order)
	for _, i := range exposed {
		was, ok := i.Underlying().(*types.Interface)
		if !ok || was.NumMethods() == 0 || i.TypeParams().Len() > 0 {
			continue
		}
		now, _ := d.pairs.At(i).(types.Type)
		is, ok := now.Underlying().(*types.Interface)
		if !ok || d.loader.Opaque(i) || d.loader.Opaque(now) {
			continue
		}
		for _, t := range exposed {
			d.step()
			after, _ := d.pairs.At(t).(types.Type)
			if t == i || types.IsInterface(t) || types.IsInterface(after) || t.TypeParams().Len() > 0 || d.loader.Opaque(t) || d.loader.Opaque(after) {
				continue
			}
			before := types.Type(t)
			if !types.Implements(before, was) {
				before, after = types.NewPointer(before), types.NewPointer(after)
				if !types.Implements(before, was) {
					continue
				}
			}
			if !types.Implements(after, is) && !d.told(t.Obj().Name()) {
				d.add(apiBreak{how: "no longer implements " + i.Obj().Name()}, t.Obj().Name(), t.Obj(), nil)
			}
		}
	}
}

// told says that something about a type or its members was found already, which explains the rest.
func (d *apiDiff) told(owner string) bool {
	return slices.ContainsFunc(d.list, func(b apiBreak) bool { return typeOfMember(b.symbol.name) == owner })
}
