package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// An errorCode is one word by which callers tell an error: "SEAT_TAKEN", "not_found", "urn:problem:no-stock", a class's name.
type errorCode struct {
	value, path string
	line        int
	// slot is where it stands (a constant's name, a function with the call or key), kind what stands there, to find what took its
	// place.
	slot, kind string
}

var (
	codeForm   = lazy.New(`^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z][a-z0-9]*(?:[_.-][a-z0-9]+)+|urn:[\w:.-]+|https?://\S+/(?:problems?|errors?)/\S+|[A-Z]{1,5}[-_]?\d{3,5}|[A-Z][a-z]+(?:[A-Z][a-z0-9]+)+|E[A-Z]{4,}|[A-Z]{6,})$`)
	errorWord  = lazy.New(`(?i)err(or)?s?($|[^a-z])|err[A-Z]|Error|exception|fault|problem|failure|reason|(^|[^a-z])code($|[^a-z])|Code|reject|denied`)
	errorKeys  = []string{"code", "error", "errorCode", "error_code", "err", "errcode", "reason", "type", "errorType", "error_type", "slug"}
	errorCall  = lazy.New(`(?:Error|Exception|Fault|Problem|Failure|Err)$|^[aA]bort|^(?:[fF]ail|reject|bad_?request|not_?found|forbidden|unauthorized|conflict|unprocessable|Errorf|throwError|createError|httpError|badRequest|notFound|problem|respond_?with_?error|send_?error|write_?error|render_?error|error_?response|json_?error|raise_error)$`)
	errorClass = lazy.New(`^[A-Z]\w{3,}(?:Error|Exception|Fault)$`)
)

// errorCodes are the codes that a source file gives its errors.
func errorCodes(f *source.File) []errorCode {
	var list []errorCode
	put := func(value, slot string, line int) {
		if codeForm.MatchString(value) && len(value) >= 5 && len(value) < 120 {
			kind := "constant"
			if _, key, ok := strings.Cut(slot, "\x00"); ok {
				kind = key
			}
			list = append(list, errorCode{value, f.Path, line, slot, kind})
		}
	}
	in := func(d *source.Decl) string {
		if d == nil {
			return ""
		}
		return d.Name
	}
	for _, d := range f.Decls {
		switch d.Kind {
		case source.Const, source.Var:
			if m := quotedAll.FindStringSubmatch(d.Default); m != nil && m[0] == strings.TrimSpace(d.Default) && errorWord.MatchString(d.Name) {
				put(m[1]+m[2]+m[3], d.Name, d.Span.Line)
			}
		case source.Field:
			if d.Parent == nil || !slices.Contains(errorKeys, d.Name) || !errorClass.MatchString(d.Parent.Name) {
				continue
			}
			if m := quotedAll.FindStringSubmatch(d.Default); m != nil && m[0] == strings.TrimSpace(d.Default) {
				put(m[1]+m[2]+m[3], d.Parent.Name, d.Span.Line)
			}
		case source.Class:
			if errorClass.MatchString(d.Name) && d.Parent == nil {
				put(d.Name, "class", d.Span.Line)
			}
		default:
		}
	}
	for _, c := range f.Calls {
		if !errorCall.MatchString(c.Name) && !strings.HasSuffix(c.Full(), "errors.New") && !slices.ContainsFunc(c.Args, givesStatus) {
			continue
		}
		for _, a := range c.Args {
			if a.IsString && (a.Keyword == "" || slices.Contains(errorKeys, a.Keyword) || a.Keyword == "detail") {
				put(a.Str, in(c.In)+"\x00"+c.Name, a.Span.Line)
			}
		}
	}
	for _, o := range f.Objects {
		named := o.In == nil && errorWord.MatchString(o.Name) && variableName.MatchString(o.Name)
		for _, k := range o.Keys {
			m := quotedAll.FindStringSubmatch(k.Value)
			if m == nil || m[0] != strings.TrimSpace(k.Value) {
				continue
			}
			value, key := m[1]+m[2]+m[3], strings.Trim(k.Name, "\"'`")
			switch {
			case named:
				put(value, o.Name+"."+key, k.Span.Line)
			case slices.Contains(errorKeys, key) && inError(f, o):
				put(value, in(o.In)+"\x00"+key, k.Span.Line)
			}
		}
	}
	return list
}

var failedStatus = lazy.New(`^(?:\w+\.)*(?:[45]\d\d|Status(?:BadRequest|PaymentRequired|Forbidden|NotFound|Conflict|Gone|Unprocessable\w*|TooMany\w*|Precondition\w*|Locked)|HTTP_4\d\d_\w+|CONFLICT|NOT_FOUND|BAD_REQUEST|FORBIDDEN|UNPROCESSABLE_ENTITY|GONE|Conflict|NotFound|BadRequest|Forbidden|UnprocessableEntity)$`)

// givesStatus says that an argument is the status of a failed request.
func givesStatus(a source.Arg) bool {
	return !a.IsString && failedStatus.MatchString(strings.TrimSpace(a.Text))
}

var failing = lazy.New(`\b[45]\d\d\b|Status(?:BadRequest|Unauthorized|PaymentRequired|Forbidden|NotFound|Conflict|Gone|Unprocessable\w*|TooMany\w*|Internal\w*|Precondition\w*|Locked)|HTTP_[45]\d\d|throw|raise|Error\(|Exception\(`)

// inError says that an object literal is an error: it hangs under such a name, or the lines around it answer with a failure.
func inError(f *source.File, o *source.Object) bool {
	if errorWord.MatchString(o.Name) || errorWord.MatchString(o.Type) {
		return true
	}
	from, to := max(0, o.Span.Start-160), min(len(f.Text), o.Span.End+60)
	if o.In != nil {
		from = max(from, o.In.Span.Start)
	}
	return failing.Match(f.Text[from:to])
}
