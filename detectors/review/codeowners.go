package review

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/hmarr/codeowners"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Where the forges look for owners, in their order, and where projects say how they review.
var (
	ownerFiles  = []string{".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}
	reviewRules = []string{"CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md", "AI_POLICY.md", "docs/AI_POLICY.md", "AGENTS.md", "CONTRIBUTING.rst", "CONTRIBUTING",
		"docs/contributing.md", "docs/ai-policy.md", "docs/ai.md", "docs/review.md", "docs/reviewing.md", "docs/code-review.md", "REVIEWING.md", ".github/AI_POLICY.md", "CLAUDE.md", "GOVERNANCE.md", "SECURITY.md", ".github/SECURITY.md", "docs/security.md", "MAINTAINERS.md", "HACKING.md", "DEVELOPMENT.md", "docs/development.md", "CONTRIBUTING.adoc"}
	// asksForTrailer is a sentence of such a file that wants a person's review written down.
	asksForTrailer = lazy.New(`(?i)\b(?:reviewed|acked|approved)-by\b`)
	// section is GitLab's "[Name][approvals] @owners"; a leading ^ makes it optional.
	section = lazy.New(`^(\^?)\[([^\]]+)\](?:\[(\d+)\])?\s*(.*)$`)
)

// demand is one rule of CODEOWNERS that the branch touches and for which the repository asks for a review on record.
type demand struct {
	pattern string
	owners  []string
	files   []*branch.File
	asks    []detectors.Related
}

// ownerRules are the rules of a CODEOWNERS file with the approvals that GitLab's sections ask for, by line.
type ownerRules struct {
	path      string
	rules     codeowners.Ruleset
	approvals map[int]int
}

// demandedReviews finds the touched files whose owners have to be on record: the file has owners of its own, not only the
// catch-all's, and either the project's rules ask for a review trailer or the owners' section asks for several approvals.
func demandedReviews(b *branch.Branch, touched []*branch.File) ([]demand, error) {
	owners, err := readOwners(b.ReadBase)
	if err != nil || owners == nil {
		return nil, err
	}
	asked, err := trailerAsked(b)
	if err != nil {
		return nil, err
	}
	var list []demand
	for _, f := range touched {
		if source.IsTest(f.Path) || source.IsDoc(f.Path) {
			continue
		}
		rule, err := owners.rules.Match(f.Path)
		if err != nil || rule == nil || len(rule.Owners) == 0 || catchAll(rule.RawPattern()) {
			continue
		}
		approvals := owners.approvals[rule.LineNumber]
		if asked == nil && approvals < 2 {
			continue
		}
		i := slices.IndexFunc(list, func(d demand) bool { return d.pattern == rule.RawPattern() })
		if i < 0 {
			d := demand{pattern: rule.RawPattern()}
			for _, o := range rule.Owners {
				d.owners = append(d.owners, o.String())
			}
			message := "gives the path to " + strings.Join(d.owners, " ")
			if approvals > 1 {
				message += fmt.Sprintf(" and asks for %d approvals", approvals)
			}
			d.asks = append(d.asks, detectors.Related{Path: owners.path, Line: rule.LineNumber, Message: message})
			if asked != nil {
				d.asks = append(d.asks, *asked)
			}
			list = append(list, d)
			i = len(list) - 1
		}
		list[i].files = append(list[i].files, f)
	}
	return list, nil
}

// isDear says whether a file is about money, access, deletion or secrets by its path.
func isDear(p string) bool {
	return slices.Contains([]string{"money", "access", "cryptography", "deletion"}, riskOf(p))
}

// standing says why the files want a person.
func (d demand) standing() string {
	if len(d.owners) == 0 {
		return "in " + d.pattern
	}
	return "owned by " + strings.Join(d.owners, " ")
}

// symbol is who has to read the files, or where the rules say so.
func (d demand) symbol() string {
	if len(d.owners) == 0 {
		return d.pattern
	}
	return strings.Join(d.owners, " ")
}

var (
	// quotedPath is a folder or file that a rule names as code.
	quotedPath = lazy.New("`/?([\\w.-]+(?:/[\\w.*-]+)*/?)\\*{0,2}`")
	// aboutAssistants is a rule for what assistants write, mustHave one that is no mere custom: it demands, or says how it is done.
	aboutAssistants = lazy.New(`(?i)\b(?:ai|llm|assistants?|agents?|copilot|claude|generated)\b`)
	mustHave        = lazy.New(`(?i)\b(?:must|need|needs|require|requires|required|have to|has to|always|only with|stands?|(?:two|second|another|other) (?:persons?|people|pairs? of eyes|reviewers?|engineers?|maintainers?|developers?)|(?:is|are) (?:read|reviewed|checked|approved) by|is the (?:commit|change)'?s?)\b`)
)

// readsChanges is a sentence by which people read what changes in a place.
var readsChanges = lazy.New(`(?i)\b(?:reads?|reviews?|approves?|signs? off(?: on)?|looks? (?:at|over|through))\s+(?:\w+\s+){0,2}(?:changes?|diffs?|pull requests?|merge requests?|commits?|edits?)\b|\bchanges?\b[^.;]{0,60}\b(?:is|are|be|get)\s+(?:read|reviewed|approved|signed off)\s+by\b|\bchanges?\b[^.;]{0,60}\b(?:needs?|wants?|requires?)\s+(?:a\s+|the\s+|an\s+)?(?:\w+\s+)?(?:review|approval|pair of eyes|sign-?off)\b`)

// answersFor is a sentence by which people answer for a place.
var answersFor = lazy.New(`(?i)\b(?:answers? for|(?:is|are) owned by|responsible for|belongs? to|in charge of|looks? after|takes? care of)\b`)

// namedInRules finds the touched files for which a paragraph of the project's rules asks for a person's review as a trailer: it
// names their path, or speaks of what assistants write.
func namedInRules(b *branch.Branch, touched []*branch.File) ([]demand, error) {
	for _, p := range append([]string{"README.md"}, reviewRules...) {
		text, err := b.ReadBase(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, detectors.Inconclusive("%v", err)
		}
		for _, rule := range passagesOf(string(text)) {
			named := readsChanges.MatchString(rule.text)
			answered := answersFor.MatchString(rule.text)
			if !named && !answered && (!asksForTrailer.MatchString(rule.text) || !mustHave.MatchString(rule.text)) {
				continue
			}
			d := demand{asks: []detectors.Related{{Path: p, Line: rule.line, Message: "asks for a review on record"}}}
			var paths []string
			for _, m := range quotedPath.FindAllStringSubmatch(rule.text, 20) {
				if name := strings.TrimRight(m[1], "/*"); strings.ContainsAny(m[0], "/") {
					paths = append(paths, name)
				}
			}
			for _, f := range touched {
				if source.IsTest(f.Path) || source.IsDoc(f.Path) {
					continue
				}
				i := slices.IndexFunc(paths, func(name string) bool { return f.Path == name || strings.HasPrefix(f.Path, name+"/") })
				switch {
				case i >= 0 && (named || isDear(f.Path) || asksForTrailer.MatchString(rule.text)):
					d.pattern = paths[i]
				case i >= 0, named, answered && !asksForTrailer.MatchString(rule.text):
					continue
				case len(paths) == 0 && aboutRisk(rule.text, f.Path):
					d.pattern = "about " + riskOf(f.Path)
				case len(paths) == 0 && aboutAssistants.MatchString(rule.text) && source.LanguageOf(f.Path) != "":
					d.pattern = "a project whose rules ask for one"
				default:
					continue
				}
				d.files = append(d.files, f)
			}
			if len(d.files) > 0 {
				return []demand{d}, nil
			}
		}
	}
	return nil, nil
}

// aboutRisk says whether a rule names the risky subject of a file: migrations, access, money.
func aboutRisk(rule, p string) bool {
	about := riskOf(p)
	words := wordsOf(rule)
	return about != "" && slices.ContainsFunc(risks, func(r risk) bool {
		return r.about == about && slices.ContainsFunc(words, func(w string) bool { return r.words[w] })
	})
}

func catchAll(pattern string) bool {
	return slices.Contains([]string{"*", "**", "/", "/*", "/**", "/**/*"}, pattern)
}

// of are the owners of a path, none without a rule; narrow says that the rule is more than the catch-all.
func (o *ownerRules) of(p string) (owners []string, narrow bool) {
	if o == nil {
		return nil, false
	}
	rule, err := o.rules.Match(p)
	if err != nil || rule == nil {
		return nil, false
	}
	for _, owner := range rule.Owners {
		owners = append(owners, owner.String())
	}
	return owners, !catchAll(rule.RawPattern())
}

// readOwners reads the first CODEOWNERS file of one side, nil without one.
func readOwners(read func(string) ([]byte, error)) (*ownerRules, error) {
	for _, p := range ownerFiles {
		text, err := read(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, detectors.Inconclusive("%v", err)
		}
		flat, approvals := flatten(readable(string(text)))
		rules, err := codeowners.ParseFile(strings.NewReader(flat))
		if err != nil {
			return nil, detectors.Inconclusive("%s: %v", p, err)
		}
		return &ownerRules{p, rules, approvals}, nil
	}
	return nil, nil //nolint:nilnil // no owners is an answer, not a failure
}

// readable leaves out, as the forges do, the owners that no forge knows.
func readable(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") || section.MatchString(trimmed) {
			out.WriteString(trimmed + "\n")
			continue
		}
		body, _, _ := strings.Cut(trimmed, " #")
		kept := []string{}
		for i, field := range strings.Fields(body) {
			if i == 0 || anOwner.MatchString(field) || !strings.Contains(field, "@") && strings.HasSuffix(kept[len(kept)-1], `\`) {
				kept = append(kept, field)
			}
		}
		out.WriteString(strings.Join(kept, " ") + "\n")
	}
	return out.String()
}

// flatten turns GitLab's sections into plain rules on the same lines: a rule without owners has its section's.
func flatten(text string) (flat string, approvals map[int]int) {
	approvals = map[int]int{}
	owners, needed := "", 0
	var out strings.Builder
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if m := section.FindStringSubmatch(line); m != nil {
			owners, needed = m[4], 0
			if m[1] == "" {
				needed, _ = strconv.Atoi("0" + m[3]) // digits by the pattern
			}
			line = ""
		}
		if line != "" && !strings.HasPrefix(line, "#") {
			if len(strings.Fields(line)) == 1 && owners != "" {
				line += " " + owners
			}
			approvals[n] = needed
		}
		out.WriteString(line + "\n")
	}
	return out.String(), approvals
}

// trailerAsked is the sentence of the project's rules, at the base, that asks for a person's review as a trailer.
func trailerAsked(b *branch.Branch) (*detectors.Related, error) {
	for _, p := range append([]string{"README.md"}, reviewRules...) {
		text, err := b.ReadBase(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, detectors.Inconclusive("%v", err)
		}
		if at := asksForTrailer.FindIndex(text); at != nil {
			return &detectors.Related{Path: p, Line: 1 + strings.Count(string(text[:at[0]]), "\n"), Message: "asks for a review on record"}, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing asked is an answer, not a failure
}
