package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// AsyncAPIBreaking finds channels, operations and messages of an AsyncAPI document that go or change, with the places of the
// repository that still use a channel.
var AsyncAPIBreaking = &detectors.Detector{
	ID:    "contracts/asyncapi-breaking",
	Title: "An AsyncAPI document changed in a way that breaks who sends or reads",
	Run: func(pass *detectors.Pass) error {
		roots, err := asyncRoots(pass)
		if err != nil {
			return err
		}
		if len(roots) == 0 {
			return detectors.ErrNotApplicable
		}
		old, now := newSchemaSet(side{pass.Branch, pass.Source, true}), newSchemaSet(side{pass.Branch, pass.Source, false})
		var unread []string
		for _, r := range roots {
			if now.doc(r.now) == nil {
				unread = append(unread, r.now)
				continue
			}
			if err := compareAsync(pass, r, old, now); err != nil {
				return err
			}
		}
		if len(unread) > 0 {
			return detectors.Inconclusive("%s could not be read", join(unread, 2))
		}
		return nil
	},
}

// asyncRoots are the documents that the branch changed, themselves or by one of their files.
func asyncRoots(pass *detectors.Pass) ([]specRoot, error) {
	var roots []specRoot
	var parts []string
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || f.Status == branch.Deleted || !describes(f.Path) || !schemaFormat(f.Path) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		if isAsyncAPI(f.Path, before) {
			roots = append(roots, specRoot{cmpOr(f.OldPath, f.Path), f.Path})
		} else {
			parts = append(parts, path.Base(f.Path))
		}
	}
	if len(parts) == 0 {
		return roots, nil
	}
	naming, err := pass.Source.Naming(pass.Context, "asyncapi")
	if err != nil {
		return nil, err
	}
	for _, p := range naming["asyncapi"] {
		if len(roots) >= maxSpecs || pass.Branch.File(p) != nil || !describes(p) || !schemaFormat(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err == nil && isAsyncAPI(p, text) && slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(string(text), part) }) {
			roots = append(roots, specRoot{p, p})
		}
	}
	return roots, nil
}

func compareAsync(pass *detectors.Pass, r specRoot, old, now *schemaSet) error {
	text, err := pass.Branch.ReadHead(r.now)
	if err != nil {
		return nil //nolint:nilerr // what cannot be read is inconclusive already
	}
	was, is := asyncChannels(old, r.old), asyncChannels(now, r.now)
	quiet := announcesBreak(pass.Branch)
	if version, ok := lookUp(old.doc(r.old), "/info/version").(string); ok && notReleased.MatchString(version) {
		quiet = true
	}
	report := func(f detectors.Finding, hushed bool) {
		f.Path = r.now
		if quiet || hushed {
			f.Severity = detectors.Note
		}
		pass.Report(f)
	}
	for _, address := range keysOf(was) {
		c, n := was[address], is[address]
		hushed := c.quiet || unreleased.MatchString(address)
		if n == nil {
			f, err := channelGone(pass, c, was, is)
			if err != nil {
				return err
			}
			report(f, hushed)
			continue
		}
		line := lineAt(text, complaint{at: []string{"channels", n.key}})
		for _, op := range c.operations {
			if !slices.Contains(n.operations, op) {
				report(detectors.Finding{
					Severity: detectors.Warning, Line: line, Symbol: address,
					Message:  fmt.Sprintf("nothing %ss on %s any more", op, address),
					Why:      "Whoever is on the other end of the channel waits for messages that never come, or sends them to nobody.",
					Fix:      "Keep the operation until the other end has followed, or mark it deprecated first.",
					Evidence: []string{address, op},
				}, hushed)
			}
		}
		compareMessages(old, now, c, n, func(m asyncMessage, name string, found narrowing, outbound bool) {
			why := "Whoever sends the message as it was is refused."
			if outbound {
				why = "Whoever reads the message relies on what it promised, and gets less."
			}
			at := complaint{at: append(slices.Clone(m.at), found.at...), key: found.key}
			report(detectors.Finding{
				Severity: detectors.Warning, Line: max(lineAt(text, at), lineNaming(text, found.key)), Symbol: found.key,
				Message: fmt.Sprintf("%s of %s: %s", name, address, found.text), Why: why,
				Fix:      "Add the new beside the old, or publish it on a channel with a new version.",
				Evidence: []string{address, name, found.text},
			}, hushed || found.kind == narrowPattern)
		})
	}
	return nil
}

// compareMessages tells what each message of a channel no longer takes (where the application receives it) or promises.
func compareMessages(old, now *schemaSet, c, n *asyncChannel, tell func(m asyncMessage, name string, found narrowing, outbound bool)) {
	for _, name := range keysOf(c.messages) {
		a := c.messages[name]
		b, ok := n.messages[name]
		if !ok && len(c.messages) == 1 && len(n.messages) == 1 {
			for _, only := range n.messages {
				b, ok = only, true
			}
		}
		if !ok {
			continue
		}
		if a.sent || !a.received {
			for _, found := range promisedLess(narrowings(now, old, b.payload, a.payload)) {
				tell(b, name, found, true)
			}
		}
		if a.received {
			for _, found := range narrowings(old, now, a.payload, b.payload) {
				tell(b, name, found, false)
			}
		}
	}
}

// channelGone tells a channel that is no longer in the document, with a place that still uses it.
func channelGone(pass *detectors.Pass, c *asyncChannel, was, is map[string]*asyncChannel) (detectors.Finding, error) {
	story := "removed"
	for _, address := range keysOf(is) {
		if was[address] == nil && sameMessages(c, is[address]) {
			story = "renamed to " + address
		}
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Line: 1, Symbol: c.address,
		Message:  fmt.Sprintf("the channel %s is %s", c.address, story),
		Why:      "Whoever sends to it or reads from it does so to nobody: no error tells.",
		Fix:      "Serve both channels until every sender and reader has followed, and mark the old one deprecated.",
		Evidence: []string{c.address, story},
	}
	naming, err := pass.Source.Naming(pass.Context, c.address)
	if err != nil {
		return f, err
	}
	for _, p := range naming[c.address] {
		if source.LanguageOf(p) == "" || skipped(p) || len(c.address) < 4 || len(f.Related) >= 3 {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		for i, line := range strings.Split(string(text), "\n") {
			if len(line) < 4000 && namedIn(line, c.address) {
				f.Related = append(f.Related, detectors.Related{Path: p, Line: i + 1, Message: "still uses it"})
				break
			}
		}
	}
	return f, nil
}
