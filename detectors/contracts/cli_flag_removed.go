package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// CLIFlagRemoved finds scripts, schedules, images and documents that still pass an option which the branch removed or renamed.
var CLIFlagRemoved = &detectors.Detector{
	ID:    "contracts/cli-flag-removed",
	Title: "A script or document still passes an option that the branch removed",
	Run:   runCLIFlags,
}

func runCLIFlags(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var old, now []cliFlag
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || source.IsTest(f.Path) || prose(f.Path) {
			continue
		}
		if f.Status != branch.Added {
			old = append(old, flagsIn(before, cmpOr(f.OldPath, f.Path))...)
		}
		if f.Status != branch.Deleted {
			now = append(now, flagsIn(after, f.Path)...)
		}
	}
	var lost []cliFlag
	for _, o := range old {
		same := func(n cliFlag) bool { return n.name == o.name }
		if !slices.ContainsFunc(now, same) && !slices.ContainsFunc(lost, same) {
			lost = append(lost, o)
		}
	}
	if len(lost) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, flag := range lost {
		if err := reportFlag(pass, after, flag, renamedTo(flag, old, now)); err != nil {
			return err
		}
	}
	return nil
}

// mayDeclare are the words without which no file declares an option.
var mayDeclare = regexp.MustCompile(`[fF]lag|add_argument|[oO]ption\(|parseArgs`)

func flagsIn(at side, p string) []cliFlag {
	if source.LanguageOf(p) != "" {
		if text, err := at.text(p); err != nil || !mayDeclare.Match(text) {
			return nil
		}
		if f := at.file(p); f != nil {
			return cliFlags(f)
		}
		return nil
	}
	if ext := path.Ext(p); ext == ".sh" || ext == ".bash" || ext == "" {
		if text, err := at.text(p); err == nil && strings.HasPrefix(string(text), "#!") {
			return shellFlags(p, string(text))
		}
	}
	return nil
}

// renamedTo is the one new option of the same file, where there is one.
func renamedTo(flag cliFlag, old, now []cliFlag) string {
	var added []string
	for _, n := range now {
		if n.path == flag.path && !slices.ContainsFunc(old, func(o cliFlag) bool { return o.name == n.name }) {
			added = append(added, n.name)
		}
	}
	if len(added) == 1 {
		return added[0]
	}
	return ""
}

func reportFlag(pass *detectors.Pass, after side, flag cliFlag, to string) error {
	word := strings.TrimPrefix(flag.name, "--")
	naming, err := pass.Source.Naming(pass.Context, word, flag.name)
	if err != nil {
		return err
	}
	files := slices.Concat(naming[word], naming[flag.name])
	slices.Sort(files)
	files = slices.Compact(files)
	// Another file that still declares it means another command, or the same one elsewhere: nothing is certain then.
	for _, p := range files {
		if slices.ContainsFunc(flagsIn(after, p), func(f cliFlag) bool { return f.name == flag.name }) {
			return nil
		}
	}
	names := programs(after, flag.path)
	story := "removed " + flag.name
	if to != "" {
		story = "renamed " + flag.name + " to " + to
	}
	line := 0
	if f := pass.Branch.File(flag.path); f != nil && len(f.Hunks()) > 0 {
		line = hunkAt(f, flag.line)
	}
	for _, p := range files {
		if skipped(p) || source.IsTest(p) || p == flag.path {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		at := passes(string(text), flag.name, names)
		if at == 0 {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: flag.name,
			Message:  fmt.Sprintf("still passes %s; the branch %s in %s", flag.name, story, path.Base(flag.path)),
			Why:      "The program refuses an option that it does not know, usually at night and not in a test.",
			Fix:      "Change the call, or keep the old option as an alias until every caller has followed.",
			Related:  []detectors.Related{{Path: flag.path, Line: line, Message: "the branch " + story + " here"}},
			Evidence: []string{flag.name, to},
		})
	}
	return nil
}

// hunkAt is the new side's line of the hunk that took an old line away.
func hunkAt(f *branch.File, old int) int {
	for _, h := range f.Hunks() {
		if old >= h.OldStart && old < h.OldStart+max(1, h.OldLines) {
			return h.NewStart
		}
	}
	return 0
}

// passes is the line of a text that passes the option to one of the programs, 0 for none. The program is named in the same
// command (lines joined by a backslash count as one), or, for a list of arguments, within the lines above.
func passes(text, flag string, names []string) int {
	option := regexp.MustCompile(`(^|[\s"'\x60\[,(=])` + regexp.QuoteMeta(flag) + `($|[^\w-])`)
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = regexp.QuoteMeta(n)
	}
	if len(quoted) == 0 {
		return 0
	}
	program := regexp.MustCompile(`(^|[^\w-])(` + strings.Join(quoted, "|") + `)($|[^\w-])`)
	lines := strings.Split(text, "\n")
	for i, row := range lines {
		if len(row) > 2000 || !option.MatchString(row) || strings.HasPrefix(strings.TrimSpace(row), "#!") {
			continue
		}
		if commands(row[:option.FindStringIndex(row)[0]+1], program) {
			return i + 1
		}
		list := strings.HasPrefix(strings.TrimSpace(row), "-") || strings.HasPrefix(strings.TrimSpace(row), `"`) || strings.HasPrefix(strings.TrimSpace(row), "'") ||
			strings.Contains(row, "args") || strings.Contains(row, "command") || strings.Contains(row, "ExecStart") || strings.Contains(row, "CMD")
		for j := i - 1; j >= 0 && j >= i-15; j-- {
			if !list && !strings.HasSuffix(strings.TrimSpace(lines[j]), `\`) {
				break
			}
			if list && program.MatchString(lines[j]) || commands(lines[j], program) {
				return i + 1
			}
		}
	}
	return 0
}

var (
	separator = regexp.MustCompile("&&|\\|\\||[;|`]|\\$\\(")
	wrapper   = regexp.MustCompile(`^(sudo|env|exec|time|nice|nohup|xargs|python[\d.]*|node|bun|deno|ruby|java|go|npx|bunx|pnpm|npm|yarn|uv|uvx|poetry|pipenv|pipx|docker|podman|kubectl|compose|run|exec|tool|sh|bash|do|then|else|if|!|\$|>|run:|-|@|cmd|entrypoint|command:|args:|execstart|\d+|\*)$|^-|[=:/@$\\]`)
)

// commands says that one of the programs is what a line runs: nothing but wrappers (sudo, python -m, docker run) stands
// before it in its command.
func commands(row string, program *regexp.Regexp) bool {
	for _, at := range program.FindAllStringSubmatchIndex(row, -1) {
		before := row[:at[4]]
		if cut := separator.FindAllStringIndex(before, -1); cut != nil {
			before = before[cut[len(cut)-1][1]:]
		}
		plain := true
		for _, w := range strings.FieldsFunc(before, func(r rune) bool { return strings.ContainsRune(" \t\"'[],", r) }) {
			plain = plain && wrapper.MatchString(strings.ToLower(w))
		}
		if plain {
			return true
		}
	}
	return false
}
