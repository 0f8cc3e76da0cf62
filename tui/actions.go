package tui

// The one table of actions: it makes the keys, the help bar, the help, the palette, the mouse targets and the key
// table of the README.

import (
	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
)

// scope says where an action exists.
type scope int

const (
	inList scope = 1 << iota
	inDetail
	inForm
	inWalk
	inGuide
	inPreview
	inSign
	inFind
	inHelp
	inPalette
	inWaive
	inAsk

	inPoll   = inList | inDetail
	inText   = inDetail | inGuide | inPreview | inSign
	inPages  = inPoll | inGuide | inPreview | inSign | inWalk
	inDialog = inHelp | inPalette | inWaive | inAsk
	anywhere = inPages | inForm | inFind | inDialog
)

// action is one thing that the engineer can do.
type action struct {
	id string
	// keys in Bubble Tea's names.
	keys  []string
	scope scope
	// does is its line in the help; actions of one line follow each other. bar is its word in the help bar, "" for none.
	does, bar string
	// off is why it cannot be done now, "" when it can; nil means always.
	off func(m *model) string
	run func(m *model) tea.Cmd
}

// why says why the action is off, "" when it is on.
func (a *action) why(m *model) string {
	if a.off == nil {
		return ""
	}
	return a.off(m)
}

// does0 makes an action's run out of a function without a command.
func does0(f func(m *model)) func(m *model) tea.Cmd {
	return func(m *model) tea.Cmd { f(m); return nil }
}

// actionTable lists the actions. Where two have a key in one scope, the first has it.
func actionTable() []action {
	table := append(dialogActions(), moveActions()...)
	table = append(table, answerActions()...)
	table = append(table, findingActions()...)
	return append(table, screenActions()...)
}

func moveActions() []action {
	const does = "move"
	move := func(n int) func(*model) tea.Cmd { return does0(func(m *model) { m.move(n) }) }
	page := func(n int) func(*model) tea.Cmd {
		return does0(func(m *model) { m.move(n * max(1, m.layout().left.h/2)) })
	}
	return []action{
		{id: "down", keys: []string{"j", "down"}, scope: inPages, does: does, bar: "move", run: move(1)},
		{id: "up", keys: []string{"k", "up"}, scope: inPages, does: does, bar: "move", run: move(-1)},
		{id: "half-down", keys: []string{"ctrl+d", "pgdown"}, scope: inPages, does: does, run: page(1)},
		{id: "half-up", keys: []string{"ctrl+u", "pgup"}, scope: inPages, does: does, run: page(-1)},
		{id: "top", keys: []string{"g", "home"}, scope: inPages &^ inDetail &^ inWalk, does: does, run: move(-far)},
		{id: "bottom", keys: []string{"G", "end"}, scope: inPages, does: does, run: move(far)},
		{id: "next-question", keys: []string{"]"}, scope: inWalk, does: "next, previous question of the walk", bar: "question",
			run: func(m *model) tea.Cmd { return m.walkTo(1) }},
		{id: "previous-question", keys: []string{"["}, scope: inWalk, does: "next, previous question of the walk", bar: "question",
			run: func(m *model) tea.Cmd { return m.walkTo(-1) }},
		{id: "previous-pattern", keys: []string{"["}, scope: inPoll, does: "previous, next pattern", run: does0(func(m *model) { m.list.toStation(-1) })},
		{id: "next-pattern", keys: []string{"]"}, scope: inPoll, does: "previous, next pattern", run: does0(func(m *model) { m.list.toStation(1) })},
		{id: "next-field", keys: []string{"tab"}, scope: inPoll | inForm | inSign, does: "other pane, next field", bar: "pane",
			run: does0(func(m *model) { m.tab(1) })},
		{id: "previous-field", keys: []string{"shift+tab"}, scope: inPoll | inForm | inSign, does: "other pane, next field",
			run: does0(func(m *model) { m.tab(-1) })},
	}
}

// far is further than any list is long.
const far = 1 << 30

func answerActions() []action {
	choose := func(s checklist.State) func(*model) tea.Cmd {
		return func(m *model) tea.Cmd { return m.choose(s) }
	}
	const three = "go, no-go, n/a"
	return []action{
		{id: "save", keys: []string{"enter"}, scope: inForm, does: "open, answer, save", bar: "save", run: (*model).save},
		{id: "open", keys: []string{"enter"}, scope: inPoll, does: "open, answer, save", bar: "answer", run: (*model).enter},
		{id: "go", keys: []string{"1"}, scope: inPoll | inForm, does: three, bar: "go/no-go/n/a", off: notAnItem, run: choose(checklist.Go)},
		{id: "no-go", keys: []string{"2"}, scope: inPoll | inForm, does: three, bar: "go/no-go/n/a", off: notAnItem, run: choose(checklist.NoGo)},
		{id: "not-applicable", keys: []string{"3"}, scope: inPoll | inForm, does: three, bar: "go/no-go/n/a", off: notAnItem, run: choose(checklist.NA)},
		{id: "walk", keys: []string{"W"}, scope: inPoll, does: "walk the open items", bar: "walk", off: nothingOpen, run: (*model).startWalk},
		{id: "back", keys: []string{"esc"}, scope: anywhere &^ inDialog, does: "one step back, clears the filter; never quits", bar: "back",
			off: nothingBack, run: does0((*model).stepBack)},
	}
}

func findingActions() []action {
	return []action{
		{id: "filter", keys: []string{"/"}, scope: inPages &^ inWalk &^ inSign, does: "filter the list, search the text", bar: "filter", run: does0((*model).startFind)},
		{id: "find-accept", keys: []string{"enter"}, scope: inFind, does: "filter the list, search the text", bar: "keep", run: does0(func(m *model) { m.find.stop() })},
		{id: "next-hit", keys: []string{"n"}, scope: inPages &^ inWalk &^ inSign, does: "next, previous hit", run: does0(func(m *model) { m.hit(1) })},
		{id: "previous-hit", keys: []string{"N"}, scope: inPages &^ inWalk &^ inSign, does: "next, previous hit", run: does0(func(m *model) { m.hit(-1) })},
		{id: "only-open", keys: []string{"f"}, scope: inPoll, does: "only what is open", bar: "open", run: does0((*model).toggleOpen)},
		{id: "guide", keys: []string{"K", "g"}, scope: inPoll | inWalk, does: "guide (g in the detail pane)", bar: "guide", off: noGuide, run: does0((*model).openGuide)},
		{id: "zoom", keys: []string{"z"}, scope: inGuide, does: "zoom the guide", bar: "zoom", run: does0(func(m *model) { m.guide.zoomed = !m.guide.zoomed })},
		{id: "editor", keys: []string{"e"}, scope: inPoll, does: "$EDITOR at file:line", bar: "editor", off: noPlace, run: (*model).edit},
		{id: "edit-note", keys: []string{"E"}, scope: inPoll | inWalk, does: "edit the note in $EDITOR", off: notAnItem, run: (*model).editNote},
		{id: "waive", keys: []string{"w"}, scope: inPoll, does: "waive, with reason and expiry", bar: "waive", off: notWaivable, run: does0((*model).openWaive)},
		{id: "copy-place", keys: []string{"y"}, scope: inPoll, does: "copy file:line", off: noPlace, run: (*model).copyPlace},
		{id: "copy-finding", keys: []string{"Y"}, scope: inPoll, does: "copy the finding as Markdown", off: notAFinding, run: (*model).copyFinding},
		{id: "rerun", keys: []string{"r"}, scope: inPoll, does: "run this detector again", off: notRerunnable, run: (*model).rerun},
		{id: "rerun-all", keys: []string{"R"}, scope: inPoll, does: "run all detectors again", off: running, run: func(m *model) tea.Cmd { return m.poll(nil) }},
		{id: "undo", keys: []string{"u"}, scope: inPoll | inWalk | inPreview, does: "undo, redo; the status line names what", bar: "undo", off: notOpen, run: (*model).undo},
		{id: "redo", keys: []string{"ctrl+r"}, scope: inPoll | inWalk | inPreview, does: "undo, redo; the status line names what", off: notOpen, run: (*model).redo},
	}
}

func screenActions() []action {
	return []action{
		{id: "preview", keys: []string{"p"}, scope: inPoll, does: "preview the record", bar: "preview", off: notPolled, run: (*model).openPreview},
		{id: "jump", keys: []string{"enter"}, scope: inSign | inPreview, does: "go to what blocks; sign", bar: "sign", off: notSignable, run: (*model).signEnter},
		{id: "commit", keys: []string{"c"}, scope: inSign, does: "commit the record", bar: "commit", off: noCommit, run: (*model).toggleCommit},
		{id: "copy-verify", keys: []string{"y"}, scope: inSign, does: "copy the line that verifies; the pull-request summary", bar: "copy verify", off: notSigned, run: (*model).copyVerify},
		{id: "copy-summary", keys: []string{"Y"}, scope: inSign | inPreview, does: "copy the line that verifies; the pull-request summary", bar: "copy summary", off: noDraft, run: (*model).copySummary},
		{id: "sign", keys: []string{"s"}, scope: inPoll | inPreview, does: "sign, or see why it is blocked", bar: "sign", off: notPolled, run: (*model).openSign},
		{id: "palette", keys: []string{":", "ctrl+p"}, scope: anywhere &^ inDialog, does: "palette: every action, with keys and why it is off", run: does0((*model).openPalette)},
		{id: "help", keys: []string{"?"}, scope: anywhere &^ inDialog &^ inFind, does: "help of this screen", bar: "help", run: does0((*model).openHelp)},
		{id: "quit", keys: []string{"q"}, scope: inPages, does: "quit; each answer is already saved", bar: "quit", run: (*model).quit},
		{id: "interrupt", keys: []string{"ctrl+c"}, scope: anywhere, does: "quit always", run: func(*model) tea.Cmd { return tea.Interrupt }},
	}
}

func dialogActions() []action {
	return []action{
		{id: "accept", keys: []string{"enter"}, scope: inPalette | inWaive | inAsk, does: "accept", bar: "accept", run: func(m *model) tea.Cmd { return m.dialog.accept(m) }},
		{id: "yes", keys: []string{"y"}, scope: inAsk, does: "accept", run: func(m *model) tea.Cmd { return m.dialog.accept(m) }},
		{id: "close", keys: []string{"esc"}, scope: inDialog, does: "close the dialog", bar: "close", run: (*model).closeDialog},
		{id: "close-help", keys: []string{"q", "?", "enter"}, scope: inHelp, does: "close the dialog", run: (*model).closeDialog},
		{id: "no", keys: []string{"n", "q"}, scope: inAsk, does: "close the dialog", run: (*model).closeDialog},
		{id: "dialog-down", keys: []string{"down", "tab", "ctrl+n"}, scope: inPalette | inWaive, does: "next, previous line or field", run: does0(func(m *model) { m.dialog.move(1) })},
		{id: "dialog-up", keys: []string{"up", "shift+tab"}, scope: inPalette | inWaive, does: "next, previous line or field", run: does0(func(m *model) { m.dialog.move(-1) })},
		{id: "help-down", keys: []string{"j", "down"}, scope: inHelp, does: "scroll", run: does0(func(m *model) { m.dialog.move(1) })},
		{id: "help-up", keys: []string{"k", "up"}, scope: inHelp, does: "scroll", run: does0(func(m *model) { m.dialog.move(-1) })},
	}
}
