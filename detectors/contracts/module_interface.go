package contracts

// What modules of infrastructure and pipelines take and give, against who uses them.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/modules"
)

// ModuleInterface finds callers of a Terraform module, a reusable workflow, an action or a pipeline template that still pass an input, or
// read an output, by a name that the branch took away, or that do not give an input which it now requires.
var ModuleInterface = &detectors.Detector{
	ID:    "contracts/module-interface",
	Title: "A module takes or gives something else than its users know",
	Run:   runModules,
}

// A moduleChange is one module whose ports the branch changed; now is nil for one that is gone.
type moduleChange struct {
	old, now *modules.Interface
	// taken, given and required are the inputs and outputs that are gone and the inputs that callers have to give now.
	taken, given, required []string
}

func runModules(pass *detectors.Pass) error {
	before, after := moduleFiles{side{pass.Branch, pass.Source, true}}, moduleFiles{side{pass.Branch, pass.Source, false}}
	var changes []*moduleChange
	seen := map[string]bool{}
	for _, f := range pass.Branch.Files {
		kind, id := modules.IDOf(cmpOr(f.OldPath, f.Path))
		if kind == "" || seen[id] || f.Status == branch.Added || f.Binary || f.TooLarge || f.Vendored {
			continue
		}
		seen[id] = true
		if c := moduleChangeOf(modules.Read(before, kind, id), modules.Read(after, kind, id)); c != nil {
			changes = append(changes, c)
		}
	}
	if len(changes) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, c := range changes {
		if err := c.judgeUsers(pass, after); err != nil {
			return err
		}
	}
	return nil
}

// moduleFiles gives the files of one side to the readers of modules.
type moduleFiles struct{ side side }

func (f moduleFiles) Text(p string) ([]byte, error)    { return f.side.text(p) }
func (f moduleFiles) Below(dir string) (list []string) { return f.side.below(dir) }

// moduleChangeOf is nil where nobody who used the module before has to notice.
func moduleChangeOf(old, now *modules.Interface) *moduleChange {
	if old == nil || len(old.Takes)+len(old.Gives) == 0 {
		return nil
	}
	c := &moduleChange{old: old, now: now}
	if now == nil {
		return c
	}
	c.taken, c.given = lostPorts(old.Takes, now.Takes), lostPorts(old.Gives, now.Gives)
	for _, name := range keysOf(now.Takes) {
		if before, ok := portOf(old.Takes, name); now.Takes[name].Required && (!ok || !before.Required) {
			c.required = append(c.required, name)
		}
	}
	if len(c.taken)+len(c.given)+len(c.required) == 0 {
		return nil
	}
	return c
}

func lostPorts(old, now map[string]modules.Port) (list []string) {
	for _, name := range keysOf(old) {
		if _, ok := portOf(now, name); !ok {
			list = append(list, name)
		}
	}
	return list
}

// portOf looks a name up as pipelines do, in any case.
func portOf(ports map[string]modules.Port, name string) (modules.Port, bool) {
	for n, p := range ports {
		if strings.EqualFold(n, name) {
			return p, true
		}
	}
	return modules.Port{}, false
}

const maxUsers = 400 // files that may use one module

func (c *moduleChange) judgeUsers(pass *detectors.Pass, after moduleFiles) error {
	words := append([]string{path.Base(c.old.ID)}, c.given...)
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return err
	}
	var users []string
	for _, w := range words {
		users = append(users, naming[w]...)
	}
	slices.Sort(users)
	users = slices.Compact(users)
	folders := map[string]bool{}
	for _, p := range users[:min(len(users), maxUsers)] {
		if dir := path.Dir(p); path.Ext(p) == ".tf" { // a folder's files are read together
			if folders[dir] {
				continue
			}
			folders[dir] = true
		}
		if err := pass.Context.Err(); err != nil {
			return err
		}
		for _, u := range modules.Uses(after, p, c.old) {
			c.judge(pass, u)
		}
	}
	return nil
}

// judge reports what one use still expects of the module.
func (c *moduleChange) judge(pass *detectors.Pass, u modules.Use) {
	if c.now == nil {
		c.report(pass, u, modules.Port{Path: u.Path, Line: u.Line}, c.name(), fmt.Sprintf("%s still uses %s, which the branch takes out of the repository", u.What, c.name()), "")
		return
	}
	var missing []string
	for _, name := range c.required {
		if _, ok := portOf(u.Passes, name); !ok && u.Calls {
			missing = append(missing, name)
		}
	}
	for _, name := range c.taken {
		at, ok := portOf(u.Passes, name)
		if !ok {
			continue
		}
		message, to := fmt.Sprintf("%s passes %s, which %s no longer takes", u.What, name, c.name()), successor(c.old.Takes, c.now.Takes, name, c.taken)
		if len(missing) > 0 {
			message += fmt.Sprintf("; it requires %s now", join(missing, 3))
			missing = nil
		} else if to != "" {
			message += fmt.Sprintf("; %s took its place", to)
		}
		c.report(pass, u, at, name, message, to)
	}
	for _, name := range missing {
		c.report(pass, u, modules.Port{Path: u.Path, Line: u.Line}, name, fmt.Sprintf("%s does not pass %s, which %s requires now", u.What, name, c.name()), name)
	}
	for _, name := range c.given {
		if at, ok := portOf(u.Reads, name); ok {
			to := successor(c.old.Gives, c.now.Gives, name, c.given)
			message := fmt.Sprintf("%s is read for %s, which %s no longer gives", u.What, name, c.name())
			if to != "" {
				message += fmt.Sprintf("; %s took its place", to)
			}
			c.report(pass, u, at, name, message, to)
		}
	}
}

// name is what people call the module: its folder, or its file.
func (c *moduleChange) name() string { return path.Base(c.old.ID) }

// successor is the one new port where one port is gone, else the one whose name holds the old name or is held by it.
func successor(old, now map[string]modules.Port, name string, gone []string) string {
	added := lostPorts(now, old)
	if len(added) == 1 && len(gone) == 1 {
		return added[0]
	}
	var alike []string
	for _, n := range added {
		if strings.Contains(n, name) || strings.Contains(name, n) {
			alike = append(alike, n)
		}
	}
	if len(alike) == 1 {
		return alike[0]
	}
	return ""
}

func (c *moduleChange) report(pass *detectors.Pass, u modules.Use, at modules.Port, name, message, to string) {
	f := detectors.Finding{
		Severity: detectors.Blocker, Path: at.Path, Line: at.Line, Symbol: name, Message: message,
		Fix:      fmt.Sprintf("Bring %s in line with what %s takes and gives now, or keep the old name beside the new one until its users have moved.", at.Path, c.name()),
		Evidence: []string{c.old.ID, at.Path, u.What, name},
	}
	switch c.old.Kind {
	case modules.Terraform:
		f.Why = "Terraform refuses the plan of whoever uses it: the next apply of that configuration stops, whatever it was meant to change."
	case modules.Workflow:
		f.Why = "GitHub refuses the whole run of the caller before its first step."
	case modules.Template:
		f.Why = "GitLab refuses the pipeline of whoever includes it."
	case modules.Action:
		f.Why = "GitHub only warns: the value goes nowhere, and the step runs with the default or with nothing."
		if c.now != nil {
			f.Severity = detectors.Warning
		}
	}
	if _, read := u.Reads[name]; read && c.now != nil && c.old.Kind == modules.Workflow {
		f.Severity, f.Why = detectors.Warning, "The expression is empty without a word, and the job goes on with it."
	}
	if there, ok := c.changedAt(pass, to, name); ok {
		f.Related = []detectors.Related{{Path: there.Path, Line: there.Line, Message: "changed here"}}
	}
	pass.Report(f)
}

// changedAt is where the module says what it takes or gives now, where it still has such a place.
func (c *moduleChange) changedAt(pass *detectors.Pass, names ...string) (modules.Port, bool) {
	if c.now == nil {
		return modules.Port{}, false
	}
	for _, name := range names {
		for _, ports := range []map[string]modules.Port{c.now.Takes, c.now.Gives} {
			if p, ok := portOf(ports, name); ok && name != "" {
				return p, true
			}
		}
		for _, ports := range []map[string]modules.Port{c.old.Takes, c.old.Gives} {
			if p, ok := portOf(ports, name); ok {
				there := modules.Port{Path: p.Path, Line: 1}
				if f := pass.Branch.File(p.Path); f != nil && f.Status != branch.Deleted {
					there.Line = max(1, f.NewLine(p.Line))
				}
				return there, true
			}
		}
	}
	return modules.Port{}, false
}
