package effective

// Workloads of Kubernetes manifests, and what their containers are given.

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// maxManifests bounds the files that are looked at for manifests.
const maxManifests = 3000

// resource is one object of a manifest, with the name that kustomize knew it by before prefixes.
type resource struct {
	kind, group, name, namespace string
	node                         *document.Node
	// from is the file that it comes from.
	from string
}

// resourceOf reads kind and name; nil for what is no object.
func resourceOf(n *document.Node, from string) *resource {
	r := &resource{kind: n.Text("kind"), name: n.Text("metadata", "name"), namespace: n.Text("metadata", "namespace"), node: n, from: from}
	r.group, _, _ = strings.Cut(n.Text("apiVersion"), "/")
	if r.kind == "" || r.group == "" || r.name == "" {
		return nil
	}
	return r
}

// resources are the objects of one file, lists unfolded.
func (t *Tree) resources(p string) []*resource {
	var list []*resource
	for _, n := range t.nodes(p) {
		if items := n.List("items"); strings.HasSuffix(n.Text("kind"), "List") && items != nil {
			for _, item := range items {
				if r := resourceOf(item, p); r != nil {
					list = append(list, r)
				}
			}
		} else if r := resourceOf(n, p); r != nil {
			list = append(list, r)
		}
	}
	return list
}

var interesting = []string{"kind: Deployment", "kind: StatefulSet", "kind: DaemonSet", "kind: Job", "kind: CronJob", "kind: Pod", "kind: Rollout", "kind: Service\n", "kind: Service\r", "kind: ConfigMap", "kind: Secret",
	"kind: SealedSecret", "kind: ExternalSecret", "kind: List", `"kind": "`}

// loadKubernetes reads kustomizations, and then the manifests that no kustomization has.
func loadKubernetes(ctx context.Context, t *Tree) []Unit {
	k := &kustomizer{tree: t, built: map[string]*build{}, used: map[string]bool{}}
	units := k.units(ctx)
	folders := map[string][]*resource{}
	seen := 0
	for _, p := range t.paths {
		ext := path.Ext(p)
		if ext != ".yaml" && ext != ".yml" && ext != ".json" || k.used[p] || isKustomization(p) || t.inChart(p) || seen >= maxManifests || ctx.Err() != nil {
			continue
		}
		if ext == ".json" && !strings.Contains(p, "k8s") && !strings.Contains(p, "kube") && !strings.Contains(p, "deploy") {
			continue
		}
		seen++
		text, ok := t.peek(p)
		if !ok || !strings.Contains(text, "apiVersion") || !slices.ContainsFunc(interesting, func(w string) bool { return strings.Contains(text, w) }) || strings.Contains(text, "{{") {
			continue
		}
		e, _, root := InPath(p)
		folders[root+"\x00"+string(e)] = append(folders[root+"\x00"+string(e)], t.resources(p)...)
	}
	var all []*resource
	for _, list := range folders {
		all = append(all, list...)
	}
	for _, key := range slices.Sorted(maps.Keys(folders)) {
		root, e, _ := strings.Cut(key, "\x00")
		if Environment(e) == Everywhere {
			units = append(units, shared(folders[key], all, root)...)
			continue
		}
		units = append(units, workloads(folders[key], all, root, Environment(e), nil, "")...)
	}
	return units
}

// shared are the workloads of manifests that hold for all environments: one unit for each environment that has its own objects of the
// names which a workload takes from (deployment.yaml beside production/config.yaml and staging/config.yaml), else one alone.
func shared(list, all []*resource, root string) []Unit {
	bound := func(r *resource) Environment {
		e, _, _ := InPath(r.from)
		if in, word := InName(r.namespace); e == Everywhere && word != "" {
			e = in
		}
		return e
	}
	own := map[Environment][]*resource{}
	free := slices.DeleteFunc(slices.Clone(list), func(r *resource) bool { return bound(r) != Everywhere })
	here := objectsOf(free)
	for _, r := range all {
		e := bound(r)
		for _, o := range objectsIn(r) {
			if e != Everywhere && here[o.Kind+"/"+o.Name] == nil {
				own[e] = append(own[e], r)
			}
		}
	}
	objects := map[Environment]map[string]*Object{}
	for e, resources := range own {
		objects[e] = objectsOf(resources)
	}
	var units []Unit
	for _, r := range list {
		if podSpec(r) == nil {
			continue
		}
		whole := workloads([]*resource{r}, all, root, Everywhere, nil, "")
		var of []Environment
		for _, e := range slices.Sorted(maps.Keys(own)) {
			if slices.ContainsFunc(whole, func(u Unit) bool {
				return slices.ContainsFunc(u.References, func(ref Reference) bool { return objects[e][ref.Kind+"/"+ref.Name] != nil })
			}) {
				of = append(of, e)
			}
		}
		if len(of) < 2 || len(whole) > 0 && whole[0].Environment != Everywhere {
			units = append(units, whole...)
			continue
		}
		for _, e := range of {
			units = append(units, workloads([]*resource{r}, slices.Concat(free, own[e]), root, e, nil, "")...)
		}
	}
	return units
}

// inChart says whether a path is a template of a Helm chart.
func (t *Tree) inChart(p string) bool {
	dir := path.Dir(p)
	for range 6 {
		if t.Has(path.Join(dir, "Chart.yaml")) {
			return true
		}
		if dir == "." {
			return false
		}
		dir = path.Dir(dir)
	}
	return false
}

// podSpec is the pod of a workload, nil for other kinds.
func podSpec(r *resource) *document.Node {
	switch r.kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Rollout":
		return r.node.Get("spec", "template", "spec")
	case "CronJob":
		return r.node.Get("spec", "jobTemplate", "spec", "template", "spec")
	case "Pod":
		return r.node.Get("spec")
	case "Service", "Configuration":
		if r.group == "serving.knative.dev" {
			return r.node.Get("spec", "template", "spec")
		}
	}
	return nil
}

// workloads makes a unit of each container. more are objects beyond the list that references may mean.
func workloads(list, more []*resource, root string, e Environment, files []string, open string) []Unit {
	objects := objectsOf(list)
	for key, o := range objectsOf(more) {
		if _, ok := objects[key]; !ok {
			objects[key] = o
		}
	}
	var units []Unit
	for _, r := range list {
		pod := podSpec(r)
		if pod == nil {
			continue
		}
		env, name := e, r.name
		if in, word := InName(r.name); word != "" && in != Testing {
			name = strings.Trim(strings.Replace(r.name, word, "", 1), "-.")
			if env == Everywhere {
				env = in
			}
		}
		if in, word := InName(r.namespace); env == Everywhere && word != "" {
			env = in
		}
		containers := slices.Concat(pod.List("containers"), pod.List("initContainers"))
		for _, c := range containers {
			u := Unit{Name: name, Kind: r.kind, Environment: env, Root: root, Files: slices.Clone(files), Variables: map[string]Variable{}, Image: imageName(c.Text("image")), At: Place{c.File, c.Line}}
			if len(containers) > 1 {
				u.Name += "/" + c.Text("name")
			}
			if !slices.Contains(u.Files, r.from) {
				u.Files = append(u.Files, r.from)
			}
			if open != "" {
				u.open(open)
			}
			container(&u, c, objects)
			volumes(&u, pod, c, objects)
			units = append(units, u)
		}
	}
	return units
}

// container reads env and envFrom; env wins, and of envFrom the last.
func container(u *Unit, c *document.Node, objects map[string]*Object) {
	for _, from := range c.List("envFrom") {
		for _, source := range []struct{ field, kind string }{{"configMapRef", "ConfigMap"}, {"secretRef", "Secret"}} {
			n := from.Get(source.field)
			if n == nil {
				continue
			}
			o := objects[source.kind+"/"+n.Text("name")]
			ref := Reference{Kind: source.kind, Name: n.Text("name"), How: "envFrom", Optional: n.Yes("optional"), At: place(n, "name"), Object: o}
			u.References = append(u.References, ref)
			if o == nil {
				u.open("its envFrom " + source.kind + " " + ref.Name + " is not in the repository")
				continue
			}
			if o.Open {
				u.open(o.Kind + " " + o.Name + " takes its keys from a store")
			}
			u.addFile(o.At.Path)
			for key, at := range o.Keys {
				v := elsewhere(at)
				if value, ok := o.values[key]; ok {
					v = set(value, at)
				}
				v.Via = []Place{ref.At}
				u.Variables[from.Text("prefix")+key] = v
			}
		}
	}
	for _, e := range c.List("env") {
		name, at := e.Text("name"), place(e, "name")
		from := e.Get("valueFrom")
		if name == "" {
			continue
		}
		if from == nil {
			u.Variables[name] = set(e.Text("value"), at)
			continue
		}
		u.Variables[name] = elsewhere(at)
		for _, source := range []struct{ field, kind string }{{"configMapKeyRef", "ConfigMap"}, {"secretKeyRef", "Secret"}} {
			n := from.Get(source.field)
			if n == nil {
				continue
			}
			o := objects[source.kind+"/"+n.Text("name")]
			ref := Reference{Kind: source.kind, Name: n.Text("name"), Key: n.Text("key"), How: "env", Optional: n.Yes("optional"), At: place(n, "key"), Object: o}
			u.References = append(u.References, ref)
			if o == nil {
				continue
			}
			place, has := o.Keys[ref.Key]
			if value, ok := o.values[ref.Key]; ok {
				v := set(value, place)
				v.Via = []Place{at}
				u.Variables[name] = v
			}
			if has {
				u.addFile(place.Path)
			} else if ref.Optional && ref.Dangling() {
				delete(u.Variables, name)
			}
		}
	}
}

func (u *Unit) addFile(p string) {
	if p != "" && !slices.Contains(u.Files, p) {
		u.Files = append(u.Files, p)
	}
}

// volumes reads the ConfigMaps and Secrets that the container mounts.
func volumes(u *Unit, pod, c *document.Node, objects map[string]*Object) {
	mounted := map[string]bool{}
	for _, m := range c.List("volumeMounts") {
		mounted[m.Text("name")] = true
	}
	for _, v := range pod.List("volumes") {
		if !mounted[v.Text("name")] {
			continue
		}
		sources := append([]*document.Node{v}, v.List("projected", "sources")...)
		for _, s := range sources {
			for _, source := range []struct{ field, kind, name string }{{"configMap", "ConfigMap", "name"}, {"secret", "Secret", "secretName"}, {"secret", "Secret", "name"}} {
				n := s.Get(source.field)
				if n == nil || n.Text(source.name) == "" {
					continue
				}
				ref := Reference{Kind: source.kind, Name: n.Text(source.name), How: "volume", Optional: n.Yes("optional"), At: place(n, source.name)}
				ref.Object = objects[ref.Kind+"/"+ref.Name]
				items := n.List("items")
				if len(items) == 0 {
					u.References = append(u.References, ref)
				}
				for _, item := range items {
					one := ref
					one.Key, one.At = item.Text("key"), place(item, "key")
					u.References = append(u.References, one)
				}
			}
		}
	}
	// One file of a ConfigMap mounted by subPath has to be a key of it.
	for _, m := range c.List("volumeMounts") {
		sub := m.Text("subPath")
		for _, v := range pod.List("volumes") {
			n := v.Get("configMap")
			if sub == "" || n == nil || v.Text("name") != m.Text("name") || n.List("items") != nil || strings.Contains(sub, "/") {
				continue
			}
			u.References = append(u.References, Reference{Kind: "ConfigMap", Name: n.Text("name"), Key: sub, How: "volume", Optional: n.Yes("optional"), At: place(m, "subPath"), Object: objects["ConfigMap/"+n.Text("name")]})
		}
	}
}
