package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// ReviewerOnRecord finds a review on record that is nobody else's: the only names in the trailers are the author's own, a bot's or
// an assistant's, where the repository asks for a person or the lines are of the risky kind. No trailer at all says nothing before
// the pull request.
var ReviewerOnRecord = &detectors.Detector{
	ID:    "review/reviewer-on-record",
	Title: "The only reviewer on record is the author, a bot or an assistant",
	Run:   runReviewerOnRecord,
}

func runReviewerOnRecord(pass *detectors.Pass) error {
	b := pass.Branch
	said, other := reviewersOf(b)
	if len(said) == 0 {
		return detectors.ErrNotApplicable
	}
	if other {
		return nil
	}
	var touched []*branch.File
	for _, f := range b.Files {
		if !f.Generated && !f.Vendored && !f.Binary {
			touched = append(touched, f)
		}
	}
	wanted, err := demandedReviews(b, touched)
	if err != nil {
		return err
	}
	named, err := namedInRules(b, touched)
	if err != nil {
		return err
	}
	wanted = append(wanted, named...)
	if len(wanted) == 0 {
		for _, f := range touched {
			if about := riskOf(f.Path); about != "" && source.LanguageOf(f.Path) != "" && !source.IsTest(f.Path) && !source.IsDoc(f.Path) && !source.IsExample(f.Path) {
				wanted = append(wanted, demand{pattern: "about " + about, files: []*branch.File{f}})
				break
			}
		}
	}
	for _, d := range wanted[:min(len(wanted), 3)] {
		related := slices.Clone(d.asks)
		for _, f := range d.files[1:min(len(d.files), 6)] {
			related = append(related, detectors.Related{Path: f.Path, Message: "changed with it"})
		}
		first := d.files[0]
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: first.Path, Line: firstLine(first), Symbol: d.symbol(),
			Message:  fmt.Sprintf("the only review on record is by %s, who %s", said[0].name, said[0].why),
			Why:      "The record says that somebody else has read it, and nobody has.",
			Fix:      "Let another person read it and stand in the trailer.",
			Related:  related,
			Evidence: []string{"self", d.pattern},
		})
	}
	return nil
}

// reviewer is one name in a trailer about a review, and why it counts for nothing.
type reviewer struct{ name, why string }

// reviewersOf are those that the branch's trailers name and that wrote it themselves or are no people; other says that there is
// another person among them.
func reviewersOf(b *branch.Branch) (list []reviewer, other bool) {
	wrote := func(p branch.Person) bool {
		return slices.ContainsFunc(b.Commits, func(c branch.Commit) bool {
			return len(c.Parents) < 2 && (strings.EqualFold(p.Email, c.Author.Email) && p.Email != "" || strings.EqualFold(p.Name, c.Author.Name) && p.Name != "")
		})
	}
	for _, c := range b.Commits {
		for _, t := range c.Trailers {
			switch strings.ToLower(t.Key) {
			case "reviewed-by", "acked-by", "approved-by", "reviewed-and-tested-by":
			default:
				continue
			}
			p := branch.ParsePerson(t.Value)
			switch {
			case p.Assistant() != "":
				list = append(list, reviewer{p.Name, "is an assistant"})
			case strings.Contains(strings.ToLower(p.Name+p.Email), "[bot]"):
				list = append(list, reviewer{p.Name, "is a bot"})
			case wrote(p):
				list = append(list, reviewer{p.Name, "wrote it"})
			default:
				other = true
			}
		}
	}
	return list, other
}
