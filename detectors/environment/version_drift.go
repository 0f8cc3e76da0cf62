package environment

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// VersionDrift reports a runtime whose version the branch changed in one place and not in another that agreed with it before.
var VersionDrift = &detectors.Detector{
	ID:    "environment/version-drift",
	Title: "A runtime's version changed in one place and not in the others",
	Run:   runVersionDrift,
}

// pin is one place that says which version of a runtime is used.
type pin struct {
	runtime string
	// version is compared to as many parts as the runtime's releases differ by: "22", "3.12".
	version string
	path    string
	line    int
	// least: any later version will do as well.
	least bool
}

func runVersionDrift(pass *detectors.Pass) error {
	var changed []*branch.File
	for _, f := range pass.Branch.Files {
		if !f.Binary && !f.TooLarge && f.Status == branch.Modified && pinning(f.Path) {
			changed = append(changed, f)
		}
	}
	if len(changed) == 0 {
		return detectors.ErrNotApplicable
	}
	var others []pin
	read := false
	for _, f := range changed {
		before, err := f.Before()
		if err != nil {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		old, now := pinsIn(f.Path, string(before)), pinsIn(f.Path, string(after))
		for _, p := range now {
			was, ok := samePlace(old, now, p)
			if !ok || was.version == p.version || !f.Touched(p.line) || slices.ContainsFunc(now, func(o pin) bool { return o.runtime == p.runtime && o.version == was.version }) {
				continue
			}
			if !read {
				others, read = allPins(pass), true
			}
			var left []pin
			for _, o := range others {
				if o.path == p.path || o.runtime != p.runtime || !together(o.path, p.path) {
					continue
				}
				if o.version == was.version && (!o.least || p.least || !older(o.version, p.version)) && !slices.ContainsFunc(others, func(x pin) bool { return x.path == o.path && x.runtime == o.runtime && x.version == p.version }) {
					left = append(left, o)
				}
			}
			if len(left) == 0 {
				continue
			}
			finding := detectors.Finding{
				Severity: detectors.Warning, Path: p.path, Line: p.line, Symbol: p.runtime,
				Message:  fmt.Sprintf("%s went from %s to %s here; %s still says %s", p.runtime, was.version, p.version, left[0].path, was.version),
				Why:      "What is tested with one version then runs with another one.",
				Fix:      fmt.Sprintf("Change %s to %s as well, or say why they differ.", left[0].path, p.version),
				Evidence: []string{p.runtime, was.version, p.version},
			}
			for _, o := range left {
				finding.Related = append(finding.Related, detectors.Related{Path: o.path, Line: o.line, Message: fmt.Sprintf("%s %s", o.runtime, o.version)})
			}
			pass.Report(finding)
			break
		}
	}
	return nil
}

// samePlace is the pin that the base had in the place of one: of the same runtime and the same count from the top.
func samePlace(old, now []pin, p pin) (pin, bool) {
	n := 0
	for _, o := range now {
		if o == p {
			break
		}
		if o.runtime == p.runtime {
			n++
		}
	}
	for _, o := range old {
		if o.runtime != p.runtime {
			continue
		}
		if n == 0 {
			return o, true
		}
		n--
	}
	return pin{}, false
}

// together says whether two files speak of the same program: one lies above the other, or in the pipeline.
func together(a, b string) bool {
	above := func(x, y string) bool {
		dir := path.Dir(x)
		return dir == "." || dir == path.Dir(y) || strings.HasPrefix(y, dir+"/") || ciPath.MatchString(x)
	}
	return above(a, b) || above(b, a)
}

var pinNames = map[string]string{".nvmrc": "Node.js", ".node-version": "Node.js", ".python-version": "Python", ".ruby-version": "Ruby", ".go-version": "Go", ".java-version": "Java"}

func pinning(p string) bool {
	base := path.Base(p)
	if aside(p) && !ciPath.MatchString(p) {
		return false
	}
	return pinNames[base] != "" || base == ".tool-versions" || base == "go.mod" || base == "package.json" || base == "runtime.txt" || dockerBase.MatchString(base) ||
		ciPath.MatchString(p) && (strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".yaml"))
}

// allPins are those of every file at the head.
func allPins(pass *detectors.Pass) []pin {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []pin
	read := 0
	for _, p := range paths {
		if !pinning(p) || read >= 300 {
			continue
		}
		read++
		if text, err := pass.Branch.ReadHead(p); err == nil && len(text) <= maxConfig {
			list = append(list, pinsIn(p, string(text))...)
		}
	}
	slices.SortStableFunc(list, func(a, b pin) int { return cmp.Or(strings.Compare(a.path, b.path), a.line-b.line) })
	return list
}

var (
	dockerBase  = lazy.New(`(?i)^(dockerfile|containerfile)$`)
	fromRuntime = lazy.New(`(?i)^\s*FROM\s+(?:--\S+\s+)*(?:docker\.io/)?(?:library/)?(node|python|golang|ruby|openjdk|eclipse-temurin|php):v?(\d+(?:\.\d+)*)`)
	setupKey    = lazy.New(`^\s*-?\s*(node|python|go|ruby|java|php)-version["']?\s*:\s*["']?v?(\d+(?:\.\d+)*)(?:\.x)?["']?\s*(?:#.*)?$`)
	ciImage     = lazy.New(`^\s*-?\s*image\s*:\s*["']?(?:docker\.io/)?(?:library/)?(?:cimg/)?(node|python|golang|go|ruby|php):v?(\d+(?:\.\d+)*)`)
	toolLine    = lazy.New(`^\s*(nodejs|node|python|golang|go|ruby|java|php)\s+v?(\d+(?:\.\d+)*)`)
	goLine      = lazy.New(`^go\s+(\d+\.\d+)`)
	engineNode  = lazy.New(`^\s*"node"\s*:\s*"\s*([~^]|>=|=)?\s*v?(\d+)(?:\.[\dx]+)*\s*"`)
	plainPin    = lazy.New(`^\s*(?:python-|ruby-|go)?v?(\d+(?:\.\d+)*)\s*$`)
	titles      = map[string]string{"node": "Node.js", "nodejs": "Node.js", "python": "Python", "golang": "Go", "go": "Go", "ruby": "Ruby", "java": "Java", "openjdk": "Java", "eclipse-temurin": "Java", "php": "PHP"}
)

func pinsIn(p, text string) []pin {
	var list []pin
	add := func(runtime, version string, line int, least bool) {
		parts := strings.Split(version, ".")
		n := 2
		if runtime == "Node.js" || runtime == "Java" {
			n = 1
		}
		if len(parts) < n {
			return
		}
		list = append(list, pin{runtime, strings.Join(parts[:n], "."), p, line, least})
	}
	base := path.Base(p)
	engines := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		switch {
		case pinNames[base] != "" || base == "runtime.txt":
			runtime := cmp.Or(pinNames[base], "Python")
			if m := plainPin.FindStringSubmatch(line); m != nil {
				add(runtime, m[1], i+1, false)
			}
		case base == "package.json":
			engines = engines && !strings.Contains(line, "}") || strings.Contains(line, `"engines"`)
			if at := strings.Index(line, "{"); engines && at >= 0 {
				line = line[at+1:]
			}
			if m := engineNode.FindStringSubmatch(strings.TrimRight(strings.TrimSpace(line), ",}")); engines && m != nil {
				add("Node.js", m[2], i+1, m[1] == ">=")
			}
		case base == "go.mod":
			if m := goLine.FindStringSubmatch(line); m != nil {
				add("Go", m[1], i+1, true)
			}
		default:
			for _, e := range []*lazy.Regexp{fromRuntime, setupKey, ciImage, toolLine} {
				if (e == toolLine) != (base == ".tool-versions") || (e == fromRuntime) != dockerBase.MatchString(base) {
					continue
				}
				if m := e.FindStringSubmatch(line); m != nil {
					add(titles[strings.ToLower(m[1])], m[2], i+1, false)
				}
			}
		}
	}
	return list
}

// older says whether a version comes before another one.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}
