package branch

// The repository's objects for go-git, read by one `git cat-file --batch`: go-git's own storage refuses some
// repositories (partial clones, worktreeConfig, reftable) and decodes whole pack indexes to find one object.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// idleTime is how long cat-file lives on without being asked.
const idleTime = 2 * time.Second

// maxObject is the size in bytes past which no object is read, a tree or commit neither.
const maxObject = 64 << 20

// errTooLarge says that an object or file is over the limit for its content to be read.
var errTooLarge = errors.New("too large to read")

// errMissing says that an object is not in this clone.
var errMissing = errors.New("not in this clone")

var errReadOnly = errors.New("objects are only read")

// objects is a storer.EncodedObjectStorer over git cat-file. It is safe for concurrent use.
type objects struct {
	git git

	mu   sync.Mutex
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	idle *time.Timer
}

var _ storer.EncodedObjectStorer = (*objects)(nil)

func newObjects(g git) *objects { return &objects{git: g} }

// read is one object by its name, with its type and id. One larger than limit gives errTooLarge.
func (o *objects) read(name string, limit int64) (plumbing.ObjectType, string, []byte, error) {
	if name == "" || strings.ContainsAny(name, "\n\r") {
		return plumbing.InvalidObject, "", nil, fmt.Errorf("%q: %w", name, plumbing.ErrObjectNotFound)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.start(); err != nil {
		return plumbing.InvalidObject, "", nil, err
	}
	t, id, content, err := o.ask(name, limit)
	if err != nil && !errors.Is(err, plumbing.ErrObjectNotFound) {
		o.stop()
	}
	return t, id, content, err
}

// ask writes one name and reads one answer.
func (o *objects) ask(name string, limit int64) (plumbing.ObjectType, string, []byte, error) {
	if _, err := io.WriteString(o.in, name+"\n"); err != nil {
		return plumbing.InvalidObject, "", nil, fmt.Errorf("object %s: %w", name, errMissing)
	}
	header, err := o.out.ReadString('\n')
	if err != nil { // git ends when a partial clone would have to fetch the object
		return plumbing.InvalidObject, "", nil, fmt.Errorf("object %s: %w", name, errMissing)
	}
	fields := strings.Fields(header)
	if len(fields) != 3 || strings.HasPrefix(header, name+" missing") {
		return plumbing.InvalidObject, "", nil, fmt.Errorf("object %s: %w", name, plumbing.ErrObjectNotFound)
	}
	t, err := plumbing.ParseObjectType(fields[1])
	if err != nil {
		return t, "", nil, fmt.Errorf("object %s: %w", name, err)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return t, "", nil, fmt.Errorf("object %s: %w", name, err)
	}
	if size > limit {
		return t, fields[0], nil, fmt.Errorf("object %s, %d bytes: %w", name, size, errTooLarge)
	}
	content := make([]byte, size+1)
	if _, err := io.ReadFull(o.out, content); err != nil {
		return t, "", nil, fmt.Errorf("object %s: %w", name, err)
	}
	return t, fields[0], content[:size:size], nil
}

// start makes sure that cat-file runs, and that it ends when nobody asks for a while.
func (o *objects) start() error {
	if o.cmd != nil {
		o.idle.Reset(idleTime)
		return nil
	}
	cmd := o.git.command(context.Background(), "cat-file", "--batch")
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
	o.cmd, o.in, o.out = cmd, in, bufio.NewReaderSize(out, 1<<16)
	o.idle = time.AfterFunc(idleTime, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.cmd == cmd {
			o.stop()
		}
	})
	return nil
}

// stop ends cat-file; the next read starts another one.
func (o *objects) stop() {
	o.idle.Stop()
	_ = o.in.Close()
	_ = o.cmd.Process.Kill()
	_ = o.cmd.Wait()
	o.cmd, o.in, o.out, o.idle = nil, nil, nil, nil
}

// commit is the id of the commit that a revision names.
func (o *objects) commit(revision string) (string, error) {
	_, id, _, err := o.read(revision+"^{commit}", maxObject)
	return id, err
}

// blob is the content of a blob of at most MaxFile bytes.
func (o *objects) blob(id string) ([]byte, error) {
	_, _, content, err := o.read(id, MaxFile)
	return content, err
}

// EncodedObject reads one object for go-git.
func (o *objects) EncodedObject(want plumbing.ObjectType, h plumbing.Hash) (plumbing.EncodedObject, error) {
	t, _, content, err := o.read(h.String(), maxObject)
	if err != nil {
		return nil, err
	}
	if want != plumbing.AnyObject && want != t {
		return nil, plumbing.ErrObjectNotFound
	}
	obj := &plumbing.MemoryObject{}
	obj.SetType(t)
	_, err = obj.Write(content)
	return obj, err
}

// HasEncodedObject says whether an object is there.
func (o *objects) HasEncodedObject(h plumbing.Hash) error {
	_, err := o.EncodedObjectSize(h)
	return err
}

// EncodedObjectSize is an object's size in bytes.
func (o *objects) EncodedObjectSize(h plumbing.Hash) (int64, error) {
	_, _, content, err := o.read(h.String(), maxObject)
	return int64(len(content)), err
}

// NewEncodedObject is an object in memory.
func (o *objects) NewEncodedObject() plumbing.EncodedObject { return &plumbing.MemoryObject{} }

// SetEncodedObject refuses: nothing is written.
func (o *objects) SetEncodedObject(plumbing.EncodedObject) (plumbing.Hash, error) {
	return plumbing.ZeroHash, errReadOnly
}

// IterEncodedObjects refuses: nobody needs every object.
func (o *objects) IterEncodedObjects(plumbing.ObjectType) (storer.EncodedObjectIter, error) {
	return nil, errReadOnly
}

// RawObjectWriter refuses: nothing is written.
func (o *objects) RawObjectWriter(plumbing.ObjectType, int64) (io.WriteCloser, error) {
	return nil, errReadOnly
}

// AddAlternate refuses: nothing is written.
func (o *objects) AddAlternate(string) error { return errReadOnly }
