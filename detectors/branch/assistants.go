package branch

// Which commits an assistant wrote or helped with, by trailers and addresses. A name alone says nothing: people are
// called Claude and Devin too. What counts is an address that only the tool has, or a trailer made for the purpose.

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// assistant is the tool that a commit names, empty for none: by its author, its committer, its trailers, or
// the line that some tools sign with.
func assistant(c Commit, committer Person) string {
	for _, p := range []Person{c.Author, committer} {
		if tool := byIdentity(p); tool != "" {
			return tool
		}
	}
	for _, t := range c.Trailers {
		if tool := byTrailer(strings.ToLower(t.Key), t.Value); tool != "" {
			return tool
		}
	}
	return byFooter(c.Message)
}

// byTrailer is the tool that one trailer names; the key is in lower case.
func byTrailer(key, value string) string {
	for _, a := range agents {
		if slices.Contains(a.keys, key) {
			return a.tool
		}
		for _, name := range a.names {
			if rest, ok := strings.CutPrefix(key, strings.ReplaceAll(name, " ", "-")+"-"); ok && sessionKeys[strings.TrimPrefix(rest, "code-")] {
				return a.tool
			}
		}
	}
	p := person(value)
	if tool := byIdentity(p); tool != "" && (strings.HasSuffix(key, "-by") || assistedKeys[key]) {
		return tool
	}
	if key == "replit-commit-author" && (value == "Agent" || value == "Assistant") {
		return "replit"
	}
	rest, ai := strings.CutPrefix(key, "ai-")
	if !ai && !assistedKeys[key] {
		return ""
	}
	if tool := byName(p); tool != "" || !ai {
		return tool
	}
	switch strings.ToLower(value) {
	case "", "no", "none", "false", "n/a", "0":
		return ""
	}
	if strings.HasPrefix(rest, "assist") || strings.HasPrefix(rest, "generat") || rest == "tool" || rest == "agent" || rest == "model" {
		return "assistant" // one that nobody knows yet
	}
	return ""
}

// byIdentity is the tool that a name with an address is.
func byIdentity(p Person) string {
	email, name := strings.ToLower(p.Email), strings.ToLower(p.Name)
	if strings.HasSuffix(name, " (aider)") { // aider's own mark on a person's name
		return "aider"
	}
	account := ""
	if local, ok := strings.CutSuffix(email, "@users.noreply.github.com"); ok {
		if number, after, numbered := strings.Cut(local, "+"); numbered && strings.Trim(number, "0123456789") == "" {
			local = after
		}
		account = local
	} else if strings.HasSuffix(name, "[bot]") {
		account = name
	}
	for _, a := range agents {
		if email != "" && slices.Contains(a.addresses, email) || account != "" && slices.Contains(a.accounts, account) {
			return a.tool
		}
	}
	return ""
}

// byName is the tool that an Assisted-by names ("Claude Code", "claude:opus-4", "GitHub Copilot"). An address of a
// person's own makes it a person, and so does a surname.
func byName(p Person) string {
	if email := strings.ToLower(p.Email); email != "" && !strings.Contains(email, "noreply") && !strings.Contains(email, "no-reply") {
		return ""
	}
	value := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(p.Name)), "[")
	for _, a := range agents {
		for _, name := range a.names {
			if rest, ok := strings.CutPrefix(value, name); ok && likeProduct(rest) {
				return a.tool
			}
		}
	}
	return ""
}

// likeProduct says whether what follows a tool's name is no surname: nothing, a version, a model, punctuation.
func likeProduct(rest string) bool {
	if rest == "" || strings.ContainsRune(":/@-_.,;(0123456789]", rune(rest[0])) {
		return true
	}
	words := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" -:/(),;[]", r) })
	if rest[0] != ' ' {
		return false
	}
	return len(words) == 0 || productWords[words[0]] || strings.ContainsAny(words[0], "0123456789")
}

// byFooter is the tool whose line stands in the last paragraph, or in the one before the trailers.
func byFooter(message string) string {
	paragraphs := 0
	lines := strings.Split(strings.TrimSpace(message), "\n")
	for i := len(lines) - 1; i > 0 && paragraphs < 2; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			paragraphs++
		}
		if tool := footers[line]; tool != "" {
			return tool
		}
	}
	return ""
}

// person splits "Name <address>".
func person(value string) Person {
	name, rest, ok := strings.Cut(value, "<")
	if !ok {
		if fields := strings.Fields(value); len(fields) == 1 && strings.Contains(value, "@") && !strings.HasPrefix(value, "@") {
			return Person{Email: value}
		}
		return Person{Name: strings.TrimSpace(value)}
	}
	email, _, _ := strings.Cut(rest, ">")
	return Person{Name: strings.TrimSpace(name), Email: strings.TrimSpace(email)}
}

// maxCounted bounds the commits whose added lines are counted.
const maxCounted = 500

// sumUp says what the commits tell of assistants.
func (r *repository) sumUp(ctx context.Context, commits []Commit) (AI, error) {
	sum := AI{Source: "none"}
	var ids strings.Builder
	attributed := map[string]bool{}
	counted := 0
	for i := range commits {
		c := &commits[i]
		tools := sum.attributions(c)
		if c.AI != "" {
			tools = append(tools, c.AI)
			if sum.Source == "none" {
				sum.Source = "trailers"
			}
		}
		attributed[c.ID] = c.Noted || c.Traced
		if len(tools) > 0 {
			sum.Commits++
			sum.Tools = append(sum.Tools, tools...)
		}
		if (len(tools) > 0 || attributed[c.ID]) && counted < maxCounted {
			counted++
			ids.WriteString(c.ID + "\n")
		}
	}
	slices.Sort(sum.Tools)
	sum.Tools = slices.Compact(sum.Tools)
	slices.Sort(sum.Models)
	sum.Models = slices.Compact(sum.Models)
	if counted == 0 {
		return sum, nil
	}
	out, err := r.git.filter(ctx, strings.NewReader(ids.String()), "-c", "core.bigFileThreshold="+strconv.Itoa(MaxFile),
		"diff-tree", "--stdin", "--root", "-r", "-M", "-l200", "--numstat", "--no-ext-diff", "--no-textconv")
	if err != nil {
		return sum, r.compareFailed(err)
	}
	commit := ""
	for line := range strings.Lines(string(out)) {
		added, rest, ok := strings.Cut(line, "\t")
		if !ok {
			commit = strings.TrimSpace(line)
			continue
		}
		n, err := strconv.Atoi(added)
		if err != nil || strings.Contains(rest, "\t"+recordsFolder) {
			continue
		}
		if attributed[commit] {
			sum.Known += n
		} else {
			sum.Lines += n
		}
	}
	// A note that speaks of more lines than its commit has was made for another one.
	sum.Machine = min(sum.Machine, sum.Known)
	sum.Confirmed = min(sum.Confirmed, sum.Known-sum.Machine)
	sum.Lines += sum.Machine
	return sum, nil
}

// attributions adds what is written down about a commit's lines, and lists the tools that it names.
func (a *AI) attributions(c *Commit) (tools []string) {
	for _, t := range c.Attributions {
		n := t.To - t.From + 1
		if t.Tool == "" {
			a.Confirmed += n
			continue
		}
		a.Machine += n
		if !slices.Contains(tools, t.Tool) {
			tools = append(tools, t.Tool)
		}
		if t.Model != "" {
			a.Models = append(a.Models, t.Model)
		}
	}
	switch {
	case c.Noted:
		a.Source = "git-ai"
	case c.Traced && a.Source != "git-ai":
		a.Source = "agent-trace"
	}
	return tools
}
