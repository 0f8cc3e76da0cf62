package record

// Finds the records that a range of commits adds, and refuses everything else that it does below .readiness/records.

import (
	"slices"
	"strings"
)

// candidate is a record that a range adds.
type candidate struct {
	// folder is the slash-separated path below the root; files are by name.
	folder string
	files  map[string]entry
}

func (c candidate) path(name string) string { return c.folder + "/" + name }

// added are the records that head has and base has not, sorted by folder. Between the two, regular files of known
// names may be added below the records, and nothing else may happen there.
func (r *repository) added(base, head commit) ([]candidate, error) {
	sides := [2]string{}
	for i, c := range []commit{base, head} {
		e, ok, err := r.lookup(c.tree, Dir)
		if err != nil {
			return nil, err
		}
		switch {
		case ok && !e.isTree():
			return nil, refuse(Refused, "%s is no folder", Dir)
		case ok:
			sides[i] = e.id
		}
	}
	list, err := r.changes(sides[0], sides[1])
	if err != nil {
		return nil, err
	}
	folders := map[string]*candidate{}
	for _, c := range list {
		if err := r.checkAddition(c); err != nil {
			return nil, err
		}
		folder, name, inFolder := strings.Cut(c.path, "/")
		if !inFolder {
			continue
		}
		if folders[folder] == nil {
			if len(folders) == maxFolders {
				return nil, refuse(Malformed, "more than %d records are added at once", maxFolders)
			}
			folders[folder] = &candidate{folder: Dir + "/" + folder, files: map[string]entry{}}
		}
		folders[folder].files[name] = entry{c.newMode, name, c.newID}
	}
	out := []candidate{}
	for folder, c := range folders {
		if err := r.checkWhole(sides[0], folder, c); err != nil {
			return nil, err
		}
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b candidate) int { return strings.Compare(a.folder, b.folder) })
	return out, nil
}

// checkAddition judges one changed path below the records.
func (r *repository) checkAddition(c change) error {
	full := Dir + "/" + c.path
	folder, name, inFolder := strings.Cut(c.path, "/")
	if !inFolder {
		if err := checkName(folder, full, folder == attributesFile); err != nil {
			return err
		}
	} else {
		if err := checkName(folder, full, folderName.MatchString(folder)); err != nil {
			return err
		}
		if err := checkName(strings.ReplaceAll(name, "/", "-"), full, knownFile(name)); err != nil {
			return err
		}
	}
	switch {
	case c.newMode == "":
		return refuse(Refused, "%s is deleted, which belongs to an earlier change: restore it", clean(full))
	case c.oldMode != "":
		return refuse(Refused, "%s is changed, which belongs to an earlier change: restore it", clean(full))
	case c.newMode != modeFile:
		return refuse(Refused, "%s has the mode %s: a record holds regular files only", clean(full), c.newMode)
	case inFolder:
		return nil
	}
	text, err := r.read(c.newID, "blob", maxSignature)
	if err != nil {
		return err
	}
	if string(text) != attributes {
		return refuse(Refused, "%s says something else than %q", full, strings.TrimSpace(attributes))
	}
	return nil
}

// checkWhole makes sure that a folder is new as a whole: nobody adds to a record that landed.
func (r *repository) checkWhole(records, folder string, c *candidate) error {
	if records != "" {
		list, err := r.tree(records)
		if err != nil {
			return err
		}
		for _, e := range list {
			if e.name == folder {
				return refuse(Refused, "%s adds to a record that landed before: remove what was added", clean(c.folder))
			}
		}
	}
	signatures := len(c.files)
	for _, name := range []string{statementFile, reportFile, markdownFile} {
		if _, ok := c.files[name]; ok {
			signatures--
		}
	}
	if signatures > maxSignatures {
		return refuse(Malformed, "%s holds %d signatures, more than %d", clean(c.folder), signatures, maxSignatures)
	}
	return nil
}
