package delivery

// Jenkinsfiles: the commands of sh steps in the order in which the file has them, and the questions to a person. Groovy is not
// parsed: what is no literal text is left out.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	jenkinsName = lazy.New(`(?i)^jenkinsfile([.-][\w.-]+)?$|\.jenkinsfile$|^[\w.-]*pipeline\.groovy$`)
	// jenkinsStep begins a step: its word, and the quote that opens its text.
	jenkinsStep = lazy.New(`\b(sh|bat|input|build|stage|kubernetesDeploy|ansiblePlaybook|rollback)\b\s*\(?\s*(?:script:\s*|message:\s*|job:\s*|returnStatus:\s*\w+,\s*script:\s*|label:\s*(?:'[^'\n]*'|"[^"\n]*"),\s*script:\s*)?('''|"""|'|")`)
)

// jenkins reads a Jenkinsfile as one unit.
func jenkins(p string, text []byte) []Unit {
	u := Unit{Key: "job/" + p + "/pipeline", Title: "pipeline " + path.Base(p), Path: p, Line: 1, Ends: true}
	rest, line := string(text), 1
	stage := ""
	for range 500 {
		at := jenkinsStep.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		word, quote := rest[at[2]:at[3]], rest[at[4]:at[5]]
		line += strings.Count(rest[:at[5]], "\n")
		commented := strings.HasPrefix(strings.TrimSpace(rest[strings.LastIndexByte(rest[:at[2]], '\n')+1:at[2]]), "//")
		body, after, closed := strings.Cut(rest[at[5]:], quote)
		if !closed {
			break
		}
		switch {
		case commented:
		case word == "sh" || word == "bat":
			u.jenkinsScript(body, stage, line)
		case word == "stage":
			stage = body
			u.Deploys = u.Deploys || deployWord.MatchString(" "+body)
			if smokeName.MatchString(body) {
				u.add(Check, "smoke", "the stage that tries what was deployed", 1, line)
			}
			if backName.MatchString(body) {
				u.add(Rollback, "step", "the stage that takes a failed roll-out back", 1, line)
			}
		case word == "input":
			u.add(Approval, "manual", "input", 1, line)
		case word == "kubernetesDeploy" || (word == "ansiblePlaybook" || word == "build") && deployWord.MatchString(" "+body+" "+stage):
			u.brought(line)
		}
		line += strings.Count(body, "\n")
		rest = after
	}
	return []Unit{u}
}

// jenkinsScript judges one script. What restarts a service does so to deploy where the stage says so.
func (u *Unit) jenkinsScript(body, stage string, line int) {
	title := u.Title
	u.Title += " " + stage
	u.script(strings.ReplaceAll(body, `\$`, "$"), line)
	u.Title = title
}
