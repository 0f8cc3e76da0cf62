package observability

import (
	"go/ast"
	"go/token"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// checked judges `if err != nil {...}`: the body goes on, or returns as if nothing had happened.
func (s *swallowing) checked(f *source.File, k *source.Catch) (string, bool) {
	if len(k.Types) > 0 || k.UsesError {
		return "", false
	}
	for _, c := range within(f, k.Body) {
		if s.words.classify(f, c) != 0 || !everyday[c.Name] {
			return "", false
		}
	}
	body := strings.TrimSpace(blankComments(f, k.Body))
	cond, _, _ := strings.Cut(piece(f, k.Span), "{")
	if strings.Contains(cond, "&&") || strings.Contains(cond, "||") || s.Keeps.match(body) {
		return "", false
	}
	switch {
	case k.Empty:
		return "dropped in an empty block", true
	case onlyContinue.MatchString(body):
		return "dropped and the loop goes on", s.trigger(k.Span) != nil || strongWrite(k, f)
	case onlyLeaves.MatchString(body):
		t := s.trigger(k.Span)
		return "dropped, and the job goes on as if it had run", t != nil && t.kind == kindJob
	}
	results, ok := resultsAround(f, k.Span.Start)
	if !ok || len(results) == 0 || results[len(results)-1] != "error" || strings.Contains(strings.TrimSuffix(body, "}"), ";") {
		return "", false
	}
	last := k.Returns[strings.LastIndexByte(k.Returns, ',')+1:]
	if strings.TrimSpace(last) != "nil" {
		return "", false
	}
	return "answered with a nil error", true
}

var (
	onlyContinue = lazy.New(`^\{\s*continue\s*\}$`)
	onlyLeaves   = lazy.New(`^\{\s*(?:return|break)\s*\}$`)
	changeCall   = lazy.New(`\.(?:Save|Send|Publish|Delete|Insert|Update|Create|Commit|Charge|Refund|Enqueue|Put|Upsert|Store)\w*\(`)
)

// strongWrite says whether what failed changes something.
func strongWrite(k *source.Catch, f *source.File) bool {
	return changeCall.MatchString(piece(f, k.Try))
}

// dropped judges `_ = f()`, `let _ = f()` and `f().ok();`: the loss of a change counts, in a handler or job also that of a
// function of this repository which says that it can fail; what tidies up does not.
func (s *swallowing) dropped(f *source.File, k *source.Catch, work *source.Call) bool {
	text := strings.TrimSpace(piece(f, k.Span))
	t := s.trigger(k.Span)
	if f.Lang == source.Rust {
		if channelEnd.MatchString(lastIdentifier(work.Receiver)) {
			return false
		}
		return t != nil && (awaits(f, work) || s.Effect.match(work.Name)) || (lostRust.MatchString(work.Name) || work.Name == "send" && sendsAway.MatchString(lastIdentifier(work.Receiver))) && awaits(f, work)
	}
	if f.Lang == source.PHP {
		return t != nil && s.Outbound.match(work.Full()) || writesOutPHP.MatchString(work.Name) && alone(f, k.Span)
	}
	if !onlyBlank.MatchString(text) || deferred(f, k.Span.Start) {
		return false
	}
	if _, own := s.givesError(f, work); own && t != nil {
		return true
	}
	return lostGo.MatchString(work.Name) || t != nil && t.kind != kindRoute && lostInJob.MatchString(work.Name)
}

// awaits says whether a call is awaited, before it or behind it.
func awaits(f *source.File, c *source.Call) bool {
	return c.Awaited || strings.HasPrefix(string(f.Text[c.Span.End:]), ".await")
}

var (
	// onlyBlank is an assignment that keeps nothing.
	onlyBlank = lazy.New(`^_(?:\s*,\s*_)*\s*:?=`)
	lostGo    = lazy.New(`^(?:Save|Send|Publish|Delete|Insert|Update|Create|Commit|Charge|Refund|Enqueue|Put|Upsert|Store|Persist|Produce|Dispatch|Exec|Notify|Upload|Submit|Post|Settle|Transfer|Process|Apply|Sync|Capture|Deliver|Pay|Book|Reserve|Confirm|Withdraw|Deposit|Debit|Credit|Issue|Grant|Invite|Provision|Archive|Backup|Restore|Replicate|Schedule|Trigger)(?:[A-Z]\w*)?$`)
	lostInJob = lazy.New(`^(?:Do|Get|PostForm|Exec\w*|Query\w*|Invoke|Call)$`)
	lostRust  = lazy.New(`^(?:save|publish|delete|insert|update|create|commit|charge|refund|enqueue|put|upsert|store|persist|produce|dispatch|notify|upload|submit|post|settle|transfer|sync|capture|deliver|pay|book|reserve|confirm|withdraw|deposit|debit|credit|issue|grant|invite|provision|archive|backup|restore|replicate|schedule|trigger)(?:_\w+)?$`)
	// writesOutPHP are functions of PHP that write or send, and whose value says whether they did.
	writesOutPHP = lazy.New(`^(?:file_put_contents|fputs|fputcsv|mail|copy|rename|move_uploaded_file|ftp_put|ftp_fput|ssh2_scp_send|imagejpeg|imagepng|error_log|curl_exec|mysqli_query|pg_query)$`)
	// sendsAway are receivers whose send leaves the process.
	sendsAway = lazy.New(`(?i)mail|sms|smtp|client|api|notifier|gateway|webhook|producer|publisher|twilio|slack`)
	// channelEnd is the sending end of a channel: it fails when nobody listens any more.
	channelEnd = lazy.New(`(?i)^(?:tx|sender|.*_tx|.*_sender|channel|chan|notify|shutdown|handle|\d+)$`)
)

// resultsAround are the result types of the innermost function or literal around an offset.
func resultsAround(f *source.File, offset int) ([]string, bool) {
	var results []string
	found := false
	inspectAround(f, offset, func(n ast.Node) {
		var t *ast.FuncType
		switch n := n.(type) {
		case *ast.FuncDecl:
			t = n.Type
		case *ast.FuncLit:
			t = n.Type
		}
		if t == nil {
			return
		}
		results, found = nil, true
		if t.Results == nil {
			return
		}
		for _, r := range t.Results.List {
			text := ""
			if id, ok := r.Type.(*ast.Ident); ok {
				text = id.Name
			}
			for range max(1, len(r.Names)) {
				results = append(results, text)
			}
		}
	})
	return results, found
}

// deferred says whether an offset stands in a deferred call.
func deferred(f *source.File, offset int) bool {
	found := false
	inspectAround(f, offset, func(n ast.Node) {
		if _, ok := n.(*ast.DeferStmt); ok {
			found = true
		}
	})
	return found
}

// inspectAround visits the nodes around an offset of a Go file, outermost first.
func inspectAround(f *source.File, offset int, visit func(ast.Node)) {
	if f.GoFile == nil || f.GoSet == nil {
		return
	}
	file := f.GoSet.File(f.GoFile.FileStart)
	if file == nil || offset > file.Size() {
		return
	}
	pos := file.Pos(offset)
	ast.Inspect(f.GoFile, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		visit(n)
		return true
	})
}

// inLoop says whether a place stands in a loop inside the span.
func inLoop(f *source.File, at, inside source.Span) bool {
	if f.Lang == source.Go {
		found := false
		inspectAround(f, at.Start, func(n ast.Node) {
			switch n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				found = found || n.Pos() != token.NoPos
			case *ast.FuncLit, *ast.FuncDecl:
				found = false
			}
		})
		return found
	}
	found := false
	node := f.Root()
	for node != nil {
		var next source.Node
		for _, child := range node.Children() {
			if span := child.Span(); span.Start <= at.Start && span.End >= at.End {
				next = child
				break
			}
		}
		if next != nil && next.Span().Start >= inside.Start && next.Span().End <= inside.End {
			switch kind := next.Kind(); {
			case strings.HasPrefix(kind, "for_") || strings.HasPrefix(kind, "while_") || kind == "do_statement" || kind == "loop_expression":
				found = true
			case strings.Contains(kind, "function"):
				found = false
			}
		}
		node = next
	}
	return found
}

// suppressed are Python's `with contextlib.suppress(Exception):` blocks, as handlers.
func suppressed(f *source.File) []*source.Catch {
	if f.Lang != source.Python {
		return nil
	}
	var list []*source.Catch
	for _, c := range f.Calls {
		if c.Name != "suppress" || len(c.Args) == 0 {
			continue
		}
		k := &source.Catch{Kind: "catch", Empty: true, In: c.In, Span: c.Span, Body: c.Span}
		for _, a := range c.Args {
			k.Types = append(k.Types, a.Text)
		}
		k.Try = indented(f, c.Span)
		list = append(list, k)
	}
	return list
}

// indented is the block below a line of Python.
func indented(f *source.File, head source.Span) source.Span {
	text := string(f.Text)
	end := strings.IndexByte(text[head.End:], '\n')
	if end < 0 {
		return source.Span{}
	}
	start := head.End + end + 1
	lineStart := strings.LastIndexByte(text[:head.Start], '\n') + 1
	indent := len(text[lineStart:head.Start]) - len(strings.TrimLeft(text[lineStart:head.Start], " \t"))
	stop, line := start, head.EndLine
	for stop < len(text) {
		next := strings.IndexByte(text[stop:], '\n')
		if next < 0 {
			next = len(text) - stop - 1
		}
		row := text[stop : stop+next+1]
		if strings.TrimSpace(row) != "" && len(row)-len(strings.TrimLeft(row, " \t")) <= indent {
			break
		}
		stop += next + 1
		line++
	}
	return source.Span{Line: head.EndLine + 1, EndLine: line, Start: start, End: stop}
}
