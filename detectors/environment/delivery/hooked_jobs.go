package delivery

// Kubernetes jobs that migrate, and when Helm and Argo CD run them: as a hook before or after the roll-out, or in a sync wave.

import (
	"strconv"
	"strings"

	"flightpoll/detectors/source/document"
)

const (
	helmHook = "helm.sh/hook"
	argoHook = "argocd.argoproj.io/hook"
	syncWave = "argocd.argoproj.io/sync-wave"
)

// waveOf is the sync wave of an object; 0 is what Argo CD takes where none is written.
func waveOf(d *document.Node) int {
	n, err := strconv.Atoi(d.Text("metadata", "annotations", syncWave))
	if err != nil {
		return 0
	}
	return n
}

// hooked keeps a job that migrates as a step on its side of the roll-out.
func (u *Unit) hooked(d, template *document.Node) {
	annotations := d.Get("metadata", "annotations")
	hook, ok := annotations.Pair(helmHook)
	if !ok {
		hook, ok = annotations.Pair(argoHook)
	}
	wave, waved := annotations.Pair(syncWave)
	if !ok && !waved || !podMigrates(d.Text("metadata", "name"), template) {
		return
	}
	u.Wave = waveOf(d)
	switch when := hook.Value; {
	case !ok || when.Value == "Sync":
		if waved {
			u.Steps = []Step{{Migrates: true, Line: wave.Line}}
		}
	case strings.Contains(when.Value, "pre-upgrade"), strings.Contains(when.Value, "PreSync"):
		u.Deploys, u.Steps = true, []Step{{Migrates: true, Line: hook.Line}}
	case strings.Contains(when.Value, "post-upgrade"), when.Value == "PostSync":
		u.Deploys, u.Steps = true, []Step{{Line: d.Line}, {Migrates: true, Line: hook.Line}}
	}
}

// podMigrates says whether a job's name, or a command of its containers, says that it migrates.
func podMigrates(name string, template *document.Node) bool {
	if strings.Contains(strings.ToLower(name), "migrat") {
		return true
	}
	for _, c := range template.List("spec", "containers") {
		var words []string
		for _, key := range []string{"command", "args"} {
			if list := c.Get(key); list != nil {
				words = append(words, names(list)...)
			}
		}
		if len(words) > 0 && (migrates(words) || strings.Contains(strings.ToLower(c.Text("name")), "migrat")) {
			return true
		}
		if inner := carriedWords(words); len(inner) > 0 && migrates(inner) {
			return true
		}
	}
	return false
}

// carriedWords are those of the last command of a shell's -c.
func carriedWords(words []string) []string {
	for i, w := range words {
		if (w == "-c" || w == "-ec" || w == "-lc") && i+1 < len(words) {
			var list []string
			for _, c := range commands(words[i+1]) {
				if migrates(c.words) {
					return c.words
				}
				list = c.words
			}
			return list
		}
	}
	return nil
}
