package contracts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// TopicRenamed finds subscribers, publishers and configuration that still go by the name of a topic, queue, subject, stream or
// event which the branch renamed at the other end.
var TopicRenamed = &detectors.Detector{
	ID:    "contracts/topic-renamed",
	Title: "One end of a topic, queue or event has a new name, the other end the old one",
	Run:   runTopics,
}

// A topicRename is one name that the branch replaced by another in the same call, constant or setting.
type topicRename struct {
	old, new topicUse
}

func runTopics(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var renames []topicRename
	var living, lost []topicUse
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		var old, now []topicUse
		if f.Status != branch.Added {
			old = topicsIn(before, cmpOr(f.OldPath, f.Path))
		}
		if f.Status != branch.Deleted {
			now = topicsIn(after, f.Path)
		}
		living, lost = append(living, now...), append(lost, old...)
		renames = append(renames, renamed(old, now)...)
	}
	lives := func(name string) bool {
		return slices.ContainsFunc(living, func(u topicUse) bool { return u.name == name })
	}
	lost = slices.DeleteFunc(lost, func(u topicUse) bool { return u.dir != publishes || lives(u.name) || !u.distinct() })
	if len(renames)+len(lost) == 0 {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, r := range renames {
		if told[r.old.name] || lives(r.old.name) {
			continue
		}
		told[r.old.name] = true
		if err := reportTopic(pass, after, r); err != nil {
			return err
		}
	}
	for _, u := range lost {
		if told[u.name] || len(told) > 50 {
			continue
		}
		told[u.name] = true
		if err := reportSilent(pass, after, u); err != nil {
			return err
		}
	}
	return nil
}

// topicsIn are the names that one file sends to, listens on or sets.
func topicsIn(at side, p string) []topicUse {
	if source.LanguageOf(p) == "" {
		text, err := at.text(p)
		if err != nil {
			return nil
		}
		return topicSettings(p, string(text))
	}
	f := at.file(p)
	if f == nil {
		return nil
	}
	return append(topicUses(at, f), topicConstants(f)...)
}

// renamed pairs the names that are gone from a file with those that stand in their places.
func renamed(old, now []topicUse) []topicRename {
	has := func(list []topicUse, name string) bool {
		return slices.ContainsFunc(list, func(u topicUse) bool { return u.name == name })
	}
	var list []topicRename
	byCall := map[string][2][]topicUse{}
	var order []string
	take := func(u topicUse, i int) {
		key := u.call + "\x00" + u.constant[strings.LastIndexByte(u.constant, '.')+1:]
		pair := byCall[key]
		if pair[0] == nil && pair[1] == nil {
			order = append(order, key)
		}
		if !has(pair[i], u.name) {
			pair[i] = append(pair[i], u)
		}
		byCall[key] = pair
	}
	for _, u := range old {
		if !has(now, u.name) && u.distinct() {
			take(u, 0)
		}
	}
	for _, u := range now {
		if !has(old, u.name) && u.distinct() {
			take(u, 1)
		}
	}
	for _, key := range order {
		pair := byCall[key]
		if len(pair[0]) != len(pair[1]) || len(pair[0]) > 6 {
			continue
		}
		for i := range pair[0] {
			list = append(list, topicRename{pair[0][i], pair[1][i]})
		}
	}
	return list
}

// lone are the events that many things have: alone they name nothing.
var lone = []string{"error", "message", "messages", "connection", "connect", "disconnect", "close", "data", "end", "open", "finish", "change", "click",
	"default", "events", "event", "update", "ready", "exit", "drain", "pipe", "timeout", "response", "request", "string", "true", "false", "public", "latest", "earliest"}

// distinct says that a name can be recognised elsewhere: it is more than one word, or a whole word in a call that takes names of
// queues only.
func (u topicUse) distinct() bool {
	if len(u.name) < 4 || slices.Contains(lone, strings.ToLower(u.name)) || strings.Contains(u.name, "://") || strings.HasPrefix(u.name, "application/") {
		return false
	}
	method := u.call[strings.LastIndexByte(u.call, '.')+1:]
	return u.network || distinctName.MatchString(u.name) || compound(u.name) || !slices.Contains(generalCalls, method) && u.call != "" && len(u.name) >= 6 || method == "Queue" || method == "Worker"
}

func reportTopic(pass *detectors.Pass, after side, r topicRename) error {
	naming, err := pass.Source.Naming(pass.Context, r.old.name)
	if err != nil {
		return err
	}
	var stale []topicUse
	ends, beside := r.old.dir, r.old.beside
	if r.old.constant != "" {
		if ends, beside, err = endsOf(pass, after, r.new); err != nil {
			return err
		}
	}
	var seen direction
	for i, p := range naming[r.old.name] {
		if i >= maxCandidates || skipped(p) || source.IsTest(p) || source.IsDoc(p) || prose(p) || isMock(p) {
			continue
		}
		if text, err := pass.Branch.ReadHead(p); err != nil || namesWhole(string(text), r.new.name) {
			continue // it knows both
		}
		first := true
		for _, u := range topicsIn(after, p) {
			if u.name != r.old.name || !u.meant(beside) || r.old.network && !u.network {
				continue
			}
			if u.constant != "" && u.dir == bothEnds {
				if u.dir, u.beside, err = endsOf(pass, after, u); err != nil {
					return err
				}
				if !u.meant(beside) {
					continue
				}
			}
			if u.dir != bothEnds {
				seen |= u.dir
			}
			if first {
				first = false
				stale = append(stale, u)
			}
		}
	}
	// Where the same end goes on with the old name elsewhere, the old name is alive.
	if ends != bothEnds && seen&ends != 0 || ends == bothEnds && seen == bothEnds {
		return nil
	}
	for _, u := range stale {
		if changed := pass.Branch.File(u.path); changed != nil && changed.Touched(u.line) {
			continue
		}
		verb := "still goes by"
		switch u.dir {
		case subscribes:
			verb = "still listens on"
		case publishes:
			verb = "still sends to"
		case bothEnds:
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: u.path, Line: u.line, Symbol: r.old.name,
			Message:  fmt.Sprintf("%s %q; the branch renamed it to %q", verb, r.old.name, r.new.name),
			Why:      "Nothing fails: what is sent to one name is never heard under the other.",
			Fix:      "Rename this end too, or send to both names until every subscriber has moved and the old queue is empty.",
			Related:  []detectors.Related{{Path: r.new.path, Line: r.new.line, Message: fmt.Sprintf("the branch renamed %q to %q here", r.old.name, r.new.name)}},
			Evidence: []string{r.old.name, r.new.name},
		})
	}
	return nil
}

// endsOf says for which ends a constant is used where it is named, and what is named beside it there.
func endsOf(pass *detectors.Pass, at side, u topicUse) (ends direction, beside string, err error) {
	name := u.constant[strings.LastIndexByte(u.constant, '.')+1:]
	naming, err := pass.Source.Naming(pass.Context, name)
	if err != nil {
		return 0, "", err
	}
	for i, p := range naming[name] {
		if i >= 20 || !declares(p) {
			continue
		}
		if f := at.file(p); f != nil {
			for _, other := range topicUses(at, f) {
				if other.constant[strings.LastIndexByte(other.constant, '.')+1:] == name && other.name == u.name {
					ends |= other.dir
					beside = cmpOr(beside, other.beside)
				}
			}
		}
	}
	if ends == 0 {
		return bothEnds, "", nil
	}
	return ends, beside, nil
}
