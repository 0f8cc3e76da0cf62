package scripts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// UnbatchedBackfill reports a backfill in a program that loads a whole table and writes all of it in one transaction.
var UnbatchedBackfill = &detectors.Detector{
	ID:    "scripts/unbatched-backfill",
	Title: "A backfill loads and rewrites a whole table at once",
	Run:   quoting(runUnbatched),
}

var (
	backfillPath = lazy.New(`(?i)back-?fill|recompute|repair|data-?fix|one-?off|populate|migrat|re-?index|normali[sz]e|convert|clean-?up|(^|/)(scripts?|commands|tasks|jobs|bin|cmd|ops|maintenance)/`)
	// loadsAll are calls that bring all rows into memory.
	loadsAll = []string{"toList", "ToList", "ToListAsync", "fetchall", "fetchAll", "fetch_all", "findAll", "find_all", "findMany", "all", "getResultList", "list", "getMany", "fetchAllAssociative", "queryForList", "to_a", "load", "Find", "toArray", "collect", "get_results", "ToArrayAsync", "query", "Query", "get", "find", "objects"}
	// inParts is what a program says that goes through a table in parts.
	inParts = lazy.New(`(?i)\blimit\b|batch|chunk|\btake\b|fetch_?size|fetchmany|yield_per|iterator\(|server_side|find_each|in_batches|cursor|stream|\bpage|offset|keyset|after_?id|last_?id|lastSeen|\bwindow\b|partition|rownum|\btop\b|\bfirst\(`)
	storing = lazy.New(`(?i)^(update\w*|save\w*|persist|merge|execute\w*|Exec\w*|put\w*|set\w*|replace\w*|upsert\w*|write\w*|Save\w*|Update\w*|query|run|executeUpdate)!?$`)
)

func runUnbatched(pass *detectors.Pass) error {
	c := &changes{pass: pass}
	seen := false
	for _, file := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if file.Status == branch.Deleted || !judged(file) || source.LanguageOf(file.Path) == "" || !backfillPath.MatchString(file.Path) && !runnerMark(file) || toy.MatchString(file.Path) {
			continue
		}
		text, err := file.After()
		if err != nil || len(text) > maxStarter || !runnable(file.Path, string(text)) {
			continue
		}
		f, err := pass.Source.Head(file.Path)
		if err != nil || f == nil {
			continue
		}
		seen = true
		c.unbatched(file, f)
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// runnerMark says whether a file is a program that its framework starts by its type alone.
func runnerMark(file *branch.File) bool {
	text, err := file.After()
	return err == nil && (strings.Contains(string(text), "CommandLineRunner") || strings.Contains(string(text), "ApplicationRunner"))
}

func (c *changes) unbatched(file *branch.File, f *source.File) {
	if inParts.MatchString(withoutComments(f.Path, string(f.Text))) {
		return
	}
	for _, loop := range loopsIn(f) {
		if !file.TouchedRange(loop.Line, max(loop.Line, loop.EndLine)) {
			continue
		}
		var write, load *source.Call
		for _, call := range f.Calls {
			switch inside := loop.Start <= call.Span.Start && call.Span.End <= loop.End; {
			case inside && write == nil && storing.MatchString(call.Name) && call.Receiver != "":
				write = call
			case !inside && slices.Contains(loadsAll, call.Name) && call.Receiver != "" && sameFunction(call, loop) && (call.Span.Start < loop.Start):
				load = call
			}
		}
		if load == nil {
			load = c.loadedInHead(f, loop)
		}
		if write == nil || load == nil {
			continue
		}
		if large := c.sizeNear(f, load) == large; !large && (!keptAfter(f, write, loop) || !loadsWhole(f, load)) {
			continue
		}
		c.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: file.Path, Line: load.Span.Line, EndLine: loop.EndLine, Symbol: load.Full(),
			Message:  fmt.Sprintf("All rows are loaded (%s) and written in one transaction", load.Name),
			Why:      "The rows stay locked until the end, all of them are in memory, and a run that is stopped starts from nothing.",
			Fix:      "Take some thousand rows at a time, each lot in a transaction of its own, and let the condition leave out those that are done.",
			Evidence: []string{load.Full(), write.Full()},
		})
		return
	}
}

// loadedInHead is the loading call in the head of a loop: for row in session.query(X).all().
func (c *changes) loadedInHead(f *source.File, loop source.Span) *source.Call {
	inHead := func(call *source.Call) bool {
		return loop.Start <= call.Span.Start && call.Span.Line == loop.Line && call.Span.End <= loop.End && call.Receiver != ""
	}
	at := slices.IndexFunc(f.Calls, func(call *source.Call) bool { return inHead(call) && slices.Contains(loadsAll, call.Name) })
	if at < 0 {
		return nil
	}
	found := f.Calls[at]
	for _, call := range f.Calls { // the whole chain, with its conditions
		if inHead(call) && call.Span.Start == found.Span.Start && call.Span.End > found.Span.End {
			found = call
		}
	}
	return found
}

// sameFunction says whether a call and a loop stand in the same function.
func sameFunction(call *source.Call, loop source.Span) bool {
	if call.In == nil {
		return true
	}
	return call.In.Span.Start <= loop.Start && loop.End <= call.In.Span.End
}

// sizeNear is what the repository says of the size of the table that a call loads.
func (c *changes) sizeNear(f *source.File, load *source.Call) size {
	for _, s := range f.Strings {
		if load.Span.Start <= s.Span.Start && s.Span.End <= load.Span.End {
			if ops := tablesRead.FindStringSubmatch(s.Value); ops != nil {
				return c.sizeOf(fold(ops[1]))
			}
		}
	}
	first, _, _ := strings.Cut(load.Receiver, ".")
	return c.sizeOf(pluralTable(strings.Trim(first, "()")))
}

var tablesRead = lazy.New(`(?is)\bfrom\s+([\w."]+)`)

var (
	// nullFilter leaves out what is done, which is most of the table at the first run.
	nullFilter = lazy.New(`(?i)(where|filter|Where|filter_by|exclude)\s*[({]?\s*[^(){}]{0,60}(\.?is_?null\(\)?|\bis\s+null\b|is_\(None\)|==\s*(null|nil|None)|__isnull\s*=\s*True|:\s*(null|nil)|IsNull)`)
	filters    = lazy.New(`(?i)\b(where|filter\w*|having|by_?id|find_?by|between|exclude|in_\()`)
	ofTable    = lazy.New(`(?i)select|query\(|objects|repo|from\b|findAll|findMany|\.all\b|db\.|context\.`)
)

// loadsWhole says whether a call brings in a whole table, or all of it that is not done.
func loadsWhole(f *source.File, load *source.Call) bool {
	text := nullFilter.ReplaceAllString(string(f.Text[load.Span.Start:min(load.Span.End, len(f.Text))]), " ")
	return ofTable.MatchString(text) && !filters.MatchString(text)
}
