package branch

// The refs that may be what a branch lands on.

import (
	"context"
	"slices"
	"strings"
)

// ref is a branch or remote-tracking branch.
type ref struct {
	name, id string
	symbolic string // what a symbolic ref such as refs/remotes/origin/HEAD points at
	upstream string
}

// short is the branch's name without "refs/heads/" or "refs/remotes/<remote>/".
func (r ref) short() string { return shortName(r.name) }

func shortName(name string) string {
	if local, ok := strings.CutPrefix(name, "refs/heads/"); ok {
		return local
	}
	if remote, ok := strings.CutPrefix(name, "refs/remotes/"); ok {
		_, short, _ := strings.Cut(remote, "/")
		return short
	}
	return name
}

// candidates are the refs that may be the target, by full name.
func (r *repository) candidates(ctx context.Context, target string) (map[string]ref, error) {
	args := []string{"refs/remotes/*/HEAD"}
	names := usualTargets
	if target != "" {
		names = append([]string{shortName(target)}, names...)
	}
	for _, name := range names {
		if !strings.ContainsAny(name, `*?[\`) {
			args = append(args, "refs/heads/"+name, "refs/remotes/*/"+name)
		}
	}
	if r.ref != "" {
		args = append(args, r.ref)
	}
	refs := map[string]ref{}
	if err := r.readRefs(ctx, refs, args); err != nil {
		return nil, err
	}
	var more []string
	for _, found := range refs {
		names := []string{found.symbolic}
		if found.name == r.ref {
			names = append(names, found.upstream)
		}
		for _, name := range names {
			if _, ok := refs[name]; !ok && name != "" {
				more = append(more, name, "refs/heads/"+shortName(name))
			}
		}
	}
	if len(more) == 0 {
		return refs, nil
	}
	return refs, r.readRefs(ctx, refs, more)
}

// readRefs adds what matches the patterns.
func (r *repository) readRefs(ctx context.Context, refs map[string]ref, patterns []string) error {
	args := append([]string{"for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)%00%(upstream)"}, patterns...)
	out, err := r.git.output(ctx, args...)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\x00"); len(f) == 4 {
			refs[f[0]] = ref{name: f[0], id: f[1], symbolic: f[2], upstream: f[3]}
		}
	}
	return nil
}

// remotes are the remotes among refs: origin, then upstream, then the others.
func remotes(refs map[string]ref) []string {
	var names []string
	for name := range refs {
		if rest, ok := strings.CutPrefix(name, "refs/remotes/"); ok {
			remote, _, _ := strings.Cut(rest, "/")
			names = append(names, remote)
		}
	}
	rank := func(name string) int { return slices.Index([]string{"upstream", "origin"}, name) }
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(b) - rank(a); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(names)
}
