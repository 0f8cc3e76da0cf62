package contracts

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

var (
	errorStatus  = lazy.New(`["'\x60](4\d\d|5\d\d|4XX|5XX)["'\x60]`)
	anyStatus    = lazy.New(`["'\x60]default["'\x60]`)
	wholeRange   = lazy.New(`2147483647|2147483648|9\.?22337203685`)
	documentary  = lazy.New(`^response.*(enum-value-added|became-write-only|pattern-removed|pattern-changed)$`)
	shifted      = lazy.New(`^request.*prefix-items-removed$`)
	unreleased   = lazy.New(`(?i)(^|[/._-])(v\d+)?(alpha|beta|draft|preview|experimental|unstable|internal|snapshot|dev)\d*([/._-]|$)`)
	notReleased  = lazy.New(`(?i)alpha|beta|draft|preview|snapshot|-rc`)
	placeholders = lazy.New(`\{[^{}/]*\}`)
)

// severity is warning for what oasdiff calls an error. It is note for what clients only may notice: oasdiff's warnings,
// values added to answers, changes of error answers, limits of an integer's own size, and operations or documents that
// nobody was promised yet.
func (s *specChanges) severity(c checker.Change) detectors.Severity {
	id, text := c.GetId(), c.GetUncolorizedText(checker.NewDefaultLocalizer())
	operation := s.operation(c)
	switch {
	case documentary.MatchString(id), wholeRange.MatchString(text),
		c.GetLevel() == checker.WARN && !shifted.MatchString(id),
		strings.HasPrefix(id, "response") && (errorStatus.MatchString(text) || anyStatus.MatchString(text) && succeeds(operation)),
		unreleased.MatchString(c.GetPath()),
		s.base.Info != nil && notReleased.MatchString(s.base.Info.Version),
		operation != nil && isInternal(operation.Extensions), s.internalPath(c):
		return detectors.Note
	}
	return detectors.Warning
}

func (s *specChanges) operation(c checker.Change) *openapi3.Operation {
	if item := s.base.Paths.Value(c.GetPath()); item != nil && c.GetOperation() != "" {
		return item.GetOperation(strings.ToUpper(c.GetOperation()))
	}
	return nil
}

func (s *specChanges) internalPath(c checker.Change) bool {
	item := s.base.Paths.Value(c.GetPath())
	return item != nil && isInternal(item.Extensions)
}

func isInternal(extensions map[string]any) bool {
	return fmt.Sprint(extensions["x-internal"]) == "true"
}

// succeeds says that an operation names an answer of success, so that its default one is that of failure.
func succeeds(o *openapi3.Operation) bool {
	if o == nil || o.Responses == nil {
		return false
	}
	for status := range o.Responses.Map() {
		if strings.HasPrefix(status, "2") {
			return true
		}
	}
	return false
}

// inverted says that a change is no break because its request is one that the server sends: a webhook's receivers are free
// to ignore what is added and have to notice only what is taken away.
func inverted(c checker.Change) bool {
	return strings.HasPrefix(c.GetPath(), "webhook:") && !strings.Contains(c.GetId(), "removed")
}

// otherDefault says that whoever leaves a parameter out gets something else than before, or is no longer told what.
func otherDefault(c checker.Change) bool {
	return c.GetId() == checker.RequestParameterDefaultValueChangedId || c.GetId() == checker.RequestParameterDefaultValueRemovedId
}

// renamedInPath says that a change is only the name of a path's placeholder, which no client sends.
func renamedInPath(c checker.Change, base, revision *openapi3.T) bool {
	switch c.GetId() {
	case checker.RequestParameterRemovedId, "new-request-path-parameter":
	default:
		return false
	}
	if base.Paths.Value(c.GetPath()) != nil && revision.Paths.Value(c.GetPath()) != nil {
		return false
	}
	blank := func(p string) string { return placeholders.ReplaceAllString(p, "{}") }
	names := func(t *openapi3.T) bool {
		for p := range t.Paths.Map() {
			if blank(p) == blank(c.GetPath()) {
				return true
			}
		}
		return false
	}
	args := fmt.Sprint(c.GetArgs()...)
	return (c.GetId() != checker.RequestParameterRemovedId || strings.Contains(args, "path")) && names(base) && names(revision)
}

// near is the number of lines within which a call names its parameters.
const near = 6

// namedIn says that a line has the name as a whole word.
func namedIn(line, name string) bool {
	for at := 0; ; {
		i := strings.Index(line[at:], name)
		if i < 0 {
			return false
		}
		i += at
		at = i + len(name)
		word := func(c byte) bool {
			return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		}
		if (i == 0 || !word(line[i-1])) && (at == len(line) || !word(line[at])) {
			return true
		}
	}
}

// senderOf is a place of the repository's own code that still sends a parameter which was taken away, nil for none: a call
// of the path with the parameter's name beside it.
func senderOf(pass *detectors.Pass, c checker.Change) (*detectors.Related, error) {
	name := symbolOf(c)
	r := routes.Route{Path: c.GetPath(), Segments: routes.Segments(c.GetPath())}
	if r.Last() == "" || !r.Telling() && !compound(name) {
		return nil, nil
	}
	naming, err := pass.Source.Naming(pass.Context, name)
	if err != nil {
		return nil, err
	}
	for i, p := range naming[name] {
		if i >= maxCandidates || source.LanguageOf(p) == "" || skipped(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		calls := map[int]bool{}
		for _, call := range routes.CalledIn(string(text)) {
			calls[call.Line-1] = calls[call.Line-1] || r.Answers(call.Segments)
		}
		called := -near
		for n, line := range strings.Split(string(text), "\n") {
			if calls[n] {
				called = n
			}
			if n-called < near && namedIn(line, name) {
				return &detectors.Related{Path: p, Line: n + 1, Message: fmt.Sprintf("still sends %q", name)}, nil
			}
		}
	}
	return nil, nil
}
