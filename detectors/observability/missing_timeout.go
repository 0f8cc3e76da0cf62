package observability

import (
	_ "embed"
	"fmt"
	"slices"
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

// outbound is one entry of timeouts.yaml.
type outbound struct {
	Languages  []source.Language `yaml:"languages"`
	Modules    []string          `yaml:"modules"`
	Call       pattern           `yaml:"call"`
	Receiver   pattern           `yaml:"receiver"`
	Type       pattern           `yaml:"type"`
	Bounded    pattern           `yaml:"bounded"`
	Around     pattern           `yaml:"around"`
	Explicit   pattern           `yaml:"explicit"`
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

// waits finds the outbound calls and clients of one file.
func waits(rules []*outbound, f *source.File) []wait {
	var list []wait
	for _, r := range rules {
		if !slices.Contains(r.Languages, f.Lang) || !names(f, r.Modules) {
			continue
		}
		if r.Type.set() {
			for _, o := range f.Objects {
				if r.Type.match(o.Type) {
					list = append(list, wait{r, strings.TrimLeft(o.Type, "*&"), o.Span, o.In, r.ends(f, o.Span, o.In)})
				}
			}
			continue
		}
		for _, c := range f.Calls {
			if !r.Call.match(c.Name) || r.Receiver.set() && !r.Receiver.match(c.Receiver) || r.Empty && len(c.Args) > 0 ||
				r.Constructs && !c.New && f.Lang != source.Kotlin {
				continue
			}
			if !talks(f, c) {
				continue
			}
			list = append(list, wait{r, c.Full(), c.Span, c.In, r.ends(f, c.Span, c.In)})
		}
	}
	return list
}

// names says whether a file imports or names one of the modules; none means yes.
func names(f *source.File, modules []string) bool {
	if len(modules) == 0 || importsAny(f, modules) {
		return true
	}
	switch f.Lang {
	case source.PHP, source.Ruby, source.Rust, source.Kotlin:
		for _, m := range modules {
			if strings.Contains(string(f.Text), m) {
				return true
			}
		}
	default:
	}
	return false
}

// talks says whether a call that goes by a wide name really leaves the process.
func talks(f *source.File, c *source.Call) bool {
	switch f.Lang {
	case source.TypeScript, source.JavaScript:
		if browser(f) || onDevice.MatchString(f.Path) || c.Receiver == "" && c.Name != "fetch" && c.Name != "axios" && c.Name != "got" {
			return false
		}
		// A relative address is the page's own server; options in a variable may hold anything.
		if len(c.Args) > 0 && strings.HasPrefix(strings.Trim(c.Args[0].Text, "\"'`"), "/") {
			return false
		}
		if len(c.Args) == 1 && c.Name == "fetch" {
			first := c.Args[0]
			return first.IsString || strings.HasPrefix(first.Text, "`") || !strings.Contains(strings.ToLower(first.Text), "req")
		}
		for _, a := range c.Args[min(1, len(c.Args)):] {
			if !strings.HasPrefix(a.Text, "{") && c.Name == "fetch" {
				return false
			}
		}
		if c.Receiver == "axios" && c.Name != "create" && len(c.Args) > 0 {
			last := c.Args[len(c.Args)-1].Text
			return len(c.Args) == 1 || strings.HasPrefix(last, "{")
		}
	case source.Python:
		for _, d := range f.Decls { // a module of the repository may be called requests
			if d.Name == c.Receiver && d.Kind == source.Class {
				return false
			}
		}
	default:
	}
	return true
}

// ends says whether something gives the call an end: in it, in the chain around it, or in the code around it.
func (r *outbound) ends(f *source.File, span source.Span, in *source.Decl) bool {
	text := string(f.Text[span.Start:span.End])
	if r.Explicit.set() {
		return !r.Explicit.match(text)
	}
	if r.Bounded.match(text) {
		return true
	}
	for _, c := range f.Calls { // .build() at the chain's end, requests.get(...) inside wait_for(...)
		if c.Span.Start <= span.Start && c.Span.End > span.End && c.Span.End-c.Span.Start < 4000 {
			if outer := string(f.Text[c.Span.Start:span.Start]) + string(f.Text[span.End:c.Span.End]); r.Bounded.match(outer) && c.Span.Start == span.Start || boundsAround.MatchString(c.Name) {
				return true
			}
		}
	}
	if !r.Around.set() {
		return false
	}
	around := f.Text
	if in != nil && in.Span.End > in.Span.Start {
		around = f.Text[in.Span.Start:in.Span.End]
	}
	return r.Around.Match(around)
}

// boundsAround are functions that give what they are passed an end.
var boundsAround = lazy.New(`(?i)^(?:with_?)?timeout$|^wait_for$|^(?:with|p|race)_?Timeout$|^timeout_at$|^withTimeoutOrNull$`)
