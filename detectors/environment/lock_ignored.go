package environment

// Images and pipelines that installed what the lock file says and do so no more.

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// frozen is an install that keeps to the lock file, and the same package manager's that does not.
type frozen struct {
	what        string
	keeps, free *lazy.Regexp
}

var frozens = []frozen{
	{"npm ci", lazy.New(`\bnpm\s+(ci|clean-install)\b`), lazy.New(`\bnpm\s+(install|i)\s*($|&&|;|\\|--(omit|production|only|no-audit|legacy|force|ignore))`)},
	{"yarn's frozen lock file", lazy.New(`\byarn\b.*--(frozen-lockfile|immutable)\b`), lazy.New(`\byarn(\s+install)?\s*($|&&|;|\\|--prod|--no-immutable|--network)`)},
	{"pnpm's frozen lock file", lazy.New(`\bpnpm\b.*\b(i|install)\b.*--frozen-lockfile\b`), lazy.New(`\bpnpm\s+(i|install)\b.*--no-frozen-lockfile\b`)},
	{"the frozen bundle", lazy.New(`BUNDLE_(FROZEN|DEPLOYMENT)[=\s]["']?(true|1)|bundle\s+(install\s+.*--(frozen|deployment)|config\s+.*\b(frozen|deployment)\s+["']?true)`), lazy.New(`\bbundle\s+install\b`)},
	{"uv's frozen lock file", lazy.New(`\buv\s+sync\b.*--(frozen|locked)\b`), lazy.New(`\buv\s+sync\b`)},
	{"pipenv's --deploy", lazy.New(`\bpipenv\s+(install\s+.*--deploy|sync)\b`), lazy.New(`\bpipenv\s+install\b`)},
	{"cargo's --locked", lazy.New(`\bcargo\s+(build|install)\b.*--(locked|frozen)\b`), lazy.New(`\bcargo\s+(build|install)\b`)},
	{"composer install", lazy.New(`\bcomposer\s+install\b`), lazy.New(`\bcomposer\s+update\b`)},
	{"NuGet's locked mode", lazy.New(`\bdotnet\s+restore\b.*--locked-mode\b`), lazy.New(`\bdotnet\s+restore\b`)},
}

// installing says whether a path is an image or a pipeline that installs dependencies.
func installing(p string) bool {
	return dockerBase.MatchString(path.Base(p)) || ciPath.MatchString(p)
}

// lockIgnored reports an install that kept to the lock file before the branch and, in the same file, does not any more.
func lockIgnored(pass *detectors.Pass, f *branch.File) {
	before, err := f.Before()
	if err != nil {
		return
	}
	after, err := f.After()
	if err != nil {
		return
	}
	for _, way := range frozens {
		was, line := lineThat(string(before), way.keeps), lineThat(string(after), way.free)
		if was == 0 || line == 0 || !f.Removed(was) || lineThat(string(after), way.keeps) > 0 {
			continue
		}
		if !f.Touched(line) && !strings.Contains(lineOfText(before, was), "BUNDLE_") { // the install is another one
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: way.what,
			Message:  fmt.Sprintf("The install here kept to the lock file (%s) and does not any more", way.what),
			Why:      "What is built then holds whatever versions are newest at that minute, not the ones that were tested.",
			Fix:      "Keep the frozen install, and renew the lock file where it stops.",
			Evidence: []string{way.what},
			Related:  []detectors.Related{{Path: f.Path, Line: was, Message: "at the base it did"}},
		})
		return
	}
}

// lineThat is the first line outside of comments that an expression matches, zero without one.
func lineThat(text string, e *lazy.Regexp) int {
	for i, line := range strings.Split(text, "\n") {
		if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "#") && e.MatchString(trimmed) {
			return i + 1
		}
	}
	return 0
}
