package effective

// Patches of kustomizations: strategic merge (lists of containers, variables and volumes by their names) and JSON 6902.

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/source/document"
)

// patches applies the patches of one kustomization, of all three fields.
func (k *kustomizer) patches(b *build, n *document.Node, dir, p string) {
	for _, e := range n.List("patchesStrategicMerge") {
		for _, doc := range k.patch(b, e.Value, dir, p, e.Line) {
			b.strategic(doc, nil)
		}
	}
	for _, e := range slices.Concat(n.List("patches"), n.List("patchesJson6902")) {
		var docs []*document.Node
		if file := e.Text("path"); file != "" {
			docs = k.patch(b, file, dir, p, e.Line)
		} else {
			docs = k.inline(e.Text("patch"), p, place(e, "patch").Line)
		}
		for _, doc := range docs {
			if doc.Items != nil {
				b.json(doc, e.Get("target"))
			} else {
				b.strategic(doc, e.Get("target"))
			}
		}
	}
}

// patch are the documents of an entry that is a file's path, or a patch that is written out.
func (k *kustomizer) patch(b *build, text, dir, p string, line int) []*document.Node {
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
func (k *kustomizer) inline(text, p string, line int) []*document.Node {
	docs, err := document.YAML(p, []byte(text))
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
func shift(n *document.Node, by, depth int) {
	if n == nil || depth > document.MaxDepth {
		return
	}
	n.Line += by
	for i := range n.Pairs {
		n.Pairs[i].Line += by
		shift(n.Pairs[i].Value, by, depth+1)
	}
	for _, item := range n.Items {
		shift(item, by, depth+1)
	}
}

// strategic merges a patch into what it names, or into what the target selects.
func (b *build) strategic(doc, target *document.Node) {
	own := resourceOf(doc, doc.File)
	for i, r := range b.resources {
		switch {
		case target != nil && !selects(target, r):
			continue
		case target == nil && (own == nil || own.kind != r.kind || own.name != r.name || own.group != r.group && r.group != "v1"):
			continue
		}
		if doc.Text("$patch") == "delete" {
			b.resources[i] = &resource{node: &document.Node{Kind: document.Object}}
			continue
		}
		r.node = merged(r.node, doc, builtin(r), 0)
	}
}

// selects says whether a patch's target means the resource: its fields are anchored expressions.
func selects(target *document.Node, r *resource) bool {
	for _, c := range []struct{ want, have string }{{target.Text("kind"), r.kind}, {target.Text("name"), r.name}, {target.Text("namespace"), r.namespace}} {
		if c.want == "" || c.want == c.have {
			continue
		}
		if e, err := regexp.Compile("^(?:" + c.want + ")$"); err != nil || !e.MatchString(c.have) {
			return false
		}
	}
	if group := target.Text("group"); group != "" && group != r.group {
		return false
	}
	for _, field := range []struct{ selector, where string }{{"labelSelector", "labels"}, {"annotationSelector", "annotations"}} {
		selector := target.Text(field.selector)
		for term := range strings.SplitSeq(selector, ",") {
			key, value, ok := strings.Cut(term, "=")
			if ok && r.node.Text("metadata", field.where, strings.TrimSpace(key)) != strings.Trim(value, "= ") {
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
func merged(base, patch *document.Node, lists bool, depth int) *document.Node {
	if base == nil || depth > document.MaxDepth || len(patch.Pairs) == 0 || len(base.Pairs) == 0 {
		return patch
	}
	if patch.Text("$patch") == "replace" {
		return patch
	}
	out := &document.Node{Kind: document.Object, File: base.File, Line: base.Line, Pairs: make([]document.Pair, 0, len(base.Pairs)+len(patch.Pairs))}
	for _, p := range base.Pairs {
		if p.File == "" {
			p.File = base.File
		}
		out.Pairs = append(out.Pairs, p)
	}
	for _, p := range patch.Pairs {
		if strings.HasPrefix(p.Key, "$") {
			continue
		}
		if p.File == "" {
			p.File = patch.File
		}
		i := slices.IndexFunc(out.Pairs, func(o document.Pair) bool { return o.Key == p.Key })
		switch {
		case p.Value.Kind == document.Null:
			if i >= 0 {
				out.Pairs = slices.Delete(out.Pairs, i, i+1)
			}
		case i < 0:
			out.Pairs = append(out.Pairs, p)
		case p.Value.Scalar():
			out.Pairs[i] = p
		case p.Value.Items != nil:
			key := mergeKeys[p.Key]
			if !lists || key == "" {
				out.Pairs[i] = p
				continue
			}
			out.Pairs[i].Value = mergedLists(out.Pairs[i].Value, p.Value, key, depth+1)
		default:
			out.Pairs[i].Value = merged(out.Pairs[i].Value, p.Value, lists, depth+1)
		}
	}
	return out
}

// mergedLists merges the items of two lists that have the same key.
func mergedLists(base, patch *document.Node, key string, depth int) *document.Node {
	out := &document.Node{Kind: document.List, File: base.File, Line: base.Line, Items: slices.Clone(base.Items)}
	for _, item := range patch.Items {
		if item.Text("$patch") == "replace" {
			out.Items = slices.DeleteFunc(slices.Clone(patch.Items), func(n *document.Node) bool { return n.Text("$patch") != "" })
			return out
		}
		i := slices.IndexFunc(out.Items, func(o *document.Node) bool { return o.Text(key) != "" && o.Text(key) == item.Text(key) })
		switch {
		case item.Text("$patch") == "delete":
			if i >= 0 {
				out.Items = slices.Delete(out.Items, i, i+1)
			}
		case i < 0:
			out.Items = append(out.Items, item)
		case key == "name" && (item.Get("value") != nil || item.Get("valueFrom") != nil):
			// A variable's value and valueFrom exclude each other.
			one := merged(out.Items[i], item, true, depth)
			if item.Get("value") != nil {
				one = without(one, "valueFrom")
			} else {
				one = without(one, "value")
			}
			for j := range one.Pairs {
				if one.Pairs[j].Key == "name" {
					one.Pairs[j].File, one.Pairs[j].Line = item.File, place(item, "name").Line
				}
			}
			out.Items[i] = one
		default:
			out.Items[i] = merged(out.Items[i], item, true, depth)
		}
	}
	return out
}

func without(n *document.Node, key string) *document.Node {
	out := *n
	out.Pairs = slices.DeleteFunc(slices.Clone(n.Pairs), func(p document.Pair) bool { return p.Key == key })
	return &out
}

// json applies the operations of a JSON patch to what the target selects.
func (b *build) json(doc, target *document.Node) {
	for _, r := range b.resources {
		if target == nil || !selects(target, r) {
			continue
		}
		for _, op := range doc.Items {
			var keys []string
			for part := range strings.SplitSeq(strings.TrimPrefix(op.Text("path"), "/"), "/") {
				keys = append(keys, strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
			}
			value := op.Get("value")
			switch op.Text("op") {
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
func changed(n *document.Node, keys []string, op, value *document.Node, depth int) *document.Node {
	if n == nil || depth > document.MaxDepth {
		return nil
	}
	kind, key := op.Text("op"), keys[0]
	out := *n
	if n.Items != nil {
		out.Items = slices.Clone(n.Items)
		i, err := strconv.Atoi(key)
		if key == "-" {
			i, err = len(n.Items), nil
		}
		switch {
		case err != nil || i < 0 || i > len(n.Items) || i == len(n.Items) && (kind != "add" || len(keys) > 1):
			return nil
		case len(keys) > 1:
			if out.Items[i] = changed(n.Items[i], keys[1:], op, value, depth+1); out.Items[i] == nil {
				return nil
			}
		case kind == "add" && value != nil:
			out.Items = slices.Insert(out.Items, i, value)
		case kind == "replace" && value != nil:
			out.Items[i] = value
		case kind == "remove":
			out.Items = slices.Delete(out.Items, i, i+1)
		}
		return &out
	}
	out.Pairs = slices.Clone(n.Pairs)
	i := slices.IndexFunc(out.Pairs, func(p document.Pair) bool { return p.Key == key })
	switch {
	case len(keys) > 1:
		if i < 0 {
			return nil
		}
		inner := changed(out.Pairs[i].Value, keys[1:], op, value, depth+1)
		if inner == nil {
			return nil
		}
		out.Pairs[i].Value = inner
	case kind == "remove":
		if i < 0 {
			return nil
		}
		out.Pairs = slices.Delete(out.Pairs, i, i+1)
	case value == nil:
		return nil
	case i >= 0:
		out.Pairs[i] = document.Pair{Key: key, File: op.File, Line: op.Line, Value: value}
	default:
		out.Pairs = append(out.Pairs, document.Pair{Key: key, File: op.File, Line: op.Line, Value: value})
	}
	return &out
}
