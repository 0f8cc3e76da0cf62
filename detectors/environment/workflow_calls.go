package environment

// Reusable workflows and local actions: what they ask for, and what each call in the repository hands over
// (https://docs.github.com/actions/sharing-automations/reusing-workflows).

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// callee is a workflow or an action that others of the repository call.
type callee struct {
	path string
	// action: a local action, which takes inputs alone and is not stopped by a required one that is missing.
	action          bool
	secrets, inputs map[string]expected
	reads           []secretRead
}

// expected is one declared input or secret.
type expected struct {
	required, given bool
	line            int
}

// secretRead is one use of a secret that has to have a value.
type secretRead struct {
	name string
	line int
}

// call is one job or step that calls a callee.
type call struct {
	path, what      string
	line            int
	inherits        bool
	secrets, inputs map[string]int
}

// handover is one thing that a call does not hand over, or hands over in vain.
type handover struct {
	to   *callee
	from call
	name string
	// kind is "secret" or "input"; line where the callee asks for it, zero where it does not.
	kind string
	line int
	// stops: the run does not even start.
	stops bool
}

func (h handover) key() string {
	return h.to.path + "\n" + h.from.path + "\n" + h.from.what + "\n" + h.name
}

var (
	secretUse   = lazy.New(`\$\{\{[^}]*?\bsecrets(?:\.(\w+)|\[\s*'(\w+)'\s*\])[^}]*\}\}`)
	secretTried = lazy.New(`\|\||&&|[!=]=`)
)

// readWorkflows are the callees and the calls of one side of the branch.
func readWorkflows(paths []string, read func(string) ([]byte, error)) (callees map[string]*callee, calls map[string][]call) {
	callees, calls = map[string]*callee{}, map[string][]call{}
	for _, p := range paths {
		base := path.Base(p)
		action := base == "action.yml" || base == "action.yaml"
		workflow := strings.HasPrefix(p, ".github/workflows/") && (path.Ext(p) == ".yml" || path.Ext(p) == ".yaml")
		if !action && !workflow || len(calls) > 1000 {
			continue
		}
		text, err := read(p)
		if err != nil || len(text) > maxConfig {
			continue
		}
		docs, err := document.YAML(p, text)
		if err != nil || len(docs) == 0 {
			continue
		}
		d := docs[0]
		if action {
			callees[path.Dir(p)] = &callee{path: p, action: true, inputs: expectedBy(d.Get("inputs"))}
			continue
		}
		on := d.Get("on")
		if on == nil {
			on = d.Get("true") // YAML 1.1 takes the word for a boolean
		}
		if asks, ok := on.Pair("workflow_call"); ok {
			callees[p] = &callee{path: p, secrets: expectedBy(asks.Value.Get("secrets")), inputs: expectedBy(asks.Value.Get("inputs")), reads: secretReads(d, string(text))}
		}
		for _, job := range d.Get("jobs").Entries() {
			if to, ok := local(job.Value.Text("uses")); ok {
				secrets := job.Value.Get("secrets")
				calls[to] = append(calls[to], call{path: p, what: "job " + job.Key, line: job.Line, inherits: secrets != nil && secrets.Value == "inherit", secrets: keyLines(secrets), inputs: keyLines(job.Value.Get("with"))})
			}
			for i, step := range job.Value.List("steps") {
				if to, ok := local(step.Text("uses")); ok {
					calls[to] = append(calls[to], call{path: p, what: fmt.Sprintf("step %d of job %s", i+1, job.Key), line: step.Line, inputs: keyLines(step.Get("with"))})
				}
			}
		}
	}
	return callees, calls
}

// local is the path in the repository that a job or step calls.
func local(uses string) (string, bool) {
	p, ok := strings.CutPrefix(uses, "./")
	return strings.TrimSuffix(p, "/"), ok
}

func expectedBy(n *document.Node) map[string]expected {
	list := map[string]expected{}
	for _, p := range n.Entries() {
		list[p.Key] = expected{required: p.Value.Yes("required"), given: p.Value.Get("default") != nil, line: p.Line}
	}
	return list
}

func keyLines(n *document.Node) map[string]int {
	list := map[string]int{}
	for _, p := range n.Entries() {
		list[p.Key] = p.Line
	}
	return list
}

// secretReads are the secrets that a workflow cannot do without: those that have no other value beside them, outside of
// conditions, and in jobs that have no environment of their own, whose secrets would count.
func secretReads(d *document.Node, text string) []secretRead {
	var list []secretRead
	var walk func(n *document.Node, depth int)
	walk = func(n *document.Node, depth int) {
		if n == nil || depth > 24 {
			return
		}
		for _, p := range n.Pairs {
			if p.Key == "if" {
				continue
			}
			if p.Value.Scalar() {
				for _, m := range secretUse.FindAllStringSubmatch(p.Value.Value, 40) {
					if name := m[1] + m[2]; !secretTried.MatchString(m[0]) && name != "GITHUB_TOKEN" && !checked(text, name) {
						list = append(list, secretRead{name, p.Line})
					}
				}
			}
			walk(p.Value, depth+1)
		}
		for _, item := range n.Items {
			walk(item, depth+1)
		}
	}
	for _, job := range d.Get("jobs").Entries() {
		if job.Value.Get("environment") == nil {
			walk(job.Value, 0)
		}
	}
	return list
}

// checked says whether a condition of the workflow asks for the secret, by its own name or that of the variable that holds it.
func checked(text, name string) bool {
	for line := range strings.Lines(text) {
		trimmed := strings.TrimLeft(line, " -")
		if (strings.HasPrefix(trimmed, "if:") || strings.HasPrefix(trimmed, "if [")) && wordIn(trimmed, name) || strings.Contains(trimmed, "[ -n \"$"+name) || strings.Contains(trimmed, "[ -z \"$"+name) || strings.Contains(trimmed, "${"+name+":-") {
			return true
		}
	}
	return false
}

// handovers are what calls do not hand over, and what they hand over in vain.
func handovers(callees map[string]*callee, calls map[string][]call) []handover {
	var list []handover
	for to, c := range callees {
		from := calls[to]
		passed := map[string]bool{}
		for _, one := range from {
			for name := range one.secrets {
				passed[name] = true
			}
		}
		for _, one := range from {
			list = append(list, c.lacks(one, passed)...)
		}
	}
	slices.SortFunc(list, func(a, b handover) int { return strings.Compare(a.key(), b.key()) })
	return list
}

// lacks judges one call; passed are the secrets that any call hands over.
func (c *callee) lacks(from call, passed map[string]bool) (list []handover) {
	for name, asks := range c.inputs {
		if _, ok := anyCase(from.inputs, name); !ok && asks.required && !asks.given {
			list = append(list, handover{c, from, name, "input", asks.line, !c.action})
		}
	}
	if c.action || from.inherits {
		return list
	}
	for name, asks := range c.secrets {
		if _, ok := anyCase(from.secrets, name); !ok && asks.required {
			list = append(list, handover{c, from, name, "secret", asks.line, true})
		}
	}
	for name := range from.secrets {
		if _, ok := anyCase(c.secrets, name); !ok {
			list = append(list, handover{c, from, name, "secret", 0, true})
		}
	}
	seen := map[string]bool{}
	for _, r := range c.reads {
		asks, ok := anyCase(c.secrets, r.name)
		_, given := anyCase(from.secrets, r.name)
		if given || seen[r.name] || ok && (asks.required || !passed[r.name]) {
			continue
		}
		seen[r.name] = true
		list = append(list, handover{c, from, r.name, "secret", r.line, false})
	}
	return list
}

// anyCase looks a name up as GitHub does, in any case.
func anyCase[V any](m map[string]V, name string) (V, bool) {
	if v, ok := m[name]; ok {
		return v, true
	}
	for k, v := range m {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	var none V
	return none, false
}
