package locks

// What each lock file really records of a dependency.

import (
	"encoding/json"
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// Lock is one lock file, read for the questions of one list.
type Lock struct {
	base, text string
	// list is the list's folder as the lock file names it, "" for its own.
	list     string
	packages map[string]npmPackage
}

type npmPackage struct {
	Version         string            `json:"version"`
	Dependencies    map[string]string `json:"-"`
	Raw             json.RawMessage   `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Optional        map[string]string `json:"optionalDependencies"`
}

// Read reads a lock file at a path for the list at another.
func Read(lock string, text []byte, list string) *Lock {
	l := &Lock{base: path.Base(lock), text: string(text)}
	if dir := path.Dir(lock); dir == "." {
		l.list = strings.TrimPrefix(path.Dir(list), ".")
	} else {
		l.list = strings.TrimPrefix(strings.TrimPrefix(path.Dir(list), dir), "/")
	}
	if l.base == "package-lock.json" || l.base == "npm-shrinkwrap.json" {
		var doc struct {
			Packages     map[string]npmPackage `json:"packages"`
			Dependencies map[string]npmPackage `json:"dependencies"`
		}
		if json.Unmarshal(text, &doc) == nil {
			if l.packages = doc.Packages; l.packages == nil {
				l.packages = map[string]npmPackage{}
			}
			for key, p := range l.packages {
				_ = json.Unmarshal(p.Raw, &p.Dependencies) // of another shape in the first format
				l.packages[key] = p
			}
			for name, p := range doc.Dependencies {
				if _, ok := l.packages["node_modules/"+name]; !ok {
					l.packages["node_modules/"+name] = p
				}
			}
		}
	}
	return l
}

// Answers says whether the lock accounts for a dependency with a requirement. Where it cannot be told it says no for a
// dependency that is new to the list and for one whose requirement is not the old one.
func (l *Lock) Answers(name, requirement string) bool {
	switch l.base {
	case "package-lock.json", "npm-shrinkwrap.json":
		return l.npm(name, requirement)
	case "Cargo.lock":
		return l.satisfied(requirement, "^", `(?m)^name = "`+quoted(name)+`"\nversion = "([^"]+)"`)
	case "Gemfile.lock":
		return l.bundler(name, requirement)
	case "composer.lock":
		return l.satisfied(requirement, "=", `"name": "`+quoted(name)+`",\s*"version": "v?([^"]+)"`)
	case "mix.lock":
		return l.satisfied(requirement, "=", `"`+quoted(name)+`": \{:\w+, :?"?\w+"?, "([^"]+)"`)
	case "pubspec.lock":
		return l.satisfied(requirement, "=", `(?ms)^  `+quoted(name)+`:\n.*?^    version: "([^"]+)"`)
	case "Podfile.lock":
		return l.satisfied(requirement, "=", `(?m)^  - "?`+quoted(name)+`(?:/\S+)? \(([^)=~<>]+)\)`)
	case "Chart.lock":
		return l.satisfied(requirement, "=", `(?m)- name: `+quoted(name)+`\n(?:  .*\n)*?  version: "?([^"\s]+)`)
	case "packages.lock.json":
		return l.satisfied(requirement, ">=", `(?i)"`+quoted(name)+`": \{\s*"type": "\w+",(?:\s*"requested": "[^"]*",)?\s*"resolved": "([^"]+)"`)
	case ".terraform.lock.hcl":
		return l.satisfied(requirement, "=", `provider "[^"]*`+quoted(name)+`" \{\s*version\s*=\s*"([^"]+)"`)
	case "gradle.lockfile":
		return strings.Contains(l.text, name+":"+requirement+"=")
	case "requirements.txt":
		return l.satisfied(requirement, "=", `(?mi)^`+strings.ReplaceAll(quoted(name), "-", "[-_.]")+`(?:\[[^\]]*\])?==([^\s;]+)`)
	case "go.sum":
		return strings.Contains(l.text, name+" "+requirement)
	case "poetry.lock", "pdm.lock", "uv.lock", "Pipfile.lock":
		return l.python(name, requirement)
	}
	return l.spelt(name, requirement)
}

func quoted(name string) string { return regexp.QuoteMeta(name) }

// satisfied finds the locked version by an expression and compares it.
func (l *Lock) satisfied(requirement, plain, expression string) bool {
	found := false
	for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(l.text, 50) {
		found = true
		if yes, known := allows(requirement, m[1], plain); yes || !known && strings.ContainsAny(requirement, " /:") {
			return true
		}
	}
	return found && !rangeText.MatchString(requirement)
}

// rangeText is a requirement that can be compared at all.
var rangeText = lazy.New(`^[\s\d.,^~<>=!|vV*xX()-]+$`)

// npm asks the entry of the list's own package, which npm ci compares, then the version that was chosen.
func (l *Lock) npm(name, requirement string) bool {
	own := l.packages[l.list]
	for _, part := range []map[string]string{own.Dependencies, own.DevDependencies, own.Optional} {
		if part[name] == requirement {
			return true
		}
	}
	for _, at := range []string{l.list + "/node_modules/" + name, "node_modules/" + name} {
		if p, ok := l.packages[strings.TrimPrefix(at, "/")]; ok {
			yes, known := allows(requirement, p.Version, "=")
			return yes && known
		}
	}
	return false
}

var bundled = lazy.New(`(?m)^  ([\w.-]+)!?(?: \(([^)]*)\))?!?$`)

// bundler compares the section DEPENDENCIES, as a frozen install does.
func (l *Lock) bundler(name, requirement string) bool {
	_, section, ok := strings.Cut(l.text, "\nDEPENDENCIES\n")
	if !ok {
		return false
	}
	section, _, _ = strings.Cut(section, "\n\n")
	var wanted []string
	for _, part := range strings.Split(requirement, ", ") {
		switch {
		case part == "" || strings.Contains(part, " ") && !strings.ContainsAny(part[:1], "~<>=!"):
		case strings.ContainsAny(part[:1], "0123456789"):
			wanted = append(wanted, "= "+part)
		default:
			wanted = append(wanted, part)
		}
	}
	for _, m := range bundled.FindAllStringSubmatch(section+"\n", -1) {
		if m[1] == name {
			return sameParts(strings.Split(m[2], ", "), wanted)
		}
	}
	return false
}

func sameParts(a, b []string) bool {
	count := map[string]int{}
	for _, s := range a {
		if s != "" {
			count[strings.ReplaceAll(s, " ", "")]++
		}
	}
	for _, s := range b {
		count[strings.ReplaceAll(s, " ", "")]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// python asks a lock for the very requirement where it records those, and else for the package: the digest of the whole list
// that it holds as well does not tell which entry it missed.
func (l *Lock) python(name, requirement string) bool {
	expression := `(?mi)(?:^name = |^\s*)"?` + strings.ReplaceAll(quoted(name), "-", "[-_.]") + `"?(?:\n|: \{)`
	if !regexp.MustCompile(expression).MatchString(l.text) {
		return false
	}
	if l.base != "uv.lock" {
		return false // it is there, but the digest is that of the old list
	}
	return strings.Contains(strings.ReplaceAll(l.text, " ", ""), `{name="`+name+`",specifier="`+requirement+`"`) || requirement == ""
}

// Knows says whether the lock names a dependency at all, whatever its version.
func (l *Lock) Knows(name string) bool {
	if l.base == "Pipfile.lock" || l.base == "poetry.lock" || l.base == "uv.lock" || l.base == "pdm.lock" || l.base == "requirements.txt" {
		return regexp.MustCompile(`(?i)(^|[^\w.-])` + strings.ReplaceAll(quoted(name), "-", "[-_.]") + `([^\w-]|$)`).MatchString(l.text)
	}
	if l.base == "packages.lock.json" {
		return strings.Contains(strings.ToLower(l.text), strings.ToLower(`"`+name+`"`))
	}
	return strings.Contains(l.text, name)
}

// spelt looks for the requirement in the words of yarn, bun and pnpm.
func (l *Lock) spelt(name, requirement string) bool {
	for _, form := range []string{`"` + name + `": "` + requirement + `"`, name + "@" + requirement, name + "@npm:" + requirement} {
		if strings.Contains(l.text, form) {
			return true
		}
	}
	if l.base != "pnpm-lock.yaml" {
		return false
	}
	// A lock of a workspace is too large to be read as a document: the requirement stands below the name.
	for _, key := range []string{name + ":", "'" + name + "':"} {
		for rest := l.text; ; {
			_, after, ok := strings.Cut(rest, " "+key+"\n")
			if !ok {
				break
			}
			line, _, _ := strings.Cut(after, "\n")
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "specifier: "); ok && strings.Trim(value, `"'`) == requirement {
				return true
			}
			rest = after
		}
	}
	return strings.Contains(l.text, "\n  "+name+": "+requirement+"\n") // specifiers of the older format
}
