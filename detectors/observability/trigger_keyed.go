package observability

import (
	"strings"

	"flightpoll/detectors/source"
)

// Triggers that are values of an object: GraphQL's resolver maps, a worker's exported handlers, SvelteKit's actions.

// maxSignature is how much of a function's text its parameters are looked for in, in bytes.
const maxSignature = 200

// keyed reads the functions among the values of a file's objects.
func (l *lookup) keyed(fw *framework, f *source.File) []*trigger {
	if len(fw.Keys) == 0 {
		return nil
	}
	var list []*trigger
	for _, o := range f.Objects {
		for _, want := range fw.Keys {
			if !want.Object.match(o.Name) || want.Path != "" && !glob(want.Path, f.Path) {
				continue
			}
			for _, k := range o.Keys {
				if !want.Name.match(k.Name) || want.Params.set() && !want.Params.match(signature(f, k.Span)) {
					continue
				}
				if t := l.valueOf(f, k); t != nil {
					t.kind, t.framework, t.name = want.Kind, fw.Name, strings.TrimPrefix(o.Name+"."+k.Name, ".")
					list = append(list, t)
				}
			}
		}
	}
	return list
}

// valueOf is the code of a key's function: written out, or one of the file's that it names; nil for anything else.
func (l *lookup) valueOf(f *source.File, k source.Key) *trigger {
	if k.Child != nil {
		return nil
	}
	if k.Value == "" || isLiteral(k.Value) {
		return &trigger{file: f, span: k.Span}
	}
	for _, p := range declared(f, k.Value, []source.Kind{source.Function, source.Const}) {
		return &trigger{file: f, decl: p.decl, span: p.decl.Span}
	}
	return nil
}

func signature(f *source.File, span source.Span) string {
	return string(f.Text[span.Start:min(span.End, span.Start+maxSignature)])
}
