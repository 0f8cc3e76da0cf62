package effective

// What a step of a pipeline hands to the thing that it deploys: by the inputs of an action, by the options of a platform's command line.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

var (
	// variableInputs are the inputs by which deploying actions take variables: env_vars and secrets of deploy-cloudrun, environment-variables
	// of amazon-ecs-render-task-definition, environmentVariables of container-apps-deploy-action, app-settings-json of appservice-settings,
	// build-args of build-push-action.
	variableInputs = lazy.New(`(?i)env|secret|variable|setting|build[-_]?args?$|^args$|^flags$`)
	inputName      = lazy.New(`(?m)(?:^|[\s,;'"])([A-Za-z_]\w*)=`)
	settingName    = lazy.New(`"name"\s*:\s*"([A-Za-z_]\w*)"`)
	assigned       = lazy.New(`^["']?([A-Za-z_]\w*)=`)
	// listed are options and commands that NAME=value pairs follow, up to the next option.
	listed = lazy.New(`--(?:set|update)-(?:env-vars|secrets|build-env-vars)[= ]+|--environment-variables[= ]+|--env-vars[= ]+|--(?:secret-)?settings[= ]+|--environment[= ]+["']?Variables=\{|--variables[= ]+|` +
		`\b(?:fly|flyctl|supabase) secrets set |\bheroku config:set |\bdokku config:set |\bvercel deploy |\brailway variables (?:set |--set )|\beb setenv |\bkubectl set env |\bnetlify env:set |\bscalingo env-set |\bkoyeb services? \w+ `)
	// single are options of which each gives one variable, as NAME=value, NAME:value or the name alone.
	single = lazy.New(`(?:\s-e|\s--env|\s--build-env|--build-arg|--from-literal|\s--var)[= ]+["']?([A-Za-z_]\w*)[=:]|\bwrangler secret put ([A-Za-z_]\w*)|\bvercel env add ([A-Za-z_]\w*)|\bgh secret set ([A-Za-z_]\w*)|\bnetlify env:set ([A-Za-z_]\w*)|\bcf set-env \S+ ([A-Za-z_]\w*)`)
	// intoFile writes a variable into the .env file that goes along.
	intoFile  = lazy.New(`(?m)(?:echo|printf)\s+["']?([A-Za-z_]\w*)=[^\n]*>>?\s*["']?\S*\.env\b`)
	hereFile  = lazy.New(`(?sm)>>?\s*["']?\S*\.env\S*\s*<<-?\s*["']?(\w+)["']?\n(.*?)\n\s*(\w+)\s*$|<<-?\s*["']?(\w+)["']?\s*>>?\s*\S*\.env\S*\n(.*)`)
	lineGiven = lazy.New(`(?m)^\s*([A-Za-z_]\w*)=`)
)

// maxCommand is the length of a step's script past which its options are not looked at.
const maxCommand = 16 << 10

// takeInputs adds the variables that a deploying action takes as an input: lines, or words, of NAME=value, or JSON with names.
func (u *Unit) takeInputs(with *document.Node, p string) {
	if with == nil {
		return
	}
	for _, pair := range with.Pairs {
		if pair.Value == nil || !pair.Value.Scalar() || len(pair.Value.Value) > maxCommand || !variableInputs.MatchString(pair.Key) {
			continue
		}
		text := pair.Value.Value
		if strings.Contains(text, "--") {
			for _, name := range commandVariables(" " + text) {
				u.Variables[name] = elsewhere(Place{p, pair.Line})
			}
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(text), "[") {
			for _, m := range settingName.FindAllStringSubmatch(text, 200) {
				u.Variables[m[1]] = elsewhere(Place{p, pair.Line})
			}
			continue
		}
		line, last := pair.Line, 0
		if pair.Value.Below {
			line++
		}
		for _, m := range inputName.FindAllStringSubmatchIndex(text, 200) {
			line, last = line+strings.Count(text[last:m[2]], "\n"), m[2]
			u.Variables[text[m[2]:m[3]]] = elsewhere(Place{p, line})
		}
	}
}

// commandVariables are the names of the variables that a script hands to what it deploys.
func commandVariables(run string) []string {
	if len(run) > maxCommand || !strings.ContainsAny(run, "=:") && !strings.Contains(run, " put ") && !strings.Contains(run, " add ") && !strings.Contains(run, " set") {
		return nil
	}
	run = strings.ReplaceAll(run, "\\\n", " ")
	var list []string
	for _, at := range listed.FindAllStringIndex(run, 40) {
		rest, _, _ := strings.Cut(run[at[1]:], "\n")
		rest = strings.Trim(strings.TrimSpace(rest), "\"'^@")
		for word := range strings.FieldsFuncSeq(rest, func(c rune) bool {
			return c == ' ' || c == ',' || c == ';' || c == '{' || c == '}' || c == '^' || c == '@' || c == '|'
		}) {
			if m := assigned.FindStringSubmatch(word); m != nil {
				list = append(list, m[1])
			} else if strings.HasPrefix(word, "--") && len(list) > 0 || word == "&&" {
				break
			}
		}
	}
	for _, m := range single.FindAllStringSubmatch(run, 60) {
		list = append(list, m[1]+m[2]+m[3]+m[4]+m[5]+m[6])
	}
	if !strings.Contains(run, ".env") {
		return list
	}
	for _, m := range intoFile.FindAllStringSubmatch(run, 100) {
		list = append(list, m[1])
	}
	for _, m := range hereFile.FindAllStringSubmatch(run, 10) {
		for _, name := range lineGiven.FindAllStringSubmatch(m[2]+m[5], 200) {
			list = append(list, name[1])
		}
	}
	return list
}

// deployCommand names a script that hands variables on by the words of its first command that does, without options and environments' words:
// the same command of two environments is one, whatever it hands on.
func deployCommand(run string) string {
	run = strings.ReplaceAll(run, "\\\n", " ")
	for line := range strings.Lines(run) {
		if len(commandVariables(line)) == 0 && !strings.Contains(line, ".env") {
			continue
		}
		var kept []string
		for word := range strings.FieldsSeq(line) {
			if strings.HasPrefix(word, "-") || strings.ContainsAny(word, "=<>\"'$") || len(kept) > 5 {
				break
			}
			for _, part := range commandWord.Split(word, 8) {
				if _, ok := Known(part); !ok && part != "" {
					kept = append(kept, part)
				}
			}
		}
		return "command " + strings.Join(kept, " ")
	}
	return "command"
}
