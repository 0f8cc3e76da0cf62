package review

// What task files declare: the names of their tasks with the lines.

import (
	"encoding/json"
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	rakeLine   = lazy.New(`^(\s*)(namespace|task|multitask)[\s(]+(?::(\w+)|["']([\w:-]+)["']|(\w+):)`)
	makeLine   = lazy.New(`^([A-Za-z0-9][\w./-]*(?:\s+[A-Za-z0-9][\w./-]*)*)\s*::?(?:[^=]|$)`)
	justLine   = lazy.New(`^@?([A-Za-z_][\w-]*)(?:\s+[^:=]*)?:(?:[^=]|$)`)
	goTaskLine = lazy.New(`^(?:  |\t)["']?([\w][\w:.*-]*)["']?:\s*(?:$|[^\s])`)
	console    = lazy.New(`(?:\$signature\s*=\s*|\$defaultName\s*=\s*|AsCommand\(\s*(?:name:\s*)?|->setName\(\s*)["']([\w:.-]+)`)
)

func rakeTasks(_, text string) map[string]int {
	type level struct {
		indent int
		name   string
	}
	found := map[string]int{}
	var open []level
	n := 0
	for line := range strings.Lines(text) {
		n++
		m := rakeLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for len(open) > 0 && open[len(open)-1].indent >= len(m[1]) {
			open = open[:len(open)-1]
		}
		name := m[3] + m[4] + m[5]
		if m[2] == "namespace" {
			open = append(open, level{len(m[1]), name})
			continue
		}
		full := name
		for i := len(open) - 1; i >= 0; i-- {
			full = open[i].name + ":" + full
		}
		found[full] = n
	}
	return found
}

func makeTargets(_, text string) map[string]int {
	return named(text, makeLine, strings.Fields)
}

func justRecipes(_, text string) map[string]int {
	return named(text, justLine, func(m string) []string { return []string{m} })
}

func goTasks(_, text string) map[string]int {
	_, tasks, ok := strings.Cut("\n"+text, "\ntasks:")
	if !ok {
		return nil
	}
	return named(tasks, goTaskLine, func(m string) []string { return []string{m} })
}

func consoleCommands(_, text string) map[string]int {
	return named(text, console, func(m string) []string { return []string{m} })
}

func fileCommand(p, _ string) map[string]int {
	return map[string]int{strings.TrimSuffix(path.Base(p), ".py"): 1}
}

func named(text string, re *lazy.Regexp, split func(string) []string) map[string]int {
	found := map[string]int{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if m := re.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			for _, name := range split(m[1]) {
				found[name] = n
			}
		}
	}
	return found
}

func packageScripts(_, text string) map[string]int {
	var p struct {
		Scripts map[string]any `json:"scripts"`
	}
	found := map[string]int{}
	if json.Unmarshal([]byte(text), &p) != nil {
		return found
	}
	for name := range p.Scripts {
		at := max(0, strings.Index(text, `"`+name+`"`))
		found[name] = 1 + strings.Count(text[:at], "\n")
	}
	return found
}
