package pipeline

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// jenkinsfile are the names that Jenkins' pipelines go by.
var jenkinsfile = lazy.New(`(?:^|/)(?:Jenkinsfile[\w.-]*|[\w-]+\.jenkinsfile|[\w-]*\.Jenkinsfile)$|^(?:jenkins|ci)/[\w-]+\.groovy$`)

var (
	neverWhen = lazy.New(`^\s*\{\s*expression\s*\{\s*(?:return\s+)?false\s*;?\s*\}`)
	// passesOn is what turns a failure into a success (Pipeline: Basic Steps).
	passesOn = lazy.New(`^(?:warnError\b|catchError\s*\([^)]*buildResult\s*:\s*(?:['"](?:SUCCESS|UNSTABLE)['"]|null))`)
)

// jenkins reads a pipeline in Groovy (www.jenkins.io/doc/book/pipeline/syntax): the shell steps of each stage, in braces within
// braces, with what catches their failure around them and the input that a person gives.
func (r *reading) jenkins(text string) {
	type block struct{ stage, weak, approval string }
	blocks := []block{{}}
	line, words := 1, []string{}
	var pending block
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\n':
			line++
		case strings.HasPrefix(text[i:], "//"):
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i:], "*/")
			if end < 0 {
				return
			}
			line += strings.Count(text[i:i+end], "\n")
			i += end + 1
		case c == '"' || c == '\'':
			said, end := groovyText(text, i)
			at := line
			if strings.HasPrefix(text[i:], `'''`) || strings.HasPrefix(text[i:], `"""`) {
				if strings.HasPrefix(said, "\n") {
					said, at = said[1:], line+1
				}
			}
			top := blocks[len(blocks)-1]
			switch called(words) {
			case "stage":
				pending.stage = said
			case "sh", "bat", "powershell", "pwsh":
				weak := top.weak
				if rest, _, _ := strings.Cut(text[end:], "\n"); weak == "" && strings.Contains(rest, "returnStatus: true") {
					weak = "returnStatus: true"
				}
				r.Steps = append(r.Steps, Step{Job: top.stage, Name: top.stage, Run: said, Line: line, RunLine: at, Weak: weak, Approval: top.approval})
			}
			line += strings.Count(text[i:end], "\n")
			i = end - 1
		case c == '{':
			top := blocks[len(blocks)-1]
			next := top
			if pending.stage != "" {
				next.stage = pending.stage
			}
			if pending.weak != "" {
				next.weak = pending.weak
			}
			pending = block{}
			blocks = append(blocks, next)
			words = nil
		case c == '}':
			if len(blocks) > 1 {
				blocks = blocks[:len(blocks)-1]
			}
			words = nil
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			start := i
			for i+1 < len(text) && (text[i+1] == '_' || text[i+1] >= 'a' && text[i+1] <= 'z' || text[i+1] >= 'A' && text[i+1] <= 'Z' || text[i+1] >= '0' && text[i+1] <= '9') {
				i++
			}
			word := text[start : i+1]
			words = append(words, word)
			if len(words) > 12 {
				words = words[len(words)-12:]
			}
			if word == "input" {
				// What follows in the stage waits for the answer, and so do the stages after it.
				for k := range blocks {
					blocks[k].approval = "input"
				}
			}
			if word == "when" && neverWhen.MatchString(text[i+1:min(len(text), i+120)]) {
				blocks[len(blocks)-1].weak = "when: false"
			}
			if (word == "catchError" || word == "warnError") && passesOn.MatchString(text[start:min(len(text), i+160)]) {
				pending.weak = word
			}
		}
		if line > 5000 || len(r.Steps) > 2000 {
			return
		}
	}
}

// called is the step whose argument comes next: the last word, or the one before the name of an argument.
func called(words []string) string {
	if len(words) == 0 {
		return ""
	}
	last := words[len(words)-1]
	if (last == "script" || last == "label" || last == "buildResult" || last == "stageResult" || last == "message") && len(words) > 1 {
		return called(words[:len(words)-1])
	}
	return last
}

// groovyText is a string that begins at a quote, and where it ends.
func groovyText(text string, at int) (said string, end int) {
	quote := text[at : at+1]
	if strings.HasPrefix(text[at:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	from := at + len(quote)
	for i := from; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], quote):
			return text[from:i], i + len(quote)
		case text[i] == '\n' && len(quote) == 1:
			return text[from:i], i
		}
	}
	return text[from:], len(text)
}
