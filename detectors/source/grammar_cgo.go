//go:build cgo

package source

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/csharp"
	"github.com/smacker/go-tree-sitter/java"
	"github.com/smacker/go-tree-sitter/javascript"
	"github.com/smacker/go-tree-sitter/kotlin"
	"github.com/smacker/go-tree-sitter/php"
	"github.com/smacker/go-tree-sitter/python"
	"github.com/smacker/go-tree-sitter/ruby"
	"github.com/smacker/go-tree-sitter/rust"
	"github.com/smacker/go-tree-sitter/typescript/tsx"
	"github.com/smacker/go-tree-sitter/typescript/typescript"

	"flightpoll/detectors/source/syntax"
)

// The bounds of one file: hostile text must not cost more. A megabyte of ordinary source has about 300,000 nodes and
// parses in 0.2 seconds.
const (
	maxNodes     = 3_000_000
	maxParseTime = 3 * time.Second
)

// grammar is a tree-sitter grammar with the names of its symbols.
type grammar struct {
	load  func() *sitter.Language
	once  sync.Once
	lang  *sitter.Language
	kinds []syntax.Kind
	named []bool
	// tokens are the texts of anonymous symbols, leaves that always read the same; marks those without a field.
	tokens []string
	marks  []bool
	// leaves are named symbols that never have children.
	leaves []bool
}

var grammars = map[Language]*grammar{
	TypeScript: {load: typescript.GetLanguage},
	"tsx":      {load: tsx.GetLanguage},
	JavaScript: {load: javascript.GetLanguage},
	Python:     {load: python.GetLanguage},
	Java:       {load: java.GetLanguage},
	Kotlin:     {load: kotlin.GetLanguage},
	CSharp:     {load: csharp.GetLanguage},
	Ruby:       {load: ruby.GetLanguage},
	PHP:        {load: php.GetLanguage},
	Rust:       {load: rust.GetLanguage},
}

// errorSymbol is tree-sitter's own symbol for what it could not read.
const errorSymbol = 65535

func (g *grammar) open() {
	g.lang = g.load()
	n := g.lang.SymbolCount()
	for s := range n {
		symbol := sitter.Symbol(s) //nolint:gosec // symbols are 16 bits wide
		name, named := g.lang.SymbolName(symbol), g.lang.SymbolType(symbol) == sitter.SymbolTypeRegular
		token := ""
		if !named {
			token = name
			name = `"` + name + `"`
		}
		g.tokens = append(g.tokens, token)
		g.leaves = append(g.leaves, named && !strings.HasPrefix(name, "scoped_") &&
			(strings.HasSuffix(name, "identifier") || strings.HasSuffix(name, "comment")))
		g.marks = append(g.marks, len(token) == 1 && strings.ContainsAny(token, "(){}[],;:."))
		g.kinds = append(g.kinds, syntax.Intern(name))
		g.named = append(g.named, named)
	}
}

// readTree parses text and copies the tree out of C memory.
func readTree(lang Language, name, text string) (*syntax.Tree, error) {
	if path.Ext(name) == ".tsx" {
		lang = "tsx"
	}
	g := grammars[lang]
	if g == nil {
		return nil, ErrUnknownLanguage
	}
	g.once.Do(g.open)
	parser := sitter.NewParser()
	defer parser.Close()
	parser.SetLanguage(g.lang)
	parser.SetOperationLimit(int(maxParseTime / time.Microsecond))
	parsed, err := parser.ParseCtx(context.Background(), nil, []byte(text))
	switch {
	case errors.Is(err, sitter.ErrOperationLimit):
		return nil, fmt.Errorf("%s: parsing takes longer than %s; exclude the file", name, maxParseTime)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer parsed.Close()
	return g.copyTree(name, text, parsed)
}

func (g *grammar) copyTree(name, text string, parsed *sitter.Tree) (*syntax.Tree, error) {
	tree := syntax.NewTree(text)
	cursor := sitter.NewTreeCursor(parsed.RootNode())
	defer cursor.Close()
	failed := syntax.Intern("ERROR")
	parent := syntax.None
	for {
		n := cursor.CurrentNode()
		kind, named, token, field, start := failed, true, "", syntax.Kind(0), n.StartByte()
		if symbol := n.Symbol(); symbol == errorSymbol {
			tree.Errors++
			field = syntax.Intern(cursor.CurrentFieldName())
		} else {
			kind, named, token = g.kinds[symbol], g.named[symbol], g.tokens[symbol]
			if !g.marks[symbol] {
				field = syntax.Intern(cursor.CurrentFieldName())
			}
		}
		end := start + uint32(len(token)) //nolint:gosec // a token's length
		leaf := token != "" && strings.HasPrefix(text[start:], token)
		if !leaf {
			end = n.EndByte()
			leaf = named && kind != failed && g.leaves[n.Symbol()]
		}
		if start == end && n.IsMissing() {
			tree.Errors++
		}
		id := tree.Add(parent, kind, field, named, start, end)
		if tree.Len() > maxNodes {
			return nil, fmt.Errorf("%s: more than %d syntax nodes; exclude the file", name, maxNodes)
		}
		if !leaf && cursor.GoToFirstChild() {
			parent = id
			continue
		}
		for !cursor.GoToNextSibling() {
			if !cursor.GoToParent() {
				tree.Done()
				return tree, nil
			}
			parent = tree.Parent(parent)
		}
	}
}
