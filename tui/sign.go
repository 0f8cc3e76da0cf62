package tui

// The sign screen: what blocks, or the key and the role; afterwards what was written and how anyone verifies it.

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist/record"
)

// stage is how far signing is.
type stage int

const (
	blocked stage = iota
	ready
	signing
	signed
)

// sign is the screen's state.
type sign struct {
	theme  *theme
	stage  stage
	cursor int
	pager  pager
	seq    int
	draft  *record.Draft
	key    *record.KeyInfo
	keyErr error
	err    error

	role      field
	roleFocus bool
	commit    bool
	done      record.Signed
}

type keyMsg struct {
	key record.KeyInfo
	err error
}

func (k keyMsg) apply(m *model) tea.Cmd {
	m.sign.key, m.sign.keyErr = &k.key, k.err
	return nil
}

// openSign shows what blocks, or gets everything ready for a signature.
func (m *model) openSign() tea.Cmd {
	m.show(signScreen)
	s := &m.sign
	s.err, s.cursor = nil, 0
	if s.stage == signed && s.seq == m.snap.seq {
		return nil
	}
	if len(blocking(m)) > 0 {
		s.stage = blocked
		return nil
	}
	s.stage, s.seq, s.draft, s.key, s.keyErr = ready, m.snap.seq, nil, nil, nil
	ctx, b := m.ctx, m.backend
	return tea.Batch(m.makeDraft(), func() tea.Msg {
		k, err := b.Key(ctx)
		return keyMsg{k, err}
	})
}

func (s *sign) text() *field {
	if s.roleFocus && s.stage == ready {
		return &s.role
	}
	return nil
}

func (s *sign) toggleRole() {
	s.roleFocus = !s.roleFocus && s.stage == ready
	s.role.focus(s.roleFocus)
}

// signEnter goes to what blocks, or signs.
func (m *model) signEnter() tea.Cmd {
	s := &m.sign
	if m.screen == previewScreen {
		return m.openSign()
	}
	switch s.stage {
	case blocked:
		if list := blocking(m); s.cursor < len(list) && list[s.cursor].key != "" {
			m.back, m.screen, m.focus = nil, pollScreen, onList
			m.list.jump(list[s.cursor].key)
		}
	case ready:
		switch {
		case s.roleFocus:
			s.toggleRole()
		case s.draft == nil && s.err == nil:
			m.status = statusMsg{"the record is still being made", true}
		case s.draft != nil:
			return m.signNow()
		}
	case signing, signed:
	}
	return nil
}

type signedMsg struct {
	done record.Signed
	err  error
}

func (d signedMsg) apply(m *model) tea.Cmd {
	s := &m.sign
	if d.err != nil {
		s.stage, s.err = ready, d.err
		if s.done.Folder != "" {
			s.stage = signed
		}
		return nil
	}
	s.stage, s.done, s.err = signed, d.done, nil
	m.status = statusMsg{text: "signed as " + clean(d.done.Principal)}
	return nil
}

// signNow signs in a command. A key that ssh-keygen handles may ask on the terminal, so it gets the terminal.
func (m *model) signNow() tea.Cmd {
	s := &m.sign
	s.stage, s.err = signing, nil
	if s.roleFocus {
		s.toggleRole()
	}
	role := s.role.value()
	if role == "" {
		role = "author"
	}
	o := record.SignOptions{Role: role, Commit: s.commit}
	ctx, b, draft := m.ctx, m.backend, s.draft
	if s.key != nil && s.key.Source == "ssh-keygen" {
		done := record.Signed{}
		e := outside(func() (err error) { done, err = b.Sign(ctx, draft, o); return err })
		return tea.Exec(e, func(err error) tea.Msg { return signedMsg{done, err} })
	}
	out := make(stream)
	o.Passphrase = func(prompt string) ([]byte, error) { return askPassphrase(ctx, out, prompt) }
	return func() tea.Msg {
		go func() {
			defer close(out)
			done, err := b.Sign(ctx, draft, o)
			send(ctx, out, signedMsg{done, err})
		}()
		return out.next()
	}
}

// toggleCommit chooses whether the record is committed; once it is signed, it commits.
func (m *model) toggleCommit() tea.Cmd {
	if m.sign.stage == signed {
		m.sign.commit = true
		return m.signNow()
	}
	m.sign.commit = !m.sign.commit
	return nil
}

// askPassphrase shows the dialog and waits for its answer.
func askPassphrase(ctx context.Context, out stream, prompt string) ([]byte, error) {
	reply := make(chan []byte, 1)
	if !send(ctx, out, passphraseMsg{prompt, reply}) {
		return nil, ctx.Err()
	}
	select {
	case p := <-reply:
		if p == nil {
			return nil, errNoPassphrase
		}
		return p, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
