package branch

// The changed files with their hunks, from one run of git diff: its own rename detection, binary files, line ends and
// attributes hold, and nothing of the patch but the places is kept.

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// diffOptions make git diff the same whatever is configured. Files over MaxFile count as binary, so that they are not read.
var diffOptions = []string{
	"-c", "core.bigFileThreshold=" + strconv.Itoa(MaxFile), "-c", "diff.suppressBlankEmpty=false",
	"diff", "--raw", "--patch", "-z", "--unified=0", "--inter-hunk-context=0", "--no-abbrev", "--find-renames", "-l1000",
	"--diff-algorithm=myers", "--indent-heuristic", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short",
	"--ignore-submodules=dirty", "--no-relative", "-O/dev/null",
}

// diff compares two trees, or a tree with the index ("--cached", tree).
func diff(ctx context.Context, g git, sides ...string) ([]*File, error) {
	args := append(append(append([]string(nil), diffOptions...), sides...), "--")
	var files []*File
	err := g.stream(ctx, nil, func(out io.Reader) (err error) {
		files, err = parseDiff(bufio.NewReaderSize(out, 1<<16))
		return err
	}, args...)
	return files, err
}

var errDiffFormat = errors.New("git diff wrote what is not understood")

// parseDiff reads raw entries, each ended by NUL, an empty one, and the patch.
func parseDiff(in *bufio.Reader) ([]*File, error) {
	var files, sections []*File
	for {
		switch c, err := in.ReadByte(); {
		case errors.Is(err, io.EOF):
			return files, nil
		case err != nil:
			return nil, err
		case c == 0:
			return files, parsePatch(in, sections)
		case c != ':':
			return nil, errDiffFormat
		}
		f, split, err := parseRaw(in)
		if err != nil {
			return nil, err
		}
		if f == nil {
			continue
		}
		files, sections = append(files, f), append(sections, f)
		if split { // between kinds of file, git writes a deletion and an addition
			sections = append(sections, f)
		}
	}
}

// parseRaw reads ":mode mode id id status NUL path NUL [path NUL]". An unmerged path gives nil: it has an entry of its own.
func parseRaw(in *bufio.Reader) (f *File, split bool, err error) {
	field := func() string {
		s, e := in.ReadString(0)
		if e != nil && err == nil {
			err = fmt.Errorf("git diff: %w", e)
		}
		return strings.TrimSuffix(s, "\x00")
	}
	head := strings.Fields(field())
	path := field()
	if err != nil {
		return nil, false, err
	}
	if len(head) != 5 || head[4] == "" {
		return nil, false, errDiffFormat
	}
	oldMode, err1 := strconv.ParseUint(head[0], 8, 32)
	newMode, err2 := strconv.ParseUint(head[1], 8, 32)
	if err := errors.Join(err1, err2); err != nil {
		return nil, false, errDiffFormat
	}
	f = &File{Path: path, OldMode: uint32(oldMode), NewMode: uint32(newMode), sides: &sides{oldID: head[2], newID: head[3]}}
	switch head[4][0] {
	case 'A':
		f.Status = Added
	case 'D':
		f.Status = Deleted
	case 'R':
		f.Status, f.OldPath, f.Path = Renamed, path, field()
	case 'M':
		f.Status = Modified
	case 'T':
		f.Status, split = Modified, true
	case 'U':
		return nil, false, err
	default:
		return nil, false, errDiffFormat
	}
	return f, split, err
}

// parsePatch reads the hunks of the files, which come in the order of the raw entries.
func parsePatch(in *bufio.Reader, sections []*File) error {
	at, skip := -1, 0
	for {
		line, err := readStart(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		switch {
		case len(line) == 0 && err != nil:
			if at != len(sections)-1 {
				return errDiffFormat
			}
			return nil
		case skip > 0 && line[0] != '\\':
			skip--
		case bytes.HasPrefix(line, []byte("diff --git ")):
			if at++; at == len(sections) {
				return errDiffFormat
			}
		case at < 0:
		case bytes.HasPrefix(line, []byte("Binary files ")):
			sections[at].Binary = true
		case bytes.HasPrefix(line, []byte("@@ -")):
			h, ok := parseHunk(string(line))
			if !ok {
				return errDiffFormat
			}
			skip = h.OldLines + h.NewLines
			sections[at].sides.hunks = append(sections[at].sides.hunks, h)
		}
	}
}

// readStart reads one line and gives its start: at most what the buffer holds.
func readStart(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	start := bytes.Clone(line[:256])
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = in.ReadSlice('\n')
	}
	return start, err
}

// parseHunk reads "@@ -12,3 +14 @@ ...": a count that is left out is 1.
func parseHunk(line string) (Hunk, bool) {
	f := strings.Fields(line)
	if len(f) < 4 {
		return Hunk{}, false
	}
	var h Hunk
	oldOK := parseRange(f[1], "-", &h.OldStart, &h.OldLines)
	newOK := parseRange(f[2], "+", &h.NewStart, &h.NewLines)
	return h, oldOK && newOK
}

func parseRange(s, sign string, start, count *int) bool {
	s, ok := strings.CutPrefix(s, sign)
	first, rest, counted := strings.Cut(s, ",")
	var err1, err2 error
	*start, err1 = strconv.Atoi(first)
	*count = 1
	if counted {
		*count, err2 = strconv.Atoi(rest)
	}
	return ok && err1 == nil && err2 == nil && *start >= 0 && *count >= 0
}
