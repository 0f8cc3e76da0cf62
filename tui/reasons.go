package tui

// Why an action is off: one short clause each, "" when it is on.

func notOpen(m *model) string {
	if m.snap.branch == nil {
		return "the branch is still being read"
	}
	return ""
}

func running(m *model) string {
	if m.run.active {
		return "the detectors are still running"
	}
	return notOpen(m)
}

func notPolled(m *model) string {
	if !m.polled {
		return "the detectors are still running"
	}
	return ""
}

func notAnItem(m *model) string {
	if m.form == nil && m.list.selected().item == nil {
		return "this is not an item: go to a question first"
	}
	return ""
}

func notAFinding(m *model) string {
	if m.list.selected().finding == nil {
		return "this is not a finding"
	}
	return ""
}

func notRerunnable(m *model) string {
	if why := running(m); why != "" {
		return why
	}
	return notAFinding(m)
}

func notWaivable(m *model) string {
	if k := m.list.selected().kind; k != findingRow && k != itemRow {
		return "only a finding or an item can be waived"
	}
	return notOpen(m)
}

func noPlace(m *model) string {
	if m.list.selected().finding == nil {
		return "only a finding has a place in a file"
	}
	return notOpen(m)
}

func nothingOpen(m *model) string {
	if why := notPolled(m); why != "" {
		return why
	}
	if m.list.open == 0 {
		return "no item is open"
	}
	return ""
}

func nothingBack(m *model) string {
	if !m.canStepBack() {
		return "nothing to go back from; q quits"
	}
	return ""
}

func noGuide(m *model) string {
	if _, ok := m.guideID(); !ok {
		return "there is no guide for this"
	}
	return ""
}

func anItem(m *model) string {
	if m.list.selected().item != nil {
		return "this is an item: answer it"
	}
	return ""
}

func notReady(m *model) string {
	switch m.sign.stage {
	case blocked:
		return "something blocks it"
	case signing:
		return "it is being signed"
	case signed:
		return "it is signed already"
	case ready:
	}
	return ""
}

func notBlocked(m *model) string {
	if m.sign.stage != blocked {
		return "nothing blocks"
	}
	return ""
}

func unmoving(m *model) string {
	list := m.screen == pollScreen && m.focus == onList || m.screen == signScreen && m.sign.stage == blocked
	if p := m.pager(); !list && (p == nil || len(p.lines) <= p.seen) {
		return "there is nothing to move through"
	}
	return ""
}

func noCommit(m *model) string {
	switch {
	case m.sign.stage == signed && m.sign.done.Commit != "":
		return "it is committed already"
	case m.sign.stage == blocked || m.sign.stage == signing:
		return notReady(m)
	}
	return ""
}

func notSigned(m *model) string {
	if m.sign.stage != signed {
		return "nothing is signed yet"
	}
	return ""
}

func noDraft(m *model) string {
	if m.sign.draft == nil && m.preview.draft == nil {
		return "there is no record to copy yet"
	}
	return ""
}

func noField(m *model) string {
	if m.screen == signScreen && m.sign.stage != ready {
		return "there is no field to fill in now"
	}
	return ""
}
