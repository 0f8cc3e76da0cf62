package routes

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A group is a router that a variable holds, with the path below which it answers.
type group struct {
	name, prefix string
	from         int // where it is made, in bytes
}

var (
	givenTo   = lazy.New(`(?:^|[\s;{(])(?:const |let |var |val |auto )?[$&]?(?:self\.|this\.)?(\w+)(?:\s*:\s*[\w.<>\[\] ]+)?\s*:?=\s*(?:await )?(?:[\w.$]+\()?$`)
	makers    = lazy.New(`^(Group|MapGroup|group|Blueprint|APIRouter|Subrouter|NewSubRouter|Party|scope|basePath|RouterGroup|APIBlueprint|Namespace|Router)$`)
	chainPart = lazy.New(`(?:PathPrefix|scope|prefix|Group|MapGroup|basePath|group)\(["'` + "`" + `]([^"'` + "`" + `]*)["'` + "`" + `]`)
	mountName = lazy.New(`^(use|include_router|register_blueprint|Mount|mount|nest|nest_service|register|route|Use)$`)
	firstName = lazy.New(`^[&$]?(?:self\.|this\.)?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)`)
)

// collectGroups finds the routers that variables hold, and what they are mounted below in the same file.
func (d *declaring) collectGroups() {
	for _, c := range d.file.Calls {
		if !makers.MatchString(c.Name) {
			continue
		}
		prefix := ""
		for i, a := range c.Args {
			if a.IsString && (a.Keyword == "url_prefix" || a.Keyword == "prefix" || a.Keyword == "path" || a.Keyword == "" && i == 0 && c.Name != "Blueprint" && c.Name != "APIBlueprint") {
				prefix = a.Str
			}
		}
		if c.Name == "Subrouter" {
			if m := chainPart.FindStringSubmatch(c.Receiver); m != nil {
				prefix = m[1]
			}
		}
		start := max(0, c.Span.Start-120)
		line := string(d.file.Text[start:c.Span.Start])
		if m := givenTo.FindStringSubmatch(line[strings.LastIndexByte(line, '\n')+1:]); m != nil {
			d.groups = append(d.groups, group{m[1], join(d.prefix(c), prefix), c.Span.Start})
		}
	}
	for _, c := range d.file.Calls { // mounts of what this file holds
		prefix, to, ok := mounted(c)
		if !ok || prefix == "" {
			continue
		}
		above := d.prefix(c)
		for i := range d.groups {
			if g := &d.groups[i]; g.name == to {
				g.prefix = join(above, prefix, g.prefix)
			}
		}
	}
}

// mounted is what a call mounts and below which path: app.use("/x", r), include_router(r, prefix="/x"), r.Mount("/x", sub).
func mounted(c *source.Call) (prefix, to string, ok bool) {
	if !mountName.MatchString(c.Name) || len(c.Args) == 0 {
		return "", "", false
	}
	for i, a := range c.Args {
		switch {
		case a.IsString && (a.Keyword == "prefix" || a.Keyword == "url_prefix" || a.Keyword == "" && i == 0):
			prefix = a.Str
		case a.Keyword == "" && !a.IsString && !a.IsFunc:
			if strings.HasPrefix(a.Text, "{") {
				if m := prefixOption.FindStringSubmatch(a.Text); m != nil {
					prefix = m[1]
				}
				continue
			}
			if m := firstName.FindStringSubmatch(a.Text); m != nil {
				to = m[1]
			}
		}
	}
	return prefix, to, to != ""
}

var prefixOption = lazy.New(`\bprefix:\s*["'` + "`" + `]([^"'` + "`" + `]*)`)

// mount notes a path below which a router of another file answers.
func (d *declaring) mount(c *source.Call) {
	prefix, to, ok := mounted(c)
	if !ok || !strings.HasPrefix(prefix, "/") || len(prefix) < 3 || c.Name == "register" && d.file.Lang == source.Python {
		return
	}
	for _, g := range d.groups {
		if g.name == to {
			return
		}
	}
	if d.file.Lang == source.Rust && c.Name == "route" {
		return
	}
	d.add(Route{File: d.file.Path, Line: c.Span.Line, Mount: true, To: to}, c, prefix)
}

// scope is the path that a call gives to the routes which are registered inside it, "" for none.
func (d *declaring) scope(c *source.Call) string {
	switch c.Name {
	case "Route", "Group", "route", "group", "MapGroup", "prefix", "basePath", "scope", "namespace":
	case "resource", "resources", "route_param":
		if d.file.Lang != source.Ruby {
			return ""
		}
	default:
		return ""
	}
	prefix := ""
	for _, m := range chainPart.FindAllStringSubmatch(c.Receiver, -1) {
		prefix = join(prefix, m[1])
	}
	if len(c.Args) > 0 && c.Args[0].IsString {
		if c.Name == "route_param" {
			return "{" + c.Args[0].Str + "}"
		}
		prefix = join(prefix, c.Args[0].Str)
	} else if len(c.Args) > 0 && strings.Contains(c.Args[0].Text, "prefix") { // Route::group(['prefix' => 'x'], ...)
		if m := arrayPrefix.FindStringSubmatch(c.Args[0].Text); m != nil {
			prefix = join(prefix, m[1])
		}
	}
	return prefix
}

var arrayPrefix = lazy.New(`['"]prefix['"]\s*=>\s*['"]([^'"]*)['"]`)

// inScope says that a call stands inside a scope, or on a router that a variable holds.
func (d *declaring) inScope(c *source.Call) bool { return d.prefix(c) != "" || d.routing(c) }

func (d *declaring) routing(c *source.Call) bool {
	for _, o := range d.file.Calls {
		if o != c && o.Span.Start <= c.Span.Start && o.Span.End >= c.Span.End && (o.Name == "routing" || o.Name == "route" || o.Name == "draw") {
			return true
		}
	}
	return false
}

// prefix is what stands before the path of a call: scopes around it, the router that it is made on, the chain before it.
func (d *declaring) prefix(c *source.Call) string {
	prefix := ""
	for _, o := range d.file.Calls { // in source order, outer ones first
		if o.Span.Start > c.Span.Start {
			break
		}
		if o == c || o.Span.End < c.Span.End || len(o.Args) == 0 {
			continue
		}
		last := o.Args[len(o.Args)-1]
		if last.IsFunc && last.Span.Start <= c.Span.Start && last.Span.End >= c.Span.End {
			if s := d.scope(o); s != "" {
				prefix = join(prefix, s)
			}
		}
	}
	receiver := strings.TrimLeft(c.Receiver, "$&")
	for _, own := range []string{"self.", "this."} {
		receiver = strings.TrimPrefix(receiver, own)
	}
	name := firstName.FindString(receiver)
	name, _, _ = strings.Cut(name, ".")
	best := -1
	for i, g := range d.groups {
		if g.name == name && name != "" && g.from < c.Span.Start && (best < 0 || g.from > d.groups[best].from) {
			best = i
		}
	}
	if best >= 0 {
		prefix = join(prefix, d.groups[best].prefix)
	}
	if c.Name != "group" && c.Name != "Group" && c.Name != "Subrouter" && !strings.HasPrefix(c.Receiver, "Route::get") {
		for _, m := range chainPart.FindAllStringSubmatch(c.Receiver, -1) {
			prefix = join(prefix, m[1])
		}
	}
	return strings.TrimPrefix(prefix, "//")
}
