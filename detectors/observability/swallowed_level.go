package observability

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Handlers of an error whose line the branch takes away, or puts below what production writes.

// The ranks of a level: what production hides, what it writes, what wakes somebody.
const (
	levelNone = iota
	levelDebug
	levelInfo
	levelWarn
	levelError
)

var (
	levelWord = lazy.New(`(?i)^(?:log|at)?(trace|debug|verbose|fine|finer|finest|silly|info|information|notice|warn|warning|error|err|exception|critical|crit|fatal|severe|alert)(?:f|w|ln|s|ctx|context)?$`)
	levelRank = map[string]int{
		"trace": levelDebug, "debug": levelDebug, "verbose": levelDebug, "fine": levelDebug, "finer": levelDebug, "finest": levelDebug, "silly": levelDebug,
		"info": levelInfo, "information": levelInfo, "notice": levelInfo, "warn": levelWarn, "warning": levelWarn,
		"error": levelError, "err": levelError, "exception": levelError, "critical": levelError, "crit": levelError, "fatal": levelError, "severe": levelError, "alert": levelError,
	}
)

// rankOf is the highest level at which a handler logs, levelNone for none, with the call that does.
func (s *swallowing) rankOf(f *source.File, k *source.Catch) (rank int, at *source.Call) {
	for _, c := range k.Calls {
		if !s.words.classify(f, c).has(logged) {
			continue
		}
		for _, name := range append(identifiers(c.Receiver), c.Name) {
			if m := levelWord.FindStringSubmatch(name); m != nil && levelRank[strings.ToLower(m[1])] > rank {
				rank, at = levelRank[strings.ToLower(m[1])], c
			}
		}
	}
	return rank, at
}

// quieter reports the handlers of a file that logged an error, and now log it where production hides it, or not at all.
func (s *swallowing) quieter(c side) {
	if c.base == nil || c.head == nil {
		return
	}
	was, loud := map[string]*source.Catch{}, false
	for _, k := range c.base.Catches {
		key := guardText(c.base, k)
		if _, twice := was[key]; twice {
			was[key] = nil // which of them it is now nobody can say
			continue
		}
		was[key] = k
		rank, _ := s.rankOf(c.base, k)
		loud = loud || rank >= levelWarn
	}
	if !loud {
		return
	}
	count := map[string]int{}
	for _, k := range c.head.Catches {
		count[guardText(c.head, k)]++
	}
	for _, k := range c.head.Catches {
		key := guardText(c.head, k)
		before := was[key]
		if before == nil || count[key] > 1 || k.Rethrows || !touches(c.change, k) && !removedFrom(c.change, before) {
			continue
		}
		if rank, _ := s.rankOf(c.base, before); rank < levelWarn {
			continue
		}
		rank, at := s.rankOf(c.head, k)
		if rank > levelDebug || rank == levelNone && (len(k.Calls) > 0 || k.UsesError) || s.excused(c.head, k, nil) {
			continue
		}
		how, symbol := "no longer logged", "error"
		if at != nil {
			how, symbol = "now logged with "+clip(at.Full())+", which production does not write", clip(at.Full())
		}
		where := c.head.Path
		if k.In != nil {
			where = k.In.Name
		}
		s.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: c.head.Path, Line: k.Span.Line, EndLine: max(k.Span.EndLine, k.Body.EndLine), Symbol: symbol,
			Message:  fmt.Sprintf("the error that %s handles was logged, and is %s", where, how),
			Why:      "The failure is as frequent as before, and from this deployment on nobody sees it.",
			Fix:      "Keep the level of the failure, or count it; take the noise out of the lines of success.",
			Evidence: []string{where, how},
		})
	}
}

// removedFrom says whether the branch took a line of a handler of the base away.
func removedFrom(f *branch.File, k *source.Catch) bool {
	for line := k.Span.Line; line <= max(k.Span.EndLine, k.Body.EndLine); line++ {
		if f.Removed(line) {
			return true
		}
	}
	return false
}

// guardText tells the guarded code of handlers apart: the function, the kinds of error, and what is tried.
func guardText(f *source.File, k *source.Catch) string {
	in := ""
	if k.In != nil {
		in = k.In.Name
	}
	return in + "\x00" + strings.Join(k.Types, " ") + "\x00" + folded(piece(f, k.Try))
}
