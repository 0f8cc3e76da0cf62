package scripts

// Marks that a loop sets and that are kept only when the loop is through.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/scripts/rows"
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
	if behindAtOnce(f, d, loop) {
		return true
	}
	before := string(f.Text[d.Span.Start:min(max(loop.Start, d.Span.Start), len(f.Text))])
	return behind || around || spanned.MatchString(before)
}

// behindAtOnce says whether rows are marked by one statement for all behind the loop, and by none inside of it.
func behindAtOnce(f *source.File, d *source.Decl, loop source.Span) bool {
	behind := false
	mark := func(s source.Span) bool {
		inside := loop.Start <= s.Start && s.End <= loop.End
		behind = behind || s.Start >= loop.End && s.End <= d.Span.End
		return inside
	}
	for _, found := range sqlStrings(f) {
		for _, o := range found.ops {
			if o.do == updates && mark(found.span) {
				return false
			}
		}
	}
	for _, w := range rows.In(f) {
		if w.Do == rows.Update && mark(w.Span) {
			return false
		}
	}
	for _, call := range f.Calls {
		if loop.Start <= call.Span.Start && call.Span.End <= loop.End && savesRow.MatchString(call.Name) {
			return false
		}
	}
	return behind
}

// markedOnlyBehind says whether a loop marks each thing behind its call, and neither the loop nor what stands before it claims
// the thing first.
func markedOnlyBehind(f *source.File, call *source.Call, loop source.Span) bool {
	from := 0
	if d := call.In; d != nil && (d.Kind == source.Function || d.Kind == source.Method) {
		from = d.Span.Start
	}
	behind, before := false, false
	mark := func(s source.Span) {
		behind = behind || s.Start >= call.Span.End && s.End <= loop.End
		before = before || s.Start >= from && s.End <= call.Span.Start
	}
	for _, found := range sqlStrings(f) {
		if slices.ContainsFunc(found.ops, func(o operation) bool { return o.do == updates || o.do == inserts }) {
			mark(found.span)
		}
	}
	for _, w := range rows.In(f) {
		if w.Do == rows.Update || w.Do == rows.Insert {
			mark(w.Span)
		}
	}
	for _, other := range f.Calls {
		if other != call && savesRow.MatchString(other.Name) && (other.Span.Start >= call.Span.End || other.Span.End <= call.Span.Start) {
			mark(other.Span)
		}
	}
	return behind && !before
}

// savesRow are calls that store what one thing became.
var savesRow = lazy.New(`(?i)^(save\w*!?|update\w*!?|mark\w*|set\w*(at|status|state|paid|sent|done)|touch|persist|put\w*|upsert\w*|insert\w*|append|record\w*|add)$`)

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
