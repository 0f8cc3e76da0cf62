package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// UnvalidatedPayload finds keys that the branch begins to read from what a client or a broker sent, in a function that
// validates nothing, in a repository whose other boundaries do.
var UnvalidatedPayload = &detectors.Detector{
	ID:    "contracts/unvalidated-payload",
	Title: "A payload's new keys are read without a check at the boundary",
	Run:   runUnvalidatedPayload,
}

func runUnvalidatedPayload(pass *detectors.Pass) error {
	after := side{pass.Branch, pass.Source, false}
	ran := bodiesTaken(pass, after)
	for _, f := range pass.Branch.Files {
		lang := source.LanguageOf(f.Path)
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || !declares(f.Path) ||
			lang != source.Python && lang != source.TypeScript && lang != source.JavaScript {
			continue
		}
		file := after.file(f.Path)
		if file == nil {
			continue
		}
		for _, b := range boundariesIn(file) {
			ran = true
			b.keys = slices.DeleteFunc(b.keys, func(a *source.Access) bool { return !f.Touched(a.Span.Line) || b.checksKey(file, a.Name) })
			if len(b.keys) == 0 || b.validates(file) {
				continue
			}
			guarded, err := after.guardedElsewhere(pass, b)
			if err != nil {
				return err
			}
			if guarded {
				continue
			}
			if err := after.reportBoundary(pass, f, b); err != nil {
				return err
			}
		}
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	return pass.Context.Err()
}

// A boundary is a function that takes keys out of a payload which another program sent.
type boundary struct {
	// fn is nil for a function without a name, which is called by the route it is given to.
	fn   *source.Decl
	name string
	span source.Span
	// keys are the reads, in the file's order; from is what they are read from.
	keys []*source.Access
	from string
	// route is the call that the function is given to, nil for one with a name.
	route *source.Call
}

var (
	// payload is an expression that stands for what was sent.
	payload = lazy.New(`^(?:\(?await )?(?:(?:req|request|ctx|c|event|context)\.(?:request\.|req\.)?(?:body|rawBody|json\(\)|json|get_json\([^)]*\))|JSON\.parse\(.*\b(?:body|msg|message|payload|event|record|data|raw)\b.*\)|json\.loads\(.*\b(?:body|msg|message|payload|event|record|raw)\b.*\))(?:\s+as\s(?s:.*))?\)?$`)
	// given is a variable that a payload is put into, at the end of the text before it.
	givenTo = lazy.New(`(?:(?:const|let|var)\s+)?([A-Za-z_]\w*)\s*(?::[^=;\n]{1,80})?=\s*$`)
	// validation is a call that checks a payload or builds a typed object of it.
	validation  = lazy.New(`(?i)^(?:safe_?)?parse(?:async|obj|_obj|raw)?$|^(?:model_)?valid|^validate|^is_?valid|^assert|^ensure|^check|^cast|^decode|^load$|^from_dict$|^plainToInstance$|^plainToClass$|^constructEvent$|^construct_event$|^is[A-Z]\w*$|^match(?:es)?$`)
	payloadName = lazy.New(`(?i)^\w*(?:body|payload|event|message|msg|data)$`)
	// parsing is the name of a function that is the check: it makes a value of the program out of the payload.
	parsing  = lazy.New(`(?i)^_*(?:parse|decode|deseriali[sz]e|unmarshal|from_|to_|load|read|extract|normali[sz]e)`)
	guarding = lazy.New(`(?i)valid|schema|celebrate|sanitiz|zod|joi|typebox|dto\b|\bbody\(`)
)

// boundariesIn are those of a file, one a function.
func boundariesIn(f *source.File) []*boundary {
	bySpan := map[source.Span]*boundary{}
	var list []*boundary
	names := map[source.Span][]string{}
	for _, c := range f.Calls {
		if !payload.MatchString(c.Full()+"()") && !payload.MatchString(snippet(f, c.Span)) {
			continue
		}
		if m := givenTo.FindStringSubmatch(strings.TrimSuffix(lineBefore(f, c.Span.Start), "await ")); m != nil {
			if b := functionAround(f, c.Span, c.In); b != nil {
				names[b.span] = append(names[b.span], m[1])
			}
		}
	}
	for _, a := range f.Accesses {
		if a.Write || methodOfValue(f, a) || len(names) == 0 && !payload.MatchString(a.Receiver) {
			continue
		}
		b := functionAround(f, a.Span, a.In)
		if b == nil || parsing.MatchString(b.name) || !payload.MatchString(a.Receiver) && !slices.Contains(names[b.span], a.Receiver) {
			continue
		}
		if known := bySpan[b.span]; known != nil {
			b = known
		} else {
			bySpan[b.span] = b
			b.from = a.Receiver
			list = append(list, b)
		}
		b.keys = append(b.keys, a)
	}
	return list
}

// functionAround is the function that a place stands in: a named one, or the literal that a route is given.
func functionAround(f *source.File, at source.Span, in *source.Decl) *boundary {
	named := in != nil && (in.Kind == source.Function || in.Kind == source.Method)
	var best *boundary
	for _, c := range f.Calls {
		if c.Span.Start > at.Start || c.Span.End < at.End || named && (routeOf(c) == "" || c.Span.Start < in.Span.Start) {
			continue
		}
		for _, arg := range c.Args {
			if arg.IsFunc && arg.Span.Start <= at.Start && arg.Span.End >= at.End && (best == nil || arg.Span.Start > best.span.Start) {
				best = &boundary{fn: in, name: cmpOr(routeOf(c), c.Full()), span: arg.Span, route: c}
				if named {
					best.fn = nil // the plugin or the setup that registers the route
				}
			}
		}
	}
	if best == nil && named {
		return &boundary{fn: in, name: in.Name, span: in.Span}
	}
	return best
}

// methodOfValue says whether an access is a call of the value's own method (body.toString(), data.get(...)).
func methodOfValue(f *source.File, a *source.Access) bool {
	rest := f.Text[a.Span.End:]
	return !a.Key && len(rest) > 0 && rest[0] == '('
}

// lineBefore is the text of a line up to an offset.
func lineBefore(f *source.File, offset int) string {
	text := string(f.Text[max(0, offset-300):offset])
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// snippet is the text of a short span.
func snippet(f *source.File, s source.Span) string {
	if s.End-s.Start > 300 {
		return ""
	}
	return string(f.Text[s.Start:s.End])
}

// validates says whether the function checks its payload: by a call, or by the declared type of a framework.
func (b *boundary) validates(f *source.File) bool {
	for _, c := range f.Calls {
		inside := c.Span.Start >= b.span.Start && c.Span.End <= b.span.End
		around := c.Span.Start <= b.span.Start && c.Span.End >= b.span.End
		switch {
		case inside && validation.MatchString(c.Name) && c.Full() != "JSON.parse" && c.Full() != "json.load":
			return true
		case around && slices.ContainsFunc(c.Args, func(a source.Arg) bool {
			return a.Span.End < b.span.Start && guarding.MatchString(a.Text)
		}):
			return true
		}
	}
	return b.fn != nil && slices.ContainsFunc(b.fn.Decorators, func(c *source.Call) bool { return guarding.MatchString(c.Name + snippet(f, c.Span)) })
}

// checksKey says whether the function looks at a key before it uses it: a condition, typeof, a membership test.
func (b *boundary) checksKey(f *source.File, key string) bool {
	text := string(f.Text[b.span.Start:b.span.End])
	for row := range strings.SplitSeq(text, "\n") {
		row = strings.TrimSpace(row)
		word := strings.Contains(row, key)
		if word && (strings.HasPrefix(row, "if ") || strings.HasPrefix(row, "if(") || strings.HasPrefix(row, "elif ") || strings.HasPrefix(row, "} else if") ||
			strings.Contains(row, "typeof ") || strings.Contains(row, " not in ") || strings.Contains(row, "isinstance(") || strings.Contains(strings.ReplaceAll(row, " ", ""), key+"??") || strings.Contains(row, "assert ")) {
			return true
		}
	}
	return false
}

// guardedElsewhere says whether the place that registers the function puts a check before it.
func (s side) guardedElsewhere(pass *detectors.Pass, b *boundary) (bool, error) {
	if b.fn == nil {
		return false, nil
	}
	name := b.fn.Name
	naming, err := pass.Source.Naming(pass.Context, name)
	if err != nil || len(name) < 4 {
		return false, err
	}
	for _, p := range naming[name][:min(len(naming[name]), 20)] {
		f := s.file(p)
		if f == nil {
			continue
		}
		for _, c := range f.Calls {
			names := slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.Text == name || strings.HasSuffix(a.Text, "."+name) })
			if names && slices.ContainsFunc(c.Args, func(a source.Arg) bool { return guarding.MatchString(a.Text) }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// validators are the libraries by which payloads are checked, as they are imported.
var validators = []string{
	"zod", "joi", "@hapi/joi", "yup", "ajv", "valibot", "superstruct", "io-ts", "class-validator", "express-validator", "celebrate", "@sinclair/typebox", "arktype",
	"pydantic", "marshmallow", "jsonschema", "cerberus", "voluptuous", "attrs", "msgspec",
}

// reportBoundary warns where another boundary of the repository is validated, and notes it elsewhere.
func (s side) reportBoundary(pass *detectors.Pass, f *branch.File, b *boundary) error {
	naming, err := pass.Source.Naming(pass.Context, validators...)
	if err != nil {
		return err
	}
	finding := detectors.Finding{
		Severity: detectors.Note, Path: f.Path, Line: b.keys[0].Span.Line, Symbol: b.keys[0].Name,
		Message: fmt.Sprintf("%s reads %s from what was sent without a check", b.name, quotedKeys(b.keys)),
		Why:     "A sender that still has the old shape, or a wrong one, is not refused: the missing value goes on into the program.",
		Fix:     "Parse the payload by a schema before anything is read from it, and refuse what does not fit.",
	}
	for _, b := range b.keys {
		finding.Evidence = append(finding.Evidence, b.Name)
	}
	checked, line := s.checkedBoundary(naming, f.Path, b.span)
	if checked == "" {
		checked, line = s.guardedRoute(f.Path, b)
	}
	if checked != "" {
		finding.Severity = detectors.Warning
		finding.Related = []detectors.Related{{Path: checked, Line: line, Message: "another boundary is validated here"}}
	}
	pass.Report(finding)
	return nil
}

// checkedBoundary is a place outside the function where a payload is validated, "" for none.
func (s side) checkedBoundary(naming map[string][]string, own string, span source.Span) (file string, line int) {
	seen := map[string]bool{}
	read := 0
	for _, v := range validators {
		for _, p := range naming[v] {
			if seen[p] || (source.LanguageOf(p) == source.Python) != (source.LanguageOf(own) == source.Python) || source.IsTest(p) || read >= 60 {
				continue
			}
			seen[p] = true
			read++
			f := s.file(p)
			if f == nil {
				continue
			}
			for _, c := range f.Calls {
				if !validation.MatchString(c.Name) || c.Full() == "JSON.parse" || p == own && c.Span.Start >= span.Start && c.Span.End <= span.End {
					continue
				}
				if slices.ContainsFunc(c.Args, func(a source.Arg) bool {
					text := strings.TrimPrefix(a.Text, "**")
					return payload.MatchString(text) || payloadName.MatchString(text)
				}) {
					return p, c.Span.Line
				}
			}
		}
	}
	return "", 0
}

// maxRouteFiles bounds the neighbours that are read for a route that is guarded.
const maxRouteFiles = 40

// guardedRoute is another route that takes a body and is registered with a schema or a check before its handler, in the same
// file or in one of its folder, "" for none.
func (s side) guardedRoute(own string, b *boundary) (file string, line int) {
	if b.route == nil {
		return "", 0
	}
	list := append([]string{own}, s.below(path.Dir(own))...)
	for i, p := range list {
		if i >= maxRouteFiles {
			break
		}
		lang := source.LanguageOf(p)
		if lang != source.TypeScript && lang != source.JavaScript || source.IsTest(p) {
			continue
		}
		f := s.file(p)
		if f == nil {
			continue
		}
		for _, c := range f.Calls {
			if !bodyVerb.MatchString(c.Name) || routeOf(c) == "" || p == own && c.Span == b.route.Span {
				continue
			}
			for i, a := range c.Args {
				if i > 0 && !a.IsFunc && i < len(c.Args)-1 && guarding.MatchString(a.Text) {
					return p, c.Span.Line
				}
			}
		}
	}
	return "", 0
}

var bodyVerb = lazy.New(`(?i)^(?:post|put|patch)$`)

func quotedKeys(list []*source.Access) string {
	var parts []string
	for _, a := range list {
		if q := `"` + a.Name + `"`; !slices.Contains(parts, q) {
			parts = append(parts, q)
		}
	}
	return join(parts, 4)
}
