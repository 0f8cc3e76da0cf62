package branch

// What is not committed: the paths where the work tree differs from HEAD, and the new ones that nothing ignores.

import (
	"context"
	"slices"
	"strings"
)

// recordsFolder holds the readiness records: they speak about the change and are no part of it.
const recordsFolder = ".readiness/records/"

// maxUntracked bounds how many new files that nobody added yet are looked at.
const maxUntracked = 5000

// uncommitted says what git status says, sorted.
type uncommitted struct {
	tracked   []string        // changed in the index or in the work tree
	untracked []string        // new and not ignored
	gone      map[string]bool // tracked and not in the work tree any more
}

func (u uncommitted) clean() bool { return len(u.tracked) == 0 && len(u.untracked) == 0 }

// at says whether the work tree differs from HEAD at a path.
func (u uncommitted) at(path string) bool {
	_, tracked := slices.BinarySearch(u.tracked, path)
	_, untracked := slices.BinarySearch(u.untracked, path)
	return tracked || untracked
}

// paths are all of them, sorted, each once.
func (u uncommitted) paths() []string {
	all := slices.Concat(u.tracked, u.untracked)
	slices.Sort(all)
	return slices.Compact(all)
}

// status asks git what is not committed. Any folder of the work tree will do.
func status(ctx context.Context, g git) (uncommitted, error) {
	u := uncommitted{gone: map[string]bool{}}
	out, err := g.output(ctx, "status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=dirty", "--no-ahead-behind")
	if err != nil {
		return u, err
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if len(entry) < 2 {
			continue
		}
		switch entry[0] {
		case '?':
			if path := entry[2:]; !strings.HasSuffix(path, "/") && !skipUntracked(path) { // a folder is another repository
				u.untracked = append(u.untracked, path)
			}
		case '1', 'u': // "1 XY sub mH mI mW hH hI path", "u XY sub m1 m2 m3 mW h1 h2 h3 path"
			fields, worktree := 9, 5
			if entry[0] == 'u' {
				fields, worktree = 11, 6
			}
			f := strings.SplitN(entry, " ", fields)
			if len(f) != fields || strings.HasPrefix(f[fields-1], recordsFolder) {
				continue
			}
			u.tracked = append(u.tracked, f[fields-1])
			if f[worktree] == "000000" {
				u.gone[f[fields-1]] = true
			}
		}
	}
	slices.Sort(u.tracked)
	slices.Sort(u.untracked)
	u.untracked = u.untracked[:min(len(u.untracked), maxUntracked)]
	return u, nil
}

// skipUntracked leaves out records, and installed packages that nobody commits.
func skipUntracked(path string) bool {
	return strings.HasPrefix(path, recordsFolder) || strings.HasPrefix(path, "node_modules/") || strings.Contains(path, "/node_modules/")
}
