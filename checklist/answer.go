package checklist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const dateForm = "2006-01-02"

// answer appends one answer.
func (s *Session) answer(id string, st State, e Evidence, note string) error {
	item, ok := s.item(id)
	if !ok {
		return s.unknown(id)
	}
	switch st {
	case Go, NoGo, NA:
	case Waived:
		return fmt.Errorf("%s: a waiver needs a reason and a date: flightpoll waive %s --reason TEXT --until DATE", id, id)
	default:
		return fmt.Errorf("%s: %q is no answer: expected go, no-go or n/a", id, st)
	}
	e, err := e.check(st, item.Evidence)
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	note = strings.TrimSpace(note)
	if err := checkText("the note", note); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return s.append(event{Type: answerEvent, Target: id, Answer: &Answer{
		State: st, Evidence: e, Note: note, By: s.opts.By, At: s.now(), Covers: item.Covers, ScopeSHA256: item.ScopeSHA256,
	}})
}

// waive appends one waiver.
func (s *Session) waive(target, reason, until string) error {
	full, err := s.target(target)
	if err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fmt.Errorf("%s: a waiver needs a reason", full)
	}
	if err := checkText("the reason", reason); err != nil {
		return fmt.Errorf("%s: %w", full, err)
	}
	if _, err := time.Parse(dateForm, until); err != nil {
		return fmt.Errorf("%s: until %q: expected a date, YYYY-MM-DD", full, until)
	}
	if until < s.today() {
		return fmt.Errorf("%s: until %s is over: expected today or later", full, until)
	}
	return s.append(event{Type: waiveEvent, Target: full, Waiver: &Waiver{
		Target: full, By: s.opts.By, Reason: reason, Until: until, At: s.now(),
	}})
}

// clear takes an answer or a waiver back by an event of its own.
func (s *Session) clear(target string) error {
	full, err := s.target(target)
	if err != nil {
		return err
	}
	return s.append(event{Type: clearEvent, Target: full})
}

// step appends an undo or a redo; the decision is made on what the log holds at that moment, other programs' changes included.
func (s *Session) step(t eventType) (string, error) {
	said := ""
	err := s.appendNext(func(events []event) (event, bool) {
		st := replay(events)
		stack := st.done
		if t == redoEvent {
			stack = st.undone
		}
		if len(stack) == 0 {
			return event{}, false
		}
		said = stack[len(stack)-1].says()
		return event{Type: t}, true
	})
	return said, err
}

func (s *Session) append(e event) error {
	return s.appendNext(func([]event) (event, bool) { return e, true })
}

func (s *Session) appendNext(next func([]event) (event, bool)) error {
	if strings.TrimSpace(s.opts.By) == "" {
		return errors.New("git does not know who you are: git config --global user.name NAME, and user.email ADDRESS")
	}
	events, err := s.log.append(func(events []event) (event, bool) {
		e, ok := next(events)
		e.By, e.At = s.opts.By, s.now()
		return e, ok
	})
	if err != nil {
		return err
	}
	s.state = replay(events)
	return nil
}

// target is an item's id, or the fingerprint of the one finding that it begins.
func (s *Session) target(given string) (string, error) {
	if _, ok := s.item(given); ok {
		return given, nil
	}
	const enough = 6
	var found []string
	for _, f := range s.result.Findings {
		if len(given) >= enough && strings.HasPrefix(f.Fingerprint, given) {
			found = append(found, f.Fingerprint)
		}
	}
	switch len(found) {
	case 0:
		return "", s.unknown(given)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%s begins %d fingerprints: give more digits", given, len(found))
}

// unknown says what there is instead.
func (s *Session) unknown(id string) error {
	if len(s.raised) == 0 {
		return fmt.Errorf("nothing on this branch raises %q: it has no open question", shorten(id))
	}
	ids := make([]string, 0, len(s.raised))
	for _, i := range s.raised {
		ids = append(ids, i.ID)
	}
	slices.Sort(ids)
	return fmt.Errorf("nothing on this branch raises %q; its items: %s", shorten(id), strings.Join(ids, ", "))
}

func (s *Session) now() time.Time { return s.opts.Now().UTC().Truncate(time.Second) }

func (s *Session) today() string { return s.opts.Now().UTC().Format(dateForm) }
