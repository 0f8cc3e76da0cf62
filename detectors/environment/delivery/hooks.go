package delivery

// Hooks: scripts that a deploying tool runs before or after it brings out the code, by their names, and tasks that Deployer and
// Capistrano put into an order.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	// hookPath are scripts of Kamal and of Elastic Beanstalk; the group says on which side of the roll-out they run.
	hookPath = lazy.New(`(^|/)\.kamal/hooks/(pre|post)-(?:deploy|app-boot|build|connect)$|(^|/)\.platform/hooks/(pre|post)deploy/[\w.-]+$`)
	// taskName are the files of Deployer and Capistrano.
	taskName = lazy.New(`(?i)(^|/)(deploy\.php|deployer?\.php|config/deploy\.rb|config/deploy/[\w-]+\.rb|Capfile|lib/capistrano/tasks/[\w.-]+)$`)
)

// hook reads a hook as one unit; one that runs afterwards begins with the roll-out.
func hook(p string, text []byte) []Unit {
	u := Unit{Key: "script/" + p, Title: "hook " + path.Base(p), Path: p, Line: 1, Ends: true, Deploys: true}
	after := strings.HasPrefix(path.Base(p), "post-") || strings.Contains(p, "/postdeploy/")
	if after {
		u.Steps = append(u.Steps, Step{Line: 1})
	}
	u.script(string(text), 1)
	kept := u.Steps[:0]
	for i, s := range u.Steps {
		if s.Migrates || s.Script != "" || after && i == 0 {
			kept = append(kept, s)
		}
	}
	u.Steps = kept
	return []Unit{u}
}

var (
	quotedTask = lazy.New(`['"]([\w:.-]+)['"]`)
	// chained is after('deploy:symlink', 'artisan:migrate'), in PHP and in Ruby; the comma ends the first task's name.
	chained = lazy.New(`^\s*(after|before)\s*\(?\s*:?['"]?([\w:]+)['"]?\s*,\s*:?['"]?([\w:]+)['"]?`)
	// published are the tasks after which, or in which, the new code is live.
	published = lazy.New(`^deploy:(symlink|publish\w*|restart|finish\w*|success|cleanup|unlock|unicorn|started_?up)$|^deploy:symlink:release$|^(puma|unicorn|passenger|sidekiq|php-fpm|supervisor|artisan:(queue|horizon|octane))\w*:(restart|reload|phased-restart|terminate)$`)
	taskMoves = lazy.New(`(^|:)(migrate|migrations?|db_?migrate)$`)
)

// tasks reads the order that a file of Deployer or Capistrano gives: a list of tasks, and what runs after and before one.
func tasks(p string, text []byte) []Unit {
	u := Unit{Key: "script/" + p, Title: "script " + path.Base(p), Path: p, Line: 1, Ends: true, Deploys: true}
	add := func(name string, line int) {
		switch {
		case taskMoves.MatchString(name):
			u.Steps = append(u.Steps, Step{Migrates: true, Line: line})
		case published.MatchString(name):
			u.Steps = append(u.Steps, Step{Line: line})
		}
	}
	inList := false
	for i, line := range strings.Split(string(text), "\n") {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, "#") {
			continue
		}
		if m := chained.FindStringSubmatch(line); m != nil {
			if taskMoves.MatchString(m[3]) {
				if m[1] == "after" {
					add(m[2], i+1)
				}
				add(m[3], i+1)
			}
			continue
		}
		inList = inList || strings.HasPrefix(trimmed, "task(") && strings.Contains(trimmed, "[")
		if inList {
			for _, m := range quotedTask.FindAllStringSubmatch(line, 20) {
				add(m[1], i+1)
			}
			inList = !strings.Contains(trimmed, "]")
		}
	}
	return []Unit{u}
}
