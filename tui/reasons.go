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

func notSignable(m *model) string {
	if m.screen == previewScreen || m.sign.stage != signed {
		return ""
	}
	return "it is signed already"
}

func noCommit(m *model) string {
	if m.sign.stage == signed && m.sign.done.Commit != "" {
		return "it is committed already"
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
