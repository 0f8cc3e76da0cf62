package contracts

// Request bodies that other languages take without a check where their neighbours have one: Spring, Go, Laravel, axum.

import (
	"fmt"
	"path"
	"regexp"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A bodyRule says how the handlers of a framework take a body and how they have it checked.
type bodyRule struct {
	languages []source.Language
	takes     *regexp.Regexp
	// checks is what stands in a handler that has its body checked; answers, what a handler says that looks itself at each key.
	checks  *regexp.Regexp
	answers *regexp.Regexp
}

var bodyRules = []bodyRule{
	{
		[]source.Language{source.Java, source.Kotlin}, regexp.MustCompile(`@RequestBody\b`),
		regexp.MustCompile(`@Valid\b|@Validated\b|[vV]alidat\w*[.(]|@RequestBody[^)]*\b(?:String|Map|JsonNode|byte\[\]|ByteArray)\b`),
		regexp.MustCompile(`badRequest\(|BAD_REQUEST|IllegalArgument|require\(|requireNonNull`),
	},
	{
		[]source.Language{source.Go}, regexp.MustCompile(`json\.NewDecoder\(\s*\w+\.Body\s*\)\.Decode\(|\.BodyParser\(`),
		regexp.MustCompile(`[vV]alidat\w*|\.Valid\(|\.Struct\(|\.[cC]heck\w*\(|\.OK\(|Schema`),
		regexp.MustCompile(`(?s)(?:StatusBadRequest|StatusUnprocessableEntity).*(?:StatusBadRequest|StatusUnprocessableEntity)|if \w+\.\w+(?:\.\w+)? [=<>!]=? `),
	},
	{
		[]source.Language{source.PHP}, regexp.MustCompile(`\$request->(?:input|post|all|json|only|get)\(|\$request->request->`),
		regexp.MustCompile(`validate\w*\(|Validator::|\brules\b|safe\(\)`),
		regexp.MustCompile(`abort(?:_if|_unless)?\(|4(?:00|22)\b`),
	},
	{
		[]source.Language{source.Rust}, regexp.MustCompile(`\bJson\(\s*(?:mut )?\w+\s*\):\s*(?:axum::)?Json<`),
		regexp.MustCompile(`validate\w*\(|ValidatedJson|Valid\(|garde`),
		regexp.MustCompile(`BAD_REQUEST|UNPROCESSABLE_ENTITY|bad_request`),
	},
}

// bodiesTaken warns of handlers that the branch adds and that take a body without the check that others of the folder have.
func bodiesTaken(pass *detectors.Pass, at side) bool {
	ran := false
	for _, f := range pass.Branch.Files {
		i := slices.IndexFunc(bodyRules, func(r bodyRule) bool { return slices.Contains(r.languages, source.LanguageOf(f.Path)) })
		if i < 0 || f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || !declares(f.Path) {
			continue
		}
		file := at.file(f.Path)
		if file == nil {
			continue
		}
		rule := bodyRules[i]
		for _, d := range file.Decls {
			if !handles(d) || !f.Touched(d.Span.Line) || !rule.open(codeOf(file, d)) {
				continue
			}
			ran = true
			checked, line := at.checkedBody(f.Path, d, rule)
			if checked == "" {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: d.Span.Line, Symbol: d.Name, Evidence: []string{d.Receiver, d.Name},
				Message: fmt.Sprintf("%s takes what was sent without a check", d.Name),
				Why:     "A sender that leaves something out, or sends it wrong, is not refused: the missing value goes on into the program.",
				Fix:     "Have the body checked before anything is read from it, as the other handlers do, and refuse what does not fit.",
				Related: []detectors.Related{{Path: checked, Line: line, Message: "another boundary is checked here"}},
			})
		}
	}
	return ran
}

func handles(d *source.Decl) bool {
	return (d.Kind == source.Function || d.Kind == source.Method) && d.Body.End > d.Body.Start
}

func codeOf(f *source.File, d *source.Decl) []byte { return f.Text[d.Span.Start:d.Span.End] }

// open says that a handler takes a body and checks nothing of it.
func (r bodyRule) open(text []byte) bool {
	return r.takes.Match(text) && (!formRequest.Match(text) || plainRequest.Match(text)) && !r.checks.Match(text) && !r.answers.Match(text)
}

// checkedBody is another handler of the file or its folder that takes a body and has it checked, "" for none.
func (s side) checkedBody(own string, d *source.Decl, rule bodyRule) (file string, line int) {
	for i, p := range append([]string{own}, s.below(path.Dir(own))...) {
		if i >= maxRouteFiles {
			break
		}
		if !slices.Contains(rule.languages, source.LanguageOf(p)) || source.IsTest(p) {
			continue
		}
		f := s.file(p)
		if f == nil {
			continue
		}
		for _, o := range f.Decls {
			if handles(o) && (p != own || o.Span != d.Span) && rule.checkedBy(codeOf(f, o)) {
				return p, o.Span.Line
			}
		}
	}
	return "", 0
}

// formRequest is a request of Laravel's with rules of its own as a parameter; Request alone has none.
var (
	formRequest  = lazy.New(`\(\s*[\w\\]+Request\s+\$\w+`)
	plainRequest = lazy.New(`\(\s*(?:Illuminate\\Http\\)?Request\s+\$`)
)

func (r bodyRule) checkedBy(text []byte) bool {
	return r.takes.Match(text) && r.checks.Match(text) || formRequest.Match(text) && !plainRequest.Match(text)
}
