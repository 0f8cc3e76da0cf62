package contracts

import "slices"

type matched struct{ old, now *shape }

// matchShapes finds for each old shape of a file the one that it is now: the same owner in the file, a new owner in it
// with most of the keys, or the same owner where the branch moved it.
func matchShapes(old, now, everywhere, before []*shape) []matched {
	var list []matched
	taken := map[*shape]bool{}
	best := func(o *shape, among []*shape, fits func(*shape) bool) *shape {
		var found *shape
		most := -1
		for _, n := range among {
			if taken[n] || n.dialect != o.dialect || n.reply != o.reply || !fits(n) {
				continue
			}
			if shared := overlap(o, n); shared > most {
				found, most = n, shared
			}
		}
		return found
	}
	match := func(o, n *shape) {
		if n != nil {
			taken[n] = true
			list = append(list, matched{o, n})
		}
	}
	var rest []*shape
	for _, o := range old {
		if n := best(o, now, func(n *shape) bool { return n.owner == o.owner && alike(o, n) }); n != nil {
			match(o, n)
		} else {
			rest = append(rest, o)
		}
	}
	isNew := func(n *shape) bool {
		return !slices.ContainsFunc(before, func(b *shape) bool { return b.owner == n.owner && b.path == n.path })
	}
	for _, o := range rest {
		if o.reply {
			continue
		}
		n := best(o, everywhere, func(n *shape) bool { return n.owner == o.owner && isNew(n) })
		if n == nil {
			n = best(o, now, func(n *shape) bool {
				return isNew(n) && overlap(o, n)*10 >= 6*max(len(o.fields), len(n.fields))
			})
		}
		match(o, n)
	}
	return list
}

// alike says that two literals of one handler may be the same answer; declared types are by their name.
func alike(a, b *shape) bool {
	return a.reply == b.reply && (!a.reply || 2*overlap(a, b) >= min(len(a.fields), len(b.fields)))
}

func overlap(a, b *shape) int {
	n := 0
	for _, f := range a.fields {
		if b.has(f.wire) {
			n++
		}
	}
	return n
}
