package pyapi

// How two versions of a member differ.

// BreakageKind is one of griffe's kinds of breakage.
type BreakageKind string

// The twelve kinds, in griffe's words.
const (
	ParameterMoved           BreakageKind = "parameter moved"
	ParameterRemoved         BreakageKind = "parameter removed"
	ParameterChangedKind     BreakageKind = "parameter changed kind"
	ParameterChangedDefault  BreakageKind = "parameter changed default"
	ParameterChangedRequired BreakageKind = "parameter is now required"
	ParameterAddedRequired   BreakageKind = "required parameter added"
	ReturnChangedType        BreakageKind = "return type changed"
	ObjectRemoved            BreakageKind = "object removed"
	ObjectChangedKind        BreakageKind = "object changed kind"
	AttributeChangedType     BreakageKind = "attribute type changed"
	AttributeChangedValue    BreakageKind = "attribute value changed"
	ClassRemovedBase         BreakageKind = "base class removed"
)

// Breakage is one way in which a name no longer is what it was.
type Breakage struct {
	Kind BreakageKind
	// Symbol is the name within the module: "func", "Class.method".
	Symbol string
	// Text says what happened, to be read behind the symbol: "no longer takes timeout".
	Text string
	// Old is the member as it was, New as it is; New is nil when it was removed.
	Old, New *Member
	// Soft: callers notice only in rare cases, or what was called is not sure.
	Soft bool
	// Deprecated: whoever used it was warned before.
	Deprecated bool
}

// Comparison compares two versions of the same package.
type Comparison struct {
	Old, New *Tree
	seen     map[string]bool
}

// Compare compares a name that both versions offer, or that is gone (now is nil). Symbol is its name for people.
func (c *Comparison) Compare(symbol string, old, now *Member) []Breakage {
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	key := old.File + "\x00" + symbol
	if c.seen[key] {
		return nil
	}
	c.seen[key] = true
	return c.member(symbol, old, now, 0)
}

func (c *Comparison) member(symbol string, old, now *Member, depth int) []Breakage {
	switch {
	case depth > maxDepth || old.Kind == Import || now != nil && now.Kind == Import:
		return nil
	case now == nil:
		return []Breakage{{Kind: ObjectRemoved, Symbol: symbol, Text: "was removed", Old: old, Soft: annotates(old), Deprecated: old.Deprecated}}
	case old.Kind != now.Kind:
		b := Breakage{Kind: ObjectChangedKind, Symbol: symbol, Text: "was " + article(old) + " and is now " + article(now), Old: old, New: now, Deprecated: old.Deprecated}
		b.Soft = opaque(old) || opaque(now) || callable(old) && callable(now) || old.Instance || now.Instance
		return []Breakage{b}
	}
	switch old.Kind {
	case Function:
		return c.function(symbol, old, now)
	case Class:
		return c.class(symbol, old, now, depth)
	case Attribute:
		return attribute(symbol, old, now)
	case Import, Submodule:
	}
	return nil
}

// annotates says that a name only serves annotations: a type variable.
func annotates(m *Member) bool {
	switch last(before(m.Value, "(")) {
	case "TypeVar", "ParamSpec", "TypeVarTuple", "getLogger", "get_logger":
		return true
	}
	return m.Type == "TypeAlias"
}

func article(m *Member) string {
	switch m.Kind {
	case Attribute:
		if len(m.Decorators) > 0 {
			return "a property"
		}
		return "an attribute"
	case Submodule:
		return "a module"
	case Function, Class, Import:
	}
	return "a " + string(m.Kind)
}

// opaque says that an attribute may be anything: it is given by a call, by another name, or only by a type.
func opaque(m *Member) bool {
	return m.Kind == Attribute && !m.Literal && len(m.Decorators) == 0
}

func callable(m *Member) bool { return m.Kind == Function || m.Kind == Class }

func attribute(symbol string, old, now *Member) []Breakage {
	b := Breakage{Symbol: symbol, Old: old, New: now, Soft: true, Deprecated: old.Deprecated}
	switch {
	case old.Instance != now.Instance || len(old.Decorators) > 0 || len(now.Decorators) > 0:
		return nil
	case old.Value != "" && now.Value == "":
		b.Kind, b.Text = AttributeChangedValue, "has no value any more"
	case old.Literal && now.Literal && canonical(old.Value) != canonical(now.Value):
		b.Kind, b.Text = AttributeChangedValue, "changed its value"
	case old.Type != "" && now.Type != "" && canonical(old.Type) != canonical(now.Type):
		b.Kind, b.Text = AttributeChangedType, "changed its type from "+old.Type+" to "+now.Type
	default:
		return nil
	}
	return []Breakage{b}
}

func (c *Comparison) class(symbol string, old, now *Member, depth int) []Breakage {
	var list []Breakage
	if len(now.Bases) < len(old.Bases) {
		if gone := c.lostBases(old, now); len(gone) > 0 {
			list = append(list, Breakage{Kind: ClassRemovedBase, Symbol: symbol, Text: "no longer derives from " + gone[0], Old: old, New: now, Deprecated: old.Deprecated})
		}
	}
	if built := c.constructor(symbol, old, now); built != nil {
		list = append(list, built...)
	}
	all := map[string]*Member{}
	c.Old.members(old, all, 0)
	for _, name := range sortedKeys(all) {
		member := all[name]
		if !publicMember(name) || member.Kind == Import {
			continue
		}
		found, state := c.New.attribute(now, name, 0)
		switch {
		case state == Unknown:
		case state == Gone && (member.Kind == Class && (name == "Meta" || name == "Config") || exempt[name]):
		case state == Gone:
			lost := c.member(symbol+"."+name, member, nil, depth+1)
			lost[0].Deprecated = lost[0].Deprecated || old.Deprecated
			lost[0].Soft = member.Instance
			list = append(list, lost...)
		default:
			if member.File != old.File && c.seen[member.File+"\x00"+name] {
				continue
			}
			list = append(list, c.member(symbol+"."+name, member, found, depth+1)...)
		}
	}
	return list
}

// exempt are names of a class that configure it and that nobody outside reads.
var exempt = map[string]bool{"model_config": true, "objects": true, "logger": true, "log": true}

// lostBases are bases that a class had, neither itself nor by what it derives from now.
func (c *Comparison) lostBases(old, now *Member) []string {
	kept := map[string]bool{}
	c.New.ancestors(now, kept, 0)
	var gone []string
	for _, base := range old.Bases {
		name := before(base, "[")
		if !plainBase(name) && !kept[last(name)] && last(name)[0] != '_' {
			gone = append(gone, base)
		}
	}
	return gone
}

// ancestors collects the last names of all classes that a class derives from.
func (t *Tree) ancestors(class *Member, into map[string]bool, depth int) {
	if depth > maxDepth {
		return
	}
	for _, base := range class.Bases {
		name := before(base, "[")
		into[last(name)] = true
		if parent, state := t.dotted(class.File, name, depth+1); state == Found && parent.Kind == Class {
			t.ancestors(parent, into, depth+1)
		}
	}
}

// members collects a class's own and inherited members; its own ones win.
func (t *Tree) members(class *Member, into map[string]*Member, depth int) {
	if depth > maxDepth {
		return
	}
	for name, m := range class.Members {
		if into[name] == nil {
			into[name] = m
		}
	}
	for _, base := range class.Bases {
		if parent, state := t.dotted(class.File, before(base, "["), depth+1); state == Found && parent.Kind == Class {
			t.members(parent, into, depth+1)
		}
	}
}
