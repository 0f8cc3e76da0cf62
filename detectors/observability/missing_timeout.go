package observability

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// MissingTimeout reports outbound calls and clients that the branch adds and that may wait for ever, where the code beside
// them has time-outs, and time-outs that it takes away.
//
//	private final RestTemplate http = new RestTemplate();   // the other clients come from a builder with limits
var MissingTimeout = &detectors.Detector{
	ID:    "observability/missing-timeout",
	Title: "A new outbound call waits for ever",
	Run:   runMissingTimeout,
}

//go:embed timeouts.yaml
var timeoutsYAML []byte

//go:embed timeouts_siblings.yaml
var timeoutSiblingsYAML []byte

// outbound is one entry of timeouts.yaml, which explains the keys.
type outbound struct {
	Languages  []source.Language `yaml:"languages"`
	Modules    []string          `yaml:"modules"`
	Call       pattern           `yaml:"call"`
	Receiver   pattern           `yaml:"receiver"`
	Type       pattern           `yaml:"type"`
	Bounded    pattern           `yaml:"bounded"`
	Around     pattern           `yaml:"around"`
	File       pattern           `yaml:"file"`
	Explicit   pattern           `yaml:"explicit"`
	Made       pattern           `yaml:"made"`
	Typed      pattern           `yaml:"typed"`
	Given      pattern           `yaml:"given"`
	Text       pattern           `yaml:"text"`
	Folder     *folderRule       `yaml:"folder"`
	Constructs bool              `yaml:"constructs"`
	Empty      bool              `yaml:"empty"`
	Default    string            `yaml:"default"`
	Only       string            `yaml:"only"`
	Thing      string            `yaml:"thing"`
}

// boundedCode is one entry of timeouts_siblings.yaml.
type boundedCode struct {
	Words []string `yaml:"words"`
	Sets  pattern  `yaml:"sets"`
	Talks pattern  `yaml:"talks"`
}

// folderRule is what bounds a client from another file of its folder or one above.
type folderRule struct {
	Word string  `yaml:"word"`
	Sets pattern `yaml:"sets"`
}

var outbounds = sync.OnceValues(func() (list []*outbound, err error) {
	if err := yaml.Unmarshal(timeoutsYAML, &list); err != nil {
		return nil, fmt.Errorf("timeouts.yaml: %w", err)
	}
	return list, nil
})

var boundedCodes = sync.OnceValues(func() (byLanguage map[string]*boundedCode, err error) {
	if err := yaml.Unmarshal(timeoutSiblingsYAML, &byLanguage); err != nil {
		return nil, fmt.Errorf("timeouts_siblings.yaml: %w", err)
	}
	return byLanguage, nil
})

// wait is an outbound call or client of a file; bounded says that it has an end.
type wait struct {
	rule    *outbound
	name    string
	span    source.Span
	in      *source.Decl
	bounded bool
}

// key tells calls of one function and kind apart from others.
func (w wait) key() string {
	if w.in == nil {
		return w.name
	}
	return w.name + " in " + w.in.Name
}

func runMissingTimeout(pass *detectors.Pass) error {
	rules, err := outbounds()
	if err != nil {
		return err
	}
	if err := shellWaits(pass); err != nil {
		return err
	}
	gone := linesRemoved(pass)
	return overSides(pass, func(l *lookup, s side) error {
		if commandLine(s.head) {
			return nil
		}
		l.switchedOff(s)
		was := map[string]wait{}
		if s.base != nil {
			for _, w := range waits(rules, s.base) {
				if before, ok := was[w.key()]; !ok || !before.bounded {
					was[w.key()] = w
				}
			}
		}
		told := map[string]bool{}
		for _, w := range waits(rules, s.head) {
			before, existed := was[w.key()]
			if w.bounded || existed && !before.bounded || !s.change.TouchedRange(w.span.Line, w.span.EndLine) && !existed || told[w.key()] ||
				gone[folded(lineOf(s.head, w.span.Line))] && !existed {
				continue
			}
			if l.boundedByFolder(w.rule, s.change.Path) {
				continue
			}
			told[w.key()] = true
			if err := l.unbounded(s, w, existed); err != nil {
				return err
			}
		}
		return nil
	})
}

// lineOf is the text of a line.
func lineOf(f *source.File, line int) string {
	for text := range strings.Lines(string(f.Text)) {
		if line--; line == 0 {
			return text
		}
	}
	return ""
}

var (
	commandModules = []string{"github.com/spf13/cobra", "github.com/urfave/cli", "github.com/alecthomas/kong", "argparse", "click", "typer", "commander", "yargs", "inquirer", "clap", "picocli", "thor", "optparse"}
	commandPath    = lazy.New(`(?i)(?:^|/)(?:cli|bin|management/commands|lib/tasks|migrations?|seeds?|seeders?|fixtures|console|installer|devtools|cmd/[\w-]*(?:ctl|cli)|loadtest|load-?gen(?:erator)?|e2e|docker|healthchecks?)(?:/|$)`)
	onDevice       = lazy.New(`(?i)(?:^|/)(?:[\w-]*react-native[\w-]*|mobile|ios|android|expo|desktop|electron)(?:/|$)`)
)

// commandLine says whether a file is a program that a person starts and can stop.
func commandLine(f *source.File) bool {
	return importsAny(f, commandModules) || commandPath.MatchString(f.Path)
}
