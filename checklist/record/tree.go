package record

// Trees, read more strictly than git does, and the pruned tree: the one without .readiness/records.

import (
	"bytes"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// The modes of git's tree entries.
const (
	modeTree    = "40000"
	modeFile    = "100644"
	modeGitlink = "160000"
)

// entry is one line of a tree.
type entry struct{ mode, name, id string }

func (e entry) isTree() bool { return e.mode == modeTree }

// tree reads one tree, made or stored.
func (r *repository) tree(id string) ([]entry, error) {
	if list, ok := r.made[id]; ok {
		return list, nil
	}
	if list, ok := r.trees[id]; ok {
		return list, nil
	}
	raw, err := r.read(id, "tree", maxTree)
	if err != nil {
		return nil, err
	}
	list, err := parseTree(raw, r.idLen)
	if err != nil {
		return nil, err
	}
	if len(r.trees) < 4096 {
		r.trees[id] = list
	}
	return list, nil
}

// parseTree refuses what git fsck calls an error: unknown modes, names that are no file's, duplicates, wrong order.
func parseTree(raw []byte, idLen int) ([]entry, error) {
	list := []entry{}
	names := map[string]bool{}
	last := ""
	for len(raw) > 0 {
		mode, rest, ok := bytes.Cut(raw, []byte(" "))
		name, rest2, ok2 := bytes.Cut(rest, []byte{0})
		if !ok || !ok2 || len(rest2) < idLen {
			return nil, refuse(Malformed, "a tree object of the commit is cut off")
		}
		e := entry{mode: string(mode), name: string(name), id: hex.EncodeToString(rest2[:idLen])}
		raw = rest2[idLen:]
		switch e.mode {
		case modeTree, modeFile, "100755", "100664", "120000", modeGitlink:
		case "040000":
			e.mode = modeTree
		default:
			return nil, refuse(Malformed, "a tree object gives %s the mode %s, which git does not know", clean(e.name), clean(e.mode))
		}
		if e.name == "" || e.name == "." || e.name == ".." || strings.EqualFold(e.name, ".git") || strings.Contains(e.name, "/") {
			return nil, refuse(Malformed, "a tree object holds the name %q, which is no file's", e.name)
		}
		if names[e.name] {
			return nil, refuse(Malformed, "a tree object holds %s twice", clean(e.name))
		}
		key := e.name
		if e.isTree() {
			key += "/"
		}
		if len(list) > 0 && key <= last {
			return nil, refuse(Malformed, "a tree object is not sorted at %s", clean(e.name))
		}
		names[e.name], last = true, key
		list = append(list, e)
	}
	return list, nil
}

// make gives a tree of these entries the id that git would, without writing it.
func (r *repository) make(list []entry) string {
	var raw bytes.Buffer
	for _, e := range list {
		id, _ := hex.DecodeString(e.id) // ids come from parseTree or from here
		raw.WriteString(e.mode + " " + e.name + "\x00")
		raw.Write(id)
	}
	id := r.id("tree", raw.Bytes())
	r.made[id] = list
	return id
}

// pruned is the id of a tree without .readiness/records, and without the folders that this leaves empty.
func (r *repository) pruned(root string) (string, error) {
	id, err := r.without(root, strings.Split(Dir, "/"))
	if err != nil || id != "" {
		return id, err
	}
	return r.make(nil), nil
}

// without is the id of a tree without the entry at a path, "" when nothing is left of it.
func (r *repository) without(id string, path []string) (string, error) {
	list, err := r.tree(id)
	if err != nil {
		return "", err
	}
	for i, e := range list {
		if e.name != path[0] {
			continue
		}
		left := make([]entry, 0, len(list))
		left = append(left, list[:i]...)
		if len(path) > 1 {
			if !e.isTree() {
				return id, nil
			}
			sub, err := r.without(e.id, path[1:])
			if err != nil {
				return "", err
			}
			if sub == e.id {
				return id, nil
			}
			if sub != "" {
				left = append(left, entry{modeTree, e.name, sub})
			}
		}
		left = append(left, list[i+1:]...)
		if len(left) == 0 {
			return "", nil
		}
		return r.make(left), nil
	}
	return id, nil
}

// lookup is the entry at a path below a tree; false when there is none.
func (r *repository) lookup(root, path string) (entry, bool, error) {
	e := entry{mode: modeTree, id: root}
	for name := range strings.SplitSeq(path, "/") {
		if !e.isTree() {
			return entry{}, false, nil
		}
		list, err := r.tree(e.id)
		if err != nil {
			return entry{}, false, err
		}
		found := false
		for _, sub := range list {
			if sub.name == name {
				e, found = sub, true
				break
			}
		}
		if !found {
			return entry{}, false, nil
		}
	}
	return e, true, nil
}

// file is the content of a regular file at a path below a tree; false when nothing is there.
func (r *repository) file(root, path string, limit int64) ([]byte, bool, error) {
	e, ok, err := r.lookup(root, path)
	if err != nil || !ok {
		return nil, false, err
	}
	if e.mode != modeFile && e.mode != "100755" {
		return nil, true, refuse(Refused, "%s is no regular file", path)
	}
	text, err := r.read(e.id, "blob", limit)
	return text, true, err
}

// printable says whether a name may be shown, and kept in JSON, as it is.
func printable(s string) bool { return utf8.ValidString(s) && clean(s) == s }
