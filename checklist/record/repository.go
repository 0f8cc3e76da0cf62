package record

// One repository, read by `git cat-file --batch` and strict parsers of our own: ids are recomputed, so what is judged is
// what the ids name.

import (
	"bufio"
	"context"
	"crypto/sha1" // #nosec G505 -- git's object ids
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// The largest objects that are read into memory, in bytes. Blobs that are only digested have no limit.
const (
	maxTree   = 64 << 20
	maxCommit = 4 << 20
)

var (
	errMissing  = errors.New("is not in this clone: fetch the whole history (git fetch --unshallow, or fetch-depth: 0)")
	errTooLarge = errors.New("is too large")
)

// repository is safe for one goroutine.
type repository struct {
	git     git
	gitDir  string
	shallow bool
	idLen   int

	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader

	// made are trees that exist only here: pruned ones, by the id that git would give them.
	made  map[string][]entry
	trees map[string][]entry
	sums  map[string]string
}

// openRepository finds the repository around dir and starts to read objects; close ends that.
func openRepository(ctx context.Context, dir string) (*repository, error) {
	if dir == "" {
		dir = "."
	}
	g := newGit(dir)
	out, err := g.run(ctx, "rev-parse", "--is-shallow-repository", "--show-object-format", "--absolute-git-dir")
	if err != nil {
		var failed *gitError
		if errors.As(err, &failed) && strings.Contains(failed.stderr, "not a git repository") {
			return nil, fmt.Errorf("%s is in no git repository: run inside one", dir)
		}
		return nil, err
	}
	lines := strings.SplitN(strings.TrimSuffix(out, "\n"), "\n", 3)
	if len(lines) != 3 {
		return nil, fmt.Errorf("git rev-parse in %s: unexpected answer", dir)
	}
	r := &repository{
		git: g, gitDir: lines[2], shallow: lines[0] == "true", idLen: sha1.Size,
		made: map[string][]entry{}, trees: map[string][]entry{}, sums: map[string]string{},
	}
	if lines[1] == "sha256" {
		r.idLen = sha256.Size
	}
	return r, r.start(ctx)
}

func (r *repository) start(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "git", append(append([]string(nil), hardened...), "cat-file", "--batch")...) // #nosec G204 -- fixed arguments
	cmd.Dir, cmd.Env = r.git.dir, r.git.env
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	r.cmd, r.in, r.out = cmd, in, bufio.NewReaderSize(out, 1<<16)
	return nil
}

func (r *repository) close() {
	if r.cmd != nil {
		_ = r.in.Close()
		_ = r.cmd.Wait() // the process only read; how it ended says nothing
		r.cmd = nil
	}
}

// newID is the hash that makes this repository's object ids.
func (r *repository) newID() hash.Hash {
	if r.idLen == sha256.Size {
		return sha256.New()
	}
	return sha1.New() // #nosec G401 -- git's object ids
}

// id is the id of an object with this content.
func (r *repository) id(kind string, content []byte) string {
	h := r.newID()
	_, _ = fmt.Fprintf(h, "%s %d\x00", kind, len(content))
	_, _ = h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// isID says whether s is a full object id.
func (r *repository) isID(s string) bool {
	if len(s) != 2*r.idLen {
		return false
	}
	_, err := hex.DecodeString(s)
	return err == nil && s == strings.ToLower(s)
}

// open asks for one object: its size, and its content to be read in full by the caller.
func (r *repository) open(id, kind string) (size int64, err error) {
	if !r.isID(id) {
		return 0, fmt.Errorf("%q is no object id", clean(id))
	}
	if _, err := io.WriteString(r.in, id+"\n"); err != nil {
		return 0, fmt.Errorf("object %s %w", id, errMissing)
	}
	header, err := r.out.ReadString('\n')
	if err != nil { // git ends when a partial clone would have to fetch the object
		return 0, fmt.Errorf("object %s %w", id, errMissing)
	}
	f := strings.Fields(header)
	if len(f) != 3 {
		return 0, fmt.Errorf("object %s %w", id, errMissing)
	}
	if size, err = strconv.ParseInt(f[2], 10, 64); err != nil {
		return 0, fmt.Errorf("git cat-file: %w", err)
	}
	if f[1] != kind {
		if err := r.skip(size); err != nil {
			return 0, err
		}
		return 0, fmt.Errorf("object %s is a %s, not a %s", id, f[1], kind)
	}
	return size, nil
}

// skip reads over the rest of an object and the line break behind it.
func (r *repository) skip(n int64) error {
	if _, err := io.CopyN(io.Discard, r.out, n+1); err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	return nil
}

// read is an object's content; one over limit bytes is errTooLarge.
func (r *repository) read(id, kind string, limit int64) ([]byte, error) {
	size, err := r.open(id, kind)
	if err != nil {
		return nil, err
	}
	if size > limit {
		if err := r.skip(size); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("object %s, %d bytes, %w", id, size, errTooLarge)
	}
	content := make([]byte, size+1)
	if _, err := io.ReadFull(r.out, content); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	content = content[:size:size]
	if r.id(kind, content) != id {
		return nil, fmt.Errorf("object %s does not have the content that its id names: git fsck", id)
	}
	return content, nil
}

// digest is the sha256 of a blob's content, of whatever size.
func (r *repository) digest(id string) (string, error) {
	if sum, ok := r.sums[id]; ok {
		return sum, nil
	}
	size, err := r.open(id, "blob")
	if err != nil {
		return "", err
	}
	sum, own := sha256.New(), r.newID()
	_, _ = fmt.Fprintf(own, "blob %d\x00", size)
	if _, err := io.CopyN(io.MultiWriter(sum, own), r.out, size); err != nil {
		return "", fmt.Errorf("git cat-file: %w", err)
	}
	if err := r.skip(0); err != nil {
		return "", err
	}
	if hex.EncodeToString(own.Sum(nil)) != id {
		return "", fmt.Errorf("object %s does not have the content that its id names: git fsck", id)
	}
	r.sums[id] = hex.EncodeToString(sum.Sum(nil))
	return r.sums[id], nil
}
