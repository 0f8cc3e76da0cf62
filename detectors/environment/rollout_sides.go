package environment

// What guards the roll-outs of both sides: the units of the changed deploy files and of those around them, base and
// production's overlay merged.

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/delivery"
	"flightpoll/detectors/environment/effective"
)

// maxDeployFiles bounds the deploy files that are read of one side.
const maxDeployFiles = 400

// rolled is one unit as production has it on one side.
type rolled struct {
	key string
	// parts are the units that it is merged from, the overlay's last.
	parts []delivery.Unit
	// guards are the effective ones, by kind and key.
	guards map[string]placed
}

// placed is a guard with its file, and what people call the object that brings it.
type placed struct {
	delivery.Guard
	path, object string
}

// rollouts are the units of one side by key.
type rollouts map[string]*rolled

// deployFiles are the changed files that may say how something is deployed.
func deployFiles(pass *detectors.Pass) []*branch.File {
	var list []*branch.File
	for _, f := range pass.Branch.Files {
		if !f.Binary && !f.TooLarge && !f.Vendored && delivery.Reads(f.Path) && !asidePath.MatchString(f.Path) {
			list = append(list, f)
		}
	}
	return list
}

// deployEnvironment is the environment of a deploy file; the words canary, live and ci are no environment there.
func deployEnvironment(p string) Environment {
	m, ok := placeOf(p)
	if !ok {
		return Everywhere
	}
	switch strings.ToLower(m.word) {
	case "canary", "live", "ci":
		return Everywhere
	}
	return m.environment
}

// forProduction says whether a deploy file holds for production.
func forProduction(p string) bool {
	env := deployEnvironment(p)
	return env == Everywhere || env == Production
}

// around is the folder whose files are deployed together with one file: the one above base and overlays, the chart's, else
// its own.
func around(p string) string {
	parts := strings.Split(path.Dir(p), "/")
	for i, part := range parts {
		switch strings.ToLower(part) {
		case "base", "overlays", "overlay", "environments", "envs", "templates", "components", "patches":
			return path.Join(parts[:i]...)
		}
		if env, ok := effective.Known(part); ok && env != Testing && i > 0 {
			return path.Join(parts[:i]...)
		}
	}
	return path.Dir(p)
}

// readRollouts reads one side: the changed files, and those around them.
func readRollouts(paths []string, changed []string, read func(string) ([]byte, error)) rollouts {
	want := map[string]bool{}
	for _, p := range changed {
		want[p] = true
	}
	roots := map[string]bool{}
	for _, p := range changed {
		if ext := path.Ext(p); (ext == ".yaml" || ext == ".yml") && !ciPath.MatchString(p) {
			roots[around(p)] = true
		}
	}
	var files []string
	for _, p := range paths {
		if want[p] {
			files = append(files, p)
			continue
		}
		ext := path.Ext(p)
		if ext != ".yaml" && ext != ".yml" || ciPath.MatchString(p) || asidePath.MatchString(p) || len(files) >= maxDeployFiles {
			continue
		}
		for root := range roots {
			if path.Dir(p) == root || root == "" || root != "." && strings.HasPrefix(p, root+"/") {
				files = append(files, p)
				break
			}
		}
	}
	sides := rollouts{}
	for _, p := range files {
		if !forProduction(p) {
			continue
		}
		text, err := read(p)
		if err != nil || text == nil {
			continue
		}
		units, err := delivery.Read(p, text)
		if err != nil {
			continue
		}
		for _, u := range units {
			if env, ok := effective.Known(u.Environment); ok && env != Production {
				continue
			}
			if sides[u.Key] == nil {
				sides[u.Key] = &rolled{key: u.Key}
			}
			sides[u.Key].parts = append(sides[u.Key].parts, u)
		}
	}
	for _, r := range sides {
		r.merge()
	}
	return sides
}

// merge makes the effective guards: production's over everybody's, a part over a whole, the better of two equals.
func (r *rolled) merge() {
	rank := func(u delivery.Unit) int {
		n := 0
		if deployEnvironment(u.Path) == Production {
			n += 2
		}
		if u.Partial {
			n++
		}
		return n
	}
	slices.SortStableFunc(r.parts, func(a, b delivery.Unit) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a.Path, b.Path)) })
	r.guards = map[string]placed{}
	ranks := map[string]int{}
	for _, u := range r.parts {
		for _, g := range u.Guards {
			id := string(g.Kind) + "/" + g.Key
			if old, ok := r.guards[id]; !ok || rank(u) > ranks[id] || g.Level > old.Level {
				r.guards[id], ranks[id] = placed{g, u.Path, u.Title}, rank(u)
			}
		}
	}
}

// whole is the part that defines the unit, the first where none does.
func (r *rolled) whole() delivery.Unit {
	for _, u := range r.parts {
		if !u.Partial {
			return u
		}
	}
	return r.parts[0]
}

// any says whether a question is true of any part.
func (r *rolled) any(is func(delivery.Unit) bool) bool { return slices.ContainsFunc(r.parts, is) }

// touches says whether any part is in one of the files.
func (r *rolled) touches(files map[string]bool) bool {
	return r != nil && r.any(func(u delivery.Unit) bool { return files[u.Path] })
}

// bothSides reads the units of base and head; files are the changed deploy files by their paths on either side.
func bothSides(pass *detectors.Pass, changed []*branch.File) (base, head rollouts, files map[string]bool, err error) {
	basePaths, err := pass.Branch.BasePaths()
	if err != nil {
		return nil, nil, nil, err
	}
	headPaths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, nil, nil, err
	}
	files = map[string]bool{}
	var list []string
	for _, f := range changed {
		list = append(list, f.Path)
		if f.OldPath != "" {
			list = append(list, f.OldPath)
		}
	}
	for _, p := range list {
		files[p] = true
	}
	return readRollouts(basePaths, list, pass.Branch.ReadBase), readRollouts(headPaths, list, pass.Branch.ReadHead), files, nil
}
