package branch

import (
	"context"
	"time"
)

// Options say which branch to read.
type Options struct {
	// Dir is any folder inside the work tree; empty means the current one.
	Dir string
	// Base is the ref or commit to compare with (--base); empty means: find it.
	Base string
	// Target is the policy's target branch, tried before the usual names.
	Target string
}

// Branch is the change under review: merge base .. work tree. What is committed and what is not is told
// apart by File.Uncommitted; on a clean tree the work tree is HEAD.
type Branch struct {
	// Root is the work tree's root, an absolute path; CommonDir the git directory that all worktrees share.
	Root, CommonDir string
	// Name is the short branch name, empty with a detached HEAD.
	Name string
	// Target is the short name of what the branch will land on ("main"); BaseRef the ref that it was found by
	// ("refs/remotes/origin/main", or what --base said).
	Target, BaseRef string
	// Head and Base are commit ids in hexadecimal; Base is the merge base, TargetTip the tip of BaseRef.
	Head, Base, TargetTip string
	// MergeBases are all of them when there are several; Base is the first.
	MergeBases []string
	// Commits are the branch's own, newest first.
	Commits []Commit
	// Files are the changed ones, sorted by path; records below .readiness/records are left out.
	Files []*File
	// Additions and Deletions count lines over Files, binary ones left out.
	Additions, Deletions int
	// Shallow says that the history was cut off, so that counts may be too low.
	Shallow bool
	// AI is what trailers and addresses say of assistants.
	AI AI

	repo              *repository
	byPath, byOldPath map[string]*File
}

// Commit is one commit of the branch.
type Commit struct {
	ID       string
	Author   Person
	When     time.Time
	Subject  string
	Message  string
	Trailers []Trailer
	Parents  []string
	// AI is the tool that trailers or addresses name ("claude", "copilot", "cursor" ...), empty for none.
	AI string
	// Attributions say who wrote which lines, by a note of git-ai (Noted) or a record of agent-trace (Traced).
	Attributions  []Attribution
	Noted, Traced bool
}

// Person is a name with an address, as git has it.
type Person struct{ Name, Email string }

// Trailer is one "Key: value" line of a message's last paragraph, by the rules of git-interpret-trailers.
type Trailer struct{ Key, Value string }

// AI sums up what is known of assistants: the commits that name one, the tools, sorted, and the added lines
// of those commits. Source is "trailers", "git-ai", "agent-trace" or "none".
type AI struct {
	Commits int
	Tools   []string
	Lines   int
	Source  string
	// Known is how many added lines the commits with attributions have, Machine and Confirmed how many of them an
	// assistant or a person is named for. The lines of other commits are unknown.
	Known, Machine, Confirmed int
	// Models are the ones that attributions name, sorted.
	Models []string
}

// Status is what happened to a path.
type Status string

// What may happen to a path.
const (
	Added    Status = "added"
	Modified Status = "modified"
	Deleted  Status = "deleted"
	Renamed  Status = "renamed"
)

// File is one changed path with both sides.
type File struct {
	// Path is the path now (for a deleted one: as it was); OldPath the path at the base when it differs.
	Path, OldPath string
	Status        Status
	// OldMode and NewMode are git's modes (0o100644, 0o100755, 0o120000, 0o160000), zero for a side that is not there.
	OldMode, NewMode uint32
	// Binary, Generated (by marker, by .gitattributes linguist-generated, by lock file name), Vendored and TooLarge
	// files are not worth reading as source.
	Binary, Generated, Vendored, TooLarge bool
	// Uncommitted says that the work tree differs from HEAD at this path.
	Uncommitted bool

	branch *Branch
	sides  *sides
}

// Hunk is one changed place without context, as `git diff -U0` prints it: lines count from 1.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
}

// Open reads the branch that Options name. Errors are one line each: what is wrong, where, and what to do.
func Open(ctx context.Context, o Options) (*Branch, error) { return open(ctx, o) }

// Before is the file's content at the merge base, nil when it was not there. After is its content now (in the
// work tree, or in HEAD where the work tree is sparse), nil when it is gone. Both are read once and kept.
func (f *File) Before() ([]byte, error) { return f.before() }

// After is the other side of Before.
func (f *File) After() ([]byte, error) { return f.after() }

// Hunks are the changed places, in order; empty for binary files.
func (f *File) Hunks() []Hunk { return f.hunks() }

// Touched says whether the branch added or changed the new side's line; Removed the same for the old side.
func (f *File) Touched(line int) bool { return f.touched(line, line) }

// TouchedRange says whether any new line from first to last was added or changed, or a line was removed inside.
func (f *File) TouchedRange(first, last int) bool { return f.touched(first, last) }

// Removed says whether the branch removed or changed the old side's line.
func (f *File) Removed(line int) bool { return f.removed(line) }

// AddedText are the lines that the branch added or changed, as they are now; RemovedText those that it removed or changed, as they were. Both
// are empty for binary files and for files that cannot be read: they serve to say cheaply what a change cannot be about.
func (f *File) AddedText() []byte { return f.addedText() }

// RemovedText is the other side of AddedText.
func (f *File) RemovedText() []byte { return f.removedText() }

// NewLine is where the hunk that took an old line away stands on the new side, 0 when none did.
func (f *File) NewLine(old int) int {
	for _, h := range f.Hunks() {
		if old >= h.OldStart && old < h.OldStart+max(1, h.OldLines) {
			return h.NewStart
		}
	}
	return 0
}

// File is the changed file at path, nil when the branch does not change it.
func (b *Branch) File(path string) *File { return b.file(path) }

// ReadBase is the content of a path at the merge base, ReadHead the content now (as After). Both give
// fs.ErrNotExist for a path that is not there, and an error for one over MaxFile.
func (b *Branch) ReadBase(path string) ([]byte, error) { return b.readBase(path) }

// ReadHead is the other side of ReadBase.
func (b *Branch) ReadHead(path string) ([]byte, error) { return b.readHead(path) }

// BasePaths are all paths at the merge base, HeadPaths all paths now (tracked, or new and not ignored),
// sorted, without .git and without .readiness/records. Both are listed once and kept.
func (b *Branch) BasePaths() ([]string, error) { return b.basePaths() }

// HeadPaths is the other side of BasePaths.
func (b *Branch) HeadPaths() ([]string, error) { return b.headPaths() }

// Dirty are the changed files whose work tree differs from HEAD.
func (b *Branch) Dirty() []*File {
	var list []*File
	for _, f := range b.Files {
		if f.Uncommitted {
			list = append(list, f)
		}
	}
	return list
}

// DirtyPaths are all paths where the work tree differs from HEAD, sorted, records left out: also those that
// no changed file names, because the work tree has what the merge base had.
func (b *Branch) DirtyPaths() []string { return b.repo.uncommitted.paths() }

// MaxFile is the size in bytes past which a file's content is not read.
const MaxFile = 4 << 20
