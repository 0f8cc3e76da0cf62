package effective

// Which values files a chart is deployed with, as the command lines of scripts and pipelines and a helmfile say.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	helmRunner  = lazy.New(`(?i)(^|/)(\.github/workflows/|\.gitlab-ci|\.gitlab/|\.circleci/|jenkinsfile|makefile$|justfile$|taskfile\.ya?ml$|azure-pipelines|bitbucket-pipelines|skaffold[\w.-]*\.ya?ml$)|\.(sh|bash|mk)$`)
	helmfileIs  = lazy.New(`(?i)(^|/)(helmfile([.-][\w-]+)?|helmfile\.d/[^/]+)\.ya?ml(\.gotmpl)?$`)
	helmCommand = lazy.New(`\bhelm(\s+(secrets|diff))?\s+(upgrade|install|template)\b`)
	valuesFlag  = lazy.New(`(?:^|\s)(?:-f|--values)(?:[ =]|\s+)["']?([^\s"',;&|]+\.ya?ml)`)
	valuesItem  = lazy.New(`(?m)^\s*-\s+["']?([^\s"':]*(?:\{\{[^}]*\}\}[^\s"':]*)*\.ya?ml(?:\.gotmpl)?)["']?\s*$`)
	chartLine   = lazy.New(`(?m)^\s*(?:-\s+)?chart:\s*["']?([^\s"']+)`)
	// filledLater is a part of a path that is known at the run only.
	filledLater = lazy.New(`\$?\{\{[^}]*\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+|<[\w-]+>`)
	releaseItem = lazy.New(`(?m)^\s*-\s+(name|chart|<<|namespace|installed):`)
)

// commandedValues are the values files that commands name, in their order, by the folder of the chart that they are for.
func (t *Tree) commandedValues() map[string][]string {
	found := map[string][]string{}
	add := func(chart, file, from string) {
		for _, dir := range []string{".", path.Dir(from)} {
			at := path.Join(dir, chart)
			if !t.Has(path.Join(at, "Chart.yaml")) {
				continue
			}
			for _, near := range []string{dir, ".", path.Dir(at)} {
				if list := t.matching(path.Join(near, file)); len(list) > 0 {
					for _, p := range list {
						if !slices.Contains(found[at], p) {
							found[at] = append(found[at], p)
						}
					}
					return
				}
			}
		}
	}
	looked := 0
	for _, p := range t.paths {
		helmfile := helmfileIs.MatchString(p)
		if !helmfile && !helmRunner.MatchString(p) || notConfiguration(p) {
			continue
		}
		if looked++; looked > maxManifests {
			break
		}
		text, ok := t.peek(p)
		if !ok || !strings.Contains(text, "helm") && !helmfile {
			continue
		}
		if helmfile {
			for _, release := range itemsOf(text) {
				chart := chartLine.FindStringSubmatch(release)
				if chart == nil {
					continue
				}
				for _, m := range valuesItem.FindAllStringSubmatch(release, 20) {
					add(chart[1], m[1], p)
				}
			}
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
			if !helmCommand.MatchString(line) {
				continue
			}
			files := valuesFlag.FindAllStringSubmatch(line, 20)
			for word := range strings.FieldsSeq(line) {
				word = strings.Trim(word, `"'`)
				if !strings.Contains(word, "$") && !strings.HasPrefix(word, "-") && (t.Has(path.Join(word, "Chart.yaml")) || t.Has(path.Join(path.Dir(p), word, "Chart.yaml"))) {
					for _, m := range files {
						add(word, m[1], p)
					}
				}
			}
		}
	}
	return found
}

// itemsOf cuts a helmfile's releases apart.
func itemsOf(text string) []string {
	if _, below, ok := strings.Cut(text, "releases:"); ok {
		text = below
	}
	var items []string
	at := 0
	for _, m := range releaseItem.FindAllStringIndex(text, 200) {
		items = append(items, text[at:m[0]])
		at = m[0]
	}
	return append(items, text[at:])
}

// matching are the files that a path means, with "*" for what is known at the run only.
func (t *Tree) matching(p string) []string {
	p = path.Clean(filledLater.ReplaceAllString(p, "*"))
	if !strings.Contains(p, "*") {
		if t.Has(p) {
			return []string{p}
		}
		return nil
	}
	var list []string
	for _, file := range t.Below(path.Dir(p[:strings.IndexByte(p, '*')] + "x")) {
		if ok, err := path.Match(p, file); ok && err == nil && len(list) < maxReleases {
			list = append(list, file)
		}
	}
	return list
}
