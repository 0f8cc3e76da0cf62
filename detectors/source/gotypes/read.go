package gotypes

// The syntax of packages: which files a build compiles, read and parsed once.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"slices"
	"strings"
)

// files are the parsed files of a folder that a build compiles, those of its most frequent package name.
func (l *Loader) files(side Side, dir string, build Build, tests bool) ([]*ast.File, error) {
	var list []*ast.File
	for _, p := range l.trees[side].Below(dir) {
		if !strings.HasSuffix(p, ".go") || !tests && strings.HasSuffix(p, "_test.go") || len(list) > 500 {
			continue
		}
		text, err := l.text(side, p)
		if err != nil || !build.Matches(p, text) {
			continue
		}
		f, err := l.parse(side, p)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	if len(list) == 0 {
		return nil, ErrNone
	}
	if tests {
		return list, nil
	}
	name := list[0].Name.Name
	return slices.DeleteFunc(list, func(f *ast.File) bool { return f.Name.Name != name }), nil
}

// at is the side that a file is read from: one that the branch did not change is read as it is now.
func (l *Loader) at(side Side, p string) Side {
	if side == Base && !l.changed(p) {
		return Head
	}
	return side
}

func (l *Loader) text(side Side, p string) ([]byte, error) {
	side = l.at(side, p)
	if text, ok := l.texts[side][p]; ok {
		return text, nil
	}
	text, err := l.trees[side].Text(p)
	if err != nil {
		return nil, err
	}
	l.texts[side][p] = text
	l.bytes += len(text)
	return text, nil
}

// maxDepth is how deep a file's syntax may be nested.
const maxDepth = 400

func (l *Loader) parse(side Side, p string) (*ast.File, error) {
	side = l.at(side, p)
	if f, ok := l.parsed[side][p]; ok {
		return f, nil
	}
	text, err := l.text(side, p)
	if err != nil {
		return nil, err
	}
	f, err := parser.ParseFile(l.Fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s does not parse", p)
	}
	depth, deepest := 0, 0
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			depth--
			return true
		}
		depth++
		deepest = max(deepest, depth)
		return depth <= maxDepth
	})
	if deepest > maxDepth {
		return nil, ErrTooDeep
	}
	l.parsed[side][p] = f
	return f, nil
}
