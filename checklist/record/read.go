package record

// Reads records from the work tree: to show them, to add a signature, to know which one a new record replaces.

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flightpoll/detectors/branch"
)

// maxFolders bounds the records that are looked at, maxSignatures the signatures of one.
const (
	maxFolders    = 2000
	maxSignatures = 64
)

// Record is a record as it lies in a folder. Read has checked its form and its digests, not its signatures' trust.
type Record struct {
	// Folder is the slash-separated path below the repository's root, or what Read was given.
	Folder                              string
	Statement                           Statement
	StatementJSON, ReportJSON, Markdown []byte
	// Signatures are the names of the signature files, sorted.
	Signatures []string
}

func (r Record) draft() *Draft {
	return &Draft{Folder: r.Folder, Statement: r.StatementJSON, ReportJSON: r.ReportJSON, Markdown: r.Markdown}
}

// Read reads the record in a folder of the work tree, or the folder of the readiness.json that it is given.
func Read(path string) (Record, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		path = filepath.Dir(path)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return Record{}, fmt.Errorf("no record at %s: %w", clean(path), err)
	}
	defer func() { _ = root.Close() }()
	rec := Record{Folder: filepath.ToSlash(path)}
	if rec.StatementJSON, err = readRegular(root, statementFile, maxStatement); err != nil {
		return rec, err
	}
	if rec.Statement, err = decode(rec.StatementJSON); err != nil {
		return rec, err
	}
	if rec.ReportJSON, err = readRegular(root, reportFile, maxBeside); err != nil {
		return rec, err
	}
	if rec.Markdown, err = readRegular(root, markdownFile, maxBeside); err != nil {
		return rec, err
	}
	if err := rec.checkDigests(); err != nil {
		return rec, err
	}
	names, err := listNames(root)
	if err != nil {
		return rec, err
	}
	for _, name := range names {
		if signatureName.MatchString(name) {
			rec.Signatures = append(rec.Signatures, name)
		}
	}
	return rec, nil
}

// checkDigests compares the files beside the statement with what it says of them.
func (r Record) checkDigests() error {
	p := r.Statement.Predicate
	if sum(r.ReportJSON) != p.Report.SHA256 {
		return refuse(Refused, "%s is not the one that was signed: its sha256 differs", reportFile)
	}
	if sum(r.Markdown) != p.Markdown.SHA256 {
		return refuse(Refused, "%s is not the one that was signed: its sha256 differs", markdownFile)
	}
	return nil
}

// readRegular reads a regular file, not a link, of at most limit bytes.
func readRegular(root *os.Root, name string, limit int64) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root.Name(), err)
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, refuse(Malformed, "%s is no regular file of at most %d bytes", name, limit)
	}
	text, err := root.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root.Name(), err)
	}
	return text, nil
}

func listNames(root *os.Root) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root.Name(), err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// recordsOnDisk are the records in the work tree that the base does not hold, as far as they can be read.
func (r *repository) recordsOnDisk(b *branch.Branch, base string) ([]Record, error) {
	landed, err := r.folders(base)
	if err != nil {
		return nil, err
	}
	list := []Record{}
	for _, name := range foldersOnDisk(b.Root) {
		if landed[name] || !folderName.MatchString(name) {
			continue
		}
		rec, err := Read(filepath.Join(b.Root, filepath.FromSlash(Dir), name))
		if err != nil {
			continue // what cannot be read cannot be signed on; verify says what is wrong with it
		}
		rec.Folder = Dir + "/" + name
		list = append(list, rec)
	}
	return list, nil
}

// foldersOnDisk are the names below .readiness/records in the work tree, sorted.
func foldersOnDisk(root string) []string {
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(Dir)))
	if err != nil {
		return nil // there are none yet
	}
	names := []string{}
	for _, e := range entries[:min(len(entries), maxFolders)] {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// folders are the names below .readiness/records in a commit.
func (r *repository) folders(id string) (map[string]bool, error) {
	c, err := r.commit(id)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	e, ok, err := r.lookup(c.tree, Dir)
	if err != nil || !ok || !e.isTree() {
		return names, err
	}
	list, err := r.tree(e.id)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		names[e.name] = true
	}
	return names, nil
}

// takenFolders says which names a new record cannot have: the base's, and those on the disk.
func (r *repository) takenFolders(b *branch.Branch, base string) (func(string) bool, error) {
	taken, err := r.folders(base)
	if err != nil {
		return nil, err
	}
	tip, err := r.folders(b.TargetTip)
	if err != nil {
		return nil, err
	}
	return func(name string) bool {
		_, err := os.Lstat(filepath.Join(b.Root, filepath.FromSlash(Dir), name))
		return taken[name] || tip[name] || !errors.Is(err, fs.ErrNotExist)
	}, nil
}

// stands says whether a record speaks of the code that a new statement would, and still may be landed.
func stands(rec Record, s Statement, now time.Time) bool {
	a, b := rec.Statement.Predicate, s.Predicate
	return a.Delta.SHA256 == b.Delta.SHA256 && a.Repository == b.Repository && a.Target == b.Target &&
		!a.IssuedAt.After(now.Add(clockSkew)) && a.ExpiresAt.After(now) && !a.ExpiresAt.After(a.IssuedAt.Add(b.ExpiresAt.Sub(b.IssuedAt)))
}

// clockSkew is how far the clocks of signer and verifier may be apart.
const clockSkew = 10 * time.Minute

// sameAnswers says whether two statements hold the same verdict, answers and waivers.
func sameAnswers(a, b Statement) bool {
	only := func(s Statement) []byte {
		p := s.Predicate
		text, err := encode(Statement{Predicate: Predicate{Verdict: p.Verdict, Score: p.Score, Answers: slices.Clone(p.Answers), Waivers: p.Waivers}})
		if err != nil {
			return nil
		}
		return text
	}
	x, y := only(a), only(b)
	return x != nil && bytes.Equal(x, y)
}
