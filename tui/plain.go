package tui

// The accessible mode: numbered prompts over the same session, no redrawing and no escape byte. One reader serves the
// whole session, so that piped answers arrive in order; the end of the input leaves, with every answer saved.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"flightpoll/checklist"
	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// errLeft says that the engineer left, or that the input ended.
var errLeft = errors.New("left")

// plain is one session of prompts.
type plain struct {
	ctx context.Context
	b   Backend
	in  *bufio.Reader
	out io.Writer
	// tty is the input when it is a terminal.
	tty     *os.File
	session *checklist.Session
	result  detectors.Result
	// passed are the rows that the engineer chose to leave for later.
	passed map[string]bool
}

func runPlain(ctx context.Context, b Backend, o Options) error {
	p := &plain{ctx: ctx, b: b, in: bufio.NewReader(os.Stdin), out: os.Stdout, passed: map[string]bool{}}
	if o.Input != nil {
		p.in = bufio.NewReader(o.Input)
	}
	if f, ok := o.Input.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.tty = f
	}
	if o.Output != nil {
		p.out = o.Output
	}
	if o.Banner != "" {
		p.say("%s", clean(o.Banner))
	}
	p.say("Reading the branch and running the detectors.")
	br, session, err := b.Open(ctx)
	if err != nil {
		return err
	}
	p.session = session
	p.result = b.Detect(ctx, nil, nil)
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	session.Update(p.result)
	if err := report.Text(p.out, b.Report(session.Board(), p.result), report.TextOptions{ASCII: true}); err != nil {
		return err
	}
	err = p.walk()
	if err == nil {
		err = p.finish(br)
	}
	switch {
	case ctx.Err() != nil:
		return ErrInterrupted
	case errors.Is(err, errLeft):
		p.say("Left. Every answer is saved; flightpoll goes on here the next time.")
		return nil
	}
	return err
}

func (p *plain) say(format string, args ...any) { _, _ = fmt.Fprintf(p.out, format+"\n", args...) }

// ask shows a prompt and reads a line.
func (p *plain) ask(prompt string) (string, error) {
	_, _ = fmt.Fprintf(p.out, "%s: ", prompt)
	line, err := p.in.ReadString('\n')
	if p.ctx.Err() != nil || err != nil && line == "" {
		p.say("")
		return "", errLeft
	}
	return strings.TrimSpace(line), nil
}

// choose reads the number of one of the choices, and asks again for anything else. The last choice is always to leave.
func (p *plain) choose(choices ...string) (int, error) {
	choices = append(choices, "quit")
	for i, c := range choices {
		p.say("  %d %s", i+1, c)
	}
	for {
		line, err := p.ask("Number")
		if err != nil {
			return 0, err
		}
		switch n, err := strconv.Atoi(line); {
		case err == nil && n == len(choices), line == "q":
			return 0, errLeft
		case err == nil && n >= 1 && n < len(choices):
			return n, nil
		}
		p.say("A number from 1 to %d, please.", len(choices))
	}
}

// walk goes through what is open: blockers first, then questions.
func (p *plain) walk() error {
	for {
		blocker, item, left := p.next()
		var err error
		switch {
		case blocker != nil:
			err = p.blocker(*blocker, left)
		case item != nil:
			err = p.item(*item, left)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// next is the first thing that is open and was not left for later, and how many there are.
func (p *plain) next() (blocker *detectors.Finding, item *checklist.Item, left int) {
	board := p.session.Board()
	for _, s := range board.Stations {
		for i, f := range s.Findings {
			if _, ok := board.Waivers[f.Fingerprint]; !ok && f.Severity == detectors.Blocker && !p.passed[f.Fingerprint] {
				left++
				if blocker == nil {
					blocker = &s.Findings[i]
				}
			}
		}
	}
	for _, s := range board.Stations {
		for i, it := range s.Items {
			if it.State == checklist.Open && !p.passed[it.ID] {
				left++
				if item == nil {
					item = &s.Items[i]
				}
			}
		}
	}
	return blocker, item, left
}

func (p *plain) blocker(f detectors.Finding, left int) error {
	p.say("\n%d left. Blocker of %s: %s", left, f.Pattern.Title(), clean(f.Message))
	p.say("  %s:%d", clean(f.Path), f.Line)
	for _, r := range f.Related {
		p.say("  %s:%d %s", clean(r.Path), r.Line, clean(r.Message))
	}
	p.say("  Why: %s\n  Fix: %s", clean(f.Why), clean(f.Fix))
	n, err := p.choose("waive it, with a reason and a date", "leave it for later")
	if err != nil {
		return err
	}
	if n == 1 {
		return p.waive(f.Fingerprint)
	}
	p.passed[f.Fingerprint] = true
	return nil
}

func (p *plain) item(it checklist.Item, left int) error {
	p.say("\n%d left. %s: %s", left, it.Pattern.Title(), clean(it.Question))
	p.say("  Asked because of %s.\n  Evidence is %s.", clean(strings.Join(it.RaisedBy, ", ")), evidenceWanted(it.Evidence))
	if it.Stale != nil {
		p.say("  It was answered %s before what it speaks of changed.", it.Stale.State)
	}
	n, err := p.choose("go", "no-go", "does not apply", "waive it, with a reason and a date", "leave it for later", "read the guide")
	if err != nil {
		return err
	}
	switch n {
	case 1, 2, 3:
		return p.answer(it, []checklist.State{checklist.Go, checklist.NoGo, checklist.NA}[n-1])
	case 4:
		return p.waive(it.ID)
	case 5:
		p.passed[it.ID] = true
	case 6:
		text, _ := p.b.Guide(it.Guide)
		p.say("\n%s", strings.Join(cleanLines(text), "\n"))
	}
	return nil
}

// waive asks for a reason and a date; what is refused is asked again with the rest.
func (p *plain) waive(target string) error {
	reason, err := p.ask("Reason")
	if err != nil {
		return err
	}
	until, err := p.ask("Until (2027-01-31)")
	if err != nil {
		return err
	}
	p.told(p.session.Waive(target, reason, until))
	return nil
}

// told says how a change of the session went.
func (p *plain) told(err error) {
	if err != nil {
		p.say("Not saved: %s", clean(err.Error()))
		return
	}
	p.say("Saved.")
}

// answer asks for the item's evidence (go needs it, the others may have it) and a note.
func (p *plain) answer(it checklist.Item, state checklist.State) error {
	var e checklist.Evidence
	if state == checklist.Go {
		var err error
		if e, err = p.evidence(it); err != nil {
			return err
		}
	}
	note, err := p.ask("Note, or enter")
	if err != nil {
		return err
	}
	p.told(p.session.Answer(it.ID, state, e, note))
	return nil
}

func (p *plain) evidence(it checklist.Item) (checklist.Evidence, error) {
	e := checklist.Evidence{Kind: it.Evidence}
	prompt := map[checklist.EvidenceKind]string{
		checklist.CommandEvidence: "Command", checklist.LinkEvidence: "Link", checklist.PersonEvidence: "Person (NAME <ADDRESS>)", checklist.TextEvidence: "What was done and seen",
	}[it.Evidence]
	if it.Command != "" {
		prompt += ", or enter for: " + clean(it.Command)
	}
	line, err := p.ask(prompt)
	if err != nil {
		return e, err
	}
	switch it.Evidence {
	case checklist.CommandEvidence:
		if line == "" {
			line = it.Command
		}
		return p.runs(e, line)
	case checklist.LinkEvidence:
		e.Link = line
	case checklist.PersonEvidence:
		e.Person = line
	case checklist.TextEvidence:
		e.Text = line
	}
	return e, nil
}

// runs shows the exact line, asks, and runs it.
func (p *plain) runs(e checklist.Evidence, line string) (checklist.Evidence, error) {
	if line == "" {
		return e, nil
	}
	p.say("This runs in the repository's root, and the line becomes public with the record:\n  %s", clean(line))
	n, err := p.choose("run it", "do not run it")
	if err != nil || n != 1 {
		return e, err
	}
	res, err := p.session.RunCommand(p.ctx, line, commandTimeout, func(text []byte) { _, _ = fmt.Fprint(p.out, strings.Join(cleanLines(string(text)), "\n")) })
	if err != nil {
		p.say("Not run: %s", clean(err.Error()))
		return e, nil
	}
	p.say("\n%s", resultLine(&res))
	e.Command = &res
	return e, nil
}

// finish offers the signature when nothing holds, and says what does otherwise.
func (p *plain) finish(br *branch.Branch) error {
	board := p.session.Board()
	p.say("\nThe branch is %s, score %d of 100.", strings.ToUpper(string(board.Verdict)), board.Score)
	if board.Verdict != checklist.VerdictGo {
		p.say("What is open keeps the record from being signed; flightpoll asks again the next time.")
		return nil
	}
	if n := len(br.Dirty()); n > 0 {
		p.say("%s not committed: commit, then sign with flightpoll sign.", plural(n, "file"))
		return nil
	}
	n, err := p.choose("sign the record and commit it", "sign the record", "do not sign")
	if err != nil || n == 3 {
		return err
	}
	draft, err := p.b.Draft(board, p.b.Report(board, p.result))
	if err != nil {
		return err
	}
	signed, err := p.b.Sign(p.ctx, draft, record.SignOptions{Role: "author", Commit: n == 1, Passphrase: p.passphrase})
	if err != nil {
		return err
	}
	p.say("Signed by %s as %s: %s", clean(signed.Principal), signed.Role, clean(signed.Signature))
	if signed.Commit != "" {
		p.say("Committed as %s.", signed.Commit)
	}
	return nil
}

// passphrase reads without showing what is typed; from a pipe it is a line like any other.
func (p *plain) passphrase(prompt string) ([]byte, error) {
	if p.tty == nil {
		line, err := p.ask("Passphrase for " + clean(prompt))
		return []byte(line), err
	}
	_, _ = fmt.Fprintf(p.out, "Passphrase for %s (not shown): ", clean(prompt))
	defer p.say("")
	return term.ReadPassword(int(p.tty.Fd()))
}
