package review

// Settings of files that frameworks read, by all names that an operator may set them by.

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	tree "flightpoll/detectors/source/document"
)

var (
	// dotnetSettings are the files whose keys environment variables override with two underscores between (learn.microsoft.com,
	// Configuration in ASP.NET Core), springSettings those whose keys they override in capitals (docs.spring.io, relaxed binding).
	dotnetSettings = lazy.New(`(?:^|/)appsettings(?:\.\w+)?\.json$`)
	springSettings = lazy.New(`(?:^|/)(?:application|bootstrap)(?:-[\w-]+)?\.(?:ya?ml|properties)$`)
)

// settingNames are the settings of such a file, each with the spellings that documents may have.
func settingNames(p string, text []byte, _ func() (*source.File, error)) []givenName {
	dotnet, spring := dotnetSettings.MatchString(p), springSettings.MatchString(p)
	if !dotnet && !spring || len(text) > 1<<18 {
		return nil
	}
	roots, err := tree.Read(p, text)
	if err != nil {
		return nil
	}
	var list []givenName
	for _, root := range roots {
		settingsBelow(root, nil, 0, func(keys []string, line int) {
			if len(keys) < 2 && !strings.Contains(keys[0], ".") || len(list) > 2000 {
				return
			}
			n := givenName{line: line}
			if dotnet {
				n.name = strings.Join(keys, ":")
				n.words = []string{strings.Join(keys, "__"), strings.Join(keys, ":")}
			} else {
				n.name = strings.Join(keys, ".")
				n.words = []string{n.name, strings.ToUpper(strings.NewReplacer(".", "_", "-", "").Replace(n.name))}
			}
			n.in = path.Dir(strings.Join(keys, "/"))
			list = append(list, n)
		})
	}
	return list
}

func settingsBelow(n *tree.Node, keys []string, depth int, visit func([]string, int)) {
	if n == nil || depth > 10 {
		return
	}
	for _, p := range n.Pairs {
		at := slices.Concat(keys, []string{p.Key})
		if p.Value == nil || p.Value.Scalar() || p.Value.Kind == tree.List {
			visit(at, p.Line)
			continue
		}
		settingsBelow(p.Value, at, depth+1, visit)
	}
}

// serviceNames are the services of a Compose file.
func serviceNames(p, text string) map[string]int {
	roots, err := tree.YAML(p, []byte(text))
	if err != nil {
		return nil
	}
	list := map[string]int{}
	for _, root := range roots {
		for _, s := range root.Get("services").Entries() {
			list[s.Key] = s.Line
		}
	}
	return list
}

var (
	process    = regexp.MustCompile(`(?m)^([A-Za-z][\w-]*):\s`)
	supervised = regexp.MustCompile(`(?m)^\[(?:program|group):([\w-]+)\]`)
	objectName = regexp.MustCompile(`(?m)^  name: ["']?([a-z][\w.-]*)["']?\s*$`)
)

// linesOf are the first groups of a pattern in a text with their lines.
func linesOf(pattern *regexp.Regexp, text string) map[string]int {
	list := map[string]int{}
	for _, m := range pattern.FindAllStringSubmatchIndex(text, 500) {
		list[text[m[2]:m[3]]] = 1 + strings.Count(text[:m[2]], "\n")
	}
	return list
}

// systemdUnit is the name of a unit of systemd.
func systemdUnit(p, _ string) map[string]int {
	return map[string]int{strings.TrimSuffix(path.Base(p), path.Ext(p)): 1}
}

// objectsOfCluster are the names of the objects of a Kubernetes manifest.
func objectsOfCluster(_, text string) map[string]int {
	if !strings.Contains(text, "apiVersion:") || !strings.Contains(text, "kind:") {
		return nil
	}
	return linesOf(objectName, text)
}
