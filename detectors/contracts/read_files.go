package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	history = lazy.New(`(?i)(^|/)(\.changeset|changelogs?|changelog\.d|newsfragments|adrs?|rfcs?|release[-_]?notes?|migrations?|migrate|alembic)/` +
		`|(^|/)(changelog|changes|history|release[-_]?notes?|releases|upgrad\w*|migrat\w*|news|deprecat\w*)[^/]*\.(md|mdx|rst|txt|adoc|markdown)$` +
		`|(^|/)(changelog|changes|history|news)$`)
	legacy = lazy.New(`(?i)(^|[/_.-])(v0|legacy|deprecated|compat|backcompat|backwards?|old|obsolete|archived)([/_.-]|$)|(^|/)archives?/`)
	isLock = lazy.New(`(?i)(^|/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|go\.sum|poetry\.lock|cargo\.lock|composer\.lock|uv\.lock)$`)
)

// skipped says that a file names the old shape rightly: it tells history, keeps an old version, or is a lock file.
func skipped(p string) bool {
	return history.MatchString(p) || legacy.MatchString(p) || isLock.MatchString(p)
}

// readFile reads the records of one file as it is now that have one of the wanted keys.
func readFile(at side, p string, wanted map[string]bool) []*record {
	var found []*record
	if source.LanguageOf(p) != "" {
		if f := at.file(p); f != nil {
			found = readSource(f, wanted)
			heardOn(at, f, found)
		}
	} else {
		text, err := at.text(p)
		if err != nil || len(text) > branch.MaxFile {
			return nil
		}
		found = readText(p, string(text))
	}
	kept := found[:0]
	for _, r := range found {
		if r.form == formType {
			kept = append(kept, r)
			continue
		}
		for name := range r.keys {
			if wanted[name] {
				kept = append(kept, r)
				break
			}
		}
	}
	return kept
}

// readText reads a file that is in no language which source reads.
func readText(p, text string) []*record {
	name := path.Base(p)
	if looseFile.MatchString(p) {
		return append(readLoose(p, text), readQueries(p, text, 1)...)
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt":
		return append(append(readDocument(p, text), readFilters(p, text)...), readQueries(p, text, 1)...)
	case ".bru":
		return slices.Concat(scanJSON(p, text, 1, name), readBruno(p, text), readQueries(p, text, 1))
	case ".ps1", ".psm1":
		return slices.Concat(scanJSON(p, text, 1, name), readHashtables(p, text), readQueries(p, text, 1))
	case ".http", ".rest":
		return append(scanJSON(p, text, 1, name), readQueries(p, text, 1)...)
	case ".yaml", ".yml":
		return slices.Concat(readYAML(p, []byte(text), 1, name), readFilters(p, text), readPaths(p, text), readQueries(p, text, 1))
	case ".csv", ".tsv":
		return readTable(p, text)
	case ".html", ".htm", ".jinja", ".j2", ".jinja2", ".tmpl", ".gotmpl", ".hbs", ".handlebars", ".mustache", ".ejs", ".erb",
		".liquid", ".vue", ".svelte", ".sh", ".bash", ".jq", ".twig":
		return slices.Concat(scanJSON(p, text, 1, name), readMembers(p, text), readFilters(p, text), readBare(p, text), readQueries(p, text, 1))
	}
	if ext := strings.ToLower(path.Ext(p)); ext == ".json" || ext == ".tf" || ext == ".asl" {
		return slices.Concat(scanJSON(p, text, 1, name), readPaths(p, text), readQueries(p, text, 1))
	}
	if base := strings.ToLower(name); strings.HasPrefix(base, "makefile") || strings.HasPrefix(base, "justfile") || strings.HasPrefix(base, "dockerfile") {
		return append(scanJSON(p, text, 1, name), readFilters(p, text)...)
	}
	return scanJSON(p, text, 1, name)
}
