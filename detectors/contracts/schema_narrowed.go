package contracts

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A narrowing is one value that a schema took before and does not take now.
type narrowing struct {
	// at is the place in the schema's file as it was walked, key the property that it is about.
	at   []string
	key  string
	text string
	kind narrowKind
}

type narrowKind string

const (
	narrowType     narrowKind = "type"
	narrowRequired narrowKind = "required"
	narrowEnum     narrowKind = "enum"
	narrowClosed   narrowKind = "closed"
	narrowLimit    narrowKind = "limit"
	narrowPattern  narrowKind = "pattern"
	narrowChoice   narrowKind = "choice"
)

const (
	// maxNarrowings bounds what is told of one schema, maxSchemaPairs the pairs of schemas that are compared for it.
	maxNarrowings  = 8
	maxSchemaPairs = 20_000
)

// A schemaComparison compares a schema of one side with one of the other.
type schemaComparison struct {
	old, now *schemaSet
	seen     map[[2]uintptr]bool
	steps    int
	found    []narrowing
}

// narrowings are what the old schema took and the new one does not, the first ones.
func narrowings(old, now *schemaSet, a, b schemaNode) []narrowing {
	c := &schemaComparison{old: old, now: now, seen: map[[2]uintptr]bool{}}
	c.compare(a, b, nil, "", 0)
	return c.found
}

func (c *schemaComparison) add(kind narrowKind, at []string, key, format string, args ...any) {
	if len(c.found) < maxNarrowings {
		c.found = append(c.found, narrowing{slices.Clone(at), key, fmt.Sprintf(format, args...), kind})
	}
}

func identity(v any) uintptr {
	if m, ok := v.(map[string]any); ok {
		return reflect.ValueOf(m).Pointer()
	}
	return 0
}

func (c *schemaComparison) compare(a, b schemaNode, at []string, key string, depth int) {
	id := [2]uintptr{identity(a.value), identity(b.value)}
	if c.steps++; c.steps > maxSchemaPairs || depth > maxNesting || id[0] != 0 && c.seen[id] {
		return
	}
	c.seen[id] = true
	x, y := c.old.view(a), c.now.view(b)
	if x.never || x.unread != y.unread {
		return
	}
	label := "it"
	if key != "" {
		label = fmt.Sprintf("%q", key)
	}
	if y.never {
		c.add(narrowType, at, key, "%s is refused", label)
		return
	}
	if len(x.choices) > 0 || len(y.choices) > 0 {
		if !c.choices(x, y, a, b) {
			c.add(narrowChoice, at, key, "%s no longer takes one of the forms that it took", label)
		}
		if len(x.choices) != len(y.choices) {
			return // which form a property belongs to is not told
		}
	}
	c.values(x, y, at, key, label)
	c.limits(x, y, at, key, label)
	c.object(x, y, at, key, label, depth)
	if x.items.value != nil && y.items.value != nil {
		c.compare(x.items, y.items, append(slices.Clone(at), "items"), key, depth+1)
	}
}

// values compares types and enumerations.
func (c *schemaComparison) values(x, y *schemaView, at []string, key, label string) {
	switch {
	case x.types != nil:
		for _, t := range x.types {
			if !takesType(y.types, t) {
				c.add(narrowType, at, key, "%s is no longer taken as %s", label, typeArticle(t))
			}
		}
	case x.enum != nil:
		for _, v := range x.enum {
			if t := typeOfValue(v); !takesType(y.types, t) {
				c.add(narrowType, at, key, "%s is no longer taken as %s", label, typeArticle(t))
				break
			}
		}
	case y.types != nil && len(x.props) == 0 && len(x.choices) == 0:
		c.add(narrowType, at, key, "%s has to be %s now", label, typeArticle(strings.Join(y.types, " or ")))
	}
	if y.enum == nil {
		return
	}
	if x.enum == nil {
		if len(x.choices) == 0 && len(y.choices) == 0 && x.types != nil && !slices.Equal(x.types, []string{"boolean"}) {
			c.add(narrowEnum, at, key, "%s only takes %s now", label, valueList(y.enum))
		}
		return
	}
	var gone []any
	for _, v := range x.enum {
		if !slices.ContainsFunc(y.enum, func(w any) bool { return sameValue(v, w) }) {
			gone = append(gone, v)
		}
	}
	if len(gone) > 0 {
		c.add(narrowEnum, at, key, "%s no longer takes %s", label, valueList(gone))
	}
}

// typeOfValue is the type that JSON Schema gives a value.
func typeOfValue(v any) string {
	switch n := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if _, err := n.Int64(); err == nil {
			return "integer"
		}
	}
	return "number"
}

func typeArticle(t string) string {
	switch t {
	case "null":
		return t
	case "integer", "object", "array":
		return "an " + t
	}
	return "a " + t
}

func sameValue(a, b any) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && string(x) == string(y)
}

func valueList(list []any) string {
	var parts []string
	for _, v := range list {
		text, err := json.Marshal(v)
		if err == nil {
			parts = append(parts, fmt.Sprintf("%.60s", text))
		}
	}
	return join(parts, 4)
}

func (c *schemaComparison) limits(x, y *schemaView, at []string, key, label string) {
	for _, name := range slices.Sorted(slices.Values(append(slices.Clone(lower), upper...))) {
		now, set := y.limits[name]
		was, had := x.limits[name]
		tighter := set && (!had || slices.Contains(lower, name) && now > was || slices.Contains(upper, name) && now < was)
		if !tighter || !had && slices.Contains(lower, name) && now <= 0 && name != "minimum" && name != "exclusiveMinimum" {
			continue
		}
		if name == "exclusiveMinimum" && x.limits["minimum"] > now || name == "exclusiveMaximum" && had && was < now {
			continue
		}
		if had {
			c.add(narrowLimit, at, key, "%s of %s went from %v to %v", name, label, was, now)
		} else {
			c.add(narrowLimit, at, key, "%s has a %s of %v now", label, name, now)
		}
	}
	if y.pattern != "" && x.pattern != y.pattern {
		c.add(narrowPattern, at, key, "%s has to match %q now", label, y.pattern)
	}
	if y.unique && !x.unique {
		c.add(narrowLimit, at, key, "%s takes no value twice now", label)
	}
}

func (c *schemaComparison) object(x, y *schemaView, at []string, key, label string, depth int) {
	for _, name := range keysOf(y.required) {
		if !x.required[name] && !y.fallback[name] {
			c.add(narrowRequired, at, name, "%q is required now", name)
		}
	}
	if y.closed && !x.closed && x.open.value == nil && len(x.props)+len(y.props) > 0 {
		c.add(narrowClosed, at, key, "%s refuses keys that the schema does not name", label)
	}
	for _, name := range keysOf(x.props) {
		next := append(slices.Clone(at), "properties", name)
		now, ok := y.props[name]
		switch {
		case ok:
			c.compare(x.props[name], now, next, name, depth+1)
		case y.closed && x.closed && y.open.value == nil:
			c.add(narrowClosed, at, name, "%q is refused now", name)
		}
	}
	if x.open.value != nil && y.open.value != nil {
		c.compare(x.open, y.open, append(slices.Clone(at), "additionalProperties"), key, depth+1)
	}
}

// choices says that each form that a value could have is taken by some form now.
func (c *schemaComparison) choices(x, y *schemaView, a, b schemaNode) bool {
	from, to := x.choices, y.choices
	if len(from) == 0 {
		from = []schemaNode{a}
	}
	if len(to) == 0 {
		to = []schemaNode{b}
	}
	if len(from)*len(to) > 400 {
		return true
	}
	for _, f := range from {
		taken := slices.ContainsFunc(to, func(t schemaNode) bool {
			inner := &schemaComparison{old: c.old, now: c.now, seen: map[[2]uintptr]bool{{identity(a.value), identity(b.value)}: true}, steps: c.steps}
			inner.compare(f, t, nil, "", 1)
			c.steps = inner.steps
			return len(inner.found) == 0
		})
		if !taken {
			return false
		}
	}
	return true
}

// numberOf is a JSON number as a float.
func numberOf(v any) (float64, bool) {
	switch n := v.(type) {
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}
