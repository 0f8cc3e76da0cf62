package environment

// Images whose tag production's variables hold: IMAGE_TAG of an env file, image_tag of a tfvars file.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/delivery"
	"flightpoll/detectors/lazy"
)

var tagSetting = lazy.New(`(?i)^([\w]+_)?image(_?(tag|version))?$|^([\w]+_)?docker_?tag$`)

// settings judges the tags that production's env and tfvars files hold.
func (t *tags) settings() {
	for _, f := range t.pass.Branch.Files {
		if ext := path.Ext(f.Path); f.Status != branch.Modified || f.TooLarge || f.Binary || ext != ".tfvars" && kindOf(f.Path) != "env" && ext != ".env" || deployEnvironment(f.Path) != Production || aside(f.Path) {
			continue
		}
		after, err := f.After()
		if err != nil || len(after) > maxConfig {
			continue
		}
		before := settingsBefore(f)
		for _, s := range settingsIn(f.Path, string(after)) {
			at := slices.IndexFunc(before, func(o setting) bool { return o.key == s.key })
			if at < 0 || !tagSetting.MatchString(s.key) || !f.Touched(s.line) {
				continue
			}
			old, now := settingImage(before[at]), settingImage(s)
			if !old.Pinned() || !now.Mutable() || now.Tag == "" || old.Substituted() || now.Substituted() {
				continue
			}
			t.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: s.line, Symbol: s.key,
				Message:  fmt.Sprintf("%s went from %s to %s for production", s.key, tagged(old), tagged(now)),
				Why:      "What runs then depends on the minute in which an instance starts: two of them may differ, and there is no way back to what ran before.",
				Fix:      fmt.Sprintf("Set %s to a version or a digest, and change it with each release.", s.key),
				Related:  []detectors.Related{{Path: f.Path, Line: before[at].line, Message: "the base: " + tagged(old)}},
				Evidence: []string{s.key, now.Tag},
			})
		}
	}
}

// settingImage is the image that a value names: whole, or only its tag.
func settingImage(s setting) delivery.Image {
	name, tag := "", s.value
	if i := strings.LastIndexByte(s.value, ':'); i >= 0 {
		name, tag = s.value[:i], s.value[i+1:]
	} else if strings.Contains(s.value, "/") {
		name, tag = s.value, ""
	}
	return delivery.Image{Name: name, Tag: tag, Whole: s.value}
}
