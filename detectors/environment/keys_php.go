package environment

// Laravel's configuration, which is code: config('services.mail.key') is the key mail.key of the array in config/services.php.

import (
	"path"
	"strings"

	"flightpoll/detectors/source"
)

// phpPlaces are the places that give a key of Laravel's configuration. judged is false where the repository has no such file, or where
// the array takes keys over from elsewhere.
func (l *ledger) phpPlaces(key string) (list []evidence, judged bool) {
	first, rest, ok := strings.Cut(key, ".")
	if !ok {
		return nil, false
	}
	for p := range l.layout.all {
		if path.Base(p) != first+".php" || path.Base(path.Dir(p)) != "config" || aside(p) {
			continue
		}
		f, err := l.pass.Source.Head(p)
		if err != nil || f == nil {
			return nil, false
		}
		line, whole := arrayKey(outermost(f), strings.Split(rest, "."))
		if line > 0 {
			list = append(list, evidence{path: p, line: line, kind: configFile, giving: given})
		}
		judged = judged || whole
		if !whole {
			return list, false
		}
	}
	return list, judged
}

// outermost is the array that a file returns, nil without one.
func outermost(f *source.File) *source.Object {
	var found *source.Object
	for _, o := range f.Objects {
		if o.In == nil && (found == nil || o.Span.Start < found.Span.Start) {
			found = o
		}
	}
	return found
}

// arrayKey is the line of a path of keys, 0 where there is none; whole is false where the array shows only a part of itself.
func arrayKey(o *source.Object, parts []string) (line int, whole bool) {
	for i, part := range parts {
		if o == nil || o.Spread {
			return 0, false
		}
		var found *source.Key
		for k := range o.Keys {
			if strings.Trim(o.Keys[k].Name, `"'`) == part {
				found = &o.Keys[k]
			}
		}
		switch {
		case found == nil:
			return 0, true
		case i == len(parts)-1:
			return found.Span.Line, true
		case found.Child == nil:
			return found.Span.Line, false // what stands below is made by a call
		}
		o = found.Child
	}
	return 0, false
}
