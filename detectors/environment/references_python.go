package environment

// References in Python: os.environ, os.getenv, pydantic settings, django-environ and decouple.

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	environ     = lazy.New(`^(os\.)?environ$`)
	envReader   = lazy.New(`^(env|environ|env\.(str|bool|int|float|list|url|db|cache|json|dict|tuple|path|email_url|search_url|log_level|timedelta|date|datetime|decimal|uuid|enum)|decouple\.config)$`)
	prefixField = lazy.New(`env_prefix\s*=\s*["'](\w*)["']|["']env_prefix["']\s*:\s*["'](\w*)["']`)
	fieldAlias  = lazy.New(`(?:validation_alias|alias|env)\s*=\s*["'](\w+)["']`)
	fieldValue  = lazy.New(`default\s*=|default_factory|^Field\(\s*["'\w\[{(-][^=]*[,)]`)
)

func (r *reader) python() {
	for _, a := range r.Accesses {
		if !a.Write && a.Key && environ.MatchString(a.Receiver) && !r.isCallKey(a) {
			r.add(a.Name, a.Span, r.guardedByTry(a.Span), true)
		}
	}
	decouple := r.imports("decouple")
	for _, c := range r.Calls {
		full := c.Full()
		switch {
		case full == "os.getenv" || full == "getenv" || full == "os.environ.get" || full == "environ.get":
			if len(c.Args) > 0 {
				optional := len(c.Args) > 1 || r.handled(c.Span) || r.testedSoon(c.Span)
				r.add(r.nameOf(c.Args[0]), c.Span, optional, false)
			}
		case envReader.MatchString(full) && r.imports("environ") || full == "config" && decouple || full == "env" && r.imports("environ"):
			if len(c.Args) > 0 && c.Args[0].Keyword == "" {
				optional := slices.ContainsFunc(c.Args[1:], func(a source.Arg) bool { return a.Keyword == "default" || a.Keyword == "" && full != "config" })
				r.add(r.nameOf(c.Args[0]), c.Span, optional, !optional)
			}
		}
	}
	r.settings()
}

// isCallKey says that the access is the key of a .get() call, which is read as a call.
func (r *reader) isCallKey(a *source.Access) bool {
	text := string(r.Text[max(0, a.Span.Start):min(len(r.Text), a.Span.End)])
	return strings.Contains(text, ".get(") || strings.Contains(text, ".setdefault(") || strings.Contains(text, ".pop(")
}

// guardedByTry says whether a KeyError of the read is caught.
func (r *reader) guardedByTry(s source.Span) bool {
	for _, c := range r.Catches {
		if c.Try.Start <= s.Start && s.End <= c.Try.End && slices.Contains(c.Types, "KeyError") {
			return true
		}
	}
	return false
}

var pyAssign = lazy.New(`(\w+)(?:\s*:\s*[\w\[\]| .]+)?\s*=\s*$`)

// testedSoon says whether the variable that takes the value is tested in the next lines without stopping the program.
func (r *reader) testedSoon(s source.Span) bool {
	head := string(r.Text[max(0, s.Start-80):s.Start])
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		head = head[i+1:]
	}
	m := pyAssign.FindStringSubmatch(head)
	if m == nil {
		return false
	}
	tail := string(r.Text[s.End:min(len(r.Text), s.End+400)])
	at := regexp.MustCompile(`\b(if|and|or|elif|while)\s+(not\s+)?` + m[1] + `\b`).FindStringIndex(tail)
	return at != nil && !fails.MatchString(tail[at[1]:min(len(tail), at[1]+120)])
}

// settings reads the fields of pydantic settings classes, whose variables go by the field's name in upper case.
func (r *reader) settings() {
	for _, d := range r.Decls {
		if d.Kind != source.Class || !slices.ContainsFunc(d.Bases, func(b string) bool { return strings.HasSuffix(b, "BaseSettings") }) {
			continue
		}
		prefix := ""
		if body := string(r.Text[max(0, d.Span.Start):min(len(r.Text), d.Span.End)]); prefixField.MatchString(body) {
			m := prefixField.FindStringSubmatch(body)
			prefix = m[1] + m[2]
		}
		for _, f := range d.Members {
			if f.Kind != source.Field || f.Type == "" || f.Name == "model_config" || strings.HasPrefix(f.Name, "_") || strings.Contains(f.Type, "ClassVar") {
				continue
			}
			name := strings.ToUpper(prefix + f.Name)
			if m := fieldAlias.FindStringSubmatch(f.Default); m != nil {
				name = strings.ToUpper(m[1])
			}
			optional := f.Default != "" && !strings.HasPrefix(f.Default, "Field(") || fieldValue.MatchString(f.Default) ||
				strings.Contains(f.Type, "Optional") || strings.Contains(f.Type, "None")
			if strings.HasPrefix(f.Default, "Field(...") {
				optional = false
			}
			r.add(name, f.Span, optional, !optional)
		}
	}
}
