package delivery

// The images that deploying tools put in themselves: a kustomization's images and patches, the parameters of Argo CD's
// applications and the values of Flux's releases.

import (
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

var kustomizationName = lazy.New(`^(?i:kustomization)(\.ya?ml)?$`)

// kustomization reads the images of a kustomization, and those that its inline patches set.
func kustomization(p string, docs []*node) []Unit {
	dir := path.Dir(p)
	u := Unit{Key: "kustomization/" + dir, Title: "the kustomization of " + dir, Line: 1, Partial: true}
	var units []Unit
	for _, d := range docs {
		for _, i := range d.list("images") {
			if image, ok := replaced(i); ok {
				u.Images = append(u.Images, image)
			}
		}
		for _, key := range []string{"patches", "patchesJson6902", "patchesStrategicMerge"} {
			for _, patch := range d.list(key) {
				f, ok := patch.field("patch")
				text := f.value
				if !ok {
					text, f.line = patch, patch.line
				}
				if text == nil || !text.scalar || !strings.Contains(text.value, "\n") {
					continue
				}
				inner, err := readYAML([]byte(text.value))
				if err != nil {
					continue
				}
				for _, unit := range kubernetes(p, inner, false) {
					unit.Partial = true
					if strings.HasPrefix(unit.Key, "patch/") {
						unit.Key += "/" + patch.text("target", "name")
					}
					unit.moveBy(f.line)
					units = append(units, unit)
				}
			}
		}
	}
	return append(units, u)
}

// replaced is the image that an entry of a kustomization names, false where it leaves tag and digest alone.
func replaced(i *node) (Image, bool) {
	name := i.text("newName")
	if name == "" {
		name = i.text("name")
	}
	image := Image{Container: i.text("name"), Name: name, Digest: i.text("digest"), Line: i.line}
	for _, key := range []string{"newTag", "digest"} {
		if f, ok := i.field(key); ok {
			image.Line = f.line
		}
	}
	image.Tag = i.text("newTag")
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
func operations(p string, d *node) []Unit {
	u := Unit{Key: "patch/" + p, Title: "the patch " + path.Base(p), Line: 1, Partial: true}
	for _, item := range d.items {
		at := item.text("path")
		if f, ok := item.field("value"); ok && imagePath.MatchString(at) && f.value.scalar && item.text("op") != "remove" {
			u.Images = append(u.Images, imageOf(at, f.value.value, f.line))
		}
	}
	if len(u.Images) == 0 {
		return nil
	}
	return []Unit{u}
}

// application reads what Argo CD's applications and Flux's releases give their chart or kustomization.
func application(p string, kind string, d *node) []Unit {
	name := d.text("metadata", "name")
	var found []*node
	switch kind {
	case "HelmRelease":
		found = []*node{d.get("spec", "values")}
	case "Application":
		sources := d.list("spec", "sources")
		if one := d.get("spec", "source"); one != nil {
			sources = append(sources, one)
		}
		u := Unit{Key: "application/" + name, Title: "application " + name, Line: d.line, Partial: true}
		for _, s := range sources {
			found = append(found, s.get("helm", "valuesObject"))
			for _, parameter := range s.list("helm", "parameters") {
				if f, ok := parameter.field("value"); ok && tagKey.MatchString(parameter.text("name")) {
					u.Images = append(u.Images, Image{Container: parameter.text("name"), Name: name, Tag: f.value.value, Whole: name + ":" + f.value.value, Line: f.line})
				}
			}
			for n, item := range s.list("kustomize", "images") {
				text := item.value
				if _, with, ok := strings.Cut(text, "="); ok {
					text = with
				}
				u.Images = append(u.Images, imageOf(strconv.Itoa(n), text, item.line))
			}
		}
		for _, v := range found {
			if v != nil {
				u.Images = append(u.Images, values(p, []*node{v}, name)[0].Images...)
			}
		}
		return []Unit{u}
	}
	var units []Unit
	for _, v := range found {
		if v != nil {
			u := values(p, []*node{v}, name)[0]
			u.Key, u.Title = "application/"+name, "release "+name
			units = append(units, u)
		}
	}
	return units
}
