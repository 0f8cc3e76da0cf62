package contracts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// MemberRemoved finds code and mocks in Ruby and PHP that still name a public method, constant or case of a class which the
// branch removed or renamed: no compiler tells, and a mock goes on answering to the old name.
var MemberRemoved = &detectors.Detector{
	ID:    "contracts/member-removed",
	Title: "Code still calls a method of a class that the branch removed",
	Run:   runMembers,
}

func runMembers(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var old, now []*publicClass
	for _, f := range pass.Branch.Files {
		if lang := source.LanguageOf(f.Path); lang != source.Ruby && lang != source.PHP || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		if f.Status != branch.Added {
			if file := before.file(cmpOr(f.OldPath, f.Path)); file != nil {
				old = append(old, classesIn(file)...)
			}
		}
		if f.Status != branch.Deleted {
			if file := after.file(f.Path); file != nil {
				now = append(now, classesIn(file)...)
			}
		}
	}
	if len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	told := 0
	for _, o := range old {
		i := slices.IndexFunc(now, func(n *publicClass) bool { return n.name == o.name && n.lang == o.lang })
		if i < 0 || now[i].open {
			continue
		}
		for _, m := range removedMembers(o, now[i]) {
			if told++; told > 200 || movedElsewhere(m, old, now) {
				continue
			}
			if err := reportMember(pass, after, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// movedElsewhere says that the branch declares a member of the name somewhere else: in a base class, a concern or a trait, or in
// another part of the same class.
func movedElsewhere(m removedMember, old, now []*publicClass) bool {
	has := func(c *publicClass) bool {
		_, static := c.static[m.name]
		_, instance := c.instance[m.name]
		_, value := c.values[m.name]
		return static || instance || value
	}
	return slices.ContainsFunc(now, func(n *publicClass) bool {
		if !has(n) {
			return false
		}
		i := slices.IndexFunc(old, func(o *publicClass) bool { return o.name == n.name && o.path == n.path })
		return i < 0 || !has(old[i]) || n.name == m.class.name
	})
}

func reportMember(pass *detectors.Pass, after side, m removedMember) error {
	naming, err := pass.Source.Naming(pass.Context, m.name, m.class.last)
	if err != nil {
		return err
	}
	// Whoever else declares a class of that name with the member, or reopens the class, answers the call.
	for i, p := range naming[m.class.last] {
		if i >= maxCandidates || source.LanguageOf(p) != m.class.lang || !slices.Contains(naming[m.name], p) {
			continue
		}
		if f := after.file(p); f != nil && slices.ContainsFunc(classesIn(f), func(c *publicClass) bool { return c.last == m.class.last && c.open || answersTo(c, m) }) {
			return nil
		}
	}
	story := fmt.Sprintf("removed %s", m.name)
	if m.to != "" {
		story = fmt.Sprintf("renamed %s to %s", m.name, m.to)
	}
	for i, p := range naming[m.name] {
		if i >= maxCandidates || source.LanguageOf(p) != m.class.lang || skipped(p) || !slices.Contains(naming[m.class.last], p) {
			continue
		}
		f := after.file(p)
		if f == nil {
			continue
		}
		line, mock := m.usedIn(f)
		if line == 0 || source.IsTest(p) && !mock {
			continue // a test that calls what is gone fails by itself
		}
		finding := detectors.Finding{
			Severity: detectors.Blocker, Path: p, Line: line, Symbol: m.name,
			Message:  fmt.Sprintf("still calls %s of %s; the branch %s", m.name, m.class.name, story),
			Why:      "No compiler looks at it: the call fails when it runs.",
			Fix:      fmt.Sprintf("Call what took its place, or keep %s as a deprecated alias until every caller has followed.", m.name),
			Related:  []detectors.Related{{Path: m.path, Line: m.line, Message: "the branch " + story + " here"}},
			Evidence: []string{m.class.name, m.name, story},
		}
		if m.kind == instanceMember || len(m.class.bases) > 0 {
			finding.Severity = detectors.Warning
		}
		if mock {
			finding.Severity = detectors.Warning
			finding.Message = fmt.Sprintf("the mock still answers to %s of %s; the branch %s", m.name, m.class.name, story)
			finding.Why = "Tests on it stay green although the class no longer has the method."
		}
		pass.Report(finding)
	}
	return nil
}

// answersTo says that a class of the same last name has the member.
func answersTo(c *publicClass, m removedMember) bool {
	if c.last != m.class.last {
		return false
	}
	_, static := c.static[m.name]
	_, instance := c.instance[m.name]
	_, value := c.values[m.name]
	return static || instance || value
}

// usedIn is the first line of a file that names the member on its class, 0 for none; mock says that it is a stand-in of it.
func (m removedMember) usedIn(f *source.File) (line int, mock bool) {
	if m.kind == valueMember {
		for _, a := range f.Accesses {
			if a.Name == m.name && !a.Key && m.means(f, a.Receiver) {
				return a.Span.Line, false
			}
		}
		return 0, false
	}
	for _, c := range f.Calls {
		switch {
		case m.mocked(f, c):
			return c.Span.Line, true
		case c.Name != m.name || c.Receiver == "":
		case m.kind == staticMember && m.means(f, c.Receiver), m.kind == instanceMember && m.instanceOf(f, c):
			return c.Span.Line, false
		}
	}
	return 0, false
}

// means says that a receiver is the class itself: its constant, or the name that it is imported by.
func (m removedMember) means(f *source.File, receiver string) bool {
	if m.class.lang == source.Ruby {
		name := strings.TrimPrefix(receiver, "::")
		return name == m.class.name || name == m.class.last || strings.HasSuffix(m.class.name, "::"+name) && strings.Contains(name, "::")
	}
	name := strings.TrimPrefix(receiver, `\`)
	if strings.Contains(name, `\`) {
		return name == m.class.name
	}
	for _, imp := range f.Imports {
		for _, n := range imp.Names {
			if n.Alias == name || n.Alias == "" && n.Name == name {
				return imp.Path == m.class.name
			}
		}
	}
	return name == m.class.last && strings.TrimSuffix(m.class.name, m.class.last) == strings.TrimPrefix(f.Package+`\`, `\`)
}

var (
	rubyInstance = lazy.New(`^([A-Z][\w:]*)\.new(\(.*\))?$`)
	phpInstance  = lazy.New(`^\(\s*new\s+([\w\\]+)\s*(\(.*\))?\s*\)$`)
	ofMock       = lazy.New(`^(?:allow|expect)(?:_any_instance_of)?\(([A-Z][\w:]*)\)$`)
)

// instanceOf says that a call's receiver is an instance of the class: made right there, a parameter or a property of its type.
func (m removedMember) instanceOf(f *source.File, c *source.Call) bool {
	if s := rubyInstance.FindStringSubmatch(c.Receiver); s != nil && m.class.lang == source.Ruby {
		return m.means(f, s[1])
	}
	if m.class.lang != source.PHP {
		return false
	}
	if s := phpInstance.FindStringSubmatch(c.Receiver); s != nil {
		return m.means(f, s[1])
	}
	typed := func(name string) bool {
		name = strings.TrimPrefix(name, "?")
		return name != "" && m.means(f, name)
	}
	for d := c.In; d != nil; d = d.Parent {
		for _, p := range d.Params {
			if p.Name == c.Receiver {
				return typed(p.Type)
			}
		}
		for _, field := range d.Members {
			if field.Kind == source.Field && "$this->"+field.Name == c.Receiver {
				return typed(field.Type)
			}
		}
	}
	return false
}

// mocked says that a call makes a stand-in answer to the member: allow(X).to receive(:m), shouldReceive('m') beside X::class.
func (m removedMember) mocked(f *source.File, c *source.Call) bool {
	if s := ofMock.FindStringSubmatch(c.Receiver); s != nil && (c.Name == "to" || c.Name == "not_to") && len(c.Args) > 0 {
		each := strings.Contains(c.Receiver, "_any_instance_of")
		return each == (m.kind == instanceMember) && m.means(f, s[1]) && strings.HasPrefix(c.Args[0].Text, "receive(:"+m.name+")")
	}
	if c.Name != "shouldReceive" && c.Name != "shouldHaveReceived" || len(c.Args) == 0 || c.Args[0].Str != m.name || c.In == nil {
		return false
	}
	for _, a := range f.Accesses {
		if a.In == c.In && a.Name == "class" && m.means(f, a.Receiver) {
			return true
		}
	}
	return false
}
