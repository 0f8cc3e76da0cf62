package review

// Options by which a command of CI or of a task asks for less: flags that are gone, levels and numbers that are looser.

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
	"flightpoll/detectors/source"
)

var (
	// strictFlag are flags without which a check lets more pass.
	strictFlag = lazy.New(`(?:^|[\s"'=,;(\[])(-Werror(?:=[\w-]+)?|--strict(?:-\w+)*|--error-on-warnings?|--warnings-as-errors|--fail-on[\w-]*|--fail-level|--max-warnings[= ]0\b|--deny-warnings|-D[= ]?warnings|--cov-fail-under|--check-coverage|--fail-under|--error-exitcode|--exit-code[= ]1\b|--exit-non-zero-on-\w+|--require-hashes|--frozen-lockfile|--ignore-scripts|/warnaserror|-warnaserror|-race|--detectOpenHandles|--no-allow-empty|--require-serial|--forbidOnly|--forbid-only|--ci\b)`)
	// graded are options whose value is a level of severity from which a finding stops a change.
	graded = lazy.New(`(?:--)?\b(audit-level|severity-threshold|severity-cutoff|fail-on-severity|fail-on|fail-severity|minimum-severity|min-severity|confidence-level|severity-level|threshold-severity|failOnSeverity|cutoff)\b["']?\s*[:= ]\s*["']?(negligible|info|low|medium|moderate|high|critical|none|all|any)\b`)
	grades = []string{"any", "all", "negligible", "info", "low", "medium", "moderate", "high", "critical", "none"}
	// looserHigh are options whose number lets more pass when it is higher; exitCode the one that lets all pass when it is 0.
	looserHigh = lazy.New(`--?(max-warnings|max-complexity|maxWarnings|max-line-complexity|retries|flaky-test-attempts|reruns|rerun-count|max-reruns)[= ]"?(\d+)`)
	exitCode   = lazy.New(`(?m)^\s*(exit-code|fail-build|fail-on-error|fail_on_error|fail-on-findings|strict|failOnStderr|fail-on-alerts|block-pr)\s*:\s*["']?(\w+)["']?\s*(?:#.*)?$`)
	buildFile  = lazy.New(`(?i)(?:^|/)(?:CMakeLists\.txt|meson\.build|configure\.ac|BUILD(?:\.bazel)?|\.bazelrc|mix\.exs|setup\.py|pytest\.ini|\.cargo/config\.toml|[\w.-]+\.(?:cmake|pri|pro|gyp))$`)
)

// options finds commands of pipelines, tasks and builds that ask for less than before.
func (g *guards) options() error {
	for _, f := range g.pass.Branch.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || f.Vendored || source.IsExample(f.Path) || source.IsDoc(f.Path) && !buildFile.MatchString(f.Path) ||
			!pipeline.Is(f.Path) && !taskFile.MatchString(f.Path) && !runnerConfig.MatchString(f.Path) && !buildFile.MatchString(f.Path) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return err
		}
		after, err := f.After()
		if err != nil {
			return err
		}
		if len(before) > 1<<18 || len(after) > 1<<18 {
			continue
		}
		g.ran = true
		if line, name, what := g.lesserOption(f, withoutComments(string(before)), withoutComments(string(after))); what != "" {
			g.report(f.Path, line, name, fmt.Sprintf("a check asks for less now (%s): %s", path.Base(f.Path), what),
				"What it no longer stops is merged from now on, this change first.",
				"Mend what it finds, or loosen it in a change of its own that says why.")
		}
	}
	return nil
}

// withoutComments is a text whose lines that are comments are empty.
func withoutComments(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if t := strings.TrimSpace(l); strings.HasPrefix(t, "#") && !strings.HasPrefix(t, "#[") || strings.HasPrefix(t, "//") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

// option is one option with its value, in the order of a file.
type option struct {
	name, value string
	line        int
}

func optionsIn(pattern *lazy.Regexp, text string) []option {
	var list []option
	for _, m := range pattern.FindAllStringSubmatchIndex(text, 300) {
		o := option{name: text[m[2]:m[3]], line: 1 + strings.Count(text[:m[2]], "\n")}
		if len(m) > 4 && m[4] >= 0 {
			o.value = text[m[4]:m[5]]
		}
		list = append(list, o)
	}
	return list
}

// lesserOption is the first option that asks for less, with its line on the new side.
func (g *guards) lesserOption(f *branch.File, before, after string) (line int, name, what string) {
	was, now := optionsIn(strictFlag, before), optionsIn(strictFlag, after)
	count := func(list []option, name string) (n int) {
		for _, o := range list {
			if o.name == name {
				n++
			}
		}
		return n
	}
	for _, o := range was {
		if count(now, o.name) > 0 || !f.Removed(o.line) || g.flagElsewhere(f, o.name) || !commandStays(before, after, o) {
			continue
		}
		return max(1, f.NewLine(o.line)), o.name, o.name + " is gone"
	}
	type judged struct {
		pattern *lazy.Regexp
		looser  func(was, now string) bool
	}
	for _, j := range []judged{
		{graded, func(a, b string) bool {
			return slices.Index(grades, strings.ToLower(b)) > slices.Index(grades, strings.ToLower(a))
		}},
		{looserHigh, func(a, b string) bool {
			x, errX := strconv.Atoi(a)
			y, errY := strconv.Atoi(b)
			return errX == nil && errY == nil && y > x
		}},
		{exitCode, func(a, b string) bool { return (a == "1" || switchedOn(a)) && (b == "0" || switchedOff(b)) }},
	} {
		a, b := optionsIn(j.pattern, before), optionsIn(j.pattern, after)
		if len(a) != len(b) {
			continue
		}
		for i := range a {
			if a[i].name == b[i].name && j.looser(a[i].value, b[i].value) && f.Touched(b[i].line) {
				return b[i].line, a[i].name, fmt.Sprintf("%s from %s to %s", a[i].name, a[i].value, b[i].value)
			}
		}
	}
	return 0, "", ""
}

// commandStays says whether the command that had a flag is still run without it: its first words are still in the file.
func commandStays(before, after string, o option) bool {
	line := lineAt(before, o.line)
	head := strings.TrimSpace(line[:max(0, strings.Index(line, o.name))])
	words := strings.Fields(strings.TrimLeft(head, "-+@ \t\"'"))
	if len(words) == 0 {
		return true // a list of flags, one a line
	}
	return strings.Contains(after, strings.Trim(words[0], `"'`)) && (len(words) < 2 || strings.Contains(after, strings.Trim(words[len(words)-1], `"',`)))
}

// flagElsewhere says whether another changed file of tasks or rules has the flag, or the setting that it stands for, now.
func (g *guards) flagElsewhere(f *branch.File, flag string) bool {
	bare := strings.ToLower(strings.NewReplacer("-", "", "_", "", "=", "", " ", "").Replace(flag))
	return slices.ContainsFunc(g.pass.Branch.Files, func(o *branch.File) bool {
		if o == f || o.Status == branch.Deleted || o.Binary || o.TooLarge || source.IsDoc(o.Path) || source.LanguageOf(o.Path) != "" && !isToolConfig(o.Path) {
			return false
		}
		text, err := o.After()
		return err == nil && strings.Contains(strings.ToLower(strings.NewReplacer("-", "", "_", "", "=", "", " ", "").Replace(string(text))), bare)
	})
}
