package review

// Which packages the entries of a branch release: the front matter of changesets (github.com/changesets/changesets), Sampo's, Covector's,
// Knope's and Nx's, the files of Rush and Beachball.

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var (
	frontMatter = lazy.New(`(?s)^\s*---\r?\n(.*?)\r?\n?---`)
	released    = lazy.New(`(?m)^\s*["']?(?:cargo/|npm/|pypi/)?((?:@[\w.-]+/)?[\w.-]+)["']?\s*:\s*["']?(?:major|minor|patch|premajor|preminor|prepatch|feat|fix|none)`)
	packageKey  = lazy.New(`"packageName"\s*:\s*"([^"]+)"`)
)

// releasedBy are the packages that entries of the branch name, with the path of the last; an entry that names none says that nothing is
// released, and gives "*".
func releasedBy(b *branch.Branch, place string) (names []string, at string) {
	for _, f := range b.Files {
		if f.Status == branch.Deleted || !strings.HasPrefix(f.Path, place+"/") || strings.EqualFold(path.Base(f.Path), "readme.md") || strings.HasPrefix(path.Base(f.Path), "config.") {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		at = f.Path
		found := packageKey.FindAllSubmatch(text, 50)
		if m := frontMatter.FindSubmatch(text); m != nil {
			found = released.FindAllSubmatch(m[1], 50)
		}
		if len(found) == 0 {
			names = append(names, "*")
		}
		for _, m := range found {
			names = append(names, string(m[1]))
		}
	}
	slices.Sort(names)
	return slices.Compact(names), at
}

// coveredPackage says whether an entry of the branch releases a package, by its name or with its group.
func coveredPackage(b *branch.Branch, place, own string) bool {
	names, _ := releasedBy(b, place)
	if slices.Contains(names, own) || slices.Contains(names, "*") || slices.Contains(names, "default") {
		return true
	}
	var config struct {
		Ignore []string
		Fixed  [][]string
		Linked [][]string
	}
	text, err := b.ReadHead(place + "/config.json")
	if err != nil || json.Unmarshal(text, &config) != nil {
		return false
	}
	in := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(pattern string) bool { ok, err := path.Match(pattern, name); return err == nil && ok })
	}
	if in(config.Ignore, own) {
		return true
	}
	return slices.ContainsFunc(config.Fixed, func(group []string) bool {
		return in(group, own) && slices.ContainsFunc(names, func(n string) bool { return in(group, n) })
	})
}
