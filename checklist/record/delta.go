package record

// The delta: which paths a branch changes, from what to what, as one digest that survives a rebase.

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// maxChanges bounds the paths of one delta: a tree may name the same folder in itself a billion times over.
const maxChanges = 500_000

// change is one path that differs between two trees. A side that is not there has no mode and no id.
type change struct {
	path             string
	oldMode, newMode string
	oldID, newID     string
}

// Delta is what a branch changes.
type Delta struct {
	// SHA256 digests the entries.
	SHA256  string       `json:"sha256"`
	Entries []DeltaEntry `json:"entries"`
}

// DeltaEntry is one changed path, without rename detection. Modes are six octal digits, "000000" for a side that is not
// there; a digest is the sha256 of the content, the commit id of a submodule, "" for a side that is not there.
type DeltaEntry struct {
	Path string `json:"path"`
	// PathBase64 is true when the path is not UTF-8 and Path holds its base64.
	PathBase64 bool   `json:"pathBase64,omitempty"`
	OldMode    string `json:"oldMode"`
	NewMode    string `json:"newMode"`
	OldSHA256  string `json:"oldSha256"`
	NewSHA256  string `json:"newSha256"`
}

// path is the path as git has it.
func (e DeltaEntry) path() (string, error) {
	if !e.PathBase64 {
		return e.Path, nil
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(e.Path)
	if err != nil || utf8.Valid(raw) {
		return "", fmt.Errorf("the path %q is not the base64 of one that needs it", e.Path)
	}
	return string(raw), nil
}

// changes compares two trees, sorted by path.
func (r *repository) changes(old, now string) ([]change, error) {
	list := []change{}
	err := r.compare(old, now, "", &list)
	slices.SortFunc(list, func(a, b change) int { return cmp.Compare(a.path, b.path) })
	return list, err
}

// compare walks two trees side by side; an empty id is an empty tree.
func (r *repository) compare(old, now, prefix string, list *[]change) error {
	if old == now {
		return nil
	}
	if len(prefix) > 4096 {
		return refuse(Malformed, "a path is longer than 4096 bytes")
	}
	sides := [2][]entry{}
	for i, id := range []string{old, now} {
		if id == "" {
			continue
		}
		var err error
		if sides[i], err = r.tree(id); err != nil {
			return err
		}
	}
	before := make(map[string]entry, len(sides[0]))
	for _, e := range sides[0] {
		before[e.name] = e
	}
	for _, e := range sides[1] {
		was := before[e.name]
		delete(before, e.name)
		if err := r.compareEntry(was, e, prefix+e.name, list); err != nil {
			return err
		}
	}
	for _, e := range sides[0] {
		if _, gone := before[e.name]; gone {
			if err := r.compareEntry(e, entry{}, prefix+e.name, list); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareEntry compares one name; a zero entry is a side that is not there. A folder in place of a file is the
// file's deletion and additions below it.
func (r *repository) compareEntry(was, is entry, path string, list *[]change) error {
	if was.mode == is.mode && was.id == is.id {
		return nil
	}
	var oldTree, newTree string
	if was.isTree() {
		oldTree, was = was.id, entry{}
	}
	if is.isTree() {
		newTree, is = is.id, entry{}
	}
	if was.mode != "" || is.mode != "" {
		if len(*list) >= maxChanges {
			return fmt.Errorf("more than %d paths differ: not a change that can be judged", maxChanges)
		}
		*list = append(*list, change{path, was.mode, is.mode, was.id, is.id})
	}
	if oldTree == "" && newTree == "" {
		return nil
	}
	return r.compare(oldTree, newTree, path+"/", list)
}

// delta digests changes.
func (r *repository) delta(list []change) (Delta, error) {
	d := Delta{Entries: make([]DeltaEntry, 0, len(list))}
	for _, c := range list {
		e := DeltaEntry{Path: c.path, OldMode: sixDigits(c.oldMode), NewMode: sixDigits(c.newMode)}
		if !utf8.ValidString(c.path) {
			e.Path, e.PathBase64 = base64.StdEncoding.EncodeToString([]byte(c.path)), true
		}
		var err error
		if e.OldSHA256, err = r.content(c.oldMode, c.oldID); err != nil {
			return Delta{}, err
		}
		if e.NewSHA256, err = r.content(c.newMode, c.newID); err != nil {
			return Delta{}, err
		}
		d.Entries = append(d.Entries, e)
	}
	var err error
	d.SHA256, err = sumEntries(d.Entries)
	return d, err
}

// content is what stands for one side: the sha256 of a file or a link, the commit of a submodule.
func (r *repository) content(mode, id string) (string, error) {
	switch mode {
	case "":
		return "", nil
	case modeGitlink:
		return id, nil
	}
	return r.digest(id)
}

func sixDigits(mode string) string {
	return ("000000" + mode)[len(mode):]
}

// sumEntries is the sha256 over each entry's old mode, new mode, sha256(old), sha256(new) and path, each followed by a
// NUL, which no path can hold. Entries must be sorted by path, each path once.
func sumEntries(list []DeltaEntry) (string, error) {
	h := sha256.New()
	last := ""
	for i, e := range list {
		path, err := e.path()
		if err != nil {
			return "", err
		}
		if i > 0 && path <= last {
			return "", fmt.Errorf("the entry %q is not in its place", path)
		}
		last = path
		for _, field := range []string{e.OldMode, e.NewMode, e.OldSHA256, e.NewSHA256, path} {
			_, _ = io.WriteString(h, field+"\x00")
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// difference names the paths at which two deltas differ, sorted.
func difference(signed, found Delta) []string {
	entries := map[string]DeltaEntry{}
	for _, e := range signed.Entries {
		path, _ := e.path() // sumEntries has checked it
		entries[path] = e
	}
	list := []string{}
	for _, e := range found.Entries {
		path, _ := e.path()
		if entries[path] != e {
			list = append(list, path)
		}
		delete(entries, path)
	}
	for path := range entries {
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}
