package tui

// The passphrase dialog, and running something outside the frame.

import (
	"errors"
	"io"

	tea "charm.land/bubbletea/v2"
)

var errNoPassphrase = errors.New("no passphrase was given, so nothing was signed")

// passphraseMsg asks for a passphrase; nil is the answer of who gives none.
type passphraseMsg struct {
	prompt string
	reply  chan []byte
}

func (p passphraseMsg) apply(m *model) tea.Cmd {
	d := &passphrase{theme: m.theme, prompt: clean(p.prompt), reply: p.reply, field: newField("", "")}
	d.field.secret = true
	d.field.focus(true)
	m.dialog = d
	return nil
}

// passphrase is a field that shows dots.
type passphrase struct {
	theme  *theme
	prompt string
	field  field
	reply  chan []byte
}

func (p *passphrase) scope() scope  { return inAsk }
func (p *passphrase) title() string { return "Passphrase" }
func (p *passphrase) text() *field  { return &p.field }
func (p *passphrase) typed()        {}
func (p *passphrase) move(int)      {}

// answer replies once.
func (p *passphrase) answer(text []byte) {
	select {
	case p.reply <- text:
	default:
	}
}

func (p *passphrase) accept(m *model) tea.Cmd {
	p.answer([]byte(p.field.in.Value()))
	m.dialog = nil
	return nil
}

// Render draws the prompt and the dots.
func (p *passphrase) Render(w, _ int) []string {
	out := wrap(p.prompt, w)
	return append(out, "", p.field.render(p.theme, w), "", p.theme.key.of("enter")+" sign   "+p.theme.key.of("esc")+" no")
}

// outside runs something that may use the terminal itself, while the program has let go of it.
type outside func() error

func (o outside) Run() error          { return o() }
func (o outside) SetStdin(io.Reader)  {}
func (o outside) SetStdout(io.Writer) {}
func (o outside) SetStderr(io.Writer) {}
