package contracts

import (
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A rendering hands values to a template.
type rendering struct {
	template, in string // the template's name and the function that renders it
	keys         map[string]int
	// open says that more keys come from somewhere that is not read.
	open bool
	line int
}

var (
	renderCall   = lazy.New(`^(render|render_template|render_to_string|render_to_response|TemplateResponse|template_response|renderFile|renderForm|view|viewAsync|make|ExecuteTemplate|HTML|Render|first|to_html)$`)
	templateName = lazy.New(`^[\w./:@-]{2,120}$`)
	noTemplate   = lazy.New(`^(/|https?:)`)
	compacted    = lazy.New(`^compact\(`)
	quotedWord   = lazy.New(`['"](\w+)['"]`)
)

// renderings are what a file hands to templates.
func renderings(f *source.File) []rendering {
	var list []rendering
	for _, c := range f.Calls {
		if !renderCall.MatchString(c.Name) || len(c.Args) == 0 {
			continue
		}
		name, at := "", -1
		for i, a := range c.Args[:min(3, len(c.Args))] {
			if a.IsString && (a.Keyword == "" || a.Keyword == "name" || a.Keyword == "template_name" || a.Keyword == "template" || a.Keyword == "partial") && templateName.MatchString(a.Str) && !noTemplate.MatchString(a.Str) {
				name, at = a.Str, i
				break
			}
		}
		if at < 0 {
			name = gotTemplate(c.Receiver)
			if name == "" {
				continue
			}
		}
		r := rendering{template: name, keys: map[string]int{}, line: c.Span.Line}
		if c.In != nil {
			r.in = c.In.Receiver + "." + c.In.Name
		}
		handed := false
		for i, a := range c.Args {
			if i == at || i < at {
				continue
			}
			handed = r.take(f, c, a) || handed
		}
		r.with(f, c)
		if handed || len(r.keys) > 0 {
			list = append(list, r)
		}
	}
	return append(list, classContexts(f)...)
}

var fetchedTemplate = lazy.New(`(?:get_template|select_template|getTemplate|loadTemplate|Lookup)\(["']([\w./-]+)["']\)$`)

func gotTemplate(receiver string) string {
	if m := fetchedTemplate.FindStringSubmatch(receiver); m != nil {
		return m[1]
	}
	return ""
}

// take reads one argument of a rendering: a keyword, a literal, compact(), or a variable that is given a literal before.
func (r *rendering) take(f *source.File, c *source.Call, a source.Arg) bool {
	switch {
	case a.Keyword == "context" || a.Keyword == "locals" || a.Keyword == "ctx":
		// its value is the literal
	case a.Keyword != "":
		r.keys[a.Keyword] = a.Span.Line
		return true
	}
	text := strings.TrimSpace(a.Text)
	if strings.HasPrefix(text, "**") {
		r.open = true
		text = strings.TrimLeft(text, "*")
	}
	if compacted.MatchString(text) {
		for _, m := range quotedWord.FindAllStringSubmatch(text, -1) {
			r.keys[m[1]] = a.Span.Line
		}
		return true
	}
	found := false
	for _, o := range f.Objects {
		if o.Span.Start >= a.Span.Start && o.Span.End <= a.Span.End && (!found || o.Span.Start < a.Span.Start+3) {
			found = true
			r.literal(o)
			break
		}
	}
	if found {
		r.shorthand(text, a.Span.Line)
		return true
	}
	if strings.HasPrefix(text, "{") && len(text) < 400 { // { user, rows }
		r.shorthand(text, a.Span.Line)
		return true
	}
	if !variableName.MatchString(strings.TrimLeft(text, "$")) {
		r.open = r.open || strings.Contains(text, "(")
		return false
	}
	for _, o := range f.Objects {
		if o.In == c.In && (o.Name == text || o.Name == strings.TrimLeft(text, "$")) && o.Span.Start < c.Span.Start {
			found = true
			r.literal(o)
		}
	}
	for _, x := range f.Accesses {
		if x.Receiver == text && x.Key && x.In == c.In && x.Span.Start < c.Span.Start {
			r.keys[x.Name] = x.Span.Line
		}
	}
	if !found {
		r.open = true
	}
	return found
}

var shortName = lazy.New(`[{,]\s*(\w+)\s*(?:[,}]|$)`)

func (r *rendering) shorthand(text string, line int) {
	if !strings.HasPrefix(text, "{") || strings.Contains(text, "...") {
		r.open = r.open || strings.Contains(text, "...")
		return
	}
	for text != "" {
		m := shortName.FindStringSubmatchIndex(text)
		if m == nil {
			return
		}
		if _, known := r.keys[text[m[2]:m[3]]]; !known {
			r.keys[text[m[2]:m[3]]] = line
		}
		text = text[m[3]:]
	}
}

func (r *rendering) literal(o *source.Object) {
	r.open = r.open || o.Spread
	for _, k := range o.Keys {
		r.keys[strings.Trim(k.Name, `"'`)] = k.Span.Line
	}
}

var withCall = lazy.New(`->with\(\s*(?:['"](\w+)['"]|compact\(([^)]*)\)|\[([^\]]*)\])`)

// with reads what Laravel's ->with() adds behind a view.
func (r *rendering) with(f *source.File, c *source.Call) {
	if f.Lang != source.PHP || c.Name != "view" && c.Name != "make" {
		return
	}
	rest := string(f.Text[c.Span.End:min(len(f.Text), c.Span.End+800)])
	rest, _, _ = strings.Cut(rest, ";")
	for _, m := range withCall.FindAllStringSubmatch(rest, -1) {
		if m[1] != "" {
			r.keys[m[1]] = c.Span.Line
		}
		for _, q := range quotedWord.FindAllStringSubmatch(m[2], -1) {
			r.keys[q[1]] = c.Span.Line
		}
		for _, q := range arrayKey.FindAllStringSubmatch(m[3], -1) {
			r.keys[q[1]] = c.Span.Line
		}
	}
}

var arrayKey = lazy.New(`['"](\w+)['"]\s*=>`)

// classContexts are what Django's views hand over by get_context_data, and Spring's handlers by a model.
func classContexts(f *source.File) []rendering {
	var list []rendering
	for _, d := range f.Decls {
		switch {
		case f.Lang == source.Python && d.Name == "get_context_data" && d.Parent != nil:
			r := rendering{in: d.Receiver + "." + d.Name, keys: map[string]int{}, line: d.Span.Line}
			for _, m := range d.Parent.Members {
				if m.Name == "template_name" {
					r.template = strings.Trim(m.Default, `"'`)
				}
			}
			for _, o := range f.Objects {
				if o.In == d {
					r.literal(o)
				}
			}
			r.open = false // super's keys are the same on both sides
			for _, x := range f.Accesses {
				if x.In == d && x.Key && x.Write {
					r.keys[x.Name] = x.Span.Line
				}
			}
			for _, c := range f.Calls {
				if c.In == d && c.Name == "update" {
					for _, a := range c.Args {
						if a.Keyword != "" {
							r.keys[a.Keyword] = a.Span.Line
						}
					}
				}
			}
			if r.template != "" && len(r.keys) > 0 {
				list = append(list, r)
			}
		case (f.Lang == source.Java || f.Lang == source.Kotlin) && (d.Kind == source.Method || d.Kind == source.Function):
			r := rendering{in: d.Receiver + "." + d.Name, keys: map[string]int{}, line: d.Span.Line}
			for _, c := range f.Calls {
				if c.In == d && (c.Name == "addAttribute" || c.Name == "addObject") && len(c.Args) > 1 && c.Args[0].IsString {
					r.keys[c.Args[0].Str] = c.Span.Line
				}
			}
			if len(r.keys) == 0 {
				continue
			}
			if m := returnedView.FindSubmatch(f.Text[d.Span.Start:d.Span.End]); m != nil {
				r.template = string(m[1])
				list = append(list, r)
			}
		}
	}
	return list
}

var (
	returnedView = lazy.New(`(?:return|ModelAndView\()\s*"([\w/.-]+)"`)
	ivarGiven    = lazy.New(`(?m)(?:^|[\s(,;])@([a-z]\w*)\s*(?:,\s*@\w+\s*)*(?:\|\||&&|\+)?=[^=~>]`)
	railsOwner   = lazy.New(`(?:^|/)app/(controllers|mailers|components)/(.+?)(?:_controller)?\.rb$`)
)

// instanceValues are the instance variables that a Rails controller or mailer gives to its views, and the folder of those.
func instanceValues(p string, text []byte) (map[string]int, string) {
	m := railsOwner.FindStringSubmatch(p)
	if m == nil {
		return nil, ""
	}
	list := map[string]int{}
	for _, at := range ivarGiven.FindAllSubmatchIndex(text, -1) {
		list[string(text[at[2]:at[3]])] = 1 + countLines(text[:at[2]])
	}
	return list, strings.TrimSuffix(p, path.Base(p))[:strings.Index(p, "app/"+m[1])] + "app/views/" + m[2] + "/"
}

// matchRenderings gives what the other side hands to the same template: in the same function, else anywhere in the file. A
// function may render it in several places, with other values in each, and a template asks which of them are there.
func matchRenderings(r rendering, list []rendering) (rendering, bool) {
	same := slices.DeleteFunc(slices.Clone(list), func(o rendering) bool { return o.template != r.template })
	if slices.ContainsFunc(same, func(o rendering) bool { return o.in == r.in }) {
		same = slices.DeleteFunc(same, func(o rendering) bool { return o.in != r.in })
	}
	if len(same) == 0 {
		return rendering{}, false
	}
	sum := rendering{template: r.template, in: same[0].in, keys: map[string]int{}, line: same[0].line}
	for _, o := range same {
		sum.open = sum.open || o.open
		maps.Copy(sum.keys, o.keys)
	}
	return sum, true
}
