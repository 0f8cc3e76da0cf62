package protobuf

import (
	"cmp"
	"flightpoll/detectors/source/document"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// A Config is what a buf.yaml says of breaking changes in one module, by its documentation of the versions v1beta1, v1
// and v2 (buf.build/docs/configuration). Without a file everything of FILE and WIRE_JSON is judged.
type Config struct {
	// Path is the buf.yaml, Module the folder of the module; both are empty where there is none.
	Path, Module string
	roots        []string // v1beta1: folders inside the module
	root         string   // what ignored paths start from
	rules        breakingRules
	given        bool
}

type breakingRules struct {
	Use            []string            `yaml:"use"`
	Except         []string            `yaml:"except"`
	Ignore         []string            `yaml:"ignore"`
	IgnoreOnly     map[string][]string `yaml:"ignore_only"`
	IgnoreUnstable bool                `yaml:"ignore_unstable_packages"`
	DisableBuiltin bool                `yaml:"disable_builtin"`
}

type bufYAML struct {
	Version  string         `yaml:"version"`
	Breaking *breakingRules `yaml:"breaking"`
	Build    struct {
		Roots []string `yaml:"roots"`
	} `yaml:"build"`
	Modules []struct {
		Path     string         `yaml:"path"`
		Breaking *breakingRules `yaml:"breaking"`
	} `yaml:"modules"`
}

// maxConfig is the size in bytes past which a buf.yaml is not read.
const maxConfig = 256 << 10

// ConfigOf is the configuration that holds for a .proto file of the tree: that of the nearest buf.yaml above it.
func (t Tree) ConfigOf(p string) Config {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		name := path.Join(dir, "buf.yaml")
		if _, ok := slices.BinarySearch(t.Paths, name); ok {
			if text, err := t.Read(name); err == nil && len(text) <= maxConfig {
				return readConfig(name, text, p)
			}
		}
		if dir == "." || dir == "/" {
			return Config{}
		}
	}
}

func readConfig(name string, text []byte, p string) (c Config) {
	c = Config{Path: name, Module: path.Dir(name), root: path.Dir(name)}
	defer func() {
		if recover() != nil { // the YAML parser gives up on some hostile texts
			c = Config{}
		}
	}()
	var doc bufYAML
	if document.Bounded(text) != nil || yaml.Unmarshal(text, &doc) != nil {
		return Config{}
	}
	if doc.Breaking != nil {
		c.rules, c.given = *doc.Breaking, true
	}
	c.roots = doc.Build.Roots
	for _, m := range doc.Modules {
		dir := path.Join(c.root, m.Path)
		if !below(p, dir) || len(dir) < len(c.Module) {
			continue
		}
		c.Module = dir
		if m.Breaking != nil {
			c.rules, c.given = *m.Breaking, true
		}
	}
	return c
}

func below(p, dir string) bool { return dir == "." || p == dir || strings.HasPrefix(p, dir+"/") }

// ModulePath is the path of a file as importing files of its module write it.
func (c Config) ModulePath(p string) string {
	if c.Module == "" {
		return p
	}
	for _, r := range c.roots {
		if root := path.Join(c.Module, r); below(p, root) {
			return strings.TrimPrefix(strings.TrimPrefix(p, root), "/")
		}
	}
	if c.Module == "." {
		return p
	}
	return strings.TrimPrefix(strings.TrimPrefix(p, c.Module), "/")
}

// A verdict is what a configuration says of a break.
type verdict int

const (
	judged  verdict = iota
	named           // asked for by the rule's own name
	unused          // by a rule that the configuration does not use
	ignored         // at a path or in a package that it leaves out
)

// judge says whether one of a break's rules is used for the file at p.
func (c Config) judge(p, pkgName string, rules []string) verdict {
	if c.rules.DisableBuiltin {
		return unused
	}
	if c.rules.IgnoreUnstable && Unstable(pkgName) || c.lists(c.rules.Ignore, p) {
		return ignored
	}
	best := unused
	for _, rule := range rules {
		switch v := c.uses(rule); {
		case v == unused:
		case c.ignoresOnly(rule, p):
			if best == unused {
				best = ignored
			}
		case v == named, best == unused, best == ignored:
			best = v
		}
	}
	return best
}

func (c Config) uses(rule string) verdict {
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(name string) bool { return slices.Contains(rulesNamed(name), rule) })
	}
	switch {
	case has(c.rules.Except):
		return unused
	case slices.ContainsFunc(c.rules.Use, func(n string) bool { return cmp.Or(renamedRules[n], n) == rule }):
		return named
	case !c.given || len(c.rules.Use) == 0 || has(c.rules.Use):
		return judged
	}
	return unused
}

func (c Config) ignoresOnly(rule, p string) bool {
	for name, paths := range c.rules.IgnoreOnly {
		if slices.Contains(rulesNamed(name), rule) && c.lists(paths, p) {
			return true
		}
	}
	return false
}

func (c Config) lists(paths []string, p string) bool {
	return slices.ContainsFunc(paths, func(ignored string) bool {
		return below(p, path.Join(c.root, ignored)) || below(c.ModulePath(p), path.Clean(ignored))
	})
}
