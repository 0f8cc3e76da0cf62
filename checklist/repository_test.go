package checklist_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"flightpoll/checklist"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

const me = "Dana Poe <dana@example.com>"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// files are paths with their text; an empty text deletes the file.
type files map[string]string

// repository makes a git repository with base on main and head on a branch called change, which is checked out.
func repository(t *testing.T, base, head files) string {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	git(t, dir, "config", "user.name", "Dana Poe")
	git(t, dir, "config", "user.email", "dana@example.com")
	base["README.md"] = "# a project\n"
	commit(t, dir, "base", base)
	git(t, dir, "switch", "-q", "-c", "change")
	commit(t, dir, "change", head)
	return dir
}

func commit(t *testing.T, dir, message string, fs files) {
	t.Helper()
	for path, text := range fs {
		full := filepath.Join(dir, path)
		if text == "" {
			if err := os.Remove(full); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", message)
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...) //nolint:gosec // the test's own arguments
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func open(t *testing.T, dir string) *branch.Branch {
	t.Helper()
	b, err := branch.Open(context.Background(), branch.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// session opens the branch in dir and tells the session what was found.
func session(t *testing.T, dir string, r detectors.Result, change ...func(*checklist.SessionOptions)) *checklist.Session {
	t.Helper()
	o := checklist.SessionOptions{By: me, Now: func() time.Time { return noon }}
	for _, c := range change {
		c(&o)
	}
	s, err := checklist.OpenSession(open(t, dir), o)
	if err != nil {
		t.Fatal(err)
	}
	s.Update(r)
	return s
}

func finding(id, path string, sev detectors.Severity, fingerprint string) detectors.Finding {
	d := detectors.Detector{ID: id}
	return detectors.Finding{Detector: id, Pattern: d.Pattern(), Severity: sev, Path: path, Line: 1, Fingerprint: fingerprint, Message: "found"}
}

func found(list ...detectors.Finding) detectors.Result { return detectors.Result{Findings: list} }

// migration is a branch that raises one item, migration-rehearsed.
func migration(t *testing.T) string {
	t.Helper()
	return repository(t, files{}, files{"db/migrations/0001_points.up.sql": "ALTER TABLE customers ADD COLUMN points integer;\n"})
}

var ran = checklist.Evidence{Command: &checklist.CommandResult{Line: "make rehearse", Tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904"}}
