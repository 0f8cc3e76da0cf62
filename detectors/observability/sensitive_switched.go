package observability

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Sensitive values that no line of a log names: what a decorator records of each call, and what a list of fields to hide
// no longer holds.

// skippedParameters are those that an attribute leaves out.
var skippedParameters = lazy.New(`\bskip\s*\(([^)]*)\)`)

// instrumented reports functions whose decorator records all parameters, when one of them is sensitive.
func (r *leakReader) instrumented(s side) {
	for _, d := range r.file.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		for _, dec := range d.Decorators {
			text := piece(r.file, dec.Span)
			records := r.file.Lang == source.Rust && strings.TrimPrefix(dec.Full(), "tracing::") == "instrument" && !strings.Contains(text, "skip_all") ||
				r.file.Lang == source.Python && dec.Full() == "logfire.instrument" && !strings.Contains(text, "extract_args=False")
			if !records || s.base != nil && !s.change.TouchedRange(d.Span.Line, max(d.Span.Line, dec.Span.EndLine)+1) {
				continue
			}
			skipped := ""
			if m := skippedParameters.FindStringSubmatch(text); m != nil {
				skipped = m[1]
			}
			for _, p := range d.Params {
				if r.rules.of(p.Name) != grave || mentions(skipped, []string{p.Name}) || strings.Contains(p.Type, "Secret") || p.Type != "" && !textual(p.Type) {
					continue
				}
				r.pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: r.file.Path, Line: dec.Span.Line, EndLine: d.Span.Line, Symbol: p.Name,
					Message:  fmt.Sprintf("%s is recorded in the span of each call of %s", p.Name, d.Name),
					Why:      "Traces are copied to more places and read by more people than the database, and nobody can take one back.",
					Fix:      "Leave the parameter out (skip), or give it a type that hides its value.",
					Evidence: []string{d.Name, p.Name},
				})
				break
			}
		}
	}
}

// hidesFields is code that holds a list of fields to take out of log lines.
var hidesFields = lazy.New(`(?i)\bredact\w*|filter_parameters|scrub\w*|\bmask\w*|sensitive_?(?:fields|keys|data)\w*|sanitiz\w*|censor|blocklist|denylist`)

// unredacted reports sensitive fields that the branch takes out of a list of what is hidden in logs.
func (r *leakReader) unredacted(s side) {
	if s.base == nil || !hidesFields.Match(s.base.Text) || !hidesFields.Match(s.head.Text) {
		return
	}
	hidden := func(f *source.File) map[string]source.Span {
		names := map[string]source.Span{}
		for _, str := range f.Strings {
			last := terminal(str.Value)
			if r.rules.of(last) >= contextual && hidesFields.MatchString(statementAround(f, str.Span)) {
				names[strings.ToLower(last)] = str.Span
			}
		}
		if f.Lang == source.Ruby {
			for _, m := range rubySymbol.FindAllStringSubmatch(string(f.Text), -1) {
				if r.rules.of(m[1]) >= contextual {
					names[m[1]] = source.Span{}
				}
			}
		}
		return names
	}
	before, now := hidden(s.base), hidden(s.head)
	var lost []string
	line := 0
	for name, span := range before {
		if _, still := now[name]; !still && (span.Line == 0 || s.change.Removed(span.Line)) && !strings.Contains(string(s.head.Text), name) {
			lost = append(lost, name)
			line = max(line, span.Line)
		}
	}
	if len(lost) == 0 || len(now) == 0 {
		return
	}
	slices.Sort(lost)
	r.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: r.file.Path, Line: s.change.NewLine(line), Symbol: lost[0],
		Message:  strings.Join(lost, ", ") + " is no longer hidden in the log lines",
		Why:      "From this deployment on every line that holds the field shows it to all who read the logs.",
		Fix:      "Keep the field in the list, or say who agreed to show it.",
		Evidence: lost,
	})
}

var rubySymbol = lazy.New(`:(\w+)`)

// statementAround is the text before a place, back to the end of the statement before it, with 300 bytes at most.
func statementAround(f *source.File, span source.Span) string {
	text := string(f.Text[max(0, span.Start-300):span.Start])
	if i := strings.LastIndexAny(text, ";{}"); i >= 0 && strings.ContainsRune(text[i:], '\n') && text[i] != '{' {
		text = text[i:]
	}
	return text
}
