package contracts

// The marks by which languages leave a member out of what they write when it is empty.

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// leavingOut are the marks by which languages leave a field out of what they write when it is empty; Go's are read with its tags.
var leavingOut = map[source.Language]*lazy.Regexp{
	source.Go:     lazy.New(`omitempty|omitzero`),
	source.Rust:   lazy.New(`skip_serializing_if`),
	source.Java:   lazy.New(`@JsonInclude\([^)]*NON_(?:NULL|EMPTY|ABSENT|DEFAULT)`),
	source.Kotlin: lazy.New(`@JsonInclude\([^)]*NON_(?:NULL|EMPTY|ABSENT|DEFAULT)`),
	source.CSharp: lazy.New(`WhenWriting(?:Null|Default)|(?:Null|Default)ValueHandling\.Ignore`),
}

var attributeRow = lazy.New(`^\s*(?:@|\[|#\[|//|\*|/\*)`)

// leftOut are the fields that bear such a mark now and did not before, or whose class does.
func leftOut(old, now *source.File, was, is *shape) []loosened {
	mark := leavingOut[now.Lang]
	if !mark.Match(now.Text) {
		return nil
	}
	oldRows, rows := strings.Split(string(old.Text), "\n"), strings.Split(string(now.Text), "\n")
	head := headOf(rows, lastOf(is.owner))
	class := mark.MatchString(above(rows, head)) && !mark.MatchString(above(oldRows, headOf(oldRows, lastOf(was.owner))))
	var list []loosened
	for _, f := range is.fields {
		o, ok := was.field(f.wire)
		if !ok || o.line < 1 || f.line < 1 {
			continue
		}
		mine := f.line != head && mark.MatchString(above(rows, f.line)) && !mark.MatchString(above(oldRows, o.line))
		if mine || class && mayBeEmpty(f, now.Lang) {
			list = append(list, loosened{shape: is, field: f, unsure: !mine && now.Lang == source.Java && !strings.HasPrefix(f.typ, "Optional")})
		}
	}
	if len(list) > 6 {
		return nil
	}
	return list
}

// mayBeEmpty says that a field's type has an empty value at all.
func mayBeEmpty(f field, lang source.Language) bool {
	switch lang {
	case source.Java:
		return f.typ != "" && strings.ToUpper(f.typ[:1]) == f.typ[:1]
	case source.Kotlin, source.CSharp:
		return strings.HasSuffix(strings.TrimSpace(f.typ), "?")
	default:
		return true
	}
}

// headOf is the line on which a type is declared, counted from 1, 0 for none.
func headOf(rows []string, owner string) int {
	head := regexp.MustCompile(`\b(?:class|record|struct|interface)\s+` + regexp.QuoteMeta(owner) + `\b`)
	for i, row := range rows {
		if len(row) < 1000 && head.MatchString(row) {
			return i + 1
		}
	}
	return 0
}

// above is a row with the attributes that stand right above it; lines count from 1.
func above(rows []string, line int) string {
	if line < 1 || line > len(rows) {
		return ""
	}
	from := line - 1
	for from > 0 && from > line-8 && attributeRow.MatchString(rows[from-1]) {
		from--
	}
	return strings.Join(rows[from:line], "\n")
}

var (
	memberOf = lazy.New(`^\s*(?:\.\s*\w+|\[)`)
	askedFor = lazy.New(`^\s*(?:\?|&&|\|\||[!=]==?|\)\s*(?:\{|return|\?))`)
)

// relies is the line on which TypeScript asks the field for a member without ever asking whether it is there, 0 for none.
func relies(p string, f *source.File, wire string) int {
	if source.LanguageOf(p) != source.TypeScript {
		return 0
	}
	line := 0
	for _, a := range f.Accesses {
		if a.Name != wire || a.Write || a.Receiver == "" || a.Span.End > len(f.Text) {
			continue
		}
		switch rest := f.Text[a.Span.End:min(len(f.Text), a.Span.End+40)]; {
		case askedFor.Match(rest):
			return 0
		case memberOf.Match(rest) && line == 0:
			line = a.Span.Line
		}
	}
	return line
}

// sameRecord says that a schema and a struct are about the same record: the same name, or most of the keys.
func sameRecord(s, of *shape) bool {
	shared := overlap(of, s)
	alike := shared >= 3 && 10*shared >= 6*max(len(s.fields), len(of.fields))
	return alike || shared >= 2 && mentions([]string{s.owner}, of.subject())
}
