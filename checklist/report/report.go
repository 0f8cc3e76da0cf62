// Package report writes what a run found and what was answered: text for people, JSON (version 1) for programs.
//
// The JSON report is the format that records keep, so it changes by addition only.
package report

import (
	"io"

	"flightpoll/checklist"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/matrix"
)

// Report is the JSON report, version 1. Lists are never nil and always sorted.
type Report struct {
	SchemaVersion int                 `json:"schema_version"`
	Tool          Tool                `json:"tool"`
	Branch        Branch              `json:"branch"`
	Verdict       checklist.Verdict   `json:"verdict"`
	Score         int                 `json:"score"`
	Patterns      []Pattern           `json:"patterns"`
	Findings      []Finding           `json:"findings"`
	Items         []checklist.Item    `json:"items"`
	Detectors     []detectors.Outcome `json:"detectors"`
	// Matrix has the variables that the branch introduces or changes in each environment; nil where there are none.
	Matrix *matrix.Document `json:"matrix,omitempty"`
}

// Tool is the program that wrote it.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Branch is the change that was looked at.
type Branch struct {
	Name      string `json:"name"`
	Head      string `json:"head"`
	Base      string `json:"base"`
	BaseRef   string `json:"base_ref"`
	Commits   int    `json:"commits"`
	Files     int    `json:"files"`
	Additions int    `json:"additions"`
	Deletions int    `json:"deletions"`
	Dirty     bool   `json:"dirty"`
	AI        AI     `json:"ai"`
}

// AI is what is known of assistants on the branch. Of the Known lines, those of commits with notes, an assistant is named for
// Machine and a person for Confirmed.
type AI struct {
	Commits   int      `json:"commits"`
	Tools     []string `json:"tools"`
	Lines     int      `json:"lines"`
	Source    string   `json:"source"`
	Models    []string `json:"models,omitempty"`
	Known     int      `json:"known_lines,omitempty"`
	Machine   int      `json:"machine_lines,omitempty"`
	Confirmed int      `json:"confirmed_lines,omitempty"`
}

// Pattern is one station of the poll.
type Pattern struct {
	ID       detectors.Pattern `json:"id"`
	Title    string            `json:"title"`
	Weight   int               `json:"weight"`
	Verdict  checklist.Verdict `json:"verdict"`
	Findings Counts            `json:"findings"`
	Items    ItemCounts        `json:"items"`
}

// Counts are open findings by severity.
type Counts struct {
	Blocker int `json:"blocker"`
	Warning int `json:"warning"`
	Note    int `json:"note"`
}

// ItemCounts are items by whether they were answered (waived ones count as answered).
type ItemCounts struct {
	Open     int `json:"open"`
	Answered int `json:"answered"`
}

// Finding is a finding with its waiver.
type Finding struct {
	detectors.Finding
	Waived *Waived `json:"waived"`
}

// Waived says who let a finding pass, why and until when.
type Waived struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
	Until  string `json:"until"`
}

// New puts a report together.
func New(version string, b *branch.Branch, board checklist.Board, r detectors.Result) Report {
	return build(version, b, board, r)
}

// JSON writes the report with two spaces of indent and a line break at the end; millis false leaves the times out
// (as records do), so that the same branch gives the same bytes.
func JSON(w io.Writer, r Report, millis bool) error { return writeJSON(w, r, millis) }

// TextOptions say how the plain report looks.
type TextOptions struct {
	Color bool
	// Width wraps long sentences, 0 means 100 columns.
	Width int
	ASCII bool
}

// Text writes the plain report for people; text from the repository is cleaned of control characters.
func Text(w io.Writer, r Report, o TextOptions) error { return writeText(w, r, o) }

// Markdown writes the report for people who read it on a forge: text from the repository is escaped, so that it mentions
// nobody, loads no picture and makes no link. Records keep it as readiness.md.
func Markdown(w io.Writer, r Report) error { return writeMarkdown(w, r) }
