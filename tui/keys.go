package tui

// From keys to actions, and from actions to what people read about keys.

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// scope is what the keys mean now.
func (m *model) scope() scope {
	switch {
	case m.dialog != nil:
		return m.dialog.scope()
	case m.find.active:
		return inFind
	}
	switch m.screen {
	case walkScreen:
		if m.form != nil && m.form.text() != nil {
			return inForm
		}
		return inWalk | inForm
	case guideScreen:
		return inGuide
	case previewScreen:
		return inPreview
	case matrixScreen:
		return inMatrix
	case signScreen:
		return inSign
	case pollScreen:
	}
	switch m.focus {
	case onForm:
		return inForm
	case onDetail:
		return inDetail
	case onList:
	}
	return inList
}

// text is the text field that has the focus, nil without one.
func (m *model) text() *field {
	switch {
	case m.dialog != nil:
		return m.dialog.text()
	case m.find.active:
		return &m.find.field
	case m.screen == signScreen:
		return m.sign.text()
	case m.form != nil && (m.screen == walkScreen || m.screen == pollScreen):
		return m.form.text()
	}
	return nil
}

// onKey gives a key to the text field where it types, else to the action table, else to the text field again.
func (m *model) onKey(k tea.KeyPressMsg) tea.Cmd {
	in := m.text()
	if in != nil && k.Text != "" && k.Mod&(tea.ModCtrl|tea.ModAlt) == 0 {
		return m.typed(k)
	}
	if a := m.actionFor(k.String()); a != nil {
		return m.do(a)
	}
	if in != nil {
		return m.typed(k)
	}
	return nil
}

// do runs an action, or says why it cannot be done.
func (m *model) do(a *action) tea.Cmd {
	if why := a.why(m); why != "" {
		m.status = statusMsg{text: why, bad: true}
		return nil
	}
	m.status = statusMsg{}
	return a.run(m)
}

// actionFor is the action that has the key in the present scope: the first one that is on, else the first one.
func (m *model) actionFor(key string) *action {
	s := m.scope()
	var first *action
	for i := range m.actions {
		a := &m.actions[i]
		if a.scope&s == 0 || !slices.Contains(a.keys, key) {
			continue
		}
		if a.why(m) == "" {
			return a
		}
		if first == nil {
			first = a
		}
	}
	return first
}

// typed gives something typed or pasted to the text field.
func (m *model) typed(msg tea.Msg) tea.Cmd {
	in := m.text()
	if in == nil {
		return nil
	}
	in.typed(msg)
	switch {
	case m.dialog != nil:
		m.dialog.typed()
	case m.find.active:
		m.found()
	case m.form != nil:
		m.form.err = ""
	}
	return nil
}

// keyLine is one line of the help: the keys of all actions that share it.
type keyLine struct {
	keys []string
	does string
	// bar is the short form, first the first action behind it.
	bar   string
	short []string
	first *action
	why   string
	// main counts the keys that come first: the first one of each action.
	main int
}

// add takes an action's keys: its first one joins the first ones of the line, the others stand behind.
func (l *keyLine) add(keys []string) {
	for i, k := range keys {
		switch {
		case slices.Contains(l.keys, k):
		case i == 0:
			l.keys = slices.Insert(l.keys, l.main, k)
			l.main++
		default:
			l.keys = append(l.keys, k)
		}
	}
}

// keyLines are the lines of a scope. With a model, each key stands at the action that would have it now.
func keyLines(actions []action, s scope, m *model) []keyLine {
	var out []keyLine
	whys := make([]string, len(actions))
	owner := map[string]int{}
	for i := range actions {
		if actions[i].scope&s == 0 || m == nil {
			continue
		}
		whys[i] = actions[i].why(m)
		for _, k := range actions[i].keys {
			if o, ok := owner[k]; !ok || whys[o] != "" && whys[i] == "" {
				owner[k] = i
			}
		}
	}
	for i := range actions {
		a := &actions[i]
		if a.scope&s == 0 {
			continue
		}
		var keys []string
		for _, k := range a.keys {
			if m == nil || owner[k] == i {
				keys = append(keys, keyName(k))
			}
		}
		if len(keys) == 0 {
			continue
		}
		at := slices.IndexFunc(out, func(l keyLine) bool { return l.does == a.does })
		if at < 0 {
			at = len(out)
			out = append(out, keyLine{does: a.does, first: a, why: whys[i]})
		}
		l := &out[at]
		l.add(keys)
		if a.bar != "" && whys[i] == "" {
			if l.bar == "" {
				l.bar, l.first = a.bar, a
			}
			l.short = append(l.short, keys[0])
		}
		if whys[i] == "" {
			l.why = ""
		}
	}
	return out
}

// keyName is a key as people know it.
func keyName(k string) string {
	switch k {
	case "up":
		return "↑"
	case "down":
		return "↓"
	}
	return k
}

// KeyTable is the table of keys in Markdown, as the README has it: made from the same table that the program obeys.
func KeyTable() string {
	var b strings.Builder
	b.WriteString("| key | does |\n| --- | --- |\n")
	for _, l := range keyLines(actionTable(), anywhere&^inDialog, nil) {
		keys := make([]string, len(l.keys))
		for i, k := range l.keys {
			keys[i] = "`" + k + "`"
		}
		b.WriteString("| " + strings.Join(keys, " ") + " | " + l.does + " |\n")
	}
	return b.String()
}
