package branch

// Who wrote which lines, where a tool wrote it down: notes of git-ai (refs/notes/ai, the format of
// github.com/git-ai-project/git-ai/blob/main/specs/git_ai_standard_v3.0.0.md) and records of agent-trace (agent-trace.dev).
// What nobody wrote down is unknown, not a person's.

import (
	"context"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Attribution is a run of lines of one file, as a commit of the branch left it, with whoever wrote them.
type Attribution struct {
	Path     string
	From, To int
	// Tool and Model are the assistant's ("cursor", "claude-4.5-opus"); empty for a person's lines.
	Tool, Model string
	// Person is who wrote or confirmed the lines, empty where the note names nobody.
	Person string
}

// notesRef is where git-ai keeps its notes; maxNote bounds one of them, maxNoted how many are read.
const (
	notesRef = "refs/notes/ai"
	maxNote  = 4 << 20
	maxNoted = 500
)

// attribute reads the notes of the branch's commits into them. A repository without notes says nothing.
func (r *repository) attribute(ctx context.Context, commits []Commit) {
	out, err := r.git.output(ctx, "notes", "--ref="+notesRef, "list")
	if err != nil || len(out) == 0 {
		return
	}
	blobs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if blob, commit, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			blobs[commit] = blob
		}
	}
	read := 0
	for i := range commits {
		blob := blobs[commits[i].ID]
		if blob == "" || read == maxNoted {
			continue
		}
		read++
		size, err := r.git.output(ctx, "cat-file", "-s", blob)
		if n, convErr := strconv.Atoi(strings.TrimSpace(string(size))); err != nil || convErr != nil || n > maxNote {
			continue
		}
		text, err := r.git.output(ctx, "cat-file", "blob", blob)
		if err != nil {
			continue
		}
		if list, ok := parseNote(string(text), commits[i].ID); ok {
			commits[i].Noted, commits[i].Attributions = true, list
		}
	}
}

type noteAuthor struct {
	AgentID struct {
		Tool  string `json:"tool"`
		Model string `json:"model"`
	} `json:"agent_id"`
	HumanAuthor string `json:"human_author"`
	Author      string `json:"author"`
}

// parseNote reads a note of git-ai: paths with keys and their ranges of lines, `---`, and who the keys are. One of another
// version, or made for another commit, is left alone.
func parseNote(text, commit string) ([]Attribution, bool) {
	lines, tail, ok := strings.Cut("\n"+text, "\n---\n")
	var meta struct {
		SchemaVersion string                `json:"schema_version"`
		BaseCommit    string                `json:"base_commit_sha"`
		Prompts       map[string]noteAuthor `json:"prompts"`
		Sessions      map[string]noteAuthor `json:"sessions"`
		Humans        map[string]noteAuthor `json:"humans"`
	}
	if !ok || json.Unmarshal([]byte(tail), &meta) != nil || !strings.HasPrefix(meta.SchemaVersion, "authorship/3") ||
		meta.BaseCommit != "" && !strings.HasPrefix(commit, meta.BaseCommit) {
		return nil, false
	}
	var list []Attribution
	file := ""
	for line := range strings.Lines(lines) {
		line = strings.TrimRight(line, "\r\n")
		rest, indented := strings.CutPrefix(line, "  ")
		if !indented {
			file = strings.Trim(line, `"`)
			continue
		}
		key, ranges, ok := strings.Cut(rest, " ")
		if !ok || file == "" {
			continue
		}
		a := Attribution{Path: file}
		session, _, _ := strings.Cut(key, "::")
		switch who, prompt := meta.Prompts[key]; {
		case strings.HasPrefix(key, "h_"):
			a.Person = meta.Humans[key].Author
			if a.Person == "" {
				a.Person = "a person"
			}
		case prompt:
			a.Tool, a.Model = who.AgentID.Tool, who.AgentID.Model
		default:
			a.Tool, a.Model = meta.Sessions[session].AgentID.Tool, meta.Sessions[session].AgentID.Model
		}
		if a.Person == "" && a.Tool == "" {
			a.Tool = "assistant"
		}
		list = append(list, inRanges(a, ranges)...)
	}
	return list, true
}

// inRanges is an attribution for each of "1-20,25,30-35".
func inRanges(a Attribution, ranges string) []Attribution {
	var list []Attribution
	for part := range strings.SplitSeq(strings.TrimSpace(ranges), ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		var errFrom, errTo error
		a.From, errFrom = strconv.Atoi(from)
		a.To, errTo = strconv.Atoi(to)
		if errFrom == nil && errTo == nil && 0 < a.From && a.From <= a.To && a.To-a.From < 1<<20 {
			list = append(list, a)
		}
	}
	return list
}

// traceFile is where tools append records of agent-trace, a line each.
const traceFile = ".agent-trace/traces.jsonl"

// traces is the text of the work tree's records, nil without a regular file of theirs.
func (r *repository) traces() []byte {
	full := filepath.Join(r.root, filepath.FromSlash(traceFile))
	if info, err := os.Lstat(full); err != nil || !info.Mode().IsRegular() || info.Size() > maxNote || !r.realFolder(path.Dir(traceFile)) {
		return nil
	}
	text, err := os.ReadFile(full) // #nosec G304 -- a regular file of the work tree, no link on the way
	if err != nil {
		return nil
	}
	return text
}

// trace reads the records of agent-trace that speak of commits of the branch.
func trace(text []byte, commits []Commit) {
	for line := range strings.Lines(string(text)) {
		var t struct {
			VCS   struct{ Revision string }
			Tool  struct{ Name string }
			Files []struct {
				Path          string
				Conversations []struct {
					Contributor struct {
						Type  string
						Model string `json:"model_id"`
					}
					Ranges []struct {
						From int `json:"start_line"`
						To   int `json:"end_line"`
					}
				}
			}
		}
		if json.Unmarshal([]byte(line), &t) != nil || len(t.VCS.Revision) < 7 {
			continue
		}
		i := slices.IndexFunc(commits, func(c Commit) bool { return strings.HasPrefix(c.ID, t.VCS.Revision) })
		if i < 0 || commits[i].Noted {
			continue
		}
		commits[i].Traced = true
		for _, f := range t.Files {
			for _, c := range f.Conversations {
				a := Attribution{Path: f.Path, Tool: t.Tool.Name, Model: c.Contributor.Model}
				switch c.Contributor.Type {
				case "human":
					a = Attribution{Path: f.Path, Person: "a person"}
				case "ai", "mixed":
				default:
					continue
				}
				for _, r := range c.Ranges {
					if 0 < r.From && r.From <= r.To {
						a.From, a.To = r.From, r.To
						commits[i].Attributions = append(commits[i].Attributions, a)
					}
				}
			}
		}
	}
}
