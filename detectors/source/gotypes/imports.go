package gotypes

// The imports of a package: the repository's own are read, the others stood in for.

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"strings"

	"flightpoll/detectors/lazy"
)

// An importer answers the imports of one package.
type importer struct {
	loader *Loader
	ctx    context.Context //nolint:containedctx // types.Importer takes none
	key    key
	bodies bool
	err    error
}

// inside is the folder of an import that has to be read: all of a package that is checked with its bodies, else those that
// declarations depend on. The answer is the same for both sides.
func (i *importer) inside(p string) (string, bool) {
	dir, ok := i.loader.folder(i.key.side, p)
	if !ok || !i.bodies && !i.loader.needs(i.key.dir)[dir] {
		return "", false
	}
	return dir, true
}

// Import is types.Importer's.
func (i *importer) Import(p string) (*types.Package, error) {
	if p == "unsafe" {
		return types.Unsafe, nil
	}
	dir, ok := i.inside(p)
	if !ok {
		if pkg := i.loader.stubs.packages[p]; pkg != nil {
			return pkg, nil
		}
		return nil, fmt.Errorf("%s is not there", p)
	}
	// What the default build makes of an import serves the others as well, and is there already.
	found, err := i.loader.declarations(i.ctx, key{i.key.side, dir, Build{}})
	if errors.Is(err, ErrNone) && i.key.build != (Build{}) {
		found, err = i.loader.declarations(i.ctx, key{i.key.side, dir, i.key.build})
	}
	if err != nil {
		if errors.Is(err, ErrTooMuch) || errors.Is(err, ErrTooDeep) || i.ctx.Err() != nil {
			i.err = err
		}
		return nil, err
	}
	return found.Types, nil
}

var qualified = lazy.New(`\b([A-Za-z_]\w*)\.[A-Za-z_]`)

// NamesOutside says that a message of the type checker names something of a package that was not read.
func (l *Loader) NamesOutside(message string) bool {
	for _, m := range qualified.FindAllStringSubmatch(message, -1) {
		for p, pkg := range l.stubs.packages {
			if pkg.Name() == m[1] || p == m[1] || strings.HasSuffix(p, "/"+m[1]) {
				return true
			}
		}
	}
	return false
}
