package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// commandCalls looks for the calls of one command of a program.
type commandCalls struct {
	name, runner string
	programs     []string
	// known are all commands of the program: one may stand before another.
	known []string
	// image: arguments of a container of the repository's own image go to the program.
	image bool

	word *regexp.Regexp
}

var (
	commandSeparator = lazy.New("&&|\\|\\||[;|`]|\\$\\(")
	// callWrapper are the words that may stand before the program which a command line starts.
	callWrapper = lazy.New(`(?i)^(?:sudo|env|exec|time|nice|nohup|xargs|python[\d.]*|node|bun|deno|ruby|php|java|go|cargo|dotnet|npx|bunx|pnpm|npm|yarn|uv|uvx|poetry|pipenv|pipx|bundle|docker|podman|kubectl|compose|docker-compose|run|exec|tool|sh|bash|do|then|else|if|while|until|!|\$|>|run:|-|@|cmd|entrypoint|command:|args:|execstart\S*|heroku|fly|ssh|timeout|flock|su|chroot|\d+\w?|\*|--|[\w.-]*=\S*|root|app|www-data|deploy)$|^[-@+]|[=:/@$\\]`)
	cronFields  = lazy.New(`^\s*(?:@\w+|(?:[\d*/,-]+\s+){4}[\d*/,-]+)\s+`)
	codeInProse = lazy.New("`([^`\n]+)`")
)

// in is the first line of a file that calls the command, 0 for none.
func (c *commandCalls) in(at side, p, text string) int {
	if c.word == nil {
		c.word = programWord(c.programs)
	}
	ext := strings.ToLower(path.Ext(p))
	switch {
	case source.LanguageOf(p) != "":
		return c.inCode(at.file(p))
	case ext == ".yml" || ext == ".yaml" || ext == ".json":
		for _, d := range documentsOf([]byte(text)) {
			if line := c.inTree(d, "", 0); line > 0 {
				return line
			}
		}
		return 0
	case prose(p):
		return c.inProse(text)
	}
	if strings.HasPrefix(path.Base(p), "Dockerfile") || ext == ".dockerfile" {
		text = withEntrypoint(text)
	}
	return c.inRows(withVariables(text), 0)
}

// inRows reads a shell script, a makefile, a crontab, a unit file or an image's description.
func (c *commandCalls) inRows(text string, above int) int {
	joined, start := "", 0
	for i, row := range strings.Split(text, "\n") {
		if joined == "" {
			start = i
		}
		row = strings.TrimRight(row, "\r")
		if trimmed := strings.TrimSpace(row); strings.HasPrefix(trimmed, "#") {
			continue
		}
		if strings.HasSuffix(row, `\`) && len(joined) < 4000 {
			joined += strings.TrimSuffix(row, `\`) + " "
			continue
		}
		joined += row
		if strings.Contains(joined, c.name) && len(joined) < 8000 && c.called(joined) {
			for j := start; j <= i; j++ { // the row of the joined ones that has the name
				if strings.Contains(strings.Split(text, "\n")[j], c.name) {
					return above + j + 1
				}
			}
			return above + start + 1
		}
		joined = ""
	}
	return 0
}

// called says that a command line starts the program with the command.
func (c *commandCalls) called(row string) bool {
	row = cronFields.ReplaceAllString(row, "")
	for _, part := range commandSeparator.Split(row, -1) {
		if !strings.Contains(part, c.name) {
			continue
		}
		words := strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(" \t\"'[],()", r) })
		for i, w := range words {
			if c.word.MatchString(strings.TrimLeft(w[strings.LastIndexByte(w, '=')+1:], "@-+!:")) && c.follows(words[i+1:]) && plainBefore(words[:i]) {
				return true
			}
			if w == "cargo" && c.runner == "" && i+1 < len(words) && words[i+1] == "run" {
				if j := slices.Index(words, "--"); j > i && c.follows(words[j+1:]) && c.ownCrate(words[i:j]) {
					return true
				}
			}
		}
	}
	return false
}

// ownCrate says that cargo runs the program: it is asked for no other binary.
func (c *commandCalls) ownCrate(words []string) bool {
	for i, w := range words {
		if (w == "-p" || w == "--bin" || w == "--package" || w == "--manifest-path") && i+1 < len(words) && !c.word.MatchString(words[i+1]) {
			return false
		}
	}
	return true
}

func plainBefore(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !callWrapper.MatchString(w) })
}

// follows says that the words behind a program begin with the command; options, their values and other commands of the program
// may stand before it.
func (c *commandCalls) follows(words []string) bool {
	for i, w := range words {
		switch {
		case w == c.name:
			return true
		case strings.HasPrefix(w, "-"), i > 0 && strings.HasPrefix(words[i-1], "-") && !strings.Contains(words[i-1], "="), slices.Contains(c.known, w):
		case c.runner == "make" && !strings.Contains(w, "/"): // several targets in one call
		default:
			return false
		}
	}
	return false
}

// inTree reads the texts of a YAML or JSON document as command lines, and what containers are given as command and arguments.
func (c *commandCalls) inTree(t *document.Node, under string, depth int) int {
	if t == nil || depth > maxNesting {
		return 0
	}
	if line := c.inContainer(t); line > 0 {
		return line
	}
	if t.Kind == document.String && under != "name" && under != "description" && strings.Contains(t.Value, c.name) {
		if line := c.inRows(withVariables(t.Value), 0); line > 0 {
			if !strings.Contains(strings.TrimSpace(t.Value), "\n") {
				return t.Line
			}
			return t.Line + line
		}
	}
	for _, m := range t.Pairs {
		if line := c.inTree(m.Value, m.Key, depth+1); line > 0 {
			return line
		}
	}
	for _, item := range t.Items {
		if line := c.inTree(item, under, depth+1); line > 0 {
			return line
		}
	}
	return 0
}

// argumentKeys are the keys under which Kubernetes, Compose, ECS, Nomad and Argo keep what a container runs, in order.
var argumentKeys = []string{"entrypoint", "entryPoint", "command", "cmd", "args", "containerArgs"}

func (c *commandCalls) inContainer(t *document.Node) int {
	var words []string
	line := 0
	put := func(w string, at int) {
		if w == c.name && line == 0 {
			line = at
		}
		words = append(words, w)
	}
	started := false
	for _, key := range argumentKeys {
		v := t.Get(key)
		if v == nil {
			continue
		}
		started = started || key == "entrypoint" || key == "entryPoint"
		for _, item := range v.Items {
			if len(item.Pairs) > 0 {
				return 0
			}
			put(item.Value, item.Line)
		}
		for _, w := range strings.Fields(v.Text()) {
			put(strings.Trim(w, `"'`), v.Line)
		}
	}
	if line == 0 {
		return 0
	}
	if c.called(strings.Join(words, " ")) {
		return line
	}
	image := t.Text("image")
	if r := t.Get("image"); r != nil && len(r.Pairs) > 0 { // Helm: image: { repository: ... }
		image = r.Text("repository")
	}
	own := image == "" && t.Get("build") != nil && c.image
	if image != "" {
		base, _, _ := strings.Cut(path.Base(image), ":")
		base, _, _ = strings.Cut(base, "@")
		own = c.word.MatchString(base) || c.image && strings.Contains(image, "/") && !strings.HasPrefix(image, "docker.io/library/")
	}
	if own && !started && c.runner == "" && c.follows(words) {
		return line
	}
	return 0
}

// withEntrypoint puts what an image starts before the arguments that it starts it with.
func withEntrypoint(text string) string {
	all := entrypoint.FindAllStringSubmatch(text, 10)
	if len(all) == 0 {
		return text
	}
	m := all[len(all)-1]
	return strings.ReplaceAll(text, "\nCMD ", "\nCMD "+m[1]+m[2]+" ")
}

// inProse reads what a document shows as code.
func (c *commandCalls) inProse(text string) int {
	fenced := false
	for i, row := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(row)
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			fenced = !fenced
			continue
		}
		if !strings.Contains(row, c.name) || len(row) > 4000 {
			continue
		}
		if (fenced || strings.HasPrefix(row, "    ") || strings.HasPrefix(row, "\t")) && c.called(trimmed) {
			return i + 1
		}
		for _, m := range codeInProse.FindAllStringSubmatch(row, 20) {
			if c.called(m[1]) {
				return i + 1
			}
		}
	}
	return 0
}

// commandRunning are the calls by which frameworks run their own commands from code.
var commandRunning = lazy.New(`^(?:command|call|queue|callSilently|callSilent|artisan|call_command|rake|runner|invoke|execute|enhance|Task)$`)

// inCode reads a program that starts another one: exec.Command("kasse", "snapshot"), subprocess.run([...]), a command line in a
// string, and the calls of a framework's own commands.
func (c *commandCalls) inCode(f *source.File) int {
	if f == nil {
		return 0
	}
	for i, s := range f.Strings {
		switch {
		case s.Value == c.name && c.runner != "":
			for _, call := range f.Calls {
				if call.Span.Start <= s.Span.Start && s.Span.End <= call.Span.End && commandRunning.MatchString(call.Name) && len(call.Args) > 0 && call.Args[0].Str == c.name {
					return s.Span.Line
				}
			}
			fallthrough
		case s.Value == c.name:
			for j := i - 1; j >= 0 && j >= i-6 && s.Span.Start-f.Strings[j].Span.Start < 250; j-- {
				if c.word.MatchString(f.Strings[j].Value) {
					return s.Span.Line
				}
			}
		case strings.Contains(s.Value, c.name) && strings.Contains(s.Value, " ") && len(s.Value) < 4000:
			if line := c.inRows(s.Value, 0); line > 0 && (c.runner == "" || c.runner != "make") {
				return s.Span.Line + line - 1
			}
		}
	}
	if c.runner == "rake" { // whenever's schedule: rake "media:cleanup"
		for _, call := range f.Calls {
			if (call.Name == "rake" || call.Name == "[]") && len(call.Args) > 0 && call.Args[0].Str == c.name {
				return call.Span.Line
			}
		}
	}
	return 0
}
