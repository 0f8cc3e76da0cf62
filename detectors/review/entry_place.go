package review

// Where a project wants changes written down, and whether it keeps to it.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// entryPlace is where a project wants changes written down.
type entryPlace struct {
	// place is the folder or file; told and line say where the project asks for it, why in which words.
	place, told, why string
	line             int
	// dir is the folder that it covers; folder says that entries are files, packages that they name what they are for.
	dir              string
	folder, packages bool
}

// isEntry says whether a path is an entry of the place, or a change log that covers what the place covers.
func (r *entryPlace) isEntry(p string) bool {
	if changeLog.MatchString(p) {
		dir := path.Dir(p)
		return r.dir == "." || dir == "." || dir == r.dir || strings.HasPrefix(r.dir, dir+"/") || strings.HasPrefix(dir, r.dir+"/")
	}
	if m := fragmentAt.FindStringSubmatch(p); m != nil && r.folder && !r.packages {
		// Some keep one folder for all, whatever the tool of a part is told.
		if dir := path.Dir(m[1]); dir == "." || strings.HasPrefix(r.dir+"/", dir+"/") {
			return !strings.EqualFold(strings.TrimSuffix(path.Base(p), path.Ext(p)), "readme")
		}
	}
	return r.folder && strings.HasPrefix(p, r.place+"/") && !strings.EqualFold(strings.TrimSuffix(path.Base(p), path.Ext(p)), "readme")
}

// met says whether the branch has the entry for a change.
func (r *entryPlace) met(pass *detectors.Pass, s seenChange) bool {
	entry := false
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Deleted && r.isEntry(f.Path) {
			entry = true
		}
	}
	if own := s.packageName(pass); entry && r.packages && own != "" {
		return coveredPackage(pass.Branch, r.place, own)
	}
	return entry
}

var (
	changeLog  = lazy.New(`(?i)(?:^|/)(?:changelog|changes|history|news|release[-_]?notes)(?:\.\w+)?$`)
	unreleased = lazy.New(`(?im)^#{1,3}\s*\[?(?:unreleased|next|upcoming|main|master|head)\b|^#{1,3}\s.*\bunreleased\b|^\[?(?:unreleased|upcoming)\]?\s*\n[-=]{3,}`)
	fragmentAt = lazy.New(`^(\.changeset|\.changes(?:/unreleased)?|\.changelog(?:/unreleased(?:/[\w-]+)?)?|\.nx/version-plans|\.sampo/changesets|changelog_unreleased/[\w-]+|change|common/changes/(?:@?[\w.-]+/)?[\w.-]+|Misc/NEWS\.d/next/[\w ]+|(?:[\w.-]+/){0,3}(?:changelog\.d|changes\.d|news\.d|newsfragments|changes/unreleased|changelogs?/unreleased|changelogs/fragments|upcoming_changes|unreleased_changes|\.chloggen|\.chronus/changes|releasenotes/notes|CHANGES|news))/[^/]+\.(?:md|rst|txt|ya?ml|toml|json|\w*(?:feature|bugfix|fix|removal|change|misc|doc|added|changed)\w*)$`)

	// fragmentTools are the tools that collect a change log from small files: how each is set up, and where they go without a word.
	fragmentTools = []fragmentTool{
		{"pyproject.toml", "[tool.towncrier", "newsfragments", false}, {"towncrier.toml", "towncrier", "newsfragments", false},
		{".changeset/config.json", "{", ".changeset", true}, {".sampo/config.toml", "", ".sampo/changesets", true}, {".changes/config.json", "{", ".changes", true},
		{"knope.toml", "[", ".changeset", true}, {"rush.json", "\"", "common/changes", true}, {"beachball.config.js", "", "change", true}, {"nx.json", "\"versionPlans\"", ".nx/version-plans", true},
		{".changie.yaml", "changesDir", ".changes/unreleased", false}, {".changie.yml", "changesDir", ".changes/unreleased", false},
		{"pyproject.toml", "[tool.scriv", "changelog.d", false}, {"setup.cfg", "[tool:scriv", "changelog.d", false}, {"changelog.d/scriv.ini", "", "changelog.d", false},
		{"releasenotes/config.yaml", "", "releasenotes/notes", false}, {"reno.yaml", "", "releasenotes/notes", false}, {"tox.ini", "reno ", "releasenotes/notes", false},
		{".chloggen/config.yaml", "", ".chloggen", false}, {"changelogs/config.yaml", "", "changelogs/fragments", false}, {".changelog/config.toml", "", ".changelog/unreleased", false},
		{"news/TEMPLATE.rst", "", "news", false},
	}
	asksForEntry = lazy.New(`(?i)\b(?:change ?log|changeset|news ?fragment|news (?:entry|file)|newsfragments?|changelog\.d|release note|towncrier|changie|scriv|reno)\b`)
)

type fragmentTool struct {
	file, mark, folder string
	// packages says that an entry names the packages that it is for.
	packages bool
}

// entryRules finds the place for entries about a path: the nearest above it.
type entryRules struct {
	pass  *detectors.Pass
	known map[string]*entryPlace
}

// kept says whether some changed file has such a place.
func (r *entryRules) kept() (bool, error) {
	for _, f := range productFiles(r.pass.Branch) {
		if rule, err := r.of(f.Path); err != nil || rule != nil {
			return rule != nil, err
		}
	}
	return false, nil
}

// of is the place for entries about a path, nil where the project wants none or does not keep to it.
func (r *entryRules) of(p string) (*entryPlace, error) {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		rule, ok := r.known[dir]
		if !ok {
			var err error
			if rule, err = entryRule(r.pass, dir); err != nil {
				return nil, err
			}
			r.known[dir] = rule
		}
		if rule != nil || dir == "." || dir == "/" {
			return rule, nil
		}
	}
}

// entryRule says where a folder of the project wants entries, nil where it wants none or does not keep to it.
func entryRule(pass *detectors.Pass, dir string) (*entryPlace, error) {
	b := pass.Branch
	paths, err := b.BasePaths()
	if err != nil {
		return nil, err
	}
	place := fragments(b, dir, paths)
	if place == nil {
		place = unreleasedSection(b, dir, paths)
	}
	if place == nil {
		return nil, nil //nolint:nilnil // no rule is an answer, not a failure
	}
	place.dir = dir
	asked := false
	for _, p := range append(slices.Clone(reviewRules), place.place+"/README.md", "README.md") {
		text, err := b.ReadBase(p)
		if err != nil {
			continue
		}
		if at := asksForEntry.FindIndex(text); at != nil {
			asked = p != "README.md" || place.folder
			place.told, place.line, place.why = p, 1+strings.Count(string(text[:at[0]]), "\n"), "asks for an entry"
			break
		}
	}
	with, all, err := habit(pass, place)
	switch {
	case err != nil:
		return nil, err
	case all >= 8 && place.folder && with*2 < all, all >= 8 && !place.folder && with*5 < all*4:
		return nil, nil //nolint:nilnil // asked for once, and not kept to
	case all < 8 && !place.folder && !asked:
		return nil, nil //nolint:nilnil // nothing says that every change has one
	case all >= 8:
		place.why = fmt.Sprintf("%d of the last %d changes of code have one", with, all)
	}
	return place, nil
}

// fragments finds the folder of a fragment tool that is set up in a folder.
func fragments(b *branch.Branch, dir string, paths []string) *entryPlace {
	var tool fragmentTool
	for _, t := range fragmentTools {
		text, err := b.ReadBase(path.Join(dir, t.file))
		if err != nil || !strings.Contains(string(text), t.mark) {
			continue
		}
		if strings.Contains(t.mark, "towncrier") {
			if folder := towncrierFolder(string(text)); folder != "" {
				return &entryPlace{place: path.Join(dir, folder), told: path.Join(dir, t.file), line: 1, why: "sets the fragments up", folder: true}
			}
		}
		tool = t
		break
	}
	count := map[string]int{}
	for _, p := range paths {
		rest, below := strings.CutPrefix(p, dir+"/")
		if dir == "." {
			rest, below = p, true
		}
		if !below {
			continue
		}
		if m := fragmentAt.FindStringSubmatch(rest); m != nil {
			count[path.Join(dir, m[1])]++
		}
	}
	best := ""
	for folder, n := range count {
		sure := tool.file != "" || !slices.Contains([]string{"news", "CHANGES", ".changes", ".changelog", "change"}, path.Base(folder))
		if sure && (best == "" || n > count[best] || n == count[best] && folder < best) {
			best = folder
		}
	}
	if tool.file != "" && (best == "" || tool.packages) {
		best = path.Join(dir, tool.folder)
	}
	if best == "" {
		return nil
	}
	told := path.Join(dir, tool.file)
	if tool.file == "" {
		told = best + "/README.md"
		if !slices.Contains(paths, told) {
			told = slices.MinFunc(slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !strings.HasPrefix(p, best+"/") }), strings.Compare)
		}
	}
	return &entryPlace{place: best, told: told, line: 1, why: "sets the fragments up", folder: true, packages: tool.packages}
}

func towncrierFolder(text string) string {
	_, section, ok := strings.Cut(text, "[tool.towncrier")
	if !ok {
		section = text
	}
	for line := range strings.Lines(section) {
		key, value, ok := strings.Cut(line, "=")
		if ok && strings.TrimSpace(key) == "directory" {
			return strings.Trim(strings.TrimSpace(value), `"'/`)
		}
		if strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "[[tool.towncrier") {
			break
		}
	}
	return ""
}

// unreleasedSection finds a change log of a folder that collects what is not released.
func unreleasedSection(b *branch.Branch, dir string, paths []string) *entryPlace {
	prefix := dir + "/"
	if dir == "." {
		prefix = ""
	}
	from, _ := slices.BinarySearch(paths, prefix)
	for _, p := range paths[from:] {
		if !strings.HasPrefix(p, prefix) {
			break
		}
		if path.Dir(p) != dir || !changeLog.MatchString(p) {
			continue
		}
		text, err := b.ReadBase(p)
		if err != nil {
			continue
		}
		if at := unreleased.FindIndex(text[:min(len(text), 20000)]); at != nil {
			return &entryPlace{place: p, told: p, line: 1 + strings.Count(string(text[:at[0]]), "\n"), why: "collects what is not released"}
		}
	}
	return nil
}

// habit counts, of the last changes that touched code, those that brought an entry.
func habit(pass *detectors.Pass, place *entryPlace) (with, all int, err error) {
	out, err := pass.Branch.Git(pass.Context, "log", "--first-parent", "--diff-merges=first-parent", "-n", "40", "--name-only", "--format=%x00%s", pass.Branch.Base)
	if err != nil {
		return 0, 0, err
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		subject, names, ok := strings.Cut(entry, "\n")
		if !ok || noEntry.MatchString(subject) {
			continue
		}
		code, has := false, false
		for p := range strings.FieldsSeq(names) {
			code = code || source.LanguageOf(p) != "" && !source.IsTest(p) && !source.IsDoc(p) && !source.IsExample(p)
			has = has || place.isEntry(p)
		}
		if code {
			all++
			if has {
				with++
			}
		}
	}
	return with, all, nil
}
