package delivery

// The images that deploying tools put in themselves: a kustomization's images and patches, the parameters of Argo CD's
// applications and the values of Flux's releases.

import (
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

var kustomizationName = lazy.New(`^(?i:kustomization)(\.ya?ml)?$`)

// kustomization reads the images of a kustomization, and those that its inline patches set.
func kustomization(p string, docs []*document.Node) []Unit {
	dir := path.Dir(p)
	u := Unit{Key: "kustomization/" + dir, Title: "the kustomization of " + dir, Line: 1, Partial: true}
	var units []Unit
	for _, d := range docs {
		for _, i := range d.List("images") {
			if image, ok := replaced(i); ok {
				u.Images = append(u.Images, image)
			}
		}
		for _, key := range []string{"patches", "patchesJson6902", "patchesStrategicMerge"} {
			for _, patch := range d.List(key) {
				f, ok := patch.Pair("patch")
				text := f.Value
				if !ok {
					text, f.Line = patch, patch.Line
				}
				if text == nil || !text.Scalar() || !strings.Contains(text.Value, "\n") {
					continue
				}
				inner, err := document.YAML(p, []byte(text.Value))
				if err != nil {
					continue
				}
				for _, unit := range kubernetes(p, inner, false) {
					unit.Partial = true
					if strings.HasPrefix(unit.Key, "patch/") {
						unit.Key += "/" + patch.Text("target", "name")
					}
					unit.moveBy(f.Line)
					units = append(units, unit)
				}
			}
		}
	}
	return append(units, u)
}

// replaced is the image that an entry of a kustomization names, false where it leaves tag and digest alone.
func replaced(i *document.Node) (Image, bool) {
	name := i.Text("newName")
	if name == "" {
		name = i.Text("name")
	}
	image := Image{Container: i.Text("name"), Name: name, Digest: i.Text("digest"), Line: i.Line}
	for _, key := range []string{"newTag", "digest"} {
		if f, ok := i.Pair(key); ok {
			image.Line = f.Line
		}
	}
	image.Tag = i.Text("newTag")
	image.Whole = name + ":" + image.Tag
	return image, name != "" && (image.Tag != "" || image.Digest != "")
}

// moveBy puts what was read of a text within a file onto the file's lines.
func (u *Unit) moveBy(lines int) {
	u.Line += lines
	for i := range u.Guards {
		u.Guards[i].Line += lines
	}
	for i := range u.Images {
		u.Images[i].Line += lines
	}
}

var imagePath = lazy.New(`/image$`)

// operations reads a JSON patch: what it sets an image to.
func operations(p string, d *document.Node) []Unit {
	u := Unit{Key: "patch/" + p, Title: "the patch " + path.Base(p), Line: 1, Partial: true}
	for _, item := range d.Items {
		at := item.Text("path")
		if f, ok := item.Pair("value"); ok && imagePath.MatchString(at) && f.Value.Scalar() && item.Text("op") != "remove" {
			u.Images = append(u.Images, imageOf(at, f.Value.Value, f.Line))
		}
	}
	if len(u.Images) == 0 {
		return nil
	}
	return []Unit{u}
}

// application reads what Argo CD's applications and Flux's releases give their chart or kustomization.
func application(p string, kind string, d *document.Node) []Unit {
	name := d.Text("metadata", "name")
	var found []*document.Node
	switch kind {
	case "HelmRelease":
		found = []*document.Node{d.Get("spec", "values")}
	case "Application":
		sources := d.List("spec", "sources")
		if one := d.Get("spec", "source"); one != nil {
			sources = append(sources, one)
		}
		u := Unit{Key: "application/" + name, Title: "application " + name, Line: d.Line, Partial: true}
		for _, s := range sources {
			found = append(found, s.Get("helm", "valuesObject"))
			for _, parameter := range s.List("helm", "parameters") {
				if f, ok := parameter.Pair("value"); ok && tagKey.MatchString(parameter.Text("name")) {
					u.Images = append(u.Images, Image{Container: parameter.Text("name"), Name: name, Tag: f.Value.Value, Whole: name + ":" + f.Value.Value, Line: f.Line})
				}
			}
			for n, item := range s.List("kustomize", "images") {
				text := item.Value
				if _, with, ok := strings.Cut(text, "="); ok {
					text = with
				}
				u.Images = append(u.Images, imageOf(strconv.Itoa(n), text, item.Line))
			}
		}
		for _, v := range found {
			if v != nil {
				u.Images = append(u.Images, values(p, []*document.Node{v}, name)[0].Images...)
			}
		}
		return []Unit{u}
	}
	var units []Unit
	for _, v := range found {
		if v != nil {
			u := values(p, []*document.Node{v}, name)[0]
			u.Key, u.Title = "application/"+name, "release "+name
			units = append(units, u)
		}
	}
	return units
}
