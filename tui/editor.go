package tui

// The engineer's own editor, at a place in a file or on a note.

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// edit opens $EDITOR at the finding's place, and looks again afterwards.
func (m *model) edit() tea.Cmd {
	f := m.list.selected().finding
	root := m.snap.branch.Root
	path := filepath.Join(root, filepath.FromSlash(f.Path))
	if rel, err := filepath.Rel(root, path); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		m.status = statusMsg{"the path leaves the repository", true}
		return nil
	}
	c := editorCommand(m.opts.Env, path, f.Line)
	c.Dir = root
	return tea.ExecProcess(c, func(err error) tea.Msg { return editedMsg{err} })
}

// editedMsg says that the editor has ended.
type editedMsg struct{ err error }

func (e editedMsg) apply(m *model) tea.Cmd {
	if e.err != nil {
		m.status = statusMsg{"the editor: " + clean(e.err.Error()) + "; set EDITOR", true}
		return nil
	}
	if notRerunnable(m) != "" {
		return nil
	}
	return m.rerun()
}

// editorCommand runs VISUAL, EDITOR or vi, which may hold arguments, at a line where the editor is known to take one.
func editorCommand(env []string, path string, line int) *exec.Cmd {
	editor := "vi"
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if v := envValue(env, name); v != "" {
			editor = v
			break
		}
	}
	name := "vi"
	if words := strings.Fields(editor); len(words) > 0 {
		name = strings.TrimSuffix(filepath.Base(words[0]), ".exe")
	}
	args := []string{path}
	if at := itoa(line); line > 0 {
		switch name {
		case "vi", "vim", "nvim", "nano", "emacs", "emacsclient", "kak", "micro", "joe", "ne", "mg":
			args = []string{"+" + at, path}
		case "hx", "helix", "subl", "zed":
			args = []string{path + ":" + at}
		case "code", "codium", "cursor", "windsurf":
			args = []string{"--goto", path + ":" + at}
		}
	}
	// As git does it: the shell splits the variable, never the path.
	return exec.Command("sh", append([]string{"-c", editor + ` "$@"`, editor}, args...)...) //nolint:gosec,noctx // the engineer's own editor
}

// editNote opens the note of an answer in $EDITOR.
func (m *model) editNote() tea.Cmd {
	if m.form == nil {
		m.openForm(m.list.selected().item)
	}
	f, env := m.form, m.opts.Env
	f.toPart(notePart)
	text := f.note.in.Value()
	return func() tea.Msg { return newNote(f, env, text) }
}

// newNote writes the note to a file of its own and opens the editor on it.
func newNote(f *form, env []string, text string) tea.Msg {
	file, err := os.CreateTemp("", "flightpoll-note-*.txt")
	if err != nil {
		return statusMsg{"the note: " + err.Error(), true}
	}
	path := file.Name()
	_, err = file.WriteString(text + "\n")
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return statusMsg{"the note: " + err.Error(), true}
	}
	return noteMsg{f, editorCommand(env, path, 0), path}
}

// noteMsg lets the editor have the terminal.
type noteMsg struct {
	form *form
	cmd  *exec.Cmd
	path string
}

func (n noteMsg) apply(*model) tea.Cmd {
	return tea.ExecProcess(n.cmd, func(err error) tea.Msg {
		text, e := os.ReadFile(n.path)
		_ = os.Remove(n.path)
		if err == nil {
			err = e
		}
		if err != nil {
			return statusMsg{"the note: " + clean(err.Error()), true}
		}
		return notedMsg{n.form, strings.Join(strings.Fields(string(text)), " ")}
	})
}

// notedMsg brings the note back.
type notedMsg struct {
	form *form
	text string
}

func (n notedMsg) apply(*model) tea.Cmd {
	n.form.note.set(n.text)
	return nil
}
