// Package scenario reads labelled two-commit repositories from txtar files, builds them as real git
// repositories and judges findings against their labels. Detectors' tests stand on it.
//
// The text before the first file is the header:
//
//	title: one line
//	want: PATTERN PATH[:SYMBOL]   a warning or blocker points at PATH and names SYMBOL
//	clean: PATTERN [PATH]         no warning and no blocker of the pattern (at PATH)
//	outcome: inconclusive         how the one detector under test ends
//	why: one line for whoever reads a miss
//
// Files are both/PATH, base/PATH and head/PATH; the file named "commit" is the branch's commit message.
package scenario

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// Label is one want or clean line.
type Label struct {
	Pattern detectors.Pattern
	Path    string
	Symbol  string
}

func (l Label) String() string {
	return strings.TrimSuffix(fmt.Sprintf("%s %s:%s", l.Pattern, l.Path, l.Symbol), ":")
}

// Scenario is one parsed file.
type Scenario struct {
	Name, Title, Why, Outcome string
	Want, Clean               []Label
	files                     []txtar.File
}

// Read parses the txtar file at path.
func Read(path string) (*Scenario, error) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	s := &Scenario{Name: strings.TrimSuffix(filepath.Base(path), ".txtar"), files: archive.Files}
	for line := range strings.Lines(string(archive.Comment)) {
		key, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		switch key {
		case "title":
			s.Title = rest
		case "why":
			s.Why = rest
		case "outcome":
			s.Outcome = rest
		case "want":
			l := label(rest)
			l.Path, l.Symbol, _ = strings.Cut(l.Path, ":")
			s.Want = append(s.Want, l)
		case "clean":
			s.Clean = append(s.Clean, label(rest))
		default:
			return nil, fmt.Errorf("%s: unknown header %q", path, key)
		}
	}
	return s, nil
}

func label(text string) Label {
	pattern, place, _ := strings.Cut(text, " ")
	return Label{Pattern: detectors.Pattern(pattern), Path: strings.TrimSpace(place)}
}

// Build lays the scenario out as a repository in a temporary folder, on its branch "change", and returns the folder.
func (s *Scenario) Build(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	Git(t, dir, "init", "-q", "-b", "main")
	s.lay(t, dir, "base")
	Git(t, dir, "add", "-A")
	Git(t, dir, "commit", "-q", "--allow-empty", "-m", "Base")
	Git(t, dir, "checkout", "-q", "-b", "change")
	Git(t, dir, "rm", "-rfq", "--ignore-unmatch", ".")
	s.lay(t, dir, "head")
	Git(t, dir, "add", "-A")
	message := "Change\n"
	for _, f := range s.files {
		if f.Name == "commit" {
			message = string(f.Data)
		}
	}
	Git(t, dir, "commit", "-q", "--allow-empty", "-m", message)
	return dir
}

func (s *Scenario) lay(t testing.TB, dir, side string) {
	t.Helper()
	for _, f := range s.files {
		top, rel, ok := strings.Cut(f.Name, "/")
		if !ok || top != "both" && top != side {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(string(f.Data), "#!") {
			mode = 0o755
		}
		if err := os.WriteFile(path, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
}

// Git runs git in dir as Dana Reyes, without anybody's configuration, and returns its standard output.
func Git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), "git", args...) //nolint:gosec // tests name the arguments
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Dana Reyes", "GIT_AUTHOR_EMAIL=dana@example.com",
		"GIT_COMMITTER_NAME=Dana Reyes", "GIT_COMMITTER_EMAIL=dana@example.com",
		"GIT_AUTHOR_DATE=2026-03-02T10:00:00Z", "GIT_COMMITTER_DATE=2026-03-02T10:00:00Z")
	var errout strings.Builder
	cmd.Stderr = &errout
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, errout.String())
	}
	return string(out)
}

// Open reads the built repository as flightpoll would with --base main.
func Open(t testing.TB, dir string) detectors.Input {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	b, err := branch.Open(t.Context(), branch.Options{Dir: dir, Base: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return detectors.Input{Branch: b, Source: source.New(b)}
}

// Judge says which wants no loud finding meets and which cleans one breaks; notes count for neither.
func (s *Scenario) Judge(found []detectors.Finding) (missed []Label, broken map[Label]detectors.Finding) {
	broken = map[Label]detectors.Finding{}
	for _, w := range s.Want {
		if _, ok := hit(found, w); !ok {
			missed = append(missed, w)
		}
	}
	for _, c := range s.Clean {
		if f, ok := hit(found, c); ok {
			broken[c] = f
		}
	}
	return missed, broken
}

func hit(found []detectors.Finding, l Label) (detectors.Finding, bool) {
	for _, f := range found {
		if f.Severity == detectors.Note || f.Pattern != l.Pattern {
			continue
		}
		at := l.Path == "" || f.Path == l.Path
		for _, r := range f.Related {
			at = at || r.Path == l.Path
		}
		if at && (strings.Contains(f.Symbol, l.Symbol) || strings.Contains(f.Message, l.Symbol)) {
			return f, true
		}
	}
	return detectors.Finding{}, false
}

// Test runs one detector over every txtar file of dir and fails for each label that does not hold. Every finding has
// to be complete: a place, a message, a reason and a way to mend it.
func Test(t *testing.T, d *detectors.Detector, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenario in %s (%v)", dir, err)
	}
	for _, path := range paths {
		s, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(s.Name, func(t *testing.T) {
			res := detectors.Run(t.Context(), Open(t, s.Build(t)), []*detectors.Detector{d}, nil)
			missed, broken := s.Judge(res.Findings)
			for _, m := range missed {
				t.Errorf("missed %s (%s)", m, s.Why)
			}
			for c, f := range broken {
				t.Errorf("broke clean %s: %s:%d %s", c, f.Path, f.Line, f.Message)
			}
			if got := res.Outcomes[0]; s.Outcome != "" && got.Outcome != s.Outcome || s.Outcome == "" && got.Outcome == detectors.Undecided {
				t.Errorf("the detector ended %s (%s), want %s", got.Outcome, got.Reason, s.Outcome)
			}
			for _, f := range res.Findings {
				if f.Path == "" || f.Message == "" || f.Why == "" || f.Fix == "" {
					t.Errorf("incomplete finding: %+v", f)
				}
			}
			if t.Failed() {
				for _, f := range res.Findings {
					t.Logf("%s %s:%d [%s] %s %v", f.Severity, f.Path, f.Line, f.Symbol, f.Message, f.Related)
				}
			}
		})
	}
}
