package environment

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/delivery"
	"flightpoll/detectors/lazy"
)

// MutableTag reports an image of production that the branch changed from a version to a tag that moves.
var MutableTag = &detectors.Detector{
	ID:    "environment/mutable-tag",
	Title: "Production runs an image whose tag moves",
	Run:   runMutableTag,
}

func runMutableTag(pass *detectors.Pass) error {
	t := &tags{pass: pass}
	t.settings()
	changed := deployFiles(pass)
	if len(changed) == 0 {
		if slices.ContainsFunc(pass.Branch.Files, func(f *branch.File) bool { return kindOf(f.Path) == "env" || path.Ext(f.Path) == ".tfvars" }) {
			return nil
		}
		return detectors.ErrNotApplicable
	}
	base, head, files, err := bothSides(pass, changed)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(head)) {
		is := head[key]
		if !is.touches(files) || strings.HasPrefix(key, "compose/") && !is.any(func(u delivery.Unit) bool { return u.Deploys || deployEnvironment(u.Path) == Production }) {
			continue
		}
		for _, u := range is.parts {
			if !files[u.Path] || developersFile(u.Path) {
				continue
			}
			for _, image := range u.Images {
				pinned, loose := siblings(head, base, u)
				t.judge(u, image, is, base[key], pinned, loose)
			}
		}
	}
	return nil
}

var developersName = lazy.New(`(?i)(^|[./_-])(dev|local|test|ci|devcontainer|debug)([./_-]|$)`)

// developersFile says that a file is one for a developer's machine.
func developersFile(p string) bool {
	return developersName.MatchString(p) || strings.Contains(p, ".devcontainer/")
}

type tags struct {
	pass *detectors.Pass
	// replaced are the images that a kustomization or a pipeline gives another tag, read once.
	replaced []replacing
	read     bool
}

// replacing is a file that puts tags in, with its text.
type replacing struct{ path, text string }

// pinnedForProduction says whether production's own part names a version in the place of everybody's image.
func (t *tags) pinnedForProduction(now *rolled, image delivery.Image) bool {
	return now.any(func(part delivery.Unit) bool {
		return deployEnvironment(part.Path) == Production && slices.ContainsFunc(part.Images, func(i delivery.Image) bool { return i.Container == image.Container && i.Pinned() })
	})
}

// judge looks at one image; pinned are the units beside its own, which all name versions, and loose says that some do not.
func (t *tags) judge(u delivery.Unit, image delivery.Image, now, was *rolled, pinned []delivery.Unit, loose bool) {
	f := t.pass.Branch.File(u.Path)
	if f == nil || !f.Touched(image.Line) || !image.Mutable() || image.Substituted() {
		return
	}
	if deployEnvironment(u.Path) == Everywhere && t.pinnedForProduction(now, image) {
		return
	}
	old, ok := imageBefore(was, u, image)
	finding := detectors.Finding{
		Severity: detectors.Warning, Path: u.Path, Line: image.Line, Symbol: path.Base(image.Name),
		Why:      "What runs then depends on the minute in which an instance starts: two of them may differ, and there is no way back to what ran before.",
		Fix:      fmt.Sprintf("Name %s by a version or a digest, and change that line with each release.", image.Name),
		Evidence: []string{u.Key, image.Container, image.Name, image.Tag},
	}
	switch {
	case ok && old.Pinned() && !old.Substituted() && (path.Base(old.Name) == path.Base(image.Name) || u.Key[:5] != "image"):
		finding.Message = fmt.Sprintf("%s went from %s to %s", image.Name, tagged(old), tagged(image))
		finding.Related = []detectors.Related{{Path: f.Path, Line: old.Line, Message: "the base: " + tagged(old)}}
	case was == nil && !loose && len(pinned) == 0 && strings.HasPrefix(u.Key, "workload/") && !u.Partial && !u.Ends:
		finding.Message = fmt.Sprintf("%s is new with %s", image.Name, tagged(image))
	case was == nil && !loose && len(pinned) > 0 && !strings.HasPrefix(u.Key, "image/"):
		finding.Message = fmt.Sprintf("%s is new with %s, while %s beside it names a version", image.Name, tagged(image), pinned[0].Title)
	default:
		return
	}
	if t.givenElsewhere(image, u) {
		return
	}
	t.pass.Report(finding)
}

// tagged is an image's tag in words.
func tagged(i delivery.Image) string {
	switch {
	case i.Digest != "":
		return "a digest"
	case i.Tag == "":
		return "no tag"
	}
	return "the tag " + i.Tag
}

// imageBefore is the image that the base had in the same place: of the same container, else of the same name.
func imageBefore(was *rolled, u delivery.Unit, image delivery.Image) (delivery.Image, bool) {
	if was == nil {
		return delivery.Image{}, false
	}
	for _, same := range []func(delivery.Image) bool{
		func(i delivery.Image) bool { return i.Name == image.Name && i.Container == image.Container },
		func(i delivery.Image) bool { return i.Name == image.Name },
		func(i delivery.Image) bool { return i.Container == image.Container && image.Container != "" },
	} {
		for _, here := range []bool{true, false} {
			for _, part := range was.parts {
				if (part.Path == u.Path) != here || !here && !part.Partial && !u.Partial && len(was.parts) > 1 {
					continue
				}
				if i := slices.IndexFunc(part.Images, same); i >= 0 {
					return part.Images[i], true
				}
			}
		}
	}
	if len(was.parts) == 1 && len(was.parts[0].Images) == 1 && len(u.Images) == 1 {
		return was.parts[0].Images[0], true
	}
	return delivery.Image{}, false
}

// siblings are the units of the same kind and folder that the base had and that name versions; loose says that some do not.
func siblings(head, base rollouts, u delivery.Unit) (list []delivery.Unit, loose bool) {
	kind, _, _ := strings.Cut(u.Key, "/")
	for _, key := range slices.Sorted(maps.Keys(head)) {
		other := head[key].whole()
		if key == u.Key || base[key] == nil || !strings.HasPrefix(key, kind+"/") || around(other.Path) != around(u.Path) || len(other.Images) == 0 {
			continue
		}
		for _, i := range other.Images {
			if !i.Pinned() || i.Substituted() {
				return nil, true
			}
		}
		list = append(list, other)
	}
	return list, false
}

var setsImage = lazy.New(`set\s+image|edit\s+set\s+image|\byq\b|\bsed\b|image\.tag|imageTag|images?\s*:|render-task-definition|container-name|image-?name`)

// givenElsewhere says whether a kustomization or a pipeline names the image, which then puts the tag in.
func (t *tags) givenElsewhere(image delivery.Image, u delivery.Unit) bool {
	if !t.read {
		t.read = true
		paths, err := t.pass.Branch.HeadPaths()
		if err != nil {
			return true
		}
		for _, p := range paths {
			if base := path.Base(p); len(t.replaced) < 200 && (strings.HasPrefix(base, "kustomization.y") || ciPath.MatchString(p) || base == "Makefile" || base == "skaffold.yaml") {
				if text, err := t.pass.Branch.ReadHead(p); err == nil && len(text) < maxConfig && setsImage.Match(text) {
					t.replaced = append(t.replaced, replacing{p, string(text)})
				}
			}
		}
	}
	values := strings.HasPrefix(u.Key, "values/") || strings.HasPrefix(u.Key, "application/")
	for _, by := range t.replaced {
		text := by.text
		if kustomized := strings.HasPrefix(path.Base(by.path), "kustomization.y"); kustomized && (values || strings.HasPrefix(u.Key, "kustomization/") || by.path == u.Path) {
			continue
		}
		if wordIn(text, image.Name) || wordIn(text, path.Base(image.Name)) && strings.Contains(text, "set image") || values && (strings.Contains(text, "image.tag") || strings.Contains(text, "imageTag")) {
			return true
		}
	}
	f := t.pass.Branch.File(u.Path)
	return f == nil || f.Status == branch.Deleted
}
