package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
	"flightpoll/detectors/source"
)

// UnapprovedAutomation finds what the branch lets a program do by itself although nobody can take it back: destroying
// infrastructure, deleting customers' data, moving money.
var UnapprovedAutomation = &detectors.Detector{
	ID:    "review/unapproved-automation",
	Title: "Something that cannot be taken back now happens without anybody's approval",
	Run:   runUnapproved,
}

func runUnapproved(pass *detectors.Pass) error {
	ran := false
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		switch {
		case pipeline.Is(f.Path) && !pipeline.Hooks(f.Path):
			ran = true
			if err := irreversibleSteps(pass, f); err != nil {
				return err
			}
		case source.LanguageOf(f.Path) != "":
			ran = true
			for _, look := range []func(*detectors.Pass, *branch.File) error{irreversibleJobs, irreversibleTools, removedApprovals} {
				if err := look(pass, f); err != nil {
					return err
				}
			}
		case manifest.MatchString(f.Path):
			ran = true
			if err := irreversibleManifests(pass, f); err != nil {
				return err
			}
		}
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	return pass.Context.Err()
}

var (
	// destroys are commands that take away what no other command brings back.
	destroys = lazy.New(`\b(?:terraform|tofu|terragrunt)\b[^\n|;]*\bdestroy\b|\b(?:terraform|tofu|terragrunt)\b[^\n|;]*\bapply\b[^\n|;]*\s-destroy\b|\bpulumi\s+(?:destroy|stack\s+rm)\b|\bcdk\s+destroy\b|\baws\s+s3\s+(?:rm\b[^\n|;]*--recursive|rb\b[^\n|;]*--force)|\baws\s+\w[\w-]*\s+(?:delete-(?:db-\w[\w-]*|stack|bucket|table|file-system|cluster|volume|snapshot|user-pool|log-group)|terminate-instances)\b|\bgcloud\b[^\n|;]*\b(?:projects|instances|databases|clusters|buckets)\s+delete\b|\bgsutil\s+(?:-\w+\s+)*rm\s+-r|\baz\s+[\w -]*\bdelete\b[^\n|;]*(?:--yes|-y)\b|\bkubectl\b[^\n|;]*\bdelete\s+(?:ns|namespaces?|pvc|persistentvolumeclaims?|pv|statefulsets?|crd|all)\b|\bhelm\s+(?:uninstall|delete)\b|\bdropdb\b|\bpg_restore\b[^\n|;]*\s(?:--clean|-c)\b|\bmongorestore\b[^\n|;]*--drop\b|\bredis-cli\b[^\n|;]*\b(?i:flushall|flushdb)\b|\bkafka-topics\S*\b[^\n|;]*--delete\b|\bvelero\s+(?:backup\s+delete|restore\s+create)\b|\bnomad\s+(?:job\s+)?stop\b[^\n|;]*-purge\b|\bdoctl\s+[\w -]+\bdelete\b|(?i:\b(?:psql|mysql|mongosh?|sqlcmd)\b[^\n]*\b(?:drop\s+(?:table|database|schema)|truncate|delete\s+from|dropDatabase)\b)|\bheroku\s+(?:apps:destroy|pg:reset)\b|\bfly(?:ctl)?\s+(?:apps\s+destroy|volumes\s+destroy)\b`)
	// overrides are commands that do without the review that the forge asks for.
	overrides = lazy.New(`\bgh\s+pr\s+merge\b[^\n|;]*--admin\b|\bgit\s+push\b[^\n|;]*(?:--force\b|\s-f\b)[^\n|;]*\b(?:main|master|production)\b`)
	// rehearses are flags and places that make a command harmless.
	rehearses = lazy.New(`(?i)--dry-?run\b|\bdry_run\b|--noop\b|\bplan\b[^\n]*-destroy|\blocalhost\b|127\.0\.0\.1`)
	// throwaway are names of what is made to be taken away.
	throwaway = lazy.New(`(?i)(?:^|[^a-z])(?:preview|review[-_ ]?app|staging|stage|stg|dev|develop|test|tests|testing|e2e|ephemeral|sandbox|demo|tmp|temp|temporary|pr|pull[-_ ]?request|nightly[-_ ]test|kind|k3d|minikube|integration|smoke|bench\w*|perf|loadtest|cache|artifacts?|playground|example)(?:[^a-z]|$)`)
)

// irreversibleSteps looks at the commands that are new in a pipeline.
func irreversibleSteps(pass *detectors.Pass, f *branch.File) error {
	after, err := f.After()
	if err != nil {
		return err
	}
	p := pipeline.Read(f.Path, after)
	if p == nil {
		return nil
	}
	if err := removedGates(pass, f, p); err != nil {
		return err
	}
	byPerson := personStarts(p) && !othersAsk(pass, f.Path) // a person starts it, and nothing here asks for a second one
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Approval != "" || throwaway.MatchString(f.Path) || throwaway.MatchString(s.Job) || throwaway.MatchString(s.Name) {
			continue
		}
		n := s.RunLine
		for line := range strings.Lines(s.Run) {
			m := destroys.FindString(line)
			what := "cannot be taken back"
			if throwaway.MatchString(line) || byPerson {
				m = ""
			}
			if m == "" {
				m = overrides.FindString(line)
				what = "does without the review that everybody else needs"
			}
			if m == "" && f.Touched(n) && !byPerson {
				m, what = destroyedBy(pass, line), "cannot be taken back"
			}
			if m != "" && f.Touched(n) && !rehearses.MatchString(line) {
				reportStep(pass, f.Path, n, s, strings.Join(strings.Fields(m), " "), what)
				break
			}
			n++
		}
	}
	return nil
}

// personStarts says whether nothing but a person starts a pipeline.
func personStarts(p *pipeline.Pipeline) bool {
	return len(p.Triggers) > 0 && !slices.ContainsFunc(p.Triggers, func(t string) bool {
		return t != "workflow_dispatch" && t != "workflow_call" && t != "pull_request" && t != "pull_request_review"
	})
}

// othersAsk says whether another workflow of the repository has jobs that wait for the reviewers of an environment.
func othersAsk(pass *detectors.Pass, p string) bool {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(paths, func(other string) bool {
		if other == p || !pipeline.Is(other) {
			return false
		}
		text, err := pass.Branch.ReadHead(other)
		if err != nil {
			return false
		}
		l := pipeline.Read(other, text)
		return l != nil && slices.ContainsFunc(l.Steps, func(s pipeline.Step) bool {
			return strings.HasPrefix(s.Approval, "environment: ") && production.MatchString(s.Approval)
		})
	})
}

var production = lazy.New(`(?i)\b(?:prod\w*|live)\b`)

func reportStep(pass *detectors.Pass, p string, line int, s *pipeline.Step, command, what string) {
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: command,
		Message:  fmt.Sprintf("the job %s runs %q and nobody approves it; it %s", s.Job, command, what),
		Why:      "One wrong list, or one fault in what makes it, and nobody is asked before it is gone.",
		Fix:      "Let the job wait for a person: an environment with required reviewers, a manual job; show what it would do before.",
		Evidence: []string{s.Job, command},
	})
}

var (
	// movesMoney and endsAccounts are what a job does to others that they notice.
	movesMoney   = lazy.New(`(?i)^(?:refund|payout|pay_?out|transfer|charge|capture|disburse|write_?off|credit|debit|issue_?refund|create_?refund|create_?payout|create_?transfer|send_?payout|settle)\w*$`)
	endsAccounts = lazy.New(`(?i)^(?:delete|destroy|purge|terminate|erase|wipe|deactivate|anonymi[sz]e|hard_?delete|remove)(?:_?(?:all|many|batch|bulk|each|user|users|account|accounts|tenant|tenants|customer|customers|member|members|organi[sz]ation|organi[sz]ations|project|projects|workspace|workspaces|data))*!?$`)
	someone      = lazy.New(`(?i)\b\w*(?:user|account|tenant|customer|member|organi[sz]ation|workspace|patient|client|subscri|studio|order|invoice|project|document)\w*\b`)
	passing      = lazy.New(`(?i)(?:session|token|cache|tmp|temp|lock|nonce|otp|draft|preview|log|notification|invit|unconfirmed|unverified|orphan|expired_|export|upload)`)
	scheduled    = lazy.New(`(?i)\bcron\b|schedul|periodic|beat_|every\s*\(|\.every\b|nightly|hourly|daily|crontab|@hourly|@daily|setInterval`)
	safeguard    = lazy.New(`(?i)dry_?run|approv|confirm|\blimit\b|_limit|limit_|max_|maxim|\bcap\b|threshold|ceiling|feature|flag|enabled|\bfirst\(|take\(|review|manual|quarantine|soft_?delete|deleted_at|archive|undo|grace|ask|(?-i:\bmax[A-Z])|(?-i:\bcap[A-Z])`)
	loops        = lazy.New(`(?i)\bfor\b|\.each\b|find_each|forEach|\.map\(|\bforeach\b|in_batches|while\b|delete_?many|delete_?all|destroy_?all|bulk`)
)

// eachOf is a method given to a loop: &:destroy!, Account::delete.
var eachOf = lazy.New(`^(?:&:|\w*::)(\w+[!?]?)$`)

// irreversibleJobs looks at functions that the branch adds and that a clock starts.
func irreversibleJobs(pass *detectors.Pass, f *branch.File) error {
	file, err := pass.Source.Head(f.Path)
	if err != nil {
		return nil //nolint:nilerr // what could not be read says nothing about the branch
	}
	for _, d := range file.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || !allAdded(f, d.Span) {
			continue
		}
		body := string(file.Text[d.Span.Start:d.Span.End])
		whole := body
		if d.Parent != nil {
			whole = string(file.Text[d.Parent.Span.Start:d.Parent.Span.End])
		}
		if len(body) > 20000 || !loops.MatchString(body) || safeguard.MatchString(whole) || passing.MatchString(body) || !clockStarts(pass, f, d) {
			continue
		}
		for _, c := range file.Calls {
			if c.Span.Start < d.Span.Start || c.Span.End > d.Span.End {
				continue
			}
			money := movesMoney.MatchString(c.Name)
			ends := endsAccounts.MatchString(strings.TrimSuffix(c.Name, "Async")) || slices.ContainsFunc(c.Args, func(a source.Arg) bool {
				m := eachOf.FindStringSubmatch(a.Text)
				return m != nil && endsAccounts.MatchString(m[1])
			})
			if !money && (!ends || !someone.MatchString(body)) {
				continue
			}
			what := "deletes what belongs to others"
			if money {
				what = "moves money"
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: c.Span.Line, Symbol: d.Name,
				Message:  fmt.Sprintf("%s %s (%s) whenever the clock says so: no approval, no limit, no dry run", d.Name, what, c.Name),
				Why:      "One wrong condition and it happens to everybody before anyone sees it, and nobody can take it back.",
				Fix:      "Bound it (a limit, a cap on the sum), let it run dry first, or let a person approve the list.",
				Evidence: []string{d.Name, c.Name},
			})
			break
		}
	}
	return nil
}

func allAdded(f *branch.File, s source.Span) bool {
	if f.Status == branch.Added {
		return true
	}
	for n := s.Line; n <= s.EndLine; n++ {
		if !f.Touched(n) {
			return false
		}
	}
	return true
}

// clockStarts says whether a schedule starts a function: its decorators, its file's name, or a line of the branch that names it
// beside a schedule.
func clockStarts(pass *detectors.Pass, f *branch.File, d *source.Decl) bool {
	for _, c := range d.Decorators {
		if scheduled.MatchString(c.Full()) {
			return true
		}
		for _, a := range c.Args {
			if scheduled.MatchString(a.Keyword) {
				return true
			}
		}
	}
	if scheduled.MatchString(f.Path) || d.Doc != "" && scheduled.MatchString(d.Doc) {
		return true
	}
	names := []string{d.Name}
	if d.Parent != nil {
		names = append(names, d.Parent.Name)
	}
	if text, err := f.After(); err == nil {
		for name := range consoleCommands(f.Path, string(text)) {
			names = append(names, name)
		}
	}
	for _, other := range pass.Branch.Files {
		if other.Status == branch.Deleted || other.Binary || other.TooLarge || other.Generated || source.IsTest(other.Path) || source.IsDoc(other.Path) {
			continue
		}
		text, err := other.After()
		if err != nil {
			continue
		}
		lines := strings.Split(string(text), "\n")
		for _, h := range other.Hunks() {
			for n := h.NewStart; n < h.NewStart+h.NewLines; n++ {
				line := lineOf(lines, n)
				if other == f && n >= d.Span.Line && n <= d.Span.EndLine || len(line) > maxCodeLine {
					continue
				}
				near := lineOf(lines, n-2) + lineOf(lines, n-1) + line + lineOf(lines, n+1) + lineOf(lines, n+2)
				if slices.ContainsFunc(names, func(name string) bool { return len(name) > 4 && strings.Contains(line, name) }) && scheduled.MatchString(near) {
					return true
				}
			}
		}
	}
	return false
}
