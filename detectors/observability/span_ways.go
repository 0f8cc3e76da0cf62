package observability

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// spanWays follows one span through a function of a language that tree-sitter reads.
type spanWays struct {
	file   *source.File
	kind   *spanKind
	name   string
	region source.Span
	// from is the byte from which the span is open.
	from int
}

// way is a place that ends the span or leaves the function.
type way struct {
	at, block source.Span
	// guarded: in a finally or ensure. caught: in a handler of errors. nested: in a function literal of its own.
	guarded, caught, nested bool
	throws                  bool
}

// judge gives the line of the way out on which the span stays open, 0 when nobody ends it; false when all is well or when
// the span is handed to somebody else.
func (w *spanWays) judge(start *source.Call) (line int, raised, open bool) {
	if w.handedOn() {
		return 0, false, false
	}
	var ends []way
	for _, c := range within(w.file, w.region) {
		if c.Span.Start >= w.from && w.kind.End.match(c.Name) && strings.TrimLeft(lastIdentifier(c.Receiver), "$") == strings.TrimLeft(w.name, "$") {
			e := w.at(c.Span, start.Span)
			if e.guarded || e.nested {
				return 0, false, false
			}
			ends = append(ends, e)
		}
	}
	if len(ends) == 0 {
		return 0, false, !w.endedOtherwise()
	}
	caught := false
	for _, e := range ends {
		caught = caught || e.caught
	}
	last := ends[len(ends)-1].at
	for _, out := range w.exits(start.Span) {
		if out.at.Start < w.from || out.at.Start > last.Start || out.nested || out.throws && caught {
			continue
		}
		ended := false
		for _, e := range ends {
			ended = ended || e.at.Start < out.at.End && e.block.Start <= out.at.Start && e.block.End >= out.at.End
		}
		if !ended && !out.caught {
			return out.at.Line, false, true
		}
	}
	if caught || !w.canRaise(start, ends[0].at) {
		return 0, false, false
	}
	return ends[0].at.Line, true, true
}

// endedOtherwise says whether the text ends the span in a way that is no plain call: `span?.end()` in an odd place, a with.
func (w *spanWays) endedOtherwise() bool {
	text := piece(w.file, source.Span{Start: w.from, End: w.region.End})
	name := regexp.QuoteMeta(w.name)
	return regexp.MustCompile(`(?:with|using|use)\s*\(?\s*` + name + `\b|` + name + `\s*(?:\?|!!)?(?:\.|->|&\.)\s*(?:end|finish|stop|dispose|close|Dispose|Stop|End|Finish|use)\b`).MatchString(text)
}

// keeps are the calls that take a span and leave its end to whoever opened it.
var keeps = lazy.New(`(?:setSpan|set_span_in_context|withSpan|with_span|makeCurrent|with|bind|storeInContext|activate|use_span|withActiveSpan|context_with_span|isRecording|is_recording)\(\s*[^()]*$`)

// handedOn says whether the function gives the span to somebody else, who may end it.
func (w *spanWays) handedOn() bool {
	text := blankComments(w.file, source.Span{Start: w.from, End: w.region.End})
	for _, m := range regexp.MustCompile(`(?:^|[^\w$.>])(`+regexp.QuoteMeta(w.name)+`)(?:$|\W)`).FindAllStringSubmatchIndex(text, -1) {
		before, after := text[:m[2]], strings.TrimLeft(text[m[3]:], " \t\n\r")
		switch {
		case strings.HasPrefix(after, "."), strings.HasPrefix(after, "?."), strings.HasPrefix(after, "->"), strings.HasPrefix(after, "&."), strings.HasPrefix(after, "?->"), strings.HasPrefix(after, "!!"), strings.HasPrefix(after, "!."):
		case strings.HasPrefix(after, "=>"), strings.HasPrefix(after, ") =>"), strings.HasPrefix(after, "!= null"), strings.HasPrefix(after, "is not None"), strings.HasPrefix(after, "!== "):
		case conditionBefore.MatchString(before):
		case keeps.MatchString(before[strings.LastIndexByte(before, '\n')+1:]):
			if strings.Contains(before[strings.LastIndexByte(before, '\n')+1:], "use_span(") && !strings.Contains(after[:min(len(after), 40)], "end_on_exit=False") && strings.Contains(after[:min(len(after), 60)], "end_on_exit=True") {
				return true
			}
		case insideText(w.file, w.from+m[2]):
		default:
			return true
		}
	}
	return false
}

var conditionBefore = lazy.New(`\bif\s*\(?\s*!?\s*$|&&\s*!?$`)

// insideText says whether a byte stands in a string literal.
func insideText(f *source.File, at int) bool {
	for _, s := range f.Strings {
		if s.Span.Start <= at && s.Span.End > at {
			return true
		}
	}
	return false
}

// canRaise says whether between the start and the end of the span something is called that can fail.
func (w *spanWays) canRaise(start *source.Call, end source.Span) bool {
	for _, c := range within(w.file, w.region) {
		if c.Span.Start >= w.from && c.Span.End <= end.Start && c != start && lastIdentifier(c.Receiver) != w.name && !everyday[c.Name] {
			return true
		}
	}
	return false
}

// at places a span of the text in the tree: its innermost block, and what it is guarded by, up to the function.
func (w *spanWays) at(span, start source.Span) way {
	found := way{at: span, block: w.region}
	for node := w.file.Root(); node != nil; {
		var next source.Node
		for _, child := range node.Children() {
			if s := child.Span(); s.Start <= span.Start && s.End >= span.End {
				next = child
				break
			}
		}
		if next == nil {
			break
		}
		if s := next.Span(); s.Start >= w.region.Start && s.End <= w.region.End {
			kind := next.Kind()
			switch {
			case strings.HasPrefix(kind, "finally"), kind == "ensure":
				found.guarded = true
			case strings.HasPrefix(kind, "catch"), strings.HasPrefix(kind, "except"), kind == "rescue":
				found.caught, found.block = true, s
			case isFunctionNode(kind) && (s.Start > start.End || s.End < start.Start) && s.Start > w.region.Start:
				found.nested = true
			case isBlockNode(kind):
				found.block = s
			}
		}
		node = next
	}
	return found
}

func isFunctionNode(kind string) bool {
	switch kind {
	case "arrow_function", "function_expression", "function", "function_declaration", "lambda", "lambda_expression", "lambda_literal", "anonymous_method_expression",
		"anonymous_function_creation_expression", "anonymous_function", "block_argument", "do_block", "function_definition", "local_function_statement", "generator_function", "method_definition":
		return true
	}
	return false
}

func isBlockNode(kind string) bool {
	switch kind {
	case "statement_block", "block", "statements", "compound_statement", "control_structure_body", "then", "else", "elsif", "when", "switch_case", "case_clause", "body_statement",
		"switch_section", "switch_block_statement_group", "if_statement", "else_clause", "elif_clause", "if_modifier", "unless_modifier":
		return true
	}
	return false
}

// exits are the places that leave the function between the start and its end.
func (w *spanWays) exits(start source.Span) []way {
	var list []way
	budget := 20000
	var walk func(n source.Node, depth int)
	walk = func(n source.Node, depth int) {
		if n == nil || depth > 200 || budget <= 0 {
			return
		}
		budget--
		s := n.Span()
		if s.End < w.from || s.Start > w.region.End {
			return
		}
		switch kind := n.Kind(); kind {
		case "return_statement", "return", "throw_statement", "raise_statement", "throw_expression":
			if s.Start >= w.from && s.End <= w.region.End {
				e := w.at(s, start)
				e.throws = strings.HasPrefix(kind, "throw") || strings.HasPrefix(kind, "raise")
				list = append(list, e)
			}
		case "jump_expression":
			if text := n.Text(); s.Start >= w.from && (strings.HasPrefix(text, "return") || strings.HasPrefix(text, "throw")) && !strings.HasPrefix(text, "return@") {
				e := w.at(s, start)
				e.throws = strings.HasPrefix(text, "throw")
				list = append(list, e)
			}
		}
		for _, child := range n.Children() {
			walk(child, depth+1)
		}
	}
	walk(w.file.Root(), 0)
	return list
}
