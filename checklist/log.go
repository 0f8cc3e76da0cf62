package checklist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"

	"flightpoll/detectors/branch"
)

// maxLog bounds a log in bytes: a person gives some hundred answers of at most some KB.
const maxLog = 32 << 20

// eventLog is the append-only file of one session. A line counts once its line break is there, so a torn one (the
// program was killed while it wrote) is nothing, and the next append cuts it off.
type eventLog struct {
	identity identity
	// seen is what the file looked like when it was last read, unread before that.
	seen fileMark
}

var (
	unread = fileMark{size: -2}
	absent = fileMark{size: -1}
)

func openLog(b *branch.Branch) (*eventLog, error) {
	id, err := readIdentity(b)
	if err != nil {
		return nil, err
	}
	return &eventLog{identity: id, seen: unread}, nil
}

// path is the log's file, empty while the branch has none.
func (l *eventLog) path() string {
	if l.identity.id == "" {
		return ""
	}
	return filepath.Join(l.identity.dir, l.identity.id+".jsonl")
}

// read gives all events when the file is not as it was at the last read.
func (l *eventLog) read() (events []event, changed bool, err error) {
	if err := l.identity.refresh(); err != nil {
		return nil, false, err
	}
	path, mark := l.path(), absent
	if path != "" {
		mark = markOf(path)
	}
	if mark == l.seen {
		return nil, false, nil
	}
	l.seen = mark
	if mark == absent {
		return nil, true, nil
	}
	f, err := os.Open(path) //nolint:gosec // the log's own path: its id is hexadecimal digits
	if err != nil {
		return nil, false, fmt.Errorf("cannot read the answers: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	text, err := readBounded(f, path)
	if err != nil {
		return nil, false, err
	}
	return parseLog(text), true, nil
}

// append adds the event that next makes of everything in the log so far (false: there is nothing to add), and gives
// all events afterwards. Programs take turns by a lock on the file; the line is on the disk when it returns.
func (l *eventLog) append(next func([]event) (event, bool)) ([]event, error) {
	if err := l.identity.create(); err != nil {
		return nil, err
	}
	f, err := lockedfile.OpenFile(l.path(), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot save the answer: %w", err)
	}
	events, err := l.appendLocked(f, next)
	l.seen = markOf(l.path())
	if cerr := f.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("cannot save the answer: %w", cerr)
	}
	return events, err
}

func (l *eventLog) appendLocked(f *lockedfile.File, next func([]event) (event, bool)) ([]event, error) {
	text, err := readBounded(f, l.path())
	if err != nil {
		return nil, err
	}
	whole := int64(bytes.LastIndexByte(text, '\n') + 1)
	events := parseLog(text)
	e, ok := next(events)
	if !ok {
		return events, nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("cannot save the answer: %w", err)
	}
	if whole < int64(len(text)) {
		if err := f.Truncate(whole); err != nil {
			return nil, fmt.Errorf("cannot save the answer: %w", err)
		}
	}
	line = append(line, '\n')
	if _, err := f.Write(line); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot save the answer: %w", err), f.Truncate(whole))
	}
	if err := f.Sync(); err != nil {
		return nil, fmt.Errorf("cannot save the answer: %w", err)
	}
	return append(events, e), nil
}

func readBounded(r io.Reader, path string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxLog+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the answers: %w", err)
	}
	if len(text) > maxLog {
		return nil, fmt.Errorf("the answers in %s are larger than %d MB: no session writes so much; move the file away", path, maxLog>>20)
	}
	return text, nil
}

// parseLog reads the whole lines.
func parseLog(text []byte) []event {
	var events []event
	for len(text) > 0 {
		line, rest, found := bytes.Cut(text, []byte{'\n'})
		if !found {
			break
		}
		if e, ok := parseEvent(line); ok {
			events = append(events, e)
		}
		text = rest
	}
	return events
}
