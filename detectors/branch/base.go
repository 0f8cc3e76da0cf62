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
	for _, name := range r.usualNames(refs, here) {
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

// usualNames are the short names that the target may have, likely ones first. A remote's HEAD that is the branch itself
// says little: it is a clone of somebody's work tree.
func (r *repository) usualNames(refs map[string]ref, here string) []string {
	var named, self []string
	for _, remote := range remotes(refs) {
		switch name := shortName(refs["refs/remotes/"+remote+"/HEAD"].symbolic); name {
		case "":
		case here:
			self = append(self, name)
		default:
			named = append(named, name)
		}
	}
	if slices.Contains(usualTargets, here) {
		return slices.Concat(self, named, usualTargets)
	}
	return slices.Concat(named, usualTargets, self)
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
