package tui

// How the sign screen looks.

import (
	"strings"
	"time"

	"flightpoll/checklist/record"
)

// renderSign needs the whole model: what blocks stands on the poll.
func (m *model) renderSign(w, h int) []string {
	if m.sign.stage == blocked {
		return block(m.renderBlocked(w, h), w, h)
	}
	return m.sign.pager.Render(w, h)
}

// settleSign lays the screen out; another stage starts at its top.
func (m *model) settleSign(l layout) {
	d := detail{theme: m.theme, w: l.left.w - 2}
	s := &m.sign
	key := "ready"
	switch s.stage {
	case blocked:
		return
	case ready, signing:
		m.signReady(&d)
	case signed:
		key = "signed"
		s.signedLines(&d)
	}
	s.pager.set(key, d.lines, l.left.h)
}

// renderBlocked lists what blocks, with a cursor that jumps there.
func (m *model) renderBlocked(w, h int) []string {
	t, list := m.theme, blocking(m)
	d := detail{theme: t, w: w}
	d.title("Not ready to sign", t.verdictMark(m.snap.board.Verdict))
	if len(list) == 0 {
		d.text("Nothing blocks any more.")
		return d.lines
	}
	d.faint(plural(len(list), "thing") + " left. A record is signed when nothing holds; enter goes to it.")
	d.blank()
	rows := max(1, h-len(d.lines))
	from := max(0, min(m.sign.cursor-rows/2, len(list)-rows))
	for i := from; i < len(list) && i < from+rows; i++ {
		b := list[i]
		word := fit(b.mark.glyph+" "+b.mark.word, 16)
		if i == m.sign.cursor {
			d.line(t.chosen.of(fit("▸ "+word+" "+b.text, w)))
		} else {
			d.line("  " + b.mark.style.of(word) + " " + fit(b.text, w-19))
		}
	}
	return d.lines
}

func (d *detail) pair(label, value string) {
	d.lines = append(d.lines, indent(d.theme.faint.of(fit(label, 10)), wrap(value, d.w-10))...)
}

func (m *model) signReady(d *detail) {
	t, s := m.theme, &m.sign
	d.title("Ready to sign", t.verdictMark(m.snap.board.Verdict))
	d.faint("Nothing holds. Your signature says that these answers are yours.")
	d.blank()
	m.signState(d)
	d.blank()
	switch {
	case s.keyErr != nil:
		d.pair("Key", t.bad.of("none found"))
		d.styled(t.bad, s.keyErr.Error())
	case s.key == nil:
		d.pair("Key", t.faint.of("looking for it …"))
	default:
		describeKey(d, s.key)
	}
	d.blank()
	d.line(t.faint.of(fit("Role", 10)) + s.role.render(t, min(24, d.w-10)) + t.faint.of("  tab changes it"))
	box := "[ ] only write it"
	if s.commit {
		box = "[x] commit the record"
	}
	d.pair("Commit", box+t.faint.of("  c changes it"))
	d.blank()
	if s.draft != nil {
		d.pair("Writes", t.path.of(clean(s.draft.Folder)+"/"))
		d.pair("", "readiness.json: the signed bytes")
		d.pair("", "report.json: the whole report")
		d.pair("", "readiness.md: both, for people")
		d.pair("", s.role.value()+"-<you>.sig: the signature")
	}
}

// signState says what enter does, what goes on, or what went wrong.
func (m *model) signState(d *detail) {
	t, s := m.theme, &m.sign
	switch {
	case s.stage == signing:
		d.line(t.strong.of(spinner(time.Duration(m.frame)*tickEvery) + " signing"))
		if s.key != nil && s.key.NeedsTouch {
			d.text("Touch your key now.")
		}
	case s.err != nil:
		d.styled(t.bad, s.err.Error())
		d.line(t.key.of("enter") + " tries again")
	default:
		d.line(t.key.of("enter") + " signs")
	}
}

func describeKey(d *detail, k *record.KeyInfo) {
	name := k.Path
	if name == "" {
		name = k.Comment
	}
	d.pair("Key", d.theme.path.of(clean(name)))
	d.pair("", strings.Join(nonEmpty(clean(k.Type), clean(k.Fingerprint)), "  "))
	if k.Comment != "" && k.Comment != name {
		d.pair("", clean(k.Comment))
	}
	var asks []string
	if k.NeedsPassphrase {
		asks = append(asks, "its passphrase")
	}
	if k.NeedsTouch {
		asks = append(asks, "a touch")
	}
	switch {
	case len(asks) > 0:
		d.pair("Asks for", strings.Join(asks, " and "))
	case k.Source == "agent":
		d.pair("Held by", "ssh-agent")
	}
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (s *sign) signedLines(d *detail) {
	t := s.theme
	d.title("Signed", mark{"✓", "signed", t.good})
	if s.err != nil {
		d.styled(t.bad, s.err.Error())
	}
	d.blank()
	d.pair("Signer", clean(s.done.Principal)+" as "+clean(s.done.Role))
	d.pair("Key", clean(s.done.Fingerprint))
	d.pair("Record", t.path.of(clean(s.done.Folder)))
	if s.done.Commit != "" {
		d.pair("Commit", clean(s.done.Commit))
	} else {
		d.pair("Commit", "not committed yet: "+t.key.of("c")+" commits it")
	}
	d.blank()
	d.head("Anyone verifies it with OpenSSH alone")
	for _, l := range cleanLines(s.done.VerifyCommand) {
		d.lines = append(d.lines, indent("  ", wrap(l, d.w-2))...)
	}
	d.blank()
	d.line(t.key.of("y") + " copies that line   " + t.key.of("Y") + " copies the summary for the pull request")
}

func rule(n int) string { return strings.Repeat("─", max(0, n)) }
