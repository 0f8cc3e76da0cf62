package contracts

// Where a caller tests the exit status of a program for a number.

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// statusTests are the forms in which a file tests the status of some programs for one number.
type statusTests struct {
	runs, compared, listed *regexp.Regexp
	code                   int
}

var (
	startsProcess = lazy.New(`(?i)subprocess|child_process|spawn|execa|exec\.Command|popen|ProcessBuilder|Process(?:StartInfo|\.|\b.*Symfony)|open3|\bsystem\b|proc_open|shell_exec|\bexec\(|std::process|tokio::process`)
	givenStatus   = lazy.New(`\b(?:local\s+|readonly\s+)?(\w+)=["']?\$\{?(?:\?|PIPESTATUS\[0\])\}?`)
	keepsStatus   = lazy.New(`^(?:else|fi|then|do|done|\}|\{|\))\b|[=\s]["']?\$\?`)
	statusArm     = lazy.New(`^\s*\(?\s*["']?(\d+(?:\s*\|\s*\d+)*)["']?\s*\)`)
)

func newStatusTests(programs []string, code int) statusTests {
	quoted := make([]string, len(programs))
	for i, p := range programs {
		quoted[i] = regexp.QuoteMeta(p)
	}
	n := strconv.Itoa(code)
	return statusTests{
		runs:     regexp.MustCompile(`(?:^|[\s(|;&=/"'` + "`" + `@!:\[,])(?:` + strings.Join(quoted, "|") + `)(?:$|[\s"'` + "`" + `,;)|&\]])`),
		compared: regexp.MustCompile(`(?i)(?:return_?code|exit_?code(?:\(\))?|exit_?status|exitvalue\(\)|code\(\)|\bstatus|\bcode|\brc)\s*(?:={1,3}|!==?|-eq|-ne|-in|:|\bin\b)\s*[(\[{]?\s*(?:\d+,\s*)*` + n + `\b`),
		listed:   regexp.MustCompile(`(?i)(?:SuccessExitStatus|RestartPreventExitStatus|RestartForceExitStatus|exit_?codes?|skip_on_exit_code|onExitCodes)["']?\s*[=:][^\n]*\b` + n + `\b`),
		code:     code,
	}
}

// in is the first line of a file that runs one of the programs and tests how it ended for the number, 0 for none.
func (t statusTests) in(p, text string) int {
	if !t.runs.MatchString(text) && !t.runsInRow(text) {
		return 0
	}
	if source.LanguageOf(p) != "" {
		if !startsProcess.MatchString(text) {
			return 0
		}
		return t.row(text, t.compared)
	}
	if strings.Contains(text, "$?") || strings.Contains(text, "${?}") {
		if line := t.shell(strings.ReplaceAll(text, "$$", "$")); line > 0 {
			return line
		}
	}
	if strings.Contains(text, "LASTEXITCODE") {
		if line := t.row(text, regexp.MustCompile(`(?i)LASTEXITCODE\s*(?:-eq|-ne)\s*`+strconv.Itoa(t.code)+`\b`)); line > 0 {
			return line
		}
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".service", ".yml", ".yaml", ".conf", ".ini", ".toml", ".json":
		return t.row(text, t.listed)
	}
	return 0
}

func (t statusTests) runsInRow(text string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), t.runs.MatchString)
}

// row is the first line that a form is found on, comments left out.
func (t statusTests) row(text string, form *regexp.Regexp) int {
	for i, row := range strings.Split(text, "\n") {
		if start := strings.TrimSpace(row); len(row) < 2000 && !strings.HasPrefix(start, "#") && !strings.HasPrefix(start, "//") && form.MatchString(row) {
			return i + 1
		}
	}
	return 0
}

// shell follows $? from a line that runs a program to the tests behind it.
func (t statusTests) shell(text string) int {
	rows := strings.Split(text, "\n")
	for i := range rows {
		if start := strings.TrimSpace(rows[i]); len(rows[i]) > 2000 || strings.HasPrefix(start, "#") || strings.HasPrefix(start, "echo ") || !t.runs.MatchString(rows[i]) {
			continue
		}
		end := i
		for end+1 < len(rows) && end < i+15 && strings.HasSuffix(strings.TrimRight(rows[end], " "), "\\") {
			end++
		}
		if line := t.behind(rows, end); line > 0 {
			return line
		}
	}
	return 0
}

// behind looks for tests of the status of the command that ends on a row: of $? right behind it, or of the variable that it is
// put into.
func (t statusTests) behind(rows []string, end int) int {
	variable := `\?`
	for i := end; i < len(rows) && i < end+60; i++ {
		row := rows[i]
		if m := givenStatus.FindStringSubmatch(row); m != nil && variable == `\?` {
			variable = regexp.QuoteMeta(m[1])
		}
		number := `["']?` + strconv.Itoa(t.code) + `\b`
		if regexp.MustCompile(`\$?\{?` + variable + `\}?["']?\s*(?:-eq|-ne|==?|!=)\s*` + number).MatchString(row) {
			return i + 1
		}
		if regexp.MustCompile(`\bcase\s+["']?\$\{?` + variable + `\}?["']?\s+in\b`).MatchString(row) {
			return t.arm(rows, i)
		}
		start := strings.TrimSpace(row)
		asked := strings.HasPrefix(strings.TrimSpace(rows[end]), "if ") // the status is left for the else
		if i > end && variable == `\?` && !asked && start != "" && !strings.HasPrefix(start, "#") && !keepsStatus.MatchString(start) {
			return 0
		}
	}
	return 0
}

// arm is the line of a case's arm for the number.
func (t statusTests) arm(rows []string, from int) int {
	for i := from; i < len(rows) && i < from+60; i++ {
		row := rows[i]
		if i == from {
			_, row, _ = strings.Cut(row, " in")
		}
		if m := statusArm.FindStringSubmatch(row); m != nil {
			for _, n := range strings.Split(m[1], "|") {
				if strings.TrimSpace(n) == strconv.Itoa(t.code) {
					return i + 1
				}
			}
		}
		if i > from && strings.TrimSpace(row) == "esac" {
			return 0
		}
	}
	return 0
}
