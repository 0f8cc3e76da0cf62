package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// Jobs that a cluster or a machine starts by the clock, and scripts that pipelines run.

var (
	manifest  = lazy.New(`\.(?:ya?ml|timer|service|tf|hcl|cron|sh|bash|sql)$|(?:^|/)(?:crontab|cron\.d/[\w.-]+)$`)
	clockwork = lazy.New(`(?m)^kind:\s*(?:CronJob|CronWorkflow)\b|^\s*OnCalendar\s*=|pg_cron|cron\.schedule\s*\(|^\s*(?:[\d*/,-]+\s+){4}[\d*/,-]+\s+\S|schedule_expression|google_cloud_scheduler_job|^\s*(?:DO|CREATE)\s+EVENT\b`)
	takesAway = lazy.New(`(?i)\b(?:delete\s+from|truncate(?:\s+table)?|drop\s+(?:table|schema|database))\s+["'` + "`" + `]?[\w.]+`)
	client    = lazy.New(`\b(?:psql|mysql|mariadb|sqlcmd|mongosh?|clickhouse-client|cron\.schedule|pg_cron)\b`)
	ranScript = lazy.New(`(?:^|[\s;&|"'(])(?:bash\s+|sh\s+|\./)?((?:[\w.-]+/)+[\w.-]+|[\w-]+\.(?:sh|py|rb|js|ts|mjs))\b`)
)

// irreversibleManifests looks at lines of the branch in what a clock starts outside of a program.
func irreversibleManifests(pass *detectors.Pass, f *branch.File) error {
	text, err := f.After()
	if err != nil {
		return err
	}
	if len(text) > 1<<18 || !clockwork.Match(text) || throwaway.MatchString(f.Path) || safeguarded.Match(text) {
		return nil
	}
	speaks := client.Match(text)
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if !f.Touched(n) || len(line) > maxCodeLine || strings.HasPrefix(strings.TrimSpace(line), "#") || rehearses.MatchString(line) || throwaway.MatchString(line) {
			continue
		}
		m := destroys.FindString(line)
		if m == "" && speaks {
			if m = takesAway.FindString(line); passing.MatchString(m) || m != "" && !whose.MatchString(m) {
				m = ""
			}
		}
		if m == "" {
			m = destroyedBy(pass, line)
		}
		if m == "" {
			continue
		}
		m = strings.Join(strings.Fields(m), " ")
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: n, Symbol: m,
			Message:  fmt.Sprintf("%q runs whenever the clock says so: no approval, no limit, no dry run", clipped(m)),
			Why:      "One wrong condition and it happens to everybody before anyone sees it, and nobody can take it back.",
			Fix:      "Bound it, let it run dry first, or let a person approve the list.",
			Evidence: []string{"manifest", m},
		})
		return nil
	}
	return nil
}

// safeguarded says that a job is bounded, or rehearsed.
var safeguarded = lazy.New(`(?i)\bLIMIT\s+\d|dry[-_]?run|suspend:\s*true|--max[-_]\w+`)

// destroyedBy is the command of a script of the repository that a line runs and that takes away what no other command brings
// back, empty for none.
func destroyedBy(pass *detectors.Pass, line string) string {
	for _, at := range ranScript.FindAllStringSubmatchIndex(line, 5) {
		p := path.Clean(strings.TrimPrefix(line[at[2]:at[3]], "./"))
		if !slices.Contains([]string{".sh", ".bash", ""}, path.Ext(p)) || throwaway.MatchString(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > 1<<17 {
			continue
		}
		args, _, _ := strings.Cut(line[at[3]:], "#")
		asked := optedIn(text, args)
		n := 0
		for l := range strings.Lines(string(text)) {
			n++
			if strings.HasPrefix(strings.TrimSpace(l), "#") || throwaway.MatchString(l) || rehearses.MatchString(l) ||
				slices.ContainsFunc(asked, func(r lineRange) bool { return r.from <= n && n <= r.to }) {
				continue
			}
			if found := destroys.FindString(l); found != "" {
				return found
			}
		}
	}
	return ""
}
