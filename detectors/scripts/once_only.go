package scripts

// Commands of a shell text that cannot be given twice: what they make is there already, or what they add is added again.

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

// once is a command that does not bear a second run.
type once struct {
	// name is the command, thing what it makes or the file that it appends to.
	name, thing string
	// line counts from 1 inside of the text.
	line int
	// appends: it adds to a file; doubles: it makes its thing a second time and does not refuse.
	appends, doubles bool
	// local: what it makes is gone with the machine.
	local bool
}

var (
	jinja    = lazy.New(`(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}`)
	terraVar = lazy.New(`\$\{[^}]*\}`)
	asksAt   = lazy.New(`(?i)\b(already|exist\w*|grep|is-active|--if-not-exists|if not exists|on conflict|not exists)\b`)
)

// onceOnly finds the commands of a text that are not guarded by a test, by || or by their own options. A text whose
// templates leave no shell, or that asks anywhere what is there already, has none.
func onceOnly(text string) []once {
	if len(text) > maxShell {
		return nil
	}
	text = terraVar.ReplaceAllString(jinja.ReplaceAllString(text, hole), hole)
	file := shell.Read(text)
	if file == nil || asksAt.MatchString(text) {
		return nil
	}
	w := onceWalk{made: map[string]bool{}, sets: true}
	return w.run(file)
}

// onceWalk gathers what a text does that does not bear a second run.
type onceWalk struct {
	found []once
	// made are the paths and things that the text itself removes, or writes anew, before it goes on.
	made   map[string]bool
	values shellValues
	// acts is that of shellVisitor; sets takes in what sets up a machine for good (keys, clones, containers).
	acts *lazy.Regexp
	sets bool
}

func (w *onceWalk) run(file *syntax.File) []once {
	w.values = valuesOf(file)
	v := &shellVisitor{values: w.values, command: w.command, writes: w.write, acts: w.acts}
	v.walkShell(file)
	return w.found
}

func (w *onceWalk) write(target string, appends, guarded bool, line int) {
	switch {
	case !appends:
		w.made[target] = true
	case !guarded:
		w.append(target, line)
	}
}

func (w *onceWalk) append(target string, line int) {
	if w.made[target] || passingFile.MatchString(target) && !strings.HasPrefix(target, "/boot/") || strings.TrimPrefix(target, hole) == "" || target != "crontab" && !strings.ContainsAny(target, "./") || isFresh(target) {
		return
	}
	w.found = append(w.found, once{name: ">>", thing: target, line: line, appends: true, local: true})
}

// passingFile is one to which lines are added on purpose; below /boot a text file is a setting (config.txt, cmdline.txt).
var passingFile = lazy.New(`(?i)\.(log|out|err|txt|csv|jsonl|md|prom|tsv)$|^/dev/|^/tmp/|/logs?/|/tmp/|GITHUB_(ENV|OUTPUT|PATH|STEP_SUMMARY)|^&|_(ENV|OUTPUT|SUMMARY)$`)

// removers are the words of commands after which a thing may be made again.
var removers = lazy.New(`^(rm|rmdir|unlink|dropdb|dropuser|userdel|deluser|groupdel|delgroup|delete[\w-]*|remove|del|destroy|uninstall|rb|-delete|--delete|-F|--flush|flush)$`)

// withD are commands whose option -D removes.
var withD = lazy.New(`^(git|ip6?tables|semanage|arptables|ebtables)$`)

func (w *onceWalk) command(c shellCall) {
	name := path.Base(c.words[0])
	args := c.words[1:]
	if removers.MatchString(name) || withD.MatchString(name) && slices.Contains(args, "-D") || slices.ContainsFunc(args[:min(4, len(args))], removers.MatchString) || name == "git" && len(args) > 0 && args[0] == "init" {
		for _, a := range args {
			w.made[a] = true
			if _, bare, ok := strings.Cut(a, "/"); ok && name != "rm" {
				w.made[bare] = true
			}
		}
		return
	}
	if (name == "cp" || name == "install" || name == "mv" || name == "curl" || name == "wget") && len(args) > 1 {
		w.made[args[len(args)-1]] = true
	}
	if c.guarded || len(args) == 0 {
		return
	}
	if name == "tee" {
		if i := slices.IndexFunc(args, func(a string) bool { return a == "-a" || a == "--append" }); i >= 0 {
			for j, a := range args {
				if j != i && !strings.HasPrefix(a, "-") {
					w.append(a, c.line)
				}
			}
		} else {
			w.made[args[len(args)-1]] = true
		}
		return
	}
	if name == "sed" {
		w.sed(args, c.line)
		return
	}
	if row, thing, ok := creatorIn(c.words); ok {
		if (!row.often || w.sets || w.acts != nil) && !w.removedBefore(thing, c.words[1:]) {
			w.found = append(w.found, once{name: name, thing: thing, line: c.line, local: row.local, doubles: row.doubles})
		}
	} else if thing := setsUp(name, args, w.made); w.sets && thing != "" {
		w.found = append(w.found, once{name: name, thing: thing, line: c.line, local: true})
	}
}

// removedBefore says whether the text removed the thing before it makes it: by its whole name or by its last words.
func (w *onceWalk) removedBefore(thing string, args []string) bool {
	if w.made[thing] || w.made[thing[strings.LastIndexByte(thing, ' ')+1:]] {
		return true
	}
	var named []string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			named = append(named, a)
		}
	}
	return len(named) > 2 && slices.ContainsFunc(named[2:], func(a string) bool { return w.made[a] })
}

// sedAdds is a script of sed that puts a line into the file: a\, i\ and r.
var sedAdds = lazy.New(`^(\$|\d+|/(?:[^/\\]|\\.)*/)?\s*[ai](\\|\s+\S)`)

// sed judges a line that is put into a file in place at each run. A deletion before it in the same script takes it out again.
func (w *onceWalk) sed(args []string, line int) {
	inPlace, adds := false, false
	for _, a := range args {
		switch {
		case strings.HasPrefix(a, "-i"), strings.HasPrefix(a, "--in-place"), a == "-ri", a == "-Ei":
			inPlace = true
		case strings.HasSuffix(a, "/d"):
			if inPlace {
				w.made[args[len(args)-1]] = true
			}
		case sedAdds.MatchString(a):
			adds = true
		}
	}
	if inPlace && adds {
		w.append(args[len(args)-1], line)
	}
}

// setsUp is what a command sets up that stands for good and refuses (or destroys) when it is there, empty for others.
func setsUp(name string, args []string, made map[string]bool) string {
	var words []string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			words = append(words, a)
		}
	}
	switch {
	case name == "git" && len(words) > 2 && words[0] == "clone" && !made[words[len(words)-1]]:
		return "clone into " + words[len(words)-1]
	case name == "ssh-keygen" && hasOption(args, "-f") && !hasOption(args, "-y -R -F -l"):
		return words[len(words)-1]
	case name == "openssl" && len(words) > 0 && (words[0] == "genrsa" || words[0] == "req" && slices.Contains(args, "-newkey")):
		return "a new key"
	}
	return ""
}

// shown is the thing with an ellipsis for what is put in at run time.
func (o once) shown() string { return shownShell(o.thing) }
