package observability

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// signal is what a call leaves behind for whoever watches the service, as a set.
type signal uint8

// The signals. printed is text on the standard output, which counts for nothing where a logger exists; plainLog is
// a logger without fields (Go's log package).
const (
	logged signal = 1 << iota
	metered
	spanned
	reported
	printed
	plainLog
	correlated
)

// visible are the signals that let somebody notice; any one of them means that the code is not blind.
const visible = logged | metered | spanned | reported | plainLog

func (s signal) has(other signal) bool { return s&other != 0 }

//go:embed signals.yaml
var signalsYAML []byte

// callPattern recognises a call by its receiver's last identifier with its method, by its method alone, or as a plain
// function.
type callPattern struct {
	Receiver pattern `yaml:"receiver"`
	Method   pattern `yaml:"method"`
	Any      pattern `yaml:"any"`
	Function pattern `yaml:"function"`
	// Languages are plain functions or macros that count in one language only.
	Languages map[string]pattern `yaml:"languages"`
}

// plain says whether a plain function of this name counts.
func (p callPattern) plain(lang source.Language, name string) bool {
	return p.Function.match(name) || p.Languages[string(lang)].match(name)
}

// pattern is a regular expression in a YAML file; the zero one matches nothing.
type pattern struct{ *lazy.Regexp }

// UnmarshalYAML takes the expression; it is compiled when it is first used.
func (p *pattern) UnmarshalYAML(decode func(any) error) error {
	var text string
	if err := decode(&text); err != nil {
		return err
	}
	p.Regexp = lazy.New(text)
	return nil
}

func (p pattern) set() bool { return p.Regexp != nil }

func (p pattern) match(text string) bool { return p.Regexp != nil && p.MatchString(text) }

// vocabulary is signals.yaml.
type vocabulary struct {
	Log    callPattern `yaml:"log"`
	Print  callPattern `yaml:"print"`
	Metric callPattern `yaml:"metric"`
	Span   callPattern `yaml:"span"`
	Report callPattern `yaml:"report"`
	Names  struct {
		Log         pattern `yaml:"log"`
		Metric      pattern `yaml:"metric"`
		Span        pattern `yaml:"span"`
		Correlation pattern `yaml:"correlation"`
	} `yaml:"names"`
	Modules map[string]struct {
		Log    []string `yaml:"log"`
		Metric []string `yaml:"metric"`
		Span   []string `yaml:"span"`
		// Loggers are words whose presence says that there is a logger, where no import does.
		Loggers []string `yaml:"loggers"`
	} `yaml:"modules"`
	Auto map[string][]string `yaml:"auto"`
}

var words = sync.OnceValues(func() (*vocabulary, error) {
	v := &vocabulary{}
	if err := yaml.Unmarshal(signalsYAML, v); err != nil {
		return nil, fmt.Errorf("signals.yaml: %w", err)
	}
	return v, nil
})

// family folds the languages that share modules, frameworks and idioms.
func family(lang source.Language) string {
	if lang == source.TypeScript {
		return string(source.JavaScript)
	}
	return string(lang)
}

// classify says what a call leaves behind, by its names alone.
func (v *vocabulary) classify(file *source.File, call *source.Call) signal {
	name := call.Name
	if call.Receiver == "" {
		switch {
		case v.Print.plain(file.Lang, name) && file.Lang != source.Go:
			return printed
		case v.Report.Any.match(name) || v.Report.plain(file.Lang, name):
			return reported
		case v.Log.plain(file.Lang, name) && !call.Decorates: // #[error("...")] is the text of an error
			return logged
		case v.Span.Any.match(name) || v.Span.plain(file.Lang, name):
			return spanned
		case v.Metric.Any.match(name) || v.Metric.plain(file.Lang, name):
			return metered
		}
		return 0
	}
	receivers := identifiers(call.Receiver)
	last := ""
	if len(receivers) > 0 {
		last = receivers[len(receivers)-1]
	}
	switch {
	case v.Print.Any.match(name), v.Print.Receiver.match(last) && len(receivers) <= 2 && v.Print.Method.match(name) && (file.Lang != source.Go || last == "fmt"):
		return printed
	case file.Lang == source.Go && call.Receiver == "log" && strings.HasPrefix(name, "Print") && importsAs(file, "log", "log"):
		return plainLog
	case v.Report.Any.match(name), v.Report.Method.match(name) && anyMatch(v.Report.Receiver, receivers):
		return reported
	case v.Log.Method.match(name) && anyMatch(v.Log.Receiver, receivers):
		return logged
	case v.Span.Any.match(name), v.Span.Method.match(name) && v.Span.Receiver.match(last):
		return spanned
	case v.Metric.Any.match(name), v.Metric.Method.match(name) && anyMatch(v.Metric.Receiver, receivers):
		return metered
	}
	return 0
}

// named says what a name promises: the middleware, decorator or wrapper of a library.
func (v *vocabulary) named(name string) signal {
	var s signal
	for _, p := range []struct {
		re   pattern
		sign signal
	}{
		{v.Names.Log, logged}, {v.Names.Metric, metered}, {v.Names.Span, spanned}, {v.Names.Correlation, correlated},
	} {
		if p.re.match(name) {
			s |= p.sign
		}
	}
	return s
}

func anyMatch(p pattern, names []string) bool {
	for _, n := range names {
		if p.match(n) {
			return true
		}
	}
	return false
}

func importsAs(file *source.File, path, name string) bool {
	for _, i := range file.Imports {
		if i.Path == path && (i.Alias == "" || i.Alias == name) {
			return true
		}
	}
	return false
}

// identifiers are the names in an expression's text, in order, without what stands in quotes or in call arguments:
// `s.log.With("a", b).Sugar` gives s, log, With, Sugar.
func identifiers(text string) []string {
	var (
		list  []string
		start = -1
		depth int
		quote byte
	)
	flush := func(end int) {
		if start >= 0 {
			list = append(list, text[start:end])
			start = -1
		}
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			flush(i)
			quote = c
		case c == '(' || c == '[' || c == '{':
			flush(i)
			depth++
		case c == ')' || c == ']' || c == '}':
			flush(i)
			depth--
		case depth > 0:
		case c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80:
			if start < 0 {
				start = i
			}
		default:
			flush(i)
		}
	}
	flush(len(text))
	return list
}
