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
	folder           bool
}

func (r *entryPlace) isEntry(p string) bool {
	if changeLog.MatchString(p) {
		return true
	}
	return r.folder && strings.HasPrefix(p, r.place+"/") && !strings.EqualFold(strings.TrimSuffix(path.Base(p), path.Ext(p)), "readme")
}

var (
	changeLog     = lazy.New(`(?i)(?:^|/)(?:changelog|changes|history|news|release[-_]?notes)(?:\.\w+)?$`)
	unreleased    = lazy.New(`(?im)^#{1,3}\s*\[?(?:unreleased|next|upcoming|main|master|head)\b|^\[?(?:unreleased|upcoming)\]?\s*\n[-=]{3,}`)
	fragmentAt    = lazy.New(`^(\.changeset|\.changes(?:/unreleased)?|(?:[\w.-]+/){0,3}(?:changelog\.d|changes\.d|news\.d|newsfragments|changes/unreleased|changelogs?/unreleased|\.chloggen|\.chronus/changes|releasenotes/notes|CHANGES|news))/[^/]+\.(?:md|rst|txt|ya?ml|toml|\w*(?:feature|bugfix|fix|removal|change|misc|doc|added|changed)\w*)$`)
	fragmentTools = []struct{ file, mark string }{
		{"pyproject.toml", "[tool.towncrier"}, {"towncrier.toml", "towncrier"}, {".changeset/config.json", "{"}, {".changie.yaml", "changesDir"}, {".changie.yml", "changesDir"},
		{"pyproject.toml", "[tool.scriv"}, {"setup.cfg", "[tool:scriv"}, {"knope.toml", "["}, {"releasenotes/config.yaml", ""}, {"reno.yaml", ""}, {".chloggen/config.yaml", ""}, {"news/TEMPLATE.rst", ""},
	}
	asksForEntry = lazy.New(`(?i)\b(?:change ?log|changeset|news ?fragment|news (?:entry|file)|newsfragments?|changelog\.d|release note|towncrier|changie|scriv)\b`)
)

// entryRule says where the project wants entries, nil where it wants none or does not keep to it.
func entryRule(pass *detectors.Pass) (*entryPlace, error) {
	b := pass.Branch
	paths, err := b.BasePaths()
	if err != nil {
		return nil, err
	}
	place := fragments(b, paths)
	if place == nil {
		place = unreleasedSection(b, paths)
	}
	if place == nil {
		return nil, nil //nolint:nilnil // no rule is an answer, not a failure
	}
	asked := false
	for _, p := range append(slices.Clone(reviewRules), place.place+"/README.md") {
		text, err := b.ReadBase(p)
		if err != nil {
			continue
		}
		if at := asksForEntry.FindIndex(text); at != nil {
			asked = true
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

// fragments finds the folder of a fragment tool that is set up.
func fragments(b *branch.Branch, paths []string) *entryPlace {
	config := ""
	for _, t := range fragmentTools {
		if text, err := b.ReadBase(t.file); err == nil && strings.Contains(string(text), t.mark) {
			config = t.file
			if t.mark == "[tool.towncrier" {
				if dir := towncrierFolder(string(text)); dir != "" {
					return &entryPlace{place: dir, told: t.file, line: 1, why: "sets the fragments up", folder: true}
				}
			}
			break
		}
	}
	count := map[string]int{}
	for _, p := range paths {
		if m := fragmentAt.FindStringSubmatch(p); m != nil {
			count[m[1]]++
		}
	}
	best := ""
	for dir, n := range count {
		sure := config != "" || !slices.Contains([]string{"news", "CHANGES", ".changes"}, path.Base(dir))
		if sure && (best == "" || n > count[best] || n == count[best] && dir < best) {
			best = dir
		}
	}
	if best == "" {
		return nil
	}
	if config == "" {
		config = best + "/README.md"
		if !slices.Contains(paths, config) {
			config = slices.MinFunc(slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !strings.HasPrefix(p, best+"/") }), strings.Compare)
		}
	}
	return &entryPlace{place: best, told: config, line: 1, why: "sets the fragments up", folder: true}
}

func towncrierFolder(text string) string {
	_, section, _ := strings.Cut(text, "[tool.towncrier")
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

// unreleasedSection finds a change log that collects what is not released.
func unreleasedSection(b *branch.Branch, paths []string) *entryPlace {
	for _, p := range paths {
		if strings.Contains(p, "/") || !changeLog.MatchString(p) {
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
