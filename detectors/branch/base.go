package branch

// Finds what the branch will land on, and where it left it.

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// usualTargets are the branch names that changes land on, tried in this order.
var usualTargets = []string{"main", "master", "develop"}

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

// base is what the branch is compared with.
type base struct {
	ref         string
	target, tip string
	merges      []string
}

// findBase finds the target by --base, the policy's target, the upstream or the usual names, and the merge bases with it.
func (r *repository) findBase(ctx context.Context, o Options) (base, error) {
	target, err := r.findTarget(ctx, o)
	if err != nil {
		return base{}, err
	}
	b := base{ref: target.name, target: target.short(), tip: target.id}
	if target.id == r.head {
		b.merges = []string{r.head}
		return b, nil
	}
	out, err := r.git.output(ctx, "merge-base", "--all", r.head, target.id)
	b.merges = strings.Fields(string(out))
	switch {
	case err != nil && exitStatus(err) != 1:
		return base{}, err
	case len(b.merges) == 0 && r.shallow:
		return base{}, fmt.Errorf("HEAD and %s have no common commit in this shallow clone (%s): git fetch --unshallow, or fetch-depth: 0 in CI", b.ref, r.root)
	case len(b.merges) == 0:
		return base{}, fmt.Errorf("HEAD and %s have no common commit (%s): name another base with --base REF", b.ref, r.root)
	}
	return b, nil
}

// findTarget is the ref that the branch will land on.
func (r *repository) findTarget(ctx context.Context, o Options) (ref, error) {
	if o.Base != "" {
		return r.namedTarget(ctx, o.Base, "--base")
	}
	refs, err := r.candidates(ctx, o.Target)
	if err != nil {
		return ref{}, err
	}
	if o.Target != "" {
		if found, ok := r.pick(ctx, refs, shortName(o.Target)); ok {
			return found, nil
		}
		return r.namedTarget(ctx, o.Target, "target of the policy")
	}
	here := shortName(r.ref)
	if up, ok := refs[refs[r.ref].upstream]; ok && path.Base(up.short()) != path.Base(here) { // not its own pushed copy
		return r.freshest(ctx, refs, up), nil
	}
	for _, remote := range remotes(refs) {
		if to := refs["refs/remotes/"+remote+"/HEAD"].symbolic; to != "" {
			if found, ok := refs[to]; ok {
				return r.freshest(ctx, refs, found), nil
			}
			if id, err := r.objects.commit(to); err == nil {
				return r.freshest(ctx, refs, ref{name: to, id: id}), nil
			}
		}
	}
	for _, name := range usualTargets {
		if found, ok := r.pick(ctx, refs, name); ok {
			return found, nil
		}
	}
	where := "HEAD"
	if here != "" {
		where = here
	}
	return ref{}, fmt.Errorf("nothing to compare %s with in %s (no upstream, origin/HEAD, main, master or develop): name a base with --base REF", where, r.root)
}

// namedTarget is the commit that a person or a policy names.
func (r *repository) namedTarget(ctx context.Context, name, by string) (ref, error) {
	if strings.HasPrefix(name, "-") {
		return ref{}, fmt.Errorf("%s %q is no revision: give a branch, a tag or a commit", by, name)
	}
	for _, try := range []string{name, "refs/remotes/origin/" + name} {
		id, err := r.objects.commit(try)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			continue
		} else if err != nil {
			return ref{}, err
		}
		found := ref{name: name, id: id}
		if out, err := r.git.output(ctx, "rev-parse", "--symbolic-full-name", try); err == nil {
			if full := strings.TrimSpace(string(out)); full != "" && full != "HEAD" && !strings.Contains(full, "\n") {
				found.name = full
			}
		}
		return found, nil
	}
	return ref{}, fmt.Errorf("%s %q names no commit in %s: git fetch, or name another one", by, name, r.root)
}

// candidates are the refs that may be the target, by full name.
func (r *repository) candidates(ctx context.Context, target string) (map[string]ref, error) {
	args := []string{"for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)%00%(upstream)", "refs/remotes/*/HEAD"}
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
	if up := refs[r.ref].upstream; up != "" {
		if _, ok := refs[up]; !ok {
			more := []string{args[0], args[1], up, "refs/heads/" + shortName(up)}
			if err := r.readRefs(ctx, refs, more); err != nil {
				return nil, err
			}
		}
	}
	return refs, nil
}

func (r *repository) readRefs(ctx context.Context, refs map[string]ref, args []string) error {
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

// pick is the branch of that short name: on a remote, or here.
func (r *repository) pick(ctx context.Context, refs map[string]ref, name string) (ref, bool) {
	for _, remote := range remotes(refs) {
		if found, ok := refs["refs/remotes/"+remote+"/"+name]; ok {
			return r.freshest(ctx, refs, found), true
		}
	}
	found, ok := refs["refs/heads/"+name]
	return found, ok
}

// freshest is the local branch of a remote-tracking one when that has everything of the remote's and more (it was not
// pushed yet), else the remote-tracking one: a local target branch is often behind. On the
// target branch itself it is the upstream.
func (r *repository) freshest(ctx context.Context, refs map[string]ref, remote ref) ref {
	local, ok := refs["refs/heads/"+remote.short()]
	if local.name == r.ref && ok {
		if up, ok := refs[local.upstream]; ok {
			return up
		}
		return remote
	}
	if !ok || local.id == remote.id {
		return remote
	}
	if _, err := r.git.output(ctx, "merge-base", "--is-ancestor", remote.id, local.id); err == nil {
		return local
	}
	return remote
}
