package branch

// The assistants that sign commits, as data.

// agent is one tool and what it signs with.
type agent struct {
	tool string
	// addresses are whole, in lower case. None is one that a person of that name could have.
	addresses []string
	// accounts are GitHub accounts, in lower case: the "name[bot]" of 1234+name[bot]@users.noreply.github.com. The
	// number differs between installations, so it does not count.
	accounts []string
	// names count only behind trailers that are made for assistants (Assisted-by, Generated-by ...).
	names []string
	// keys are trailers of the tool's own, besides <name>-Session and its like.
	keys []string
}

// agents are the tools known, from what they write into public commits when nobody configures them.
var agents = []agent{
	{tool: "claude", addresses: []string{"noreply@anthropic.com"}, accounts: []string{"claude[bot]", "anthropic-claude[bot]", "claude-code-action[bot]", "claude-code[bot]"}, names: []string{"claude", "anthropic"}},
	{tool: "copilot", addresses: []string{"copilot@github.com"}, accounts: []string{"copilot", "copilot[bot]", "copilot-swe-agent", "copilot-swe-agent[bot]", "github-copilot[bot]"}, names: []string{"copilot", "github copilot"}, keys: []string{"agent-logs-url"}},
	{tool: "cursor", addresses: []string{"cursoragent@cursor.com", "agent@cursor.com", "noreply@cursor.com"}, accounts: []string{"cursor[bot]", "cursoragent", "cursoragent[bot]"}, names: []string{"cursor"}},
	{tool: "codex", addresses: []string{"noreply@openai.com", "codex@openai.com", "267193182+codex@users.noreply.github.com"}, accounts: []string{"chatgpt-codex-connector[bot]", "openai-codex[bot]", "codex[bot]"}, names: []string{"codex", "openai codex", "openai", "chatgpt", "gpt"}},
	{tool: "devin", accounts: []string{"devin-ai-integration", "devin-ai-integration[bot]"}, names: []string{"devin"}},
	{tool: "aider", addresses: []string{"noreply@aider.chat", "aider@aider.chat"}, names: []string{"aider"}},
	{tool: "gemini", addresses: []string{"gemini-cli@google.com", "gemini-cli-agent@google.com", "gemini-code-assist@google.com"}, accounts: []string{"gemini-code-assist[bot]", "gemini-cli[bot]", "gemini-cli"}, names: []string{"gemini", "google gemini"}},
	{tool: "jules", accounts: []string{"google-labs-jules", "google-labs-jules[bot]", "jules-fleet[bot]"}, names: []string{"jules", "google jules", "google labs jules"}},
	{tool: "windsurf", addresses: []string{"noreply@windsurf.com", "cascade@windsurf.com", "cascade@windsurf.ai", "noreply@codeium.com", "windsurf@codeium.com"}, accounts: []string{"windsurf-bot[bot]"}, names: []string{"windsurf", "cascade"}},
	{tool: "amp", addresses: []string{"amp@ampcode.com", "noreply@ampcode.com"}, accounts: []string{"amp-code[bot]"}, names: []string{"amp"}},
	{tool: "opencode", addresses: []string{"noreply@opencode.ai", "opencode@sst.dev"}, accounts: []string{"opencode-agent[bot]", "opencode[bot]"}, names: []string{"opencode"}},
	{tool: "openhands", addresses: []string{"openhands@all-hands.dev", "openhands@openhands.dev"}, accounts: []string{"openhands-agent", "openhands[bot]"}, names: []string{"openhands"}},
	{tool: "amazon-q", accounts: []string{"amazon-q-developer[bot]", "amazonq[bot]"}, names: []string{"amazon q"}},
	{tool: "kiro", addresses: []string{"noreply@kiro.dev"}, accounts: []string{"kiro-agent", "kiro-agent[bot]"}, names: []string{"kiro"}},
	{tool: "crush", addresses: []string{"crush@charm.land"}, names: []string{"crush"}},
	{tool: "qwen", addresses: []string{"qwen-coder@alibabacloud.com"}, names: []string{"qwen"}},
	{tool: "droid", addresses: []string{"droid@factory.ai", "noreply@factory.ai"}, accounts: []string{"factory-droid[bot]"}, names: []string{"droid", "factory droid"}},
	{tool: "junie", addresses: []string{"junie@jetbrains.com"}, accounts: []string{"jetbrains-junie[bot]"}, names: []string{"junie"}},
	{tool: "cline", addresses: []string{"noreply@cline.bot"}, accounts: []string{"cline[bot]"}, names: []string{"cline"}},
	{tool: "roo", addresses: []string{"roomote@roocode.com", "noreply@roocode.com"}, accounts: []string{"roomote[bot]", "roomote-agent"}, names: []string{"roo code"}},
	{tool: "continue", addresses: []string{"noreply@continue.dev"}, accounts: []string{"continue[bot]", "continue-agent[bot]"}, names: []string{"continue.dev", "continue agent"}},
	{tool: "goose", addresses: []string{"opensource@block.xyz", "goose@block.xyz"}, names: []string{"goose"}},
	{tool: "warp", addresses: []string{"agent@warp.dev", "noreply@warp.dev"}, accounts: []string{"warp-agent[bot]"}, names: []string{"warp"}},
	{tool: "zed", addresses: []string{"noreply@zed.dev", "agent@zed.dev"}, names: []string{"zed agent"}},
	{tool: "pi", addresses: []string{"noreply@pi.dev"}, names: []string{"pi coding agent"}},
	{tool: "trae", addresses: []string{"traecli@bytedance.com", "noreply@trae.ai"}, names: []string{"trae"}},
	{tool: "tabnine", addresses: []string{"noreply@tabnine.com"}, names: []string{"tabnine"}},
	{tool: "zencoder", accounts: []string{"zencoder-ai[bot]"}, names: []string{"zencoder"}},
	{tool: "replit", addresses: []string{"agent@replit.com"}, accounts: []string{"replit-agent[bot]"}, names: []string{"replit agent"}},
	{tool: "lovable", accounts: []string{"lovable-dev[bot]", "gpt-engineer-app[bot]"}, names: []string{"lovable"}},
	{tool: "v0", accounts: []string{"v0[bot]"}, names: []string{"v0"}},
	{tool: "bolt", addresses: []string{"noreply@bolt.new"}, accounts: []string{"bolt-new[bot]"}, names: []string{"bolt.new"}},
	{tool: "sweep", accounts: []string{"sweep-ai[bot]"}, names: []string{"sweep ai"}},
	{tool: "codegen", accounts: []string{"codegen-sh[bot]"}, names: []string{"codegen"}},
	{tool: "coderabbit", accounts: []string{"coderabbitai[bot]"}, names: []string{"coderabbit"}},
	{tool: "qodo", accounts: []string{"qodo-code-review[bot]", "qodo-merge[bot]", "qodo-merge-pro[bot]"}, names: []string{"qodo"}},
	{tool: "ellipsis", accounts: []string{"ellipsis-dev[bot]"}, names: []string{"ellipsis"}},
}

// assistedKeys are trailers that name a tool, in lower case. Some projects thank people with Assisted-by, so a
// value counts only when it reads like a tool.
var assistedKeys = map[string]bool{
	"assisted-by": true, "assisted-with": true, "generated-by": true, "generated-with": true, "made-with": true,
	"made-by": true, "written-by": true, "co-developed-by": true, "drafted-by": true, "agent": true, "model": true,
}

// sessionKeys follow a tool's name in trailers such as Claude-Session and Amp-Thread-ID.
var sessionKeys = map[string]bool{
	"session": true, "session-id": true, "session-url": true, "thread": true, "thread-id": true, "thread-url": true,
	"conversation": true, "conversation-id": true, "task": true, "task-id": true, "task-url": true, "run": true, "run-id": true,
}

// productWords follow a tool's name where it is not a person's: "Claude Code", "Gemini Pro", not "Claude Dupont".
var productWords = map[string]bool{
	"code": true, "cli": true, "agent": true, "ai": true, "bot": true, "chat": true, "app": true, "assistant": true, "coder": true,
	"opus": true, "sonnet": true, "haiku": true, "fable": true, "mythos": true, "pro": true, "flash": true, "ultra": true, "mini": true,
	"max": true, "composer": true, "cascade": true, "editor": true, "ide": true, "workspace": true, "autofix": true, "cloud": true,
	"web": true, "swe": true, "gpt": true, "codex": true, "copilot": true, "llm": true, "model": true, "developer": true, "next": true,
	"desktop": true, "with": true, "via": true, "and": true, "using": true,
}

// footers are whole lines that tools sign with in place of a trailer.
var footers = map[string]string{
	"🤖 Generated with [Claude Code](https://claude.com/claude-code)":                     "claude",
	"🤖 Generated with [Claude Code](https://claude.ai/code)":                             "claude",
	"🤖 Generated with [Claude Code](https://docs.anthropic.com/en/docs/claude-code)":     "claude",
	"🤖 Generated with [Claude Code](https://www.anthropic.com/claude-code)":              "claude",
	"🤖 Generated with [Claude Code](https://docs.anthropic.com/claude/docs/claude-code)": "claude",
	"🤖 Generated with Claude Code":                                                       "claude",
	"🤖 Generated with [OpenCode](https://opencode.ai)":                                   "opencode",
	"🤖 Generated with [opencode](https://opencode.ai)":                                   "opencode",
	"💘 Generated with Crush":                                                             "crush",
	"Made with [Cursor](https://cursor.com)":                                             "cursor",
}
