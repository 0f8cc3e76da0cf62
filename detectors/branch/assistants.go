package branch

// Which commits an assistant wrote or helped with, by trailers and addresses. A name alone says nothing: people are
// called Claude and Devin too. What counts is an address that only the tool has, or a trailer made for the purpose.

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// agent is one tool and what it signs with.
type agent struct {
	tool string
	// addresses are whole, in lower case.
	addresses []string
	// bots are GitHub accounts: "name[bot]" or "name", as in 198982749+Copilot@users.noreply.github.com.
	bots []string
	// names count only behind trailers that are made for assistants (Assisted-by, Generated-by ...).
	names []string
	// keys are trailers of the tool's own.
	keys []string
}

// agents are the tools known. Sources: the tools' documentation and public commits.
var agents = []agent{
	{tool: "claude", addresses: []string{"noreply@anthropic.com", "claude@anthropic.com"}, bots: []string{"claude[bot]", "claude-code[bot]"}, names: []string{"claude"}, keys: []string{"claude-session", "claude-session-id", "claude-code-session"}},
	{tool: "copilot", addresses: []string{"copilot@github.com", "noreply@copilot.github.com"}, bots: []string{"copilot", "copilot[bot]", "copilot-swe-agent[bot]", "github-copilot[bot]"}, names: []string{"copilot", "github copilot"}, keys: []string{"agent-logs-url", "copilot-session"}},
	{tool: "cursor", addresses: []string{"cursoragent@cursor.com", "agent@cursor.com"}, bots: []string{"cursor[bot]", "cursoragent"}, names: []string{"cursor"}, keys: []string{"cursor-session"}},
	{tool: "codex", addresses: []string{"codex@openai.com", "noreply@openai.com"}, bots: []string{"chatgpt-codex-connector[bot]", "codex[bot]", "openai-codex[bot]"}, names: []string{"codex", "chatgpt", "gpt", "openai"}, keys: []string{"codex-session"}},
	{tool: "devin", addresses: []string{"devin-ai-integration@cognition.ai"}, bots: []string{"devin-ai-integration[bot]"}, names: []string{"devin"}, keys: []string{"devin-session"}},
	{tool: "aider", addresses: []string{"noreply@aider.chat", "aider@aider.chat"}, names: []string{"aider"}},
	{tool: "gemini", addresses: []string{"gemini-code-assist@google.com", "gemini-cli-agent@google.com", "noreply@gemini.google.com"}, bots: []string{"gemini-code-assist[bot]", "gemini-cli[bot]"}, names: []string{"gemini"}},
	{tool: "jules", addresses: []string{"jules@google.com"}, bots: []string{"google-labs-jules[bot]"}, names: []string{"jules", "google jules"}},
	{tool: "windsurf", addresses: []string{"windsurf@codeium.com", "noreply@codeium.com", "noreply@windsurf.com", "cascade@windsurf.com"}, bots: []string{"windsurf-bot[bot]"}, names: []string{"windsurf", "cascade"}},
	{tool: "amp", addresses: []string{"amp@ampcode.com", "amp@sourcegraph.com"}, bots: []string{"amp-code[bot]"}, names: []string{"amp"}, keys: []string{"amp-thread-id", "amp-thread"}},
	{tool: "opencode", addresses: []string{"noreply@opencode.ai", "opencode@sst.dev"}, bots: []string{"opencode-agent[bot]", "opencode[bot]"}, names: []string{"opencode"}},
	{tool: "crush", addresses: []string{"crush@charm.land"}, names: []string{"crush"}},
	{tool: "openhands", addresses: []string{"openhands@all-hands.dev"}, bots: []string{"openhands-agent", "openhands[bot]"}, names: []string{"openhands"}},
	{tool: "junie", addresses: []string{"junie@jetbrains.com"}, bots: []string{"jetbrains-junie[bot]"}, names: []string{"junie"}},
	{tool: "factory", bots: []string{"factory-droid[bot]"}, names: []string{"droid", "factory droid"}},
	{tool: "qwen", addresses: []string{"qwen-coder@alibabacloud.com"}, names: []string{"qwen"}},
	{tool: "amazon-q", addresses: []string{"amazonq@amazon.com"}, bots: []string{"amazon-q-developer[bot]"}, names: []string{"amazon q"}},
	{tool: "sweep", bots: []string{"sweep-ai[bot]", "sweep-ai-deprecated[bot]"}, names: []string{"sweep"}},
	{tool: "codegen", bots: []string{"codegen-sh[bot]"}, names: []string{"codegen"}},
	{tool: "lovable", bots: []string{"lovable-dev[bot]", "gpt-engineer-app[bot]"}, names: []string{"lovable"}},
	{tool: "replit", addresses: []string{"agent@replit.com"}, bots: []string{"replit-agent[bot]"}, names: []string{"replit agent"}},
	{tool: "warp", addresses: []string{"agent@warp.dev"}, bots: []string{"warp-agent[bot]"}, names: []string{"warp"}},
	{tool: "kiro", addresses: []string{"noreply@kiro.dev"}, bots: []string{"kiro-agent[bot]"}, names: []string{"kiro"}},
	{tool: "cline", addresses: []string{"noreply@cline.bot"}, names: []string{"cline"}},
	{tool: "roo", addresses: []string{"roomote@roocode.com"}, bots: []string{"roomote[bot]", "roomote-agent"}, names: []string{"roo", "roo code"}},
}

// assistedKeys are trailers made to name an assistant.
var assistedKeys = map[string]bool{
	"assisted-by": true, "ai-assisted-by": true, "generated-by": true, "ai-generated-by": true, "co-developed-by-ai": true,
	"ai-tool": true, "ai-agent": true, "ai-assistant": true, "ai-model": true, "generated-with": true, "assisted-with": true,
}

// assistant is the tool that a commit names, empty for none.
func assistant(c Commit) string {
	if tool := byPerson(c.Author.Name, c.Author.Email); tool != "" {
		return tool
	}
	for _, t := range c.Trailers {
		key := strings.ToLower(t.Key)
		for _, a := range agents {
			if slices.Contains(a.keys, key) {
				return a.tool
			}
		}
		name, email := person(t.Value)
		if strings.HasSuffix(key, "-by") {
			if tool := byPerson(name, email); tool != "" {
				return tool
			}
		}
		if assistedKeys[key] {
			if tool := byName(name, email); tool != "" {
				return tool
			}
		}
	}
	return ""
}

// byPerson is the tool that a name with an address is.
func byPerson(name, email string) string {
	email = strings.ToLower(email)
	account := ""
	if local, ok := strings.CutSuffix(email, "@users.noreply.github.com"); ok {
		if _, after, numbered := strings.Cut(local, "+"); numbered {
			local = after
		}
		account = local
	} else if strings.HasSuffix(strings.ToLower(name), "[bot]") {
		account = strings.ToLower(name)
	}
	for _, a := range agents {
		if slices.Contains(a.addresses, email) || account != "" && slices.Contains(a.bots, account) {
			return a.tool
		}
	}
	if strings.HasSuffix(name, " (aider)") { // aider's own mark on an author's name
		return "aider"
	}
	return ""
}

// byName is the tool that an Assisted-by names ("Claude Code", "claude:opus-4", "GitHub Copilot <...>"). An address
// of a person's own makes it a person.
func byName(name, email string) string {
	if email != "" && !strings.Contains(strings.ToLower(email), "noreply") && !strings.Contains(strings.ToLower(email), "no-reply") {
		return ""
	}
	name = strings.ToLower(name)
	for _, a := range agents {
		for _, n := range a.names {
			if rest, ok := strings.CutPrefix(name, n); ok && (rest == "" || strings.ContainsAny(rest[:1], " :-/@(0123456789.,[")) {
				return a.tool
			}
		}
	}
	return ""
}

// person splits "Name <address>".
func person(value string) (name, email string) {
	name, rest, ok := strings.Cut(value, "<")
	if !ok {
		return strings.TrimSpace(value), ""
	}
	email, _, _ = strings.Cut(rest, ">")
	return strings.TrimSpace(name), strings.TrimSpace(email)
}

// maxCounted bounds the commits whose added lines are counted.
const maxCounted = 500

// sumUp says what the commits tell of assistants.
func (r *repository) sumUp(ctx context.Context, commits []Commit) (AI, error) {
	sum := AI{Source: "none"}
	var ids strings.Builder
	for _, c := range commits {
		if c.AI == "" {
			continue
		}
		if sum.Commits++; sum.Commits <= maxCounted {
			ids.WriteString(c.ID + "\n")
		}
		sum.Tools = append(sum.Tools, c.AI)
	}
	if sum.Commits == 0 {
		return sum, nil
	}
	sum.Source = "trailers"
	slices.Sort(sum.Tools)
	sum.Tools = slices.Compact(sum.Tools)
	out, err := r.git.filter(ctx, strings.NewReader(ids.String()), "diff-tree", "--stdin", "--root", "-r", "-M", "-l200", "--numstat", "--no-commit-id", "--no-ext-diff", "--no-textconv")
	if err != nil {
		return sum, r.compareFailed(err)
	}
	for line := range strings.Lines(string(out)) {
		added, rest, _ := strings.Cut(line, "\t")
		if n, err := strconv.Atoi(added); err == nil && !strings.Contains(rest, "\t"+recordsFolder) {
			sum.Lines += n
		}
	}
	return sum, nil
}
