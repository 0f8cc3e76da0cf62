package scripts

// Command lines of deployment tools whose recipes are programs: Deployer, Envoy, Capistrano, Mina, Fabric, Kamal's hooks.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	deployCode = lazy.New(`(^|/)(deploy\.php|Envoy\.blade\.php|fabfile\.py|config/deploy\.rb|lib/capistrano/tasks/[\w.-]+\.(rake|cap))$`)
	// deployRun is a call that runs a command on the server.
	deployRun   = lazy.New("\\b(?:run|runLocally|execute|sudo|invoke|local|command|queue)!?\\s*\\(?\\s*f?([\"'`:][^\\n]*)")
	quotedWord  = lazy.New("[\"'`]([^\"'`]*)[\"'`]|:(\\w+)")
	deployerBin = lazy.New(`\{\{\s*bin/(\w+)\s*\}\}`)
	envoyLine   = lazy.New(`^\s+(php|cd|npm|yarn|composer|python\d?|psql|mysql|bin/\S+|\./\S+)\s`)
)

func deployCommands(p, text string) []command {
	var list []command
	for i, line := range strings.Split(text, "\n") {
		if commentLine.MatchString(line) {
			continue
		}
		command := command{path: p, line: i + 1, when: eachDeployment}
		switch m := deployRun.FindStringSubmatch(line); {
		case m != nil:
			var words []string
			for _, w := range quotedWord.FindAllStringSubmatch(m[1], 12) {
				words = append(words, w[1]+w[2])
			}
			command.text = strings.Join(words, " ")
		case strings.HasSuffix(p, ".blade.php") && envoyLine.MatchString(line):
			command.text = strings.TrimSpace(line)
		default:
			continue
		}
		command.text = template.ReplaceAllString(deployerBin.ReplaceAllString(command.text, "bin/$1"), ".")
		list = append(list, command)
	}
	return list
}
