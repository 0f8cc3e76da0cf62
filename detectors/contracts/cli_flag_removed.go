package contracts

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// CLIFlagRemoved finds scripts, schedules and images that still pass an option which the branch removed or renamed.
var CLIFlagRemoved = &detectors.Detector{
	ID:    "contracts/cli-flag-removed",
	Title: "A script still passes an option that the branch removed",
	Run:   runCLIFlags,
}

func runCLIFlags(pass *detectors.Pass) error {
	lost, err := options.RemovedOn(pass.Branch, pass.Source)
	if err != nil {
		return err
	}
	if len(lost) == 0 {
		return detectors.ErrNotApplicable
	}
	after := side{pass.Branch, pass.Source, false}
	for _, flag := range lost {
		if err := reportFlag(pass, after, flag); err != nil {
			return err
		}
	}
	return nil
}

func flagsIn(at side, p string) []options.Option {
	text, err := at.text(p)
	if err != nil {
		return nil
	}
	return options.In(p, text, func() (*source.File, error) {
		if f := at.file(p); f != nil {
			return f, nil
		}
		return nil, fs.ErrNotExist
	})
}

var variableSet = lazy.New(`(?m)^(?:export\s+|local\s+)?([A-Za-z_]\w*)\s*[:?]?=\s*["']?([\w./-]+)["']?\s*$`)

// withVariables puts the values of a Makefile's or a script's plain variables where it uses them: ./$(BIN) run becomes ./tool run.
func withVariables(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var pairs []string
	for _, m := range variableSet.FindAllStringSubmatch(text, 100) {
		pairs = append(pairs, "$("+m[1]+")", m[2], "${"+m[1]+"}", m[2])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func reportFlag(pass *detectors.Pass, after side, flag options.Removed) error {
	word := strings.TrimPrefix(flag.Name, "--")
	naming, err := pass.Source.Naming(pass.Context, word, flag.Name)
	if err != nil {
		return err
	}
	files := slices.Concat(naming[word], naming[flag.Name])
	slices.Sort(files)
	files = slices.Compact(files)
	// Another file that still declares it means another command, or the same one elsewhere: nothing is certain then.
	for _, p := range files {
		if slices.ContainsFunc(flagsIn(after, p), func(f options.Option) bool { return f.Name == flag.Name }) {
			return nil
		}
	}
	names := programsOf(after, options.RemovedCommand{Command: options.Command{Path: flag.Path}})
	for _, c := range commandsIn(after, flag.Path) { // artisan logs:prune --days
		if c.Runner != "" {
			names = append(names, c.Name)
		}
	}
	story := "removed " + flag.Name
	if flag.To != "" {
		story = "renamed " + flag.Name + " to " + flag.To
	}
	for _, p := range files {
		if skipped(p) || source.IsTest(p) || source.IsDoc(p) || p == flag.Path { // documents are review/undocumented-behaviour's
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		at := options.PassedAt(withVariables(string(text)), flag.Name, names)
		if at == 0 {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: flag.Name,
			Message:  fmt.Sprintf("still passes %s; the branch %s in %s", flag.Name, story, path.Base(flag.Path)),
			Why:      "The program refuses an option that it does not know, usually at night and not in a test.",
			Fix:      "Change the call, or keep the old option as an alias until every caller has followed.",
			Related:  []detectors.Related{{Path: flag.Path, Line: flag.NewLine, Message: "the branch " + story + " here"}},
			Evidence: []string{flag.Name, flag.To},
		})
	}
	return nil
}
