package source

import "flightpoll/detectors/source/syntax"

// key adds one key to an object literal; what its value is, is told to the value.
func (x *extraction) key(o *Object, key Key, value syntax.ID) {
	o.Keys = append(o.Keys, key)
	if value != syntax.None {
		x.given[value] = given{name: key.Name}
		x.keyOf[value] = &o.Keys[len(o.Keys)-1]
	}
}

// pairs reads a literal whose keys and values alternate: Map.of("a", 1, "b", 2).
func (x *extraction) pairs(o *Object, items []syntax.ID) {
	for i := 0; i+1 < len(items); i += 2 {
		if name, interpolated, ok := x.literal(items[i]); ok && !interpolated {
			x.key(o, Key{Name: name, Value: x.folded(items[i+1]), Span: x.span(items[i])}, items[i+1])
		}
	}
}

// assigned reads a literal whose keys are assigned side by side, without a node around each: new { a = 1, b.C } in C#.
func (x *extraction) assigned(o *Object, literal syntax.ID) {
	items := x.items(literal)
	for i := 0; i < len(items); i++ {
		name, value := items[i], items[i]
		if next := x.Next(name); next != syntax.None && x.Content(next) == "=" && i+1 < len(items) {
			i++
			value = items[i]
		} else if last := x.Child(name, syntax.Intern("name")); last != syntax.None {
			name = last // b.C goes by the name C
		}
		x.key(o, Key{Name: x.folded(name), Value: x.folded(value), Span: x.span(items[i])}, value)
	}
}
