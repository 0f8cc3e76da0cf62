package scripts

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// UnguardedProvisioning reports tasks of a play, and Terraform provisioners, that do their work again at each run.
var UnguardedProvisioning = &detectors.Detector{
	ID:    "scripts/unguarded-provisioning",
	Title: "A provisioning step fails or repeats itself when the play runs again",
	Run:   quoting(runUnguardedProvisioning),
}

func runUnguardedProvisioning(pass *detectors.Pass) error {
	seen := false
	for _, f := range pass.Branch.Files {
		ext := path.Ext(f.Path)
		if f.Status == branch.Deleted || !judged(f) || ext != ".yml" && ext != ".yaml" && ext != ".tf" {
			continue
		}
		text, err := f.After()
		if err != nil || text == nil {
			continue
		}
		for _, u := range untriggeredIn(f.Path, string(text), func(p string) bool { return has(pass, p) }) {
			seen = true
			if f.TouchedRange(u.line, u.last) {
				pass.Report(ranOnce(f.Path, u))
			}
		}
		tool, tasks := "Ansible", readTasks(f.Path, string(text))
		if tasks == nil {
			tool, tasks = "Terraform", readProvisioners(f.Path, string(text))
		}
		for _, t := range tasks {
			seen = true
			if !f.TouchedRange(t.line, t.last) {
				continue
			}
			if o, ok := rowsOf(t); ok {
				pass.Report(provisioning(f.Path, tool, t, o))
				continue
			}
			if found := onceOnly(t.command); len(found) > 0 { // one a task is enough
				pass.Report(provisioning(f.Path, tool, t, found[0]))
			} else if o, ok := setsUpAgain(t.command); ok && tool == "Ansible" {
				pass.Report(provisioning(f.Path, tool, t, o))
			}
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// rowsOf is what a task's client of a database is told to add without a guard.
func rowsOf(t task) (once, bool) {
	for _, run := range shellRuns(terraVar.ReplaceAllString(jinja.ReplaceAllString(t.command, hole), hole)) {
		for _, o := range repeating(run.sql) {
			return once{name: path.Base(run.words[0]), thing: o.what(), doubles: o.do != makes}, true
		}
	}
	return once{}, false
}

func provisioning(p, tool string, t task, o once) detectors.Finding {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: t.line, EndLine: t.last, Symbol: cmp.Or(t.name, o.name),
		Message:  fmt.Sprintf("%s %s runs at each run of the play, and nothing asks whether it is done (%s, %s)", o.name, o.thing, tool, t.module),
		Why:      "The second run stops here because the thing is there, or does the work once more, and what follows on that host may never happen.",
		Fix:      "Give the task creates:, or use the module that describes the state (file, user, postgresql_db, git ...).",
		Evidence: []string{t.module, o.name, o.thing},
	}
	if o.appends {
		f.Message = fmt.Sprintf("A line is appended to %s at each run of the play (%s, %s)", o.shown(), tool, t.module)
		f.Why = "Each run adds the same line once more, and the last one wins or the service refuses the file."
		f.Fix = "Use lineinfile, blockinfile or template, which keep one line for each setting."
	}
	if tool == "Terraform" {
		f.Fix = "Write the command so that it may be repeated, or let the trigger follow what the command depends on."
	}
	return f
}

// has says whether the head has a file.
func has(pass *detectors.Pass, p string) bool {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	_, found := slices.BinarySearch(paths, p)
	return found
}

func ranOnce(p string, u untriggered) detectors.Finding {
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: u.line, EndLine: u.last, Symbol: u.name,
		Message:  fmt.Sprintf("%s runs %s once and never again: it has no triggers", u.name, path.Base(u.file)),
		Why:      "A later edit of the file, or a replaced server, is applied by nobody, while the plan says that nothing changed.",
		Fix:      "Give it triggers: the file's hash (filesha256) and the id of what the command works on; then the command has to bear a second run.",
		Evidence: []string{u.name, u.file},
		Related:  []detectors.Related{{Path: u.file, Line: 1, Message: "is run once"}},
	}
}
