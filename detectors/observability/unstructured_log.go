package observability

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// UnstructuredLog reports lines that code of a service prints where it has a logger, and log lines without the fields or the
// request's context that the lines beside them have.
//
//	println!("no pairing for {dish}");            // the other routes call tracing::warn!(dish, "no pairing")
//	slog.Info("placed", "order", id)              // the other handlers call slog.InfoContext(ctx, ...)
var UnstructuredLog = &detectors.Detector{
	ID:    "observability/unstructured-log",
	Title: "A line is printed, or logged without the fields or the context of its siblings",
	Run:   runUnstructuredLog,
}

//go:embed unstructured.yaml
var unstructuredYAML []byte

// logStyle is unstructured.yaml, which explains the keys.
type logStyle struct {
	Logs       map[string][]string `yaml:"logs"`
	Prints     map[string][]string `yaml:"prints"`
	Printing   map[string]pattern  `yaml:"printing"`
	Shows      pattern             `yaml:"shows"`
	Starts     pattern             `yaml:"starts"`
	Greets     pattern             `yaml:"greets"`
	Correlates map[string]pattern  `yaml:"correlates"`
}

var logStyles = sync.OnceValues(func() (*logStyle, error) {
	s := &logStyle{}
	if err := yaml.Unmarshal(unstructuredYAML, s); err != nil {
		return nil, fmt.Errorf("unstructured.yaml: %w", err)
	}
	return s, nil
})

func runUnstructuredLog(pass *detectors.Pass) error {
	style, err := logStyles()
	if err != nil {
		return err
	}
	var gone map[string]bool
	return overSides(pass, func(l *lookup, s side) error {
		if commandLine(s.head) || browser(s.head) {
			return nil
		}
		if gone == nil {
			gone = linesRemoved(pass)
		}
		r := &lineReader{lookup: l, style: style, file: s.head, triggers: l.triggersIn(s.head)}
		fresh := func(c *source.Call) bool {
			return s.new(c.Span.Line) && !gone[folded(lineOf(s.head, c.Span.Line))]
		}
		for _, report := range []func(side, func(*source.Call) bool) (detectors.Finding, bool){r.printed, r.composed, r.uncorrelated} {
			if f, ok := report(s, fresh); ok {
				pass.Report(f)
			}
		}
		return nil
	})
}

// lineReader judges the lines that one file logs or prints.
type lineReader struct {
	*lookup
	style    *logStyle
	file     *source.File
	triggers []*trigger
}

// trigger is the handler, consumer or job around a place, nil for none.
func (r *lineReader) trigger(span source.Span) *trigger {
	for _, t := range r.triggers {
		if t.file == r.file && t.span.Start <= span.Start && t.span.End >= span.End {
			return t
		}
	}
	return nil
}

// prints says whether a call of a file prints where a log line is meant: inside a function that serves somebody.
func (s *logStyle) prints(f *source.File, c *source.Call) bool {
	if !s.Printing[string(f.Lang)].match(c.Full()) && !s.Printing[family(f.Lang)].match(c.Full()) || c.In != nil && s.Shows.match(c.In.Name) {
		return false
	}
	for _, a := range c.Args {
		switch {
		case s.Greets.match(a.Text):
			return false
		case a.Keyword == "file" && !strings.Contains(a.Text, "std"), c.Name == "print_r" && a.Text == "true":
			return false
		}
	}
	return true
}

// printed reports the lines of a file that are printed although the service logs.
func (r *lineReader) printed(s side, fresh func(*source.Call) bool) (detectors.Finding, bool) {
	if r.style.Starts.match(s.head.Path) && len(r.triggers) == 0 {
		return detectors.Finding{}, false
	}
	var first *source.Call
	var in *trigger
	count := 0
	for _, c := range s.head.Calls {
		plain := r.words.classify(s.head, c).has(plainLog) && r.plainLogIsOdd(s.head)
		t := r.trigger(c.Span)
		if !r.style.prints(s.head, c) && !plain || !fresh(c) || t == nil && (c.In == nil || c.In.Kind == source.Class) || s.base != nil && printedBefore(s.base, c) {
			continue
		}
		if count++; first == nil || in == nil && t != nil {
			first, in = c, t
		}
	}
	if first == nil {
		return detectors.Finding{}, false
	}
	logs, example := r.logging(s)
	prints := r.printing(s, logs)
	if logs == 0 || in == nil && logs < 2 && !r.logsItself(s) || in == nil && prints*3 > logs || prints > logs {
		return detectors.Finding{}, false
	}
	where := "code in " + s.head.Path
	if in != nil {
		where = in.subject()
	} else if first.In != nil {
		where = first.In.Name
	}
	name := first.Full()
	f := detectors.Finding{
		Severity: detectors.Warning, Path: s.head.Path, Line: first.Span.Line, EndLine: first.Span.EndLine, Symbol: name,
		Message:  fmt.Sprintf("%s prints (%s) instead of using the logger that the service has", where, clip(name)),
		Why:      "A printed line has no level, no fields and no request id: no alert and no search finds it when this fails.",
		Fix:      fmt.Sprintf("Log through the service's logger, as %s does, with the id of what is handled and the error as a field.", example),
		Evidence: []string{where, name},
	}
	if count > 1 {
		f.Message = fmt.Sprintf("%s prints %d lines (%s) instead of using the logger that the service has", where, count, clip(name))
	}
	return f, true
}

// logsItself says whether the file had a logger of its own before the branch.
func (r *lineReader) logsItself(s side) bool {
	return s.base != nil && slices.ContainsFunc(s.base.Calls, func(c *source.Call) bool { return r.words.classify(s.base, c).has(logged) && c.In != nil })
}

// printedBefore says whether the base printed in the function of that name already.
func printedBefore(base *source.File, c *source.Call) bool {
	if c.In == nil {
		return false
	}
	for _, b := range base.Calls {
		if b.In != nil && b.In.Name == c.In.Name && b.Full() == c.Full() {
			return true
		}
	}
	return false
}

// maxStyled bounds the files that are parsed to learn how the service logs.
const maxStyled = 30

// logging counts the files of the service that log, and gives one.
func (r *lineReader) logging(s side) (count int, example string) {
	seen := map[string]bool{}
	for _, w := range r.style.Logs[family(s.head.Lang)] {
		for _, p := range r.naming(w) {
			if seen[p] || !r.serving(s, p) {
				continue
			}
			seen[p] = true
			if count++; example == "" || p != s.head.Path && example == s.head.Path {
				example = p
			}
		}
	}
	return count, example
}

// serving says whether a path is code of the same service and language that serves somebody.
func (r *lineReader) serving(s side, p string) bool {
	return family(source.LanguageOf(p)) == family(s.head.Lang) && r.near(s.head.Path, p) && !isOffline(p) && !commandPath.MatchString(p)
}

// printing counts the other files of the service that print, as far as it matters against a number of files that log.
func (r *lineReader) printing(s side, logs int) int {
	seen := map[string]bool{}
	count, read := 0, 0
	for _, w := range r.style.Prints[family(s.head.Lang)] {
		for _, p := range r.naming(w) {
			if seen[p] || p == s.head.Path && s.base == nil || !r.serving(s, p) || r.style.Starts.match(p) || r.added(p) {
				continue
			}
			seen[p] = true
			if read++; read > maxStyled || count > logs {
				return count
			}
			f := r.read(p)
			if p == s.head.Path {
				f = s.base
			}
			if f == nil || commandLine(f) || browser(f) {
				continue
			}
			for _, c := range f.Calls {
				if c.In != nil && r.style.prints(f, c) {
					count++
					break
				}
			}
		}
	}
	return count
}
