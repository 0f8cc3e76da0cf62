package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// AIAuthorship says which commits name an assistant, and where the repository asks for a person on record that is not there.
var AIAuthorship = &detectors.Detector{
	ID:    "review/ai-authorship",
	Title: "An assistant wrote on the branch; where a person has to have read it, none is on record",
	Run:   runAIAuthorship,
}

func runAIAuthorship(pass *detectors.Pass) error {
	b := pass.Branch
	if b.AI.Commits == 0 {
		return detectors.ErrNotApplicable // or unknown: what nobody wrote down is not a person's
	}
	touched, err := assistedFiles(pass)
	if err != nil {
		return err
	}
	if len(touched) == 0 {
		return nil
	}
	shown := touched[0]
	if i := slices.IndexFunc(touched, func(f *branch.File) bool { return source.LanguageOf(f.Path) != "" && !source.IsTest(f.Path) }); i >= 0 {
		shown = touched[i]
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Note, Path: shown.Path, Symbol: strings.Join(b.AI.Tools, ", "),
		Message: fmt.Sprintf("%d of %d commits name an assistant (%s) and add %d lines%s", b.AI.Commits, len(b.Commits), strings.Join(b.AI.Tools, ", "), b.AI.Lines, shareOf(b.AI)),
		Why:     "Treat it as the work of a junior engineer: somebody has to have read it.",
		Fix:     "Nothing to mend; whoever reviews should know.",
	})
	if told, err := reportForbidden(pass, touched); err != nil || told {
		return err
	}
	if readByAPerson(b) {
		return nil
	}
	owned, err := demandedReviews(b, touched)
	if err != nil {
		return err
	}
	if len(owned) == 0 {
		if owned, err = namedInRules(b, touched); err != nil {
			return err
		}
	}
	if len(owned) == 0 {
		return reportRisky(pass)
	}
	for _, d := range owned {
		related := append([]detectors.Related{}, d.asks...)
		for _, f := range d.files[1:min(len(d.files), 6)] {
			related = append(related, detectors.Related{Path: f.Path, Message: "changed with it"})
		}
		first := d.files[0]
		line := 0
		if h := first.Hunks(); len(h) > 0 {
			line = h[0].NewStart
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: first.Path, Line: line, Symbol: d.symbol(),
			Message: fmt.Sprintf("written with %s, %s, and no person's review is on record", strings.Join(b.AI.Tools, ", "), d.standing()),
			Why:     "The repository asks for a person who has read changes here, and the only other name on the commits is a program's.",
			Fix:     "Let one of the owners, or somebody else who knows it, read it and add their Reviewed-by trailer.",
			Related: related, Evidence: append([]string{d.pattern}, d.owners...),
		})
	}
	return nil
}

// shareOf says what attributions know of the lines, empty without any.
func shareOf(ai branch.AI) string {
	if ai.Known == 0 {
		return ""
	}
	return fmt.Sprintf("; by their notes an assistant wrote %d%% of %d lines, a person is named for %d", 100*ai.Machine/ai.Known, ai.Known, ai.Confirmed)
}

// assistedFiles are the branch's changed files that a commit naming an assistant touches, generated ones left out.
func assistedFiles(pass *detectors.Pass) ([]*branch.File, error) {
	b := pass.Branch
	names := map[string]bool{}
	for _, c := range b.Commits {
		if c.AI == "" && len(c.Attributions) == 0 || len(c.Parents) > 1 {
			continue
		}
		out, err := b.Git(pass.Context, "diff-tree", "-r", "-z", "--root", "--no-commit-id", "--name-only", c.ID)
		if err != nil {
			return nil, err
		}
		for name := range strings.SplitSeq(string(out), "\x00") {
			names[name] = true
		}
	}
	var list []*branch.File
	for _, f := range b.Files {
		if names[f.Path] && !f.Generated && !f.Vendored {
			list = append(list, f)
		}
	}
	return list, nil
}

// readByAPerson says whether a trailer of the branch names somebody, other than its authors, who has read it.
func readByAPerson(b *branch.Branch) bool {
	for _, c := range b.Commits {
		for _, t := range c.Trailers {
			switch strings.ToLower(t.Key) {
			case "reviewed-by", "acked-by", "approved-by", "reviewed-and-tested-by":
				p := branch.ParsePerson(t.Value)
				if p.Assistant() == "" && !strings.EqualFold(p.Email, c.Author.Email) {
					return true
				}
			}
		}
	}
	return false
}
