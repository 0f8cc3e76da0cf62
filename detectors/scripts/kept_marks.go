package scripts

// Marks that a loop sets and that are kept only when the loop is through.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	keepers = []string{"commit", "Commit", "CommitAsync", "SaveChanges", "SaveChangesAsync", "flush", "commitTransaction", "CommitTransaction"}
	// spanning are calls whose function or block is one transaction.
	spanning = []string{"transaction", "$transaction", "atomic", "transaction!", "withTransaction", "inTransaction", "runInTransaction", "Transaction", "BeginFunc", "WithTx", "RunInTx", "InTx", "execute"}
	// spanned opens a transaction around what is indented below it.
	spanned = lazy.New(`(?m)^[ \t]*(?:async )?(?:with|using)\b[^\n]*(?:\batomic\(|\.begin\(|transaction\(|BeginTransaction)|^[ \t]*try\s*\([^\n]*beginTransaction`)
	wrapped = lazy.New(`(?i)^(transactional|transaction\.atomic|atomic|Transaction)$`)
)

// keptAfter says whether what is marked inside of a loop is only kept when the loop is through: the commit stands behind
// it, or the loop stands in one transaction.
func keptAfter(f *source.File, call *source.Call, loop source.Span) bool {
	d := call.In
	if d == nil || d.Kind != source.Function && d.Kind != source.Method { // statements at the top of a file
		d = &source.Decl{Span: whole(f)}
	}
	behind, around := false, false
	for _, other := range f.Calls {
		if other.Span.Start < d.Span.Start || other.Span.End > d.Span.End {
			continue
		}
		switch inside := loop.Start <= other.Span.Start && other.Span.End <= loop.End; {
		case slices.Contains(keepers, other.Name) && inside:
			return false
		case slices.Contains(keepers, other.Name) && other.Span.Start >= loop.End:
			behind = true
		case slices.Contains(spanning, other.Name) && other.Span.Start <= loop.Start && loop.End <= other.Span.End:
			if other.Name != "execute" || strings.Contains(strings.ToLower(other.Receiver), "transaction") {
				around = true
			}
		case slices.Contains(spanning, other.Name) && inside:
			return false // one for each
		}
	}
	for _, dec := range d.Decorators {
		around = around || wrapped.MatchString(dec.Full()) || wrapped.MatchString(dec.Name)
	}
	before := string(f.Text[d.Span.Start:min(max(loop.Start, d.Span.Start), len(f.Text))])
	return behind || around || spanned.MatchString(before)
}

// keyName is the parameter by which a function is given an idempotency key.
var keyName = lazy.New(`(?i)idempot|(^|_)key$|Key$|dedup|request_?id|reference|token`)

// keyLeftOut says whether a call leaves out the key that the function would take.
func keyLeftOut(call *source.Call, d *source.Decl) bool {
	position := 0
	for _, p := range d.Params {
		if p.Name == "self" || p.Name == "this" || p.Name == "cls" {
			continue
		}
		if keyName.MatchString(p.Name) && (p.Optional || p.Default != "") {
			given := 0
			for _, a := range call.Args {
				if a.Keyword == p.Name {
					return false
				}
				if a.Keyword == "" {
					given++
				}
			}
			return given <= position
		}
		position++
	}
	return false
}
