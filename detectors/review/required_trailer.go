package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// RequiredTrailer finds commits without a trailer that the project's rules demand of every commit, or of every one that an assistant
// had a part in: a sign-off, the name of the assistant, a ticket.
var RequiredTrailer = &detectors.Detector{
	ID:    "review/required-trailer",
	Title: "A commit lacks a line that the project's rules demand of it",
	Run:   runRequiredTrailer,
}

var (
	ofEveryCommit = lazy.New(`(?i)\b(?:(?:every|each|all|any|your|the) (?:single )?(?:\w+ )?commits?|commits? (?:must|need|have to|has to|should|without)|commit messages? (?:must|need|have to|has to)|sign[- ]?off)\b`)
	demands       = lazy.New(`(?i)\b(?:must|needs?|requires?|required|have to|has to|carr(?:y|ies)|are not (?:merged|accepted)|is not (?:merged|accepted)|not be (?:merged|accepted)|mandatory|without|ends? with|shall|always|we (?:ask|enforce))\b`)
	aTrailer      = lazy.New("`?\\b([A-Z][a-z]+(?:-[A-Za-z]+)+|Ticket|Issue|Refs|Jira):?`?")
	signsOff      = lazy.New(`(?i)\bDCO\b|developer certificate of origin|signed-off-by|commit -s\b|commit --signoff|sign[- ]?off`)
	// laterOn are trailers that come with a review, or for which there is not always a reason.
	laterOn   = lazy.New(`(?i)^(?:reviewed|acked|approved|tested|reported|suggested|co-?authored|helped|requested|reviewed-and-tested)-by$|^(?:fixes|closes|cc|reverts?|breaking-change|developer-certificate\w*|change-log|pull-request)$`)
	byMachine = lazy.New(`(?i)^(?:assisted|generated|ai-assisted|ai-generated|co-developed|written|made)-(?:by|with)$|^(?:ai|llm)-\w+$`)
)

// requiredTrailer is one line that commits have to have, and where the rules say so.
type requiredTrailer struct {
	key, path string
	line      int
	// assisted says that only commits with an assistant's part need it.
	assisted bool
}

func runRequiredTrailer(pass *detectors.Pass) error {
	b := pass.Branch
	if len(b.Commits) == 0 {
		return detectors.ErrNotApplicable
	}
	list := requiredTrailers(b)
	if len(list) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, r := range list {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		i := slices.IndexFunc(b.Commits, r.lackedBy)
		if i < 0 || !r.kept(pass) {
			continue
		}
		c := b.Commits[i]
		who := "the commit"
		if c.AI != "" {
			who = fmt.Sprintf("the commit, which names %s,", c.AI)
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: r.path, Line: r.line, Symbol: r.key,
			Message:  fmt.Sprintf("%s has no %s, which the rules demand: %q", who, r.key, clipped(c.Subject)),
			Why:      "Nobody has put their name to the change in the way that the project asks for.",
			Fix:      fmt.Sprintf("Add %s to the commit (git commit --amend, with -s for a sign-off).", r.key),
			Evidence: []string{"trailer", r.key},
		})
	}
	return nil
}

// requiredTrailers are the lines that the project's rules demand of commits, each once.
func requiredTrailers(b *branch.Branch) []requiredTrailer {
	var list []requiredTrailer
	for _, p := range slices.Concat(reviewRules, []string{"DCO.md", "docs/dco.md", ".github/PULL_REQUEST_TEMPLATE.md", "README.md"}) {
		text, err := b.ReadBase(p)
		if err != nil || len(text) > maxDocumentSize {
			continue
		}
		for _, rule := range passagesOf(string(text)) {
			if rule.code || !demands.MatchString(rule.text) || !ofEveryCommit.MatchString(rule.text) && !byAssistants.MatchString(rule.text) {
				continue
			}
			add := func(key string, assisted bool) {
				if !slices.ContainsFunc(list, func(r requiredTrailer) bool { return strings.EqualFold(r.key, key) }) {
					list = append(list, requiredTrailer{key, p, rule.line, assisted})
				}
			}
			if signsOff.MatchString(rule.text) && ofEveryCommit.MatchString(rule.text) {
				add("Signed-off-by", false)
			}
			for _, m := range aTrailer.FindAllStringSubmatch(rule.text, 20) {
				marked := strings.HasPrefix(m[0], "`") || strings.HasSuffix(strings.TrimRight(m[0], "`"), ":")
				if !marked || laterOn.MatchString(m[1]) || strings.EqualFold(m[1], "Signed-off-by") {
					continue
				}
				if byMachine.MatchString(m[1]) {
					if !isForbidden.MatchString(rule.text) {
						add(m[1], true)
					}
				} else if ofEveryCommit.MatchString(rule.text) {
					add(m[1], false)
				}
			}
		}
	}
	return list
}

// lackedBy says whether a commit needs the line and has it not; merges, reverts and bots need none.
func (r requiredTrailer) lackedBy(c branch.Commit) bool {
	if len(c.Parents) > 1 || strings.HasPrefix(c.Subject, "Revert ") || strings.Contains(strings.ToLower(c.Author.Name+c.Author.Email), "[bot]") || r.assisted && c.AI == "" {
		return false
	}
	return !strings.Contains(strings.ToLower(c.Message), strings.ToLower(r.key)+":")
}

// kept says whether the project keeps to the rule: most of its last commits have the line, where there are enough to tell.
func (r requiredTrailer) kept(pass *detectors.Pass) bool {
	if r.assisted {
		return true // who had help cannot be told from the commits
	}
	out, err := pass.Branch.Git(pass.Context, "log", "--first-parent", "--no-merges", "-n", "30", "--format=%x00%B", pass.Branch.Base)
	if err != nil {
		return false
	}
	all, with := 0, 0
	for message := range strings.SplitSeq(string(out), "\x00") {
		if strings.TrimSpace(message) == "" {
			continue
		}
		all++
		if strings.Contains(strings.ToLower(message), strings.ToLower(r.key)+":") {
			with++
		}
	}
	return all < 6 || with*10 >= all*7
}
