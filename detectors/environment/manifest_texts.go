package environment

// Values of Kubernetes manifests that must be texts and are written as numbers or booleans: the API server refuses an environment variable or a
// key of a ConfigMap that is no string (https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/).

import (
	"bytes"
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source/document"
)

// mayBeManifest says whether a changed file may hold objects of Kubernetes.
func mayBeManifest(f *branch.File) bool {
	return f.Status != branch.Deleted && !f.Binary && !f.TooLarge && (strings.HasSuffix(f.Path, ".yaml") || strings.HasSuffix(f.Path, ".yml")) && !aside(f.Path)
}

// manifestTexts judges the values that the branch writes.
func (t *typeCheck) manifestTexts() {
	for _, f := range t.pass.Branch.Files {
		if !mayBeManifest(f) {
			continue
		}
		text, err := f.After()
		if err != nil || len(text) > maxConfig || !bytes.Contains(text, []byte("apiVersion:")) || bytes.Contains(text, []byte("{{")) {
			continue
		}
		docs, err := document.YAML(f.Path, text)
		if err != nil {
			continue
		}
		for _, d := range docs {
			t.manifest(f, d)
		}
	}
}

func (t *typeCheck) manifest(f *branch.File, d *document.Node) {
	switch d.Text("kind") {
	case "List":
		for _, item := range d.List("items") {
			if item.Text("kind") != "List" {
				t.manifest(f, item)
			}
		}
	case "ConfigMap":
		t.texts(f, "ConfigMap "+d.Text("metadata", "name"), d.Get("data"))
	case "Secret":
		t.texts(f, "Secret "+d.Text("metadata", "name"), d.Get("stringData"))
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod", "Rollout":
		spec := d.Get("spec")
		if job := spec.Get("jobTemplate", "spec"); job != nil {
			spec = job
		}
		if pod := spec.Get("template", "spec"); pod != nil {
			spec = pod
		}
		for _, kind := range []string{"containers", "initContainers"} {
			for _, c := range spec.List(kind) {
				for _, e := range c.List("env") {
					t.mustBeText(f, "The variable", e.Text("name"), e.Get("value"))
				}
			}
		}
	}
}

func (t *typeCheck) texts(f *branch.File, of string, data *document.Node) {
	for _, p := range data.Entries() {
		t.mustBeText(f, "The key of the "+of, p.Key, p.Value)
	}
}

// mustBeText judges one value.
func (t *typeCheck) mustBeText(f *branch.File, what, name string, v *document.Node) {
	if v == nil || v.Tag != "" || !f.Touched(v.Line) {
		return
	}
	kind := v.Kind
	if v.Plain && wordSwitch.MatchString(v.Value) && len(v.Value) < 4 { // kubectl reads YAML 1.1
		kind = document.Boolean
	}
	if kind != document.Boolean && kind != document.Number {
		return
	}
	t.reported[fmt.Sprintf("%s:%d", f.Path, v.Line)+name] = true
	t.pass.Report(detectors.Finding{
		Severity: detectors.Blocker, Path: f.Path, Line: v.Line, Symbol: name,
		Message:  fmt.Sprintf("%s %s is written as a %s, and must be a text", what, name, kind),
		Why:      "The API server refuses the object (\"cannot unmarshal into a field of type string\"), so that nothing of it is applied.",
		Fix:      "Put the value in quotes.",
		Evidence: []string{name, kind, "text"},
	})
}
