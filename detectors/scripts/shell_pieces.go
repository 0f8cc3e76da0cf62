package scripts

// Shell text inside of other files: steps of pipelines, recipes of make, command lines of units and cron, containers.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// shellPiece is one such text.
type shellPiece struct {
	text string
	// line is the file's line of the text's first one; oneLine says that the text was a single word of the file.
	line    int
	oneLine bool
	// freshMachine: it runs on a machine that was made for it, so only what is kept elsewhere can be there already.
	freshMachine bool
	occasion     occasion
}

var (
	pipelinePath = lazy.New(`(?i)(^|/)\.github/workflows/[^/]+\.ya?ml$|(^|/)\.github/actions/.*action\.ya?ml$|(^|/)\.gitlab-ci[\w.-]*\.ya?ml$|(^|/)\.gitlab/ci/.*\.ya?ml$|(^|/)\.circleci/config\.ya?ml$|(^|/)azure-pipelines[\w.-]*\.ya?ml$|(^|/)bitbucket-pipelines\.ya?ml$|(^|/)\.drone\.ya?ml$|(^|/)\.woodpecker[\w./-]*\.ya?ml$|(^|/)\.buildkite/.*\.ya?ml$|(^|/)cloudbuild[\w.-]*\.ya?ml$|(^|/)(buildspec|appspec)[\w.-]*\.ya?ml$|(^|/)\.travis\.ya?ml$`)
	pipelineKeys = []string{"run", "script", "before_script", "after_script", "command", "commands", "bash", "inlineScript", "cmds", "args"}
	ghContext    = lazy.New(`\$\{\{([^}]*)\}\}`)
	ghFresh      = lazy.New(`github\.(sha|run_id|run_number|run_attempt|ref|ref_name|head_ref|event)|steps\.|matrix\.|needs\.|inputs\.|outputs\.`)
	// tryCluster says that a pipeline makes the cluster, or the database, that it works on.
	tryCluster     = lazy.New(`(?i)\b(kind create|kind-action|helm/kind|minikube|k3d|k3s|microk8s|setup-kind|localstack|act\b|moto_server|testcontainers|fake-gcs|emulator)`)
	makeName       = lazy.New(`(?i)(^|/)(gnu)?makefile$|\.mk$|(^|/)justfile$`)
	makeTarget     = lazy.New(`^([A-Za-z][\w./-]*)(?:\s+[\w./ -]+)?\s*:([^=]|$)`)
	repeatedTarget = lazy.New(`(?i)(^|[-_])(deploy\w*|release|publish|ship|rollout|apply|up|start|run|update|sync|push|install-prod|promote)($|[-_])`)
	cronPath       = lazy.New(`(?i)(^|/)cron\.d/|(^|/)crontabs?/|(^|/)crontab[\w.-]*$|\.(cron|crontab)$`)
	cronLine       = lazy.New(`^\s*(?:@(reboot|hourly|daily|midnight|weekly|monthly|yearly|annually)|(?:[\d*,/\-A-Za-z]+\s+){4}[\d*,/\-A-Za-z]+)\s+(.*)$`)
	unitExec       = lazy.New(`^\s*Exec(?:Start|StartPre|StartPost|Reload|StopPost)\s*=\s*[-@:+!]*(.*)$`)
	shellDashC     = lazy.New(`(?s)^\s*\[?\s*["']?(?:/usr)?(?:/bin/)?(?:ba|da)?sh["']?\s*,?\s+["']?-\w*c["']?\s*,?\s+(.*?)\s*\]?\s*$`)
	specSection    = lazy.New(`^%(\w+)`)
)

// shellPieces finds the shell text of a file that is no shell script, none in other files.
func shellPieces(p, text string) []shellPiece {
	base := strings.ToLower(path.Base(p))
	ext := path.Ext(base)
	switch {
	case pipelinePath.MatchString(p):
		return pipelinePieces(p, text)
	case makeName.MatchString(p):
		return recipes(text)
	case ext == ".service":
		return unitPieces(text)
	case cronPath.MatchString(p):
		return cronPieces(text)
	case ext == ".spec":
		return specPieces(text)
	case ext == ".yml" || ext == ".yaml":
		return containerPieces(p, text)
	}
	return nil
}

func pipelinePieces(p, text string) []shellPiece {
	if tryCluster.MatchString(text) {
		return nil
	}
	docs, err := document.YAML(p, []byte(text))
	if err != nil || len(docs) == 0 {
		return nil
	}
	why := "each push runs it"
	if on := docs[0].Get("on"); on != nil {
		events := eventsOf(on)
		if len(events) > 0 && !slices.ContainsFunc(events, func(e string) bool {
			return slices.Contains([]string{"push", "schedule", "workflow_dispatch", "release", "workflow_run", "workflow_call", "repository_dispatch", "deployment"}, e)
		}) {
			return nil // pull requests and the like try things
		}
		if slices.Contains(events, "schedule") && !slices.Contains(events, "push") {
			why = "the schedule runs it"
		} else if !slices.Contains(events, "push") {
			why = "each start of the workflow runs it"
		}
	}
	var list []shellPiece
	var visit func(n *document.Node, depth int)
	visit = func(n *document.Node, depth int) {
		if n == nil || depth > document.MaxDepth {
			return
		}
		for _, e := range n.Pairs {
			if !slices.Contains(pipelineKeys, e.Key) {
				visit(e.Value, depth+1)
				continue
			}
			if condition := n.Text("if"); strings.Contains(condition, "outputs.") || strings.Contains(condition, "failure()") || strings.Contains(condition, "steps.") {
				continue
			}
			list = append(list, nodeText(e.Value, why)...)
		}
		for _, item := range n.Items {
			visit(item, depth+1)
		}
	}
	for _, d := range docs {
		visit(d, 0)
	}
	return list
}

// eventsOf are the events of a workflow's "on", in any of its three forms.
func eventsOf(on *document.Node) []string {
	var events []string
	if on.Scalar() {
		return []string{on.Value}
	}
	for _, e := range on.Pairs {
		events = append(events, e.Key)
	}
	for _, i := range on.Items {
		events = append(events, i.Value)
	}
	return events
}

// nodeText is the text of a step: a scalar, or a list of lines that run one after the other.
func nodeText(n *document.Node, why string) []shellPiece {
	piece := func(text string, line int) shellPiece {
		text = ghContext.ReplaceAllStringFunc(text, func(m string) string {
			if ghFresh.MatchString(m) {
				return freshHole
			}
			return hole
		})
		return shellPiece{text: text, line: line, freshMachine: true, occasion: occasion{how: runsAgain, why: why}}
	}
	switch {
	case n == nil:
		return nil
	case n.Scalar():
		if n.Value == "" {
			return nil
		}
		return []shellPiece{piece(n.Value, firstLine(n))}
	case len(n.Items) > 0:
		var list []shellPiece
		var lines []string
		for _, i := range n.Items {
			if i.Scalar() {
				lines = append(lines, i.Value)
			}
		}
		if asksAt.MatchString(strings.Join(lines, "\n")) {
			return nil
		}
		for _, i := range n.Items {
			if i.Scalar() && i.Value != "" {
				list = append(list, piece(i.Value, firstLine(i)))
			}
		}
		return list
	}
	return nil
}

// firstLine is the line of a scalar's own first line: a block's text starts below its indicator.
func firstLine(n *document.Node) int {
	if strings.Contains(strings.TrimRight(n.Value, "\n"), "\n") || strings.HasSuffix(n.Value, "\n") {
		return n.Line + 1
	}
	return n.Line
}

func recipes(text string) []shellPiece {
	var list []shellPiece
	target := ""
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := makeTarget.FindStringSubmatch(line); m != nil {
			target = m[1]
			continue
		}
		if !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "    ") || !repeatedTarget.MatchString(target) {
			continue
		}
		start := i
		command := strings.TrimLeft(strings.TrimSpace(line), "@+")
		for strings.HasSuffix(strings.TrimRight(lines[i], " "), `\`) && i+1 < len(lines) {
			i++
			command += "\n" + lines[i]
		}
		if strings.HasPrefix(command, "-") { // make goes on when it fails
			continue
		}
		command = strings.NewReplacer("$$", "$", "$(", "${").Replace(makeVariable.ReplaceAllString(command, hole))
		list = append(list, shellPiece{text: command, line: start + 1, occasion: occasion{how: runsAgain, why: "make " + target}})
	}
	return list
}

var makeVariable = lazy.New(`\$\([\w.-]+\)|\$\{[\w.-]+\}`)

func unitPieces(text string) []shellPiece {
	var list []shellPiece
	for i, line := range strings.Split(text, "\n") {
		m := unitExec.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		command := m[1]
		if c := shellDashC.FindStringSubmatch(command); c != nil {
			command = unquoted(c[1])
		}
		list = append(list, shellPiece{text: command, line: i + 1, oneLine: true, occasion: occasion{how: runsAgain, why: "each start of the unit"}})
	}
	return list
}

func cronPieces(text string) []shellPiece {
	var list []shellPiece
	for i, line := range strings.Split(text, "\n") {
		if m := cronLine.FindStringSubmatch(line); m != nil {
			command := strings.ReplaceAll(m[2], `\%`, "%")
			if user, rest, ok := strings.Cut(command, " "); ok && !strings.ContainsAny(user, "/.=$\"'") && len(user) < 20 && cronUser.MatchString(user) {
				command = strings.TrimSpace(rest)
			}
			list = append(list, shellPiece{text: command, line: i + 1, oneLine: true, occasion: occasion{how: runsAgain, why: "cron"}})
		}
	}
	return list
}

var cronUser = lazy.New(`^(root|www-data|postgres|nobody|deploy|app|ubuntu|admin|backup|[a-z]+user)$`)

// specPieces are the scriptlets of an RPM specification that run at each upgrade.
func specPieces(text string) []shellPiece {
	var list []shellPiece
	var body []string
	section, start := "", 0
	flush := func(next string, line int) {
		if slices.Contains([]string{"pre", "post", "preun", "postun", "posttrans", "pretrans"}, section) {
			list = append(list, shellPiece{text: strings.Join(body, "\n"), line: start + 1, occasion: occasion{how: runsAgain, why: "each upgrade of the package"}})
		}
		section, start, body = next, line, nil
	}
	for i, line := range strings.Split(text, "\n") {
		if m := specSection.FindStringSubmatch(line); m != nil && !strings.HasPrefix(line, "%if") && !strings.HasPrefix(line, "%endif") && !strings.HasPrefix(line, "%else") {
			flush(m[1], i+1)
			continue
		}
		body = append(body, specMacro.ReplaceAllString(line, hole))
	}
	flush("", 0)
	return list
}

var specMacro = lazy.New(`%\{[^}]*\}|^%(if|else|endif).*$`)

// containerPieces are the shell commands of containers that start again: Deployments, CronJobs, compose services.
func containerPieces(p, text string) []shellPiece {
	if !strings.Contains(text, "-c") || !strings.Contains(text, "command") && !strings.Contains(text, "entrypoint") {
		return nil
	}
	docs, err := document.YAML(p, []byte(text))
	if err != nil {
		return nil
	}
	var list []shellPiece
	for _, d := range docs {
		why := map[string]string{"CronJob": "each run of the CronJob", "Deployment": "each start of the pod", "StatefulSet": "each start of the pod", "DaemonSet": "each start of the pod"}[d.Text("kind")]
		if why == "" && d.Get("services") != nil {
			why = "each start of the container"
		}
		if why == "" {
			continue
		}
		var visit func(n *document.Node, depth int)
		visit = func(n *document.Node, depth int) {
			if n == nil || depth > document.MaxDepth {
				return
			}
			list = append(list, dashC(n, why)...)
			for _, e := range n.Pairs {
				visit(e.Value, depth+1)
			}
			for _, i := range n.Items {
				visit(i, depth+1)
			}
		}
		visit(d, 0)
	}
	return list
}

// dashC is the shell text of a container: command: [sh, -c, text], or command: [sh, -c] with args: [text]. What it makes on
// its own disk is gone with it.
func dashC(n *document.Node, why string) []shellPiece {
	var words []*document.Node
	for _, key := range []string{"command", "entrypoint", "args"} {
		words = append(words, n.List(key)...)
	}
	for i, w := range words {
		if i > 0 && i+1 < len(words) && strings.HasPrefix(w.Value, "-") && strings.HasSuffix(w.Value, "c") && strings.HasSuffix(words[i-1].Value, "sh") {
			return []shellPiece{{text: words[i+1].Value, line: firstLine(words[i+1]), freshMachine: true, occasion: occasion{how: runsAgain, why: why}}}
		}
	}
	return nil
}

func unquoted(text string) string {
	if len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		return text[1 : len(text)-1]
	}
	return text
}
