package environment

// Where the repository gives a variable a value, and how.

import (
	"context"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
)

// giving is how strongly a line gives a variable.
type giving int

const (
	// named: the line holds the name and gives nothing (documents, lists of names, uses).
	named giving = iota
	// passed: the variable is handed on from outside of the file, by its own name.
	passed
	// given: it has a value here, or its value comes from a store.
	given
)

// evidence is one line of a file that is not code and names a variable.
type evidence struct {
	path        string
	line        int
	kind        fileKind
	giving      giving
	environment Environment
	family      string
	// unit and variable are what a loader made of it; nil for a line that only its look tells of.
	unit     *effective.Unit
	variable effective.Variable
}

// ledger answers, for the head of a branch, which files name a variable.
type ledger struct {
	pass   *detectors.Pass
	layout *layout
	lines  map[string][]string
	// repository is what the references of a file need to know of the others, set once the code was read.
	repository  *references.Repository
	definitions definitions
	// scripts says of the shell scripts that were asked for whether something runs them; keys are the places of keys.
	scripts map[string]bool
	// infrastructure says of the code files that were asked for whether they describe infrastructure.
	infrastructure map[string]bool
	keys           map[string][]evidence
}

func newLedger(pass *detectors.Pass) (*ledger, error) {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	return &ledger{pass: pass, layout: readLayout(paths, pass.Settings.Environments), lines: map[string][]string{}}, nil
}

// maxConfig is the size in bytes past which a configuration file is not read.
const maxConfig = 1 << 20

// text is a file's lines at the head, nil when it cannot be read or is too large.
func (l *ledger) text(p string) []string {
	if lines, ok := l.lines[p]; ok {
		return lines
	}
	var lines []string
	if data, err := l.pass.Branch.ReadHead(p); err == nil && len(data) <= maxConfig {
		lines = strings.Split(string(data), "\n")
	}
	l.lines[p] = lines
	return lines
}

// find gives the evidence for each name, by name; code files are given apart, as paths.
func (l *ledger) find(ctx context.Context, names []string) (found map[string][]evidence, code map[string][]string, err error) {
	found, code = map[string][]evidence{}, map[string][]string{}
	if len(names) == 0 {
		return found, code, nil
	}
	naming, err := l.pass.Source.Naming(ctx, names...)
	if err != nil {
		return nil, nil, err
	}
	head := l.head()
	for _, name := range names {
		found[name] = head.unitEvidence(name)
		for _, p := range naming[name] {
			kind := fileKindOf(p)
			switch {
			case kind == codeFile:
				if list := l.provisioned(p, name); len(list) > 0 {
					found[name] = append(found[name], list...)
					continue
				}
				code[name] = append(code[name], p)
			case kind == otherFile, at(found[name], p):
			case references.Placeholders(p):
				// A framework's file that takes a variable asks for it, as code does.
				code[name] = append(code[name], p)
			case references.Script(p):
				// A script that only uses a name asks for it, as code does.
				if list := l.evidenceIn(p, kind, name); len(list) > 0 && list[0].giving != named {
					found[name] = append(found[name], list...)
				} else {
					code[name] = append(code[name], p)
				}
			case kind == configFile && head.files[p]:
				// A file that was understood and gives the name to no unit: declared, for whatever reads it.
				for _, e := range l.evidenceIn(p, kind, name) {
					e.family, e.giving = "", min(e.giving, passed)
					found[name] = append(found[name], e)
				}
			default:
				found[name] = append(found[name], l.evidenceIn(p, kind, name)...)
			}
		}
	}
	return found, code, nil
}

// evidenceIn finds the lines of one file that name the variable, the strongest for each environment in it.
func (l *ledger) evidenceIn(p string, kind fileKind, name string) []evidence {
	e := evidence{path: p, kind: kind}
	if m, ok := l.layout.members[p]; ok {
		e.environment, e.family = m.environment, m.family
	}
	found := false
	for i, line := range l.text(p) {
		if !strings.Contains(line, name) || !wordIn(line, name) {
			continue
		}
		g := givingOf(line, name, l.following(p, i))
		if kind == ciFile && g == given && stored.MatchString(line) {
			e.family = "store"
		}
		if !found || g > e.giving {
			found, e.line, e.giving = true, i+1, g
		}
	}
	if !found {
		return nil
	}
	return []evidence{e}
}

// following are the few lines behind one, for values that stand below their name.
func (l *ledger) following(p string, i int) string {
	lines := l.text(p)
	return strings.Join(lines[min(i+1, len(lines)):min(i+4, len(lines))], "\n")
}

func wordIn(line, name string) bool {
	for i := 0; ; {
		j := strings.Index(line[i:], name)
		if j < 0 {
			return false
		}
		j += i
		before := j == 0 || !identByte(line[j-1])
		end := j + len(name)
		if before && (end == len(line) || !identByte(line[end])) {
			return true
		}
		i = j + 1
	}
}

func identByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// stored is a value that a workflow takes from the platform's own store.
var stored = lazy.New(`\$\{\{\s*(secrets|vars|inputs|env|steps|needs)\.|\$\(\w+\)|\$\w+|--set-env|--build-arg|\s-e\s`)

var (
	comment    = lazy.New(`^\s*(#|//|;|\{\{/\*)`)
	optionalIn = lazy.New(`:-|-[^}]|:\+|\|\s*default|default\(`)
)

// givingOf judges one line: KEY=value, KEY: value, - name: KEY, { name = "KEY", ENV KEY, export KEY=...
func givingOf(line, name, next string) giving {
	if comment.MatchString(line) {
		return named
	}
	at := strings.Index(line, name)
	before, after := line[:at], line[at+len(name):]
	trimmed := strings.TrimSpace(strings.TrimRight(strings.TrimSpace(before), `"'`))
	after = strings.TrimLeft(after, `"' `)
	use := strings.HasSuffix(trimmed, "${") || strings.HasSuffix(trimmed, "$") || strings.HasSuffix(trimmed, "$(")
	switch {
	case use && strings.HasPrefix(trimmed, "- "), use:
		return named
	case strings.HasSuffix(trimmed, "secrets.") || strings.HasSuffix(trimmed, "vars.") || strings.HasSuffix(trimmed, "env."):
		return named
	case strings.HasSuffix(trimmed, "name:") || strings.HasSuffix(trimmed, "name =") || strings.HasSuffix(trimmed, "name=") ||
		strings.HasSuffix(trimmed, `name":`) || strings.HasSuffix(trimmed, "key:") || strings.HasSuffix(trimmed, "secretKey:") || strings.HasSuffix(trimmed, "Name:"):
		if passesItself(after+"\n"+next, name) {
			return passed
		}
		return given
	case strings.HasPrefix(after, "=") || strings.HasPrefix(after, ":"):
		value := strings.TrimSpace(after[1:])
		if passesItself(value, name) {
			return passed
		}
		return given
	case strings.HasSuffix(trimmed, "ENV") || strings.HasSuffix(trimmed, "export"):
		return given
	case strings.HasSuffix(trimmed, "ARG"):
		return passed
	case strings.HasSuffix(trimmed, "-") && strings.TrimSpace(after) == "":
		return passed // a list of names: Compose passes it from its own environment, a chart reads it from a secret
	case strings.HasSuffix(trimmed, "[") || strings.HasSuffix(trimmed, ","):
		return given
	}
	return named
}

// passesItself says that the value is only the variable of the same name from outside, without a default. A secret
// store's reference is a value elsewhere.
func passesItself(value, name string) bool {
	value = strings.TrimSpace(strings.SplitN(value, "\n", 2)[0])
	inner, ok := strings.CutPrefix(strings.Trim(value, `"' ,`), "${")
	if !ok {
		return strings.Trim(value, `"' ,`) == "$"+name
	}
	inner, closed := strings.CutSuffix(inner, "}")
	return closed && (inner == name || strings.HasPrefix(inner, name+":?") || strings.HasPrefix(inner, name+"?")) && !optionalIn.MatchString(inner)
}

// covers are the environments in which any evidence gives the name, and whether one holds for all of them.
func covers(list []evidence) (envs map[Environment]bool, everywhere bool) {
	envs = map[Environment]bool{}
	for _, e := range list {
		switch e.kind {
		case ciFile:
			everywhere = everywhere || e.giving == given && e.environment == Everywhere && e.family == "store"
		case configFile:
			if e.giving == named {
				continue
			}
			if e.environment != Everywhere {
				envs[e.environment] = true
			} else if e.giving == given {
				everywhere = true
			}
		default:
		}
	}
	return envs, everywhere
}

// declared says whether anything but code and documents gives or hands on the name, samples included.
func declared(list []evidence) bool {
	return slices.ContainsFunc(list, func(e evidence) bool {
		return e.kind == sampleFile || (e.kind == configFile || e.kind == ciFile)
	})
}

// documented says whether a document names it.
func documented(list []evidence) bool {
	return slices.ContainsFunc(list, func(e evidence) bool { return e.kind == docFile })
}
