package delivery

// Scripts: those that deploy by themselves, what their commands carry elsewhere, and which commands migrate a database.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

var scriptName = lazy.New(`(?i)\.(sh|bash|zsh)$`)

// script reads a shell script as one unit.
func script(p string, text []byte) []Unit {
	u := Unit{Key: "script/" + p, Title: "script " + p, Path: p, Line: 1, Ends: true}
	u.script(string(text), 1)
	return []Unit{u}
}

// recipes reads the recipes of a Makefile, each as one unit. What a target that deploys needs comes before its own commands.
func recipes(p string, text []byte) []Unit {
	var units []Unit
	var u *Unit
	needs := map[string][]string{}
	for i, line := range strings.Split(string(text), "\n") {
		switch m := recipeName.FindStringSubmatch(line); {
		case m != nil:
			units = append(units, Unit{Key: "script/" + p + "/" + m[1], Title: "target " + m[1], Path: p, Line: i + 1, Ends: true})
			u = &units[len(units)-1]
			needs[u.Key] = strings.Fields(m[2])
		case u != nil && (strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "    ")):
			u.script(strings.TrimLeft(strings.ReplaceAll(strings.TrimSuffix(line, "\\"), "$(", "$$("), "\t @-"), i+1)
		}
	}
	byKey := map[string][]Step{}
	for _, u := range units {
		byKey[u.Key] = u.Steps
	}
	for i := range units {
		if !deployWord.MatchString(units[i].Title) {
			continue
		}
		var before []Step
		for _, need := range needs[units[i].Key] {
			for _, s := range byKey["script/"+p+"/"+need] {
				s.Line = units[i].Line
				before = append(before, s)
			}
		}
		units[i].Steps = append(before, units[i].Steps...)
	}
	return units
}

// packageScripts reads the scripts of a package.json that deploy; a script that they run by its name stands in its place.
func packageScripts(p string, d *document.Node) []Unit {
	var units []Unit
	scripts := d.Get("scripts")
	var run func(u *Unit, text string, line, depth int)
	run = func(u *Unit, text string, line, depth int) {
		for _, c := range commands(text) {
			name := c.words[len(c.words)-1]
			if inner := scripts.Text(name); inner != "" && runners.MatchString(path.Base(c.words[0])) && depth < 4 {
				run(u, inner, line, depth+1)
				continue
			}
			u.run(c.words, line, 0)
		}
	}
	for _, f := range scripts.Entries() {
		if !deployWord.MatchString(" " + f.Key) {
			continue
		}
		u := Unit{Key: "script/" + p + "/" + f.Key, Title: "script " + f.Key, Path: p, Line: f.Line, Ends: true}
		run(&u, f.Value.Value, f.Line, 0)
		units = append(units, u)
	}
	return units
}

var (
	recipeName   = lazy.New(`^([\w.-]+)[^=:]*:([^=#]*)(?:#.*)?$`)
	makefileName = lazy.New(`^(GNUm|[mM])akefile$|\.mk$|^[jJ]ustfile$`)
)

// carriers are commands that run the rest of their words as a command, somewhere else, behind this word ("" for the first
// word that is no option).
var carriers = map[string]string{"ssh": "", "sudo": "", "exec": "", "env": "", "time": "", "timeout": "", "nice": "", "nohup": "", "heroku": "run", "kubectl": "--", "oc": "--", "bundle": "exec"}

// carried is the command that another one carries, empty for one that carries none.
func carried(c []string) []simple {
	name := path.Base(c[0])
	behind, ok := carriers[name]
	if !ok || len(c) < 2 {
		if i := slices.IndexFunc(c, func(w string) bool { return w == "-c" || w == "-C" || w == "-lc" }); i > 0 && i+1 < len(c) && strings.Contains(c[i+1], " ") {
			return commands(c[i+1])
		}
		return nil
	}
	rest := c[1:]
	if behind != "" {
		i := slices.Index(rest, behind)
		if i < 0 || i+1 >= len(rest) || name == "kubectl" && !slices.Contains(rest[:i], "exec") && !slices.Contains(rest[:i], "run") {
			return nil
		}
		rest = rest[i+1:]
	} else {
		for len(rest) > 0 && (strings.HasPrefix(rest[0], "-") || name != "ssh" && (strings.Contains(rest[0], "=") || digits.MatchString(rest[0]))) {
			if name == "ssh" && len(rest[0]) == 2 && strings.ContainsAny(rest[0][1:], "bceFiIJlLmopQRSW") && len(rest) > 1 {
				rest = rest[1:]
			}
			rest = rest[1:]
		}
		if name == "ssh" && len(rest) > 0 {
			rest = rest[1:] // the host
		}
	}
	return commands(strings.Join(rest, " "))
}

var digits = lazy.New(`^\d+[smh]?$`)

// scriptOf is the script of the repository that a command runs, empty for another command.
func scriptOf(c []string) string {
	word := c[0]
	switch word {
	case "bash", "sh", "zsh", "source", ".":
		i := slices.IndexFunc(c[1:], func(w string) bool { return !strings.HasPrefix(w, "-") })
		if i < 0 {
			return ""
		}
		word = c[1+i]
	}
	word = strings.TrimPrefix(word, "./")
	if word == "" || strings.ContainsAny(word, "$~ ") || strings.HasPrefix(word, "/") || !scriptName.MatchString(word) && !strings.HasPrefix(word, "scripts/") && !strings.HasPrefix(word, "script/") && !strings.HasPrefix(word, "deploy/") {
		return ""
	}
	return path.Clean(word)
}

// restarts says whether a command brings new code to life on a machine.
func restarts(name string, c []string) bool {
	verb := func(words ...string) bool {
		return slices.ContainsFunc(c, func(w string) bool { return slices.Contains(words, w) })
	}
	switch name {
	case "systemctl", "service", "supervisorctl", "pm2", "rc-service":
		return verb("restart", "reload", "reload-or-restart", "startOrReload", "startOrRestart")
	case "ansible-playbook":
		return slices.ContainsFunc(c, func(w string) bool { return deployWord.MatchString(" " + path.Base(w)) })
	case "dokku", "nixos-rebuild":
		return verb("git:from-image", "switch")
	case "git":
		return verb("push") && verb("heroku", "dokku", "production")
	}
	return false
}
