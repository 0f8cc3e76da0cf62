package scripts

// When a script runs again: what in the repository starts it, or what its place says.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// again says how sure it is that a script runs more than once.
type again int

const (
	// runsOnce: an image's build, a first installation.
	runsOnce again = iota
	// mayRun: people or jobs start it, any number of times.
	mayRun
	// runsAgain: something starts it again and again.
	runsAgain
)

// occasion is when a script runs.
type occasion struct {
	how again
	// why is for people, empty where only the place says so: "at each boot".
	why     string
	related []detectors.Related
}

var (
	packagePath  = lazy.New(`(?i)(^|/)debian/[\w.-]*\.?(postinst|preinst|postrm|prerm)$|(^|[/._-])(post|pre)[-_]?(inst(all)?|rm|remove|uninstall|upgrade|un)(\.sh)?$|\.(post|pre)-(install|upgrade|deinstall)$`)
	buildPath    = lazy.New(`(?i)(^|[/._-])(image-build|build-image|packer|kickstart|preseed|debootstrap|devcontainer|cloud-?init|user-?data|dockerfile|vagrant)([/._-]|$)`)
	repeatedActs = lazy.New(`^(configure|purge|remove|upgrade|start|restart|reload|deploy|release|up|apply|update|sync|run|0|1)$`)
)

// starters are the files that start a script, by their path, and when.
var starters = []struct {
	path *lazy.Regexp
	// line has to match the line that names the script, nil for any.
	line *lazy.Regexp
	why  string
	how  again
}{
	{lazy.New(`\.service(\.j2|\.in|\.tmpl)?$`), lazy.New(`^\s*Exec(Start|StartPre|StartPost|Reload|Stop|StopPost)\s*=`), "each start of the unit runs it", runsAgain},
	{lazy.New(`(?i)(^|/)(cron(tab|\.d|tabs)?)(/|$|\.)|\.cron$|crontab`), nil, "cron runs it", runsAgain},
	{lazy.New(`(?i)(^|/)(docker)?file[\w.-]*$|(^|/)dockerfile|\.dockerfile$|containerfile`), lazy.New(`(?i)^\s*(cmd|entrypoint)\b`), "each start of the container runs it", runsAgain},
	{lazy.New(`(?i)(^|/)dockerfile|\.dockerfile$|containerfile`), lazy.New(`(?i)^\s*run\b`), "", runsOnce},
	{lazy.New(`(?i)(^|/)(docker-)?compose[\w.-]*\.ya?ml$`), lazy.New(`(?i)(command|entrypoint)\s*:|^\s*-\s`), "each start of the container runs it", runsAgain},
	{lazy.New(`(?i)(^|/)\.github/workflows/[^/]*(deploy|release|publish|cd|nightly|cron|schedul)[^/]*$|(^|/)\.gitlab-ci\.yml$`), lazy.New(`\S`), "", mayRun},
	{lazy.New(`(?i)(^|/)procfile$`), nil, "each release runs it", runsAgain},
	{lazy.New(`(?i)\.pkr\.hcl$|packer`), nil, "", runsOnce},
}

// installs are lines that put a script into place under another name.
var installs = lazy.New(`(?i)^\s*(RUN\s+|sudo\s+)?(install|cp|ln|COPY|ADD)\s`)

// maxNaming bounds the files that are read for who starts a script.
const maxNaming = 12

// occasionOf says when a shell script of the repository runs.
func (c *changes) occasionOf(p string) occasion {
	if packagePath.MatchString(p) {
		return occasion{how: runsAgain, why: "each upgrade of the package runs it"}
	}
	found := c.startedBy(p, path.Base(p), 0)
	switch {
	case found.how == runsAgain, found.why != "":
		return found
	case buildPath.MatchString(p):
		return occasion{}
	case programPath.MatchString(p), scriptPath(p), c.entrypoint(p), provisionDir.MatchString(p):
		return occasion{how: mayRun}
	}
	return found
}

var entrypointName = lazy.New(`(?i)(^|[/_.-])(entrypoint|on-?boot|rc\.local|start(up)?|boot|run|provision|bootstrap|configure)([_.-][\w.-]*)?$`)

// provisionDir holds what sets up machines, and is run again when a machine is set up once more.
var provisionDir = lazy.New(`(?i)(^|/)(provision(ing|er)?|bootstrap|setup|infra(structure)?|servers?|hosts?|machines?|nodes?|deploy(ment)?|ops|cloud|system|config)/`)

// entrypoint says whether a script's name is that of something which runs at each start.
func (c *changes) entrypoint(p string) bool { return entrypointName.MatchString(p) }

// startedBy looks for the files that name a script, and at the line that does.
func (c *changes) startedBy(p, name string, depth int) occasion {
	if len(name) < 4 || c.pass.Source == nil {
		return occasion{}
	}
	naming, err := c.pass.Source.Naming(c.pass.Context, name)
	if err != nil {
		return occasion{}
	}
	best := occasion{}
	files := slices.DeleteFunc(slices.Clone(naming[name]), func(other string) bool { return other == p || testish.MatchString(other) })
	for _, other := range files[:min(maxNaming, len(files))] {
		text := string(c.readHead(other))
		if len(text) > maxStarter {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if !holdsWord(line, name) || commentLine.MatchString(line) {
				continue
			}
			if o := startedHere(other, line); o.how > best.how {
				o.related = []detectors.Related{{Path: other, Line: i + 1, Message: "starts it"}}
				best = o
			}
			if installs.MatchString(line) && depth == 0 {
				fields := strings.Fields(line)
				if alias := path.Base(fields[len(fields)-1]); alias != name && alias != "." && !strings.HasSuffix(fields[len(fields)-1], "/") {
					if o := c.startedBy(other, alias, 1); o.how > best.how {
						best = o
					}
				}
			}
		}
	}
	return best
}

func startedHere(p, line string) occasion {
	for _, s := range starters {
		if s.path.MatchString(p) && (s.line == nil || s.line.MatchString(line)) {
			return occasion{how: s.how, why: s.why}
		}
	}
	return occasion{}
}

// holdsWord says whether a line names a file: the name with no letter, digit or dash beside it.
func holdsWord(line, name string) bool {
	for from := 0; ; {
		i := strings.Index(line[from:], name)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(name)
		if (start == 0 || !wordish(line[start-1])) && (end == len(line) || !wordish(line[end])) {
			return true
		}
		from = end
	}
}

func wordish(b byte) bool {
	return b == '_' || b == '-' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
