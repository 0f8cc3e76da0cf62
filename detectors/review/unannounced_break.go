package review

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// UnannouncedBreak finds something public that the branch takes away while the commits, from which a tool makes the version, do not
// say so, or the upgrade guide of the coming version does not tell what to write instead.
var UnannouncedBreak = &detectors.Detector{
	ID:    "review/unannounced-break",
	Title: "Something public is gone, and neither commit nor upgrade guide says so",
	Run:   runUnannounced,
}

func runUnannounced(pass *detectors.Pass) error {
	b := pass.Branch
	if len(productFiles(b)) == 0 && !slices.ContainsFunc(b.Files, isDelivered) || len(b.Commits) == 0 {
		return detectors.ErrNotApplicable
	}
	tool := releasedByCommits(b)
	guides, err := currentGuides(pass)
	if err != nil {
		return err
	}
	if tool == nil && len(guides) == 0 {
		return detectors.ErrNotApplicable
	}
	losses, err := publicLosses(pass)
	if err != nil || len(losses) == 0 {
		return err
	}
	if slices.ContainsFunc(b.Commits, func(c branch.Commit) bool { return strings.HasPrefix(c.Subject, "Revert ") }) {
		return nil
	}
	reportSilentGuides(pass, guides, losses)
	if tool != nil {
		reportUnmarked(pass, *tool, losses)
	}
	return nil
}

var (
	conventional = lazy.New(`^(?:feat|fix|perf|refactor|chore|docs?|style|test|build|ci|revert|deps)(?:\([^)]*\))?:\s`)
	breakingMark = lazy.New(`(?m)^[a-z]+(?:\([^)]*\))?!:|^BREAKING[ -]CHANGE`)
)

// commitTools make version and change log from the messages of commits (Conventional Commits 1.0.0), by their configuration.
var commitTools = []struct {
	file *lazy.Regexp
	mark *lazy.Regexp
	name string
}{
	{lazy.New(`(?:^|/)\.?release-please-(?:config|manifest)\.json$`), lazy.New(``), "release-please"},
	{lazy.New(`^\.github/workflows/[^/]+\.ya?ml$`), lazy.New(`release-please-action`), "release-please"},
	{lazy.New(`^(?:\.releaserc(?:\.\w+)?|release\.config\.[cm]?[jt]s)$`), lazy.New(``), "semantic-release"},
	{lazy.New(`^package\.json$`), lazy.New(`"semantic-release"\s*:|"standard-version"\s*:|"commit-and-tag-version"\s*:|"release-it"\s*:`), "the release tool"},
	{lazy.New(`^\.versionrc(?:\.\w+)?$`), lazy.New(``), "standard-version"},
	{lazy.New(`^pyproject\.toml$`), lazy.New(`(?m)^\[tool\.(?:semantic_release|commitizen)`), "the release tool"},
	{lazy.New(`^(?:\.cz\.(?:toml|json|ya?ml)|cz\.(?:toml|json))$`), lazy.New(``), "commitizen"},
	{lazy.New(`^(?:cog|cliff|release-plz|\.release-plz)\.toml$`), lazy.New(``), "the release tool"},
	{lazy.New(`^lerna\.json$`), lazy.New(`"conventionalCommits"\s*:\s*true`), "lerna"},
}

// releasedByCommits is where a tool is set up that makes the version from commits, or the project's rules ask for their marks, nil for
// none.
func releasedByCommits(b *branch.Branch) *detectors.Related {
	paths, err := b.BasePaths()
	if err != nil {
		return nil
	}
	for _, t := range commitTools {
		for _, p := range paths {
			if !t.file.MatchString(p) {
				continue
			}
			if text, err := b.ReadBase(p); err == nil {
				if at := t.mark.FindIndex(text); at != nil {
					return &detectors.Related{Path: p, Line: 1 + strings.Count(string(text[:at[0]]), "\n"), Message: t.name + " makes the version from the commits' marks"}
				}
			}
		}
	}
	return markAsked(b)
}

var (
	byConvention = lazy.New(`(?i)\bconventional[ -]commits?\b`)
	// goBy says that commits go by the convention, which has a mark for what breaks.
	goBy = lazy.New(`(?i)\b(?:commits?|messages?|titles?|subjects?|we)\b[^.\n]{0,50}\b(?:follow|use|adhere to|stick to|according to|are written|must be|have to be|in the form of)\b[^.\n]{0,40}\bconventional[ -]commits?\b`)
	// versionFrom says that the version is made from commits, whatever tool does it.
	versionFrom = lazy.New(`(?i)\b(?:derives?|determines?|computes?|calculates?|makes?|bumps?|decides?|picks?|generates?|releases?)\b[^.]{0,60}\b(?:versions?|releases?|changelog|release notes|bump)\b|\bversions?\b[^.]{0,60}\b(?:derived|determined|computed|calculated|made|bumped|decided|generated|from (?:the|them|these)|follows?)\b`)
	marksAsked  = lazy.New("`?\\b[a-z]+(?:\\([^)]*\\))?!:?`|\\b(?:feat|fix|refactor|<?type>?)!:?|\\bBREAKING[ -]CHANGE\\b|[`\"']!:?[`\"']")
)

// markAsked is where the project's rules ask for commits by the convention and for its mark, nil for nowhere.
func markAsked(b *branch.Branch) *detectors.Related {
	for _, p := range append([]string{"README.md"}, reviewRules...) {
		text, err := b.ReadBase(p)
		if err != nil || !byConvention.Match(text) {
			continue
		}
		at := goBy.FindIndex(text)
		if at == nil && p != "README.md" {
			at = marksAsked.FindIndex(text)
		}
		if at == nil && p != "README.md" {
			at = versionFrom.FindIndex(bytes.ReplaceAll(text, []byte("\n"), []byte(" ")))
		}
		if at != nil {
			return &detectors.Related{Path: p, Line: 1 + strings.Count(string(text[:at[0]]), "\n"), Message: "asks for the mark of a breaking change"}
		}
	}
	return nil
}

// reportUnmarked reports the first loss of a stable package where the commits go by the convention and none has the mark.
func reportUnmarked(pass *detectors.Pass, tool detectors.Related, losses []publicLoss) {
	b := pass.Branch
	var one *branch.Commit
	for i := range b.Commits {
		c := &b.Commits[i]
		if breakingMark.MatchString(c.Message) {
			return
		}
		if conventional.MatchString(c.Subject) {
			one = c
		}
	}
	losses = slices.DeleteFunc(slices.Clone(losses), func(l publicLoss) bool { return l.of == nil || !l.of.stable() || raisesMajor(b, l.of) })
	if one == nil || len(losses) == 0 {
		return
	}
	first := losses[0]
	mark, _, _ := strings.Cut(one.Subject, ":")
	related := []detectors.Related{tool}
	if first.entry != "" && first.entry != first.path {
		related = append(related, detectors.Related{Path: first.entry, Message: "offered it"})
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: first.path, Line: first.line, Symbol: first.name,
		Message:  fmt.Sprintf("%s gone from %s, and the commits (%s) do not mark a breaking change", listed(losses), first.of.name, mark),
		Why:      "The version and its notes are made from these marks: the removal goes out as a small release, and breaks whoever takes it.",
		Fix:      fmt.Sprintf("Write %s! and a BREAKING CHANGE footer, or keep it and deprecate it first.", strings.TrimSuffix(mark, "!")),
		Related:  related,
		Evidence: []string{"unmarked", first.name},
	})
}

// listed names up to three losses.
func listed(losses []publicLoss) string {
	var names []string
	for _, l := range losses[:min(3, len(losses))] {
		names = append(names, l.name)
	}
	text := strings.Join(names, ", ")
	switch more := len(losses) - len(names); {
	case more > 0:
		return fmt.Sprintf("%s and %d more are", text, more)
	case len(names) > 1:
		return text + " are"
	}
	return text + " is"
}

// raisesMajor says that the manifest has another major version now.
func raisesMajor(b *branch.Branch, p *published) bool {
	now, err := b.ReadHead(p.manifest)
	if err != nil || p.version == "" {
		return false
	}
	old := versionParts(p.version)
	for _, m := range anyVersion.FindAllSubmatch(now, 10) {
		if v := versionParts(string(m[1])); len(v) > 0 && len(old) > 0 && v[0] > old[0] {
			return true
		}
	}
	return false
}

var anyVersion = lazy.New(`(?mi)^\s*[<"]?(?:package)?version["'>]?\s*[:=]?\s*["']?(\d+\.\d[\w.-]*)`)

// reportSilentGuides reports the first loss that no current guide names.
func reportSilentGuides(pass *detectors.Pass, guides []guide, losses []publicLoss) {
	for _, g := range guides {
		var silent []publicLoss
		for _, l := range losses {
			if !regexp.MustCompile(`(?:^|[^\w-])`+regexp.QuoteMeta(l.last())+`(?:$|[^\w-])`).MatchString(g.text) && (g.dir == "." || strings.HasPrefix(l.path, g.dir+"/")) {
				silent = append(silent, l)
			}
		}
		if len(silent) == 0 {
			continue
		}
		first := silent[0]
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: first.path, Line: first.line, Symbol: first.name,
			Message:  fmt.Sprintf("%s gone, and %s, which collects what breaks, does not say so", listed(silent), path.Base(g.path)),
			Why:      "Whoever upgrades by the guide finds out by an error.",
			Fix:      fmt.Sprintf("Add to %s what to write instead.", g.path),
			Related:  []detectors.Related{{Path: g.path, Line: g.line, Message: "the guide of the version that is not released yet"}},
			Evidence: []string{"guide", first.name},
		})
		return
	}
}
