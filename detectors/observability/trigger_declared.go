package observability

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/detectors/source"
)

// Triggers that are known by how they are declared: decorators, signatures, classes.

// shaped reads a declaration as triggers by its decorators, its signature or its class.
func (l *lookup) shaped(fw *framework, f *source.File, d *source.Decl) []*trigger {
	for _, want := range fw.Decorators {
		for _, dec := range d.Decorators {
			if !want.Method.match(dec.Name) || want.Receiver == "some" && dec.Receiver == "" || want.Receiver == "none" && dec.Receiver != "" ||
				want.ReceiverMatch.set() && !want.ReceiverMatch.match(dec.Receiver) || want.Path != "" && !glob(want.Path, f.Path) || d.Kind == source.Class {
				continue
			}
			t := &trigger{kind: want.Kind, framework: fw.Name, file: f, decl: d, span: d.Span, name: d.Name}
			for _, other := range d.Decorators {
				if other != dec {
					t.wrappers = append(t.wrappers, other.Full())
				}
				for _, a := range other.Args {
					if !a.IsString {
						t.wrappers = append(t.wrappers, identifiers(a.Text)...)
					}
				}
			}
			t.wrappers = append(t.wrappers, ownerWrappers(d)...)
			return []*trigger{t}
		}
	}
	for _, want := range fw.Functions {
		if l.fits(want, f, d) {
			return []*trigger{{kind: want.Kind, framework: fw.Name, file: f, decl: d, span: d.Span, name: d.Name, wrappers: decoratorNames(d)}}
		}
	}
	if d.Kind != source.Class {
		return nil
	}
	var list []*trigger
	for _, want := range fw.Classes {
		if want.Path != "" && !glob(want.Path, f.Path) || want.Name.set() && !want.Name.match(d.Name) || want.Base.set() && !anyMatch(want.Base, d.Bases) ||
			want.Decorator.set() && !slices.ContainsFunc(d.Decorators, func(dec *source.Call) bool { return want.Decorator.match(dec.Name) }) {
			continue
		}
		if !want.Methods.set() {
			name := d.Name
			if want.Path != "" {
				name = strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
			}
			list = append(list, &trigger{kind: want.Kind, framework: fw.Name, file: f, decl: d, span: d.Span, name: name, wrappers: append(decoratorNames(d), d.Bases...)})
			continue
		}
		for _, m := range d.Members {
			if (m.Kind == source.Method || m.Kind == source.Function) && want.Methods.match(m.Name) {
				list = append(list, &trigger{kind: want.Kind, framework: fw.Name, file: f, decl: m, span: m.Span, name: d.Name + "." + m.Name, wrappers: append(append(decoratorNames(m), decoratorNames(d)...), d.Bases...)})
			}
		}
	}
	return list
}

// ownerWrappers are the decorators and bases of the class around a method.
func ownerWrappers(d *source.Decl) []string {
	if d.Parent == nil {
		return nil
	}
	return append(decoratorNames(d.Parent), d.Parent.Bases...)
}

func decoratorNames(d *source.Decl) []string {
	var list []string
	for _, dec := range d.Decorators {
		list = append(list, dec.Full())
		for _, a := range dec.Args {
			if !a.IsString {
				list = append(list, identifiers(a.Text)...)
			}
		}
	}
	return list
}

// polling reads the functions of a file that fetch their own work.
func polling(fw *framework, f *source.File) []*trigger {
	var list []*trigger
	for _, c := range f.Calls {
		if c.In == nil || c.In.Kind == source.Class {
			continue
		}
		for _, p := range fw.Polls {
			if p.Method.match(c.Name) && (!p.Receiver.set() || p.Receiver.match(c.Receiver)) && (!p.Loop || inLoop(f, c.Span, c.In.Span)) {
				list = append(list, &trigger{kind: p.Kind, framework: fw.Name, file: f, decl: c.In, span: c.In.Span, name: c.In.Name, wrappers: decoratorNames(c.In)})
				break
			}
		}
	}
	return list
}

// fits says whether a declaration has the shape.
func (l *lookup) fits(want functionShape, f *source.File, d *source.Decl) bool {
	switch d.Kind {
	case source.Function, source.Method:
	case source.Const, source.Var: // export const GET = wrapped(async () => {...})
		if !want.Exported || want.Path == "" {
			return false
		}
	default:
		return false
	}
	if want.Async && !d.Async || want.Path != "" && !glob(want.Path, f.Path) || want.Exported && !d.Exported || want.Name.set() && !want.Name.match(d.Name) {
		return false
	}
	if want.Owner.set() && !want.Owner.match(d.Receiver) && (d.Parent == nil || !want.Owner.match(d.Parent.Name)) {
		return false
	}
	if want.FirstParam.set() {
		first := ""
		for _, p := range d.Params {
			if p.Name != "self" && p.Name != "cls" {
				first = p.Name
				break
			}
		}
		if !want.FirstParam.match(first) || strings.HasPrefix(d.Name, "_") {
			return false
		}
	}
	types := make([]string, 0, len(d.Params))
	for _, p := range d.Params {
		types = append(types, p.Type)
	}
	if want.Params.set() && !want.Params.match(strings.Join(types, ", ")) || want.Results.set() && !want.Results.match(strings.Join(d.Results, ", ")) {
		return false
	}
	if want.ReceiverEmbeds.set() && !l.embeds(f, d.Receiver, want.ReceiverEmbeds) {
		return false
	}
	if f.Lang == source.Go {
		body := string(f.Text[d.Body.Start:d.Body.End])
		return !strings.Contains(body, ".Next(") && !strings.Contains(body, ".ServeHTTP(") // middleware
	}
	return true
}

// embeds says whether the type of this name, declared in the file or beside it, embeds a type that matches.
func (l *lookup) embeds(f *source.File, name string, want pattern) bool {
	for _, p := range l.resolve(f, name, "", source.Struct) {
		for _, m := range p.decl.Members {
			if m.Embedded && want.match(strings.TrimPrefix(m.Type, "*")) {
				return true
			}
		}
	}
	return false
}

func glob(pattern, p string) bool {
	ok, err := doublestar.Match(pattern, p)
	return ok && err == nil
}
