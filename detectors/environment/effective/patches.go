package effective

// Patches of kustomizations: strategic merge (lists of containers, variables and volumes by their names) and JSON 6902.

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// patches applies the patches of one kustomization, of all three fields.
func (k *kustomizer) patches(b *build, n *node, dir, p string) {
	for _, e := range n.list("patchesStrategicMerge") {
		for _, doc := range k.patch(b, e.value, dir, p, e.line) {
			b.strategic(doc, nil)
		}
	}
	for _, e := range slices.Concat(n.list("patches"), n.list("patchesJson6902")) {
		var docs []*node
		if file := e.text("path"); file != "" {
			docs = k.patch(b, file, dir, p, e.line)
		} else {
			docs = k.inline(e.text("patch"), p, e.place("patch").Line)
		}
		for _, doc := range docs {
			if doc.items != nil {
				b.json(doc, e.get("target"))
			} else {
				b.strategic(doc, e.get("target"))
			}
		}
	}
}

// patch are the documents of an entry that is a file's path, or a patch that is written out.
func (k *kustomizer) patch(b *build, text, dir, p string, line int) []*node {
	if strings.Contains(text, "\n") {
		return k.inline(text, p, line)
	}
	file := path.Join(dir, text)
	if !k.tree.Has(file) || remote(text) {
		b.miss("the patch " + file + " is not in the repository")
		return nil
	}
	k.used[file] = true
	b.addFile(file)
	return k.tree.nodes(file)
}

// inline are the documents of a patch that is written out in a kustomization.
func (k *kustomizer) inline(text, p string, line int) []*node {
	docs, err := parse(p, []byte(text))
	if err != nil {
		k.tree.problem(p, "has a patch that "+err.Error())
		return nil
	}
	for _, doc := range docs {
		shift(doc, line, 0)
	}
	return docs
}

// shift moves the lines of a document that stands inside of another file.
func shift(n *node, by, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	n.line += by
	for i := range n.pairs {
		n.pairs[i].line += by
		shift(n.pairs[i].value, by, depth+1)
	}
	for _, item := range n.items {
		shift(item, by, depth+1)
	}
}

// strategic merges a patch into what it names, or into what the target selects.
func (b *build) strategic(doc, target *node) {
	own := resourceOf(doc, doc.file)
	for i, r := range b.resources {
		switch {
		case target != nil && !selects(target, r):
			continue
		case target == nil && (own == nil || own.kind != r.kind || own.name != r.name || own.group != r.group && r.group != "v1"):
			continue
		}
		if doc.text("$patch") == "delete" {
			b.resources[i] = &resource{node: &node{}}
			continue
		}
		r.node = merged(r.node, doc, builtin(r), 0)
	}
}

// selects says whether a patch's target means the resource: its fields are anchored expressions.
func selects(target *node, r *resource) bool {
	for _, c := range []struct{ want, have string }{{target.text("kind"), r.kind}, {target.text("name"), r.name}, {target.text("namespace"), r.namespace}} {
		if c.want == "" || c.want == c.have {
			continue
		}
		if e, err := regexp.Compile("^(?:" + c.want + ")$"); err != nil || !e.MatchString(c.have) {
			return false
		}
	}
	if group := target.text("group"); group != "" && group != r.group {
		return false
	}
	for _, field := range []struct{ selector, where string }{{"labelSelector", "labels"}, {"annotationSelector", "annotations"}} {
		selector := target.text(field.selector)
		for term := range strings.SplitSeq(selector, ",") {
			key, value, ok := strings.Cut(term, "=")
			if ok && r.node.text("metadata", field.where, strings.TrimSpace(key)) != strings.Trim(value, "= ") {
				return false
			}
		}
	}
	return true
}

// builtin says whether kustomize knows the schema of a kind: lists of others are replaced by a patch, not merged.
func builtin(r *resource) bool {
	switch r.kind {
	case "Rollout":
		return false
	case "Service", "Configuration":
		return r.group != "serving.knative.dev"
	}
	return true
}

// mergeKeys are the names by which lists are merged (patchMergeKey of the Kubernetes API).
var mergeKeys = map[string]string{"containers": "name", "initContainers": "name", "ephemeralContainers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath", "ports": "containerPort", "imagePullSecrets": "name", "hostAliases": "ip"}

// merged lays a patch over a node; neither is changed.
func merged(base, patch *node, lists bool, depth int) *node {
	if base == nil || depth > maxDepth || len(patch.pairs) == 0 || len(base.pairs) == 0 {
		return patch
	}
	if patch.text("$patch") == "replace" {
		return patch
	}
	out := &node{file: base.file, line: base.line, pairs: make([]pair, 0, len(base.pairs)+len(patch.pairs))}
	for _, p := range base.pairs {
		if p.file == "" {
			p.file = base.file
		}
		out.pairs = append(out.pairs, p)
	}
	for _, p := range patch.pairs {
		if strings.HasPrefix(p.key, "$") {
			continue
		}
		if p.file == "" {
			p.file = patch.file
		}
		i := slices.IndexFunc(out.pairs, func(o pair) bool { return o.key == p.key })
		switch {
		case p.value.null:
			if i >= 0 {
				out.pairs = slices.Delete(out.pairs, i, i+1)
			}
		case i < 0:
			out.pairs = append(out.pairs, p)
		case p.value.scalar:
			out.pairs[i] = p
		case p.value.items != nil:
			key := mergeKeys[p.key]
			if !lists || key == "" {
				out.pairs[i] = p
				continue
			}
			out.pairs[i].value = mergedLists(out.pairs[i].value, p.value, key, depth+1)
		default:
			out.pairs[i].value = merged(out.pairs[i].value, p.value, lists, depth+1)
		}
	}
	return out
}

// mergedLists merges the items of two lists that have the same key.
func mergedLists(base, patch *node, key string, depth int) *node {
	out := &node{file: base.file, line: base.line, items: slices.Clone(base.items)}
	for _, item := range patch.items {
		if item.text("$patch") == "replace" {
			out.items = slices.DeleteFunc(slices.Clone(patch.items), func(n *node) bool { return n.text("$patch") != "" })
			return out
		}
		i := slices.IndexFunc(out.items, func(o *node) bool { return o.text(key) != "" && o.text(key) == item.text(key) })
		switch {
		case item.text("$patch") == "delete":
			if i >= 0 {
				out.items = slices.Delete(out.items, i, i+1)
			}
		case i < 0:
			out.items = append(out.items, item)
		case key == "name" && (item.get("value") != nil || item.get("valueFrom") != nil):
			// A variable's value and valueFrom exclude each other.
			one := merged(out.items[i], item, true, depth)
			if item.get("value") != nil {
				one = without(one, "valueFrom")
			} else {
				one = without(one, "value")
			}
			for j := range one.pairs {
				if one.pairs[j].key == "name" {
					one.pairs[j].file, one.pairs[j].line = item.file, item.place("name").Line
				}
			}
			out.items[i] = one
		default:
			out.items[i] = merged(out.items[i], item, true, depth)
		}
	}
	return out
}

func without(n *node, key string) *node {
	out := *n
	out.pairs = slices.DeleteFunc(slices.Clone(n.pairs), func(p pair) bool { return p.key == key })
	return &out
}

// json applies the operations of a JSON patch to what the target selects.
func (b *build) json(doc, target *node) {
	for _, r := range b.resources {
		if target == nil || !selects(target, r) {
			continue
		}
		for _, op := range doc.items {
			var keys []string
			for part := range strings.SplitSeq(strings.TrimPrefix(op.text("path"), "/"), "/") {
				keys = append(keys, strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
			}
			value := op.get("value")
			switch op.text("op") {
			case "add", "replace", "remove":
				if n := changed(r.node, keys, op, value, 0); n != nil {
					r.node = n
				}
			case "move", "copy":
				b.miss("a patch moves parts of " + r.kind + " " + r.name)
			}
		}
	}
}

// changed is a node with one operation done below it, nil where the path leads nowhere.
func changed(n *node, keys []string, op, value *node, depth int) *node {
	if n == nil || depth > maxDepth {
		return nil
	}
	kind, key := op.text("op"), keys[0]
	out := *n
	if n.items != nil {
		out.items = slices.Clone(n.items)
		i, err := strconv.Atoi(key)
		if key == "-" {
			i, err = len(n.items), nil
		}
		switch {
		case err != nil || i < 0 || i > len(n.items) || i == len(n.items) && (kind != "add" || len(keys) > 1):
			return nil
		case len(keys) > 1:
			if out.items[i] = changed(n.items[i], keys[1:], op, value, depth+1); out.items[i] == nil {
				return nil
			}
		case kind == "add" && value != nil:
			out.items = slices.Insert(out.items, i, value)
		case kind == "replace" && value != nil:
			out.items[i] = value
		case kind == "remove":
			out.items = slices.Delete(out.items, i, i+1)
		}
		return &out
	}
	out.pairs = slices.Clone(n.pairs)
	i := slices.IndexFunc(out.pairs, func(p pair) bool { return p.key == key })
	switch {
	case len(keys) > 1:
		if i < 0 {
			return nil
		}
		inner := changed(out.pairs[i].value, keys[1:], op, value, depth+1)
		if inner == nil {
			return nil
		}
		out.pairs[i].value = inner
	case kind == "remove":
		if i < 0 {
			return nil
		}
		out.pairs = slices.Delete(out.pairs, i, i+1)
	case value == nil:
		return nil
	case i >= 0:
		out.pairs[i] = pair{key: key, file: op.file, line: op.line, value: value}
	default:
		out.pairs = append(out.pairs, pair{key: key, file: op.file, line: op.line, value: value})
	}
	return &out
}
