package contracts

import (
	"fmt"
	"path"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// ReplyEnvelope finds clients and stubs of a route that still take its answer for a list, where the branch put the list into a
// record: a page with a cursor or a total.
var ReplyEnvelope = &detectors.Detector{
	ID:    "contracts/reply-envelope",
	Title: "A client still takes an answer for a list that the branch put into a record",
	Run:   runEnvelopes,
}

func runEnvelopes(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	t := &routeTable{pass: pass, before: before, after: after}
	ran := false
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		old, now := before.handlers(cmpOr(f.OldPath, f.Path)), after.handlers(f.Path)
		was, is := before.file(cmpOr(f.OldPath, f.Path)), after.file(f.Path)
		for _, key := range keysOf(old) {
			n, ok := now[key]
			if !ok {
				continue
			}
			ran = true
			if before.replyKind(pass.Context, was, old[key]) != kindArray && !wrapped(was, old[key], is, n) || after.replyKind(pass.Context, is, n) != kindObject {
				continue
			}
			answered, err := t.routesTo(n)
			if err != nil {
				return err
			}
			for _, r := range answered {
				if len(r.Methods) > 0 && !slices.Contains(r.Methods, "GET") || len(r.Segments) == 0 {
					continue
				}
				if err := reportListReaders(pass, n, r); err != nil {
					return err
				}
			}
		}
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	return nil
}

var (
	answerName = lazy.New(`(?:\.json|\.send|\.JSON|Encode|jsonify)\(\s*(?:http\.StatusOK\s*,\s*|200\s*,\s*)?(\w+)\s*(?:,\s*200\s*)?\)|\breturn\s+(\w+)\s*;?\s*(?:\n|$)`)
	heldName   = lazy.New(`\b(?:items|data|results?|records|rows|entries|list|content|values|nodes|edges)["']?\s*[:=]\s*(\w+)\b`)
)

// wrapped says that a handler answered with a value whose kind is not declared, and now with a record that holds the very same
// one where records of a page hold their lists.
func wrapped(was *source.File, old *requestHandler, is *source.File, now *requestHandler) bool {
	before, after := handlerText(was, old), handlerText(is, now)
	names := map[string]bool{}
	for _, m := range answerName.FindAllStringSubmatch(before, 10) {
		names[m[1]+m[2]] = true
	}
	return len(names) > 0 && slices.ContainsFunc(heldName.FindAllStringSubmatch(after, 10), func(m []string) bool { return names[m[1]] })
}

// handlerText is the code of a handler.
func handlerText(f *source.File, h *requestHandler) string {
	span := source.Span{}
	switch {
	case h.route != nil && h.route.Body.End > 0:
		span = h.route.Body
	case h.decl != nil:
		span = h.decl.Span
	}
	if f == nil || span.End <= span.Start || span.End > len(f.Text) || span.End-span.Start > 20_000 {
		return ""
	}
	return string(f.Text[span.Start:span.End])
}

func reportListReaders(pass *detectors.Pass, h *requestHandler, r routes.Route) error {
	naming, err := pass.Source.Naming(pass.Context, r.Last())
	if err != nil {
		return err
	}
	line := 1
	if h.decl != nil {
		line = h.decl.Span.Line
	} else if h.route != nil {
		line = h.route.Line
	}
	for i, p := range naming[r.Last()] {
		if i >= maxCandidates || p == h.file || skipped(p) || noCaller.MatchString(p) || prose(p) || otherVersion(p, h.file) {
			continue
		}
		if ext := path.Ext(p); source.LanguageOf(p) == "" && ext != ".html" && ext != ".vue" && ext != ".svelte" {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		at := listReader(r, string(text))
		if changed := pass.Branch.File(p); at == 0 || changed != nil && changed.Touched(at) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: r.Last(),
			Message:  fmt.Sprintf("takes the answer of %s for a list; the branch answers with a record that holds the list", r.Path),
			Why:      "Walking through the answer fails, or walks through the record's keys.",
			Fix:      "Take the list out of the record here, and follow its pages; or keep answering the bare list until every client has followed.",
			Related:  []detectors.Related{{Path: h.file, Line: line, Message: "answers with a record now"}},
			Evidence: []string{r.Path, "list"},
		})
	}
	return nil
}
