package branch

// What the target holds at its tip, where the team's rules are read.

import "io/fs"

// ReadTarget is the content of a path at the tip of the target (not at the merge base); fs.ErrNotExist when it is not
// there or when no target was found.
func (b *Branch) ReadTarget(name string) ([]byte, error) {
	if b.TargetTip == "" || !validPath(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	tree, err := b.repo.treeAt(b.TargetTip)
	if err != nil {
		return nil, err
	}
	return b.repo.readTree(tree, name)
}
