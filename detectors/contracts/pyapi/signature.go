package pyapi

// How two signatures differ.

import (
	"slices"
	"sort"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// signature is what a caller fills in: the parameters without the one that Python does.
func (m *Member) signature() []source.Param {
	if m.Bound && len(m.Params) > 0 && !m.Params[0].Variadic {
		return m.Params[1:]
	}
	return m.Params
}

// function compares two signatures as griffe does.
func (c *Comparison) function(symbol string, old, now *Member) []Breakage {
	if hides(old) || hides(now) {
		return nil
	}
	list := parameters(symbol, old, now, old.signature(), now.signature())
	if old.Returns != "" && old.Returns != "None" && canonical(old.Returns) != canonical(now.Returns) {
		to := "to " + now.Returns
		if now.Returns == "" {
			to = "to none"
		}
		list = append(list, Breakage{Kind: ReturnChangedType, Symbol: symbol, Text: "changed its return type from " + old.Returns + " " + to, Old: old, New: now, Soft: true})
	}
	for i := range list {
		list[i].Deprecated = list[i].Deprecated || old.Deprecated && (wholly(old) || mentions(old.body, list[i].Text))
		list[i].Soft = list[i].Soft || wraps(old, now)
	}
	return list
}

// mentions says that a warning of a body is about a parameter that the text names.
func mentions(body, text string) bool {
	for _, line := range strings.Split(body, "\n") {
		if !foretold.MatchString(line) && !strings.ContainsAny(line, `"'`) {
			continue
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
			if len(word) > 2 && strings.Contains(line, word) {
				return true
			}
		}
	}
	return false
}

func parameters(symbol string, old, now *Member, before, after []source.Param) []Breakage {
	var list []Breakage
	add := func(kind BreakageKind, text string, soft bool) {
		list = append(list, Breakage{Kind: kind, Symbol: symbol, Text: text, Old: old, New: now, Soft: soft})
	}
	args := slices.ContainsFunc(after, func(p source.Param) bool { return p.Variadic })
	keywords := slices.ContainsFunc(after, func(p source.Param) bool { return p.KeywordVariadic })
	renamed := map[string]bool{}
	removedBefore, moved := false, false
	for i, p := range before {
		j := slices.IndexFunc(after, func(q source.Param) bool { return q.Name == p.Name })
		if j < 0 {
			swallowed := p.KeywordOnly && keywords || p.PositionalOnly && args || positional(p) && args && keywords
			if swallowed {
				continue
			}
			if p.Variadic || p.KeywordVariadic {
				if p.Variadic && args || p.KeywordVariadic && keywords {
					continue // only its name changed
				}
				add(ParameterRemoved, "no longer takes "+shown(p), false)
				continue
			}
			if i < len(after) && positional(after[i]) && positional(p) && !slices.ContainsFunc(before, func(q source.Param) bool { return q.Name == after[i].Name }) && required(p) == required(after[i]) {
				renamed[after[i].Name] = true
				soft := p.PositionalOnly || strings.HasPrefix(p.Name, "_") // nobody passes it by name
				add(ParameterRemoved, "renamed its parameter "+p.Name+" to "+after[i].Name, soft)
				continue
			}
			removedBefore = removedBefore || positional(p)
			add(ParameterRemoved, "no longer takes "+shown(p), strings.HasPrefix(p.Name, "_"))
			continue
		}
		q := after[j]
		if required(q) && !required(p) {
			add(ParameterChangedRequired, "now requires "+shown(p), false)
		}
		if positional(p) && positional(q) && i != j && !moved {
			moved = true
			if !removedBefore || crossed(before, after) {
				add(ParameterMoved, "takes "+p.Name+" at another position", false)
			}
		}
		if kindChanged(p, q, args, keywords) {
			add(ParameterChangedKind, "takes "+p.Name+" "+how(q), false)
		}
		if !required(p) && !required(q) && p.Default != "" && q.Default != "" && canonical(p.Default) != canonical(q.Default) {
			add(ParameterChangedDefault, "changed the default of "+p.Name+" from "+p.Default+" to "+q.Default, true)
		}
	}
	for _, q := range after {
		known := slices.ContainsFunc(before, func(p source.Param) bool { return p.Name == q.Name })
		if !known && required(q) && !renamed[q.Name] {
			add(ParameterAddedRequired, "now requires "+q.Name, false)
		}
	}
	return list
}

// crossed says that what stands at a position did not only move up because an earlier parameter went away.
func crossed(before, after []source.Param) bool {
	var kept []string
	for _, p := range before {
		if slices.ContainsFunc(after, func(q source.Param) bool { return q.Name == p.Name }) {
			kept = append(kept, p.Name)
		}
	}
	n := 0
	for _, q := range after {
		if slices.Contains(kept, q.Name) {
			if kept[n] != q.Name {
				return true
			}
			n++
		} else if positional(q) && n < len(kept) {
			return true
		}
	}
	return false
}

func positional(p source.Param) bool { return !p.KeywordOnly && !p.Variadic && !p.KeywordVariadic }

func required(p source.Param) bool {
	return p.Default == "" && !p.Optional && !p.Variadic && !p.KeywordVariadic
}

func shown(p source.Param) string {
	switch {
	case p.Variadic:
		return "*" + p.Name
	case p.KeywordVariadic:
		return "**" + p.Name
	}
	return p.Name
}

func how(p source.Param) string {
	switch {
	case p.KeywordOnly:
		return "by keyword only"
	case p.KeywordVariadic:
		return "among any keywords only"
	case p.Variadic:
		return "among any arguments by position only"
	}
	return "by position only"
}

// kindChanged follows griffe's table of incompatible kinds.
func kindChanged(p, q source.Param, args, keywords bool) bool {
	anyway := positional(p) && !p.PositionalOnly
	switch {
	case p.PositionalOnly && q.KeywordOnly, p.KeywordOnly && q.PositionalOnly:
		return true
	case anyway && (q.PositionalOnly || q.KeywordOnly):
		return true
	case q.KeywordVariadic && !p.KeywordVariadic && !p.KeywordOnly && !args:
		return true
	case q.Variadic && !p.Variadic && !p.PositionalOnly && !keywords:
		return true
	}
	return false
}

// transparent are decorators that leave the signature as it is written.
var transparent = map[string]bool{
	"staticmethod": true, "classmethod": true, "abstractmethod": true, "wraps": true, "cache": true, "lru_cache": true,
	"overload": true, "override": true, "final": true, "contextmanager": true, "asynccontextmanager": true, "deprecated": true,
	"no_type_check": true, "typechecked": true, "runtime_checkable": true, "jit": true, "njit": true, "coroutine": true,
	"singledispatch": true, "total_ordering": true, "dataclass": true, "define": true, "frozen": true, "mutable": true, "unique": true,
}

// hides says that a function's signature is not what callers fill in: a fixture, a command, a route, a validator.
func hides(m *Member) bool { return slices.ContainsFunc(m.Decorators, hiding.MatchString) }

var hiding = lazy.New(`(?i)(^|[._])(fixture|command|group|callback|validator|root_validator|field_validator|model_validator|field_serializer|get|post|put|patch|delete|head|route|websocket|receiver|task|shared_task|setter|register|hookimpl|hookspec|event|listens_for|on|handler|given|parametrize|step|when|then|action|display|filter|simple_tag|inclusion_tag|option|argument|inject|with_session|provide_session)$`)

// wraps says that a decorator came or went that may change what callers fill in.
func wraps(old, now *Member) bool {
	for _, pair := range [][2]*Member{{old, now}, {now, old}} {
		for _, d := range pair[0].Decorators {
			if !transparent[last(d)] && !slices.Contains(pair[1].Decorators, d) {
				return true
			}
		}
	}
	return false
}

// constructor compares what building an object takes.
func (c *Comparison) constructor(symbol string, old, now *Member) []Breakage {
	was, okOld := c.Old.construction(old)
	is, okNew := c.New.construction(now)
	if !okOld || !okNew || old.Members["__init__"] == nil && now.Members["__init__"] == nil && !generated(old) {
		return nil
	}
	from, to := &Member{Kind: Class, File: old.File, Line: old.Line}, &Member{Kind: Class, File: now.File, Line: now.Line}
	if m := old.Members["__init__"]; m != nil {
		from = m
	}
	if m := now.Members["__init__"]; m != nil {
		to = m
	}
	list := parameters(symbol, from, to, was, is)
	for i := range list {
		list[i].Deprecated = old.Deprecated || from.Deprecated && (wholly(from) || mentions(from.body, list[i].Text))
		list[i].Soft = list[i].Soft || wraps(from, to) || wraps(old, now)
		if list[i].Soft && generated(old) && list[i].Kind == ParameterChangedDefault {
			list[i].Kind = AttributeChangedValue
		}
	}
	return list
}

// generated says that a class's constructor is made of its fields.
func generated(class *Member) bool {
	if slices.ContainsFunc(class.Bases, func(b string) bool { return last(b) == "NamedTuple" }) {
		return true
	}
	return slices.ContainsFunc(class.Decorators, func(d string) bool {
		return last(d) == "dataclass" || d == "attr.s" || d == "attrs.define" || d == "define" || d == "attrs.frozen" || d == "attr.define"
	})
}

// construction is what the constructor takes; false when that is not known.
func (t *Tree) construction(class *Member) ([]source.Param, bool) {
	if len(class.Members) == 0 && len(class.Bases) == 0 {
		return nil, true
	}
	if class.Members["__init__"] == nil && generated(class) {
		return t.fields(class)
	}
	m, state := t.attribute(class, "__init__", 0)
	if state != Found {
		return nil, state == Gone && class.Members["__new__"] == nil
	}
	return m.signature(), m.Kind == Function && !hides(m)
}

// fields are a dataclass's fields as parameters; false where a base is not known, or a field is set up by a call.
func (t *Tree) fields(class *Member) ([]source.Param, bool) {
	for _, b := range class.Bases {
		if !plainBase(before(b, "[")) && last(b) != "NamedTuple" {
			return nil, false
		}
	}
	var own []*Member
	for _, m := range class.Members {
		if m.Kind == Attribute && !m.Instance && m.Type != "" && !strings.Contains(m.Type, "ClassVar") && len(m.Decorators) == 0 {
			own = append(own, m)
		}
	}
	sort.Slice(own, func(i, j int) bool { return own[i].Line < own[j].Line })
	var list []source.Param
	keyword := false
	for _, m := range own {
		if strings.HasSuffix(m.Type, "KW_ONLY") {
			keyword = true
			continue
		}
		p := source.Param{Name: m.Name, Type: m.Type, Default: m.Value, Optional: m.Value != "", KeywordOnly: keyword}
		if call := before(m.Value, "("); last(call) == "field" || last(call) == "ib" {
			if strings.Contains(m.Value, "init=False") {
				continue
			}
			p.Optional = strings.Contains(m.Value, "default") || strings.Contains(m.Value, "factory")
			p.KeywordOnly = p.KeywordOnly || strings.Contains(m.Value, "kw_only=True")
			p.Default = ""
		}
		list = append(list, p)
	}
	return list, true
}
