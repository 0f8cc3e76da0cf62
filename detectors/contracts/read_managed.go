package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What only Java, Kotlin and C# need: JSON in strings that are added up, and paths into a document as tests and readers of
// trees write them.

var (
	// addsUp stands between two strings of one text, with at most a simple value between them.
	addsUp = lazy.New(`^\s*\+\s*(?:[\w.()]{1,60}\s*\+\s*)?$`)
	// pathCalls take a path into a document: Jayway's JsonPath, MockMvc, RestAssured, Jackson, Newtonsoft.
	pathCalls = set("jsonPath read at body path SelectToken SelectTokens hasJsonPath withJsonPath extractingJsonPathValue " +
		"extractingJsonPathStringValue extractingJsonPathNumberValue getString getInt getList getMap getLong getBoolean get matchingJsonPath")
	dollarPath  = lazy.New(`^\$(?:\.[A-Za-z_]\w*|\[[^\]]*\]|\.\.[A-Za-z_]\w*)+`)
	slashPath   = lazy.New(`^(?:/[A-Za-z_0-9]\w*)+$`)
	bodyPath    = lazy.New(`^[A-Za-z_]\w*(?:\[\d+\])?(?:\.[A-Za-z_]\w*(?:\[\d+\])?)*$`)
	pathStep    = lazy.New(`[A-Za-z_]\w*`)
	noDocuments = lazy.New(`(?i)^(rs|result_?set|cursor|row|reader|dr|headers?|(query|request|path)?params?|query|request|req|args|bundle|intent|extras|` +
		`prefs|sharedPreferences|config(uration)?|properties|props|env(ironment)?|session|claims?|metadata|model|attributes|resources|savedInstanceState)(\(\))?$`)
)

// texts are the strings of a file; in the languages where long ones are added up, those that belong together as one, with a line
// break for each one in the source.
func texts(f *source.File) []*source.String {
	if family(f.Path) == "" {
		return f.Strings
	}
	var list []*source.String
	for i := 0; i < len(f.Strings); i++ {
		first := f.Strings[i]
		if !strings.ContainsAny(strings.TrimSpace(first.Value)[:min(1, len(strings.TrimSpace(first.Value)))], "{[") {
			list = append(list, first)
			continue
		}
		whole := *first
		var b strings.Builder
		piece := strings.NewReplacer("\n", " ", "\r", " ")
		for i+1 < len(f.Strings) {
			here, next := f.Strings[i], f.Strings[i+1]
			if next.Span.Start < here.Span.End {
				break
			}
			between := string(f.Text[here.Span.End:min(next.Span.Start, here.Span.End+200)])
			if next.Span.Start-here.Span.End > 200 || !addsUp.MatchString(between) {
				break
			}
			if b.Len() == 0 {
				b.WriteString(piece.Replace(here.Value))
			}
			if strings.Count(between, "+") > 1 {
				b.WriteByte('0')
			}
			b.WriteString(strings.Repeat("\n", next.Span.Line-here.Span.EndLine) + piece.Replace(next.Value))
			whole.Span.End, whole.Span.EndLine = next.Span.End, next.Span.EndLine
			i++
		}
		if b.Len() > 0 {
			whole.Value = b.String()
		}
		list = append(list, &whole)
	}
	return list
}

// paths reads the paths into a document that a function names, one record for each value that they go through.
func (r *sourceReader) paths() {
	if family(r.file.Path) == "" {
		return
	}
	type group struct {
		in     *source.Decl
		parent string
	}
	groups := map[group]*record{}
	var order []group
	for _, c := range r.file.Calls {
		if !pathCalls[c.Name] {
			continue
		}
		for i, a := range c.Args {
			if !a.IsString || i > 1 || len(a.Str) > 200 {
				continue
			}
			steps := stepsOf(c, i, a.Str)
			parent := ""
			for _, step := range steps {
				g := group{c.In, parent}
				rec := groups[g]
				if rec == nil {
					rec = newRecord(formKeyed, r.file.Path, a.Span.Line, parent)
					rec.lang = string(r.file.Lang)
					groups[g], order = rec, append(order, g)
				}
				rec.add(step, a.Span.Line, "", "")
				parent = step
			}
		}
	}
	for _, g := range order {
		rec := groups[g]
		if !r.wants(rec) {
			continue
		}
		rec.about = append(rec.about, r.around(g.in)...)
		r.found = append(r.found, rec)
	}
}

// stepsOf are the keys of a path that a call is given, nil for a string that is none.
func stepsOf(c *source.Call, i int, text string) []string {
	switch {
	case dollarPath.MatchString(text):
	case c.Name == "at" && slashPath.MatchString(text):
	case c.Name == "body" && i == 0 && len(c.Args) > 1 && bodyPath.MatchString(text):
	case (c.Name == "path" || strings.HasPrefix(c.Name, "SelectToken")) && strings.Contains(text, ".") && bodyPath.MatchString(text):
	case strings.HasPrefix(c.Name, "get") && strings.Contains(c.Receiver, "jsonPath") && bodyPath.MatchString(text):
	default:
		return nil
	}
	return pathStep.FindAllString(text, 20)
}

// around is what a function, and the class that it is in, are about: their names and the routes in it.
func (r *sourceReader) around(in *source.Decl) []string {
	var about []string
	for d := in; d != nil; d = d.Parent {
		about = append(about, d.Name)
	}
	for _, s := range r.file.Strings {
		if s.In == in && strings.Contains(s.Value, "/") && len(s.Value) < 200 {
			about = append(about, s.Value)
		}
	}
	return about
}

// chained are the literals in the receivers of the calls around a place: get("/orders/1").willReturn(okJson("{...}")).
func (r *sourceReader) chained(c *source.Call) []string {
	if family(r.file.Path) == "" || len(c.Receiver) > 400 || !strings.Contains(c.Receiver, `"`) {
		return nil
	}
	return slices.DeleteFunc(literals(c.Receiver), func(s string) bool { return len(s) > 200 })
}

func set(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}
