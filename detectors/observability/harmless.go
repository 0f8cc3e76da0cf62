package observability

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

//go:embed harmless.yaml
var harmlessYAML []byte

// tolerance is harmless.yaml: what may fail unseen, and what must not.
type tolerance struct {
	Broad    pattern `yaml:"broad"`
	Families pattern `yaml:"families"`
	Harmless pattern `yaml:"harmless"`
	Tidy     pattern `yaml:"tidy"`
	Asks     pattern `yaml:"asks"`
	Besides  pattern `yaml:"besides"`
	Lenient  pattern `yaml:"lenient"`
	Effect   pattern `yaml:"effect"`
	Remote   pattern `yaml:"remote"`
	Keeps    pattern `yaml:"keeps"`
	Outbound pattern `yaml:"outbound"`
	Reasons  pattern `yaml:"reasons"`
	// Clients are modules that talk to other services, by language.
	Clients map[string][]string `yaml:"clients"`
}

var tolerances = sync.OnceValues(func() (*tolerance, error) {
	t := &tolerance{}
	if err := yaml.Unmarshal(harmlessYAML, t); err != nil {
		return nil, fmt.Errorf("harmless.yaml: %w", err)
	}
	return t, nil
})

// broadly says whether a handler receives every error: it names no type, or one that covers all.
func (t *tolerance) broadly(c *source.Catch) bool {
	if len(c.Types) == 0 {
		return true
	}
	for _, name := range c.Types {
		if t.Broad.match(strings.TrimSpace(name)) {
			return true
		}
	}
	return false
}

// works is the call inside the guarded code whose loss would matter, nil when there is none: it changes something or talks
// to somebody, and is neither tidying up nor asking a question.
func (t *tolerance) works(f *source.File, try source.Span) *source.Call {
	for _, c := range within(f, try) {
		if t.spares(c) {
			continue
		}
		ids := identifiers(c.Receiver)
		last := ""
		if len(ids) > 0 {
			last = ids[len(ids)-1]
		}
		if last == "params" && strings.HasSuffix(c.Receiver, ")") {
			last = "" // a link of a chain: sql(...).params(...).update()
		}
		if c.Awaited || t.Effect.match(c.Name) && !builtInReceiver(last) && !accessor(f, c) || t.Remote.match(last) || t.Outbound.match(c.Full()) {
			return c
		}
	}
	return nil
}

// accessor says whether a call has a getter's or a setter's name in a language where those are everyday.
func accessor(f *source.File, c *source.Call) bool {
	switch f.Lang {
	case source.Java, source.Kotlin, source.CSharp, source.PHP, source.Rust:
		return accessorName.MatchString(c.Name)
	default:
		return false
	}
}

var accessorName = lazy.New(`(?i)^_*(?:get|set|add|list|read|load|mark|remove|append|record|process|handle|apply|run|register|move|copy|merge|execute|exec|invoke|import|sign|issue)(?:_|[A-Z]|$)`)

// spares says whether a call's failure harms nobody by its names alone.
func (t *tolerance) spares(c *source.Call) bool {
	tidy := t.Tidy.match(c.Name) && (c.Name != "write" || !t.Remote.match(lastIdentifier(c.Receiver))) // a store's write is no stream's
	return t.Harmless.match(c.Full()) || tidy || t.Asks.match(c.Name) || c.New ||
		anyMatch(t.Besides, identifiers(c.Receiver)) || t.Besides.match(c.Name)
}

// builtInReceiver says whether a method of this receiver is the language's own: `os.path.join`, `Object.assign`.
func builtInReceiver(last string) bool {
	switch last {
	case "os", "sys", "Object", "Array", "Math", "Reflect", "Promise", "string", "strings", "bytes", "sort", "dict", "list", "set", "args", "params", "map", "Map", "Set":
		return true
	}
	return false
}

// offline are folders whose code does not serve anybody: tools, scripts, builds, benchmarks.
var offline = map[string]bool{
	"scripts": true, "script": true, "tools": true, "tool": true, "hack": true, "bench": true, "benchmark": true, "benchmarks": true, "build": true,
	".storybook": true, "devtools": true, "ci": true, ".github": true, "playground": true, "evals": true, "evaluation": true, "notebooks": true, "dev": true,
}

var buildFile = lazy.New(`(?:^|/)(?:[\w.-]+\.config\.[cm]?[jt]s|setup\.py|gulpfile\.js|Gruntfile\.js|noxfile\.py|webpack[\w.]*\.js)$|^(?:tasks|conf|docs/conf)\.py$`)

func isOffline(p string) bool {
	dir := path.Dir(p)
	if i := strings.Index("/"+dir+"/", "/src/main/"); i >= 0 {
		dir = dir[:i] // below are packages: dev.shop.build
	}
	for part := range strings.SplitSeq(dir, "/") {
		if offline[part] {
			return true
		}
	}
	return buildFile.MatchString(p)
}

// families says whether a handler receives every error of a library that talks to other services.
func (t *tolerance) families(c *source.Catch) bool {
	return slices.ContainsFunc(c.Types, func(name string) bool { return t.Families.match(strings.TrimLeft(strings.TrimSpace(name), `\:`)) })
}

// excused says whether a comment in the handler, on its lines or right above it tells why the error may be lost. Around a
// handler, consumer or job it has to give a reason; elsewhere two words will do.
func (t *tolerance) excused(f *source.File, c *source.Catch, around *trigger) bool {
	reason := func(text string) bool {
		text = strings.ToLower(strings.Trim(text, " \t#/*"))
		for _, tool := range []string{"eslint", "nolint", "noqa", "type:", "pylint", "todo", "fixme", "biome-ignore", "@ts-", "pragma", "nosec", "rubocop", "noinspection", "phpcs", "@phpstan", "noqa", "resharper", "suppress"} {
			if strings.HasPrefix(text, tool) {
				_, why, found := strings.Cut(text, "--")
				if !found {
					_, why, found = strings.Cut(text, "//")
				}
				return found && len(strings.Fields(why)) >= 2
			}
		}
		n := len(strings.Fields(text))
		return n >= 2 && (around == nil || n >= longRemark || t.Reasons.match(text))
	}
	if reason(c.Comment) {
		return true
	}
	for _, m := range f.Comments {
		onIt := m.Span.Line >= c.Span.Line && m.Span.EndLine <= max(c.Span.EndLine, c.Body.EndLine)
		above := m.Span.EndLine == c.Span.Line-1 || c.Kind != "catch" && m.Span.EndLine == c.Try.Line-1
		if (onIt || above) && reason(m.Text) {
			return true
		}
	}
	return false
}

// longRemark is the number of words from which a remark is taken for a reason.
const longRemark = 12
