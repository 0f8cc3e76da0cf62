package contracts

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// ProtobufBreaking finds what buf's WIRE_JSON and FILE rules call breaking in .proto files.
var ProtobufBreaking = &detectors.Detector{
	ID:    "contracts/protobuf-breaking",
	Title: "A protobuf contract changed in a way that breaks its peers",
	Run:   runProtobuf,
}

func runProtobuf(pass *detectors.Pass) error {
	var old, now []*protoFile
	for _, f := range pass.Branch.Files {
		p := cmpOr(f.OldPath, f.Path)
		if path.Ext(p) != ".proto" || f.TooLarge || f.Vendored || !declares(p) {
			continue
		}
		if f.Status != branch.Added {
			if text, err := f.Before(); err == nil && text != nil {
				old = append(old, parseProto(p, string(text)))
			}
		}
		if f.Status != branch.Deleted {
			if text, err := f.After(); err == nil && text != nil {
				now = append(now, parseProto(f.Path, string(text)))
			}
		}
	}
	if len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	c := &protoCompare{pass: pass, now: now, quiet: announcesBreak(pass.Branch)}
	for _, o := range old {
		c.file(o)
	}
	return nil
}

// A protoCompare looks each old name up in all changed files, so that what moved between files of a package is found.
type protoCompare struct {
	pass  *detectors.Pass
	now   []*protoFile
	quiet bool
}

var unstablePackage = regexp.MustCompile(`(^|\.)(v\d+)?(alpha|beta|test|dev|internal)\d*(\.|$)`)

// find gives the new file that declares a name, nil for none.
func (c *protoCompare) find(pkg string, in func(*protoFile) map[string]protoElement, name string) *protoFile {
	for _, f := range c.now {
		if _, ok := in(f)[name]; ok && f.pkg == pkg {
			return f
		}
	}
	return nil
}

func messagesOf(f *protoFile) map[string]protoElement { return f.messages }
func enumsOf(f *protoFile) map[string]protoElement    { return f.enums }
func servicesOf(f *protoFile) map[string]protoElement { return f.services }

func (c *protoCompare) file(o *protoFile) {
	at := c.same(o)
	if at != nil && at.pkg != o.pkg {
		c.tell(o, at, 1, o.pkg, fmt.Sprintf("package %s became %s", o.pkg, at.pkg), detectors.Warning)
		return
	}
	gone := func(kind string, old map[string]protoElement, in func(*protoFile) map[string]protoElement, each func(name string, now *protoFile)) {
		for _, name := range keysOf(old) {
			if parent, nested := parentOf(name); nested && old[parent].name != "" && c.find(o.pkg, in, parent) == nil {
				continue
			}
			if n := c.find(o.pkg, in, name); n == nil {
				sev := detectors.Note // what used it is told: a field of another type, an rpc that is gone
				if kind == "service" {
					sev = detectors.Warning
				}
				c.tell(o, at, 0, name, fmt.Sprintf("%s %s was removed", kind, name), sev)
			} else {
				each(name, n)
			}
		}
	}
	gone("message", o.messages, messagesOf, func(name string, n *protoFile) { c.message(o, n, name) })
	gone("enum", o.enums, enumsOf, func(name string, n *protoFile) { c.enum(o, n, name) })
	gone("service", o.services, servicesOf, func(name string, n *protoFile) { c.service(o, n, name) })
}

// same is the file as it is now: at the same path, or one that shares a message.
func (c *protoCompare) same(o *protoFile) *protoFile {
	for _, f := range c.now {
		if f.path == o.path {
			return f
		}
	}
	for _, f := range c.now {
		for name := range o.messages {
			if _, ok := f.messages[name]; ok {
				return f
			}
		}
	}
	return nil
}

// parentOf is the name without its last part.
func parentOf(name string) (parent string, nested bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", false
	}
	return name[:i], true
}

// membersOf lists the elements right below an owner.
func membersOf(all map[string]protoElement, owner string) []protoElement {
	var list []protoElement
	for key, e := range all {
		if parent, _ := parentOf(key); parent == owner {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b protoElement) int { return cmp.Or(a.number-b.number, cmp.Compare(a.name, b.name)) })
	return list
}

func (c *protoCompare) message(o, n *protoFile, owner string) {
	now := membersOf(n.fields, owner)
	for _, was := range membersOf(o.fields, owner) {
		byNumber, byName := protoElement{}, protoElement{}
		for _, f := range now {
			if f.number == was.number {
				byNumber = f
			}
			if f.name == was.name {
				byName = f
			}
		}
		symbol := owner + "." + was.name
		switch {
		case byName.number != 0 && byName.number != was.number:
			c.tell(o, n, byName.line, symbol, fmt.Sprintf("field %s has the number %d now, it was %d", symbol, byName.number, was.number), detectors.Blocker)
			if byName.typ != was.typ {
				c.tell(o, n, byName.line, symbol, fmt.Sprintf("field %s is %s now, it was %s", symbol, byName.typ, was.typ), detectors.Blocker)
			}
		case byNumber.number == 0:
			sev := detectors.Warning
			if reserves(n.reserved[owner], was) {
				sev = detectors.Note
			}
			c.tell(o, n, 0, symbol, fmt.Sprintf("field %s = %d was removed", symbol, was.number), sev)
		case byNumber.typ != was.typ && !wireCompatible(was.typ, byNumber.typ):
			c.tell(o, n, byNumber.line, symbol, fmt.Sprintf("field %s = %d is %s now, it was %s", symbol, was.number, byNumber.typ, was.typ), detectors.Blocker)
		case byNumber.typ != was.typ:
			c.tell(o, n, byNumber.line, symbol, fmt.Sprintf("field %s is %s now, it was %s: the same on the wire, another type in generated code", symbol, byNumber.typ, was.typ), detectors.Note)
		case byNumber.name != was.name:
			c.tell(o, n, byNumber.line, symbol, fmt.Sprintf("field %s = %d is called %s now: JSON and generated code change", symbol, was.number, byNumber.name), detectors.Warning)
		case byNumber.jsonName != was.jsonName:
			c.tell(o, n, byNumber.line, symbol, fmt.Sprintf("field %s is called %q in JSON now", symbol, byNumber.jsonName), detectors.Warning)
		}
	}
}

// reserves says whether the number and the name of a removed field or value are reserved.
func reserves(list []string, e protoElement) bool {
	number := slices.Contains(list, fmt.Sprint(e.number))
	for i, t := range list {
		if t == "to" && i > 0 && i+1 < len(list) {
			from, to := 0, 1<<30
			_, _ = fmt.Sscan(list[i-1], &from)
			if list[i+1] != "max" {
				_, _ = fmt.Sscan(list[i+1], &to)
			}
			number = number || e.number >= from && e.number <= to
		}
	}
	return number && slices.Contains(list, e.name)
}

// wireGroups are the types that read each other's bytes and JSON (buf's FIELD_WIRE_JSON_COMPATIBLE_TYPE).
var wireGroups = [][]string{{"int32", "uint32"}, {"int64", "uint64"}, {"fixed32", "sfixed32"}, {"fixed64", "sfixed64"}}

func wireCompatible(a, b string) bool {
	return slices.ContainsFunc(wireGroups, func(g []string) bool { return slices.Contains(g, a) && slices.Contains(g, b) })
}

func (c *protoCompare) enum(o, n *protoFile, owner string) {
	now := membersOf(n.values, owner)
	for _, was := range membersOf(o.values, owner) {
		symbol := owner + "." + was.name
		i := slices.IndexFunc(now, func(v protoElement) bool { return v.number == was.number })
		j := slices.IndexFunc(now, func(v protoElement) bool { return v.name == was.name })
		switch {
		case j >= 0 && now[j].number != was.number:
			c.tell(o, n, now[j].line, symbol, fmt.Sprintf("value %s is %d now, it was %d", symbol, now[j].number, was.number), detectors.Blocker)
		case i < 0 && !reserves(n.reserved[owner], was):
			c.tell(o, n, 0, symbol, fmt.Sprintf("value %s = %d was removed", symbol, was.number), detectors.Warning)
		case i >= 0 && j < 0:
			c.tell(o, n, now[i].line, symbol, fmt.Sprintf("value %s = %d is called %s now: JSON and generated code change", symbol, was.number, now[i].name), detectors.Warning)
		}
	}
}

func (c *protoCompare) service(o, n *protoFile, owner string) {
	now := membersOf(n.methods, owner)
	for _, was := range membersOf(o.methods, owner) {
		symbol := owner + "." + was.name
		i := slices.IndexFunc(now, func(m protoElement) bool { return m.name == was.name })
		switch {
		case i < 0:
			c.tell(o, n, 0, symbol, fmt.Sprintf("rpc %s was removed", symbol), detectors.Warning)
		case now[i].typ != was.typ:
			c.tell(o, n, now[i].line, symbol, fmt.Sprintf("rpc %s is %s now, it was %s", symbol, now[i].typ, was.typ), detectors.Blocker)
		}
	}
}

func (c *protoCompare) tell(o, n *protoFile, line int, symbol, message string, sev detectors.Severity) {
	p := o.path
	if n != nil {
		p = n.path
	}
	if c.quiet || unstablePackage.MatchString(o.pkg) {
		sev = detectors.Note
	}
	c.pass.Report(detectors.Finding{
		Severity: sev, Path: p, Line: line, Symbol: symbol, Message: message, Evidence: []string{o.pkg, message},
		Why: "Peers built against the old file read the bytes or the JSON of the new one as something else, without an error.",
		Fix: "Keep numbers, names and types; add a new field beside the old one and reserve the number and the name of what goes.",
	})
}
