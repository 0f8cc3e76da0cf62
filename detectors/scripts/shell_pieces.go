package scripts

// Shell text inside of other files: steps of pipelines, recipes of make, command lines of units and cron, containers,
// scriptlets of packages.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// shellPiece is one such text.
type shellPiece struct {
	text string
	// line is the file's line of the text's first one.
	line int
	// freshMachine: it runs on a machine that was made for it, so only what is kept elsewhere can be there already.
	freshMachine bool
	occasion     occasion
}

var (
	ghContext = lazy.New(`\$\{\{([^}]*)\}\}`)
	ghFresh   = lazy.New(`github\.(sha|run_id|run_number|run_attempt|ref|ref_name|head_ref|event)|steps\.|matrix\.|needs\.|inputs\.|outputs\.`)
	// tryCluster says that a pipeline makes the cluster, or the database, that it works on.
	tryCluster     = lazy.New(`(?i)\b(kind create|kind-action|helm/kind|minikube|k3d|k3s|microk8s|setup-kind|localstack|moto_server|testcontainers|fake-gcs|emulator)`)
	makeName       = lazy.New(`(?i)(^|/)(gnu)?makefile$|\.mk$|(^|/)justfile$`)
	recipeTarget   = lazy.New(`^([A-Za-z][\w./-]*)(?:\s+[\w./ -]+)?\s*:([^=]|$)`)
	repeatedTarget = lazy.New(`(?i)(^|[-_])(deploy\w*|release|publish|ship|rollout|apply|up|start|run|update|sync|push|install-prod|promote)($|[-_])`)
	cronUser       = lazy.New(`^(root|www-data|postgres|nobody|deploy|app|ubuntu|admin|backup|[a-z]+user)\s+`)
	specSection    = lazy.New(`^%(\w+)`)
	specMacro      = lazy.New(`%\{[^}]*\}|^%(if|else|endif).*$`)
)

// shellPieces finds the shell text of a file that is no shell script, none in other files.
func shellPieces(p, text string) []shellPiece {
	switch ext := path.Ext(p); {
	case makeName.MatchString(p):
		return recipes(text)
	case ext == ".spec":
		return specPieces(text)
	case ext == ".tf":
		return nil // judged with what replaces the resource
	}
	kind := starterKind(p)
	if kind == nil || tryCluster.MatchString(text) {
		return nil
	}
	fresh := !cronFile.MatchString(p) && !unitFile.MatchString(p)
	var list []shellPiece
	for _, cmd := range kind(p, text) {
		piece := ghContext.ReplaceAllStringFunc(cmd.text, func(m string) string {
			if ghFresh.MatchString(m) {
				return freshHole
			}
			return hole
		})
		if cronFile.MatchString(p) {
			piece = cronUser.ReplaceAllString(strings.ReplaceAll(piece, `\%`, "%"), "")
		}
		list = append(list, shellPiece{text: piece, line: cmd.line, freshMachine: fresh, occasion: occasion{how: runsAgain, why: cmd.when}})
	}
	return list
}

func recipes(text string) []shellPiece {
	var list []shellPiece
	target := ""
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := recipeTarget.FindStringSubmatch(line); m != nil {
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
		command = makeShell(command)
		list = append(list, shellPiece{text: command, line: start + 1, freshMachine: true, occasion: occasion{how: runsAgain, why: "make " + target}})
	}
	return list
}

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
