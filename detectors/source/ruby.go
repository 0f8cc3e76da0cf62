package source

import (
	"slices"

	"flightpoll/detectors/source/syntax"
)

// readRuby hides what `private` and `protected` hide, takes included modules for bases, and reads attributes.
func (x *extraction) readRuby() {
	classes := map[*Decl]bool{}
	for node, d := range x.declAt {
		if d.Kind == Class {
			classes[d] = true
			x.rubyVisibility(node, d)
		}
	}
	for _, c := range x.file.Calls {
		if c.Receiver != "" || !classes[c.In] {
			continue
		}
		switch c.Name {
		case "include", "extend", "prepend":
			for _, a := range c.Args {
				c.In.Bases = append(c.In.Bases, a.Text)
			}
		}
	}
}

// rubyVisibility follows `private`, `protected` and `public` through a class's body.
func (x *extraction) rubyVisibility(class syntax.ID, d *Decl) {
	body := x.Child(class, syntax.Intern("body"))
	if body == syntax.None {
		return
	}
	hidden := false
	for _, item := range x.Children(body) {
		switch text := x.Kind(item).String(); {
		case text == "identifier":
			switch x.Content(item) {
			case "private", "protected":
				hidden = true
			case "public":
				hidden = false
			}
		case hidden && text == "method" && x.declAt[item] != nil:
			x.declAt[item].Exported = false
		}
	}
	for _, c := range x.file.Calls {
		if c.In != d || c.Receiver != "" || !slices.Contains([]string{"private", "protected", "private_class_method", "private_constant"}, c.Name) {
			continue
		}
		for _, a := range c.Args {
			for _, m := range d.Members {
				if a.IsString && m.Name == a.Str || m.Span.Start == a.Span.Start {
					m.Exported = false
				}
			}
		}
	}
}
