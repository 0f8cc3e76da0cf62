package delivery

// Units, their guards and their images, and which reader a path has.

import (
	"errors"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// Kind is what a guard protects from.
type Kind string

// The kinds of guards.
const (
	// Gradual: new code reaches a part first. Levels: 0 all at once, 1 instance by instance, 2 a share of the traffic.
	Gradual Kind = "gradual roll-out"
	// Probe: an instance that does not work gets no traffic, or is replaced.
	Probe Kind = "probe"
	// Rollback: a failed roll-out is taken back by itself.
	Rollback Kind = "rollback"
	// Budget: so many instances stay up.
	Budget Kind = "disruption budget"
	// Approval: a person lets it through.
	Approval Kind = "approval"
	// Check: what was rolled out is tried.
	Check Kind = "check"
	// Capacity: so many instances run at least.
	Capacity Kind = "minimum of instances"
)

// Guard is one protection of a unit.
type Guard struct {
	Kind Kind
	// Key tells guards of one kind and unit apart; What is what people call it.
	Key, What string
	// Level is how much it protects, more is better; 0 says that it is expressly off.
	Level int
	Line  int
}

// Image is one container's image.
type Image struct {
	// Container names the container, empty where there is only one.
	Container string
	// Name is the image without tag, Tag and Digest may be empty; Whole is the text.
	Name, Tag, Digest, Whole string
	Line                     int
}

// Unit is one thing that is deployed, as one file has it: whole, or the part of it that an overlay changes.
type Unit struct {
	// Key is the same on both sides and in all files of one thing ("workload/web"); Title is for people.
	Key, Title string
	Path       string
	Line       int
	Guards     []Guard
	Images     []Image
	// Partial: it only changes what another file defines. Serves: it takes traffic. Ends: a job, not a service.
	Partial, Serves, Ends bool
	// Waits: nothing may run beside it (a volume that one instance holds), so that going all at once is right.
	Waits bool
	// Labels are those of its instances; Selects those that a disruption budget selects.
	Labels, Selects map[string]string
	// Needs are the jobs that have to succeed before; Deploys says that a job brings something to an environment.
	Needs   []string
	Deploys bool
	// Environment is what a job says that it deploys to, as it is written.
	Environment string
	// Steps are what a job does, in order, as far as it migrates a database or brings out new code.
	Steps []Step
	// Wave is the sync wave in which Argo CD applies it.
	Wave int
	// Limited: its containers say how much memory or processor they may take.
	Limited bool
	// remote: the commands at hand run on another machine.
	remote bool
	// Open: more is set where this file does not show it (a template's include, a reusable workflow).
	Open bool
}

// Step is one command of a job that migrates a database or brings out new code, or runs a script that may.
type Step struct {
	Migrates bool
	// Script is a script of the repository that the step runs, whose own steps stand in its place.
	Script string
	Line   int
}

// Guard is the unit's guard of a kind and key.
func (u Unit) Guard(kind Kind, key string) (Guard, bool) {
	for _, g := range u.Guards {
		if g.Kind == kind && g.Key == key {
			return g, true
		}
	}
	return Guard{}, false
}

func (u *Unit) add(kind Kind, key, what string, level, line int) {
	u.Guards = append(u.Guards, Guard{Kind: kind, Key: key, What: what, Level: level, Line: line})
}

var (
	composeName  = lazy.New(`(?i)^(docker-)?(compose|stack|swarm)[\w.-]*\.ya?ml$|^[\w.-]+[.-]compose\.ya?ml$`)
	dockerName   = lazy.New(`(?i)^(dockerfile|containerfile)([.-][\w.-]+)?$|\.dockerfile$`)
	workflowPath = lazy.New(`(?i)(^|/)\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$`)
	gitlabName   = lazy.New(`(?i)(^|/)(\.gitlab-ci[\w.-]*\.ya?ml|\.gitlab/.*\.ya?ml)$`)
	valuesName   = lazy.New(`(?i)^values[\w.-]*\.ya?ml$|^[\w.-]*values\.ya?ml$`)
)

// Reads says whether a path can be a deploy file at all.
func Reads(p string) bool {
	base := path.Base(p)
	switch strings.ToLower(path.Ext(base)) {
	case ".yaml", ".yml", ".tf":
		return true
	}
	return Orders(p) || nomadName.MatchString(base) || ecsTaskName.MatchString(p) || quadletName.MatchString(base) || dockerName.MatchString(base) || scriptName.MatchString(base) || makefileName.MatchString(base) || base == "Kustomization" || base == "fly.toml" || strings.HasPrefix(base, "fly.") && strings.HasSuffix(base, ".toml") || base == "railway.json" || base == "railway.toml"
}

// Orders says whether a path may say in which order a release migrates and brings out code, whatever it is run by.
func Orders(p string) bool {
	base := path.Base(p)
	return workflowPath.MatchString(p) || gitlabName.MatchString(p) || pipelineOf(p) != nil || jenkinsName.MatchString(base) || hookPath.MatchString(p) || taskName.MatchString(p) ||
		playPath.MatchString(p) || makefileName.MatchString(base) || base == "package.json"
}

// playPath are files of Ansible's plays and roles.
var playPath = lazy.New(`(?i)(^|/)(ansible|playbooks?)/([^/]+/)*[^/]+\.ya?ml$|(^|/)roles/[^/]+/tasks/[^/]+\.ya?ml$|(^|/)(playbook|site|deploy)[\w-]*\.ya?ml$`)

// maxText is the size in bytes past which a file is not read.
const maxText = 1 << 20

var errTooLarge = errors.New("too large to be read as a deploy file")

// Read gives the units of one file; the error says in one line why it could not be read. A file that deploys nothing
// has none.
func Read(p string, text []byte) (units []Unit, err error) {
	if len(text) > maxText {
		return nil, errTooLarge
	}
	base := path.Base(p)
	switch {
	case dockerName.MatchString(base):
		return dockerfile(p, text), nil
	case quadletName.MatchString(base):
		return quadlet(p, text), nil
	case nomadName.MatchString(base):
		d, err := document.HCL(p, text)
		if err != nil {
			return nil, err
		}
		return nomad(p, d), nil
	case jenkinsName.MatchString(base):
		return jenkins(p, text), nil
	case hookPath.MatchString(p):
		return hook(p, text), nil
	case taskName.MatchString(p):
		return tasks(p, text), nil
	case base == "package.json":
		d, err := document.JSON(p, text)
		if err != nil {
			return nil, err
		}
		return packageScripts(p, d), nil
	case scriptName.MatchString(base):
		return script(p, text), nil
	case makefileName.MatchString(base):
		return recipes(p, text), nil
	case strings.HasSuffix(base, ".tf"):
		d, err := document.HCL(p, text)
		if err != nil {
			return nil, err
		}
		return terraform(p, d), nil
	case strings.HasSuffix(base, ".toml"):
		d, err := document.TOML(p, text)
		if err != nil {
			return nil, err
		}
		return platform(p, []*document.Node{d}), nil
	}
	plain, templated := withoutTemplates(string(text))
	docs, err := document.YAML(p, []byte(plain))
	if err != nil {
		if templated {
			return nil, nil // a template that only its engine can read is left alone
		}
		return nil, err
	}
	switch read := pipelineOf(p); {
	case workflowPath.MatchString(p):
		units = workflow(p, docs)
	case read != nil:
		for _, d := range docs {
			units = append(units, read(p, d)...)
		}
	case gitlabName.MatchString(p):
		units = pipeline(p, docs)
	case composeName.MatchString(base):
		units = compose(p, docs)
	case valuesName.MatchString(base):
		units = values(p, docs, path.Base(chartRoot(p)))
	case kustomizationName.MatchString(base):
		units = kustomization(p, docs)
	case helmfileName.MatchString(p), kamalName.MatchString(p), ecsTaskName.MatchString(p):
		for _, d := range docs {
			switch {
			case helmfileName.MatchString(p):
				units = append(units, helmfile(p, d)...)
			case kamalName.MatchString(p):
				units = append(units, kamal(p, d)...)
			case d.Get("containerDefinitions") != nil:
				units = append(units, task(p, "resource/task/"+p, d.List("containerDefinitions"))...)
			}
		}
	default:
		units = append(kubernetes(p, docs, templated), platform(p, docs)...)
		for _, d := range docs {
			if playPath.MatchString(p) {
				units = append(units, play(p, d)...)
			}
		}
	}
	for i := range units {
		units[i].Path = p
		units[i].Line = max(units[i].Line, 1)
	}
	return units, nil
}

var (
	wholeAction  = lazy.New(`^\s*(?:-\s*)?\{\{.*\}\}\s*$`)
	inlineAction = lazy.New(`\{\{-?\s*(.*?)\s*-?\}\}`)
	notWord      = lazy.New(`\W+`)
)

// withoutTemplates blanks the lines of a Helm template that are only an action and puts a word in the place of the others,
// so that what is written out can be read as YAML.
func withoutTemplates(text string) (plain string, templated bool) {
	if !strings.Contains(text, "{{") || !strings.Contains(text, "}}") {
		return text, false
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch {
		case !strings.Contains(line, "{{"):
		case strings.Contains(line, "${{"): // an expression of a workflow is text
		case wholeAction.MatchString(line):
			lines[i], templated = "", true
		default:
			templated = true
			lines[i] = inlineAction.ReplaceAllStringFunc(line, func(action string) string {
				return "TPL" + strings.Trim(notWord.ReplaceAllString(action, "_"), "_")
			})
		}
	}
	return strings.Join(lines, "\n"), templated
}

// imageOf takes an image's text apart.
func imageOf(container, text string, line int) Image {
	i := Image{Container: container, Whole: text, Line: line}
	rest, digest, _ := strings.Cut(text, "@")
	i.Name, i.Digest = rest, digest
	if at := strings.LastIndexByte(rest, ':'); at > strings.LastIndexByte(rest, '/') {
		i.Name, i.Tag = rest[:at], rest[at+1:]
	}
	return i
}

// Substituted says that the deploying tool puts the tag in.
func (i Image) Substituted() bool {
	return strings.ContainsAny(i.Whole, "${}<>%#") || strings.Contains(i.Whole, "TPL") || strings.Contains(i.Whole, "__") || placeholder.MatchString(i.Tag)
}

var placeholder = lazy.New(`^[A-Z][A-Z_]{2,}$|(?i)^(placeholder|replace.*|image[-_]?tag|tag|version|todo|changeme)$`)

// moving are tags that name a branch or whatever is newest.
var moving = []string{"latest", "main", "master", "develop", "dev", "stable", "edge", "nightly", "next", "staging", "production", "prod", "release", "canary", "unstable", "rolling", "head", "trunk", "snapshot"}

// Mutable says that the image may be another one tomorrow: no tag, or one that moves.
func (i Image) Mutable() bool {
	return i.Digest == "" && (i.Tag == "" || slices.Contains(moving, strings.ToLower(i.Tag)))
}

var versionTag = lazy.New(`\d`)

// Pinned says that the image is named by a digest or a version.
func (i Image) Pinned() bool { return i.Digest != "" || !i.Mutable() && versionTag.MatchString(i.Tag) }
