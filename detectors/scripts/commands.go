package scripts

// Command lines that run without anybody asking: at each deployment, at each start of a container, on a schedule, at
// each run of a plan.

import (
	"encoding/json"
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// command is a shell text that something starts again and again.
type command struct {
	path string
	// line is where the text begins, counting from 1; a text of several lines goes on in the lines below.
	line int
	text string
	// when says how often, in words.
	when string
}

const (
	eachDeployment = "at each deployment"
	eachStart      = "at each start"
	onSchedule     = "on a schedule"
	eachApply      = "at each apply"
)

var (
	workflowFile = lazy.New(`^\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$`)
	pipelineFile = lazy.New(`(^|/)(\.gitlab-ci|azure-pipelines|bitbucket-pipelines|buildspec|cloudbuild|appspec)[\w.-]*\.ya?ml$`)
	cronFile     = lazy.New(`(?i)(^|/)(crontab[\w.-]*|[\w.-]+\.cron|cron(tabs|\.d)?/[\w.-]+|crontabs?)$`)
	unitFile     = lazy.New(`\.service$`)
	// shipping and provingJob are words in the names of workflows and jobs.
	shipping   = lazy.New(`(?i)deploy|release|publish|\bprod|ship|roll-?out|migrat|seed|\bcd\b|apply|nightly|cron|schedule|sync`)
	provingJob = lazy.New(`(?i)\b(tests?|lint|e2e|check|checks|unit|integration|coverage|preview)\b`)
	cronLine   = lazy.New(`^\s*(?:(?:[\d*/,\-]+|[A-Z]{3})\s+){4}(?:[\d*/,\-]+|[A-Z]{3})\s+(.+)$|^\s*@(?:hourly|daily|weekly|monthly|reboot|midnight|yearly|annually)\s+(.+)$`)
	unitExec   = lazy.New(`^Exec(Start|StartPre|StartPost)=[-+@!:]*(.+)$`)
	settingC   = lazy.New(`(?i)^\s*["']?[\w-]*(command|cmd|deploy|release|start|web|worker|job)[\w-]*["']?\s*[:=]\s*(.+?),?\s*$`)
	dockerC    = lazy.New(`(?i)^\s*(?:cmd|entrypoint)\s+(.+)$`)
	template   = lazy.New(`\{\{[^}]*\}\}`)
	control    = lazy.New(`(?m)^\s*\{\{[^}]*\}\}\s*$`)
)

// commands lists the command lines of the repository that run again and again.
func (c *changes) commands(paths []string) []command {
	var list []command
	read := 0
	for _, p := range paths {
		kind := starterKind(p)
		if kind == nil || aside(p) {
			continue
		}
		if read++; read > maxStarters || c.pass.Context.Err() != nil {
			break
		}
		text := string(c.readHead(p))
		if text == "" || len(text) > maxStarter || strings.IndexByte(text, 0) >= 0 {
			continue
		}
		list = append(list, kind(p, text)...)
	}
	return list
}

// manifestDir holds manifests, which say themselves when they run, whatever their names.
var manifestDir = lazy.New(`(?i)(^|/)(templates|charts?|helm|k8s|kubernetes|manifests|kustomize|overlays|base)/`)

// starterKind is the reader of a file that may start others, nil for other files.
func starterKind(p string) func(p, text string) []command {
	base, ext := strings.ToLower(path.Base(p)), path.Ext(p)
	switch {
	case workflowFile.MatchString(p):
		return workflowCommands
	case pipelineFile.MatchString(p):
		return pipelineCommands
	case ext == ".tf":
		return terraformCommands
	case cronFile.MatchString(p) && ext != ".go" && ext != ".py" && ext != ".ts" && ext != ".js" && ext != ".sh" && ext != ".rb" && ext != ".php" && ext != ".java" && ext != ".sql" && ext != ".yaml" && ext != ".yml":
		return cronCommands
	case unitFile.MatchString(p):
		return unitCommands
	case deployCode.MatchString(p):
		return deployCommands
	case firstOnly.MatchString(p) && (ext != ".yml" && ext != ".yaml" || strings.Contains(base, "compose") || !manifestDir.MatchString(p)):
		return nil
	case ext == ".sh" || ext == ".bash" || ext == "" && starterName.MatchString(p) && base != "procfile" && !strings.HasPrefix(base, "dockerfile"):
		if starterName.MatchString(p) {
			return shellCommands
		}
		return nil
	case strings.Contains(base, "compose") && (ext == ".yml" || ext == ".yaml"):
		return composeCommands
	case ext == ".yml" || ext == ".yaml":
		return manifestCommands
	case starterName.MatchString(p):
		return settingCommands
	case p == "package.json":
		return manifestScripts
	}
	return nil
}

// releaseScript is the name of a script of package.json that each release runs, by the custom of platforms and people.
var releaseScript = lazy.New(`^((pre|post)?(release|deploy)|(release|deploy)[:-](prod|production|migrate|db)|heroku-postbuild|vercel-build|railway:deploy)$`)

// manifestScripts reads the scripts of a package.json that each release runs.
func manifestScripts(p, text string) []command {
	docs := yamlDocuments(p, text)
	if len(docs) == 0 {
		return nil
	}
	var list []command
	for _, e := range docs[0].Get("scripts").Entries() {
		if releaseScript.MatchString(e.Key) {
			list = append(list, command{p, e.Value.TextLine(), e.Value.Value, eachDeployment})
		}
	}
	return list
}

func shellCommands(p, text string) []command {
	return []command{{p, 1, text, eachDeployment}}
}

// settingCommands reads files of one setting a line: a Procfile, a Dockerfile, fly.toml, app.json.
func settingCommands(p, text string) []command {
	var list []command
	docker := strings.HasPrefix(strings.ToLower(path.Base(p)), "dockerfile")
	for i, line := range strings.Split(text, "\n") {
		if commentLine.MatchString(line) {
			continue
		}
		when := eachDeployment
		m := settingC.FindStringSubmatch(line)
		if docker {
			when = eachStart
			if d := dockerC.FindStringSubmatch(line); d != nil {
				m = []string{"", "", d[1]}
			} else {
				m = nil
			}
		}
		if m != nil {
			list = append(list, command{p, i + 1, argvText(m[2]), when})
		}
	}
	return list
}

// argvText is the command of a JSON list or a quoted text; of ["sh", "-c", X] it is X.
func argvText(text string) string {
	text = strings.TrimSpace(text)
	var argv []string
	if strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &argv) == nil {
		return joinArgv(argv)
	}
	if len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		return text[1 : len(text)-1]
	}
	return text
}

func joinArgv(argv []string) string {
	if len(argv) > 2 && strings.HasSuffix(argv[0], "sh") && strings.HasPrefix(argv[1], "-") && strings.HasSuffix(argv[1], "c") {
		return argv[2]
	}
	var words []string
	for _, a := range argv {
		if strings.ContainsAny(a, " \t\n;&|<>()$'\"") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

func cronCommands(p, text string) []command {
	var list []command
	for i, line := range strings.Split(text, "\n") {
		if m := cronLine.FindStringSubmatch(line); m != nil {
			list = append(list, command{p, i + 1, m[1] + m[2], onSchedule})
		}
	}
	return list
}

func unitCommands(p, text string) []command {
	var list []command
	for i, line := range strings.Split(text, "\n") {
		if m := unitExec.FindStringSubmatch(line); m != nil {
			list = append(list, command{p, i + 1, m[2], eachStart})
		}
	}
	return list
}

func terraformCommands(p, text string) []command {
	var list []command
	for _, t := range readProvisioners(p, text) {
		list = append(list, command{p, t.first, t.command, eachApply})
	}
	return list
}

// makeTarget is the recipe of a target with those of what it needs, as one shell text with the line of each command.
func makeTarget(p, text, target string, depth int) []command {
	var list []command
	if depth > 4 {
		return nil
	}
	inside := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "\t") {
			if inside {
				list = append(list, command{p, i + 1, makeShell(line), eachDeployment})
			}
			continue
		}
		name, needs, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(needs, "=") || strings.TrimSpace(line) == "" {
			if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
				inside = false
			}
			continue
		}
		inside = false
		for _, n := range strings.Fields(name) {
			inside = inside || n == target
		}
		if inside {
			needs, _, _ = strings.Cut(needs, "#")
			for _, n := range strings.Fields(needs) {
				if n != target {
					list = append(list, makeTarget(p, text, n, depth+1)...)
				}
			}
		}
	}
	return list
}

// makeShell is a recipe line as the shell gets it.
func makeShell(line string) string {
	line = strings.TrimLeft(strings.TrimSpace(line), "@-+")
	line = makeVariable.ReplaceAllString(line, `${$1}`)
	return strings.ReplaceAll(line, "$$", "$")
}

var makeVariable = lazy.New(`\$[({](\w+)[)}]`)
