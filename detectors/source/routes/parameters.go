package routes

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Parameter is one value that a handler takes from a request besides the path: of the query, of a form, or a header.
type Parameter struct {
	Name   string
	Header bool
	// Required says that the framework refuses a request without it.
	Required bool
	Line     int
}

var (
	queryCall   = lazy.New(`^(Query|DefaultQuery|GetQuery|QueryParam|QueryInt|QueryBool|QueryArray|FormValue|PostForm|DefaultPostForm|PostFormValue|getParameter)$`)
	queryObject = lazy.New(`(?i)(?:\.(?:Query\(\)|searchParams|args|GET|query_params|form|values|query)|^(?:q|qs|query|params|values|searchParams|search_params))$`)
	requestName = lazy.New(`(?i)^\$?(?:this->)?req(uest)?$`)
	requestCall = lazy.New(`^(query|input|get|integer|boolean|string|str|float|date|array|enum|post)$`)
	readMember  = lazy.New(`(?i)(?:^|\.)(?:req|request|ctx|c|event|context)\.(?:query|args|GET|query_params|form)$|\.Request\.Query$|^Request\.Query$|^req\.query$|^\$_GET$|^params$`)
	headerCall  = lazy.New(`^(GetHeader|getHeader|header)$`)
	headerOf    = lazy.New(`(?i)(?:^|\.)headers?$`)
	pathValue   = lazy.New(`[{<:](?:\w+:)?(\w+)`)
	plainType   = lazy.New(`^(?:Optional\[|Annotated\[|list\[|List\[|set\[|Literal\[|Union\[)*\s*(?:str|int|float|bool|date|datetime|UUID|Decimal|EmailStr|["'])`)
	plainSharp  = lazy.New(`^(?:string|int|long|bool|double|decimal|Guid|DateTime|DateOnly|DateTimeOffset)\??(?:\[\])?$`)
	injected    = lazy.New(`\b(Depends|Body|File|Form|Header|Path|Security|Cookie|BackgroundTasks)\(`)
	headerMark  = lazy.New(`\bHeader\(`)
	aliased     = lazy.New(`\balias\s*=\s*["']([\w.-]+)["']`)
	behindJava  = lazy.New(`^\s*(?:@\w+(?:\([^()]*\))?\s*)*(?:final\s+)?[\w<>\[\].?, ]+?\s+(\w+)\s*[,)]`)
	behindKotl  = lazy.New(`^\s*(\w+)\s*:`)
	querying    = lazy.New(`(?:^|::|\b)Query<(?:[\w:]+::)?(\w+)>`)
	requestsOwn = []string{"page", "id", "format", "action", "controller", "utf8", "authenticity_token"}
)

// Parameters are what the code in a span of a file takes from requests; decl is the handler's declaration where it has one,
// and of which route (for the values of its path). Shapes gives the members of a type that a query is read into.
func Parameters(f *source.File, span source.Span, decl *source.Decl, r *Route, members func(typ string) []*source.Decl) []Parameter {
	p := &reading{file: f, span: span}
	for _, c := range f.Calls {
		if p.inside(c.Span) {
			p.call(c)
		}
	}
	for _, a := range f.Accesses {
		if !p.inside(a.Span) || a.Write {
			continue
		}
		switch {
		case readMember.MatchString(a.Receiver) && (f.Lang != source.Ruby || a.Key), a.Key && requestName.MatchString(a.Receiver) && f.Lang == source.PHP:
			p.add(Parameter{Name: a.Name, Line: a.Span.Line})
		case headerOf.MatchString(a.Receiver) && a.Key:
			p.add(Parameter{Name: a.Name, Header: true, Line: a.Span.Line})
		}
	}
	if decl != nil {
		p.signature(decl, r, members)
	}
	return p.found
}

type reading struct {
	file  *source.File
	span  source.Span
	found []Parameter
}

func (p *reading) inside(s source.Span) bool { return s.Start >= p.span.Start && s.End <= p.span.End }

func (p *reading) add(x Parameter) {
	if len(x.Name) < 2 && !x.Header || strings.ContainsAny(x.Name, " /\n") || slices.ContainsFunc(p.found, func(o Parameter) bool { return o.Name == x.Name }) ||
		slices.Contains(requestsOwn, x.Name) {
		return
	}
	p.found = append(p.found, x)
}

func (p *reading) call(c *source.Call) {
	if len(c.Args) == 0 {
		return
	}
	first := c.Args[0]
	for i, a := range c.Args {
		if a.Keyword == "name" || a.Keyword == "value" || a.Keyword == "Name" || a.Keyword == "" && i == 0 {
			first = a
			break
		}
	}
	if !first.IsString {
		return
	}
	name := Parameter{Name: first.Str, Line: c.Span.Line}
	switch {
	case p.file.Lang == source.Ruby:
		if c.Receiver == "params" && (c.Name == "require" || c.Name == "fetch" || c.Name == "permit" || c.Name == "dig") {
			for _, a := range c.Args {
				if a.IsString && a.Keyword == "" {
					p.add(Parameter{Name: a.Str, Line: c.Span.Line})
				}
			}
		}
	case p.file.Lang == source.PHP:
		if requestName.MatchString(c.Receiver) && requestCall.MatchString(c.Name) || c.Receiver == "" && c.Name == "request" {
			p.add(name)
		}
	case queryCall.MatchString(c.Name) && c.Receiver != "" && (p.file.Lang == source.Go || c.Name == "getParameter"):
		p.add(name)
	case (c.Name == "Get" || c.Name == "get" || c.Name == "getAll" || c.Name == "getlist") && queryObject.MatchString(c.Receiver):
		p.add(name)
	case c.Name == "query" && strings.HasSuffix(c.Receiver, ".req"): // Hono
		p.add(name)
	case headerCall.MatchString(c.Name) || (c.Name == "Get" || c.Name == "get") && headerOf.MatchString(c.Receiver):
		name.Header = true
		p.add(name)
	}
}

// signature reads what a handler's parameters take from the query.
func (p *reading) signature(decl *source.Decl, r *Route, members func(string) []*source.Decl) {
	var inPath []string
	if r != nil {
		for _, m := range pathValue.FindAllStringSubmatch(r.Path, -1) {
			inPath = append(inPath, m[1])
		}
	}
	switch p.file.Lang {
	case source.Python:
		for _, x := range decl.Params {
			if r != nil && r.Decl != nil && fastAPI(p.file) && headerMark.MatchString(x.Default+" "+x.Type) {
				name := http.CanonicalHeaderKey(strings.ReplaceAll(x.Name, "_", "-"))
				if m := aliased.FindStringSubmatch(x.Default + x.Type); m != nil {
					name = m[1]
				}
				p.add(Parameter{Name: name, Header: true, Line: decl.Span.Line, Required: x.Default == "" || strings.Contains(x.Default, "(...")})
				continue
			}
			if r == nil || r.Decl == nil || x.Variadic || x.KeywordVariadic || slices.Contains(inPath, x.Name) || !plainType.MatchString(x.Type) ||
				injected.MatchString(x.Default) || injected.MatchString(x.Type) || !fastAPI(p.file) {
				continue
			}
			name := x.Name
			if m := aliased.FindStringSubmatch(x.Default + x.Type); m != nil {
				name = m[1]
			}
			p.add(Parameter{Name: name, Line: decl.Span.Line, Required: x.Default == "" || strings.Contains(x.Default, "(...")})
		}
	case source.Rust, source.Go:
		for _, x := range decl.Params {
			if m := querying.FindStringSubmatch(x.Type); m != nil && members != nil {
				for _, f := range members(m[1]) {
					p.add(Parameter{Name: cmp.Or(f.Wire, f.Name), Line: f.Span.Line})
				}
			}
		}
	default:
		p.annotated(decl, inPath)
	}
}

func fastAPI(f *source.File) bool {
	return slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return strings.HasPrefix(i.Path, "fastapi") })
}

// annotated reads @RequestParam, @Query and [FromQuery] in a handler's head.
func (p *reading) annotated(decl *source.Decl, inPath []string) {
	for _, c := range p.file.Calls {
		header := c.Name == "RequestHeader" || c.Name == "FromHeader" || c.Name == "HeaderParam"
		if !header && c.Name != "RequestParam" && c.Name != "QueryParam" && c.Name != "Query" && c.Name != "FromQuery" && c.Name != "QueryValue" || c.Span.Start < decl.Span.Start || c.Span.End > decl.Span.End || c.Receiver != "" {
			continue
		}
		x := Parameter{Line: c.Span.Line, Header: header, Required: c.Name == "RequestParam" && p.file.Lang == source.Java}
		for i, a := range c.Args {
			switch {
			case a.IsString && (a.Keyword == "" && i == 0 || a.Keyword == "name" || a.Keyword == "value" || a.Keyword == "Name"):
				x.Name = a.Str
			case a.Keyword == "required" || a.Keyword == "defaultValue":
				x.Required = false
			}
		}
		if x.Name == "" {
			rest := p.file.Text[c.Span.End:min(len(p.file.Text), c.Span.End+160)]
			behind := behindJava
			switch p.file.Lang {
			case source.Kotlin:
				behind = behindKotl
			case source.TypeScript:
				continue
			case source.CSharp:
				rest = []byte(strings.TrimPrefix(strings.TrimSpace(string(rest)), "]"))
			default:
			}
			if m := behind.FindSubmatch(rest); m != nil {
				x.Name = string(m[1])
			}
		}
		if x.Name != "" {
			p.add(x)
		}
	}
	if p.file.Lang == source.CSharp {
		for _, x := range decl.Params {
			if plainSharp.MatchString(x.Type) && !slices.Contains(inPath, x.Name) {
				p.add(Parameter{Name: x.Name, Line: decl.Span.Line})
			}
		}
	}
}
