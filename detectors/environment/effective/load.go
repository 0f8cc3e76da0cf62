package effective

// All loaders over one tree.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Settings are what the team's policy says: each environment's files, base first. Empty means: discover them.
type Settings struct {
	Environments map[string][]string
}

// Configuration is everything that one side of a branch gives its units.
type Configuration struct {
	Units    []Unit
	Problems []Problem
}

// loader reads the files of one tool. It bounds its own work, marks what it cannot see by Unit.Open, and tells the tree
// of files that it cannot read.
type loader struct {
	name string
	load func(ctx context.Context, t *Tree) []Unit
}

// loaders are all tools that are understood; their order decides nothing.
var loaders = []loader{
	{"dotenv", loadDotenv},
	{"compose", loadCompose},
	{"kubernetes", loadKubernetes},
	{"helm", loadHelm},
	{"terraform", loadTerraform},
	{"platforms", loadPlatforms},
	{"task definitions", loadTaskDefinitions},
	{"stacks", loadStacks},
	{"workflows", loadWorkflows},
	{"gitlab", loadGitLab},
	{"pipelines", loadPipelines},
	{"deploy scripts", loadDeployScripts},
	{"serverless", loadServerless},
	{"settings", loadSettings},
	{"kamal", loadKamal},
	{"systemd", loadSystemd},
	{"nomad", loadNomad},
	{"env templates", loadEnvTemplates},
}

// maxUnits bounds what one load gives.
const maxUnits = 4000

// Load reads every unit of a tree. It ends early with what it has when the context ends.
func Load(ctx context.Context, t *Tree, s Settings) Configuration {
	var c Configuration
	for _, l := range loaders {
		if ctx.Err() != nil {
			break
		}
		c.Units = append(c.Units, l.safely(ctx, t)...)
	}
	if len(s.Environments) > 0 {
		c.Units = settle(c.Units, s)
	}
	slices.SortStableFunc(c.Units, func(a, b Unit) int {
		return cmp.Or(strings.Compare(a.Root, b.Root), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name), strings.Compare(string(a.Environment), string(b.Environment)))
	})
	c.Units = c.Units[:min(len(c.Units), maxUnits)]
	c.Problems = t.Problems()
	return c
}

// safely keeps a loader's panic on a strange file from ending the run.
func (l loader) safely(ctx context.Context, t *Tree) (units []Unit) {
	defer func() {
		if r := recover(); r != nil {
			t.problem(l.name, fmt.Sprintf("could not be read: %v", r))
		}
	}()
	return l.load(ctx, t)
}

// settle gives each unit the environment that the policy names for the last of its files which the policy knows.
func settle(units []Unit, s Settings) []Unit {
	named := map[string]Environment{}
	uses := map[string]int{}
	for name, files := range s.Environments {
		for _, p := range files {
			named[p] = EnvironmentOf(name)
			uses[p]++
		}
	}
	for i := range units {
		for _, p := range units[i].Files {
			if uses[p] == 1 {
				units[i].Environment = named[p]
			}
		}
	}
	return units
}
