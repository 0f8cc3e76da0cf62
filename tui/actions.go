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
	inMatrix
	inSign
	inFind
	inHelp
	inPalette
	inWaive
	inAsk

	inPoll   = inList | inDetail
	inPages  = inPoll | inGuide | inPreview | inMatrix | inSign | inWalk
	inText   = inDetail | inGuide | inPreview | inMatrix
	inDialog = inHelp | inPalette | inWaive | inAsk
	anywhere = inPages | inForm | inFind | inDialog
)

// action is one thing that the engineer can do.
type action struct {
	id string
	// keys in Bubble Tea's names.
	keys  []string
	scope scope
	// does is its line in the help; actions may share one. bar is its word in the help bar, "" for none.
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

// only makes an action's run out of a function without a command.
func only(f func(m *model)) func(m *model) tea.Cmd {
	return func(m *model) tea.Cmd { f(m); return nil }
}

// actionTable lists the actions; the help bar has them in this order. Where two have a key in one scope, the first has it.
func actionTable() []action {
	table := dialogActions()
	for _, part := range [][]action{moveActions(), answerActions(), findingActions(), pageActions(), screenActions()} {
		table = append(table, part...)
	}
	return table
}

// Lines of the help that several actions share.
const (
	doesMove     = "move"
	doesQuestion = "next, previous question of the walk"
	doesPattern  = "previous, next pattern"
	doesField    = "other pane, next field"
	doesOpen     = "open, answer, save"
	doesState    = "go, no-go, n/a"
	doesFind     = "filter the list, search the text"
	doesHit      = "next, previous hit"
	doesUndo     = "undo, redo; the status line names what"
	doesCopy     = "copy the line that verifies, the pull-request summary"
	doesClose    = "close the dialog"
	doesAccept   = "accept"
	doesSign     = "sign, or go to what blocks"
	doesLine     = "next, previous line or field"
)

// far is further than any list is long.
const far = 1 << 30

func moveActions() []action {
	move := func(n int) func(*model) tea.Cmd { return only(func(m *model) { m.move(n) }) }
	page := func(n int) func(*model) tea.Cmd {
		return only(func(m *model) { m.move(n * max(1, m.layout().left.h/2)) })
	}
	station := func(by int) func(*model) tea.Cmd { return only(func(m *model) { m.list.toStation(by) }) }
	return []action{
		{id: "down", keys: []string{"j", "down"}, scope: inPages, does: doesMove, bar: "move", off: unmoving, run: move(1)},
		{id: "up", keys: []string{"k", "up"}, scope: inPages, does: doesMove, bar: "move", off: unmoving, run: move(-1)},
		{id: "half-down", keys: []string{"ctrl+d", "pgdown"}, scope: inPages, does: doesMove, run: page(1)},
		{id: "half-up", keys: []string{"ctrl+u", "pgup"}, scope: inPages, does: doesMove, run: page(-1)},
		{id: "top", keys: []string{"g", "home"}, scope: inPages &^ inDetail &^ inWalk, does: doesMove, run: move(-far)},
		{id: "bottom", keys: []string{"G", "end"}, scope: inPages, does: doesMove, run: move(far)},
		{id: "previous-pattern", keys: []string{"["}, scope: inPoll, does: doesPattern, run: station(-1)},
		{id: "next-pattern", keys: []string{"]"}, scope: inPoll, does: doesPattern, run: station(1)},
	}
}

func answerActions() []action {
	choose := func(s checklist.State) func(*model) tea.Cmd {
		return func(m *model) tea.Cmd { return m.choose(s) }
	}
	tab := func(by int) func(*model) tea.Cmd { return only(func(m *model) { m.tab(by) }) }
	question := func(by int) func(*model) tea.Cmd { return func(m *model) tea.Cmd { return m.walkTo(by) } }
	return []action{
		{id: "save", keys: []string{"enter"}, scope: inForm, does: doesOpen, bar: "save", run: (*model).save},
		{id: "open", keys: []string{"enter"}, scope: inPoll, does: doesOpen, bar: "open", off: anItem, run: (*model).enter},
		{id: "answer", keys: []string{"enter"}, scope: inPoll, does: doesOpen, bar: "answer", off: notAnItem, run: (*model).enter},
		{id: "other-pane", keys: []string{"tab", "shift+tab"}, scope: inPoll, does: doesField, bar: "pane", run: tab(1)},
		{id: "next-field", keys: []string{"tab"}, scope: inForm | inSign, does: doesField, bar: "field", off: noField, run: tab(1)},
		{id: "previous-field", keys: []string{"shift+tab"}, scope: inForm | inSign, does: doesField, off: noField, run: tab(-1)},
		{id: "go", keys: []string{"1"}, scope: inForm, does: doesState, bar: "go/no-go/n/a", run: choose(checklist.Go)},
		{id: "no-go", keys: []string{"2"}, scope: inForm, does: doesState, bar: "go/no-go/n/a", run: choose(checklist.NoGo)},
		{id: "not-applicable", keys: []string{"3"}, scope: inForm, does: doesState, bar: "go/no-go/n/a", run: choose(checklist.NA)},
		{id: "go", keys: []string{"1"}, scope: inPoll, does: doesState, off: notAnItem, run: choose(checklist.Go)},
		{id: "no-go", keys: []string{"2"}, scope: inPoll, does: doesState, off: notAnItem, run: choose(checklist.NoGo)},
		{id: "not-applicable", keys: []string{"3"}, scope: inPoll, does: doesState, off: notAnItem, run: choose(checklist.NA)},
		{id: "next-question", keys: []string{"]"}, scope: inWalk, does: doesQuestion, bar: "question", run: question(1)},
		{id: "previous-question", keys: []string{"["}, scope: inWalk, does: doesQuestion, bar: "question", run: question(-1)},
		{id: "walk", keys: []string{"W"}, scope: inPoll, does: "walk the open items", bar: "walk", off: nothingOpen, run: (*model).startWalk},
		{id: "back", keys: []string{"esc"}, scope: anywhere &^ inDialog, does: "one step back, clears the filter; never quits", bar: "back",
			off: nothingBack, run: only((*model).stepBack)},
	}
}

func findingActions() []action {
	return []action{
		{id: "editor", keys: []string{"e"}, scope: inPoll, does: "$EDITOR at file:line", bar: "edit", off: noPlace, run: (*model).edit},
		{id: "edit-note", keys: []string{"E"}, scope: inPoll | inWalk, does: "edit the note in $EDITOR", off: notAnItem, run: (*model).editNote},
		{id: "waive", keys: []string{"w"}, scope: inPoll, does: "waive, with reason and expiry", bar: "waive", off: notWaivable, run: only((*model).openWaive)},
		{id: "filter", keys: []string{"/"}, scope: inList, does: doesFind, bar: "filter", run: only((*model).startFind)},
		{id: "search", keys: []string{"/"}, scope: inText, does: doesFind, bar: "search", run: only((*model).startFind)},
		{id: "undo", keys: []string{"u"}, scope: inPoll | inWalk | inPreview, does: doesUndo, bar: "undo", off: notOpen, run: (*model).undo},
		{id: "redo", keys: []string{"ctrl+r"}, scope: inPoll | inWalk | inPreview, does: doesUndo, off: notOpen, run: (*model).redo},
		{id: "sign", keys: []string{"s"}, scope: inPoll | inPreview, does: "sign, or see why it is blocked", bar: "sign", off: notPolled, run: (*model).openSign},
		{id: "preview", keys: []string{"p"}, scope: inPoll, does: "preview the record", bar: "preview", off: notPolled, run: (*model).openPreview},
		{id: "matrix", keys: []string{"m"}, scope: inPoll, does: "matrix: which name is in which environment", off: notPolled, run: (*model).openMatrix},
		{id: "next-hit", keys: []string{"n"}, scope: inPoll | inText, does: doesHit, run: only(func(m *model) { m.hit(1) })},
		{id: "previous-hit", keys: []string{"N"}, scope: inPoll | inText, does: doesHit, run: only(func(m *model) { m.hit(-1) })},
		{id: "only-open", keys: []string{"f"}, scope: inPoll, does: "only what is open", bar: "only open", run: only((*model).toggleOpen)},
		{id: "copy-place", keys: []string{"y"}, scope: inPoll, does: "copy file:line", off: noPlace, run: (*model).copyPlace},
		{id: "copy-finding", keys: []string{"Y"}, scope: inPoll, does: "copy the finding as Markdown", off: notAFinding, run: (*model).copyFinding},
		{id: "rerun", keys: []string{"r"}, scope: inPoll, does: "run this detector again", off: notRerunnable, run: (*model).rerun},
		{id: "rerun-all", keys: []string{"R"}, scope: inPoll, does: "run all detectors again", off: running, run: func(m *model) tea.Cmd { return m.poll(nil) }},
	}
}

func pageActions() []action {
	return []action{
		{id: "keep-filter", keys: []string{"enter"}, scope: inFind, does: doesFind, bar: "keep", run: only((*model).keepFind)},
		{id: "guide", keys: []string{"K", "g"}, scope: inPoll | inWalk, does: "guide (g in the detail pane)", bar: "guide", off: noGuide, run: only((*model).openGuide)},
		{id: "zoom", keys: []string{"z"}, scope: inGuide, does: "zoom the guide", bar: "zoom", run: only(func(m *model) { m.guide.zoomed = !m.guide.zoomed })},
		{id: "sign-now", keys: []string{"enter"}, scope: inSign, does: doesSign, bar: "sign", off: notReady, run: (*model).signEnter},
		{id: "go-to-blocker", keys: []string{"enter"}, scope: inSign, does: doesSign, bar: "go there", off: notBlocked, run: (*model).signEnter},
		{id: "commit", keys: []string{"c"}, scope: inSign, does: "commit the record", bar: "commit", off: noCommit, run: (*model).toggleCommit},
		{id: "copy-verify", keys: []string{"y"}, scope: inSign, does: doesCopy, bar: "copy", off: notSigned, run: (*model).copyVerify},
		{id: "copy-summary", keys: []string{"Y"}, scope: inSign | inPreview, does: doesCopy, bar: "copy", off: noDraft, run: (*model).copySummary},
	}
}

func screenActions() []action {
	return []action{
		{id: "palette", keys: []string{":", "ctrl+p"}, scope: anywhere &^ inDialog, does: "palette: every action, with keys and why it is off", run: only((*model).openPalette)},
		{id: "help", keys: []string{"?"}, scope: anywhere &^ inDialog &^ inFind, does: "help of this screen", bar: "help", run: only((*model).openHelp)},
		{id: "quit", keys: []string{"q"}, scope: inPages, does: "quit; each answer is already saved", bar: "quit", run: (*model).quit},
		{id: "interrupt", keys: []string{"ctrl+c"}, scope: anywhere, does: "quit always", run: func(*model) tea.Cmd { return tea.Interrupt }},
	}
}

func dialogActions() []action {
	line := func(n int) func(*model) tea.Cmd { return only(func(m *model) { m.dialog.move(n) }) }
	accept := func(m *model) tea.Cmd { return m.dialog.accept(m) }
	return []action{
		{id: "accept", keys: []string{"enter"}, scope: inPalette | inWaive | inAsk, does: doesAccept, bar: "accept", run: accept},
		{id: "yes", keys: []string{"y"}, scope: inAsk, does: doesAccept, run: accept},
		{id: "close", keys: []string{"esc"}, scope: inDialog, does: doesClose, bar: "close", run: (*model).closeDialog},
		{id: "close-help", keys: []string{"q", "?", "enter"}, scope: inHelp, does: doesClose, run: (*model).closeDialog},
		{id: "no", keys: []string{"n", "q"}, scope: inAsk, does: doesClose, run: (*model).closeDialog},
		{id: "dialog-down", keys: []string{"down", "tab", "ctrl+n"}, scope: inPalette | inWaive, does: doesLine, run: line(1)},
		{id: "dialog-up", keys: []string{"up", "shift+tab"}, scope: inPalette | inWaive, does: doesLine, run: line(-1)},
		{id: "help-down", keys: []string{"j", "down"}, scope: inHelp, does: doesLine, run: line(1)},
		{id: "help-up", keys: []string{"k", "up"}, scope: inHelp, does: doesLine, run: line(-1)},
	}
}
