package scripts

// Which parts of a program run once for each of many things.

import (
	"go/ast"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// iterators are the calls that give each thing to the function or block behind them.
var iterators = []string{"each", "forEach", "ForEach", "for_each", "map", "find_each", "find_in_batches", "in_batches", "each_slice", "each_with_index", "chunk", "chunkById", "lazy",
	"eachById", "cursor", "flatMap", "flat_map", "array_map", "array_walk", "mapLimit", "eachLimit", "pMap", "eachSeries", "Select", "forEachRow", "each_row", "for_each_concurrent"}

// maxLoopDepth bounds how deep a tree is followed.
const maxLoopDepth = 120

// loopsIn are the spans of a file's loops and of the functions that iterators are given.
func loopsIn(f *source.File) []source.Span {
	var list []source.Span
	if f.GoFile != nil {
		ast.Inspect(f.GoFile, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				list = append(list, source.Span{Start: f.GoSet.Position(n.Pos()).Offset, End: f.GoSet.Position(n.End()).Offset,
					Line: f.GoSet.Position(n.Pos()).Line, EndLine: f.GoSet.Position(n.End()).Line})
			}
			return true
		})
	} else if f.Root() != nil {
		list = loopNodes(f.Root(), 0, list)
	}
	for _, call := range f.Calls {
		if !slices.Contains(iterators, call.Name) {
			continue
		}
		text := string(f.Text[call.Span.Start:min(call.Span.End, len(f.Text))])
		if slices.ContainsFunc(call.Args, func(a source.Arg) bool { return a.IsFunc }) || strings.Contains(text, "{") || strings.Contains(text, " do") || strings.Contains(text, "=>") {
			list = append(list, call.Span)
		}
	}
	return list
}

func loopNodes(n source.Node, depth int, list []source.Span) []source.Span {
	if depth > maxLoopDepth {
		return list
	}
	for _, child := range n.Children() {
		switch child.Kind() {
		case "for_statement", "for_in_statement", "for_of_statement", "while_statement", "enhanced_for_statement", "foreach_statement", "for_each_statement", "for_expression",
			"while_expression", "loop_expression", "for", "while", "until", "do_statement", "for_range_loop":
			list = append(list, child.Span())
		case "call": // Ruby's blocks
			if name, block := child.Field("method"), child.Field("block"); name != nil && block != nil && slices.Contains(iterators, name.Text()) {
				list = append(list, block.Span())
			}
		}
		list = loopNodes(child, depth+1, list)
	}
	return list
}

// looped says whether a span stands in a loop.
func looped(loops []source.Span, s source.Span) bool {
	return slices.ContainsFunc(loops, func(l source.Span) bool { return l.Start <= s.Start && s.End <= l.End })
}
