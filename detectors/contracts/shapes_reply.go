package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

var (
	// replySink takes a literal over the wire: an answer, a message, an encoder.
	replySink = lazy.New(`(?:^|\.)(?:json|Json|jsonify|JSONResponse|JsonResponse|Response|ORJSONResponse|send|JSON|JSONP|IndentedJSON|PureJSON|json_response|jsonResponse|[wW]rite_?JSON|write_?[jJ]son|[rR]espond_?JSON|[rR]espond_?[wW]ith_?JSON|respond_?json|send_?[jJ]son|render_?json|render_?JSON|Encode|Marshal|MarshalIndent|dumps|publish|emit|produce|sendMessage|send_message|sendToQueue|stringify|body|add|dispatch)$`)
	// managedSink does so in Java, Kotlin and C#.
	managedSink = lazy.New(`(?:^|\.)(?:Ok|ok|Created|CreatedAtAction|Accepted|respond|Json|entity|success|bodyValue|convertAndSend|PublishAsync)$`)
	// presenter is a function that makes the serialised form of something.
	presenter = lazy.New(`(?i)^(to|as|into)_?(json|dict|view|dto|api|response|payload|event|public)|^(build|make|create)_?\w*(event|message|payload)$|serialize|serialise|present|^render|marshal`)
	// webVerb registers a handler.
	webVerb = lazy.New(`^(?:get|post|put|patch|delete|route|all|use|GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete|HandleFunc|Handle|Method|api_route|websocket)$`)
	// minimalVerb registers a handler with ASP.NET Core's minimal APIs.
	minimalVerb = lazy.New(`^Map(Get|Post|Put|Patch|Delete|Methods)$`)
	faultKeys   = []string{"error", "errors", "message", "detail", "details", "code", "status", "ok", "success", "msg"}
)

// replyShapes are the literals that a file's handlers answer with or publish. They have no declared type: what a handler
// answers is its contract.
func replyShapes(at side, f *source.File) []*shape {
	var list []*shape
	uses := topicUses(at, f)
	var routed, sending []*source.Call
	for _, c := range f.Calls {
		if routeOf(c) != "" || rootOf(c) != "" {
			routed = append(routed, c)
		}
		if messageCalls[c.Name] == publishes || helperCall(c) == publishes {
			sending = append(sending, c)
		}
	}
	for _, o := range f.Objects {
		if len(o.Keys) < 2 || family(f.Path) != "" && o.Type != "" && !untyped.MatchString(o.Type) || f.Lang == source.Go && !strings.HasPrefix(o.Type, "map[") && !strings.HasSuffix(o.Type, ".H") && !strings.HasSuffix(o.Type, ".M") && !strings.HasSuffix(o.Type, ".Map") {
			continue
		}
		if f.Lang == source.Rust && rustType.MatchString(o.Type) {
			continue // its keys are the fields' own names; the type says how they are written
		}
		topics, sent := sentAs(f, o, sending, uses)
		owner := replyOwner(f, o, routed, sent)
		if owner == "" && sent && len(topics) > 0 {
			owner = topics[0]
		}
		if owner == "" {
			continue
		}
		s := &shape{owner: owner, dialect: string(f.Lang), path: f.Path, line: o.Span.Line, end: o.Span.EndLine, reply: true, sent: sent, topics: topics}
		s.asks = !strings.HasPrefix(owner, "/") && o.In != nil && asksOthers.Match(f.Text[o.In.Span.Start:min(len(f.Text), o.In.Span.End, o.In.Span.Start+20_000)])
		telling := false
		for _, k := range o.Keys {
			name := wireKey(f, o, k)
			telling = telling || !slices.Contains(faultKeys, name)
			fd := field{wire: name, typ: k.Value, kind: kindOf(k.Value), line: k.Span.Line}
			if k.Child != nil {
				fd.kind, fd.child = kindObject, owner+"."+name
			}
			s.fields = append(s.fields, fd)
			if k.Child != nil && len(k.Child.Keys) > 0 {
				child := &shape{owner: owner + "." + name, dialect: s.dialect, path: f.Path, line: k.Span.Line, end: o.Span.EndLine, reply: true, sent: sent, topics: topics}
				for _, ck := range k.Child.Keys {
					child.fields = append(child.fields, field{wire: wireKey(f, k.Child, ck), typ: ck.Value, kind: kindOf(ck.Value), line: ck.Span.Line})
				}
				list = append(list, child)
			}
		}
		if o.Spread {
			s.unread = append(s.unread, "...")
		}
		if telling {
			list = append(list, s)
		}
	}
	if f.Lang == source.Python {
		list = append(list, keywordReplies(f, routed)...)
	}
	return list
}

// keywordReplies are the answers that Flask makes of keyword arguments: jsonify(plate=p, balance=b).
func keywordReplies(f *source.File, routed []*source.Call) []*shape {
	var list []*shape
	for _, c := range f.Calls {
		if c.Name != "jsonify" || c.In == nil {
			continue
		}
		s := &shape{owner: routeAround(f, &source.Object{Span: c.Span, In: c.In}, routed), dialect: string(f.Lang), path: f.Path, line: c.Span.Line, end: c.Span.EndLine, reply: true}
		if s.owner == "" {
			s.owner = c.In.Name
		}
		telling := false
		for _, a := range c.Args {
			if a.Keyword == "" {
				s.unread = append(s.unread, "...")
				continue
			}
			telling = telling || !slices.Contains(faultKeys, a.Keyword)
			s.fields = append(s.fields, field{wire: a.Keyword, typ: a.Text, kind: kindOf(a.Text), line: a.Span.Line})
		}
		if telling && len(s.fields) > 1 {
			list = append(list, s)
		}
	}
	return list
}

// asksOthers is a call by which a function asks another program.
var asksOthers = lazy.New(`\b(?:requests|httpx|aiohttp|session|client)\.(?:post|put|patch|request)\(|\burllib\.request\b|\bfetch\(|\baxios\b|\bhttp\.(?:Post|NewRequest\w*)\(|\bNet::HTTP\b|\bFaraday\b|\bHttpClient\b|\bcurl_exec\(`)

var rustType = lazy.New(`^(?:\w+::)*[A-Z]`)

// replyOwner names what a literal is the answer of: its route, its topic or its function; empty for a literal that is none.
func replyOwner(f *source.File, o *source.Object, routed []*source.Call, sent bool) string {
	if declaredByClass(o) {
		return ""
	}
	route := routeAround(f, o, routed)
	sink := sent || replySink.MatchString(o.Name) || family(f.Path) != "" && managedSink.MatchString(o.Name) || route != "" && answersWith(f, o)
	if o.Name != "" && !sink || o.Name == "" && route == "" && (o.In == nil || !presenter.MatchString(o.In.Name) && !presents(o.In) && !dumped(f, o.In)) {
		return ""
	}
	if route != "" {
		return route
	}
	if o.In != nil {
		if scoped(f.Lang) && o.In.Receiver != "" {
			return o.In.Receiver + "." + o.In.Name
		}
		return o.In.Name
	}
	return ""
}

var presenterClass = lazy.New(`(Presenter|Serializer|Serialiser|Transformer|ViewModel|View|Dto|DTO|Resource|Builder)$`)

// presents says that a method belongs to a class that makes the serialised form of something.
func presents(d *source.Decl) bool {
	return presenterClass.MatchString(d.Receiver) || d.Parent != nil && presenterClass.MatchString(d.Parent.Name) && d.Parent.Kind != source.Function
}

// dumped says that the file serialises what a function gives back: json.dump(status(hosts), f), or by way of a variable.
func dumped(f *source.File, d *source.Decl) bool {
	if d.Name == "" {
		return false
	}
	call := d.Name + "("
	given := map[string]bool{}
	for row := range strings.Lines(string(f.Text)) {
		left, right, ok := strings.Cut(row, "=")
		if left = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(left), "const "), ":")); ok && strings.Contains(right, call) && variableName.MatchString(left) {
			given[left] = true
		}
	}
	return slices.ContainsFunc(f.Calls, func(c *source.Call) bool {
		if !encoder.MatchString(c.Full()) || c.In == d {
			return false
		}
		return slices.ContainsFunc(c.Args, func(a source.Arg) bool { return strings.HasPrefix(a.Text, call) || given[a.Text] })
	})
}

var encoder = lazy.New(`(?:^|\.)(?:dump|dumps|stringify|Marshal|MarshalIndent|Encode|jsonify|JSONResponse|JsonResponse|json_response|json)$`)

// declaredByClass says that the keys of a literal are fields of the class around it: a resource's array.
func declaredByClass(o *source.Object) bool {
	return o.In != nil && o.In.Parent != nil && slices.ContainsFunc(o.In.Parent.Members, func(m *source.Decl) bool {
		return m.Kind == source.Field && m.Span.Start >= o.Span.Start && m.Span.End <= o.Span.End
	})
}

// answersWith says that a handler answers with the variable that a literal is given to.
func answersWith(f *source.File, o *source.Object) bool {
	if o.In == nil || !variableName.MatchString(o.Name) {
		return false
	}
	for _, c := range f.Calls {
		if c.In == o.In && c.Span.Start > o.Span.Start && replySink.MatchString(c.Full()) && handsOver(c, o.Name) {
			return true
		}
	}
	body := f.Text[o.Span.End:max(o.Span.End, o.In.Span.End)]
	return regexp.MustCompile(`\breturn\s+` + regexp.QuoteMeta(o.Name) + `\b\s*[;\n]`).Match(body)
}

// routeAround is the path under which the function around a literal is registered: by a decorator, by the call that it is
// written in, or by a call that names it.
func routeAround(f *source.File, o *source.Object, routed []*source.Call) string {
	for d := o.In; d != nil; d = d.Parent {
		if (family(f.Path) != "" || f.Lang == source.TypeScript) && len(d.Decorators) > 0 {
			for _, r := range routes.Declared(f) {
				if r.Decl == d && !r.Unread {
					return r.Path
				}
			}
			continue
		}
		for _, c := range d.Decorators {
			if r := routeOf(c); r != "" {
				return r
			}
		}
	}
	for _, c := range routed {
		if r := cmpOr(routeOf(c), rootOf(c)); r != "" {
			if c.Span.Start <= o.Span.Start && c.Span.End >= o.Span.End {
				return r
			}
			for _, a := range c.Args {
				if o.In != nil && o.In.Name != "" && (a.Text == o.In.Name || strings.HasSuffix(a.Text, "."+o.In.Name)) {
					return r
				}
			}
		}
	}
	return ""
}

func routeOf(c *source.Call) string {
	if !webVerb.MatchString(c.Name) && !minimalVerb.MatchString(c.Name) || len(c.Args) == 0 || !c.Args[0].IsString {
		return ""
	}
	path := c.Args[0].Str
	if _, after, ok := strings.Cut(path, " "); ok { // Go 1.22: "GET /x"
		path = after
	}
	if !strings.HasPrefix(path, "/") || len(path) < 3 {
		return ""
	}
	return path
}

// rootOf is "/" for a call that registers a handler right there for what a router of another file calls its root.
func rootOf(c *source.Call) string {
	if webVerb.MatchString(c.Name) && len(c.Args) > 1 && c.Args[0].Str == "/" && c.Args[len(c.Args)-1].IsFunc {
		return "/"
	}
	return ""
}

// keptInside says of each old name of a literal whether the program itself goes on with it: `{"display_name": row.full_name}`.
func keptInside(now *shape, wire string) bool {
	return slices.ContainsFunc(now.fields, func(f field) bool {
		return strings.HasSuffix(f.typ, "."+wire) || strings.Contains(f.typ, `["`+wire+`"]`) || strings.Contains(f.typ, `['`+wire+`']`)
	})
}
